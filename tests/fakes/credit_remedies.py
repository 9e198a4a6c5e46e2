"""Requests of RemedyService that are right, the law as a test writes it, and a client."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from safetycredit.credit.v1 import remedy_service_pb2 as service
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.remedy_service_pb2_grpc import RemedyServiceStub
from services.common.identity import Caller, caller_metadata
from services.credit.domain.codes import Field
from services.credit.domain.remedy import (
    Decided,
    Remedy,
    RemedyKind,
    RemedyState,
    RemedyStep,
    Target,
)
from services.credit.domain.repair_law import (
    Basis,
    Clause,
    DishonestyClass,
    ProcedureLaw,
    PublicationLaw,
)
from tests.fakes.credit_calls import EVERYWHERE
from tests.fakes.credit_clients import CreditClient, refusal
from tests.fakes.credit_requests import day, method_of, request_id

AUTHORITY: Final = "北京市朝阳区应急管理局"
NOON: Final = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 20)
BEGUN: Final = date(2026, 9, 1)
DECIDER: Final = Caller(
    identity="wang",
    roles=frozenset({"regulator"}),
    authority=AUTHORITY,
    divisions=EVERYWHERE,
    fields=EVERYWHERE,
)
DIGEST: Final = "ab" * 32
CLAUSE: Final = Clause(
    instrument="测试办法",
    document_number="测试1号",
    article="第一条",
    publish_date=None,
    effective_date=None,
    checked_date=None,
    confidence="assumed",
)


def basis(version: str, start_date: date, end_date: date | None = None) -> Basis:
    """Write a version of a policy."""
    return Basis(
        policy_id="test.repair",
        version=version,
        digest="0" * 64,
        start_date=start_date,
        end_date=end_date,
    )


def procedure(**changes: Any) -> ProcedureLaw:
    """Write periods: 3, 10, 3, 7 and 3 working days."""
    values: dict[str, Any] = {
        "basis": basis("1", date(2026, 1, 1)),
        "acceptance_days": 3,
        "decision_days": 10,
        "extension_days": 10,
        "sharing_days": 3,
        "objection_days": 7,
        "correction_days": 3,
        "performance_required": True,
        "commitment_required": True,
        "same_authority_required": True,
        "clauses": {
            **dict.fromkeys(_CLAUSES, CLAUSE),
            "extension_days": replace(CLAUSE, article="延长条款"),
        },
    }
    return ProcedureLaw(**values | changes)


def published(earliest: date, end: date, **changes: Any) -> PublicationLaw:
    """Write the class general, with a first day of repair and the day after the last."""
    values: dict[str, Any] = {
        "basis": basis("1", date(2026, 1, 1)),
        "dishonesty": DishonestyClass.GENERAL,
        "class_wording": "",
        "earliest_date": earliest,
        "end_date": end,
        "withdrawal_restarts_term": True,
        "class_clause": CLAUSE,
        "period_clause": CLAUSE,
    }
    return PublicationLaw(**values | changes)


def step(state: RemedyState, day: date = BEGUN, authority: str = AUTHORITY) -> RemedyStep:
    """Write a step."""
    return RemedyStep(
        number=1,
        state=state,
        step_date=day,
        authority=authority,
        recorded_revision=1,
        recorded_time=datetime(2026, 9, 1, tzinfo=UTC),
    )


def remedy(*states: RemedyState, days: Sequence[date] = ()) -> Remedy:
    """Give a remedy that has been through states, on given days after its first."""
    kind = RemedyKind.OBJECTION if states[0] is RemedyState.FILED else RemedyKind.REPAIR
    decided = Decided(
        target=Target(record_id=5),
        subject_id=7,
        person=False,
        field=Field.WORK_SAFETY,
        authority=AUTHORITY,
        document_number="罚1号",
        decision_date=date(2026, 3, 1),
    )
    opened = Remedy(
        remedy_id=9,
        kind=kind,
        decided=decided,
        policy_id="test.repair",
        policy_version="1",
        policy_digest="0" * 64,
        steps=(step(states[0], authority=""),),
        recorded_revision=1,
    )
    for position, state in enumerate(states[1:]):
        day = days[position] if days else BEGUN
        opened = opened.advanced(step(state, day), procedure())
    return opened


@dataclass
class RemedyClient:
    """Calls RemedyService, by the type of the request.

    Attributes:
        stub: What it calls through.
        credit: Records facts.
    """

    stub: RemedyServiceStub
    credit: CreditClient

    @classmethod
    def on(cls, channel: grpc.Channel) -> "RemedyClient":
        """Call over a channel."""
        return cls(RemedyServiceStub(channel), CreditClient(CreditServiceStub(channel)))

    def __call__(self, request: Message, caller: Caller = DECIDER) -> Any:
        """Send a request and give its answer.

        Raises:
            RefusalError: The answer is a refusal.
        """
        call: Any = getattr(self.stub, method_of(request))
        try:
            return call(request, metadata=caller_metadata(caller), timeout=30)
        except grpc.RpcError as error:
            raise refusal(error) from error


def portal_of(subject: str, on_behalf_of: str = "") -> Caller:
    """Give the portal of an enterprise or person, or with ``*`` one that serves many."""
    return Caller(
        identity="portal",
        roles=frozenset({"enterprise_portal"}),
        subject=subject,
        on_behalf_of=on_behalf_of,
    )


def evidence() -> Sequence[service.Evidence]:
    """Give one piece."""
    return [service.Evidence(sha256=DIGEST, title="罚款缴纳凭证")]


def objection(target_id: str, **changes: Any) -> service.FileObjectionRequest:
    """Object to a target."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "target_id": target_id,
        "ground": "处罚决定书所载金额有误",
        "evidence": evidence(),
    }
    return service.FileObjectionRequest(**values | changes)


