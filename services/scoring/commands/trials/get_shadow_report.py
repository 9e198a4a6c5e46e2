"""Report what a shadow run showed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.scoring.commands.policies.issuing_ports import ProposalStore
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.commands.ports import Store
from services.scoring.commands.trials.comparing import Comparison, Pair, ShortResult
from services.scoring.commands.trials.impact import affected_subject, with_name
from services.scoring.commands.trials.run_shadows import ShadowPair, ShadowPairs
from services.scoring.commands.trials.shadow_ports import (
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
    """What a shadow run showed so far.

    Attributes:
        proposal: The proposal.
        pair: Both sides at the point compared last; none before the first comparison.
        start_time: When it was started last.
        stop_time: When it was stopped; none while it runs.
        standing: How far the comparison has come; none before its first round.
        matrix: Subjects by their two results.
        differing: Subjects with different results.
        examples: Subjects that differ, with the clauses.
    """

    proposal: Proposal
    pair: Pair | None
    start_time: datetime
    stop_time: datetime | None
    standing: ShadowStanding | None
    matrix: dict[tuple[ShortResult, ShortResult], int]
    differing: int
    examples: tuple[AffectedSubject, ...]

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
        start, stop = proposal.shadow_start, proposal.shadow_stop
        if start is None:
            raise ShadowNotStartedError("the proposal never ran in the shadow; start it first")
        standing = self.shadows.standing(proposal_id)
        if standing is not None and standing.start_revision != start.revision:
            standing = None
        tally = self.shadows.tally(proposal_id)
        known = standing is not None and standing.as_of is not None
        at = None
        if known and standing is not None and standing.as_of is not None:
            at = Viewpoint(standing.revision, standing.as_of)
        sides = None if at is None else self.pairs.of(proposal, at)
        examples: tuple[AffectedSubject, ...] = ()
        if at is not None and sides is not None and examples_max:
            examples = self._examples(proposal_id, sides, at, examples_max)
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

    # Private methods -------------------------------------------------------------

    def _examples(
        self, proposal_id: int, sides: ShadowPair, at: Viewpoint, limit: int
    ) -> tuple[AffectedSubject, ...]:
        """Evaluate some of the subjects that differ once more, for their clauses."""
        numbers = self.shadows.differing(proposal_id, each=EXAMPLES_EACH, limit=limit)
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
