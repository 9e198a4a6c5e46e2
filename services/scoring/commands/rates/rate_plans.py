"""Which rate plan answers a question, and which bounds hold whatever plan answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

from services.engine.language import Policy
from services.scoring.commands.peers.pinned_tables import PinnedTable
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.errors import PolicyNotInForceError, RatePlanAmbiguousError

RATE: Final = "rate"
"""Kind of the policies that are rate plans, or bounds on what they give."""

_PLACES_MAX: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """Which plan a caller wants.

    Attributes:
        policy_id: The rate plan; empty for the one that applies by itself.
        version: Its version; empty for the one in force on the first day of cover.
        insurer: Insurer whose filed plan is wanted; empty for the plan of the place.
    """

    policy_id: str = ""
    version: str = ""
    insurer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AppliedPlan:
    """A plan with the bounds on it, both fixed for a question.

    Attributes:
        pinned: The plan.
        bounds: Bounds in force, from the country's down to the district's.
        bounds_until: First day on which other bounds would be in force; none when never.
        needs: Facts that all of them read.
        depends_on: Names of everything that may change what they give, sorted.
    """

    pinned: PinnedVersion
    bounds: tuple[PinnedVersion, ...]
    bounds_until: date | None
    needs: FactNeeds = field(init=False)
    depends_on: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Put together what all of them read."""
        versions = (self.pinned, *self.bounds)
        object.__setattr__(self, "needs", _needs(versions))
        object.__setattr__(self, "depends_on", _depends_on(versions, self.needs))

    @property
    def policies(self) -> tuple[CompiledVersion, ...]:
        """Give the other versions behind an answer, in the order of use."""
        found = [
            one.compiled
            for version in (self.pinned, *self.bounds)
            for one in (*version.sources, version)
        ]
        return tuple(one for one in dict.fromkeys(found) if one is not self.pinned.compiled)

    @property
    def tables(self) -> tuple[tuple[CompiledVersion, PinnedTable | None], ...]:
        """Give the versions behind an answer that ask for places among peers, with their tables."""
        found = [pair for one in (self.pinned, *self.bounds) for pair in one.places]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class RatePlans:
    """Finds plans and bounds.

    Attributes:
        library: The policies.
    """

    library: PolicyLibrary
    _answering: Callable[..., Any] = field(init=False)
    _shared: Callable[..., Any] = field(init=False)

    def __post_init__(self) -> None:
        """Remember what the same few places are answered by, once for all that have the same."""
        object.__setattr__(self, "_answering", lru_cache(maxsize=_PLACES_MAX)(self._find))
        object.__setattr__(self, "_shared", lru_cache(maxsize=_PLACES_MAX)(_same))

    def answering(
        self, choice: PlanChoice, division: int | None, *, as_of: date, cover: date | None
    ) -> AppliedPlan:
        """Find the plan that answers, and the bounds on it.

        Args:
            choice: What the caller wants.
            division: Division of the enterprise on the rating day; none where it is not known.
            as_of: Rating day.
            cover: First day of cover; none for the rating day.

        Raises:
            PolicyUnknownError: There is no such rate plan, or version of it.
            PolicyNotInForceError: No rate plan applies on the first day of cover.
            RatePlanAmbiguousError: Several do.
        """
        found: AppliedPlan = self._answering(choice, division, as_of=as_of, cover=cover)
        return found

    def filed(
        self, division: int | None, *, as_of: date, cover: date | None
    ) -> tuple[AppliedPlan, ...]:
        """Give the plans in force in a place: its own first, then each insurer's, by identifier.

        Of several of one insurer, or of no insurer, the most local is meant.

        Raises:
            PolicyNotInForceError: None is in force.
        """
        plans = [one for one in self._of_place(division, cover or as_of) if _is_plan(one)]
        if not plans:
            raise _none_in_force(division, "", cover or as_of)
        by_insurer: dict[str, list[PinnedVersion]] = {}
        for one in plans:
            by_insurer.setdefault(_policy(one).insurer, []).append(one)
        local = [one for group in by_insurer.values() for one in _most_local(group)]
        ordered = sorted(
            local, key=lambda one: (bool(_policy(one).insurer), _policy(one).policy_id)
        )
        return tuple(self._applied(one, division, as_of=as_of, cover=cover) for one in ordered)

    # Private methods -------------------------------------------------------------

    def _find(
        self, choice: PlanChoice, division: int | None, *, as_of: date, cover: date | None
    ) -> AppliedPlan:
        day = cover or as_of
        if choice.policy_id:
            pinned = self.library.named(RATE, choice.policy_id, version=choice.version, as_of=day)
            return self._applied(pinned, division, as_of=as_of, cover=cover)
        found = _chosen(self._of_place(division, day), choice.insurer)
        if not found:
            raise _none_in_force(division, choice.insurer, day)
        if len(found) > 1:
            raise _ambiguous(found, day)
        (pinned,) = found
        until = self._chosen_until(choice, division, day, pinned.compiled)
        chosen = replace(pinned, until=_earlier(pinned.until, until))
        return self._applied(chosen, division, as_of=as_of, cover=cover)

    def _of_place(self, division: int | None, day: date) -> tuple[PinnedVersion, ...]:
        return self.library.applying(RATE, field=EVERY_FIELD, division=division, as_of=day)

    def _chosen_until(
        self, choice: PlanChoice, division: int | None, day: date, present: CompiledVersion
    ) -> date | None:
        """Give the first later day on which another plan would be chosen, or none, or several."""
        for edge in self._edges(division, day, bounding=False):
            chosen = _chosen(self._of_place(division, edge), choice.insurer)
            if [one.compiled for one in chosen] != [present]:
                return edge
        return None

    def _applied(
        self, pinned: PinnedVersion, division: int | None, *, as_of: date, cover: date | None
    ) -> AppliedPlan:
        day = cover or as_of
        cover_of = _policy(pinned).other_cover
        bounds = sorted(
            _bounding(self._of_place(division, day), other_cover=cover_of),
            key=lambda one: (_depth(_policy(one).division), _policy(one).policy_id),
        )
        if cover is not None:
            # The law is that of the first day of cover, what it takes in that of the rating day.
            fixed = tuple(self.library.fixed(one, as_of) for one in bounds)
            return self._share(self.library.fixed(pinned, as_of), fixed, None)
        present = {one.compiled for one in bounds}
        until = next(
            (
                edge
                for edge in self._edges(division, day, bounding=True)
                if {
                    one.compiled
                    for one in _bounding(self._of_place(division, edge), other_cover=cover_of)
                }
                != present
            ),
            None,
        )
        return self._share(pinned, tuple(bounds), until)

    def _share(
        self, pinned: PinnedVersion, bounds: tuple[PinnedVersion, ...], until: date | None
    ) -> AppliedPlan:
        """Give the same plan for every place that has it, so that it is run once for all."""
        shared: AppliedPlan = self._shared(_Same(pinned, bounds, until))
        return shared

    def _edges(self, division: int | None, day: date, *, bounding: bool) -> list[date]:
        """Give the later days on which a version of the place begins or ends."""
        everywhere = 0 if division is None else division
        edges: set[date] = set()
        for one in self.library.listed(RATE, field=EVERY_FIELD, division=everywhere, as_of=None):
            if one.policy.bounding is bounding:
                ends = (one.version.start_date, one.version.end_date)
                edges.update(edge for edge in ends if edge is not None and edge > day)
        return sorted(edges)


