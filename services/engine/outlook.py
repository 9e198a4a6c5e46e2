"""What would lift a result, and from which day: found by evaluating, never by guess."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

import numpy as np

from services.engine.days import NEVER
from services.engine.plan import RESULT, Evaluation, Plan
from services.engine.population import IntColumn, Population, RecordColumns, is_missing

CLOSING: Final = "closed_date"
"""Attribute of a record that an accepted rectification fills."""


class Act(Enum):
    """What has to happen."""

    WAIT = "wait"
    """Nothing: a window closes, a term ends."""

    RECTIFY = "rectify"
    """An open violation or hazard is rectified, and that is accepted."""

    REMOVE = "remove"
    """A record stops counting: by credit repair, correction or revocation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A result, comparable: ladder place, status, score."""

    rank: int
    status: int
    score: int | None


@dataclass(frozen=True, slots=True)
class Lift:
    """One act and what it would lead to.

    Attributes:
        act: What has to happen.
        record_id: The record that is rectified or removed; none for waiting.
        kind: Its kind; empty for waiting.
        day: First day on which the better result would hold, days since 1970-01-01.
        standing: The better result.
    """

    act: Act
    record_id: int | None
    kind: str
    day: int
    standing: Standing


def find_lifts(
    plan: Plan,
    population: Population,
    as_of: int,
    *,
    inputs: Mapping[str, Any] | None = None,
    horizon_days: int,
) -> tuple[Lift, ...]:
    """Find what would lift the result of a population of one.

    Waiting is followed to the first better day; every open record is tried as rectified on the day
    asked for, and every record behind the result as removed.

    Args:
        plan: The policy.
        population: One enterprise.
        as_of: The day asked for.
        inputs: As for `Plan.run`.
        horizon_days: How far ahead waiting is followed.

    Returns:
        Lifts, best result first, then earliest day, then record.
    """
    assert population.size == 1, "lifts are found for one enterprise"
    finder = _Finder(plan, population, as_of, inputs or {})
    found = [*finder.waiting(horizon_days), *finder.acts()]
    return tuple(sorted(found, key=_order))


# Private functions -----------------------------------------------------------


def _order(lift: Lift) -> tuple[int, int, int, int]:
    standing = lift.standing
    return standing.rank or NEVER, -(standing.score or 0), lift.day, lift.record_id or 0


def standing_of(evaluation: Evaluation) -> Standing | None:
    """Give the result of a population of one; none where there is none."""
    if int(evaluation.states()[0]) != RESULT:
        return None
    scores = evaluation.scores()
    return Standing(
        int(evaluation.ranks()[0]),
        int(evaluation.status_numbers()[0]),
        None if scores is None else int(scores[0]),
    )


def _better(new: Standing | None, old: Standing | None) -> bool:
    """Say whether a result is better: out of a status, or higher on the ladder."""
    if new is None or old is None:
        return False
    if bool(new.status) != bool(old.status):
        return not new.status
    return 0 < new.rank < old.rank


class _Finder:
    def __init__(
        self, plan: Plan, population: Population, as_of: int, inputs: Mapping[str, Any]
    ) -> None:
        self._plan = plan
        self._population = population
        self._as_of = as_of
        self._inputs = inputs
        self._now = plan.run(population, as_of, inputs)
        self._present = standing_of(self._now)

    def waiting(self, horizon_days: int) -> Iterator[Lift]:
        evaluation, last = self._now, self._as_of + horizon_days
        day = int(evaluation.valid_until()[0])
        while day <= last:
            evaluation = self._plan.run(self._population, day, self._inputs)
            standing = standing_of(evaluation)
            if standing is not None and _better(standing, self._present):
                yield Lift(Act.WAIT, None, "", day, standing)
                return
            day = int(evaluation.valid_until()[0])

    def acts(self) -> Iterator[Lift]:
        for kind, records in self._population.records.items():
            for row in range(records.record_ids.size):
                if int(records.columns["event_date"][row]) > self._as_of:
                    continue
                for act, changed in self._changed(records, row):
                    lift = self._tried(act, kind, changed, int(records.record_ids[row]))
                    if lift is not None:
                        yield lift

    def _changed(self, records: RecordColumns, row: int) -> Iterator[tuple[Act, RecordColumns]]:
        closing = records.columns.get(CLOSING)
        if closing is not None and (is_missing(closing)[row] or closing[row] > self._as_of):
            closed = closing.copy()
            closed[row] = self._as_of
            yield Act.RECTIFY, replace(records, columns={**records.columns, CLOSING: closed})
        kept = np.arange(records.record_ids.size) != row
        columns: dict[str, IntColumn] = {
            name: column[kept] for name, column in records.columns.items()
        }
        yield (
            Act.REMOVE,
            RecordColumns(records.record_ids[kept], records.subjects[kept], columns),
        )

    def _tried(self, act: Act, kind: str, records: RecordColumns, record_id: int) -> Lift | None:
        population = replace(self._population, records={**self._population.records, kind: records})
        standing = standing_of(self._plan.run(population, self._as_of, self._inputs))
        if standing is None or not _better(standing, self._present):
            return None
        return Lift(act, record_id, kind, self._as_of, standing)
