"""Writing the grades that are kept, under leases.

Derived rows take no revision: after them nothing is known that was not known before. Every write
looks at the lease in its own transaction, so that a replica which has lost it can do no harm.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, Insert, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from models.grades import GradeRefreshRow, GradeRow, LeaseRow
from services.common.database import Database, DatabaseOptions
from services.common.engines import POSTGRESQL, writing_engine
from services.common.errors import Category, SafetyCreditError
from services.common.store_errors import store_error
from services.scoring.commands.ports import GradesStanding, KeptGrade
from services.scoring.store.columns import table_of

LEASE_SECONDS: Final = 60
"""House decision: after so long without a sign of life another replica takes over."""

_PATIENCE: Final = DatabaseOptions(connections_max=2, busy_seconds=0.25)
"""House decision: kept grades can wait; readers who bring them up to date cannot."""

_GRADES: Final = table_of(GradeRow)
_STANDINGS: Final = table_of(GradeRefreshRow)
_LEASES: Final = table_of(LeaseRow)


class LeaseLostError(SafetyCreditError):
    """Another replica has taken the work over."""

    reason = "LEASE_LOST"
    category = Category.ABORTED


class SqlKeptGrades:
    """Writes the grades that are kept; implements `KeptGrades`."""

    def __init__(self, database: Database) -> None:
        """Write to a database, on connections of its own; nothing is opened yet."""
        self._clock = database.clock
        self._postgresql = database.dialect == POSTGRESQL
        self._begun: set[str] = set()
        self._engine: Engine = writing_engine(database.url, _PATIENCE)
        self._insert: Any = postgresql.insert if self._postgresql else sqlite.insert

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def claim(self, policy_id: str) -> str | None:
        """Take the lease of a policy; nothing if another holds it."""
        name, holder, now = _lease_name(policy_id), uuid4().hex, self._clock.now()
        expiry = now + timedelta(seconds=LEASE_SECONDS)
        insert = self._insert(_LEASES).values(name=name, holder=holder, expiry_time=expiry)
        taken = insert.on_conflict_do_update(
            index_elements=[_LEASES.c.name],
            set_={"holder": holder, "expiry_time": expiry},
            where=_LEASES.c.expiry_time <= now,
        ).returning(_LEASES.c.holder)
        with self._writing() as connection:
            return connection.execute(taken).scalar()

    def begin_anew(self, policy_id: str, lease: str) -> None:
        """Say that a policy's grades are right nowhere."""
        with self._writing() as connection:
            self._renew(connection, policy_id, lease)
            connection.execute(delete(_STANDINGS).where(_STANDINGS.c.policy_id == policy_id))
        self._begun.add(policy_id)

    def put(
        self,
        policy_id: str,
        lease: str,
        *,
        rows: Sequence[KeptGrade],
        standing: GradesStanding | None = None,
    ) -> None:
        """Write grades in the place of those of the same enterprises."""
        with self._writing() as connection:
            self._renew(connection, policy_id, lease)
            if rows:
                connection.execute(
                    self._upsert(self._insert(_GRADES)), [_row(policy_id, row) for row in rows]
                )
            if standing is not None:
                connection.execute(
                    self._upsert(self._insert(_STANDINGS)), [_standing_row(policy_id, standing)]
                )
            if standing is not None and policy_id in self._begun:
                self._count(connection)
                self._begun.discard(policy_id)

    def release(self, policy_id: str, lease: str) -> None:
        """Give the lease back."""
        with self._writing() as connection:
            connection.execute(
                delete(_LEASES).where(
                    _LEASES.c.name == _lease_name(policy_id), _LEASES.c.holder == lease
                )
            )

    # Private methods -------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            meant = store_error(error)
            if meant is None:
                raise
            raise meant from error

    def _renew(self, connection: Connection, policy_id: str, lease: str) -> None:
        """Make sure that the lease is still held, and lock it until the commit."""
        expiry = self._clock.now() + timedelta(seconds=LEASE_SECONDS)
        renewed = connection.execute(
            update(_LEASES)
            .where(_LEASES.c.name == _lease_name(policy_id), _LEASES.c.holder == lease)
            .values(expiry_time=expiry)
        )
        if renewed.rowcount != 1:
            raise LeaseLostError(
                "another replica has taken over the grades of the policy", policy_id=policy_id
            )

    def _count(self, connection: Connection) -> None:
        """Let PostgreSQL count what has just been filled.

        It counts by itself a minute later; until then it would sort the whole table for a page.
        """
        if self._postgresql:
            connection.exec_driver_sql(f"ANALYZE {_GRADES.name}")

    def _upsert(self, insert: Any) -> Insert:  # noqa: ANN401 -- the dialects' inserts share no type.
        table = insert.table
        keys = {column.name for column in table.primary_key}
        upsert: Insert = insert.on_conflict_do_update(
            index_elements=sorted(keys),
            set_={
                column.name: insert.excluded[column.name]
                for column in table.columns
                if column.name not in keys
            },
        )
        return upsert


# Private functions -----------------------------------------------------------


def _lease_name(policy_id: str) -> str:
    return f"grades:{policy_id}"


def _row(policy_id: str, row: KeptGrade) -> dict[str, Any]:
    return {
        "policy_id": policy_id,
        "subject_id": row.subject_id,
        "status": row.status,
        "grade": row.grade,
        "grade_rank": row.rank,
        "score": row.score,
        "valid_until_date": row.valid_until_date,
    }


def _standing_row(policy_id: str, standing: GradesStanding) -> dict[str, Any]:
    return {
        "policy_id": policy_id,
        "version": standing.version,
        "digest": standing.digest,
        "as_of": standing.as_of,
        "revision": standing.revision,
    }
