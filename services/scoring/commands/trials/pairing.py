"""What a dry run compares: each policy as it is live, beside what it would be, and for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.language import Policy
from services.engine.population import Population
from services.engine.vocabulary import division_range
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import FactNeeds
from services.scoring.commands.rates.rate_plans import RATE

LIST: Final = "list"
"""Kind of the policies that are about persons too."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A policy as it is live, and as it would be.

    Attributes:
        live: The live version; none where none is in force.
        candidate: The version with the candidate in its place.
        more_local: Versions that answer by themselves in a part of its place, the most local first.
        live_bounds: Live bounds on what it gives, wherever in its place; none for what is no rate.
        candidate_bounds: The same with the candidate in its place.
    """

    live: PinnedVersion | None
    candidate: PinnedVersion
    more_local: tuple[CompiledVersion, ...] = ()
    live_bounds: tuple[PinnedVersion, ...] = ()
    candidate_bounds: tuple[PinnedVersion, ...] = ()

    @property
    def policy(self) -> Policy:
        """Give the policy."""
        return self.candidate.compiled.policy

    @property
    def policy_id(self) -> str:
        """Give the identifier of the policy."""
        return self.candidate.policy_id

    @property
    def favourable(self) -> bool:
        """Say whether being a candidate is a good thing, as on a redlist."""
        return self.policy.favourable

    @property
    def for_persons(self) -> bool:
        """Say whether it is about persons too."""
        return self.policy.kind == LIST

    @property
    def live_side(self) -> tuple[PinnedVersion, ...]:
        """Give every version that the live side runs."""
        return (*(() if self.live is None else (self.live,)), *self.live_bounds)

    @property
    def candidate_side(self) -> tuple[PinnedVersion, ...]:
        """Give every version that the candidate's side runs."""
        return (self.candidate, *self.candidate_bounds)

    @property
    def versions(self) -> tuple[PinnedVersion, ...]:
        """Give every version that either side runs."""
        return (*self.live_side, *self.candidate_side)

    @property
    def needs(self) -> FactNeeds:
        """Give the facts that both sides read."""
        records: dict[str, frozenset[str]] = {}
        for side in self.versions:
            for kind, names in side.needs.records.items():
                records[kind] = records.get(kind, frozenset()) | names
        attributes = frozenset({"division"}).union(
            *(side.needs.attributes for side in self.versions)
        )
        return FactNeeds(attributes=attributes, records=records)

    @property
    def deciding(self) -> frozenset[str]:
        """Give the attributes of a subject whose change may change either side."""
        return frozenset({"division"}).union(*(side.deciding for side in self.versions))


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a pair is asked; every column is [n].

    Attributes:
        within: Who counts.
        elsewhere: Who is left out since a more local policy answers for them, by that policy.
        persons: Who is a person.
    """

    within: NDArray[np.bool_]
    elsewhere: tuple[tuple[CompiledVersion, NDArray[np.bool_]], ...]
    persons: NDArray[np.bool_]

    @classmethod
    def everybody(cls, size: int) -> "Asked":
        """Ask of everybody there is, all taken for enterprises."""
        return cls(np.ones(size, dtype=np.bool_), (), np.zeros(size, dtype=np.bool_))

    @classmethod
    def of(
        cls,
        pair: Pair,
        population: Population,
        *,
        local: bool,
        persons: NDArray[np.bool_] | None = None,
    ) -> "Asked":
        """Ask of those whom the policy is about.

        Args:
            pair: The policy.
            population: Subjects with their divisions.
            local: Whether only enterprises of the policy's own division count.
            persons: Who is a person; none where nobody is. They are of no division, and so of
                every one, and no policy but a list is about them.
        """
        nobody = np.zeros(population.size, dtype=np.bool_)
        persons = nobody if persons is None else persons
        within = ~persons
        if local:
            within &= in_division(pair.policy.division, population)
        elsewhere: list[tuple[CompiledVersion, NDArray[np.bool_]]] = []
        for one in pair.more_local:
            there = within & in_division(one.policy.division, population)
            elsewhere.append((one, there))
            within &= ~there
        return cls(within | persons if pair.for_persons else within, tuple(elsewhere), persons)


def in_division(division: str, population: Population) -> NDArray[np.bool_]:
    """Say which subjects are of a division; all are of the country."""
    first, after = division_range(division)
    if not first:
        return np.ones(population.size, dtype=np.bool_)
    divisions = population.attributes["division"]
    within: NDArray[np.bool_] = (divisions >= first) & (divisions < after)
    return within


def inside(one: Policy, other: Policy) -> bool:
    """Say whether the division of one policy lies in that of another, or is the same."""
    first, after = division_range(other.division)
    return first <= int(one.division) < after


def pairs_of(
    live: PolicyLibrary,
    candidate: PolicyLibrary,
    *,
    names: Sequence[tuple[str, str]],
    as_of: date,
) -> tuple[Pair, ...]:
    """Give what is to be compared: the candidates, then what takes them in, in order of use.

    Bounds are no inputs of the plans that they bound: those plans come last.

    Args:
        live: The policies as they are.
        candidate: The policies with the candidates in the places of their own.
        names: Of each candidate its policy, and the live policy to compare it with.
        as_of: Day asked for.
    """
    live_ids = dict(names)
    candidates = [candidate.named("", policy_id, version="", as_of=as_of) for policy_id, _ in names]
    others = [one for one in _all_in_force(candidate, as_of) if one.policy_id not in live_ids]
    taking = [one for one in others if any(source.policy_id in live_ids for source in one.sources)]
    taking.sort(key=lambda one: (len(one.sources), one.policy_id))
    bounding = [one.compiled.policy for one in (*candidates, *taking)]
    bounded = [
        one
        for one in others
        if one not in taking and any(_bounds(bounds, one.compiled.policy) for bounds in bounding)
    ]
    sides = _Sides(live, candidate, as_of)
    return tuple(
        sides.pair(one, live_ids.get(one.policy_id, one.policy_id))
        for one in (*candidates, *taking, *bounded)
    )


def bounded_by(pairs: Sequence[Pair], *, candidates: int) -> tuple[Pair, ...]:
    """Give the plans that candidates among some pairs bound, and that are no candidates.

    Args:
        pairs: As `pairs_of` gives them.
        candidates: How many of them are candidates.
    """
    bounds = [pair.policy for pair in pairs[:candidates]]
    return tuple(
        pair for pair in pairs[candidates:] if any(_bounds(one, pair.policy) for one in bounds)
    )


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sides:
    """The policies of both sides on a day."""

    live: PolicyLibrary
    candidate: PolicyLibrary
    as_of: date

    def pair(self, candidate: PinnedVersion, live_id: str) -> Pair:
        live = _in_force(self.live, live_id, self.as_of)
        return Pair(
            live,
            candidate,
            more_local=self._more_local(candidate.compiled, live),
            live_bounds=() if live is None else _bounds_on(self.live, live, self.as_of),
            candidate_bounds=_bounds_on(self.candidate, candidate, self.as_of),
        )

    def _more_local(
        self, own: CompiledVersion, live: PinnedVersion | None
    ) -> tuple[CompiledVersion, ...]:
        """Find what answers in a part of a policy's place, as long as nobody names a policy."""
        policy = own.policy
        if policy.kind == LIST or policy.bounding or policy.other_cover:
            # Every list and every bound counts by itself; another insurance's rate is named.
            return ()
        sides = (own,) if live is None else (own, live.compiled)
        found = [
            one
            for one in self.candidate.versions
            if one.policy.policy_id not in {side.policy.policy_id for side in sides}
            and one.division != own.division
            and inside(one.policy, policy)
            and any(_alike(one, side) for side in sides)
            and one.in_force(self.as_of)
        ]
        return tuple(sorted(found, key=lambda one: (-_depth(one.policy), one.field == EVERY_FIELD)))


