"""Checks of how a version measures: units of amounts, and windows into which no day falls."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import Final

from services.engine.days import day_date, day_number, first_within, period_start
from services.engine.errors import NumberTooLargeError, Problem, problem_at
from services.engine.language import (
    Comparison,
    Condition,
    Every,
    Expression,
    Indicator,
    Input,
    Literal,
    Name,
    Output,
    Place,
    Policy,
    Total,
    Value,
    Version,
    Window,
)
from services.engine.records import EARLIER
from services.engine.usage import used_names
from services.engine.vocabulary import Vocabulary


def check_measuring(policy: Policy, version: Version, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check the units and the windows of a version."""
    measured = [one for group in version.children.values() for one in group.measures.values()]
    rosters = [group.roster for group in version.children.values()]
    for indicator in (*version.indicators.values(), *measured, *rosters):
        if message := _never_in(indicator):
            yield problem_at(policy.file, indicator.place, "window-empty", message)
        with suppress(NumberTooLargeError):  # The calendar ends; it is told of where it matters.
            for place, message in _never_dated(indicator, version):
                yield problem_at(policy.file, place, "never-holds", message)
        if message := _never_founded(indicator, version):
            problem = problem_at(policy.file, indicator.place, "clean-before-founding", message)
            yield replace(problem, warning=True)
        if message := _other_unit(indicator, vocabulary):
            yield problem_at(policy.file, indicator.place, "unit", message)
        if indicator.repeats is not None and not _asks_for_earlier(indicator, version):
            message = f"nothing asks for {EARLIER!r}, which 'repeats' of {indicator.name!r} counts"
            problem = problem_at(policy.file, indicator.repeats.place, "unused", message)
            yield replace(problem, warning=True)
    # A scheme may count what the vocabulary has no word for, but hardly something nearly so called.
    names = {**dict(zip(vocabulary.units, vocabulary.units, strict=True)), **vocabulary.unit_names}
    for unit, place in _units(version).items():
        near = get_close_matches(unit, names, n=1, cutoff=_LIKE)
        if unit not in vocabulary.units and near:
            meant = names[near[0]]
            message = f"the vocabulary has no unit {unit!r}; write {meant!r} if that is meant"
            problem = problem_at(policy.file, place, "unknown-unit", message)
            yield replace(problem, warning=True)


# Private functions -----------------------------------------------------------

_WORDS: Final = {"before": "before", "on_or_before": "on or before", "is": "on"}
_FOUNDED: Final = "founding_date"
_LIKE: Final = 0.85
"""How much alike two units are of which one is most likely a slip of the pen for the other."""


def _never_in(indicator: Indicator) -> str:
    """Say why no day of the past falls into a window; nothing if one does."""
    repeats = indicator.repeats
    for window in (indicator.window, *(() if repeats is None else (repeats.window,))):
        first, last = window.first, window.last
        if last < first:
            return f"the window ends with period {last}, before its first, {first}; exchange them"
        if first > 0:
            day = "day asked for" if window is indicator.window else "record's own day"
            return f"the window begins with period {first}, which is ahead; 0 is that of the {day}"
    return ""


def _never_dated(indicator: Indicator, version: Version) -> Iterator[tuple[Place, str]]:
    """Find conditions on the window's day that no day in the window meets, whenever one asks."""
    first = _first_day(indicator.window, version)
    for one in _required(indicator.where):
        if one.name != indicator.window.day or len(one.operands) != 1:
            continue
        day = _day_of(one.operands[0], version)
        if one.comparator == "after" and one.operands[0] == Name("as_of", one.operands[0].place):
            yield one.operands[0].place, "no record is of a day after the day asked for"
        elif day is not None and first is not None and _ends_before(one.comparator, day, first):
            message = (
                f"the window begins on {day_date(first)} or later, as the version does not begin"
                f" before {version.start_date}; no day in it is {_WORDS[one.comparator]} {day}"
            )
            yield one.operands[0].place, message


def _never_founded(indicator: Indicator, version: Version) -> str:
    """Say that a run has periods of before there was anybody; nothing if something ends it."""
    if indicator.run is None or indicator.since or indicator.window.form == "anniversary":
        return ""
    given = version.inputs.values()
    if any(one.origin == "subject" and one.attribute == _FOUNDED for one in given):
        # Whoever asks when it was founded cuts the run off in some other way.
        return ""
    if not all(_holds_at_zero(one, version) for one in _required(indicator.run)):
        return ""
    return (
        f"whoever was founded last month has all periods of {indicator.name!r} in a row, as there"
        " are no records of them; say 'since' which day there are periods, such as founding_date"
    )


