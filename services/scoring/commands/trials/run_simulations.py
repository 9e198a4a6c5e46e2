"""Run dry runs in the background: stretch by stretch, at one revision; only the result is kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic
from typing import Final

import structlog

from services.common.errors import Category, SafetyCreditError
from services.common.tokens import StorePoint
from services.scoring.commands.peers.making import MakePeerTables
from services.scoring.commands.policies.issuing_ports import CandidateReading
from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.ports import FactNeeds, Reading, Scan, Store
from services.scoring.commands.trials.comparing import Comparison
from services.scoring.commands.trials.impact import ImpactTally
from services.scoring.commands.trials.pairing import Asked, Pair, pairs_of
from services.scoring.commands.trials.redlist_trial import PairOn, RedlistTally
from services.scoring.commands.trials.simulation_ports import (
    Claimed,
    Counting,
    PolicyImpact,
    SimulationRequest,
    Simulations,
    SubjectChange,
)
from services.scoring.commands.trials.start_simulation import looks_at_persons
from services.scoring.commands.trials.trial_tables import (
    Libraries,
    TrialTables,
    ask_for_peers,
)
from services.scoring.domain.errors import PolicyUnknownError

STRETCH: Final = 10_000
"""House decision: subjects evaluated between two looks at whether to go on."""

CHANGES_MAX: Final = 200_000
"""House limit: changed subjects kept of one simulation; all are counted, and the answer says so."""

PAUSE_SHARE: Final = 0.25
"""House decision: rests a fifth of the time, so that callers are answered meanwhile."""

Pause = Callable[[float], bool]
"""Waits so many seconds; says whether to stop."""


@dataclass(frozen=True, slots=True)
class RunSimulations:
    """Runs the simulations that wait, one after the other.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        reading: Looks at candidates.
        simulations: Where simulations are kept.
        counting: Counts the subjects.
        meant: Gives the refusal that an error of the store stands for; nothing for a mistake.
    """

    store: Store
    library: PolicyLibrary
    reading: CandidateReading
    simulations: Simulations
    counting: Counting
    meant: Callable[[Exception], SafetyCreditError | None]

    def __call__(self, pause: Pause) -> bool:
        """Run the next; say whether there was one.

        Args:
            pause: Waits between two stretches, and says whether the server stops.
        """
        claimed = self.simulations.claim()
        if claimed is None:
            return False
        number = claimed.simulation.simulation_id
        try:
            done = _Run(self, claimed, pause).run()
        except Exception as error:
            refusal = self.meant(error)
            if refusal is None:
                # A mistake of the program: whoever looks must not wait for the lease to end.
                self.simulations.interrupt(claimed)
                raise
            if refusal.category in _PASSING:
                self.simulations.interrupt(claimed)
            else:
                self.simulations.fail(claimed, refusal)
            _log.warning("simulation_failed", simulation_id=number, reason=refusal.reason)
            return True
        _log.info("simulation_ended", simulation_id=number, done=done)
        return True


# Private values and classes -----------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_PASSING: Final = frozenset({Category.UNAVAILABLE, Category.ABORTED})


class _Run:
    """One simulation under way."""

    def __init__(self, world: RunSimulations, claimed: Claimed, pause: Pause) -> None:
        self._world = world
        self._claimed = claimed
        self._pause = pause
        self._request: SimulationRequest = claimed.simulation.request
        candidates = self._candidates(world.library.at(self._request.at.revision))
        self._libraries, self._names = self._both_sides(candidates)
        pairs = self._pairs()
        self._needs = _needs(pairs)
        divisions = [one.policy.division for one in candidates]
        self._persons = looks_at_persons(pairs, self._request.wanted, divisions)
        self._begin(pairs)
        self._kept = 0
        self._truncated = False

    def run(self) -> bool:
        """Go through the population; say whether it came to the end."""
        if not self._tabled():
            self._world.simulations.interrupt(self._claimed)
            return False
        after, done, full = 0, 0, True
        while full:
            begun = monotonic()
            numbers, changes = self._stretch(after)
            done += len(numbers)
            kept = self._bounded(changes)
            if not self._world.simulations.progress(
                self._claimed, done, kept, truncated=self._truncated
            ):
                return False
            full = len(numbers) == STRETCH
            after = numbers[-1] if numbers else after
            if full and self._pause(PAUSE_SHARE * (monotonic() - begun)):
                self._world.simulations.interrupt(self._claimed)
                return False
        return self._world.simulations.finish(self._claimed, self._impacts())

    def _tabled(self) -> bool:
        """Make the tables of peers that either side needs; say whether they were all made."""
        request, world = self._request, self._world
        pairs = self._pairs()
        if not ask_for_peers(pairs):
            return True
        store_id = world.store.point().store_id
        point = StorePoint(store_id, request.at.revision, request.known_at)
        tables = TrialTables(MakePeerTables(world.store), point, request.at.as_of)
        libraries = tables(self._libraries, pairs, going=self._goes_on)
        if libraries is None:
            return False
        self._libraries = libraries
        self._begin(self._pairs())
        return True

    def _goes_on(self) -> bool:
        progress = self._world.simulations.progress
        return not self._pause(0) and progress(self._claimed, 0, (), truncated=False)

    def _begin(self, pairs: Sequence[Pair]) -> None:
        most = self._request.affected_max
        self._tallies = [ImpactTally(pair, affected_max=most) for pair in pairs]
        self._redlists = {
            pair.policy_id: RedlistTally(pair, self._pair_on(pair), losses_max=most)
            for pair in pairs
            if pair.favourable
        }

    def _pair_on(self, pair: Pair) -> PairOn:
        """Give the same versions with what they take in on other days."""
        live, candidate = self._libraries

        def on(day: date) -> Pair:
            before = None if pair.live is None else live.fixed(pair.live, day)
            return replace(pair, live=before, candidate=candidate.fixed(pair.candidate, day))

        return on

    def _pairs(self) -> tuple[Pair, ...]:
        live, candidate = self._libraries
        return pairs_of(live, candidate, names=self._names, as_of=self._request.at.as_of)

    def _both_sides(
        self, candidates: Sequence[CompiledVersion]
    ) -> tuple[Libraries, list[tuple[str, str]]]:
        """Give the policies of both sides, and the names of what is tried."""
        request = self._request
        library = self._world.library.at(request.at.revision)
        names = [
            (request.policy_id, request.live_policy_id),
            *((one.policy.policy_id, one.policy.policy_id) for one in candidates[1:]),
        ]
        return (library, standing_in(library, candidates)), names

    def _candidates(self, library: PolicyLibrary) -> list[CompiledVersion]:
        """Give the version that is tried; of several files the latest that each adds."""
        request = self._request
        found: list[CompiledVersion | None]
        if not request.contents:
            found = [library.find(request.policy_id, request.version)]
        else:
            files = self._world.reading.compile(request.contents, library).require_readable()
            first = [one for one in files[0].added if one.version.version == request.version]
            found = [next(iter(first), None), *(file.latest for file in files[1:])]
        candidates = [one for one in found if one is not None]
        if len(candidates) < len(found):
            raise PolicyUnknownError(
                f"{request.policy_id} has no version {request.version}",
                policy_id=request.policy_id,
                version=request.version,
            )
        return candidates

    def _stretch(self, after: int) -> tuple[list[int], list[SubjectChange]]:
        """Evaluate a stretch of subjects both ways."""
        request = self._request
        scan = Scan(wanted=request.wanted, after=after, limit=STRETCH, persons=self._persons)
        with self._world.store.read() as reading:
            chunk = reading.facts.chunk(scan, self._needs, request.at)
            numbers: list[int] = chunk.subject_ids.tolist()
            self._look_at_redlists(reading, numbers)
        if not numbers:
            return [], []
        changes: list[SubjectChange] = []
        for tally in self._tallies:
            # Whoever takes the results in does so in its own place only.
            local = tally.pair.policy_id != request.policy_id
            asked = Asked.of(tally.pair, chunk.population, local=local, persons=chunk.persons)
            comparison = Comparison(tally.pair, chunk.population, request.at.as_of, asked=asked)
            changes.extend(tally.add(comparison, numbers))
        return numbers, changes

    def _look_at_redlists(self, reading: Reading, numbers: Sequence[int]) -> None:
        """Look at the entries of a stretch of subjects that are in force on redlists."""
        at = self._request.at
        listings = reading.listed.redlistings(numbers, at) if numbers and self._redlists else ()
        for redlist in self._redlists.values() if listings else ():
            redlist.add(reading, listings, at=at)

    def _bounded(self, changes: Sequence[SubjectChange]) -> list[SubjectChange]:
        """Give the changes that are kept."""
        kept = list(changes[: CHANGES_MAX - self._kept])
        self._kept += len(kept)
        self._truncated |= len(kept) < len(changes)
        return kept

    def _impacts(self) -> list[PolicyImpact]:
        numbers = {number for tally in self._tallies for number in tally.affected_ids()}
        with self._world.store.read() as reading:
            subjects = reading.subjects.by_number(numbers, self._request.at)
        impacts = [tally.impact(subjects) for tally in self._tallies]
        redlists = {policy_id: one.impact() for policy_id, one in self._redlists.items()}
        about = {tally.pair.policy_id for tally in self._tallies if tally.pair.for_persons}
        left_out = 0
        if about and not self._persons:
            left_out = self._world.counting.persons(self._request.at)
        return [
            replace(
                one,
                redlist=redlists.get(one.policy_id),
                persons_left_out=left_out if one.policy_id in about else 0,
            )
            for one in impacts
        ]


def _needs(pairs: Iterable[Pair]) -> FactNeeds:
    """Give what all sides of all pairs read."""
    attributes: frozenset[str] = frozenset()
    records: dict[str, frozenset[str]] = {}
    for needs in (pair.needs for pair in pairs):
        attributes |= needs.attributes
        for kind, names in needs.records.items():
            records[kind] = records.get(kind, frozenset()) | names
    return FactNeeds(attributes=attributes, records=records)
