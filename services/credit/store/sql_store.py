"""The store of facts on a database: its snapshots and its write transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.credit.store.enterprises import SqlEnterprises
from services.credit.store.groups import SqlGroups
from services.credit.store.persons import SqlPersons
from services.credit.store.records import SqlRecords


class SqlReading:
    """A consistent snapshot; implements `Reading`."""

    def __init__(self, transaction: ReadTransaction) -> None:
        """Read in a transaction."""
        self._transaction = transaction
        self.enterprises = SqlEnterprises(transaction.connection)
        self.persons = SqlPersons(transaction.connection)
        self.groups = SqlGroups(transaction.connection)
        self.records = SqlRecords(transaction.connection)

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        return self._transaction.point

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        return self._transaction.revision_at(known_at)


class SqlWriting(OnceTransaction):
    """A write transaction; implements `Writing`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.enterprises = SqlEnterprises(transaction.connection, transaction)
        self.persons = SqlPersons(transaction.connection, transaction)
        self.groups = SqlGroups(transaction.connection, transaction)
        self.records = SqlRecords(transaction.connection)


@dataclass(frozen=True, slots=True)
class SqlStore:
    """The store of facts; implements `Store`.

    Attributes:
        database: The database.
    """

    database: Database

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlReading(transaction)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlWriting(transaction)
