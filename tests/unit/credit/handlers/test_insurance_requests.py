"""Insurance records as requests: what their headers need, and amounts below zero."""

from datetime import date

import pytest

from safetycredit.type.v1 import subject_pb2
from services.common.errors import InvalidInputError
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    NAMED,
    day,
    method_of,
    record,
    registration,
    request_id,
    yuan,
)

POLICY = RecordKind.INSURANCE_POLICY


def test_an_insurance_record_names_the_insurers_code(credit: InlineService) -> None:
    """Insurers are evaluated by their credit codes, so each record has one."""
    request = record(POLICY, head={"authority_code": ""})

    with pytest.raises(InvalidInputError) as error:
        credit(method_of(request), request)

    assert violations(error.value) == [("header.authority_code", "REQUIRED")]


def test_a_person_is_not_insured(credit: InlineService) -> None:
    """Work-safety liability is an enterprise's."""
    request = record(POLICY, head={"subject": subject_pb2.SubjectRef(person_id="p-1")})

    with pytest.raises(InvalidInputError) as error:
        credit(method_of(request), request)

    assert violations(error.value) == [("header.subject.person_id", "NOT_AN_ENTERPRISE")]


def test_nobody_insured_is_a_refusal_of_its_own(credit: InlineService) -> None:
    """A headcount of zero cannot be told from none given; both are refused for what they are."""
    request = record(POLICY, insured_headcount=0, end_date=day(date(2025, 4, 1)))

    with pytest.raises(InvalidInputError) as error:
        credit(method_of(request), request)

    assert violations(error.value) == [
        ("insurance_policy.end_date", "END_NOT_AFTER_START"),
        ("insurance_policy.insured_headcount", "NUMBER_TOO_SMALL"),
    ]


def test_a_premium_returned_is_below_zero(credit: InlineService) -> None:
    """Units and nanos have one sign, there and back."""
    credit("RegisterEnterprise", registration())
    policy = record(POLICY, head={"document_number": request_id()})
    policy_id = credit(method_of(policy), policy).record.record_id
    kind = RecordKind.ENDORSEMENT
    request = record(kind, **{NAMED[kind][0]: policy_id}, premium_change=yuan(-3_000, -250_000_000))

    answer = credit(method_of(request), request)

    assert answer.record.body.endorsement.premium_change == yuan(-3_000, -250_000_000)
