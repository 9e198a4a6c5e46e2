"""Report what a shadow run showed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.scoring.commands.policies.issuing_ports import ProposalStore
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.commands.ports import Store
from services.scoring.commands.trials.comparing import Comparison, ShortResult
from services.scoring.commands.trials.impact import affected_subject, with_name
from services.scoring.commands.trials.pairing import Asked, Pair, inside
from services.scoring.commands.trials.run_shadows import ShadowPair, ShadowPairs
from services.scoring.commands.trials.shadow_ports import (
    ComparedFile,
    ShadowNotStartedError,
    Shadows,
    ShadowStanding,
)
from services.scoring.commands.trials.simulation_ports import (
    AffectedSubject,
    Counting,
)
from services.scoring.domain.proposal import Proposal
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

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
        elsewhere: Subjects that are not compared, for a more local policy answers: policy, version
            and how many.
        further: What the other files of several showed, then the plans that bounds among them hold
            within them; empty in these.
    """

    proposal: Proposal
    pair: Pair | None
    start_time: datetime
    stop_time: datetime | None
    standing: ShadowStanding | None
    matrix: dict[tuple[ShortResult, ShortResult], int]
    differing: int
    examples: tuple[AffectedSubject, ...]
    elsewhere: tuple[tuple[str, str, int], ...] = ()
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
        counting: Counts the subjects.
    """

    store: Store
    proposals: ProposalStore
    pairs: ShadowPairs
    shadows: Shadows
    counting: Counting

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
        count = len(proposal.files)
        first, *further = (
            self._report(proposal, ComparedFile(proposal_id, position), examples_max)
            for position in range(1, count + 1)
        )
        for sides in self._sides(proposal, first.standing)[count:]:
            further.append(self._report(proposal, sides.file, examples_max))
        return replace(first, further=tuple(further))

    # Private methods -------------------------------------------------------------

    def _report(self, proposal: Proposal, file: ComparedFile, examples_max: int) -> ShadowReport:
        start, stop = proposal.shadow_start, proposal.shadow_stop
        assert start is not None, "asked only for shadow runs"
        standing = self.shadows.standing(file)
        if standing is not None and standing.start_revision != start.revision:
            standing = None
        tally = self.shadows.tally(file)
        at = _viewpoint(standing)
        sides = next((one for one in self._sides(proposal, standing) if one.file == file), None)
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
            elsewhere=() if at is None or sides is None else self._elsewhere(sides.pair, at),
        )

    def _sides(self, proposal: Proposal, standing: ShadowStanding | None) -> tuple[ShadowPair, ...]:
        """Give what is compared at the point up to which a comparison has come."""
        at = _viewpoint(standing)
        return () if at is None else self.pairs.of(proposal, at)

    def _elsewhere(self, pair: Pair, at: Viewpoint) -> tuple[tuple[str, str, int], ...]:
        """Count the enterprises for whom more local policies answer, each once."""
        counted: dict[CompiledVersion, int] = {}
        for one in pair.more_local:
            wanted = EnterpriseFilter(division=one.policy.division)
            there = self.counting.subjects(wanted, at, persons=False)
            # Deeper divisions stand first.
            deeper = (count for each, count in counted.items() if inside(each.policy, one.policy))
            counted[one] = there - sum(deeper)
        return tuple(
            (one.policy.policy_id, one.version.version, count)
            for one, count in counted.items()
            if count
        )

    def _examples(
        self, sides: ShadowPair, at: Viewpoint, limit: int
    ) -> tuple[AffectedSubject, ...]:
        """Evaluate some of the subjects that differ once more, for their clauses."""
        numbers = self.shadows.differing(sides.file, each=EXAMPLES_EACH, limit=limit)
        if not numbers:
            return ()
        with self.store.read() as reading:
            persons = sides.pair.for_persons
            chunk = reading.facts.chunk_of(numbers, sides.pair.needs, at, persons=persons)
            subjects = reading.subjects.by_number(numbers, at)
        asked = Asked.of(sides.pair, chunk.population, local=True, persons=chunk.persons)
        comparison = Comparison(sides.pair, chunk.population, at.as_of, asked=asked)
        found: list[int] = chunk.subject_ids.tolist()
        return tuple(
            with_name(affected_subject(comparison, position), subjects.get(number))
            for position, number in enumerate(found)
            if comparison.changed[position]
        )


# Private functions -----------------------------------------------------------


def _viewpoint(standing: ShadowStanding | None) -> Viewpoint | None:
    if standing is None or standing.as_of is None:
        return None
    return Viewpoint(standing.revision, standing.as_of)
