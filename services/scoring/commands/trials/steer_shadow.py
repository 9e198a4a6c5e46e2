"""Start and stop shadow runs: a candidate evaluated beside the live policy, never in its place."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    ProposalStore,
    ProposalWriting,
    StoredProposal,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.policies.stepping import take_step
from services.scoring.commands.trials.start_simulation import require_results
from services.scoring.domain.proposal import Proposal, StepKind


@dataclass(frozen=True, slots=True)
class StartShadow:
    """Lets a proposed policy run in the shadow of the live one.

    Attributes:
        store: Where proposals are kept.
        library: The policies.
        reading: Looks at candidates.
    """

    store: ProposalStore
    library: PolicyLibrary
    reading: CandidateReading

    def __call__(self, call: WriteCall[StoredProposal], proposal_id: int) -> Answer:
        """Store the start.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ProposalClosedError: It is published or withdrawn.
            ShadowRunningError: It runs already.
            PolicyNotSimulatedError: A file is asked of single records, and not of an enterprise.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """
        with self.store.read() as reading:
            contents = [file.content for file in reading.proposals.content(proposal_id)]
        found = self.reading.compile(contents, self.library.now())
        require_results(file.policy for file in found.files)

        def work(write: ProposalWriting) -> StoredProposal:
            step = (StepKind.SHADOW_STARTED, "", "")
            return take_step(
                write, call, proposal_id, step=step, allowed=Proposal.require_no_shadow
            )

        return write_once(self.store, call, work)


@dataclass(frozen=True, slots=True)
class StopShadow:
    """Stops a shadow run; its report stays.

    Attributes:
        store: Where proposals are kept.
    """

    store: ProposalStore

    def __call__(self, call: WriteCall[StoredProposal], proposal_id: int) -> Answer:
        """Store the stop.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ProposalClosedError: It is published or withdrawn.
            ShadowNotRunningError: It does not run.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """

        def work(write: ProposalWriting) -> StoredProposal:
            step = (StepKind.SHADOW_STOPPED, "", "")
            return take_step(write, call, proposal_id, step=step, allowed=Proposal.require_shadow)

        return write_once(self.store, call, work)
