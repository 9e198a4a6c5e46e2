"""What every step of a proposal does alike: find it, look whether it may follow, add it."""

from collections.abc import Callable
from dataclasses import replace

from services.common.once import Call
from services.scoring.commands.policies.issuing_ports import (
    ProposalReads,
    ProposalWriting,
    StoredProposal,
    require_scope,
)
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.proposal import Proposal, ProposalUnknownError, Step, StepKind

PROPOSAL = "pp"
"""Letters of the identifiers of proposals."""


def find_proposal(proposals: ProposalReads, proposal_id: int, revision: int) -> Proposal:
    """Find a proposal.

    Raises:
        ProposalUnknownError: It was not known.
    """
    found = proposals.get(proposal_id, revision)
    if found is None:
        name = name_of(PROPOSAL, proposal_id)
        raise ProposalUnknownError(f"there is no proposal {name}", proposal_id=name)
    return found


def take_step(
    write: ProposalWriting,
    call: Call,
    proposal_id: int,
    *,
    step: tuple[StepKind, str, str],
    allowed: Callable[[Proposal], None],
) -> StoredProposal:
    """Add a step to a proposal that is open.

    Args:
        write: Where to write.
        call: Who takes it.
        proposal_id: The proposal.
        step: What is done, its document and its note.
        allowed: Raises a refusal where the step may not follow.

    Raises:
        ProposalUnknownError: There is no such proposal.
        ProposalClosedError: It is published or withdrawn.
        PolicyOutOfScopeError: The caller may not issue policies of that division or field.
    """
    proposal = find_proposal(write.proposals, proposal_id, write.point.revision)
    for file in proposal.files:
        require_scope(call.caller, division=file.division, field_code=file.field)
    proposal.require_open()
    allowed(proposal)
    kind, document_number, note = step
    taken = Step(
        kind=kind,
        caller=call.caller.identity,
        authority=call.caller.authority,
        document_number=document_number,
        note=note,
        revision=write.point.revision,
        recorded_time=write.point.recorded_time,
    )
    write.add_step(proposal_id, taken)
    return StoredProposal(replace(proposal, steps=(*proposal.steps, taken)), write.point)
