"""What a record and a role say of child subjects: the project it is about, the driver."""

from datetime import date

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import person_pb2
from services.common.errors import InvalidInputError
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    HUAWEI,
    SAMPLE_ID,
    credit_code,
    day,
    penalty,
    registration,
    request_id,
)

SITE = 110105202501010101


def test_a_record_says_which_site_it_is_about(credit: InlineService) -> None:
    """The number comes back as given; a record about no site has none."""
    credit("RegisterEnterprise", registration(HUAWEI))

    named = credit("RecordPenalty", penalty(head={"site_number": SITE})).record
    plain = credit("RecordPenalty", penalty(head={"document_number": "13号"})).record

    assert named.header.site_number == SITE
    assert not plain.header.HasField("site_number")


def test_a_site_number_of_nineteen_digits_is_refused(credit: InlineService) -> None:
    """The refusal names the field."""
    credit("RegisterEnterprise", registration(HUAWEI))

    with pytest.raises(InvalidInputError) as error:
        credit("RecordPenalty", penalty(head={"site_number": 10**18}))

    assert violations(error.value) == [("header.site_number", "NUMBER_TOO_LARGE")]


def test_a_person_may_be_a_driver(credit: InlineService) -> None:
    """The role of a driver is kept like any other."""
    credit("RegisterEnterprise", registration(HUAWEI))
    person = credit(
        "RegisterPerson",
        service.RegisterPersonRequest(
            request_id=request_id(), name="王小明", identity_number=SAMPLE_ID
        ),
    ).person

    assigned = credit(
        "AssignRole",
        service.AssignRoleRequest(
            request_id=request_id(),
            person_id=person.person_id,
            enterprise=credit_code(HUAWEI),
            kind=person_pb2.ROLE_KIND_DRIVER,
            start_date=day(date(2021, 1, 1)),
        ),
    ).role

    assert assigned.kind == person_pb2.ROLE_KIND_DRIVER
