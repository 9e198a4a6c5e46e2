"""Publish an approved policy, for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.common.errors import Category, SafetyCreditError
from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    CandidateReview,
    PolicyTimeConflictError,
    ProposalStore,
    ProposalWriting,
    StoredProposal,
)
from services.scoring.commands.policies.joining import GAP, OVERLAP
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.policies.recorded_levels import (
    AccidentsRecordedError,
    levels_changed,
)
from services.scoring.commands.policies.stepping import take_step
from services.scoring.domain.proposal import Proposal, StepKind


class PoliciesChangedError(SafetyCreditError):
    """Other policies were published while this one was looked at."""

    reason = "POLICIES_CHANGED"
    category = Category.ABORTED


@dataclass(frozen=True, slots=True)
class PublishPolicy:
    """Publishes what two persons have approved: every file of it in one write.

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
        proposal_id: int,
        *,
        digest: str,
        document_number: str,
        recorded_levels_kept: bool = False,
    ) -> Answer:
        """Publish it.

        Args:
            call: Who publishes, and how the answer is encoded.
            proposal_id: The proposal.
            digest: Digest of its bytes.
            document_number: Document of the publication.
            recorded_levels_kept: Whether accidents may keep levels that are other ones by it.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ProposalClosedError: It is published or withdrawn.
            ProposalDigestDiffersError: Other bytes are meant.
            ProposalNotApprovedError: It lacks approvals.
            PolicyTimeConflictError: Versions would overlap, or leave a gap.
            PolicyVersionExistsError: A version exists by now with other content.
            PolicyRejectedError: It no longer fits the other policies.
            PoliciesChangedError: Another policy was published meanwhile.
            AccidentsRecordedError: Accidents on record would have other levels by it.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """
        library = self.library.now()
        review = self._review(call, proposal_id, library)

        def allowed(proposal: Proposal) -> None:
            proposal.require_digest(digest)
            proposal.require_approved()

        def work(write: ProposalWriting) -> StoredProposal:
            step = (StepKind.PUBLISHED, document_number, "")
            stored = take_step(write, call, proposal_id, step=step, allowed=allowed)
            # The write has the store to itself: what was looked at is what there is.
            if write.edition() != library.edition:
                raise PoliciesChangedError("another policy was published meanwhile; send it again")
            added = _usable(review())
            kept = levels_changed(write, added, library)
            if kept and not recorded_levels_kept:
                raise AccidentsRecordedError.of(kept)
            write.publish(proposal_id, added, parents=_parents(added, library))
            return replace(stored, versions=added, record_ids=kept)

        return write_once(self.store, call, work)

    # Private methods -------------------------------------------------------------

    def _review(
        self, call: WriteCall[StoredProposal], proposal_id: int, library: PolicyLibrary
    ) -> Callable[[], CandidateReview]:
        """Look at the proposal before the store is locked, for it takes a moment."""
        with self.store.read() as reading:
            files = reading.proposals.content(proposal_id)
        if not files:
            # The write says so, with its own reason.
            return lambda: CandidateReview(problems=())
        found = self.reading.review(files, library, today=call.today)
        return lambda: found


# Private functions -----------------------------------------------------------


def _usable(review: CandidateReview) -> tuple[CompiledVersion, ...]:
    """Give the versions to publish, or say why there are none."""
    conflicts = [one for one in review.mistakes if one.code in {OVERLAP, GAP}]
    if conflicts and not review.clashing and len(conflicts) == len(review.mistakes):
        raise PolicyTimeConflictError(
            f"{conflicts[0].message}; propose the policy with other days",
            conflicts=len(conflicts),
        )
    review.require_usable()
    return review.added


def _parents(added: Sequence[CompiledVersion], library: PolicyLibrary) -> tuple[bytes, ...]:
    """Give the bytes of the files that versions extend, each once, those of their own left out."""
    own = {(one.policy.policy_id, one.version.version) for one in added}
    found: dict[bytes, None] = {}
    for one in added:
        for policy_id, version, _ in one.policy.parents.get(one.version.version, ()):
            if (policy_id, version) in own:
                continue
            above = library.find(policy_id, version)
            assert above is not None, "the review found what the version extends"
            found[above.policy.content] = None
    return tuple(found)
