"""A right request of every method, over a store that knows what they name."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from google.protobuf.message import Message

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import person_pb2, record_pb2
from safetycredit.type.v1 import subject_pb2
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    FIRE,
    HUAWEI,
    NAMED,
    OTHER_SAMPLE_ID,
    SAMPLE_ID,
    TENCENT,
    XIAOMI,
    body,
    credit_code,
    day,
    header,
    penalty,
    profile,
    record,
    registration,
    request_id,
    yuan,
)


class Examples:
    """Makes right requests; what they name was stored when it was made.

    Attributes:
        by_method: Makes the request of a method.
    """

    def __init__(self, credit: InlineService) -> None:
        """Store two enterprises, a person with a role, and a record of each kind."""
        self.enterprise_id: str = credit(
            "RegisterEnterprise", registration(HUAWEI)
        ).enterprise.enterprise_id
        credit("RegisterEnterprise", registration(TENCENT))
        self.person_id: str = credit("RegisterPerson", _person(SAMPLE_ID)).person.person_id
        self.role_id: str = credit("AssignRole", self._role()).role.role_id
        self.membership_id: str = credit(
            "JoinGroup", self._joining(HUAWEI, TENCENT)
        ).membership.membership_id
        self.penalty_id: str = credit("RecordPenalty", penalty()).record.record_id
        self.hazard_id: str = credit("RecordHazard", record(RecordKind.HAZARD)).record.record_id
        self.policy_id: str = credit(
            "RecordInsurancePolicy", record(RecordKind.INSURANCE_POLICY)
        ).record.record_id
        self.by_method: Final[dict[str, Callable[[], Message]]] = {
            "RegisterEnterprise": lambda: registration(XIAOMI),
            "UpdateEnterprise": self._update,
            "JoinGroup": lambda: self._joining(
                HUAWEI, TENCENT, start_date=day(date(2020, 1, 1)), end_date=day(date(2021, 1, 1))
            ),
            "LeaveGroup": lambda: service.LeaveGroupRequest(
                request_id=request_id(),
                membership_id=self.membership_id,
                end_date=day(date(2025, 6, 2)),
                document_number="集团2号",
                authority="北京市市场监督管理局",
            ),
            "GetEnterprise": lambda: service.GetEnterpriseRequest(subject=credit_code(HUAWEI)),
            "SearchEnterprises": lambda: service.SearchEnterprisesRequest(
                name_contains="机械", division="110000", industry="C", field=FIRE, page_size=1
            ),
            "RegisterPerson": lambda: _person(OTHER_SAMPLE_ID),
            "AssignRole": lambda: self._role(kind=person_pb2.ROLE_KIND_SAFETY_MANAGER),
            "EndRole": lambda: service.EndRoleRequest(
                request_id=request_id(), role_id=self.role_id, end_date=day(date(2025, 6, 2))
            ),
            "GetPerson": lambda: service.GetPersonRequest(person_id=self.person_id),
            "ReviseRecord": self._revision,
            "RevokeRecord": lambda: service.RevokeRecordRequest(
                request_id=request_id(),
                record_id=self.penalty_id,
                edition=1,
                reason="撤销",
                document_number="撤1号",
            ),
            "GetRecord": lambda: service.GetRecordRequest(record_id=self.penalty_id),
            "ListRecords": lambda: service.ListRecordsRequest(
                subject=subject_pb2.SubjectRef(enterprise_id=self.enterprise_id),
                kinds=[record_pb2.RECORD_KIND_PENALTY],
                page_size=1,
            ),
        }
        for kind in RecordKind:
            self.by_method[f"Record{kind.title}"] = self._recorder(kind)

    def _recorder(self, kind: RecordKind) -> Callable[[], Message]:
        targets = {RecordKind.HAZARD: self.hazard_id, RecordKind.INSURANCE_POLICY: self.policy_id}
        changes = {}
        if kind in NAMED:
            field, target = NAMED[kind]
            changes[field] = targets[target]

        def make() -> Message:
            made: Message = record(kind, head={"document_number": request_id()}, **changes)
            return made

        return make

    def _role(self, kind: int = person_pb2.ROLE_KIND_PRINCIPAL) -> service.AssignRoleRequest:
        return service.AssignRoleRequest(
            request_id=request_id(),
            person_id=self.person_id,
            enterprise=credit_code(HUAWEI),
            kind=person_pb2.RoleKind.Name(kind),
            start_date=day(date(2021, 1, 1)),
        )

    def _joining(self, group: str, member: str, **changes: Any) -> service.JoinGroupRequest:  # noqa: ANN401 -- fields of any type.
        values = {"start_date": day(date(2021, 1, 1)), **changes}
        return service.JoinGroupRequest(
            request_id=request_id(),
            group=credit_code(group),
            member=credit_code(member),
            document_number="集团1号",
            authority="北京市市场监督管理局",
            **values,
        )

    def _update(self) -> service.UpdateEnterpriseRequest:
        return service.UpdateEnterpriseRequest(
            request_id=request_id(),
            subject=credit_code(HUAWEI),
            effective_date=day(date(2024, 1, 1)),
            profile=profile(name="新名"),
            document_number="更名1号",
        )

    def _revision(self) -> service.ReviseRecordRequest:
        return service.ReviseRecordRequest(
            request_id=request_id(),
            record_id=self.penalty_id,
            edition=1,
            header=header(),
            body=record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(1))),
            reason="更正",
            document_number="更1号",
        )


# Private functions -----------------------------------------------------------


def _person(number: str) -> service.RegisterPersonRequest:
    return service.RegisterPersonRequest(
        request_id=request_id(), name="王小明", identity_number=number
    )
