"""Enterprise groups: who belongs to which and when, who may say so, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import enterprise_pb2, person_pb2
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.errors import (
    BeforeFirstPeriodError,
    EnterpriseEndedError,
    MembershipCircleError,
    MembershipEndedError,
    MembershipOverlapsError,
    MembershipUnknownError,
    OutOfScopeError,
    SubjectUnknownError,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    HUAWEI,
    SAMPLE_ID,
    STANDARD,
    TENCENT,
    XIAOMI,
    credit_code,
    day,
    profile,
    registration,
    request_id,
    update,
)


@pytest.fixture
def numbers(credit: InlineService) -> dict[str, str]:
    """Register three enterprises from 2020 on; give their identifiers."""
    return {
        code: credit("RegisterEnterprise", registration(code)).enterprise.enterprise_id
        for code in (HUAWEI, TENCENT, XIAOMI)
    }


def joining(
    group: str = HUAWEI,
    member: str = TENCENT,
    *,
    start: date = date(2021, 1, 1),
    end: date | None = None,
    **changes: Any,  # noqa: ANN401 -- fields of any type.
) -> service.JoinGroupRequest:
    """Write the request that says that an enterprise belongs to a group."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "group": credit_code(group),
        "member": credit_code(member),
        "start_date": day(start),
        "end_date": end and day(end),
        "document_number": "集团1号",
        "authority": "市场监管局",
    }
    return service.JoinGroupRequest(**values | changes)


def leaving(membership_id: str, end: date) -> service.LeaveGroupRequest:
    """Write the request that ends a membership."""
    return service.LeaveGroupRequest(
        request_id=request_id(),
        membership_id=membership_id,
        end_date=day(end),
        document_number="集团2号",
        authority="国资委",
    )


def shown(
    credit: InlineService,
    code: str,
    **fields: Any,  # noqa: ANN401 -- fields of any type.
) -> list[enterprise_pb2.GroupMembership]:
    """Give the memberships that an enterprise shows."""
    request = service.GetEnterpriseRequest(subject=credit_code(code), **fields)
    return list(credit("GetEnterprise", request).enterprise.memberships)


def test_a_membership_is_shown_with_the_group_and_with_the_member(
    credit: InlineService, numbers: dict[str, str]
) -> None:
    """From its first day on, and of no other enterprise."""
    joined = credit("JoinGroup", joining()).membership

    assert joined == enterprise_pb2.GroupMembership(
        membership_id=joined.membership_id,
        group_id=numbers[HUAWEI],
        member_id=numbers[TENCENT],
        start_date=day(date(2021, 1, 1)),
        document_number="集团1号",
        authority="市场监管局",
    )
    assert shown(credit, HUAWEI) == shown(credit, TENCENT) == [joined]
    assert shown(credit, XIAOMI) == []
    assert shown(credit, HUAWEI, as_of=day(date(2020, 12, 31))) == []
    assert shown(credit, HUAWEI, as_of=day(date(2021, 1, 1))) == [joined]


@pytest.mark.usefixtures("numbers")
def test_what_was_known_before_the_end_stays(credit: InlineService, clock: FixedClock) -> None:
    """The end rests on its own document, and asks nothing of what was known earlier."""
    joined = credit("JoinGroup", joining())
    clock.advance(timedelta(minutes=1))

    left = credit("LeaveGroup", leaving(joined.membership.membership_id, date(2025, 1, 1)))

    assert left.membership.membership_id == joined.membership.membership_id
    assert left.membership.end_date == day(date(2025, 1, 1))
    assert (left.membership.document_number, left.membership.authority) == ("集团2号", "国资委")
    assert shown(credit, TENCENT) == [left.membership]
    assert shown(credit, TENCENT, known_at=joined.point.known_at) == [joined.membership]


@pytest.mark.usefixtures("numbers")
def test_periods_in_one_group_do_not_overlap(credit: InlineService) -> None:
    """The day after the last day may be the first of the next; one day earlier it may not."""
    first = credit("JoinGroup", joining(end=date(2023, 1, 1))).membership

    with pytest.raises(MembershipOverlapsError) as error:
        credit("JoinGroup", joining(start=date(2022, 12, 31)))
    credit("JoinGroup", joining(start=date(2023, 1, 1)))

    assert error.value.facts["membership_id"] == first.membership_id


