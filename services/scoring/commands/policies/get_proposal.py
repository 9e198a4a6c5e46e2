"""Get one proposal."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.policies.issuing_ports import PolicyBytes, ProposalStore
from services.scoring.commands.policies.proposal_standpoint import ProposalStandpoint, proposals_at
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.domain.proposal import Proposal


@dataclass(frozen=True, slots=True)
class ProposalAnswer:
    """A proposal as known at a point.

    Attributes:
        proposal: It.
        files: The bytes of its files; none unless asked for.
        point: Point of the store.
    """

    proposal: Proposal
    files: tuple[PolicyBytes, ...]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetProposal:
    """Gets a proposal with its steps.

    Attributes:
        store: Where proposals are kept.
    """

    store: ProposalStore

    def __call__(
        self, proposal_id: int, standpoint: ProposalStandpoint, *, with_content: bool
    ) -> ProposalAnswer:
        """Get it.

        Raises:
            ProposalUnknownError: It was not known.
            SafetyCreditError: As `proposals_at` says.
        """
        with proposals_at(self.store, standpoint) as (reading, point):
            found = find_proposal(reading.proposals, proposal_id, point.revision)
            files = reading.proposals.content(proposal_id) if with_content else ()
        return ProposalAnswer(found, files, point)
