"""Checks of a policy before use, beyond what reading and compiling it finds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from services.engine.building import Ladders, compile_policy
from services.engine.coverage import check_coverage
from services.engine.days import add_months, day_number
from services.engine.document import Entries, Items, read_document
from services.engine.errors import PolicyRefusedError, Problem, problem_at
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
from services.engine.monotone import find_improvement
from services.engine.plan import Plan
from services.engine.procedure_file import check_procedure
from services.engine.usage import used_names
from services.engine.vocabulary import Vocabulary

STALE_MONTHS: Final = 12
"""Months after which a value should be compared with its instrument again (house decision)."""


_LIKE: Final = 0.85
"""How much alike two names are of which one may be a slip of the pen for the other."""


@dataclass(frozen=True, slots=True)
class EndedInstrument:
    """An instrument that is no longer in force.

    Attributes:
        document_number: Its document number.
        end_date: First day on which it was not in force.
        superseded_by: Document number of what took its place.
    """

    document_number: str
    end_date: date
    superseded_by: str


def read_instruments(content: bytes, file: str) -> dict[str, EndedInstrument]:
    """Read ``instruments.yaml``: instruments that ended, by document number.

    Raises:
        PolicyRefusedError: The bytes are no YAML mapping.
    """
    ended: dict[str, EndedInstrument] = {}
    items = read_document(content, file)["instruments"]
    assert isinstance(items, Items), "instruments is a list"
    for item in items:
        assert isinstance(item, Entries), "an instrument is a mapping"
        end_date = item["end_date"]
        assert isinstance(end_date, date), "an ended instrument has an end_date"
        number = str(item["document_number"])
        ended[number] = EndedInstrument(number, end_date, str(item["superseded_by"]))
    return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What a policy is checked against.

    Attributes:
        vocabulary: The words that it may use.
        ladders: Ladders of the policies that it may take in.
        ended: Instruments that ended, by document number.
        today: Civil day of the check.
    """

    vocabulary: Vocabulary
    ladders: Ladders
    ended: Mapping[str, EndedInstrument]
    today: date


def check_policy(policy: Policy, context: CheckContext) -> tuple[Problem, ...]:
    """Check a policy that could be read.

    Returns:
        Problems in order of place; a policy with warnings alone may be used.
    """
    found = [*_times(policy), *_superseded(policy, context)]
    for version in policy.versions:
        found.extend(_names(policy.file, version))
        found.extend(check_procedure(policy, version))
        try:
            plan = compile_policy(policy, version, context.vocabulary, context.ladders)
        except PolicyRefusedError as error:
            found.extend(error.problems)
            continue
        found.extend(check_coverage(version, plan.types, context.vocabulary, policy.file))
        found.extend(_monotone(policy, plan, context.vocabulary))
    found.extend(_stale(policy, context.today))
    return tuple(sorted(set(found)))


# Private functions -----------------------------------------------------------


def _times(policy: Policy) -> Iterator[Problem]:
    """Versions must follow each other without overlap or gap."""
    names = Counter(version.version for version in policy.versions)
    for version in policy.versions:
        if names[version.version] > 1:
            yield _at(policy, version.place, "duplicate-version", "two versions have one name")
        if version.end_date is not None and version.end_date <= version.start_date:
            yield _at(policy, version.place, "time-empty", "the version ends before it starts")
    for earlier, later in zip(policy.versions, policy.versions[1:], strict=False):
        if earlier.end_date is None or earlier.end_date > later.start_date:
            yield _at(
                policy,
                later.place,
                "time-overlap",
                f"version {earlier.version} is still in force on {later.start_date}",
            )
        elif earlier.end_date < later.start_date:
            yield _at(
                policy,
                later.place,
                "time-gap",
                f"no version is in force from {earlier.end_date} to"
                f" {later.start_date - timedelta(days=1)}",
            )


