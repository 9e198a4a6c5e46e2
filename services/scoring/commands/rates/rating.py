"""Running a rate plan over a population, and the bounds over what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.common.errors import FieldViolation, InvalidInputError
from services.engine.days import NEVER, day_date
from services.engine.evaluation import NO_DATA, RESULT, Evaluation
from services.engine.numbers import MISSING
from services.engine.population import Population, is_missing
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.rates.rate_bounds import (
    LIMIT_PER_PERSON,
    BoundColumns,
    BoundsUsed,
    bounded_factor,
    held,
    tightest,
)
from services.scoring.commands.rates.rate_plans import AppliedPlan
from services.scoring.commands.rates.worksheet import (
    BASE_PREMIUM,
    FACTOR,
    FACTOR_MAX,
    FACTOR_MIN,
    PREMIUM,
    rounding_of,
)
from services.scoring.commands.showing import Shown, shown_result
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject

INSURED_HEADCOUNT: Final = "insured_headcount"
TRANSACTION_KIND: Final = "transaction_kind"

OWN_FIELDS: Final = frozenset({INSURED_HEADCOUNT, LIMIT_PER_PERSON, TRANSACTION_KIND})
"""Inputs that have a field of their own in requests."""

INDUSTRY: Final = "industry"
"""Attribute of an enterprise without which most plans can say nothing."""

_ONE_DAY: Final = timedelta(days=1)
_Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A recommended rate; amounts are none without a result.

    Attributes:
        status: 1 for a result, 2 for no data, 3 for not applicable.
        base_premium_fen: Premium before floating.
        factor: Factor on the base after all bounds.
        premium_fen: Annual premium after all bounds.
        factor_min: Lowest factor that the plan allows; none when it names none.
        factor_max: Highest one.
        rounding: How the premium was rounded.
        valid_until_date: First day on which it would change; none when never.
        missing: Inputs that are missing, when there is no data.
        plan_premium_fen: Premium as the plan alone gives it.
        plan_factor: Factor as the plan alone gives it.
        bounds: Bounds in force, from the country's down.
        premium_min_fen: Lowest premium that the bounds allow; none when none does.
        premium_max_fen: Highest one.
        outputs: Every result of the plan: name, value and unit.
    """

    status: int
    base_premium_fen: int | None = None
    factor: Amount | None = None
    premium_fen: int | None = None
    factor_min: Amount | None = None
    factor_max: Amount | None = None
    rounding: str = ""
    valid_until_date: date | None = None
    missing: tuple[str, ...] = ()
    plan_premium_fen: int | None = None
    plan_factor: Amount | None = None
    bounds: tuple[BoundsUsed, ...] = ()
    premium_min_fen: int | None = None
    premium_max_fen: int | None = None
    outputs: tuple[tuple[str, Shown, str], ...] = ()


