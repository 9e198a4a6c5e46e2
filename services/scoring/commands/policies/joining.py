"""Putting versions beside those that exist: what closes, what clashes, what stands in.

A version without an end of its own ends when the next version of its policy begins: the instrument
that replaces it says so. One with an end of its own ends earlier only where another version says
that it replaces or repeals it. The bytes of the earlier one stay as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from typing import Final

from services.engine.following import ended_early, followed, in_sequence, overlap_advice
from services.engine.language import Version
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


def left_alone(library: PolicyLibrary, kept: Sequence[CompiledVersion]) -> PolicyLibrary:
    """Give a folder's library with some of its versions alone: what the others ended ends no more.

    Args:
        library: The policies of a folder.
        kept: Versions of it, by identifier of the policy and start.
    """
    found: list[CompiledVersion] = []
    for _, ones in groupby(kept, key=lambda one: one.policy.policy_id):
        versions = list(ones)
        ends = ended_early(_versions(versions))
        found += [
            one if one.version.end_date == end.end_date else replace(one, version=end)
            for one, end in zip(versions, ends, strict=True)
        ]
    return PolicyLibrary(found, digest=library.words_digest)


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
    by_name = {one.version.version: one for one in _followed([*existing, *added])}
    sequence = [by_name[one.version] for one in in_sequence(_versions(by_name.values()))]
    for earlier, later in pairwise(sequence):
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
    return [
        one if one.version is version else replace(one, version=version)
        for one, version in zip(ordered, followed(_versions(ordered)), strict=True)
    ]


def _versions(compiled: Iterable[CompiledVersion]) -> list[Version]:
    return [one.version for one in compiled]


def _conflict(earlier: CompiledVersion, later: CompiledVersion) -> TimeConflict | None:
    end, start = earlier.version.end_date, later.version.start_date
    name = earlier.version.version
    if end is None or end > start:
        return TimeConflict(OVERLAP, earlier, later, overlap_advice(name, start))
    if end < start:
        message = f"no version is in force from {end}, when {name!r} ends, until {start}"
        return TimeConflict(GAP, earlier, later, message)
    return None
