"""Bounds on whatever a rate plan gives: the country's, the city's, the district's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import RESULT
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policies.policy_library import CompiledVersion, PinnedVersion
from services.scoring.commands.rates.worksheet import FACTOR, FACTOR_MAX, FACTOR_MIN, PREMIUM
from services.scoring.domain.amount import Amount
from services.scoring.domain.errors import RateBoundsConflictError

PREMIUM_MIN: Final = "premium_min"
PREMIUM_MAX: Final = "premium_max"

LIMIT_PER_PERSON: Final = "limit_per_person"
"""Input of the limit per person, in fen."""

BOUND_FACTOR_PLACES: Final = 6
"""Decimals of a factor as bounds are told it, and as they give theirs."""

BOUND_OUTPUTS: Final = (FACTOR_MIN, FACTOR_MAX, PREMIUM_MIN, PREMIUM_MAX)
"""Results that a bounds policy may have; each may be missing."""

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsUsed:
    """What one bounds policy says of a rate.

    Attributes:
        version: The bounds policy.
        factor_min: Lowest factor; none when it names none. The others likewise.
        binding: Whether the plan's own result lies outside.
    """

    version: CompiledVersion
    factor_min: Amount | None
    factor_max: Amount | None
    premium_min_fen: int | None
    premium_max_fen: int | None
    binding: bool


@dataclass(slots=True)
class BoundColumns:
    """What one bounds policy gave a population, read out by position.

    Attributes:
        pinned: The bounds policy.
        outcome: What it gave.
        states: Whether it applies, and has what it needs.
        columns: Its results by name.
    """

    pinned: PinnedVersion
    outcome: Outcome
    states: list[int]
    columns: dict[str, list[int]]
    plan_factor: list[int]
    plan_premium: list[int]
    factor_places: int

    @classmethod
    def of(
        cls, pinned: PinnedVersion, plan: Outcome, population: Population, *, as_of: date
    ) -> "BoundColumns":
        """Run a bounds policy over what a plan gave."""
        given = _told(pinned, plan)
        outcome = evaluate(pinned, population, as_of, given)
        run = outcome.evaluation
        none = [MISSING] * run.size
        outputs = plan.evaluation.plan.outputs
        factor, premium = none, none
        if FACTOR in outputs:
            factor = plan.evaluation.output(FACTOR).tolist()
        if PREMIUM in outputs:
            premium = plan.evaluation.output(PREMIUM).tolist()
        columns = {
            name: run.output(name).tolist() for name in BOUND_OUTPUTS if name in run.plan.outputs
        }
        places = outputs[FACTOR].places if FACTOR in outputs else 0
        return cls(pinned, outcome, run.states().tolist(), columns, factor, premium, places)

    def used(self, position: int) -> BoundsUsed:
        """Say what it means for one subject."""
        applies = self.states[position] == RESULT
        found = {
            name: column[position] if applies and column[position] != MISSING else None
            for name, column in self.columns.items()
        }
        factor_min, factor_max = (
            self._factor(found.get(name)) for name in (FACTOR_MIN, FACTOR_MAX)
        )
        low, high = found.get(PREMIUM_MIN), found.get(PREMIUM_MAX)
        premium, factor = self.plan_premium[position], self.plan_factor[position]
        outside = premium != MISSING and held(premium, low, high) != premium
        if factor != MISSING:
            own = Amount(
                factor * 10 ** (BOUND_FACTOR_PLACES - self.factor_places), BOUND_FACTOR_PLACES
            )
            outside = outside or (factor_min is not None and own.number < factor_min.number)
            outside = outside or (factor_max is not None and own.number > factor_max.number)
        return BoundsUsed(
            version=self.pinned.compiled,
            factor_min=factor_min,
            factor_max=factor_max,
            premium_min_fen=low,
            premium_max_fen=high,
            binding=outside,
        )

    def _factor(self, number: int | None) -> Amount | None:
        return Amount.of(number, BOUND_FACTOR_PLACES)


def tightest(bounds: Sequence[BoundsUsed]) -> tuple[int | None, int | None]:
    """Give the lowest and highest premium allowed.

    Raises:
        RateBoundsConflictError: No premium keeps all bounds.
    """
    low = max(
        (one.premium_min_fen for one in bounds if one.premium_min_fen is not None), default=None
    )
    high = min(
        (one.premium_max_fen for one in bounds if one.premium_max_fen is not None), default=None
    )
    if low is not None and high is not None and low > high:
        raise _conflict(bounds)
    return low, high


def bounded_factor(factor: Amount, bounds: Sequence[BoundsUsed]) -> Amount:
    """Give a factor held within the bounds.

    Raises:
        RateBoundsConflictError: No factor keeps all bounds.
    """
    low = max((one.factor_min.number for one in bounds if one.factor_min), default=None)
    high = min((one.factor_max.number for one in bounds if one.factor_max), default=None)
    if low is None and high is None:
        return factor
    if low is not None and high is not None and low > high:
        raise _conflict(bounds)
    number = factor.number * 10 ** (BOUND_FACTOR_PLACES - factor.places)
    within = held(number, low, high)
    return factor if within == number else Amount(within, BOUND_FACTOR_PLACES)


def held(number: int, low: int | None, high: int | None) -> int:
    """Give a number held between two others, where there are such."""
    if low is not None and number < low:
        return low
    if high is not None and number > high:
        return high
    return number


# Private functions -----------------------------------------------------------


def _told(bounds: PinnedVersion, plan: Outcome) -> dict[str, Column]:
    """Tell a bounds policy what the plan gave, and what it reckoned from."""
    run = plan.evaluation
    told: dict[str, Column] = {}
    for name in bounds.plan.needs.requests:
        places = bounds.compiled.version.inputs[name].places
        if name in run.plan.outputs:
            column, scale = run.output(name), run.plan.outputs[name].places
        elif name in run.plan.types:
            column, scale = run.column(run.plan.types[name].slot), run.plan.types[name].scale
        else:
            continue
        # A limit is whole fen whatever its unit is called; what is finer than asked is not told.
        more = 0 if name == LIMIT_PER_PERSON else places - scale
        if more >= 0:
            wide = column.astype(np.int64)
            there = wide != MISSING
            told[name] = np.where(there, np.where(there, wide, 0) * 10**more, MISSING)
    return told


def _conflict(bounds: Sequence[BoundsUsed]) -> RateBoundsConflictError:
    names = ", ".join(one.version.policy.policy_id for one in bounds)
    return RateBoundsConflictError(
        f"no rate keeps all bounds in force: {names}; mend them", policies=names
    )