def _holds_at_zero(comparison: Comparison, version: Version) -> bool:
    """Say whether a period without records is as a run asks, as far as numbers say it."""
    numbers = [_whole_of(one, version) for one in comparison.operands]
    known = [number for number in numbers if number is not None]
    match comparison.comparator:
        case "is" | "in":
            return 0 in known
        case "at_most":
            return all(number >= 0 for number in known)
        case "at_least":
            return 0 in known
        case "below":
            return all(number > 0 for number in known)
        case _:
            return False


def _whole_of(operand: Expression, version: Version) -> int | None:
    if isinstance(operand, Name) and operand.name in version.values:
        operand = version.values[operand.name].expression
    written = operand.value if isinstance(operand, Literal) else None
    return written if isinstance(written, int) and not isinstance(written, bool) else None


def _required(condition: Condition) -> Iterator[Comparison]:
    """Give comparisons that must all hold."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Every):
        for part in condition.parts:
            yield from _required(part)


def _first_day(window: Window, version: Version) -> int | None:
    """Give the first day that a window ever has; none where that depends on somebody."""
    start = day_number(version.start_date)
    if window.form == "last":
        length = _whole(window.length, version)
        return first_within(start, window.unit, length) if length else None
    return period_start(start, window.unit, window.first) if window.form == "calendar" else None


def _whole(length: int | Name, version: Version) -> int:
    """Give a length that is written down, by its name or itself; 0 where it is worked out."""
    if isinstance(length, int):
        return length
    value = version.values.get(length.name)
    written = value.expression if value is not None else None
    number = written.value if isinstance(written, Literal) else 0
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _day_of(operand: Expression, version: Version) -> date | None:
    if isinstance(operand, Name) and operand.name in version.values:
        operand = version.values[operand.name].expression
    written = operand.value if isinstance(operand, Literal) else None
    return written if isinstance(written, date) else None


def _ends_before(comparator: str, day: date, first: int) -> bool:
    """Say whether all days that a comparison lets through are before the first one."""
    number = day_number(day)
    return number <= first if comparator == "before" else comparator in _WORDS and number < first


def _asks_for_earlier(indicator: Indicator, version: Version) -> bool:
    """Say whether an indicator, or a table that it looks up, asks how many there were before."""
    own = {indicator.name: indicator}
    alone = replace(version, indicators=own, children={}, tables={}, values={}, rules=())
    named = used_names(alone)
    keys = {key for name, table in version.tables.items() if name in named for key in table.keys}
    return EARLIER in named | keys


def _other_unit(indicator: Indicator, vocabulary: Vocabulary) -> str:
    """Say in what unit records are that an indicator gives in another; nothing if it does not."""
    if indicator.measure not in {"sum", "max", "min"} or not isinstance(indicator.of, Name):
        return ""
    if indicator.run is not None:
        # It counts periods, whatever is measured of each.
        return ""
    of = indicator.of.name
    for source in vocabulary.known_sources(indicator.kinds, indicator.relation):
        attribute = vocabulary.record_attributes(source).get(of)
        if attribute is not None and attribute.unit not in {"", indicator.unit}:
            return (
                f"{of!r} is in {attribute.unit!r}, the indicator says {indicator.unit!r}; write"
                f" {attribute.unit!r}, and convert it in a value"
            )
    return ""


def _units(version: Version) -> dict[str, Place]:
    """Give every unit of a version, and the first place where it stands."""
    found: dict[str, Place] = {}
    groups = version.children.values()
    parts: list[Input | Indicator | Value | Total | Output] = [
        *version.inputs.values(),
        *version.indicators.values(),
        *version.values.values(),
        *version.totals.values(),
        *version.outputs.values(),
        *(one for group in groups for one in group.measures.values()),
        *(one for group in groups for one in group.values.values()),
    ]
    for part in parts:
        if part.unit:
            found.setdefault(part.unit, part.place)
    for table in version.tables.values():
        for _, unit in table.outputs:
            found.setdefault(unit, table.place)
    return found