def _alike(one: CompiledVersion, other: CompiledVersion) -> bool:
    """Say whether two versions answer the same question; other grades are of something else."""
    kinds = [
        (each.policy.kind, each.policy.insurer, each.policy.other_cover, each.policy.bounding)
        for each in (one, other)
    ]
    # For rates the field is never asked.
    fields = {EVERY_FIELD, other.field} if other.policy.kind != RATE else {one.field}
    ladders = (one.plan.ladder, other.plan.ladder)
    graded = not all(ladders) or not set(ladders[0]).isdisjoint(ladders[1])
    return kinds[0] == kinds[1] and one.field in fields and graded


def _depth(policy: Policy) -> int:
    """Give how far below the country a policy's division is."""
    return len(policy.division.rstrip("0"))


def _bounds(bounds: Policy, plan: Policy) -> bool:
    """Say whether a policy bounds what a plan gives, somewhere at least."""
    return (
        bounds.bounding
        and plan.kind == RATE
        and not plan.bounding
        and bounds.other_cover is plan.other_cover
        and (inside(bounds, plan) or inside(plan, bounds))
    )


def _bounds_on(
    library: PolicyLibrary, plan: PinnedVersion, as_of: date
) -> tuple[PinnedVersion, ...]:
    policy = plan.compiled.policy
    return _pinned(library, (one for one in library.versions if _bounds(one.policy, policy)), as_of)


def _in_force(library: PolicyLibrary, policy_id: str, as_of: date) -> PinnedVersion | None:
    return next(iter(_sound(library, library.of_policy(policy_id), as_of)), None)


def _all_in_force(library: PolicyLibrary, as_of: date) -> tuple[PinnedVersion, ...]:
    return _sound(library, library.versions, as_of)


def _sound(
    library: PolicyLibrary, versions: Iterable[CompiledVersion], as_of: date
) -> tuple[PinnedVersion, ...]:
    """Give what is in force and can be evaluated: what cannot gives no results to compare."""
    found = (library.sound(one, as_of, None) for one in versions if one.in_force(as_of))
    return tuple(one for one in found if one is not None)


def _pinned(
    library: PolicyLibrary, versions: Iterable[CompiledVersion], as_of: date
) -> tuple[PinnedVersion, ...]:
    return tuple(
        library.named("", one.policy.policy_id, version=one.version.version, as_of=as_of)
        for one in versions
        if one.in_force(as_of)
    )