def _superseded(policy: Policy, context: CheckContext) -> Iterator[Problem]:
    for version in policy.versions:
        for source, place in _sources(version):
            ended = context.ended.get(source.document_number)
            last = version.end_date
            if ended is not None and (last is None or last > ended.end_date):
                yield _at(
                    policy,
                    place,
                    "superseded",
                    f"{ended.document_number} ended on {ended.end_date};"
                    f" see {ended.superseded_by}, or end the version",
                )


def _stale(policy: Policy, today: date) -> Iterator[Problem]:
    for version in policy.versions:
        if version.end_date is not None and version.end_date <= today:
            continue
        for source, place in _sources(version):
            checked = source.checked_date
            if checked is None:
                problem = _at(policy, place, "never-checked", "give the source a checked_date")
            elif add_months(day_number(checked), STALE_MONTHS) > day_number(today):
                continue
            else:
                problem = _at(
                    policy, place, "stale", f"last compared with its instrument on {checked}"
                )
            yield replace(problem, warning=True)


def _sources(version: Version) -> Iterator[tuple[Source, Place]]:
    yield version.source, version.place
    parts: tuple[
        Clause | Indicator | ChildGroup | GradeScale | Table | Value | Total | Rule, ...
    ] = (
        *version.procedure.values(),
        *version.indicators.values(),
        *version.children.values(),
        *(one for group in version.children.values() for one in group.measures.values()),
        *(one for group in version.children.values() for one in group.values.values()),
        *(group.grade for group in version.children.values() if group.grade),
        *version.tables.values(),
        *version.values.values(),
        *version.totals.values(),
        *version.rules,
    )
    rows: list[TableRow | GradeBand] = []
    for table in version.tables.values():
        rows.extend(table.rows)
    rows.extend(version.grade.start if version.grade else ())
    for group in version.children.values():
        rows.extend(group.grade.start if group.grade else ())
    for one in rows:
        if one.source and one.source.document_number != version.source.document_number:
            yield one.source, one.place
    for part in parts:
        # A part that only names an article of the version's instrument is checked with it.
        if part.source.document_number != version.source.document_number:
            yield part.source, part.place
    if version.grade and version.grade.source.document_number != version.source.document_number:
        yield version.grade.source, version.grade.place


def _names(file: str, version: Version) -> Iterator[Problem]:
    ids = Counter(rule.id for rule in version.rules)
    for rule in version.rules:
        if ids[rule.id] > 1:
            message = f"two rules are called {rule.id!r}"
            yield problem_at(file, rule.place, "duplicate-rule", message)
    used = used_names(version)
    named = (version.inputs, version.indicators, version.tables, version.totals)
    places = [(name, part.place) for parts in named for name, part in parts.items()]
    for group in version.children.values():
        places += [(group.name, group.place)]
        places += [(name, measure.place) for name, measure in group.measures.items()]
    if version.extends:
        # A value may be for readers alone; one that nearly overrides another is a slip of the pen.
        places += [
            (name, value.place)
            for name, value in version.values.items()
            if get_close_matches(name, set(version.values) - {name}, cutoff=_LIKE)
        ]
    for name, place in places:
        if name not in used:
            problem = problem_at(file, place, "unused", f"nothing uses {name!r}")
            yield replace(problem, warning=True)


def _monotone(policy: Policy, plan: Plan, vocabulary: Vocabulary) -> Iterator[Problem]:
    version = plan.version
    if policy.kind not in {"grade", "list", "rate"} or version.exemption:
        return
    # A day well inside the version, so that every window can hold records of its time.
    last = version.end_date or date.max
    as_of = min(day_number(version.start_date) + 900, day_number(last) - 1)
    found = find_improvement(plan, vocabulary, as_of, favourable=policy.favourable)
    if found is not None:
        record = ", ".join(f"{name}={value}" for name, value in sorted(found.record.items()))
        yield Problem(
            policy.file,
            *version.place,
            "not-monotone",
            f"a further {found.kind} ({record}) improves the result from"
            f" {dict(found.before)} to {dict(found.after)};"
            " mend it, or declare monotone_exemption with its clause",
        )


def _at(policy: Policy, place: Place, code: str, message: str) -> Problem:
    return problem_at(policy.file, place, code, message)
