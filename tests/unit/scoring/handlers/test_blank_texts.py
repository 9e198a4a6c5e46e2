"""Requests whose texts say nothing: each field is named, whatever the blank."""

import pytest
from google.protobuf.message import Message

from safetycredit.scoring.v1 import (
    credit_statement_service_pb2,
    list_sync_service_pb2,
    policy_service_pb2,
    prevention_service_pb2,
)
from services.common.errors import InvalidInputError
from services.scoring.handlers import (
    credit_statement_service,
    issuing_rules,
    list_sync_requests,
    prevention_requests,
)
from services.scoring.handlers.requests import Rules

BLANK = "\u200b。\u3000"


@pytest.mark.parametrize(
    ("rules", "request_", "name"),
    [
        pytest.param(
            issuing_rules.WithdrawProposalRules,
            policy_service_pb2.WithdrawProposalRequest(
                request_id="r", proposal_id="pp-1", note=BLANK
            ),
            "note",
            id="proposal",
        ),
        pytest.param(
            credit_statement_service.WithdrawCreditStatementRules,
            credit_statement_service_pb2.WithdrawCreditStatementRequest(
                request_id="r", statement_id="00000000-0000-0000-0000-000000000000", reason=BLANK
            ),
            "reason",
            id="statement",
        ),
        pytest.param(
            prevention_requests.FileEvaluationDisputeRules,
            prevention_service_pb2.FileEvaluationDisputeRequest(
                request_id="r", evaluation_id="v-1", reason="不服", document_number=BLANK
            ),
            "document_number",
            id="dispute",
        ),
        pytest.param(
            list_sync_requests.ApproveRules,
            list_sync_service_pb2.ApproveListShrinkingRequest(
                request_id="r",
                kind="LIST_KIND_BLACKLIST",
                field="FIELD_WORK_SAFETY",
                removals_max=1,
                document_number=BLANK,
            ),
            "document_number",
            id="shrinking",
        ),
        pytest.param(
            list_sync_requests.ConfirmRules,
            list_sync_service_pb2.ConfirmShrinkWarningRequest(
                request_id="r",
                kind="LIST_KIND_BLACKLIST",
                field="FIELD_WORK_SAFETY",
                version=1,
                finding=BLANK,
            ),
            "finding",
            id="warning",
        ),
    ],
)
def test_a_text_that_says_nothing_is_not_given(
    rules: type[Rules], request_: Message, name: str
) -> None:
    """Neither letter nor digit is as nothing at all."""
    with pytest.raises(InvalidInputError) as error:
        rules.read(request_)

    assert [(one.field, one.reason) for one in error.value.violations] == [(name, "REQUIRED")]
