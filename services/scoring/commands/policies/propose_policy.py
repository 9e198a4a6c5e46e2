"""Propose a policy, or several that belong together, so that others can look at them."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    PolicyBytes,
    ProposalStore,
    ProposalWriting,
    ReviewedFile,
    StoredProposal,
    require_scope,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.proposal import Proposal, ProposedFile, Step, StepKind


@dataclass(frozen=True, slots=True)
class ProposePolicy:
    """Stores policy files that together check without mistakes, to the byte.

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
        files: Sequence[PolicyBytes],
        *,
        document_number: str,
        note: str,
    ) -> Answer:
        """Store them.

        Raises:
            PolicyRejectedError: They have mistakes.
            PolicyVersionExistsError: A version exists with other content.
            PolicyAddsNothingError: All versions of a file exist.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """
        # Looked at before the store is locked: it takes a moment.
        review = self.reading.review(files, self.library.now(), today=call.today)

        def work(write: ProposalWriting) -> StoredProposal:
            usable = review.require_usable()
            for one in usable:
                policy = one.policy
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
                proposal_id=0, files=tuple(_proposed(one) for one in usable), steps=(step,)
            )
            return StoredProposal(write.propose(proposal, files), write.point, review.problems)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _proposed(file: ReviewedFile) -> ProposedFile:
    policy = file.policy
    return ProposedFile(
        policy_id=policy.policy_id,
        versions=tuple(one.version.version for one in file.added),
        digest=file.digest,
        title_zh=policy.title.zh,
        title_en=policy.title.en,
        division=policy.division,
        field=policy.field,
        start_date=min(one.version.start_date for one in file.added),
    )
