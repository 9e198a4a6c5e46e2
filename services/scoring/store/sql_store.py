"""The store on a database, as scoring reads it."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.common.database import Database, ReadTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.ports import Changes
from services.scoring.store.changes import changed_subjects
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.facts import SqlFacts
from services.scoring.store.grades import SqlGrades
from services.scoring.store.list_entries import SqlListEntries
from services.scoring.store.subjects import SqlSubjects


class SqlReading:
    """A consistent snapshot; implements `Reading`."""

    def __init__(self, transaction: ReadTransaction, columns: FactColumns) -> None:
        """Read in a transaction."""
        self._transaction = transaction
        self.subjects = SqlSubjects(transaction.connection)
        self.facts = SqlFacts(transaction.connection, columns)
        self.grades = SqlGrades(transaction.connection)
        self.listed = SqlListEntries(transaction.connection)

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        return self._transaction.point

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        return self._transaction.revision_at(known_at)


@dataclass(frozen=True, slots=True)
class SqlStore:
    """The store; implements `Store` and `FreshPoints`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
    """

    database: Database
    columns: FactColumns

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    def fresh_point(self) -> Awaitable[StorePoint]:
        """Give a point that was read after the call began."""
        # Every call goes through here: a coroutine of its own would cost a microsecond each time.
        return self.database.fresh_point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlReading(transaction, self.columns)

    def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Changes:
        """Give the subjects written about since a point; not one by one if it was never there."""
        with self.database.read(at_least=at_least.token) as transaction:
            point = transaction.point
            if not transaction.has_passed(since):
                return Changes(None, point)
            found = changed_subjects(
                transaction.connection, since.revision, point.revision, limit=limit
            )
        return Changes(found, point)
