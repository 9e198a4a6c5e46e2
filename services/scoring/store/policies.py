"""Reading the policy files: all of them, or every problem that any of them has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from services.common.errors import Category, SafetyCreditError
from services.engine.building import compile_policy
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.extending import extend_policies
from services.engine.language import Every, Policy, Version
from services.engine.policy_file import objections_to, read_policy
from services.engine.scales import scales_of
from services.engine.vocabulary import Vocabulary, parse_vocabulary
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PolicyLibrary,
)
from services.scoring.store.policy_checks import check_decimals, check_policies

VOCABULARY_FILE: Final = "vocabulary.yaml"
"""Name of the file with the words that policies may use."""

_CASES_SUFFIX: Final = ".cases.yaml"


class PoliciesMissingError(SafetyCreditError):
    """The folder of the policies has no vocabulary."""

    reason = "POLICIES_MISSING"
    category = Category.PRECONDITION


def load_vocabulary(folder: Path) -> Vocabulary:
    """Read the words that policies may use.

    Raises:
        PoliciesMissingError: The folder has none.
        PolicyRefusedError: They cannot be read.
    """
    return parse_vocabulary(_vocabulary_bytes(folder), VOCABULARY_FILE)


def load_policies(folder: Path) -> PolicyLibrary:
    """Read and compile every policy of a folder; folders of equal content are compiled once.

    A version that is understood, and that no candidate may say so, has its days and no results:
    what the checks refuse is nobody's law, unless it was published when they did not.

    Raises:
        PoliciesMissingError: The folder has no vocabulary.
        PolicyRefusedError: Policies have problems; carries all of them.
    """
    return _library(_vocabulary_bytes(folder), tuple(_contents(folder)))


def compile_versions(
    policy: Policy, versions: Iterable[Version], by_id: Mapping[str, Policy], vocabulary: Vocabulary
) -> tuple[list[CompiledVersion], list[Problem]]:
    """Compile versions of a policy.

    Args:
        policy: The policy.
        versions: The versions, complete.
        by_id: Every policy with all its versions, for what is taken in.
        vocabulary: The words that they may use.

    Returns:
        Those that compile, and the problems of the others.
    """
    found: list[CompiledVersion] = []
    problems: list[Problem] = []
    for version in versions:
        ladders = ladders_for(version, by_id)
        try:
            plan = compile_policy(policy, version, vocabulary, ladders)
        except PolicyRefusedError as error:
            problems.extend(error.problems)
        else:
            field = vocabulary.code_numbers["field"].get(policy.field, EVERY_FIELD)
            found.append(CompiledVersion(policy, version, plan, field))
    return found, problems


def unusable(
    policy: Policy, version: Version, vocabulary: Vocabulary, fault: str
) -> CompiledVersion:
    """Give a version that cannot be evaluated: it has its days, and no results.

    Args:
        policy: The policy.
        version: The version.
        vocabulary: The words that it may use.
        fault: What keeps it from being evaluated.
    """
    days = Version(
        version=version.version,
        start_date=version.start_date,
        end_date=version.end_date,
        source=version.source,
        applies=Every(()),
    )
    field = vocabulary.code_numbers["field"].get(policy.field, EVERY_FIELD)
    return CompiledVersion(policy, version, compile_policy(policy, days, vocabulary), field, fault)


def ladders_for(version: Version, policies: Mapping[str, Policy]) -> dict[str, tuple[str, ...]]:
    """Give the ladders of the grades that a version takes in, and the statuses beside them.

    The check of inputs sees to it that all versions in force during this one have the same.
    """
    ladders: dict[str, tuple[str, ...]] = {}
    for one in version.inputs.values():
        policy = policies.get(one.policy_id)
        if policy is None:
            continue
        for other in policy.versions:
            if other.repeal:
                continue
            for name, scale in scales_of(one.policy_id, other).items():
                if name not in ladders or other.start_date <= version.start_date:
                    ladders[name] = scale
    return ladders


def warn(event: str, problems: Iterable[Problem], **facts: str) -> None:
    """Tell the log of problems of law that is used all the same.

    Args:
        event: What happened, always in the same words.
        problems: The problems.
        facts: What they are problems of.
    """
    for one in problems:
        _log.warning(event, file=one.file, line=one.line, column=one.column, code=one.code, **facts)


# Private functions -----------------------------------------------------------


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _vocabulary_bytes(folder: Path) -> bytes:
    path = folder / VOCABULARY_FILE
    if not path.is_file():
        raise PoliciesMissingError(
            f"there is no {VOCABULARY_FILE} in {folder}; name the folder of the policies",
            folder=folder,
        )
    return path.read_bytes()


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give the names and the bytes of the policy files."""
    # Policies stand in the folders of their jurisdictions; beside those stands what they share.
    for path in sorted(folder.glob("*/**/*.yaml")):
        if not path.name.endswith(_CASES_SUFFIX):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


@lru_cache(maxsize=4)
def _library(words: bytes, files: tuple[tuple[str, bytes], ...]) -> PolicyLibrary:
    vocabulary = parse_vocabulary(words, VOCABULARY_FILE)
    policies, problems = _completed(*_read(files))
    problems.extend(check_policies(policies, vocabulary))
    versions = _compiled(policies, vocabulary, problems)
    problems.extend(check_decimals(versions))
    objections = [one for policy in policies for one in objections_to(policy, policy.versions)]
    if any(not problem.warning for problem in problems):
        raise PolicyRefusedError(tuple(dict.fromkeys([*problems, *objections])))
    warn("policy_has_problem", [*problems, *objections])
    return PolicyLibrary(versions, digest=sha256(words).hexdigest())


def _read(files: Iterable[tuple[str, bytes]]) -> tuple[list[Policy], list[Problem]]:
    policies: list[Policy] = []
    problems: list[Problem] = []
    for name, content in files:
        try:
            policies.append(read_policy(content, name))
        except PolicyRefusedError as error:
            problems.extend(error.problems)
    return policies, problems


def _completed(
    policies: list[Policy], problems: list[Problem]
) -> tuple[list[Policy], list[Problem]]:
    """Complete the versions that extend others; as they are, where that cannot be done."""
    try:
        return list(extend_policies(policies).values()), problems
    except PolicyRefusedError as error:
        return policies, [*problems, *error.problems]


def _compiled(
    policies: Sequence[Policy], vocabulary: Vocabulary, problems: list[Problem]
) -> list[CompiledVersion]:
    by_id = {policy.policy_id: policy for policy in policies}
    found: list[CompiledVersion] = []
    for policy in policies:
        versions, wrong = compile_versions(policy, policy.versions, by_id, vocabulary)
        found.extend(_as_it_may_be_said(one, vocabulary) for one in versions)
        problems.extend(wrong)
    return found


def _as_it_may_be_said(one: CompiledVersion, vocabulary: Vocabulary) -> CompiledVersion:
    """Give a version of a folder without results where something should not be written so."""
    objections = objections_to(one.policy, [one.version])
    if not objections:
        return one
    fault = "; ".join(str(problem) for problem in objections[:3])
    return unusable(one.policy, one.version, vocabulary, fault)
