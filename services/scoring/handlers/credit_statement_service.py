"""CreditStatementService: signed credit statements, and where they stand."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, cast

from pydantic import PlainValidator

from safetycredit.scoring.v1 import basis_pb2
from safetycredit.scoring.v1 import credit_statement_service_pb2 as pb
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.meaningful_text import meaningful
from services.common.statement_keys import StatementKey, key_set
from services.common.write_calls import response_of, write_call
from services.scoring.commands.answers import PolicyChoice
from services.scoring.commands.statements.credit_statements import (
    FoundStatement,
    GetCreditStatementStatus,
    ListStatementKeys,
    WithdrawCreditStatement,
)
from services.scoring.commands.statements.issue_credit_statement import (
    IssueCreditStatement,
    IssuedAnswer,
    StatementAsked,
)
from services.scoring.domain.statement import StatedPolicy, Statement
from services.scoring.handlers.messages import point_message, serialised
from services.scoring.handlers.rate_requests import RequestId
from services.scoring.handlers.requests import Enterprise, FieldNumber, Name, PointRules, Rules
from services.scoring.handlers.wire_values import write_day, write_instant, wrong

_WORK_SAFETY: Final = 1
"""Number of the field that is meant when none is given."""

_REASON_CHARACTERS_MAX: Final = 500
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _read_statement_id(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise wrong("ID_MALFORMED", "give the identifier as it stands in the statement")
    return text


def _read_reason(text: str) -> str:
    if not meaningful(text):
        raise wrong("REQUIRED", "give it")
    if len(text) > _REASON_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_REASON_CHARACTERS_MAX} characters")
    if not text.isprintable():
        raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
    return meaningful(text)


StatementId = Annotated[str, PlainValidator(_read_statement_id)]
Reason = Annotated[str, PlainValidator(_read_reason)]


class IssueCreditStatementRules(PointRules):
    """Rules of IssueCreditStatementRequest."""

    request_id: RequestId
    subject: Enterprise
    field: FieldNumber = 0
    policy_id: Name = ""


class GetCreditStatementStatusRules(Rules):
    """Rules of GetCreditStatementStatusRequest."""

    statement_id: StatementId


class WithdrawCreditStatementRules(Rules):
    """Rules of WithdrawCreditStatementRequest."""

    request_id: RequestId
    statement_id: StatementId
    reason: Reason


@dataclass(frozen=True, slots=True)
class CreditStatementHandlers:
    """Answers the calls of CreditStatementService.

    Attributes:
        issue: Issues statements.
        status: Says where one stands.
        withdraw: Withdraws one.
        keys: Lists the keys that verify them.
    """

    issue: IssueCreditStatement
    status: GetCreditStatementStatus
    withdraw: WithdrawCreditStatement
    keys: ListStatementKeys

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "IssueCreditStatement": self.issue_credit_statement,
            "GetCreditStatementStatus": self.get_credit_statement_status,
            "WithdrawCreditStatement": self.withdraw_credit_statement,
            "ListStatementKeys": self.list_statement_keys,
        }

    async def issue_credit_statement(
        self, request: pb.IssueCreditStatementRequest, context: CallContext
    ) -> Response:
        """Issue a statement."""
        rules = IssueCreditStatementRules.read(request)
        asked = StatementAsked(
            rules.subject,
            rules.standpoint(context.clock),
            PolicyChoice(policy_id=rules.policy_id, field=rules.field or _WORK_SAFETY),
        )
        call = write_call(request, context, _issued_message)
        answer = await context.run_command(self.issue, call, asked)
        return response_of(answer, pb.IssueCreditStatementResponse)

    async def get_credit_statement_status(
        self, request: pb.GetCreditStatementStatusRequest, context: CallContext
    ) -> bytes:
        """Say where a statement stands."""
        rules = GetCreditStatementStatusRules.read(request)
        found = await context.run_command(self.status, rules.statement_id)
        statement = found.statement
        message = pb.GetCreditStatementStatusResponse(
            statement_id=statement.statement_id,
            state=cast(
                "pb.GetCreditStatementStatusResponse.State",
                int(statement.state(context.clock.now())),
            ),
            issue_time=write_instant(statement.issue_time),
            expiry_time=write_instant(statement.expiry_time),
            key_id=statement.key_id,
            withdraw_reason=statement.withdraw_reason,
            point=point_message(found.point),
        )
        if statement.withdraw_time is not None:
            message.withdraw_time.CopyFrom(write_instant(statement.withdraw_time))
        return serialised(message)

    async def withdraw_credit_statement(
        self, request: pb.WithdrawCreditStatementRequest, context: CallContext
    ) -> Response:
        """Withdraw a statement."""
        rules = WithdrawCreditStatementRules.read(request)
        call = write_call(request, context, _withdrawn_message)
        answer = await context.run_command(
            self.withdraw, call, rules.statement_id, reason=rules.reason
        )
        return response_of(answer, pb.WithdrawCreditStatementResponse)

    async def list_statement_keys(
        self, request: pb.ListStatementKeysRequest, context: CallContext
    ) -> bytes:
        """List the public keys."""
        del request
        found = await context.run_command(self.keys)
        keys = [
            StatementKey(one.key_id, one.public_key, one.create_time, one.retire_time)
            for one in found
        ]
        return serialised(
            pb.ListStatementKeysResponse(
                keys=[_key_message(key) for key in keys], jwks=key_set(keys)
            )
        )


# Private functions -----------------------------------------------------------


def _issued_message(issued: IssuedAnswer) -> pb.IssueCreditStatementResponse:
    return pb.IssueCreditStatementResponse(
        statement=_statement_message(issued.statement, issued.key_id),
        signed_statement=issued.signed_statement,
        point=point_message(issued.point),
    )


def _statement_message(statement: Statement, key_id: str) -> pb.CreditStatement:
    return pb.CreditStatement(
        statement_id=statement.statement_id,
        enterprise_id=statement.enterprise_id,
        credit_code=statement.credit_code,
        grade=statement.grade,
        grade_rank=statement.grade_rank,
        grade_policy=_policy_message(statement.grade_policy),
        standings=[
            pb.StatedStanding(policy=_policy_message(one.policy), standing=one.standing)
            for one in statement.standings
        ],
        field=cast("WireField", statement.field),
        as_of=write_day(statement.as_of),
        known_at=write_instant(statement.known_at),
        issue_time=write_instant(statement.issue_time),
        expiry_time=write_instant(statement.expiry_time),
        key_id=key_id,
    )


def _policy_message(policy: StatedPolicy) -> basis_pb2.PolicyRef:
    return basis_pb2.PolicyRef(
        policy_id=policy.policy_id, version=policy.version, digest=policy.digest
    )


def _withdrawn_message(found: FoundStatement) -> pb.WithdrawCreditStatementResponse:
    statement = found.statement
    assert statement.withdraw_time is not None, "it was just withdrawn"
    return pb.WithdrawCreditStatementResponse(
        statement_id=statement.statement_id,
        withdraw_time=write_instant(statement.withdraw_time),
        point=point_message(found.point),
    )


def _key_message(key: StatementKey) -> pb.StatementKey:
    message = pb.StatementKey(
        key_id=key.key_id,
        public_key=key.public_key,
        create_time=write_instant(key.create_time),
    )
    if key.retire_time is not None:
        message.retire_time.CopyFrom(write_instant(key.retire_time))
    return message
