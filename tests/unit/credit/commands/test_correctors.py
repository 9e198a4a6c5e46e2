"""Who revises and revokes a record: its authority wherever its subject goes, or one above it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.errors import SafetyCreditError
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    HUAWEI,
    SAMPLE_ID,
    body,
    credit_code,
    day,
    header,
    method_of,
    penalty,
    profile,
    record,
    registration,
    request_id,
    update,
    yuan,
)

BUREAU, NEIGHBOUR = "北京市朝阳区应急管理局", "北京市丰台区应急管理局"
OWN = Caller(
    identity="wang",
    roles=frozenset({"recorder"}),
    authority=BUREAU,
    divisions=frozenset({"110105"}),
    fields=frozenset({"work_safety"}),
)
CORRECTIONS = ("ReviseRecord", "RevokeRecord")


def of(authority: str, divisions: str, fields: str = "work_safety") -> Caller:
    """Make a caller of another authority."""
    return replace(
        OWN, authority=authority, divisions=frozenset({divisions}), fields=frozenset({fields})
    )


def correction(method: str, record_id: str, edition: int = 1, **head: Any) -> Any:  # noqa: ANN401 -- a request.
    """Write a correction of the penalty that a test begins with."""
    given: dict[str, Any] = {
        "request_id": request_id(),
        "record_id": record_id,
        "edition": edition,
        "reason": "复议决定",
        "document_number": "复1号",
    }
    if method == "RevokeRecord":
        return service.RevokeRecordRequest(**given)
    changed = record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(40_000)))
    return service.ReviseRecordRequest(**given, header=header(**head), body=changed)


def reason(credit: InlineService, method: str, record_id: str, who: Caller, **given: Any) -> str:  # noqa: ANN401 -- parts of a request.
    """Give the reason for which a correction is refused; empty where it is taken."""
    try:
        credit(method, correction(method, record_id, **given), who)
    except SafetyCreditError as refused:
        return refused.reason
    return ""


def move(credit: InlineService, division: str = "110106") -> None:
    """Move the enterprise from 1 March 2025 on."""
    wish: dict[str, Any] = {
        "effective_date": day(date(2025, 3, 1)),
        "profile": profile(division=division),
    }
    credit("UpdateEnterprise", update(**wish))


@pytest.fixture
def penalty_id(credit: InlineService) -> str:
    """Record a penalty of an enterprise of Chaoyang."""
    credit("RegisterEnterprise", registration())
    record_id: str = credit("RecordPenalty", penalty(), OWN).record.record_id
    return record_id


@pytest.mark.parametrize("method", CORRECTIONS)
@pytest.mark.parametrize(
    ("who", "refused"),
    [
        pytest.param(OWN, "", id="its-authority"),
        pytest.param(of("北京市朝阳区消防救援支队", "110105"), "WRONG_AUTHORITY", id="beside"),
        pytest.param(of("", "110105"), "WRONG_AUTHORITY", id="for-no-authority"),
        pytest.param(of("朝阳区某街道办事处", "110105003"), "OUT_OF_SCOPE", id="below"),
        pytest.param(of(NEIGHBOUR, "110106"), "OUT_OF_SCOPE", id="elsewhere"),
        pytest.param(of("北京市应急管理局", "11"), "", id="above"),
        pytest.param(of("北京市应急管理局", "11", "fire"), "OUT_OF_SCOPE", id="above-other-field"),
        pytest.param(of("应急管理部", "*"), "", id="everywhere"),
        pytest.param(of("河北省应急管理厅", "13"), "OUT_OF_SCOPE", id="above-others"),
    ],
)
def test_who_corrects_a_record(
    credit: InlineService, penalty_id: str, method: str, who: Caller, refused: str
) -> None:
    """Its authority, and whose divisions reach above: nobody who merely reaches the subject."""
    assert reason(credit, method, penalty_id, who) == refused


@pytest.mark.parametrize("method", CORRECTIONS)
@pytest.mark.parametrize(
    ("who", "refused"),
    [
        pytest.param(OWN, "", id="its-authority"),
        pytest.param(of(BUREAU, "110101"), "OUT_OF_SCOPE", id="another-desk-of-it"),
        pytest.param(of(BUREAU, "110105", "fire"), "OUT_OF_SCOPE", id="its-other-field"),
        pytest.param(of(NEIGHBOUR, "130102"), "WRONG_AUTHORITY", id="where-it-moved"),
        pytest.param(of("河北省应急管理厅", "13"), "WRONG_AUTHORITY", id="above-where-it-moved"),
        pytest.param(of("北京市应急管理局", "11"), "", id="above-its-authority"),
    ],
)
def test_a_record_stays_with_its_authority(
    credit: InlineService, penalty_id: str, method: str, who: Caller, refused: str
) -> None:
    """The enterprise moved to Hebei: what Chaoyang decided is Chaoyang's, with Beijing above it."""
    move(credit, "130102")

    assert reason(credit, method, penalty_id, who) == refused


def test_a_revision_after_a_move_takes_nothing_away(credit: InlineService, penalty_id: str) -> None:
    """A move from before the penalty gives its next edition the new division, and no new owner."""
    move(credit)
    revised = reason(credit, "ReviseRecord", penalty_id, OWN)

    again = reason(credit, "RevokeRecord", penalty_id, OWN, edition=2)

    assert (revised, again) == ("", "")


def test_a_record_of_a_person_is_its_authoritys(credit: InlineService) -> None:
    """A person has no division of its own: those of its enterprises are asked for."""
    credit("RegisterEnterprise", registration())
    registered = service.RegisterPersonRequest(
        request_id=request_id(), name="王小明", identity_number=SAMPLE_ID
    )
    person_id = credit("RegisterPerson", registered).person.person_id
    role = service.AssignRoleRequest(
        request_id=request_id(),
        person_id=person_id,
        enterprise=credit_code(HUAWEI),
        kind="ROLE_KIND_PRINCIPAL",
        start_date=day(date(2020, 1, 1)),
    )
    credit("AssignRole", role)
    request = record(RecordKind.PENALTY, head={"subject": {"person_id": person_id}})
    record_id = credit(method_of(request), request, OWN).record.record_id

    beside = reason(credit, "RevokeRecord", record_id, of(NEIGHBOUR, "110105"))
    own = reason(credit, "RevokeRecord", record_id, OWN)

    assert (beside, own) == ("WRONG_AUTHORITY", "")
