"""What the bounds of each subject's place make of what a rate plan gave a population.

The same as `rating.RatedColumns` gives one enterprise after the other, in columns: a dry run rates
everybody twice.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import NO_DATA, RESULT, Evaluation
from services.engine.explained import ExplainedLine
from services.engine.numbers import MISSING, widen
from services.engine.population import Population
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.commands.rates.bounds_worksheet import bounds_lines
from services.scoring.commands.rates.rate_bounds import (
    PREMIUM_MAX,
    PREMIUM_MIN,
    BoundColumns,
    BoundsUsed,
)
from services.scoring.commands.rates.rating import Rate
from services.scoring.commands.rates.worksheet import (
    BASE_PREMIUM,
    FACTOR,
    FACTOR_MAX,
    FACTOR_MIN,
    PREMIUM,
)
from services.scoring.commands.trials.pairing import in_division

CONFLICT: Final = "bounds that leave room for a rate"
"""What is lacking where the bounds of a place contradict each other."""

_NO_MOST: Final = int(np.iinfo(np.int64).max)
_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BoundedRates:
    """Rates after all bounds; every column is [n].

    Attributes:
        states: Results, 1 to 3.
        premiums: Premium recommended in fen; `MISSING` for none.
        valid_until: First day on which facts alone may change a rate.
        lacking: Who has no rate for want of what.
        bounds: What each bounds policy gave, and to whom it applies.
    """

    states: _Ints
    plan_premiums: _Ints
    premiums: _Ints
    valid_until: NDArray[np.int32]
    lacking: tuple[tuple[str, _Bools], ...]
    bounds: tuple[tuple[BoundColumns, _Bools], ...]

    def binding(self, position: int) -> frozenset[str]:
        """Name the lines of the bounds at which a premium stands."""
        premium, plan_premium = int(self.premiums[position]), int(self.plan_premiums[position])
        if premium == plan_premium:
            return frozenset()
        names = (FACTOR_MIN, PREMIUM_MIN) if premium > plan_premium else (FACTOR_MAX, PREMIUM_MAX)
        return frozenset(
            f"{one.version.policy.policy_id}.{name}"
            for one in self._used(position)
            if premium in {one.premium_min_fen, one.premium_max_fen}
            for name in names
        )

    def lines(self, position: int, names: Collection[str]) -> tuple[ExplainedLine, ...]:
        """Give what some bounds allow one rate, and what all of them change of it.

        Args:
            position: Position of the subject.
            names: Lines of bounds that are wanted.
        """
        premium = int(self.premiums[position])
        if premium == MISSING:
            return ()
        rate = Rate(
            status=RESULT,
            premium_fen=premium,
            plan_premium_fen=int(self.plan_premiums[position]),
            bounds=self._used(position),
        )
        return tuple(line for line in bounds_lines(rate) if line.total or line.rule_id in names)

    # Private methods -------------------------------------------------------------

    def _used(self, position: int) -> tuple[BoundsUsed, ...]:
        return tuple(columns.used(position) for columns, there in self.bounds if there[position])


def bounded_rates(
    plan: Outcome,
    states: _Ints,
    bounds: Sequence[PinnedVersion],
    *,
    population: Population,
    as_of: date,
) -> BoundedRates:
    """Hold what a plan gave within the bounds.

    Args:
        plan: What the plan gave.
        states: Results of the plan; whoever has an input that it refuses has none.
        bounds: Bounds in force somewhere in the plan's place.
        population: The population, with divisions.
        as_of: Rating day.

    Raises:
        NumberTooLargeError: A calculation left the 64-bit range.
    """
    run = plan.evaluation
    columns = tuple(
        (
            BoundColumns.of(one, plan, population, as_of=as_of),
            in_division(one.compiled.policy.division, population),
        )
        for one in bounds
    )
    least, most = _tightest(columns, PREMIUM_MIN, PREMIUM_MAX, run.size)
    conflict = least > most
    if FACTOR in run.plan.outputs:
        factor_least, factor_most = _tightest(columns, FACTOR_MIN, FACTOR_MAX, run.size)
        conflict |= factor_least > factor_most
    rated = (states == RESULT) & ~_unrated(run)
    lacking = [(CONFLICT, rated & conflict)]
    for one, there in columns:
        unbounded = rated & there & (np.array(one.states) == NO_DATA)
        lacking += _lacking(one.outcome.evaluation, unbounded)
        conflict |= unbounded
    states = np.where((states == RESULT) & (~rated | conflict), NO_DATA, states)
    there = states == RESULT
    premiums = _column(run, PREMIUM)
    plan_premiums = np.where(there & (premiums != MISSING), premiums, MISSING)
    held = np.minimum(np.maximum(plan_premiums, least), most)
    return BoundedRates(
        states=states,
        plan_premiums=plan_premiums,
        premiums=np.where(plan_premiums == MISSING, MISSING, held),
        valid_until=_valid_until(plan, columns),
        lacking=tuple((name, who) for name, who in lacking if who.any()),
        bounds=columns,
    )


# Private functions -----------------------------------------------------------


def _tightest(
    bounds: Sequence[tuple[BoundColumns, _Bools]], lowest: str, highest: str, size: int
) -> tuple[_Ints, _Ints]:
    """Give the lowest and the highest value allowed; where there is none, no number is beyond."""
    least = np.full(size, MISSING, dtype=np.int64)
    most = np.full(size, _NO_MOST, dtype=np.int64)
    for one, there in bounds:
        applies = there & (np.array(one.states) == RESULT)
        for name in {lowest, highest} & one.columns.keys():
            values = np.array(one.columns[name], dtype=np.int64)
            known = applies & (values != MISSING)
            if name == lowest:
                least = np.where(known, np.maximum(least, values), least)
            else:
                most = np.where(known, np.minimum(most, values), most)
    return least, most


def _unrated(run: Evaluation) -> _Bools:
    """Say for whom a plan has a result, and yet no rate: a part is missing, or nothing is paid."""
    unrated = np.zeros(run.size, dtype=np.bool_)
    for name in {BASE_PREMIUM, FACTOR, PREMIUM} & run.plan.outputs.keys():
        values = _column(run, name)
        unrated |= (values == MISSING) if name == FACTOR else values <= 0
    return unrated


def _column(run: Evaluation, name: str) -> _Ints:
    if name not in run.plan.outputs:
        return np.full(run.size, MISSING, dtype=np.int64)
    column: _Ints = widen(run.output(name))
    return column


def _lacking(run: Evaluation, who: _Bools) -> Iterator[tuple[str, _Bools]]:
    for name, slot in run.plan.required:
        yield name, who & run.column(slot).astype(np.bool_)


def _valid_until(plan: Outcome, bounds: Sequence[tuple[BoundColumns, _Bools]]) -> NDArray[np.int32]:
    valid_until = plan.valid_until
    for one, there in bounds:
        earlier = np.minimum(valid_until, one.outcome.valid_until)
        valid_until = np.where(there, earlier, valid_until)
    return valid_until
