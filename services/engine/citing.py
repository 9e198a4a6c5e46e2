"""Checks of the sources of a policy: instruments that ended, and values long or never compared."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from services.engine.days import add_months, day_number
from services.engine.errors import Problem, problem_at
from services.engine.instruments import EndedInstrument, ended_behind, latest_after
from services.engine.language import (
    ChildGroup,
    Clause,
    GradeBand,
    GradeScale,
    Indicator,
    Place,
    Policy,
    Rule,
    Source,
    Table,
    TableRow,
    Total,
    Value,
    Version,
)

STALE_MONTHS: Final = 12
"""Months after which a value should be compared with its instrument again (house decision)."""


def check_sources(
    policy: Policy, ended: Mapping[str, EndedInstrument], today: date
) -> Iterator[Problem]:
    """Check every source of every version.

    Args:
        policy: The policy, complete with what it extends.
        ended: Instruments that ended, by document number.
        today: Civil day of the check.
    """
    for version in policy.versions:
        own = ended_behind(version.source, ended)
        yield from _superseded(policy, version, (version.source, version.place), ended)
        yield from _compared(policy, version, (version.source, version.place), today)
        for source, place in _of_parts(version):
            # A part that only names an article of the version's instrument is checked with it.
            if ended_behind(source, ended) != own:
                yield from _superseded(policy, version, (source, place), ended)
            if _compared_with(source) != _compared_with(version.source):
                yield from _compared(policy, version, (source, place), today)


# Private functions -----------------------------------------------------------


def _superseded(
    policy: Policy,
    version: Version,
    cited: tuple[Source, Place],
    ended: Mapping[str, EndedInstrument],
) -> Iterator[Problem]:
    source, place = cited
    one = ended_behind(source, ended)
    if one is None or (version.end_date is not None and version.end_date <= one.end_date):
        return
    latest = latest_after(one, ended)
    message = f"{one.document_number} ended on {one.end_date}; see {latest}, or end the version"
    if latest != one.superseded_by:
        message = (
            f"{one.document_number} ended on {one.end_date}, and {one.superseded_by} after it;"
            f" see {latest}, or end the version"
        )
    elif not source.document_number and source.instrument == one.title:
        message = (
            f"{source.instrument} without a document number may be {one.document_number}, which"
            f" ended on {one.end_date}; cite {latest}, or end the version"
        )
    yield problem_at(policy.file, place, "superseded", message)


def _compared_with(source: Source) -> tuple[str, date | None]:
    return source.document_number, source.checked_date


def _compared(
    policy: Policy, version: Version, cited: tuple[Source, Place], today: date
) -> Iterator[Problem]:
    """Look at the day on which somebody last compared a source with its instrument."""
    source, place = cited
    checked = source.checked_date
    if checked is not None and checked > today:
        message = f"checked_date {checked} is yet to come; say when somebody compared it"
        yield problem_at(policy.file, place, "checked-in-future", message)
        return
    if version.end_date is not None and version.end_date <= today:
        return
    if checked is None:
        problem = problem_at(policy.file, place, "never-checked", "give the source a checked_date")
    elif add_months(day_number(checked), STALE_MONTHS) > day_number(today):
        return
    else:
        message = f"last compared with its instrument on {checked}"
        problem = problem_at(policy.file, place, "stale", message)
    yield replace(problem, warning=True)


def _of_parts(version: Version) -> Iterator[tuple[Source, Place]]:
    """Give the sources of the parts of a version, each with the place of its part."""
    parts: list[Clause | Indicator | ChildGroup | GradeScale | Table | Value | Total | Rule] = [
        *version.procedure.values(),
        *version.indicators.values(),
        *version.tables.values(),
        *version.values.values(),
        *version.totals.values(),
        *version.rules,
    ]
    rows: list[TableRow | GradeBand] = [
        row for table in version.tables.values() for row in table.rows
    ]
    scales = [version.grade, *(group.grade for group in version.children.values())]
    for scale in scales:
        if scale is not None:
            parts.append(scale)
            rows.extend(scale.start)
    for group in version.children.values():
        parts += [group, *group.measures.values(), *group.values.values()]
    yield from ((part.source, part.place) for part in parts)
    yield from ((row.source, row.place) for row in rows if row.source is not None)
    if version.exemption is not None:
        yield version.exemption, version.place
