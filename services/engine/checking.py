"""Checks of a policy before use, beyond what reading and compiling it finds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from services.engine.absences import check_absences
from services.engine.applied_law import check_applied
from services.engine.assembly import RANGE
from services.engine.building import Ladders, compile_policy
from services.engine.cases import Case, case_population
from services.engine.citing import check_sources
from services.engine.coverage import check_coverage
from services.engine.days import day_number
from services.engine.errors import NumberTooLargeError, PolicyRefusedError, Problem, problem_at
from services.engine.fitting import check_fitting
from services.engine.following import in_sequence, overlap_advice
from services.engine.instruments import EndedInstrument
from services.engine.language import Literal, Place, Policy
from services.engine.measuring import check_measuring
from services.engine.monotone_problems import check_monotone, well_inside
from services.engine.naming import check_codes, check_head, check_names, check_places
from services.engine.numbers import MISSING
from services.engine.own_words import check_own_words, own_vocabulary
from services.engine.plan import Plan
from services.engine.policy_file import objections_to
from services.engine.procedure_file import check_procedure
from services.engine.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """What a policy is checked against.

    Attributes:
        vocabulary: The words that it may use.
        ladders: Ladders of the policies that it may take in.
        ended: Instruments that ended, by document number.
        today: Civil day of the check.
        cases: Golden cases by policy, near which it is searched for slips.
        read_below: Names read by versions that extend another, by policy and version of the other.
    """

    vocabulary: Vocabulary
    ladders: Ladders
    ended: Mapping[str, EndedInstrument]
    today: date
    cases: Mapping[str, Sequence[Case]] = field(default_factory=dict)
    read_below: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def check_policy(policy: Policy, context: CheckContext) -> tuple[Problem, ...]:
    """Check a policy that could be read.

    Returns:
        Problems in order of place; a policy with warnings alone may be used.
    """
    found = [*_times(policy), *check_sources(policy, context.ended, context.today)]
    found.extend(objections_to(policy, policy.versions))
    found.extend(check_head(policy, context.vocabulary))
    for version in policy.versions:
        if version.repeal or policy.objections.get(version.version):
            # What should not be written as it is would only be told once more.
            continue
        below = context.read_below.get((policy.policy_id, version.version), frozenset())
        found.extend(check_names(policy, version, read_below=below))
        found.extend(check_own_words(policy, version, context.vocabulary))
        vocabulary = own_vocabulary(context.vocabulary, version)
        found.extend(check_codes(policy, version, vocabulary))
        found.extend(check_measuring(policy, version, vocabulary))
        found.extend(check_fitting(policy, version, vocabulary))
        found.extend(check_procedure(policy, version))
        try:
            plan = compile_policy(policy, version, context.vocabulary, context.ladders)
        except PolicyRefusedError as error:
            found.extend(error.problems)
            continue
        too_large = tuple(_too_large(policy, plan))
        found.extend(too_large)
        if too_large:
            continue
        found.extend(check_places(policy, version, plan.types, vocabulary))
        found.extend(check_absences(policy, plan, vocabulary))
        found.extend(check_applied(policy, plan))
        found.extend(_searched(policy, plan, replace(context, vocabulary=vocabulary)))
    return tuple(sorted(set(found)))


# Private functions -----------------------------------------------------------


def _searched(policy: Policy, plan: Plan, context: CheckContext) -> Iterator[Problem]:
    """Search what a version does with facts, unless it cannot be worked out for nobody even."""
    try:
        _run_dry(plan, context.vocabulary)
        yield from check_coverage(policy, plan, context.vocabulary, context.ladders)
        yield from check_monotone(
            policy,
            plan,
            context.vocabulary,
            ladders=context.ladders,
            cases=context.cases.get(policy.policy_id, ()),
        )
    except NumberTooLargeError as error:
        part, version = error.facts.get("part", ""), plan.version
        parts = (version.indicators, version.values, version.totals, version.inputs)
        place = next((one[part].place for one in parts if part in one), version.place)
        yield problem_at(policy.file, place, "number-too-large", error.message)


def _too_large(policy: Policy, plan: Plan) -> Iterator[Problem]:
    """Find numbers that are beyond 64 bits with the decimals of what they are held against."""
    beyond = [one for one in plan.constants if one is not None and abs(one) > RANGE]
    if not set(beyond) - {MISSING}:
        return
    largest = max(_numbers_in(plan.version), key=_size)
    message = (
        f"{largest.value} is beyond 64-bit whole numbers with the decimals of what it is held"
        " against or added to; use larger units, or fewer places"
    )
    yield _at(policy, largest.place, "number-too-large", message)


def _numbers_in(part: object) -> Iterator[Literal]:
    """Give every number that is written down in a part of a version, however deep it stands."""
    if isinstance(part, Literal):
        yield part
    elif isinstance(part, Mapping):
        for one in part.values():
            yield from _numbers_in(one)
    elif isinstance(part, tuple):
        for one in part:
            yield from _numbers_in(one)
    elif is_dataclass(part):
        for each in fields(part):
            yield from _numbers_in(getattr(part, each.name))


def _size(literal: Literal) -> Decimal:
    value = literal.value
    return abs(Decimal(value)) if isinstance(value, int | Decimal) else Decimal(0)


def _run_dry(plan: Plan, vocabulary: Vocabulary) -> None:
    """Work a version out without facts, alone and for several, on days on which it is in force.

    Raises:
        NumberTooLargeError: A number or a day lies outside of what there can be.
    """
    version = plan.version
    first = day_number(version.start_date)
    for as_of in {first, well_inside(version)}:
        nobody = Case(name="", as_of=as_of, subject={}, inputs={}, records=(), expect={})
        for many in (1, 2):
            population = case_population([nobody] * many, plan, vocabulary)
            plan.run(population, as_of, {}).valid_until()


def _times(policy: Policy) -> Iterator[Problem]:
    """Versions must follow each other without overlap or gap."""
    names = Counter(version.version for version in policy.versions)
    for version in policy.versions:
        if names[version.version] > 1:
            yield _at(policy, version.place, "duplicate-version", "two versions have one name")
        if version.end_date is not None and version.end_date <= version.start_date:
            yield _at(policy, version.place, "time-empty", "the version ends before it starts")
    for earlier, later in pairwise(in_sequence(policy.versions)):
        if earlier.end_date is None or earlier.end_date > later.start_date:
            yield _at(
                policy,
                later.place,
                "time-overlap",
                overlap_advice(earlier.version, later.start_date),
            )
        elif earlier.end_date < later.start_date:
            yield _at(
                policy,
                later.place,
                "time-gap",
                f"no version is in force from {earlier.end_date} to"
                f" {later.start_date - timedelta(days=1)}",
            )


def _at(policy: Policy, place: Place, code: str, message: str) -> Problem:
    return problem_at(policy.file, place, code, message)