def decided(remedy_id: str, **changes: Any) -> service.DecideObjectionRequest:
    """Reject an objection."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "remedy_id": remedy_id,
        "outcome": service.DecideObjectionRequest.OUTCOME_REJECT,
        "document_number": "异决1号",
        "reasons": "经核查无误",
    }
    return service.DecideObjectionRequest(**values | changes)


def application(target_id: str, **changes: Any) -> service.ApplyForRepairRequest:
    """Apply for the repair of a target."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "target_id": target_id,
        "commitment": "本单位承诺严格遵守安全生产法律法规",
        "evidence": evidence(),
    }
    return service.ApplyForRepairRequest(**values | changes)


def acceptance(remedy_id: str, **changes: Any) -> service.AcceptRepairRequest:
    """Accept an application."""
    values: dict[str, Any] = {"request_id": request_id(), "remedy_id": remedy_id}
    return service.AcceptRepairRequest(**values | changes)


def extension(remedy_id: str, **changes: Any) -> service.ExtendRepairRequest:
    """Extend the period for the decision on a repair."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "remedy_id": remedy_id,
        "document_number": "延告1号",
        "reasons": "案情复杂，需现场核查",
    }
    return service.ExtendRepairRequest(**values | changes)


def sharing(remedy_id: str, **changes: Any) -> service.ShareResultRequest:
    """Say that a result was passed on."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "remedy_id": remedy_id,
        "systems": "全国信用信息共享平台、信用中国",
    }
    return service.ShareResultRequest(**values | changes)


def grant(remedy_id: str, **changes: Any) -> service.DecideRepairRequest:
    """Grant a repair."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "remedy_id": remedy_id,
        "outcome": service.DecideRepairRequest.OUTCOME_GRANT,
        "document_number": "修决1号",
    }
    return service.DecideRepairRequest(**values | changes)


def withdrawal(remedy_id: str, **changes: Any) -> service.WithdrawRepairRequest:
    """Withdraw a repair."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "remedy_id": remedy_id,
        "document_number": "撤决1号",
        "reasons": "提交的缴纳凭证系伪造",
    }
    return service.WithdrawRepairRequest(**values | changes)


def publication(record_id: str, as_of: date | None = None) -> service.GetPublicationRequest:
    """Ask for the publication of a penalty."""
    return service.GetPublicationRequest(
        record_id=record_id, as_of=None if as_of is None else day(as_of)
    )


_CLAUSES: Final = (
    "acceptance_days",
    "decision_days",
    "extension_days",
    "sharing_days",
    "objection_days",
    "correction_days",
    "performance_required",
    "commitment_required",
    "same_authority_required",
    "withdrawal_restarts_term",
)
