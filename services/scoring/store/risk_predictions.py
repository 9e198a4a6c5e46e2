"""Predictions that rate plans may read, on both axes of time.

On every day at most one prediction of an enterprise holds: a new one cuts short the one before it,
and ends where a later one begins. What was known before stays as it was.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from models.risk_models import RiskPredictionRow
from services.common.database import WriteTransaction
from services.scoring.commands.risk.risk_ports import HeldPrediction, KeptPrediction
from services.scoring.store.columns import table_of, visible

_PREDICTIONS: Final = table_of(RiskPredictionRow)
_SUBJECTS_A_STATEMENT: Final = 500


class SqlKeptPredictions:
    """Reads predictions; implements `PredictionReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def find(self, prediction_id: int, *, revision: int) -> HeldPrediction | None:
        """Find a prediction; nothing if none of that number counted at a revision."""
        row = self._connection.execute(
            select(_PREDICTIONS).where(
                _PREDICTIONS.c.record_id == prediction_id, visible(_PREDICTIONS, revision)
            )
        ).one_or_none()
        if row is None:
            return None
        return HeldPrediction(
            prediction_id=row.record_id,
            model_id=row.model_id,
            subject_id=row.subject_id,
            start_date=row.event_date,
            end_date=row.end_date,
            relativity_hundredths=row.relativity_hundredths,
            credibility_hundredths=row.credibility_hundredths,
        )


class SqlPredictions:
    """Writes predictions; implements `PredictionWrites`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        self._write = transaction

    def keep(self, model_id: int, predictions: Collection[KeptPrediction], *, days: int) -> int:
        """Let predictions hold from their day on, for so many days or until the next one."""
        current = self._current([one.subject_id for one in predictions])
        changes = _Changes()
        for one in predictions:
            wanted = _Period(
                row_id=0,
                record_id=0,
                subject_id=one.subject_id,
                model_id=model_id,
                event_date=one.start_date,
                end_date=one.start_date + timedelta(days=days),
                relativity_hundredths=one.relativity_hundredths,
                credibility_hundredths=one.credibility_hundredths,
                known_revision=one.known_revision,
            )
            _put(wanted, current.get(one.subject_id, []), changes)
        self._supersede(changes.superseded)
        self._insert(changes.written)
        return changes.kept

    def withdraw(self, model_id: int) -> int:
        """Let every prediction of a model count no more, and give how many there were."""
        gone = self._write.connection.execute(
            update(_PREDICTIONS)
            .where(
                _PREDICTIONS.c.model_id == model_id, _PREDICTIONS.c.superseded_revision.is_(None)
            )
            .values(superseded_revision=self._write.revision)
        )
        return gone.rowcount

    # Private methods -------------------------------------------------------------

    def _current(self, subject_ids: Sequence[int]) -> dict[int, list["_Period"]]:
        found: dict[int, list[_Period]] = {}
        for part in _parts(subject_ids):
            rows = self._write.connection.execute(
                select(*(_PREDICTIONS.c[one.name] for one in fields(_Period)))
                .where(
                    _PREDICTIONS.c.subject_id.in_(part),
                    _PREDICTIONS.c.superseded_revision.is_(None),
                )
                .order_by(_PREDICTIONS.c.event_date)
            )
            for row in rows.mappings():
                found.setdefault(row["subject_id"], []).append(_Period(**row))
        return found

    def _supersede(self, row_ids: Sequence[int]) -> None:
        if row_ids:
            self._write.connection.execute(
                update(_PREDICTIONS)
                .where(_PREDICTIONS.c.row_id == bindparam("gone"))
                .values(superseded_revision=self._write.revision),
                [{"gone": row_id} for row_id in row_ids],
            )

    def _insert(self, periods: Sequence["_Period"]) -> None:
        rows: list[dict[str, Any]] = []
        for one in periods:
            row_id = self._write.new_id()
            rows.append(
                {
                    "row_id": row_id,
                    "record_id": one.record_id or row_id,
                    "subject_id": one.subject_id,
                    "model_id": one.model_id,
                    "event_date": one.event_date,
                    "end_date": one.end_date,
                    "relativity_hundredths": one.relativity_hundredths,
                    "credibility_hundredths": one.credibility_hundredths,
                    "known_revision": one.known_revision,
                    "recorded_revision": self._write.revision,
                }
            )
        if rows:
            self._write.connection.execute(insert(_PREDICTIONS), rows)


# Private functions and classes ------------------------------------------------


def _parts(numbers: Sequence[int]) -> list[Sequence[int]]:
    step = _SUBJECTS_A_STATEMENT
    return [numbers[first : first + step] for first in range(0, len(numbers), step)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    """A prediction and when it holds; the row is 0 for one that is not stored yet."""

    row_id: int
    record_id: int
    subject_id: int
    model_id: int
    event_date: date
    end_date: date
    relativity_hundredths: int
    credibility_hundredths: int
    known_revision: int

    @property
    def says(self) -> tuple[int, int, int]:
        """Give what a rate plan would read, and whose word it is."""
        return self.model_id, self.relativity_hundredths, self.credibility_hundredths


@dataclass(slots=True)
class _Changes:
    """Rows to supersede and periods to write."""

    superseded: list[int] = field(default_factory=list)
    written: list[_Period] = field(default_factory=list)
    kept: int = 0


def _put(wanted: _Period, current: Sequence[_Period], changes: _Changes) -> None:
    """Let a prediction hold from its day on, between the one before and the one after."""
    day = wanted.event_date
    after = [one.event_date for one in current if one.event_date > day]
    wanted = replace(wanted, end_date=min([wanted.end_date, *after]))
    holding = next((one for one in current if one.event_date <= day < one.end_date), None)
    if holding is not None:
        # One that says the same is left alone while it holds for half of the time to come.
        if holding.says == wanted.says and (holding.end_date - day) * 2 >= wanted.end_date - day:
            return
        changes.superseded.append(holding.row_id)
        if holding.event_date < day:
            changes.written.append(replace(holding, end_date=day))
    changes.written.append(wanted)
    changes.kept += 1
