"""Tables of peers on the tables: rows are added, none is ever changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, exists, insert, select, update

from models.grades import LeaseRow
from models.peer_tables import PeerTableRow
from models.store_state import RevisionRow
from services.common.database import Database, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StoreToken
from services.scoring.commands.peers.making import MadeTable
from services.scoring.domain.peer_table import (
    Groups,
    TableStamp,
    packed,
    read_table,
    unpacked,
)
from services.scoring.store.columns import table_of
from services.scoring.store.derived_writing import DerivedWriter

_TABLES: Final = table_of(PeerTableRow)
_LEASES: Final = table_of(LeaseRow)
_KNOWN: Final = table_of(RevisionRow).alias("known")
_RECORDED: Final = table_of(RevisionRow).alias("recorded")
_STAMPS: Final = (
    select(
        *(column for column in _TABLES.c if column.name != "content"),
        _KNOWN.c.recorded_time.label("known_at"),
        _RECORDED.c.recorded_time,
    )
    .join(_KNOWN, _KNOWN.c.revision == _TABLES.c.revision)
    .join(_RECORDED, _RECORDED.c.revision == _TABLES.c.recorded_revision)
    .order_by(_TABLES.c.table_id)
)


class SqlPeerTableWriting(OnceTransaction):
    """A write transaction; implements `PeerTableWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self._connection = transaction.connection

    def recorded(self, rules_digest: str, as_of: date) -> bool:
        """Say whether there is a table of these rules for a day."""
        found = select(
            exists().where(_TABLES.c.rules_digest == rules_digest, _TABLES.c.as_of == as_of)
        )
        return bool(self._connection.execute(found).scalar())

    def add(self, table: MadeTable) -> TableStamp:
        """Record a table."""
        stamp = table.stamp(self.new_id(), self.point)
        self._connection.execute(
            insert(_TABLES).values(
                table_id=stamp.table_id,
                policy_id=stamp.policy_id,
                version=stamp.version,
                policy_digest=stamp.policy_digest,
                rules_digest=stamp.rules_digest,
                as_of=stamp.as_of,
                revision=stamp.revision,
                digest=stamp.digest,
                content=packed(table.content),
                recorded_revision=stamp.recorded_revision,
            )
        )
        return stamp


@dataclass(frozen=True, slots=True)
class SqlPeerTableStore:
    """Where tables are kept; implements `PeerTableStore`.

    Attributes:
        database: The database.
    """

    database: Database

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlPeerTableWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlPeerTableWriting(transaction)


@dataclass(frozen=True, slots=True)
class SqlPeerTableLog:
    """Tells which tables were recorded; implements `PeerTableLog` and `TableValues`.

    Attributes:
        database: Connections of its own: whoever asks may hold one of the others.
    """

    database: Database

    def since(self, table_id: int, *, at_least: int) -> tuple[Sequence[TableStamp], int]:
        """Give the tables after one, in the order of recording, and up to where that is all."""
        token = StoreToken(self.database.point().store_id, at_least)
        with self.database.read(at_least=token) as transaction:
            rows = transaction.connection.execute(_STAMPS.where(_TABLES.c.table_id > table_id))
            stamps = [TableStamp(**row) for row in rows.mappings()]
            return stamps, transaction.point.revision

    def groups(self, table_id: int) -> Groups:
        """Give the values of a table."""
        query = select(_TABLES.c.content).where(_TABLES.c.table_id == table_id)
        with self.database.read() as transaction:
            return read_table(unpacked(transaction.connection.execute(query).scalar_one()))


class SqlPeerTableLease(DerivedWriter):
    """Lets one replica at a time make the day's tables; implements `PeerTableLease`."""

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        holder = uuid4().hex
        row = {"holder": holder, "expiry_time": self.expiry()}
        taken = (
            self._insert(_LEASES)
            .values(name=_NAME, **row)
            .on_conflict_do_update(
                index_elements=[_LEASES.c.name], set_=row, where=_LEASES.c.expiry_time <= self.now()
            )
            .returning(_LEASES.c.holder)
        )
        with self.writing() as connection:
            found: str | None = connection.execute(taken).scalar()
        return found

    def renew(self, lease: str) -> bool:
        """Hold it on; say whether it is still held."""
        held = (
            update(_LEASES)
            .where(_LEASES.c.name == _NAME, _LEASES.c.holder == lease)
            .values(expiry_time=self.expiry())
        )
        with self.writing() as connection:
            return connection.execute(held).rowcount == 1

    def release(self, lease: str) -> None:
        """Give it back."""
        given = delete(_LEASES).where(_LEASES.c.name == _NAME, _LEASES.c.holder == lease)
        with self.writing() as connection:
            connection.execute(given)


# Private values --------------------------------------------------------------

_NAME: Final = "peer-tables"
