"""Comparisons of shadow runs on the tables, written by one replica at a time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, Table, and_, case, delete, func, or_, select, update

from models.policy_issuing import ShadowResultRow, ShadowStandingRow
from services.common.database import Database
from services.scoring.commands.trials.comparing import ShortResult
from services.scoring.commands.trials.shadow_ports import (
    ComparedFile,
    ShadowResult,
    ShadowStanding,
    ShadowTally,
)
from services.scoring.store.columns import table_of
from services.scoring.store.derived_writing import DerivedWriter

_STANDINGS: Final = table_of(ShadowStandingRow)
_RESULTS: Final = table_of(ShadowResultRow)


class SqlShadows:
    """Keeps comparisons; implements `Shadows`."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database; nothing is opened yet."""
        self._database = database
        self._writer = DerivedWriter(database)

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()

    def standing(self, file: ComparedFile) -> ShadowStanding | None:
        """Say how far a comparison has come; nothing before its first round."""
        with self._database.read() as transaction:
            row = transaction.connection.execute(
                select(*(_STANDINGS.c[name] for name in _STANDING)).where(_of(_STANDINGS, file))
            ).one_or_none()
        return None if row is None else ShadowStanding(**row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name of a row's columns.

    def claim(self, file: ComparedFile, start_revision: int) -> str | None:
        """Take the work on a comparison; nothing if another has it."""
        lease = uuid4().hex
        with self._writer.writing() as connection:
            before = connection.execute(
                select(_STANDINGS.c.start_revision).where(_of(_STANDINGS, file))
            ).scalar()
            if before is None or before < start_revision:
                connection.execute(delete(_RESULTS).where(_of(_RESULTS, file)))
                connection.execute(
                    self._writer.upsert(_STANDINGS),
                    [_fresh(file, start_revision)],
                )
            free = or_(
                _STANDINGS.c.holder == "",
                _STANDINGS.c.expiry_time.is_(None),
                _STANDINGS.c.expiry_time <= self._writer.now(),
            )
            taken = connection.execute(
                update(_STANDINGS)
                .where(_of(_STANDINGS, file), free)
                .values(holder=lease, expiry_time=self._writer.expiry())
            )
            return lease if taken.rowcount == 1 else None

    def put(
        self,
        file: ComparedFile,
        lease: str,
        rows: Sequence[ShadowResult],
        *,
        others: Sequence[int],
        standing: ShadowStanding,
    ) -> bool:
        """Keep results, each in the place of the one of its subject; say whether to go on."""
        values = {name: getattr(standing, name) for name in _STANDING}
        with self._writer.writing() as connection:
            held = connection.execute(
                update(_STANDINGS)
                .where(_of(_STANDINGS, file), _STANDINGS.c.holder == lease)
                .values(**values, expiry_time=self._writer.expiry())
            )
            if held.rowcount != 1:
                return False
            if others:
                connection.execute(
                    delete(_RESULTS).where(_of(_RESULTS, file), _RESULTS.c.subject_id.in_(others))
                )
            if rows:
                connection.execute(
                    self._writer.upsert(_RESULTS), [_result_row(file, row) for row in rows]
                )
            return True

    def release(self, file: ComparedFile, lease: str) -> None:
        """Give the work back."""
        with self._writer.writing() as connection:
            connection.execute(
                update(_STANDINGS)
                .where(_of(_STANDINGS, file), _STANDINGS.c.holder == lease)
                .values(holder="", expiry_time=None)
            )

    def due(self, file: ComparedFile, by: date, *, limit: int) -> Sequence[int]:
        """Give subjects whose results may change by a day through time alone."""
        query = (
            select(_RESULTS.c.subject_id)
            .where(_of(_RESULTS, file), _RESULTS.c.valid_until_date <= by)
            .limit(limit)
        )
        with self._database.read() as transaction:
            return transaction.connection.execute(query).scalars().all()

    def tally(self, file: ComparedFile) -> ShadowTally:
        """Add the kept results up."""
        query = select(*_PAIR, _DIFFERING, func.count()).where(_of(_RESULTS, file)).group_by(*_PAIR)
        with self._database.read() as transaction:
            rows = transaction.connection.execute(query).all()
        return ShadowTally(
            {_pair(row): row[-1] for row in rows},
            sum(row.differing for row in rows),
        )

    def differing(self, file: ComparedFile, *, each: int, limit: int) -> Sequence[int]:
        """Give subjects whose results differ, a few of each pair of results."""
        number = (
            func.row_number()
            .over(partition_by=_PAIR, order_by=_RESULTS.c.subject_id)
            .label("number")
        )
        numbered = (
            select(_RESULTS.c.subject_id, number)
            .where(_of(_RESULTS, file), _RESULTS.c.movement > 0)
            .subquery()
        )
        query = (
            select(numbered.c.subject_id)
            .where(and_(numbered.c.number <= each))
            .order_by(numbered.c.number, numbered.c.subject_id)
            .limit(limit)
        )
        with self._database.read() as transaction:
            return transaction.connection.execute(query).scalars().all()


# Private values and functions ---------------------------------------------------

_STANDING: Final = (
    "start_revision",
    "digest",
    "live_version",
    "as_of",
    "revision",
    "comparisons",
)
_PAIR: Final = (
    _RESULTS.c.live_order,
    _RESULTS.c.live_status,
    _RESULTS.c.live_label,
    _RESULTS.c.candidate_order,
    _RESULTS.c.candidate_status,
    _RESULTS.c.candidate_label,
)


_DIFFERING: Final = func.sum(case((_RESULTS.c.movement > 0, 1), else_=0)).label("differing")


def _of(table: Table, file: ComparedFile) -> ColumnElement[bool]:
    return and_(table.c.proposal_id == file.proposal_id, table.c.position == file.position)


def _fresh(file: ComparedFile, start_revision: int) -> dict[str, Any]:
    return {
        "proposal_id": file.proposal_id,
        "position": file.position,
        "start_revision": start_revision,
        "digest": "",
        "live_version": "",
        "as_of": None,
        "revision": 0,
        "comparisons": 0,
        "holder": "",
        "expiry_time": None,
    }


def _result_row(file: ComparedFile, row: ShadowResult) -> dict[str, Any]:
    return {
        "proposal_id": file.proposal_id,
        "position": file.position,
        "subject_id": row.subject_id,
        "movement": row.movement,
        "live_status": row.live.status,
        "live_label": row.live.label,
        "live_order": row.live.order,
        "candidate_status": row.candidate.status,
        "candidate_label": row.candidate.label,
        "candidate_order": row.candidate.order,
        "valid_until_date": row.valid_until_date,
    }


def _pair(row: Row[Any]) -> tuple[ShortResult, ShortResult]:
    return (
        ShortResult(row.live_order, row.live_status, row.live_label),
        ShortResult(row.candidate_order, row.candidate_status, row.candidate_label),
    )
