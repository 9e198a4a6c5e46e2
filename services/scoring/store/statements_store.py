"""Credit statements on the tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from models.statements import CreditStatementRow, StatementKeyRow, StatementWithdrawalRow
from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.statements.statement_ports import KnownKey, PublicKey
from services.scoring.domain.statement import IssuedStatement
from services.scoring.store.columns import table_of
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.list_grounds import SqlGrounds
from services.scoring.store.sql_store import SqlReading
from services.scoring.store.subjects import SqlSubjects

_STATEMENTS: Final = table_of(CreditStatementRow)
_WITHDRAWALS: Final = table_of(StatementWithdrawalRow)
_KEYS: Final = table_of(StatementKeyRow)
_KEPT: Final = (
    "statement_id",
    "subject_id",
    "field",
    "as_of",
    "issue_time",
    "expiry_time",
    "key_id",
    "signed_statement",
)


class SqlStatements:
    """Statements; implements `StatementWrites`."""

    def __init__(self, connection: Connection, write: WriteTransaction | None = None) -> None:
        """Read, and write in a transaction if one is given."""
        self._connection = connection
        self._write = write

    def find(self, statement_id: str) -> IssuedStatement | None:
        """Give a statement; none if there is none."""
        withdrawn = _WITHDRAWALS.c.statement_id == _STATEMENTS.c.statement_id
        row = self._connection.execute(
            select(
                *(_STATEMENTS.c[name] for name in _KEPT),
                _WITHDRAWALS.c.withdraw_time,
                _WITHDRAWALS.c.reason,
            )
            .select_from(_STATEMENTS.outerjoin(_WITHDRAWALS, withdrawn))
            .where(_STATEMENTS.c.statement_id == statement_id)
        ).one_or_none()
        if row is None:
            return None
        return IssuedStatement(
            **{name: getattr(row, name) for name in _KEPT},
            withdraw_time=row.withdraw_time,
            withdraw_reason=row.reason or "",
        )

    def known_keys(self) -> Sequence[KnownKey]:
        """Give the public keys that signed statements, oldest first."""
        rows = self._connection.execute(
            select(_KEYS.c.key_id, _KEYS.c.public_key, _KEYS.c.create_time).order_by(
                _KEYS.c.create_time, _KEYS.c.key_id
            )
        )
        return [KnownKey(row.key_id, row.public_key, row.create_time) for row in rows]

    def add(self, statement: IssuedStatement, key: PublicKey) -> None:
        """Keep a statement, and its key if it is new."""
        revision = self._writing.revision
        known = select(_KEYS.c.key_id).where(_KEYS.c.key_id == key.key_id)
        if self._connection.execute(known).one_or_none() is None:
            self._connection.execute(
                insert(_KEYS).values(
                    key_id=key.key_id,
                    public_key=key.public_key,
                    create_time=key.create_time,
                    recorded_revision=revision,
                )
            )
        values = {name: getattr(statement, name) for name in _KEPT}
        self._connection.execute(insert(_STATEMENTS).values(recorded_revision=revision, **values))

    def withdraw(self, statement_id: str, *, reason: str, withdraw_time: datetime) -> None:
        """Note that a statement is withdrawn."""
        self._connection.execute(
            insert(_WITHDRAWALS).values(
                statement_id=statement_id,
                reason=reason,
                withdraw_time=withdraw_time,
                recorded_revision=self._writing.revision,
            )
        )

    @property
    def _writing(self) -> WriteTransaction:
        assert self._write is not None, "only a write transaction writes"
        return self._write


class SqlStatementReading(SqlReading):
    """A consistent snapshot with statements; implements `StatementReading`."""

    def __init__(self, transaction: ReadTransaction, columns: FactColumns) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.statements = SqlStatements(transaction.connection)
        # No identity number is shown with a statement.
        self.persons = SqlGrounds(transaction.connection, None)


class SqlStatementWriting(OnceTransaction):
    """A write transaction; implements `StatementWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.statements = SqlStatements(transaction.connection, transaction)
        self.subjects = SqlSubjects(transaction.connection)
        # No identity number is shown where statements are withdrawn.
        self.persons = SqlGrounds(transaction.connection, None)


@dataclass(frozen=True, slots=True)
class SqlStatementStore:
    """The store of statements; implements `StatementStore`.

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
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlStatementReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlStatementReading(transaction, self.columns)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlStatementWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlStatementWriting(transaction)
