"""Propose a policy, so that others can look at it."""

from dataclasses import dataclass
from hashlib import sha256

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    ProposalContent,
    ProposalStore,
    ProposalWriting,
    StoredProposal,
    require_scope,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.proposal import Proposal, Step, StepKind


@dataclass(frozen=True, slots=True)
class ProposePolicy:
    """Stores a policy file that checks without mistakes, to the byte.

    Attributes:
        store: Where proposals are kept.
        library: The policies.
        reading: Looks at candidates.
    """

    store: ProposalStore
    library: PolicyLibrary
    reading: CandidateReading

    def __call__(
        self,
        call: WriteCall[StoredProposal],
        bytes_: ProposalContent,
        *,
        document_number: str,
        note: str,
    ) -> Answer:
        """Store it.

        Raises:
            PolicyRejectedError: It has mistakes.
            PolicyVersionExistsError: A version exists with other content.
            PolicyAddsNothingError: All of its versions exist.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """
        # Looked at before the store is locked: it takes a moment.
        review = self.reading.review(
            bytes_.content, bytes_.cases, self.library.now(), today=call.today
        )

        def work(write: ProposalWriting) -> StoredProposal:
            policy = review.require_usable()
            require_scope(call.caller, division=policy.division, field_code=policy.field)
            step = Step(
                kind=StepKind.PROPOSED,
                caller=call.caller.identity,
                authority=call.caller.authority,
                document_number=document_number,
                note=note,
                revision=write.point.revision,
                recorded_time=write.point.recorded_time,
            )
            proposal = Proposal(
                proposal_id=0,
                policy_id=policy.policy_id,
                versions=tuple(one.version.version for one in review.added),
                digest=sha256(bytes_.content).hexdigest(),
                title_zh=policy.title.zh,
                title_en=policy.title.en,
                division=policy.division,
                field=policy.field,
                start_date=min(one.version.start_date for one in review.added),
                steps=(step,),
            )
            return StoredProposal(write.propose(proposal, bytes_), write.point, review.problems)

        return write_once(self.store, call, work)
