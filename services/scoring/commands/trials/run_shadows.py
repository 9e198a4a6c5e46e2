"""Evaluate shadow runs in the background: only subjects written about, or due through time alone.

The work reads facts and writes nothing but its own comparison. It is done apart from every answer,
so that no answer and no caller's wait depends on it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final

from services.common.clock import Clock, today
from services.engine.days import NEVER, day_date
from services.scoring.commands.peers.keep_peer_tables import KeepPeerTables
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    ProposalFilter,
    ProposalStore,
)
from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Chunk, Reading, Scan, Store
from services.scoring.commands.trials.comparing import Comparison
from services.scoring.commands.trials.pairing import Asked, Pair, bounded_by, pairs_of
from services.scoring.commands.trials.shadow_ports import (
    ComparedFile,
    ShadowResult,
    Shadows,
    ShadowStanding,
)
from services.scoring.domain.proposal import Proposal
from services.scoring.domain.viewpoint import Viewpoint

BATCH: Final = 2_000
"""House decision: subjects compared between two looks at whether to go on."""

AFFECTED_MAX: Final = 50_000
"""House decision: with more subjects to look at, all are compared anew."""


@dataclass(frozen=True, slots=True)
class ShadowPair:
    """Both sides of a file in a shadow run, or of a plan that a file of bounds holds within them.

    Attributes:
        file: The file; a plan stands after the files.
        pair: The live version and the candidate.
        digest: Digest of both sides.
        library: The policies with the candidates in the places of their own.
    """

    file: ComparedFile
    pair: Pair
    digest: str
    library: PolicyLibrary


@dataclass(frozen=True, slots=True)
class ShadowPairs:
    """Puts both sides of a proposal side by side, file by file.

    Attributes:
        store: Where proposals are kept.
        library: The policies.
        reading: Looks at candidates.
    """

    store: ProposalStore
    library: PolicyLibrary
    reading: CandidateReading

    def of(self, proposal: Proposal, at: Viewpoint) -> tuple[ShadowPair, ...]:
        """Give both sides of each file at a viewpoint, then those of each plan that they bound.

        None where they cannot be evaluated.
        """
        with self.store.read() as reading:
            files = reading.proposals.content(proposal.proposal_id)
        library = self.library.at(at.revision)
        found = self.reading.compile([file.content for file in files], library)
        latest = [file.latest for file in found.files]
        candidates = [one for one in latest if one is not None]
        if found.mistakes or len(candidates) < len(latest):
            return ()
        names = [(file.policy_id, file.policy_id) for file in proposal.files]
        replaced = standing_in(library, candidates)
        pairs = pairs_of(library, replaced, names=names, as_of=at.as_of)
        bounded = bounded_by(pairs, candidates=len(names))
        return tuple(
            ShadowPair(ComparedFile(proposal.proposal_id, position), pair, _digest(pair), replaced)
            for position, pair in enumerate((*pairs[: len(names)], *bounded), start=1)
        )


@dataclass(frozen=True, slots=True)
class RunShadows:
    """Brings every shadow run up to date.

    Attributes:
        store: Where facts are stored.
        proposals: Where proposals are kept.
        pairs: Puts both sides of a proposal side by side.
        shadows: Where comparisons are kept.
        clock: Tells which day it is.
        peer_tables: Makes the tables of peers of candidates; none for no such tables.
    """

    store: Store
    proposals: ProposalStore
    pairs: ShadowPairs
    shadows: Shadows
    clock: Clock
    peer_tables: KeepPeerTables | None = None

    def __call__(self, stopped: Callable[[], bool]) -> None:
        """Bring them up to date.

        Args:
            stopped: Asked between two batches.
        """
        with self.proposals.read() as reading:
            point = reading.point
            proposals = reading.proposals.listed(ProposalFilter(), point.revision)
        day = today(self.clock)
        for proposal in proposals:
            if proposal.shadowed and not stopped():
                self._bring_up_to_date(proposal, Viewpoint(point.revision, day), stopped)

    # Private methods -------------------------------------------------------------

    def _bring_up_to_date(
        self, proposal: Proposal, at: Viewpoint, stopped: Callable[[], bool]
    ) -> None:
        start = proposal.shadow_start
        assert start is not None, "asked only for shadow runs"
        positions = range(1, len(proposal.files) + 1)
        files = [ComparedFile(proposal.proposal_id, position) for position in positions]
        behind = {file for file in files if not self._current(file, start.revision, at)}
        # Compiling the candidates takes a moment: only where there is something to do.
        found = self.pairs.of(proposal, at) if behind else ()
        # Plans first: once the bounds are up to date, so is what they hold.
        for sides in (*found[len(files) :], *found[: len(files)]):
            wanted = sides.file in behind or sides.file not in files
            if not wanted or stopped() or self._tabled(sides, at, stopped):
                continue
            if not self._current(sides.file, start.revision, at):
                self._compare(sides, start.revision, at, stopped)

    def _tabled(self, sides: ShadowPair, at: Viewpoint, stopped: Callable[[], bool]) -> bool:
        """Record the day's table of peers of a candidate; the next round compares by it."""
        return self.peer_tables is not None and self.peer_tables.make(
            sides.library, [sides.pair.candidate], as_of=at.as_of, stopped=stopped
        )

    def _current(self, file: ComparedFile, start_revision: int, at: Viewpoint) -> bool:
        standing = self.shadows.standing(file)
        if standing is None or standing.start_revision != start_revision:
            return False
        return _right(standing, at) and bool(standing.digest)

    def _compare(
        self, sides: ShadowPair, start_revision: int, at: Viewpoint, stopped: Callable[[], bool]
    ) -> None:
        lease = self.shadows.claim(sides.file, start_revision)
        if lease is None:
            return
        try:
            standing = self.shadows.standing(sides.file)
            assert standing is not None, "the claim made one"
            _Round(self, lease, sides=sides, at=at).run(standing, stopped)
        finally:
            self.shadows.release(sides.file, lease)