@pytest.mark.usefixtures("numbers")
def test_an_end_that_lies_ahead_may_be_moved(credit: InlineService) -> None:
    """Until its day has come; today is 1 June 2025."""
    membership_id = credit("JoinGroup", joining(end=date(2025, 6, 2))).membership.membership_id

    credit("LeaveGroup", leaving(membership_id, date(2026, 1, 1)))
    credit("LeaveGroup", leaving(membership_id, date(2025, 6, 1)))
    with pytest.raises(MembershipEndedError):
        credit("LeaveGroup", leaving(membership_id, date(2026, 1, 1)))


@pytest.mark.usefixtures("numbers")
def test_an_enterprise_may_belong_to_two_groups(credit: InlineService) -> None:
    """Nothing forbids that two hold one enterprise together."""
    credit("JoinGroup", joining(HUAWEI, TENCENT))

    credit("JoinGroup", joining(XIAOMI, TENCENT))

    assert len(shown(credit, TENCENT)) == 2


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    ("chain", "first", "end"),
    [
        pytest.param([(TENCENT, HUAWEI)], date(2021, 1, 1), None, id="each-others"),
        pytest.param(
            [(TENCENT, XIAOMI), (XIAOMI, HUAWEI)], date(2021, 1, 1), None, id="by-another"
        ),
        pytest.param([(TENCENT, HUAWEI)], date(2020, 1, 1), date(2021, 1, 2), id="on-one-day"),
    ],
)
def test_a_group_belongs_to_no_member_of_its_own(
    credit: InlineService, chain: list[tuple[str, str]], first: date, end: date | None
) -> None:
    """Neither at once nor at one remove, on no day."""
    for group, member in chain:
        last = credit("JoinGroup", joining(group, member, start=first, end=end)).membership

    with pytest.raises(MembershipCircleError) as error:
        credit("JoinGroup", joining(HUAWEI, TENCENT))

    assert error.value.facts["membership_id"] == last.membership_id


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    "chain",
    [
        pytest.param([(TENCENT, HUAWEI, 2020, 2021)], id="before"),
        # Both overlap the new one, but never each other.
        pytest.param(
            [(TENCENT, XIAOMI, 2021, 2022), (XIAOMI, HUAWEI, 2022, 2023)], id="never-together"
        ),
    ],
)
def test_who_belonged_to_each_other_on_different_days_is_no_circle(
    credit: InlineService, chain: list[tuple[str, str, int, int]]
) -> None:
    """The day after the last day of the one is the first of the other."""
    for group, member, first, end in chain:
        credit(
            "JoinGroup",
            joining(group, member, start=date(first, 1, 1), end=date(end, 1, 1)),
        )

    credit("JoinGroup", joining(HUAWEI, TENCENT))


@pytest.mark.usefixtures("numbers")
def test_a_group_may_belong_to_a_larger_one(credit: InlineService) -> None:
    """A line of groups is no circle."""
    credit("JoinGroup", joining(HUAWEI, TENCENT))

    credit("JoinGroup", joining(TENCENT, XIAOMI))


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(("group", "member"), [(STANDARD, TENCENT), (HUAWEI, STANDARD)])
def test_nobody_belongs_to_a_group_before_it_is_registered(
    credit: InlineService, group: str, member: str
) -> None:
    """Group and member have a first day; on that very day it may begin."""
    credit("RegisterEnterprise", registration(STANDARD, start_date=day(date(2022, 1, 1))))

    with pytest.raises(BeforeFirstPeriodError):
        credit("JoinGroup", joining(group, member, start=date(2021, 12, 31)))
    credit("JoinGroup", joining(group, member, start=date(2022, 1, 1)))


