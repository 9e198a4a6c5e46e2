"""Checks of a policy before use, beyond what reading and compiling it finds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.engine.building import Ladders, compile_policy
from services.engine.citing import check_sources
from services.engine.coverage import check_coverage
from services.engine.errors import PolicyRefusedError, Problem, problem_at
from services.engine.instruments import EndedInstrument
from services.engine.language import Place, Policy
from services.engine.monotone_problems import check_monotone
from services.engine.naming import check_codes, check_head, check_names, check_places
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
    found = [*_times(policy), *check_sources(policy, context.ended, context.today)]
    found.extend(check_head(policy, context.vocabulary))
    for version in policy.versions:
        found.extend(check_names(policy, version))
        found.extend(check_codes(policy, version, context.vocabulary))
        found.extend(check_procedure(policy, version))
        try:
            plan = compile_policy(policy, version, context.vocabulary, context.ladders)
        except PolicyRefusedError as error:
            found.extend(error.problems)
            continue
        found.extend(check_places(policy, version, plan.types, context.vocabulary))
        found.extend(check_coverage(policy, plan, context.vocabulary, context.ladders))
        found.extend(check_monotone(policy, plan, context.vocabulary))
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


def _at(policy: Policy, place: Place, code: str, message: str) -> Problem:
    return problem_at(policy.file, place, code, message)
