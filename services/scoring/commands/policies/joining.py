"""Putting versions beside those that exist: what closes, what clashes, what stands in.

A version without an end of its own ends when the next version of its policy begins: the instrument
that replaces it says so. One with an end of its own ends earlier only where another version says
that it replaces or repeals it. The bytes of the earlier one stay as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

from services.engine.following import overlap_advice, said_end
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary

OVERLAP: Final = "time-overlap"
"""Code of a conflict: two versions are in force on one day."""

GAP: Final = "time-gap"
"""Code of a conflict: no version is in force between two."""


@dataclass(frozen=True, slots=True)
class TimeConflict:
    """A place where two versions of a policy do not follow each other.

    Attributes:
        code: `OVERLAP` or `GAP`.
        earlier: The earlier version.
        later: The later version.
        message: What is wrong and what would be right.
    """

    code: str
    earlier: CompiledVersion
    later: CompiledVersion
    message: str


def joined(
    library: PolicyLibrary, added: Sequence[CompiledVersion], *, edition: int
) -> PolicyLibrary:
    """Give a library with versions added; those of the same names make room.

    Args:
        library: The policies before.
        added: The versions.
        edition: Revision of the publication.
    """
    names = {(one.policy.policy_id, one.version.version) for one in added}
    kept = [
        one for one in library.versions if (one.policy.policy_id, one.version.version) not in names
    ]
    touched = {one.policy.policy_id for one in added}
    untouched = [one for one in kept if one.policy.policy_id not in touched]
    followed = [
        version
        for policy_id in sorted(touched)
        for version in _followed(
            [one for one in (*kept, *added) if one.policy.policy_id == policy_id]
        )
    ]
    return PolicyLibrary((*untouched, *followed), digest=library.words_digest, edition=edition)


def time_conflicts(
    library: PolicyLibrary, added: Sequence[CompiledVersion]
) -> tuple[TimeConflict, ...]:
    """Find where added versions of one policy do not follow those that exist."""
    if not added:
        return ()
    names = {one.version.version for one in added}
    policy_id = added[0].policy.policy_id
    existing = [one for one in library.of_policy(policy_id) if one.version.version not in names]
    conflicts: list[TimeConflict] = []
    for earlier, later in pairwise(_followed([*existing, *added])):
        if names.isdisjoint({earlier.version.version, later.version.version}):
            continue
        conflict = _conflict(earlier, later)
        if conflict is not None:
            conflicts.append(conflict)
    return tuple(conflicts)


def standing_in(library: PolicyLibrary, candidates: Sequence[CompiledVersion]) -> PolicyLibrary:
    """Give a library in which candidates are the only versions of theirs, always in force."""
    names = {one.policy.policy_id for one in candidates}
    always = [
        replace(one, version=replace(one.version, start_date=date.min, end_date=None))
        for one in candidates
    ]
    others = [one for one in library.versions if one.policy.policy_id not in names]
    return PolicyLibrary(
        (*others, *always),
        digest=library.words_digest,
        edition=library.edition,
        tables=library.tables,
    )


# Private functions -----------------------------------------------------------


def _followed(versions: Iterable[CompiledVersion]) -> list[CompiledVersion]:
    """End versions where the next begins if they have no end, or where another says so."""
    ordered = sorted(versions, key=lambda one: one.version.start_date)
    found: list[CompiledVersion] = []
    for position, one in enumerate(ordered):
        start, end = one.version.start_date, one.version.end_date
        later = [other.version.start_date for other in ordered[position + 1 :]]
        after = next((day for day in later if day > start), None) if end is None else None
        said = said_end(one.version, [other.version for other in ordered])
        first = min((day for day in (end, after, said) if day is not None), default=None)
        if first == end:
            found.append(one)
        else:
            found.append(replace(one, version=replace(one.version, end_date=first)))
    return found


def _conflict(earlier: CompiledVersion, later: CompiledVersion) -> TimeConflict | None:
    end, start = earlier.version.end_date, later.version.start_date
    name = earlier.version.version
    if end is None or end > start:
        return TimeConflict(OVERLAP, earlier, later, overlap_advice(name, start))
    if end < start:
        message = f"no version is in force from {end}, when {name!r} ends, until {start}"
        return TimeConflict(GAP, earlier, later, message)
    return None
