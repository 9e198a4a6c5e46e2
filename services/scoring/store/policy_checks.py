"""What one policy file alone cannot show: how policies fit together and into the store."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from services.engine.errors import Problem
from services.engine.following import check_endings, in_sequence, overlap_advice
from services.engine.language import Place, Policy, Version
from services.engine.together import check_circles, check_taken_in
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.store.rate_checks import check_rates

POLICY_ID_CHARACTERS_MAX: Final = 90
"""Width of the column that keeps it, less what a lease's name puts before it."""

VERSION_CHARACTERS_MAX: Final = 50
"""Width of the column that keeps it."""

GRADE_CHARACTERS_MAX: Final = 50
"""Width of the column that keeps it."""

_MONEY_OUTPUTS: Final = ("base_premium", "premium")
_MONEY_OUTPUT: Final = ("CNY", 2)
_MONEY_INPUT: Final = "limit_per_person"
_MONEY_UNITS: Final = {("fen", 0), ("CNY", 2)}


def check_policies(policies: Sequence[Policy], vocabulary: Vocabulary) -> list[Problem]:
    """Find everything wrong in how policies stand side by side."""
    by_id = {policy.policy_id: policy for policy in policies}
    problems = [*_duplicates(policies), *check_circles(by_id), *check_rates(policies)]
    for policy in policies:
        problems.extend(_identity(policy, vocabulary))
        problems.extend(_periods(policy))
        problems.extend(check_endings(policy))
        for version in policy.versions:
            if version.repeal:
                continue
            # A rule that was dead when its version was published leaves it what it was.
            taken = check_taken_in(policy, version, by_id)
            problems.extend(one for one in taken if one.code != "never-in-force")
            if policy.kind == "rate":
                problems.extend(_rate(policy, version))
    return problems


def check_decimals(versions: Sequence[CompiledVersion]) -> list[Problem]:
    """Find inputs that keep fewer decimals than the results that they take in have."""
    problems: list[Problem] = []
    for one in versions:
        for given in one.version.inputs.values():
            for source in versions:
                if source.policy.policy_id != given.policy_id:
                    continue
                places = _places(source, given.attribute)
                if places > given.places:
                    message = f"{given.policy_id!r} gives {places} decimals, not {given.places}"
                    problems.append(_problem(one.policy, given.place, "decimals", message))
    return problems


# Private functions -----------------------------------------------------------

_TOP: Final = (1, 1)


def _problem(policy: Policy, place: Place, code: str, message: str) -> Problem:
    return Problem(policy.file, *place, code, message)


def _duplicates(policies: Iterable[Policy]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for policy in policies:
        if policy.policy_id in seen:
            other = seen[policy.policy_id]
            yield _problem(policy, _TOP, "duplicate-policy", f"{other} is this policy already")
        seen.setdefault(policy.policy_id, policy.file)


def _identity(policy: Policy, vocabulary: Vocabulary) -> Iterable[Problem]:
    if len(policy.policy_id) > POLICY_ID_CHARACTERS_MAX:
        yield _problem(
            policy, _TOP, "policy-id", f"use at most {POLICY_ID_CHARACTERS_MAX} characters"
        )
    if policy.field and policy.field not in vocabulary.code_numbers["field"]:
        yield _problem(policy, _TOP, "unknown-code", f"no field is called {policy.field!r}")
    for version in policy.versions:
        if len(version.version) > VERSION_CHARACTERS_MAX:
            yield _problem(
                policy,
                version.place,
                "version",
                f"use at most {VERSION_CHARACTERS_MAX} characters",
            )
        for grade in version.grade.ladder if version.grade else ():
            if len(grade) > GRADE_CHARACTERS_MAX:
                yield _problem(
                    policy, version.place, "grade", f"use at most {GRADE_CHARACTERS_MAX} characters"
                )


def _periods(policy: Policy) -> Iterable[Problem]:
    names: set[str] = set()
    for version in policy.versions:
        if version.version in names:
            yield _problem(
                policy, version.place, "duplicate-version", f"{version.version!r} stands twice"
            )
        names.add(version.version)
        if version.end_date is not None and version.end_date <= version.start_date:
            yield _problem(policy, version.place, "time-empty", "the end is not after the start")
    for earlier, later in pairwise(in_sequence(policy.versions)):
        if earlier.end_date is None or earlier.end_date > later.start_date:
            yield _problem(
                policy,
                later.place,
                "time-overlap",
                overlap_advice(earlier.version, later.start_date),
            )


def _places(source: CompiledVersion, result: str) -> int:
    output = source.plan.score if result == "score" else source.plan.outputs.get(result)
    return 0 if output is None else output.places


def _rate(policy: Policy, version: Version) -> Iterable[Problem]:
    for name in _MONEY_OUTPUTS:
        output = version.outputs.get(name)
        if output is not None and (output.unit, output.places) != _MONEY_OUTPUT:
            yield _problem(
                policy, output.place, "rate-output", f"{name!r} is in CNY with 2 decimals"
            )
    limit = version.inputs.get(_MONEY_INPUT)
    if limit is not None and (limit.unit, limit.places) not in _MONEY_UNITS:
        yield _problem(
            policy,
            limit.place,
            "rate-input",
            f"{_MONEY_INPUT!r} is in fen, or in CNY to 2 decimals",
        )
