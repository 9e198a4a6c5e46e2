"""A policy on its way to be published: its steps, where they lead, and who may take the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from services.common.errors import Category, SafetyCreditError

APPROVALS_NEEDED: Final = 2
"""House rule: two persons besides the proposer look at every policy."""


class StepKind(IntEnum):
    """What was done."""

    PROPOSED = 1
    APPROVED = 2
    PUBLISHED = 3
    WITHDRAWN = 4
    SHADOW_STARTED = 5
    SHADOW_STOPPED = 6


class ProposalState(IntEnum):
    """Where a proposal stands."""

    PROPOSED = 1
    APPROVED = 2
    PUBLISHED = 3
    WITHDRAWN = 4


class ProposalUnknownError(SafetyCreditError):
    """There is no such proposal."""

    reason = "PROPOSAL_UNKNOWN"
    category = Category.NOT_FOUND


class ProposalClosedError(SafetyCreditError):
    """A proposal is published or withdrawn; nothing follows."""

    reason = "PROPOSAL_CLOSED"
    category = Category.PRECONDITION


class ProposalDigestDiffersError(SafetyCreditError):
    """A caller means other bytes than those proposed."""

    reason = "PROPOSAL_DIGEST_DIFFERS"
    category = Category.PRECONDITION


class ApproverIsProposerError(SafetyCreditError):
    """A proposer approves the own proposal."""

    reason = "APPROVER_IS_PROPOSER"
    category = Category.DENIED


class AlreadyApprovedError(SafetyCreditError):
    """A caller approves a second time."""

    reason = "ALREADY_APPROVED_BY_CALLER"
    category = Category.PRECONDITION


class ProposalNotApprovedError(SafetyCreditError):
    """A proposal lacks approvals."""

    reason = "PROPOSAL_NOT_APPROVED"
    category = Category.PRECONDITION


class ShadowRunningError(SafetyCreditError):
    """A shadow run is started while it runs."""

    reason = "SHADOW_RUNNING"
    category = Category.PRECONDITION


class ShadowNotRunningError(SafetyCreditError):
    """A shadow run is stopped that does not run."""

    reason = "SHADOW_NOT_RUNNING"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in the life of a proposal.

    Attributes:
        kind: What was done.
        caller: Who did it.
        authority: Authority that the caller acted for; empty for none.
        document_number: Document behind it; empty for none.
        note: What the caller noted.
        revision: Revision that recorded it.
        recorded_time: Instant of that revision, UTC.
    """

    kind: StepKind
    caller: str
    authority: str = ""
    document_number: str = ""
    note: str = ""
    revision: int
    recorded_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFile:
    """A policy file of a proposal.

    Attributes:
        policy_id: The policy.
        versions: Names of the versions that it adds, by start.
        digest: SHA-256 of its bytes, hexadecimal.
        title_zh: Title in Chinese.
        title_en: Title in English.
        division: Division whose policy it is, six digits.
        field: Code of its field; empty for a policy of every field.
        start_date: Start of the earliest version that it adds.
    """

    policy_id: str
    versions: tuple[str, ...]
    digest: str
    title_zh: str
    title_en: str
    division: str
    field: str
    start_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Policy files that somebody proposed: all of them are published together, or none is.

    Attributes:
        proposal_id: Its number.
        files: Its files, in order, each of another policy; at least one.
        steps: Its steps, in order; the first is that it was proposed.
    """

    proposal_id: int
    files: tuple[ProposedFile, ...]
    steps: tuple[Step, ...]

    @property
    def first(self) -> ProposedFile:
        """Give the file that it is called by."""
        return self.files[0]

    @property
    def digest(self) -> str:
        """Give the digest that approvals name."""
        return digest_of_files([file.digest for file in self.files])

    @property
    def state(self) -> ProposalState:
        """Say where it stands."""
        kinds = [step.kind for step in self.steps]
        if StepKind.PUBLISHED in kinds:
            return ProposalState.PUBLISHED
        if StepKind.WITHDRAWN in kinds:
            return ProposalState.WITHDRAWN
        if kinds.count(StepKind.APPROVED) >= APPROVALS_NEEDED:
            return ProposalState.APPROVED
        return ProposalState.PROPOSED

    @property
    def closed(self) -> bool:
        """Say whether nothing follows."""
        return self.state in {ProposalState.PUBLISHED, ProposalState.WITHDRAWN}

    @property
    def shadow_start(self) -> Step | None:
        """Give the step that started the last shadow run; none if there was none."""
        return self._last(StepKind.SHADOW_STARTED)

    @property
    def shadow_stop(self) -> Step | None:
        """Give the step that ended the last shadow run; none while it runs, or without one.

        What closes a proposal ends its shadow run too.
        """
        start = self.shadow_start
        if start is None:
            return None
        ends = (StepKind.SHADOW_STOPPED, StepKind.PUBLISHED, StepKind.WITHDRAWN)
        return next(
            (one for one in self.steps if one.kind in ends and one.revision > start.revision), None
        )

    @property
    def shadowed(self) -> bool:
        """Say whether it runs in the shadow of the live policy."""
        return self.shadow_start is not None and self.shadow_stop is None

    def require_open(self) -> None:
        """Refuse a step after the last.

        Raises:
            ProposalClosedError: It is published or withdrawn.
        """
        if self.closed:
            raise ProposalClosedError(
                f"the proposal is {self.state.name.lower()}; propose the policy anew",
                state=self.state.name.lower(),
            )

    def require_digest(self, digest: str) -> None:
        """Refuse a step that means other bytes.

        Raises:
            ProposalDigestDiffersError: The digest is not that of the proposed bytes.
        """
        if digest != self.digest:
            raise ProposalDigestDiffersError(
                f"the proposed bytes have the digest {self.digest}; look at them again",
                digest=self.digest,
            )

    def require_approver(self, caller: str) -> None:
        """Refuse an approval that would not be another person's.

        Raises:
            ApproverIsProposerError: The caller proposed it.
            AlreadyApprovedError: The caller has approved it.
        """
        if _same_person(caller, self.steps[0].caller):
            raise ApproverIsProposerError(
                "whoever proposes a policy does not approve it; let another person approve",
                caller=caller,
            )
        if any(
            step.kind is StepKind.APPROVED and _same_person(step.caller, caller)
            for step in self.steps
        ):
            raise AlreadyApprovedError(
                "you have approved it; let another person approve too", caller=caller
            )

    def require_approved(self) -> None:
        """Refuse to publish what too few have approved.

        Raises:
            ProposalNotApprovedError: It lacks approvals.
        """
        if self.state is not ProposalState.APPROVED:
            count = sum(step.kind is StepKind.APPROVED for step in self.steps)
            raise ProposalNotApprovedError(
                f"{count} of {APPROVALS_NEEDED} persons have approved it; let another approve",
                approvals=count,
                approvals_needed=APPROVALS_NEEDED,
            )

    def require_no_shadow(self) -> None:
        """Refuse a second shadow run.

        Raises:
            ShadowRunningError: It runs.
        """
        if self.shadowed:
            raise ShadowRunningError("the proposal runs in the shadow already; read its report")

    def require_shadow(self) -> None:
        """Refuse to stop what does not run.

        Raises:
            ShadowNotRunningError: It does not run.
        """
        if not self.shadowed:
            raise ShadowNotRunningError("the proposal does not run in the shadow; start it first")

    # Private methods -------------------------------------------------------------

    def _last(self, kind: StepKind) -> Step | None:
        return next((step for step in reversed(self.steps) if step.kind is kind), None)


def digest_of_files(digests: Sequence[str]) -> str:
    """Give the digest that stands for files: their own where there is one, else that of all.

    Args:
        digests: SHA-256 of each file's bytes, hexadecimal, in order.
    """
    if len(digests) == 1:
        return digests[0]
    return sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


# Private functions -----------------------------------------------------------


def _same_person(one: str, other: str) -> bool:
    """Say whether two callers are one person, who may write the own name in another way."""
    return normalize("NFKC", one).strip().casefold() == normalize("NFKC", other).strip().casefold()
