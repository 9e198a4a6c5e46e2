"""How the versions of a policy follow each other: which of them end earlier than they say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import Policy, Version

ENDS_NOTHING: Final = "ends-nothing"
"""Code of a problem: a version says that it ends another, and does not."""


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
    """End versions where others among them say so, if that is before the end that they say."""
    found: list[Version] = []
    for one in versions:
        days = (one.written_end, said_end(one, versions))
        found.append(
            replace(one, end_date=min((day for day in days if day is not None), default=None))
        )
    return tuple(found)


def in_sequence(versions: Iterable[Version]) -> list[Version]:
    """Give versions by their start, without repeals of what others had ended before.

    Such a repeal ends nothing, neither the version that it names nor the one in its place.
    """
    together = list(versions)
    idle = {
        one.version
        for one in together
        for other in together
        if one.ends is not None and one.ends.repeal and other.version == one.ends.version
        if _ended_before(other, one, together)
    }
    kept = [one for one in together if one.version not in idle]
    return sorted(kept, key=lambda one: one.start_date)


def followed(versions: Iterable[Version]) -> list[Version]:
    """Give versions by their start, each ended where the next begins if it has no end of its own.

    One with an end ends earlier only where another says so.
    """
    ordered = sorted(versions, key=lambda one: one.start_date)
    starts = [one.start_date for one in in_sequence(ordered)]
    found: list[Version] = []
    for one in ordered:
        start, end = one.start_date, one.end_date
        after = next((day for day in starts if day > start), None) if end is None else None
        days = (end, after, said_end(one, ordered))
        first = min((day for day in days if day is not None), default=None)
        found.append(one if first == end else replace(one, end_date=first))
    return found


def check_endings(policy: Policy) -> Iterator[Problem]:
    """Find statements that end nothing; a warning where another ended the version before.

    Args:
        policy: A policy with all its versions, each ended where another says so.
    """
    for version in policy.versions:
        yield from check_ending(policy, version)


def check_ending(policy: Policy, version: Version) -> Iterator[Problem]:
    """Look at what one version of a policy says that it ends, as `check_endings` does."""
    if version.ends is None:
        return
    name, place = version.ends.version, version.ends.place
    ended = next((one for one in policy.versions if one.version == name), None)
    if ended is None:
        message = f"the policy has no version {name!r} that could end"
        yield problem_at(policy.file, place, "unknown-version", message)
    elif _ended_before(ended, version, policy.versions):
        message = (
            f"version {name!r} ends on {ended.end_date} already, as another version says; this one"
            f" ends nothing on {version.start_date}"
        )
        # Both may be law as they are: what was published first cannot be taken back.
        yield replace(problem_at(policy.file, place, ENDS_NOTHING, message), warning=True)
    elif ended.end_date != version.start_date:
        message = (
            f"version {name!r} is not in force on the day before {version.start_date}; there is"
            " nothing to end"
        )
        yield problem_at(policy.file, place, ENDS_NOTHING, message)


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


# Private functions -----------------------------------------------------------


def _ended_before(ended: Version, ending: Version, versions: Iterable[Version]) -> bool:
    """Say whether another version said that one ends before the day on which this one ends it."""
    said = said_end(ended, versions)
    return said is not None and ended.start_date < said < ending.start_date
