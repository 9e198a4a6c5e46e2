"""Get one proposal."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.policies.issuing_ports import ProposalContent, ProposalStore
from services.scoring.commands.policies.proposal_standpoint import ProposalStandpoint, proposals_at
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.domain.proposal import Proposal


@dataclass(frozen=True, slots=True)
class ProposalAnswer:
    """A proposal as known at a point.

    Attributes:
        proposal: It.
        bytes_: Its bytes; none unless asked for.
        point: Point of the store.
    """

    proposal: Proposal
    bytes_: ProposalContent | None
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
            bytes_ = reading.proposals.content(proposal_id) if with_content else None
        return ProposalAnswer(found, bytes_, point)
