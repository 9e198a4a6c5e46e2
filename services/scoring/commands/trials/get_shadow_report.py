"""Report what a shadow run showed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.scoring.commands.policies.issuing_ports import ProposalStore
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.commands.ports import Store
from services.scoring.commands.trials.comparing import Comparison, Pair, ShortResult
from services.scoring.commands.trials.impact import affected_subject, with_name
from services.scoring.commands.trials.run_shadows import ShadowPair, ShadowPairs
from services.scoring.commands.trials.shadow_ports import (
    ComparedFile,
    ShadowNotStartedError,
    Shadows,
    ShadowStanding,
)
from services.scoring.commands.trials.simulation_ports import AffectedSubject
from services.scoring.domain.proposal import Proposal
from services.scoring.domain.viewpoint import Viewpoint

EXAMPLES_EACH: Final = 5
"""House decision: examples of one pair of results, so that rarer ones are shown too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What a shadow run showed so far of one file.

    Attributes:
        proposal: The proposal.
        pair: Both sides at the point compared last; none before the first comparison.
        start_time: When it was started last.
        stop_time: When it was stopped; none while it runs.
        standing: How far the comparison has come; none before its first round.
        matrix: Subjects by their two results.
        differing: Subjects with different results.
        examples: Subjects that differ, with the clauses.
        further: What the other files of several showed; empty in these.
    """

    proposal: Proposal
    pair: Pair | None
    start_time: datetime
    stop_time: datetime | None
    standing: ShadowStanding | None
    matrix: dict[tuple[ShortResult, ShortResult], int]
    differing: int
    examples: tuple[AffectedSubject, ...]
    further: tuple["ShadowReport", ...] = ()

    @property
    def subjects(self) -> int:
        """Say how many subjects are compared."""
        return sum(self.matrix.values())


@dataclass(frozen=True, slots=True)
class GetShadowReport:
    """Reports agreements, differences, and examples with their clauses.

    Attributes:
        store: Where facts are stored.
        proposals: Where proposals are kept.
        pairs: Puts both sides of a proposal side by side.
        shadows: Where comparisons are kept.
    """

    store: Store
    proposals: ProposalStore
    pairs: ShadowPairs
    shadows: Shadows

    def __call__(self, proposal_id: int, *, examples_max: int) -> ShadowReport:
        """Report.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ShadowNotStartedError: It never ran in the shadow.
        """
        with self.proposals.read() as reading:
            proposal = find_proposal(reading.proposals, proposal_id, reading.point.revision)
        if proposal.shadow_start is None:
            raise ShadowNotStartedError("the proposal never ran in the shadow; start it first")
        first, *further = (
            self._report(proposal, ComparedFile(proposal_id, position), examples_max)
            for position in range(1, len(proposal.files) + 1)
        )
        return replace(first, further=tuple(further))

    # Private methods -------------------------------------------------------------

    def _report(self, proposal: Proposal, file: ComparedFile, examples_max: int) -> ShadowReport:
        start, stop = proposal.shadow_start, proposal.shadow_stop
        assert start is not None, "asked only for shadow runs"
        standing = self.shadows.standing(file)
        if standing is not None and standing.start_revision != start.revision:
            standing = None
        tally = self.shadows.tally(file)
        at = None
        if standing is not None and standing.as_of is not None:
            at = Viewpoint(standing.revision, standing.as_of)
        found = () if at is None else self.pairs.of(proposal, at)
        sides = next((one for one in found if one.file == file), None)
        examples: tuple[AffectedSubject, ...] = ()
        if at is not None and sides is not None and examples_max:
            examples = self._examples(sides, at, examples_max)
        return ShadowReport(
            proposal=proposal,
            pair=None if sides is None else sides.pair,
            start_time=start.recorded_time,
            stop_time=None if stop is None else stop.recorded_time,
            standing=standing,
            matrix=dict(sorted(tally.cells.items())) if standing is not None else {},
            differing=tally.differing if standing is not None else 0,
            examples=examples,
        )

    def _examples(
        self, sides: ShadowPair, at: Viewpoint, limit: int
    ) -> tuple[AffectedSubject, ...]:
        """Evaluate some of the subjects that differ once more, for their clauses."""
        numbers = self.shadows.differing(sides.file, each=EXAMPLES_EACH, limit=limit)
        if not numbers:
            return ()
        with self.store.read() as reading:
            chunk = reading.facts.chunk_of(numbers, sides.needs, at)
            subjects = reading.subjects.by_number(numbers, at)
        comparison = Comparison(sides.pair, chunk.population, at.as_of, local=True)
        found: list[int] = chunk.subject_ids.tolist()
        return tuple(
            with_name(affected_subject(comparison, position), subjects.get(number))
            for position, number in enumerate(found)
            if comparison.changed[position]
        )
