"""The store of facts together with remedies."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.credit.store.remedies import SqlRemedies
from services.credit.store.sql_store import SqlReading, SqlWriting


class SqlRemedyReading(SqlReading):
    """A consistent snapshot; implements `RemedyReading`."""

    def __init__(self, transaction: ReadTransaction) -> None:
        """Read in a transaction."""
        super().__init__(transaction)
        self.remedies = SqlRemedies(transaction.connection)


class SqlRemedyWriting(SqlWriting):
    """A write transaction; implements `RemedyWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.remedies = SqlRemedies(transaction.connection)


@dataclass(frozen=True, slots=True)
class SqlRemedyStore:
    """The store of facts and remedies; implements `RemedyStore`.

    Attributes:
        database: The database.
    """

    database: Database

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlRemedyReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlRemedyReading(transaction)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlRemedyWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlRemedyWriting(transaction)
