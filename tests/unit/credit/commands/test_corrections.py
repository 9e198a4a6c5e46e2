"""Revising and revoking records: editions, knowledge, and what may not change."""

from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from services.credit.domain.errors import (
    EditionOutdatedError,
    OutOfScopeError,
    RecordRevokedError,
    RecordUnknownError,
    SubjectUnknownError,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    FIRE,
    HUAWEI,
    TENCENT,
    XIAOMI,
    body,
    credit_code,
    day,
    header,
    penalty,
    record,
    registration,
    request_id,
    yuan,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def penalty_id(credit: InlineService, clock: FixedClock) -> str:
    """Record a penalty of an enterprise of Chaoyang, an hour ago."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))
    record_id: str = credit("RecordPenalty", penalty()).record.record_id
    clock.advance(HOUR)
    return record_id


def revision(record_id: str, *, edition: int = 1, **changes: Any) -> Any:  # noqa: ANN401 -- fields of any type.
    """Write the request that lowers the fine to 40,000 yuan."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "record_id": record_id,
        "edition": edition,
        "header": header(),
        "body": record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(40_000))),
        "reason": "更正罚款数额",
        "document_number": "更1号",
    }
    return service.ReviseRecordRequest(**values | changes)


def revocation(record_id: str, edition: int = 1) -> service.RevokeRecordRequest:
    """Write the request that revokes a record."""
    return service.RevokeRecordRequest(
        request_id=request_id(),
        record_id=record_id,
        edition=edition,
        reason="复议决定撤销",
        document_number="复1号",
    )


def found(
    credit: InlineService, record_id: str, known_at: Timestamp | None = None
) -> service.GetRecordResponse:
    """Read a record with its editions."""
    request = service.GetRecordRequest(record_id=record_id, known_at=known_at)
    answer: service.GetRecordResponse = credit("GetRecord", request)
    return answer


def test_a_revision_makes_the_next_edition(credit: InlineService, penalty_id: str) -> None:
    """The earlier edition stays, with why and by which document it was replaced."""
    answer = credit("ReviseRecord", revision(penalty_id))

    first, second = found(credit, penalty_id).editions
    assert answer.record == second
    assert (second.edition, second.body.penalty.fine.units) == (2, 40_000)
    assert second.state == record_pb2.RECORD_STATE_ACTIVE
    assert (first.edition, first.body.penalty.fine.units) == (1, 50_000)
    assert first.state == record_pb2.RECORD_STATE_REVISED
    assert first.superseded_time == second.recorded_time
    assert first.superseded_reason == "更正罚款数额"
    assert first.superseded_document_number == "更1号"


def test_a_revocation_ends_the_last_edition(credit: InlineService, penalty_id: str) -> None:
    """The record stays readable and is no longer listed."""
    answer = credit("RevokeRecord", revocation(penalty_id))

    record = found(credit, penalty_id).record
    listed = credit("ListRecords", service.ListRecordsRequest()).records
    assert answer.record == record
    assert record.state == record_pb2.RECORD_STATE_REVOKED
    assert record.superseded_document_number == "复1号"
    assert list(listed) == []


def test_what_was_known_before_stays_known(credit: InlineService, penalty_id: str) -> None:
    """With the instant of an earlier answer, the earlier answer comes again, byte for byte."""
    before = found(credit, penalty_id)
    listed = credit("ListRecords", service.ListRecordsRequest())
    credit("ReviseRecord", revision(penalty_id))
    credit("RevokeRecord", revocation(penalty_id, edition=2))

    again = found(credit, penalty_id, before.point.known_at)
    listed_again = credit(
        "ListRecords",
        service.ListRecordsRequest(known_at=listed.point.known_at, as_of=listed.as_of),
    )

    assert again.SerializeToString() == before.SerializeToString()
    assert listed_again.SerializeToString() == listed.SerializeToString()


def test_a_record_is_unknown_before_it_was_recorded(credit: InlineService, penalty_id: str) -> None:
    """The revision before the record's own does not have it."""
    recorded = found(credit, penalty_id).record.recorded_time
    just_before = Timestamp(seconds=recorded.seconds, nanos=recorded.nanos - 1_000)

    with pytest.raises(RecordUnknownError):
        found(credit, penalty_id, just_before)


