"""Wrong requests: every wrong field at once, by path and reason, and nothing written."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from safetycredit.type.v1 import subject_pb2
from services.common.errors import InvalidInputError
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    body,
    credit_code,
    day,
    header,
    local,
    method_of,
    penalty,
    profile,
    record,
    registration,
    request_id,
    yuan,
)
from tests.fakes.credit_store import FakeStore


def wrong_fields(credit: InlineService, request: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- requests of any type.
    """Give what is wrong with a request."""
    with pytest.raises(InvalidInputError) as error:
        credit(method_of(request), request)
    return violations(error.value)


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        pytest.param(
            penalty(head={"event_date": day(date(2025, 6, 2))}),
            ("header.event_date", "DATE_IN_FUTURE"),
            id="decision-of-tomorrow",
        ),
        pytest.param(
            penalty(fine=yuan(-1)), ("penalty.fine", "AMOUNT_BELOW_ZERO"), id="fine-below-zero"
        ),
        pytest.param(
            record(RecordKind.ACCIDENT, deaths=-1),
            ("accident.deaths", "NUMBER_TOO_SMALL"),
            id="deaths-minus-one",
        ),
        pytest.param(
            penalty(head={"document_number": "号" * 5_000}),
            ("header.document_number", "TEXT_TOO_LONG"),
            id="document-number-of-5000-characters",
        ),
        pytest.param(
            record(RecordKind.HONOUR, end_date=day(date(2025, 3, 9))),
            ("honour.end_date", "END_NOT_AFTER_START"),
            id="end-before-its-start",
        ),
        pytest.param(
            record(RecordKind.ACCIDENT, level=record_pb2.ACCIDENT_LEVEL_MAJOR),
            ("accident.level", "LEVEL_NOT_ACCEPTED"),
            id="level-of-an-accident",
        ),
        pytest.param(
            penalty(violation_code="jaywalking"),
            ("penalty.violation_code", "VIOLATION_CODE_UNKNOWN"),
            id="unknown-violation-code",
        ),
        pytest.param(
            record(RecordKind.VIOLATION, violation_code=""),
            ("violation.violation_code", "REQUIRED"),
            id="no-violation-code",
        ),
        pytest.param(
            penalty(sanctions=[], fine=None), ("penalty.sanctions", "REQUIRED"), id="no-sanction"
        ),
        pytest.param(
            penalty(sanctions=[3, 0]),
            ("penalty.sanctions[1]", "ENUM_UNSPECIFIED"),
            id="unspecified-sanction",
        ),
        pytest.param(
            penalty(sanctions=[3, 3]), ("penalty.sanctions[1]", "REPEATED"), id="sanction-twice"
        ),
        pytest.param(
            penalty(sanctions=[3, 77]), ("penalty.sanctions[1]", "ENUM_UNKNOWN"), id="sanction-77"
        ),
        pytest.param(penalty(procedure=9), ("penalty.procedure", "ENUM_UNKNOWN"), id="procedure-9"),
        pytest.param(
            penalty(fine=Money(currency_code="USD", units=1)),
            ("penalty.fine", "MONEY_NOT_CNY"),
            id="fine-in-dollars",
        ),
        pytest.param(
            penalty(fine=yuan(1, 5)), ("penalty.fine", "MONEY_BELOW_FEN"), id="fine-below-a-fen"
        ),
        pytest.param(
            penalty(fine_multiple=Decimal(value="two")),
            ("penalty.fine_multiple", "DECIMAL_MALFORMED"),
            id="multiple-in-words",
        ),
        pytest.param(
            penalty(final_date=Date(year=2025, month=2, day=30)),
            ("penalty.final_date", "DATE_INVALID"),
            id="thirtieth-of-february",
        ),
        pytest.param(
            penalty(final_date=Date(year=2025)),
            ("penalty.final_date", "DATE_INCOMPLETE"),
            id="a-year-for-a-day",
        ),
        pytest.param(
            penalty(violation_record_id="v-1"),
            ("penalty.violation_record_id", "ID_MALFORMED"),
            id="identifier-of-nothing",
        ),
        pytest.param(
            record(RecordKind.RECTIFICATION, target_record_id=""),
            ("rectification.target_record_id", "REQUIRED"),
            id="rectification-of-nothing",
        ),
        pytest.param(
            record(RecordKind.RECTIFICATION, outcome=0),
            ("rectification.outcome", "REQUIRED"),
            id="rectification-without-outcome",
        ),
        pytest.param(
            penalty(head={"authority_code": "911100007109354549"}),
            ("header.authority_code", "CREDIT_CODE_CHECK_WRONG"),
            id="authority-code",
        ),
        pytest.param(
            penalty(head={"division": "1101"}),
            ("header.division", "DIVISION_MALFORMED"),
            id="division",
        ),
        pytest.param(penalty(head={"field": 0}), ("header.field", "REQUIRED"), id="no-field"),
        pytest.param(
            penalty(head={"field": 6}), ("header.field", "ENUM_UNKNOWN"), id="sixth-field"
        ),
        pytest.param(
            penalty(head={"authority": "局\x00"}),
            ("header.authority", "TEXT_WITH_CONTROL_CHARACTER"),
            id="control-character",
        ),
        pytest.param(
            penalty(head={"subject": subject_pb2.SubjectRef()}),
            ("header.subject", "REQUIRED"),
            id="empty-subject",
        ),
        pytest.param(
            penalty(head={"subject": credit_code("91350100M000100Y44")}),
            ("header.subject.credit_code", "CREDIT_CODE_CHECK_WRONG"),
            id="credit-code-check",
        ),
        pytest.param(
            penalty(head={"subject": credit_code("0")}),
            ("header.subject.credit_code", "CREDIT_CODE_MALFORMED"),
            id="credit-code-form",
        ),
        pytest.param(
            penalty(head={"subject": subject_pb2.SubjectRef(enterprise_id="p-1")}),
            ("header.subject.enterprise_id", "ID_MALFORMED"),
            id="person-for-an-enterprise",
        ),
        pytest.param(
            penalty(head={"subject": local("x", scheme="USCC")}),
            ("header.subject.local_identity.scheme", "SCHEME_MALFORMED"),
            id="scheme-in-capitals",
        ),
        pytest.param(
            penalty(head={"subject": local("x", scheme="uscc")}),
            ("header.subject.local_identity.scheme", "SCHEME_RESERVED"),
            id="reserved-scheme",
        ),
        pytest.param(
            penalty(head={"subject": local("x" * 201)}),
            ("header.subject.local_identity.value", "TEXT_TOO_LONG"),
            id="local-value-too-long",
        ),
        pytest.param(
            penalty(head={"subject": local(" ")}),
            ("header.subject.local_identity.value", "REQUIRED"),
            id="blank-local-value",
        ),
        pytest.param(
            service.RecordPenaltyRequest(request_id="1", header=header()),
            ("penalty", "REQUIRED"),
            id="no-penalty",
        ),
        pytest.param(
            service.RecordInspectionRequest(request_id="1", header=header()),
            ("inspection", "REQUIRED"),
            id="no-inspection",
        ),
        pytest.param(
            registration(identity=subject_pb2.SubjectRef(enterprise_id="e-1")),
            ("identity", "NOT_AN_IDENTITY"),
            id="identifier-for-an-identity",
        ),
        pytest.param(
            registration(start_date=day(date(2025, 6, 2))),
            ("start_date", "DATE_IN_FUTURE"),
            id="enterprise-of-tomorrow",
        ),
        pytest.param(
            registration(profile=profile(industry="Z99")),
            ("profile.industry", "INDUSTRY_MALFORMED"),
            id="industry",
        ),
        pytest.param(
            registration(profile=profile(fields=[6])),
            ("profile.fields[0]", "ENUM_UNKNOWN"),
            id="field-of-an-enterprise",
        ),
        pytest.param(
            service.GetRecordRequest(record_id="x"), ("record_id", "ID_MALFORMED"), id="record-id"
        ),
        pytest.param(service.GetRecordRequest(), ("record_id", "REQUIRED"), id="no-record-id"),
        pytest.param(
            service.RevokeRecordRequest(
                request_id="1", record_id="r-1", edition=-1, reason="x", document_number="1"
            ),
            ("edition", "NUMBER_TOO_SMALL"),
            id="edition-below-one",
        ),
        pytest.param(
            service.SearchEnterprisesRequest(name_contains="x" * 201),
            ("name_contains", "TEXT_TOO_LONG"),
            id="search-too-long",
        ),
        pytest.param(
            service.SearchEnterprisesRequest(industry="26"),
            ("industry", "INDUSTRY_MALFORMED"),
            id="search-by-digits",
        ),
    ],
)
def test_a_wrong_field_is_named_alone(
    credit: InlineService, store: FakeStore, request_: object, wrong: tuple[str, str]
) -> None:
    """One wrong field is one violation, with its path and a reason that never changes."""
    assert wrong_fields(credit, request_) == [wrong]
    assert store.point().revision == 0


def test_all_wrong_fields_of_a_record_are_named_at_once(credit: InlineService) -> None:
    """What is malformed and what breaks a rule stand side by side, in order of the fields."""
    request = penalty(
        head={
            "subject": credit_code("123"),
            "field": 9,
            "authority": "",
            "document_number": "号" * 101,
            "publish_date": day(date(2025, 3, 9)),
        },
        sanctions=[1],
        fine=yuan(-5),
        fine_multiple=Decimal(value="6"),
        final_date=Date(year=2025, month=13, day=1),
        violation_code="jaywalking",
    )
    request.request_id = ""

    assert wrong_fields(credit, request) == [
        ("request_id", "REQUIRED"),
        ("header.subject.credit_code", "CREDIT_CODE_MALFORMED"),
        ("header.field", "ENUM_UNKNOWN"),
        ("header.authority", "REQUIRED"),
        ("header.document_number", "TEXT_TOO_LONG"),
        ("header.publish_date", "DATE_BEFORE_EVENT"),
        ("penalty.violation_code", "VIOLATION_CODE_UNKNOWN"),
        ("penalty.final_date", "DATE_INVALID"),
        ("penalty.fine", "AMOUNT_BELOW_ZERO"),
        ("penalty.fine_multiple", "NUMBER_TOO_LARGE"),
    ]


def test_all_that_a_revision_lacks_is_named(credit: InlineService) -> None:
    """An empty request hears of everything that is required."""
    wrong = wrong_fields(credit, service.ReviseRecordRequest())

    assert wrong == [
        ("request_id", "REQUIRED"),
        ("record_id", "REQUIRED"),
        ("edition", "REQUIRED"),
        ("reason", "REQUIRED"),
        ("document_number", "REQUIRED"),
        ("header.subject", "REQUIRED"),
        ("header.field", "REQUIRED"),
        ("header.event_date", "REQUIRED"),
        ("header.authority", "REQUIRED"),
        ("header.document_number", "REQUIRED"),
        ("body", "REQUIRED"),
    ]


def test_paths_within_a_body_lead_through_it(credit: InlineService) -> None:
    """A revision's body is one level deeper than a single record's."""
    request = service.ReviseRecordRequest(
        request_id=request_id(),
        record_id="r-1",
        edition=1,
        header=header(),
        body=record_pb2.RecordBody(honour=body(RecordKind.HONOUR, standardisation_level=4)),
        reason="更正",
        document_number="更1号",
    )

    assert wrong_fields(credit, request) == [("body.honour.standardisation_level", "LEVEL_ASTRAY")]


def test_a_wrong_kind_of_honour_is_wrong_once(credit: InlineService) -> None:
    """What follows from the kind is not asked while the kind is unknown."""
    request = record(RecordKind.HONOUR, kind=99, standardisation_level=0)

    assert wrong_fields(credit, request) == [("honour.kind", "ENUM_UNKNOWN")]


def test_an_unreadable_event_date_makes_no_other_day_wrong(credit: InlineService) -> None:
    """Only the day that cannot be read is refused."""
    request = penalty(
        head={"event_date": Date(year=2025), "publish_date": day(date(2001, 1, 1))},
        final_date=day(date(2001, 1, 1)),
    )

    assert wrong_fields(credit, request) == [("header.event_date", "DATE_INCOMPLETE")]