@lru_cache(maxsize=16)
def plans_of(library: PolicyLibrary) -> RatePlans:
    """Give the plans of a library, with what was found in it before."""
    return RatePlans(library)


# Private functions -----------------------------------------------------------


def _needs(versions: Iterable[PinnedVersion]) -> FactNeeds:
    attributes: frozenset[str] = frozenset()
    records: dict[str, frozenset[str]] = {}
    for version in versions:
        attributes |= version.needs.attributes
        for kind, names in version.needs.records.items():
            records[kind] = records.get(kind, frozenset()) | names
    return FactNeeds(attributes=attributes, records=records)


def _depends_on(versions: Iterable[PinnedVersion], needs: FactNeeds) -> tuple[str, ...]:
    names = {f"enterprise.{name}" for name in needs.attributes}
    names |= {f"records.{kind}" for kind in needs.records}
    for version in versions:
        if version.by_place:
            names.add("enterprise.division")
        if not version.compiled.policy.bounding:
            names |= {f"request.{name}" for name in version.plan.needs.requests}
        names |= {f"policy.{one.policy_id}" for one in (*version.sources, version)}
    return tuple(sorted(names))


def _policy(pinned: PinnedVersion) -> Policy:
    return pinned.compiled.policy


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A plan and the bounds on it, equal if they say the same whoever looks."""

    pinned: PinnedVersion
    bounds: tuple[PinnedVersion, ...]
    until: date | None

    def _key(self) -> tuple[Any, ...]:
        versions = (self.pinned, *self.bounds)
        return (
            *((one.compiled, one.digest, one.until, one.by_place, one.places) for one in versions),
            self.until,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def _same(same: _Same) -> AppliedPlan:
    return AppliedPlan(same.pinned, same.bounds, same.until)


def _bounding(policies: Iterable[PinnedVersion], *, other_cover: bool) -> list[PinnedVersion]:
    """Give the bounds on rates of an insurance."""
    return [
        one for one in policies if _policy(one).bounding and _policy(one).other_cover is other_cover
    ]


def _is_plan(pinned: PinnedVersion) -> bool:
    policy = _policy(pinned)
    # A rate of another insurance is found by its name only.
    return not policy.bounding and not policy.other_cover


def _depth(division: str) -> int:
    """Give how far below the country a division is."""
    return len(division.rstrip("0"))


def _chosen(plans: Iterable[PinnedVersion], insurer: str) -> list[PinnedVersion]:
    """Give the plans that answer when none is named: one, none, or several."""
    there = [one for one in plans if _is_plan(one)]
    own = _most_local([one for one in there if _policy(one).insurer == insurer])
    # Where the place has no plan of its own, the only one filed there is meant.
    return own if own or insurer else _most_local(there)


def _most_local(plans: Sequence[PinnedVersion]) -> list[PinnedVersion]:
    deepest = max((_depth(_policy(one).division) for one in plans), default=0)
    return [one for one in plans if _depth(_policy(one).division) == deepest]


def _none_in_force(division: int | None, insurer: str, day: date) -> PolicyNotInForceError:
    where = "an unknown division" if division is None else f"{division:06d}"
    of = f" of {insurer}" if insurer else ""
    return PolicyNotInForceError(
        f"no {RATE} policy{of} is in force for {where} on {day}; name one",
        kind=RATE,
        field=EVERY_FIELD,
        division="" if division is None else f"{division:06d}",
        insurer=insurer,
        as_of=day,
    )


def _ambiguous(found: Sequence[PinnedVersion], day: date) -> RatePlanAmbiguousError:
    names = ", ".join(sorted(one.policy_id for one in found))
    return RatePlanAmbiguousError(
        f"several rate plans are in force on {day}: {names}; name one, or its insurer",
        policies=names,
        as_of=day,
    )


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((day for day in (first, second) if day is not None), default=None)
