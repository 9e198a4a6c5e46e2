"""Rules as rows of a table: what an attribute must fulfil, and how to say that it does not.

A rule names every attribute that it reads. A rule that reads an attribute which is already known
to be wrong is left out, so that one mistake is reported once.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from services.common.errors import FieldViolation

EVENT_DATE: Final = "event_date"
"""Attribute of a header that rules of a body read from the moment."""

_UNITS: Final = ("_fen", "_hundredths")

Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a request is judged, and the day of the fact that it is about.

    Attributes:
        now: Instant of the request, UTC.
        today: Its civil day, Asia/Shanghai.
        event_date: Civil day of the fact; the day of the request where there is none.
    """

    now: datetime
    today: date
    event_date: date


@dataclass(frozen=True, slots=True)
class Rule(Generic[Checked]):
    """One rule about one attribute.

    Attributes:
        attribute: The attribute that is wrong if the rule is broken.
        reason: Stable UPPER_SNAKE word.
        message: What would be right.
        broken: Says whether a value breaks the rule.
        reads: Further attributes that ``broken`` reads.
    """

    attribute: str
    reason: str
    message: str
    broken: Callable[[Checked, Moment], bool]
    reads: frozenset[str] = frozenset()


def violations_of(
    value: Checked,
    rules: Iterable[Rule[Checked]],
    moment: Moment,
    *,
    faulty: Collection[str] = (),
) -> list[FieldViolation]:
    """List the rules that a value breaks, in their order.

    Args:
        value: What is judged.
        rules: What it must fulfil.
        moment: When it is judged.
        faulty: Attributes known to be wrong; no rule that reads one is asked.

    Returns:
        Violations whose ``field`` is the spoken name of the attribute.
    """
    if faulty:
        rules = [rule for rule in rules if not _reads_any(rule, faulty)]
    broken = [rule for rule in rules if rule.broken(value, moment)]
    return [FieldViolation(spoken_name(one.attribute), one.reason, one.message) for one in broken]


def spoken_name(attribute: str) -> str:
    """Give the name by which people and requests know an attribute.

    Attributes carry their unit in their name; requests carry it in their type.
    """
    for unit in _UNITS:
        attribute = attribute.removesuffix(unit)
    return "kind" if attribute == "honour_kind" else attribute


def required_text(attribute: str, characters_max: int) -> tuple[Rule[Any], ...]:
    """Want a text that is not blank, up to a length."""
    return (
        Rule(
            attribute,
            "REQUIRED",
            f"give 1 to {characters_max} characters",
            lambda value, _: not getattr(value, attribute).strip(),
        ),
        *text(attribute, characters_max),
    )


def text(attribute: str, characters_max: int) -> tuple[Rule[Any], ...]:
    """Want a text up to a length."""
    return (
        Rule(
            attribute,
            "TEXT_TOO_LONG",
            f"give at most {characters_max} characters",
            lambda value, _: len(getattr(value, attribute)) > characters_max,
        ),
    )


def number(attribute: str, lowest: int, highest: int) -> tuple[Rule[Any], ...]:
    """Want a number of a range, both ends included; a missing one passes."""
    return (
        Rule(
            attribute,
            "NUMBER_TOO_SMALL",
            f"give at least {lowest}",
            lambda value, _: _below(getattr(value, attribute), lowest),
        ),
        Rule(
            attribute,
            "NUMBER_TOO_LARGE",
            f"give at most {highest}",
            lambda value, _: _above(getattr(value, attribute), highest),
        ),
    )


def amount(attribute: str, yuan_max: int) -> tuple[Rule[Any], ...]:
    """Want an amount in fen from zero up to whole yuan, both included."""
    fen_max = yuan_max * 100
    return (
        Rule(
            attribute,
            "AMOUNT_BELOW_ZERO",
            "give at least 0 yuan",
            lambda value, _: getattr(value, attribute) < 0,
        ),
        Rule(
            attribute,
            "AMOUNT_TOO_LARGE",
            f"give at most {yuan_max} yuan",
            lambda value, _: getattr(value, attribute) > fen_max,
        ),
    )


def not_in_future(attribute: str) -> tuple[Rule[Any], ...]:
    """Want a day that has begun in Asia/Shanghai; a missing one passes."""
    return (
        Rule(
            attribute,
            "DATE_IN_FUTURE",
            "give a day that is not in the future (Asia/Shanghai)",
            lambda value, moment: (getattr(value, attribute) or moment.today) > moment.today,
        ),
    )


def instant_not_in_future(attribute: str) -> tuple[Rule[Any], ...]:
    """Want an instant that has come; a missing one passes."""
    return (
        Rule(
            attribute,
            "TIME_IN_FUTURE",
            "give an instant that is not in the future",
            lambda value, moment: (getattr(value, attribute) or moment.now) > moment.now,
        ),
    )


def not_before_event(attribute: str) -> tuple[Rule[Any], ...]:
    """Want a day that is not before the day of the fact; a missing one passes."""
    return (
        Rule(
            attribute,
            "DATE_BEFORE_EVENT",
            "give a day that is not before the event date",
            lambda value, moment: (
                (getattr(value, attribute) or moment.event_date) < moment.event_date
            ),
            reads=frozenset({EVENT_DATE}),
        ),
    )


def after_event(attribute: str) -> tuple[Rule[Any], ...]:
    """Want a day after the day of the fact; a missing one passes."""
    return (
        Rule(
            attribute,
            "END_NOT_AFTER_START",
            "give a day after the event date",
            lambda value, moment: (getattr(value, attribute) or date.max) <= moment.event_date,
            reads=frozenset({EVENT_DATE}),
        ),
    )


# Private functions -----------------------------------------------------------


def _reads_any(rule: Rule[Any], faulty: Collection[str]) -> bool:
    return rule.attribute in faulty or not rule.reads.isdisjoint(faulty)


def _below(value: int | None, lowest: int) -> bool:
    return value is not None and value < lowest


def _above(value: int | None, highest: int) -> bool:
    return value is not None and value > highest
