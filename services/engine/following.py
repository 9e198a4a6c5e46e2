"""How the versions of a policy follow each other: which of them end earlier than they say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from services.engine.errors import Problem, problem_at
from services.engine.language import Policy, Version


def said_end(version: Version, others: Iterable[Version]) -> date | None:
    """Give the day on which others say that a version ends; none where none does.

    Args:
        version: The version.
        others: Versions of the same policy.
    """
    return min(
        (
            other.start_date
            for other in others
            if other.ends is not None
            and other.ends.version == version.version
            and other.start_date > version.start_date
        ),
        default=None,
    )


def ended_early(versions: Sequence[Version]) -> tuple[Version, ...]:
    """End versions where others of the same policy say so, if that is before their own end."""
    found: list[Version] = []
    for one in versions:
        said = said_end(one, versions)
        before = said is not None and (one.end_date is None or said < one.end_date)
        found.append(replace(one, end_date=said) if before else one)
    return tuple(found)


def check_endings(policy: Policy) -> Iterator[Problem]:
    """Find statements that end nothing.

    Args:
        policy: A policy with all its versions, each ended where another says so.
    """
    by_name = {one.version: one for one in policy.versions}
    for version in policy.versions:
        if version.ends is None:
            continue
        ended = by_name.get(version.ends.version)
        if ended is None:
            message = f"the policy has no version {version.ends.version!r} that could end"
            yield problem_at(policy.file, version.ends.place, "unknown-version", message)
        elif ended.end_date != version.start_date:
            message = (
                f"version {ended.version!r} is not in force on the day before"
                f" {version.start_date}; there is nothing to end"
            )
            yield problem_at(policy.file, version.ends.place, "ends-nothing", message)


def overlap_advice(earlier: str, start_date: date) -> str:
    """Say what to do about a version that is still in force when another begins.

    Args:
        earlier: Name of the one in force.
        start_date: First day of the other.
    """
    return (
        f"version {earlier!r} is still in force on {start_date}; begin on the day it ends or, where"
        " the text takes its place, say so in the new version with"
        f" replaces: {{version: {earlier!r}, source: …}}"
    )
