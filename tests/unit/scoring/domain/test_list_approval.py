"""Who approves a listing, and who drops one that was approved."""

from dataclasses import replace

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import Opinion, StepKind
from services.scoring.domain.list_course import CaseCourse
from tests.fakes.list_course import FIRE, case, step
from tests.unit.scoring.domain.test_list_course import (
    CALENDAR,
    COLLECT,
    HEARD,
    NOTIFY,
    REPORT,
    REVIEWS,
    WHOLE,
    reason,
)


def test_a_department_that_dissents_holds_the_approval() -> None:
    """It may think better of it; one that agreed may not repeat itself."""
    against = step(StepKind.REVIEW, HEARD, field=2, authority=FIRE, opinion=Opinion.DISAGREE)
    ledger = [COLLECT, REPORT, NOTIFY, REVIEWS[0], against]
    approve = step(StepKind.APPROVE, HEARD)

    assert reason(ledger, approve) == "REVIEW_DISSENTS"
    assert reason(ledger, REVIEWS[1]) == ""
    assert reason([*ledger, REVIEWS[1]], approve) == ""


PROPOSERS = pytest.mark.parametrize(
    "same",
    [{"caller": "clerk"}, {"person": "赵"}, {"person": "\u3000赵\u200b"}],
    ids=["caller", "person", "person-with-blanks"],
)


@PROPOSERS
def test_the_proposer_may_not_approve(same: dict[str, str]) -> None:
    """Neither as the same caller nor as the same person, however the name is written."""
    assert reason(WHOLE[:5], step(StepKind.APPROVE, HEARD, **same)) == "PROPOSER_MAY_NOT_APPROVE"


@PROPOSERS
def test_who_proposed_does_not_drop_what_was_approved(same: dict[str, str]) -> None:
    """Until the approval anybody of the authority closes a case, from then on somebody else."""
    close = step(StepKind.CLOSE, HEARD, document_number="终1号", **same)
    refused = replace(WHOLE[5], opinion=Opinion.DISAGREE)

    assert reason(WHOLE[:5], close) == ""
    assert reason([*WHOLE[:5], refused], close) == ""
    assert reason(WHOLE[:6], close) == "PROPOSER_MAY_NOT_APPROVE"
    assert reason(WHOLE[:7], close) == "PROPOSER_MAY_NOT_APPROVE"
    assert reason(WHOLE[:8], close) == "PROPOSER_MAY_NOT_APPROVE"
    assert reason(WHOLE[:8], step(StepKind.CLOSE, HEARD, document_number="终1号")) == ""


@pytest.mark.parametrize("kind", [StepKind.APPROVE, StepKind.DECIDE], ids=["approval", "decision"])
def test_what_was_approved_is_dropped_by_a_document_of_its_own(kind: StepKind) -> None:
    """Neither the approval nor the decision ends it; before them any document does."""
    before = {StepKind.APPROVE: 5, StepKind.DECIDE: 6}[kind]
    agreed = step(kind, HEARD, document_number="决1号", opinion=Opinion.AGREE)
    decided = [*WHOLE[:before], agreed]
    close = step(StepKind.CLOSE, HEARD, document_number="决1号")

    with pytest.raises(SafetyCreditError) as error:
        CaseCourse(case(), decided, CALENDAR).require(close)

    assert (error.value.reason, error.value.facts["missing"]) == (
        "CONTENT_MISSING",
        "document_number",
    )
    assert reason(decided, replace(close, document_number="终1号")) == ""
    assert reason(WHOLE[:5], close) == ""
