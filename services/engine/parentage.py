"""Checks of what a version has from above: whether that is law still, and whose results it means.

Both are warnings, for either may be meant. Neither can be seen in the file that is wrong: a version
goes stale when the one above it ends, and an input when the own division gets a policy of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from services.engine.errors import Problem
from services.engine.following import in_sequence
from services.engine.language import Input, Policy, Version
from services.engine.vocabulary import division_range

PARENT_ENDED: Final = "parent-ended"
"""Code of a warning: a version is in force while the one that it extends is no more."""

INPUT_FROM_ABOVE: Final = "input-from-above"
"""Code of a warning: an inherited input means a larger division's policy, not the own one's."""


def check_parentage(policies: Mapping[str, Policy]) -> Iterator[Problem]:
    """Find versions that outlive what they extend, and inputs that mean another's results.

    Args:
        policies: All policies by identifier, complete.
    """
    for policy in policies.values():
        for version in policy.versions:
            for code, message in _warnings(policy, version, policies):
                yield _warning(policy.file, version.place, code, message)


def newly_found(
    before: Mapping[str, Policy],
    after: Mapping[str, Policy],
    files: Mapping[tuple[str, str], str],
) -> Iterator[Problem]:
    """Give the warnings that versions get by what is added to them.

    Args:
        before: The policies without it.
        after: The policies with it.
        files: What is added: file by policy and version, at least one. A warning of another version
            is told at the top of the first, for nobody sees the file that it is about.
    """
    known = {problem.message for problem in check_parentage(before)}
    first = next(iter(files.values()))
    for policy in after.values():
        for version in policy.versions:
            file = files.get((policy.policy_id, version.version))
            for code, message in _warnings(policy, version, after):
                if message not in known:
                    place = (1, 1) if file is None else version.place
                    yield _warning(file or first, place, code, message)


# Private functions -----------------------------------------------------------

_Warning = tuple[str, str]
"""Code and message."""


def _warnings(
    policy: Policy, version: Version, policies: Mapping[str, Policy]
) -> Iterator[_Warning]:
    if version.repeal:
        return
    above = list(_above(policy, version, policies))
    followed = {other.policy_id for other, parent in above if _lasts(parent, version)}
    for other, parent in above:
        if other.policy_id not in followed:
            yield from _outlived(policy, version, other, parent)
    for one in version.inputs.values():
        if any(parent.inputs.get(one.name) == one for _, parent in above):
            yield from _meant(policy, version, one, policies)


def _above(
    policy: Policy, version: Version, policies: Mapping[str, Policy]
) -> Iterator[tuple[Policy, Version]]:
    """Give the versions of other policies that a version extends, itself or by older ones."""
    for policy_id, name in version.extends:
        other = policies.get(policy_id)
        if other is None:
            continue
        for parent in (one for one in other.versions if one.version == name):
            if policy_id == policy.policy_id:
                yield from _above(policy, parent, policies)
            else:
                yield other, parent


def _lasts(parent: Version, version: Version) -> bool:
    return parent.end_date is None or _ended_by(version, parent.end_date)


def _outlived(
    policy: Policy, version: Version, other: Policy, parent: Version
) -> Iterator[_Warning]:
    end = parent.end_date or date.max
    later = in_sequence(one for one in other.versions if one.start_date >= end)
    successor = next((one for one in later if not one.repeal), None)
    message = (
        f"version {version.version!r} of {policy.policy_id} has what it does not say itself from"
        f" version {parent.version!r} of {other.policy_id}, which is law until {end} only; "
    )
    if successor is None:
        message += "end it then, or write down what goes on"
    else:
        since = max(successor.start_date, version.start_date)
        message += f"add a version from {since} that extends {successor.version!r}"
    yield PARENT_ENDED, message


def _ended_by(version: Version, day: date) -> bool:
    return version.end_date is not None and version.end_date <= day


def _meant(
    policy: Policy, version: Version, one: Input, policies: Mapping[str, Policy]
) -> Iterator[_Warning]:
    source = policies.get(one.policy_id) if one.origin == "policy" else None
    if source is None:
        return
    for other in policies.values():
        nearer = _within(policy, other) and _within(other, source) and other is not policy
        if nearer and other.division != source.division and _alike(other, source, version):
            message = (
                f"version {version.version!r} of {policy.policy_id} takes {one.name!r} from"
                f" {source.policy_id}, as what it extends does, though {other.policy_id} is there;"
                f" write under inputs which of them {one.name!r} means"
            )
            yield INPUT_FROM_ABOVE, message


def _within(inner: Policy, outer: Policy) -> bool:
    if not (inner.division.isdecimal() and outer.division.isdecimal()):
        # Another check finds it.
        return False
    first, after = division_range(outer.division)
    return first <= int(inner.division) < after


def _alike(other: Policy, source: Policy, version: Version) -> bool:
    """Say whether two policies are for the same, and the first is law when a version is."""
    of_one_kind = all(
        getattr(other, name) == getattr(source, name)
        for name in ("kind", "field", "favourable", "other_cover", "insurer", "bounding")
    )
    return of_one_kind and any(
        not one.repeal
        and not _ended_by(one, version.start_date)
        and not _ended_by(version, one.start_date)
        for one in other.versions
    )


def _warning(file: str, place: tuple[int, int], code: str, message: str) -> Problem:
    return Problem(file, place[0], place[1], code, message, warning=True)