# Private functions and classes ----------------------------------------------------


def _digest(pair: Pair) -> str:
    """Digest what both sides run, and whose answers are none of theirs."""
    sides = ("" if pair.live is None else pair.live.digest, pair.candidate.digest)
    bounds = (one.digest for one in (*pair.live_bounds, *pair.candidate_bounds))
    others = (f"{one.policy.policy_id} {one.policy.division}" for one in pair.more_local)
    about = ("persons",) if pair.for_persons else ()
    return sha256("\0".join((*sides, *bounds, *others, *about)).encode()).hexdigest()


def _right(standing: ShadowStanding, at: Viewpoint) -> bool:
    return (standing.revision, standing.as_of) == (at.revision, at.as_of)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some subjects, and the results of those that the policy is about."""

    subject_ids: tuple[int, ...]
    rows: tuple[ShadowResult, ...]

    @property
    def others(self) -> tuple[int, ...]:
        """Give the subjects that the policy is not about, perhaps not any more."""
        kept = {row.subject_id for row in self.rows}
        return tuple(number for number in self.subject_ids if number not in kept)


class _Round:
    """One round of comparisons, at one revision."""

    def __init__(self, world: RunShadows, lease: str, *, sides: ShadowPair, at: Viewpoint) -> None:
        self._world = world
        self._file = sides.file
        self._lease = lease
        self._sides = sides
        self._at = at

    def run(self, standing: ShadowStanding, stopped: Callable[[], bool]) -> None:
        live = self._sides.pair.live
        done = replace(
            standing,
            digest=self._sides.digest,
            live_version="" if live is None else live.compiled.version.version,
            as_of=self._at.as_of,
            revision=self._at.revision,
        )
        affected = self._affected(standing)
        if affected is None:
            self._everything(replace(standing, digest=""), done, stopped)
        elif len(affected) <= BATCH:
            # One batch is whole by itself: there is no moment at which it is not right.
            self._some(affected, standing, done, stopped)
        else:
            self._some(affected, replace(standing, digest=""), done, stopped)

    def _affected(self, standing: ShadowStanding) -> list[int] | None:
        """Give the subjects to look at; nothing if that is everybody."""
        continues = standing.digest == self._sides.digest and standing.as_of is not None
        if not continues or standing.as_of is None or standing.as_of > self._at.as_of:
            return None
        with self._world.store.read() as reading:
            changed = reading.facts.changed(
                standing.revision, self._at.revision, limit=AFFECTED_MAX
            )
        if changed is None:
            return None
        due = self._world.shadows.due(self._file, self._at.as_of, limit=AFFECTED_MAX + 1)
        affected = changed.union(due)
        return None if len(affected) > AFFECTED_MAX else sorted(affected)

    def _some(
        self,
        affected: Sequence[int],
        before: ShadowStanding,
        done: ShadowStanding,
        stopped: Callable[[], bool],
    ) -> None:
        comparisons = before.comparisons
        for first in range(0, len(affected), BATCH):
            if stopped():
                return
            batch = self._batch(affected[first : first + BATCH])
            comparisons += len(batch.rows)
            last = first + BATCH >= len(affected)
            standing = replace(done if last else before, comparisons=comparisons)
            if not self._put(batch, standing):
                return
        if not affected:
            self._put(_Batch((), ()), replace(done, comparisons=comparisons))

    def _everything(
        self, before: ShadowStanding, done: ShadowStanding, stopped: Callable[[], bool]
    ) -> None:
        comparisons, after, full = before.comparisons, 0, True
        while full:
            if stopped():
                return
            batch = self._batch(None, after=after)
            comparisons += len(batch.rows)
            full = len(batch.subject_ids) == BATCH
            after = batch.subject_ids[-1] if batch.subject_ids else after
            standing = replace(before if full else done, comparisons=comparisons)
            if not self._put(batch, standing):
                return

    def _batch(self, subjects: Collection[int] | None, *, after: int = 0) -> "_Batch":
        with self._world.store.read() as reading:
            chunk = self._chunk(reading, subjects, after=after)
            numbers: list[int] = chunk.subject_ids.tolist()
            if not numbers:
                return _Batch((), ())
            edges = reading.subjects.changes_on(numbers, self._sides.pair.deciding, self._at)
        # Subjects of other places, and of a more local policy, are none of the policy's,
        # whatever it would say of them.
        pair = self._sides.pair
        asked = Asked.of(pair, chunk.population, local=True, persons=chunk.persons)
        comparison = Comparison(pair, chunk.population, self._at.as_of, asked=asked)
        rows = tuple(
            ShadowResult(
                subject_id=number,
                movement=int(comparison.movements[position]),
                live=comparison.live.result(position),
                candidate=comparison.candidate.result(position),
                valid_until_date=self._valid_until(comparison, position, edges.get(number)),
            )
            for position, number in enumerate(numbers)
            if comparison.within[position]
        )
        return _Batch(tuple(numbers), rows)

    def _chunk(self, reading: Reading, subjects: Collection[int] | None, *, after: int) -> Chunk:
        pair = self._sides.pair
        persons, needs = pair.for_persons, pair.needs
        if subjects is not None:
            return reading.facts.chunk_of(subjects, needs, self._at, persons=persons)
        scan = Scan(after=after, limit=BATCH, everybody=True, persons=persons)
        return reading.facts.chunk(scan, needs, self._at)

    def _valid_until(self, comparison: Comparison, position: int, edge: date | None) -> date | None:
        live = self._sides.pair.live
        sides = (comparison.live, comparison.candidate)
        numbers = [int(side.valid_until[position]) for side in sides]
        days = [day_date(number) for number in numbers if number != NEVER]
        days += [day for day in (edge, None if live is None else live.until) if day is not None]
        return min(days, default=None)

    def _put(self, batch: "_Batch", standing: ShadowStanding) -> bool:
        return self._world.shadows.put(
            self._file,
            self._lease,
            batch.rows,
            others=batch.others,
            standing=standing,
        )