@pytest.mark.usefixtures("numbers")
def test_a_closed_enterprise_joins_no_group(credit: InlineService) -> None:
    """From the day of its closure on; before, it could."""
    closed = enterprise_pb2.ENTERPRISE_STATE_CLOSED
    credit("UpdateEnterprise", update(TENCENT, profile=None, state=closed))

    with pytest.raises(EnterpriseEndedError):
        credit("JoinGroup", joining(start=date(2024, 1, 1)))
    credit("JoinGroup", joining(start=date(2023, 12, 31)))


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param({"member": HUAWEI}, [("member", "MEMBER_IS_GROUP")], id="itself"),
        pytest.param(
            {"start": date(2025, 6, 2)}, [("start_date", "DATE_IN_FUTURE")], id="begins-tomorrow"
        ),
        pytest.param(
            {"end": date(2021, 1, 1)}, [("end_date", "END_NOT_AFTER_START")], id="ends-at-once"
        ),
        pytest.param(
            {"document_number": " ", "authority": ""},
            [("document_number", "REQUIRED"), ("authority", "REQUIRED")],
            id="no-document",
        ),
        pytest.param(
            {"group": ""}, [("group.credit_code", "CREDIT_CODE_MALFORMED")], id="no-group"
        ),
    ],
)
def test_wrong_memberships_are_refused(
    credit: InlineService, changes: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    """A membership is refused by the field that is wrong."""
    with pytest.raises(InvalidInputError) as error:
        credit("JoinGroup", joining(**changes))

    assert violations(error.value) == wrong


@pytest.mark.usefixtures("numbers")
def test_a_membership_ends_once_and_after_its_first_day(credit: InlineService) -> None:
    """The day after the first is the earliest end."""
    membership_id = credit("JoinGroup", joining()).membership.membership_id

    with pytest.raises(InvalidInputError) as error:
        credit("LeaveGroup", leaving(membership_id, date(2021, 1, 1)))
    credit("LeaveGroup", leaving(membership_id, date(2021, 1, 2)))
    with pytest.raises(MembershipEndedError):
        credit("LeaveGroup", leaving(membership_id, date(2021, 1, 3)))

    assert violations(error.value) == [("end_date", "END_NOT_AFTER_START")]


@pytest.mark.usefixtures("numbers")
def test_strangers_belong_to_no_group(credit: InlineService) -> None:
    """Group, member and membership must be known."""
    with pytest.raises(SubjectUnknownError):
        credit("JoinGroup", joining(STANDARD))
    with pytest.raises(SubjectUnknownError):
        credit("JoinGroup", joining(member=STANDARD))
    with pytest.raises(MembershipUnknownError):
        credit("LeaveGroup", leaving("g-1", date(2025, 1, 1)))


def test_the_division_of_the_group_decides_who_writes(credit: InlineService) -> None:
    """Not that of the member: it is the group that is graded by it."""
    credit("RegisterEnterprise", registration(HUAWEI, profile=profile(division="110105")))
    credit("RegisterEnterprise", registration(TENCENT, profile=profile(division="110102")))
    of_group, of_member = (
        Caller(
            identity=division,
            roles=frozenset({"recorder"}),
            divisions=frozenset({division}),
            fields=frozenset({"*"}),
        )
        for division in ("110105", "110102")
    )

    with pytest.raises(OutOfScopeError):
        credit("JoinGroup", joining(), of_member)
    membership_id = credit("JoinGroup", joining(), of_group).membership.membership_id
    with pytest.raises(OutOfScopeError):
        credit("LeaveGroup", leaving(membership_id, date(2025, 1, 1)), of_member)
    credit("LeaveGroup", leaving(membership_id, date(2025, 1, 1)), of_group)


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("unit", [HUAWEI, TENCENT])
def test_the_document_of_a_membership_names_nobody_of_either(
    credit: InlineService, unit: str
) -> None:
    """Whoever has a role in the group or in the member is masked with both; the writer knows."""
    person = service.RegisterPersonRequest(
        request_id=request_id(), name="王小明", identity_number=SAMPLE_ID
    )
    role = service.AssignRoleRequest(
        request_id=request_id(),
        person_id=credit("RegisterPerson", person).person.person_id,
        enterprise=credit_code(unit),
        kind=person_pb2.ROLE_KIND_PRINCIPAL,
        start_date=day(date(2021, 1, 1)),
    )
    credit("AssignRole", role)

    joined = credit("JoinGroup", joining(document_number="王小明签1号")).membership

    assert joined.document_number == "王小明签1号"
    for code in (HUAWEI, TENCENT):
        assert [one.document_number for one in shown(credit, code)] == ["王＊签1号"]


@pytest.mark.usefixtures("numbers")
def test_an_equal_call_is_answered_as_before(credit: InlineService) -> None:
    """By its request identifier; nothing is written twice."""
    request = joining()
    first = credit("JoinGroup", request)

    again = credit("JoinGroup", request)

    assert again.repeated
    assert again.membership == first.membership
    assert len(shown(credit, HUAWEI)) == 1
