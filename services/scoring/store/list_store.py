"""The store of cases and entries on a database: its snapshots and its write transactions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.identity_cipher import IdentityCipher
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import as_published, as_shown
from services.scoring.domain.list_case import ListCase, Step
from services.scoring.domain.list_due import due_from
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKey
from services.scoring.domain.list_shrinking import ShrinkLimits
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.facts import SqlFacts
from services.scoring.store.list_cases import SqlListCases
from services.scoring.store.list_compaction import retract_change, withdraw_bodies
from services.scoring.store.list_entries import SqlListEntries
from services.scoring.store.list_feed_writer import SqlListFeedWriter
from services.scoring.store.list_grounds import SqlGrounds
from services.scoring.store.list_telling import tell
from services.scoring.store.list_upkeep import SqlListUpkeep
from services.scoring.store.list_upkeep_failures import SqlUpkeepFailures
from services.scoring.store.sql_store import SqlReading
from services.scoring.store.subjects import SqlSubjects


class SqlListReading(SqlReading):
    """A consistent snapshot; implements `ListSnapshot`."""

    def __init__(
        self, transaction: ReadTransaction, columns: FactColumns, cipher: IdentityCipher | None
    ) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.cases = SqlListCases(transaction.connection)
        self.entries = SqlListEntries(transaction.connection)
        self.grounds = SqlGrounds(transaction.connection, cipher)
        self.upkeep = SqlListUpkeep(transaction)


class SqlListWriting(OnceTransaction):
    """A write transaction; implements `ListWriting`."""

    def __init__(
        self,
        transaction: WriteTransaction,
        columns: FactColumns,
        cipher: IdentityCipher | None,
        *,
        limits: ShrinkLimits,
    ) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        connection = transaction.connection
        self.subjects = SqlSubjects(connection)
        self.facts = SqlFacts(connection, columns)
        self.cases = SqlListCases(connection, transaction)
        self.entries = SqlListEntries(connection, transaction)
        self.grounds = SqlGrounds(connection, cipher)
        self.failures = SqlUpkeepFailures(transaction)
        self._connection = connection
        self._touched: set[int] = set()
        self._retracted: set[int] = set()
        self._feed = SqlListFeedWriter(connection, transaction, limits=limits, by_procedure=True)

    def open_case(self, case: ListCase, step: Step) -> None:
        """Store a new case with its first step."""
        records = self.grounds.records(case.record_ids, self.point.revision, day=step.day)
        self.cases.open_case(case, step, records)
        self.touch(case.case_id)

    def add_step(self, case_id: int, step: Step) -> None:
        """Add a step to a ledger."""
        self.cases.add_step(case_id, step)
        self.touch(case_id)

    def end_case(self, case_id: int, *, ended: bool) -> None:
        """Note that nothing is left to do in a case, or that something is again."""
        self.cases.end_case(case_id, ended=ended)
        self.touch(case_id)

    def touch(self, case_id: int) -> None:
        """Find out anew from when something is due in a case, at the end of the transaction."""
        self._touched.add(case_id)

    def put_entry(self, held: HeldEntry) -> None:
        """Store an entry as it stands now, in the place of its edition before."""
        (hidden,) = self.entries.hiding([held]).values()
        # By the document of its removal it is known which decision took it off its list.
        shown = as_shown(held, hidden).entry
        self.entries.put_entry(replace(held, entry=shown))
        self.touch(held.case_id)

    def publish(self, changes: Sequence[ListChange], *, approval: str) -> Mapping[ListKey, int]:
        """Publish changes of the lists in this transaction."""
        if not changes:
            return {}
        numbers = [change.entry_id for change in changes]
        held = self.entries.entries(numbers, self.point.revision)
        hidden = self.entries.hiding(held.values())
        shown = [as_published(change, hidden[change.entry_id]) for change in changes]
        versions = self._feed.publish(shown, approval=approval)
        for change in shown:
            if change.entry_id in self._retracted:
                withdraw_bodies(self._connection, change.list_key, change.entry_id)
        return versions

    def retract(self, entry: ListEntry) -> None:
        """Let no cursor be sent any more what was published of an entry until now."""
        retract_change(self._connection, entry.list_key, entry.entry_id)
        self._retracted.add(entry.entry_id)

    def commit(self) -> None:
        """Make everything durable, then tell what the law removed."""
        self._keep_dues()
        super().commit()
        for lawful in self._feed.lawful:
            tell(lawful)

    # Private methods -------------------------------------------------------------

    def _keep_dues(self) -> None:
        revision = self.point.revision
        files = self.cases.files(self._touched, revision)
        held = self.entries.of_cases(self._touched, revision)
        for case_id, file in files.items():
            due = due_from(file.case, file.steps, held.get(case_id, ()))
            self.cases.keep_due(case_id, due)


@dataclass(frozen=True, slots=True)
class SqlListStore:
    """The store of cases and entries; implements `ListStore`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
        cipher: Opens identity numbers; none where no key is set.
        limits: How much a list may shrink without a second approval.
    """

    database: Database
    columns: FactColumns
    cipher: IdentityCipher | None
    limits: ShrinkLimits = field(default_factory=ShrinkLimits)

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlListReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlListReading(transaction, self.columns, self.cipher)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlListWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlListWriting(transaction, self.columns, self.cipher, limits=self.limits)
