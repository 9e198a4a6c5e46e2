"""Checks of how a version measures: units of amounts, and windows into which no day falls."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import (
    Indicator,
    Input,
    Name,
    Output,
    Place,
    Policy,
    Total,
    Value,
    Version,
)
from services.engine.vocabulary import Vocabulary, record_source


def check_measuring(policy: Policy, version: Version, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check the units and the windows of a version."""
    measured = [one for group in version.children.values() for one in group.measures.values()]
    rosters = [group.roster for group in version.children.values()]
    for indicator in (*version.indicators.values(), *measured, *rosters):
        if message := _never_in(indicator):
            yield problem_at(policy.file, indicator.place, "window-empty", message)
        if message := _other_unit(indicator, vocabulary):
            yield problem_at(policy.file, indicator.place, "unit", message)
    # A scheme may count what the vocabulary has no word for, but hardly something nearly so called.
    for unit, place in _units(version).items():
        near = get_close_matches(unit, vocabulary.units, n=1, cutoff=_LIKE)
        if unit not in vocabulary.units and near:
            message = f"the vocabulary has no unit {unit!r}; write {near[0]!r} if that is meant"
            problem = problem_at(policy.file, place, "unknown-unit", message)
            yield replace(problem, warning=True)


# Private functions -----------------------------------------------------------

_LIKE: Final = 0.85
"""How much alike two units are of which one is most likely a slip of the pen for the other."""


def _never_in(indicator: Indicator) -> str:
    """Say why no day of the past falls into a window; nothing if one does."""
    first, last = indicator.window.first, indicator.window.last
    if last < first:
        return f"the window ends with period {last}, before its first, {first}; exchange them"
    if first > 0:
        return (
            f"the window begins with period {first}, which is ahead; 0 is that of the day asked for"
        )
    return ""


def _other_unit(indicator: Indicator, vocabulary: Vocabulary) -> str:
    """Say in what unit records are that an indicator gives in another; nothing if it does not."""
    if indicator.measure not in {"sum", "max", "min"} or not isinstance(indicator.of, Name):
        return ""
    if indicator.run is not None:
        # It counts periods, whatever is measured of each.
        return ""
    of = indicator.of.name
    for kind in indicator.kinds:
        source = record_source(kind, indicator.relation)
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
