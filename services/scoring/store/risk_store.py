"""The store of risk models and predictions on a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.risk_models import SqlRiskModels, SqlRiskModelWrites
from services.scoring.store.risk_predictions import SqlKeptPredictions, SqlPredictions
from services.scoring.store.sql_store import SqlReading


class SqlRiskReading(SqlReading):
    """A consistent snapshot; implements `RiskReading`."""

    def __init__(self, transaction: ReadTransaction, columns: FactColumns) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.models = SqlRiskModels(transaction.connection)
        self.predictions = SqlKeptPredictions(transaction.connection)


class SqlRiskWriting(OnceTransaction):
    """A write transaction; implements `RiskWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.models = SqlRiskModelWrites(transaction)
        self.predictions = SqlPredictions(transaction)


@dataclass(frozen=True, slots=True)
class SqlRiskStore:
    """The store of risk models and predictions; implements `RiskStore`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
    """

    database: Database
    columns: FactColumns

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlRiskReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlRiskReading(transaction, self.columns)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlRiskWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlRiskWriting(transaction)