@dataclass(slots=True)
class RatedColumns:
    """What a plan and the bounds on it gave a population, read out by position.

    Attributes:
        applied: The plan and the bounds.
        outcome: What the plan gave.
        population: The population.
        cover_start_date: First day of cover asked for; none for the rating day.
        bounds: What the bounds gave.
        states: Results of the plan, 1 to 3.
        refused: Whether the plan refuses an input.
        valid_until: First day on which facts alone may change a rate.
        rounding: How premiums are rounded.
    """

    applied: AppliedPlan
    outcome: Outcome
    population: Population
    cover_start_date: date | None
    bounds: list[BoundColumns]
    states: list[int] = field(init=False)
    _outputs: dict[str, list[int]] = field(init=False)
    refused: list[bool] = field(init=False)
    valid_until: list[int] = field(init=False)
    rounding: str = field(init=False)
    _common_end: date | None = field(init=False)
    _deciding: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the columns out, once for all positions."""
        applied = self.applied
        ends = [applied.bounds_until, *(one.until for one in (applied.pinned, *applied.bounds))]
        if self.cover_start_date is not None:
            # On the day after, cover would begin before the rating day.
            ends.append(self.cover_start_date + _ONE_DAY)
        self._common_end = min((day for day in ends if day is not None), default=None)
        self._deciding = applied.pinned.deciding.union(*(one.deciding for one in applied.bounds))
        run = self.outcome.evaluation
        self.states = run.states().tolist()
        self._outputs = {name: run.output(name).tolist() for name in run.plan.outputs}
        refused = np.zeros(run.size, dtype=np.bool_)
        for _, slot in run.plan.refusals:
            refused |= run.column(slot).astype(np.bool_)
        self.refused = refused.tolist()
        valid_until = self.outcome.valid_until
        for one in self.bounds:
            valid_until = np.minimum(valid_until, one.outcome.valid_until)
        self.valid_until = valid_until.tolist()
        self.rounding = rounding_of(run.plan.version)

    @property
    def evaluation(self) -> Evaluation:
        """Give the run of the plan."""
        return self.outcome.evaluation

    def until(self, position: int) -> int:
        """Give the first day on which facts alone may change the rate; `days.NEVER` for none."""
        return self.valid_until[position]

    def premiums(self) -> list[int | None]:
        """Give the premium of every position after all bounds; none where there is none."""
        return [self._bounded_premium(position) for position in range(self.outcome.evaluation.size)]

    def rate(self, position: int, subject: Subject) -> Rate:
        """Give the rate of one subject.

        Raises:
            InvalidInputError: The plan refuses an input.
            RateBoundsConflictError: The bounds contradict each other.
        """
        if self.refused[position]:
            raise _refused_inputs(self.evaluation, position)
        valid_until = self.valid_until_date(position, subject)
        status = self._status(position)
        if status != RESULT:
            missing = self._missing(position) if status == NO_DATA else ()
            return Rate(status=status, valid_until_date=valid_until, missing=missing)
        self._require_base(position)
        outputs = {name: self._output(name, position) for name in self._outputs}
        bounds = tuple(one.used(position) for one in self.bounds)
        premium, factor = outputs.get(PREMIUM), outputs.get(FACTOR)
        premium_min, premium_max = tightest(bounds)
        base_premium = outputs.get(BASE_PREMIUM)
        return Rate(
            status=status,
            base_premium_fen=None if base_premium is None else base_premium.number,
            factor=None if factor is None else bounded_factor(factor, bounds),
            premium_fen=None if premium is None else held(premium.number, premium_min, premium_max),
            factor_min=outputs.get(FACTOR_MIN),
            factor_max=outputs.get(FACTOR_MAX),
            rounding=self.rounding,
            valid_until_date=valid_until,
            plan_premium_fen=None if premium is None else premium.number,
            plan_factor=factor,
            bounds=bounds,
            premium_min_fen=premium_min,
            premium_max_fen=premium_max,
            outputs=self._named_outputs(position),
        )

    # Private methods -------------------------------------------------------------

    def _status(self, position: int) -> int:
        status = self.states[position]
        if status != RESULT:
            return status
        lacking = any(
            self._outputs[name][position] == MISSING
            for name in (BASE_PREMIUM, FACTOR, PREMIUM)
            if name in self._outputs
        )
        unbounded = any(one.states[position] == NO_DATA for one in self.bounds)
        return NO_DATA if lacking or unbounded else RESULT

    def _output(self, name: str, position: int) -> Amount | None:
        value = self._outputs[name][position]
        if value == MISSING:
            return None
        return Amount(value, self.evaluation.plan.outputs[name].places)

    def _named_outputs(self, position: int) -> tuple[tuple[str, Shown, str], ...]:
        plans = self.evaluation.plan.outputs
        values = (
            (name, shown_result(column[position], plans[name]))
            for name, column in self._outputs.items()
        )
        return tuple((name, value, plans[name].unit) for name, value in values if value is not None)

    def _bounded_premium(self, position: int) -> int | None:
        if PREMIUM not in self._outputs or self.refused[position]:
            return None
        if self._status(position) != RESULT:
            return None
        low, high = tightest(tuple(one.used(position) for one in self.bounds))
        return held(self._outputs[PREMIUM][position], low, high)

    def _require_base(self, position: int) -> None:
        for name in (BASE_PREMIUM, PREMIUM):
            if name in self._outputs and self._outputs[name][position] <= 0:
                raise InvalidInputError(
                    [
                        FieldViolation(
                            name,
                            "PREMIUM_BASE_ZERO",
                            "the plan gives no premium above zero; give what it is reckoned from",
                        )
                    ]
                )

    def _missing(self, position: int) -> tuple[str, ...]:
        """Name the inputs without which there is no rate, and those that are simply not known.

        Raises:
            InvalidInputError: The industry is one of them.
        """
        run = self.evaluation
        named = [*run.missing(position)]
        for one in self.bounds:
            named += one.outcome.evaluation.missing(position)
        version = run.plan.version
        for name in named:
            given = version.inputs.get(name)
            table = version.tables.get(name)
            keys = table.keys if table else (given.attribute,) if given else ()
            if INDUSTRY in keys:
                raise _industry_unknown()
        unknown = (
            one.name
            for one in version.inputs.values()
            if one.origin == "subject"
            and one.if_missing == "unknown"
            and bool(is_missing(self.population.attributes[one.attribute])[position])
        )
        return tuple(dict.fromkeys((*named, *unknown)))

    def valid_until_date(self, position: int, subject: Subject) -> date | None:
        """Give the first day on which a rate would change with nothing new; none when never."""
        number = self.valid_until[position]
        ends = (
            None if number == NEVER else day_date(number),
            self._common_end,
            subject.changes_on(self._deciding),
        )
        return min((day for day in ends if day is not None), default=None)


def rate_columns(
    applied: AppliedPlan,
    population: Population,
    as_of: date,
    *,
    given: Mapping[str, Any],
    cover_start_date: date | None,
) -> RatedColumns:
    """Run a plan, then the bounds over what it gave.

    Args:
        applied: The plan and the bounds.
        population: Columns that have what they need.
        as_of: Rating day.
        given: Inputs that come with the question, columns or whole numbers, by name.
        cover_start_date: First day of cover asked for; none for the rating day.

    Raises:
        NumberTooLargeError: A calculation left the 64-bit range.
    """
    outcome = evaluate(applied.pinned, population, as_of, given)
    bounds = [BoundColumns.of(one, outcome, population, as_of=as_of) for one in applied.bounds]
    return RatedColumns(applied, outcome, population, cover_start_date, bounds)


def place_of(name: str) -> str:
    """Give the field of a request that has an input of a plan."""
    return name if name in OWN_FIELDS else f"inputs.{name}"


# Private functions and classes ------------------------------------------------


def _refused_inputs(run: Evaluation, position: int) -> InvalidInputError:
    asked = run.plan.needs.requests
    return InvalidInputError(
        _refused_input(run, name, asked=name in asked) for name in run.refused(position)
    )


def _refused_input(run: Evaluation, name: str, *, asked: bool) -> FieldViolation:
    given = run.plan.version.inputs[name]
    if asked and given.unit == "ratio":
        return FieldViolation(
            place_of(name),
            "FACTOR_OUT_OF_RANGE",
            f"the rate plan does not permit this {name}; keep to its range",
        )
    return FieldViolation(
        place_of(name) if asked else "subject",
        f"{name.upper()}_REFUSED",
        f"the rate plan does not allow this {name}",
    )


def _industry_unknown() -> InvalidInputError:
    return InvalidInputError(
        [
            FieldViolation(
                "subject",
                "INDUSTRY_UNKNOWN",
                "the plan has no rate without a known industry; record it, or name another plan",
            )
        ]
    )
