"""Proposals: where their steps lead, and who may take the next."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from services.scoring.domain.proposal import (
    AlreadyApprovedError,
    ApproverIsProposerError,
    Proposal,
    ProposalClosedError,
    ProposalDigestDiffersError,
    ProposalNotApprovedError,
    ProposalState,
    ProposedFile,
    ShadowNotRunningError,
    ShadowRunningError,
    Step,
    StepKind,
)

PROPOSED, APPROVED, PUBLISHED, WITHDRAWN, STARTED, STOPPED = StepKind


def proposal(*steps: tuple[StepKind, str]) -> Proposal:
    """Make a proposal of liu's with further steps."""
    taken = [(PROPOSED, "liu"), *steps]
    return Proposal(
        proposal_id=1,
        files=(
            ProposedFile(
                policy_id="cn.test",
                versions=("one",),
                digest="d" * 64,
                title_zh="",
                title_en="",
                division="000000",
                field="",
                start_date=date(2025, 1, 1),
            ),
        ),
        steps=tuple(
            Step(kind=kind, caller=caller, revision=number, recorded_time=datetime.now(UTC))
            for number, (kind, caller) in enumerate(taken, start=1)
        ),
    )


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        pytest.param([], ProposalState.PROPOSED, id="proposed"),
        pytest.param([(APPROVED, "wang")], ProposalState.PROPOSED, id="one-approval"),
        pytest.param(
            [(APPROVED, "wang"), (APPROVED, "zhao")], ProposalState.APPROVED, id="two-approvals"
        ),
        pytest.param(
            [(APPROVED, "wang"), (APPROVED, "zhao"), (WITHDRAWN, "liu")],
            ProposalState.WITHDRAWN,
            id="withdrawn-after-approval",
        ),
        pytest.param(
            [(APPROVED, "wang"), (APPROVED, "zhao"), (PUBLISHED, "wang")],
            ProposalState.PUBLISHED,
            id="published",
        ),
    ],
)
def test_steps_lead_to_a_state(steps: list[tuple[StepKind, str]], state: ProposalState) -> None:
    """Two approvals approve; publishing and withdrawing close."""
    assert proposal(*steps).state is state


@pytest.mark.parametrize(
    ("steps", "running", "stopped"),
    [
        pytest.param([], False, False, id="never"),
        pytest.param([(STARTED, "wang")], True, False, id="running"),
        pytest.param([(STARTED, "wang"), (STOPPED, "wang")], False, True, id="stopped"),
        pytest.param([(STARTED, "wang"), (WITHDRAWN, "liu")], False, True, id="closed"),
        pytest.param(
            [(STARTED, "wang"), (STOPPED, "wang"), (STARTED, "wang")], True, False, id="anew"
        ),
    ],
)
def test_a_shadow_runs_from_its_start_to_the_next_end(
    steps: list[tuple[StepKind, str]],
    running: bool,  # noqa: FBT001 -- a row of the table.
    stopped: bool,  # noqa: FBT001 -- a row of the table.
) -> None:
    """What closes a proposal ends its shadow run too."""
    found = proposal(*steps)

    assert (found.shadowed, found.shadow_stop is not None) == (running, stopped)


@pytest.mark.parametrize(
    ("steps", "look", "error"),
    [
        pytest.param(
            [], lambda one: one.require_approver("liu"), ApproverIsProposerError, id="proposer"
        ),
        pytest.param(
            [(APPROVED, "wang")],
            lambda one: one.require_approver("wang"),
            AlreadyApprovedError,
            id="twice",
        ),
        pytest.param(
            [],
            lambda one: one.require_approver(" LIU"),
            ApproverIsProposerError,
            id="proposer-otherwise-written",
        ),
        pytest.param(
            [(APPROVED, "wang")],
            lambda one: one.require_approver("Ｗang"),
            AlreadyApprovedError,
            id="twice-otherwise-written",
        ),
        pytest.param(
            [(APPROVED, "wang")], Proposal.require_approved, ProposalNotApprovedError, id="one"
        ),
        pytest.param([(WITHDRAWN, "liu")], Proposal.require_open, ProposalClosedError, id="closed"),
        pytest.param(
            [], lambda one: one.require_digest("e" * 64), ProposalDigestDiffersError, id="digest"
        ),
        pytest.param(
            [(STARTED, "wang")], Proposal.require_no_shadow, ShadowRunningError, id="shadow"
        ),
        pytest.param([], Proposal.require_shadow, ShadowNotRunningError, id="no-shadow"),
    ],
)
def test_a_step_that_may_not_follow_is_refused(
    steps: list[tuple[StepKind, str]], look: Callable[[Proposal], None], error: type[Exception]
) -> None:
    """Each rule has a refusal of its own."""
    with pytest.raises(error):
        look(proposal(*steps))


def test_a_step_that_may_follow_is_let_through() -> None:
    """Another person, the same digest, two approvals, no shadow: nothing is in the way."""
    found = proposal((APPROVED, "wang"), (APPROVED, "zhao"))

    found.require_open()
    found.require_digest("d" * 64)
    found.require_approver("sun")
    found.require_approved()
    found.require_no_shadow()

    assert not found.closed
