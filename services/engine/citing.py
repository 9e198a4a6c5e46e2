"""Checks of the sources of a policy: instruments that ended, and values long or never compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.engine.days import add_months, day_number
from services.engine.document import Entries, Items, read_document
from services.engine.errors import Problem, problem_at
from services.engine.instruments import CONFIRMED, EndedInstrument, ended_behind, latest_after
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
        checks = _Checks(policy, version, ended, today)
        cited = version.source, _source_place(policy, version)
        yield from checks.superseded(cited)
        yield from checks.compared(cited)
        yield from checks.effective(cited)
        for part in _of_parts(version):
            # A part that only names an article of the version's instrument is checked with it.
            if ended_behind(part[0], ended) != own:
                yield from checks.superseded(part)
            if _compared_with(part[0]) != _compared_with(version.source):
                yield from checks.compared(part)


# Private functions -----------------------------------------------------------


_Cited = tuple[Source, Place]
"""A source, and where what it says stands."""


@dataclass(frozen=True, slots=True)
class _Checks:
    """Checks of what one version cites."""

    policy: Policy
    version: Version
    ended: Mapping[str, EndedInstrument]
    today: date

    def superseded(self, cited: _Cited) -> Iterator[Problem]:
        source, place = cited
        one, end_date = ended_behind(source, self.ended), self.version.end_date
        if one is None or (end_date is not None and end_date <= one.end_date):
            return
        latest = latest_after(one, self.ended)
        ending = f"{one.document_number} ended on {one.end_date}"
        if latest != one.superseded_by:
            ending += f", and {one.superseded_by} after it"
        elif not source.document_number and source.instrument == one.title:
            ending = (
                f"{source.instrument} without a document number may be {one.document_number},"
                f" which ended on {one.end_date}"
            )
        instead = f"see {latest}, or end" if latest else "nothing took its place; end"
        message = f"{ending}; {instead} the version"
        confirmed = one.confidence == CONFIRMED
        if not confirmed:
            message += f"; its end is {one.confidence}, so nothing is refused for it"
        yield self._problem(place, "superseded", message, warning=not confirmed)

    def effective(self, cited: _Cited) -> Iterator[Problem]:
        """Find a version that is in force before the instrument that it puts into data."""
        begun, start = cited[0].effective_date, self.version.start_date
        if begun is not None and begun > start:
            message = (
                f"the version is in force from {start}, its instrument only from {begun}; begin"
                " the version then, or cite what was in force before"
            )
            yield self._problem(cited[1], "not-yet-effective", message)

    def compared(self, cited: _Cited) -> Iterator[Problem]:
        """Look at the day on which somebody last compared a source with its instrument."""
        source, place = cited
        checked, end_date = source.checked_date, self.version.end_date
        if checked is not None and checked > self.today:
            message = f"checked_date {checked} is yet to come; say when somebody compared it"
            yield self._problem(place, "checked-in-future", message)
            return
        yield from self._published(source, place)
        if end_date is not None and end_date <= self.today:
            return
        if checked is None:
            message = "give the source a checked_date"
            yield self._problem(place, "never-checked", message, warning=True)
        elif add_months(day_number(checked), STALE_MONTHS) <= day_number(self.today):
            message = f"last compared with its instrument on {checked}"
            yield self._problem(place, "stale", message, warning=True)

    def _published(self, source: Source, place: Place) -> Iterator[Problem]:
        """Look whether the days of a source can follow each other as they do."""
        published, start = source.publish_date, self.version.start_date
        if published is None:
            return
        if published > self.today:
            message = f"publish_date {published} is yet to come; say when it was published"
            yield self._problem(place, "published-in-future", message)
        elif source.checked_date is not None and source.checked_date < published:
            message = (
                f"compared on {source.checked_date}, before it was published on {published};"
                " compare it again"
            )
            yield self._problem(place, "checked-before-publication", message)
        elif start < published and source.effective_date is None:
            message = (
                f"the version is in force from {start}, its instrument was published on"
                f" {published}; say with effective_date from when it is in force, or begin later"
            )
            yield self._problem(place, "before-publication", message, warning=True)

    def _problem(self, place: Place, code: str, message: str, *, warning: bool = False) -> Problem:
        return replace(problem_at(self.policy.file, place, code, message), warning=warning)


def _source_place(policy: Policy, version: Version) -> Place:
    """Find where a version's file says what instrument it puts into data."""
    versions = read_document(policy.content, policy.file).get("versions")
    for item in versions if isinstance(versions, Items) else ():
        if isinstance(item, Entries) and item.place == version.place:
            return item.places["source"]
    return version.place


def _compared_with(source: Source) -> tuple[str, date | None, date | None]:
    return source.document_number, source.checked_date, source.publish_date


def _of_parts(version: Version) -> Iterator[_Cited]:
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
    for clause in version.procedure.values():
        yield from ((row.source, row.place) for row in clause.by)
    if version.exemption is not None:
        yield version.exemption.source, version.exemption.place
