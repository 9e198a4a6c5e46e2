"""What a rate plan is told by the caller, and what it used in the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.common.errors import FieldViolation, InvalidInputError
from services.engine.days import day_number
from services.engine.evaluation import Evaluation
from services.engine.explained import TakenResult
from services.engine.inputs import DAY_UNIT
from services.engine.language import (
    Comparison,
    Condition,
    Every,
    Expression,
    Input,
    Literal,
    Name,
    Wording,
)
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import is_missing
from services.engine.vocabulary import AttributeType
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.rates.rate_bounds import LIMIT_PER_PERSON
from services.scoring.commands.rates.rating import INSURED_HEADCOUNT, OWN_FIELDS, TRANSACTION_KIND
from services.scoring.commands.showing import shown_value, titles_in
from services.scoring.commands.taken_results import input_text, is_number
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject

Codes = Mapping[str, Mapping[str, int]]
"""Numbers of code words, by code set."""

ORIGINS: Final = ("subject", "request", "policy", "last_period", "peers")
"""Origins of inputs, in the order of their numbers on the wire, from 1."""

_NUMBER_MAX: Final = 10**15
"""House limit of a given number in its smallest unit: products of it stay within 64 bits."""


@dataclass(frozen=True, slots=True)
class GivenInput:
    """An input that a caller gives by its name in the plan.

    Attributes:
        name: The name.
        value: A number, a code word, or a day.
    """

    name: str
    value: Decimal | str | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted for one enterprise.

    Attributes:
        transaction_kind: Number of the kind of transaction.
        insured_headcount: Employees to be insured; none for all of the enterprise.
        limit_per_person_fen: Limit per person; none for the lowest that the plan offers.
        inputs: Further inputs.
    """

    transaction_kind: int
    insured_headcount: int | None = None
    limit_per_person_fen: int | None = None
    inputs: tuple[GivenInput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputUsed:
    """A value that a plan used.

    Attributes:
        name: Name of the input in the plan.
        origin: One of `ORIGINS`.
        value: The value as text, a day as ``2026-11-22``; empty where nobody knows it.
        unit: Unit of a number; empty otherwise.
        policy: The other policy's version; none for the other origins.
        output: Which result of it.
        least: Lowest value permitted; none where the plan says none.
        most: Highest value permitted.
        wording: What a code word says in Chinese and in English; none for another value.
    """

    name: str
    origin: str
    value: str
    unit: str
    policy: CompiledVersion | None
    output: str
    least: Amount | None
    most: Amount | None
    wording: Wording | None = None


def given_inputs(
    plan: Plan, wanted: Wanted, subject: Subject, *, lenient: bool = False
) -> dict[str, int]:
    """Give the inputs that a plan takes, and refuse those that it would pass over.

    Args:
        plan: The plan.
        wanted: What the caller wants.
        subject: The enterprise.
        lenient: Whether to leave out what the plan does not take.

    Raises:
        InvalidInputError: Names every input that the plan does not ask for, or cannot read.
    """
    asked = plan.needs.requests
    own: dict[str, int | None] = {
        INSURED_HEADCOUNT: wanted.insured_headcount,
        LIMIT_PER_PERSON: wanted.limit_per_person_fen,
    }
    violations = (
        []
        if lenient
        else [
            FieldViolation(name, "INPUT_NOT_TAKEN", f"the rate plan knows no {name}; leave it out")
            for name, value in own.items()
            if value is not None and name not in asked
        ]
    )
    given: dict[str, int] = {}
    for one in wanted.inputs:
        if lenient and one.name not in asked:
            continue
        try:
            given[one.name] = _read(plan, one, given)
        except _WrongInputError as error:
            violations.append(error.violation)
    if violations:
        raise InvalidInputError(violations)
    if own[INSURED_HEADCOUNT] is None and subject.period is not None:
        # Given, not left for the plan to stand in, so that its conditions are looked at.
        own[INSURED_HEADCOUNT] = subject.period.headcount
    own[TRANSACTION_KIND] = wanted.transaction_kind
    return given | {
        name: value for name, value in own.items() if value is not None and name in asked
    }


def input_columns(rows: Sequence[Mapping[str, int]]) -> dict[str, NDArray[np.int64]]:
    """Give the inputs of many as columns; what one of them was not given is missing."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: np.array([row.get(name, MISSING) for row in rows], dtype=np.int64) for name in names
    }


def inputs_used(
    outcome: Outcome,
    position: int,
    subject: Subject,
    *,
    codes: Codes,
    results: Iterable[TakenResult],
) -> tuple[InputUsed, ...]:
    """Say which values a plan used for one subject, in the order of its file.

    Args:
        outcome: What the plan gave.
        position: Position of the subject in the population.
        subject: The subject.
        codes: Numbers of code words.
        results: What it took in of other policies, see `taken_results`.
    """
    run = outcome.evaluation
    pinned = {one.name: one for one in outcome.pinned.inputs}
    taken = {one.name: one for one in results}
    found: list[InputUsed] = []
    for given in run.plan.version.inputs.values():
        least = most = None
        source = None
        if given.origin == "policy":
            other = pinned[given.name].source
            source = None if other is None else other.compiled
            value = taken[given.name].value
        elif given.origin == "subject":
            value = _attribute_text(run, given, position, subject, codes=codes)
        else:
            value = _used_text(run, given, position)
            least, most = _range(run, given, position)
        found.append(
            InputUsed(
                name=given.name,
                origin=given.origin,
                value=value,
                unit=given.unit if value and is_number(run, given) else "",
                policy=source,
                output=given.attribute if given.origin == "policy" else "",
                least=least,
                most=most,
                wording=titles_in(value, run.plan.titles.get(given.name, {})),
            )
        )
    return tuple(found)


# Private functions and classes ------------------------------------------------


class _WrongInputError(Exception):
    """One given input cannot be used."""

    def __init__(self, name: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.violation = FieldViolation(f"inputs.{name}", reason, message)


def _read(plan: Plan, one: GivenInput, before: Mapping[str, int]) -> int:
    name = one.name
    if name in OWN_FIELDS:
        raise _WrongInputError(name, "INPUT_MISPLACED", f"give {name} in the field of its own")
    if name in before:
        raise _WrongInputError(name, "INPUT_TWICE", f"give {name} once")
    if name not in plan.needs.requests:
        known = ", ".join(sorted(plan.needs.requests - OWN_FIELDS)) or "no further input"
        raise _WrongInputError(
            name, "INPUT_NOT_TAKEN", f"the rate plan knows no such input; it takes {known}"
        )
    given = plan.version.inputs[name]
    if given.codes:
        return _code(given, one.value, plan.words[name])
    if given.unit == DAY_UNIT:
        return _day(given, one.value)
    return _number(given, one.value)


def _code(given: Input, value: Decimal | str | date, known: Mapping[str, int]) -> int:
    if not isinstance(value, str) or value not in known:
        raise _WrongInputError(
            given.name, "INPUT_MALFORMED", f"give one of the codes {', '.join(known)}"
        )
    return known[value]


def _day(given: Input, value: Decimal | str | date) -> int:
    if not isinstance(value, date):
        raise _WrongInputError(given.name, "INPUT_MALFORMED", "give a day")
    return day_number(value)


def _number(given: Input, value: Decimal | str | date) -> int:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _WrongInputError(given.name, "INPUT_MALFORMED", "give a decimal number")
    # Not by scaling first: an exponent can be as large as it is written.
    if value and not -given.places - 20 <= value.adjusted() <= len(str(_NUMBER_MAX)):
        raise _WrongInputError(given.name, "INPUT_OUT_OF_RANGE", "give a smaller number")
    scaled = value.scaleb(given.places)
    if scaled != scaled.to_integral_value():
        raise _WrongInputError(
            given.name, "INPUT_TOO_FINE", f"give at most {given.places} decimals"
        )
    if abs(scaled) > _NUMBER_MAX:
        raise _WrongInputError(given.name, "INPUT_OUT_OF_RANGE", "give a smaller number")
    return int(scaled)


def _attribute_text(
    run: Evaluation, given: Input, position: int, subject: Subject, *, codes: Codes
) -> str:
    attribute = given.attribute
    value = None if subject.period is None else getattr(subject.period, attribute)
    if value is None:
        return ""
    if isinstance(value, int) and not is_number(run, given):
        # What is kept as a number and is none: a code, or a set of them.
        column = run.frame.population.attributes[attribute]
        number = MISSING if is_missing(column)[position] else int(column[position])
        type_ = run.plan.types[given.name].type
        words = {one: word for word, one in codes.get(type_.codes, {}).items()}
        return shown_value(number, type_.type, places=0, words=words)
    return str(value)


def _used_text(run: Evaluation, given: Input, position: int) -> str:
    ref = run.plan.types[given.name]
    return input_text(run, given, int(run.column(ref.slot)[position]), ref.scale)


def _range(run: Evaluation, given: Input, position: int) -> tuple[Amount | None, Amount | None]:
    """Read the permitted range out of an input's condition, as far as it says one."""
    ends: dict[str, Amount | None] = {}
    for one in _comparisons(given.allowed):
        if one.name == given.name and one.comparator in {"at_least", "at_most"}:
            ends[one.comparator] = _amount(run, one.operands[0], position)
    return ends.get("at_least"), ends.get("at_most")


def _comparisons(condition: Condition | None) -> Iterable[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Every(parts):
            for part in parts:
                yield from _comparisons(part)
        case _:
            # What is said otherwise than by comparisons that must all hold is no range.
            pass


def _amount(run: Evaluation, expression: Expression, position: int) -> Amount | None:
    match expression:
        case Literal(value) if isinstance(value, Decimal):
            places = max(0, -int(value.as_tuple().exponent))
            return Amount(int(value.scaleb(places)), places)
        case Literal(value) if isinstance(value, int) and not isinstance(value, bool):
            return Amount(value, 0)
        case Name(name) if name in run.plan.types:
            ref = run.plan.types[name]
            if ref.type.type is not AttributeType.NUMBER:
                # A range of days has no ends that are numbers.
                return None
            number = int(run.column(ref.slot)[position])
            return None if number == MISSING else Amount(number, ref.scale)
    return None