def test_the_level_of_an_accident_is_derived_anew(credit: InlineService, penalty_id: str) -> None:
    """A death that is reported later may raise the level (国务院令第493号 art. 20)."""
    head = {"document_number": "事1号"}
    request = record(RecordKind.ACCIDENT, head=head, deaths=2)
    accident = credit("RecordAccident", request).record

    more = record_pb2.RecordBody(accident=body(RecordKind.ACCIDENT, deaths=3))
    answer = credit("ReviseRecord", revision(accident.record_id, header=header(**head), body=more))

    assert accident.body.accident.level == record_pb2.ACCIDENT_LEVEL_GENERAL
    assert answer.record.body.accident.level == record_pb2.ACCIDENT_LEVEL_LARGER
    assert answer.record.record_id != penalty_id


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param(
            {"header": header(authority="北京市应急管理局")},
            [("header.authority", "NOT_REVISABLE")],
            id="authority",
        ),
        pytest.param(
            {"header": header(document_number="13号", document_item="二")},
            [
                ("header.document_number", "NOT_REVISABLE"),
                ("header.document_item", "NOT_REVISABLE"),
            ],
            id="document",
        ),
        pytest.param(
            {"header": header(subject=credit_code(TENCENT))},
            [("header.subject", "NOT_REVISABLE")],
            id="subject",
        ),
        pytest.param(
            {"body": record_pb2.RecordBody(report=body(RecordKind.REPORT))},
            [("body", "NOT_REVISABLE")],
            id="kind",
        ),
        pytest.param(
            {"body": record_pb2.RecordBody(penalty=body(RecordKind.PENALTY))},
            [("body", "NOTHING_CHANGES")],
            id="nothing",
        ),
    ],
)
def test_a_revision_keeps_the_key(
    credit: InlineService,
    penalty_id: str,
    changes: dict[str, Any],
    wrong: list[tuple[str, str]],
) -> None:
    """Another subject, document or kind is another record; no change is no revision."""
    with pytest.raises(InvalidInputError) as error:
        credit("ReviseRecord", revision(penalty_id, **changes))

    assert violations(error.value) == wrong


def test_a_subject_may_be_named_in_another_way(credit: InlineService, penalty_id: str) -> None:
    """What counts is whom the name leads to: a record that was read can be sent back."""
    stored = found(credit, penalty_id).record
    stored.header.publish_date.CopyFrom(day(date(2025, 4, 1)))

    answer = credit("ReviseRecord", revision(penalty_id, header=stored.header, body=stored.body))

    assert answer.record.edition == 2


def test_a_revision_about_an_unknown_subject_is_refused(
    credit: InlineService, penalty_id: str
) -> None:
    """A name that leads nowhere is an unknown subject."""
    with pytest.raises(SubjectUnknownError):
        credit("ReviseRecord", revision(penalty_id, header=header(subject=credit_code(XIAOMI))))


@pytest.mark.parametrize("edition", [2, 3])
def test_an_edition_that_is_not_the_last_is_outdated(
    credit: InlineService, penalty_id: str, edition: int
) -> None:
    """Who revises must have seen what is revised."""
    with pytest.raises(EditionOutdatedError) as error:
        credit("ReviseRecord", revision(penalty_id, edition=edition))

    assert error.value.facts["edition"] == "1"


def test_an_edition_that_was_revised_is_outdated(credit: InlineService, penalty_id: str) -> None:
    """The second of two clerks reads again."""
    credit("ReviseRecord", revision(penalty_id))

    with pytest.raises(EditionOutdatedError):
        credit("RevokeRecord", revocation(penalty_id, edition=1))


def test_a_revoked_record_is_not_corrected(credit: InlineService, penalty_id: str) -> None:
    """What never counted cannot be changed or revoked."""
    credit("RevokeRecord", revocation(penalty_id))

    for method, request in (
        ("ReviseRecord", revision(penalty_id)),
        ("RevokeRecord", revocation(penalty_id)),
    ):
        with pytest.raises(RecordRevokedError):
            credit(method, request)


def test_an_unknown_record_is_not_corrected(credit: InlineService, penalty_id: str) -> None:
    """There is nothing to correct."""
    for method, request in (
        ("ReviseRecord", revision("r-1")),
        ("RevokeRecord", revocation("r-1")),
    ):
        with pytest.raises(RecordUnknownError):
            credit(method, request)
    assert penalty_id


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"work_safety"}, id="the-old-field-alone"),
        pytest.param({"fire"}, id="the-new-field-alone"),
    ],
)
def test_a_change_of_field_needs_both_fields(
    credit: InlineService, penalty_id: str, fields: set[str]
) -> None:
    """Nobody moves a record into, or out of, a field that is not theirs."""
    who = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({"11"}),
        fields=frozenset(fields),
    )

    with pytest.raises(OutOfScopeError):
        credit("ReviseRecord", revision(penalty_id, header=header(field=FIRE)), who)


def test_a_revocation_stays_within_the_scope(credit: InlineService, penalty_id: str) -> None:
    """Another district does not revoke."""
    who = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({"110102"}),
        fields=frozenset({"work_safety"}),
    )

    with pytest.raises(OutOfScopeError):
        credit("RevokeRecord", revocation(penalty_id), who)


def test_a_repeated_correction_gets_the_first_answer(
    credit: InlineService, penalty_id: str
) -> None:
    """A repeat is no second revision, although its edition is outdated by then."""
    request = revision(penalty_id)
    first = credit("ReviseRecord", request)

    again = credit("ReviseRecord", request)

    assert again.repeated
    assert again.record == first.record
    assert len(found(credit, penalty_id).editions) == 2
