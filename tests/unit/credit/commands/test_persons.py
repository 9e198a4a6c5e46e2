"""Persons and roles: who sees what, periods, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import person_pb2
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.errors import (
    OutOfScopeError,
    PersonDiffersError,
    RoleEndedError,
    RoleOverlapsError,
    RoleUnknownError,
    SubjectUnknownError,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import AUDITOR, RECORDER, REGULATOR, InlineService, violations
from tests.fakes.credit_requests import (
    HUAWEI,
    OTHER_SAMPLE_ID,
    SAMPLE_ID,
    credit_code,
    day,
    registration,
    request_id,
)
from tests.fakes.credit_store import FakeStore

PRINCIPAL = person_pb2.ROLE_KIND_PRINCIPAL


def registered(number: str = SAMPLE_ID, name: str = "王小明") -> service.RegisterPersonRequest:
    """Write the request that registers a person."""
    return service.RegisterPersonRequest(request_id=request_id(), name=name, identity_number=number)


def role(holder: str, **changes: Any) -> service.AssignRoleRequest:  # noqa: ANN401 -- fields of any type.
    """Write the request that makes a person principal from 2021 on."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "person_id": holder,
        "enterprise": credit_code(HUAWEI),
        "kind": PRINCIPAL,
        "start_date": day(date(2021, 1, 1)),
    }
    return service.AssignRoleRequest(**values | changes)


def end(role_id: str, last: date) -> service.EndRoleRequest:
    """Write the request that ends a role."""
    return service.EndRoleRequest(request_id=request_id(), role_id=role_id, end_date=day(last))


@pytest.fixture
def person_id(credit: InlineService) -> str:
    """Register an enterprise and a person."""
    credit("RegisterEnterprise", registration(HUAWEI))
    found: str = credit("RegisterPerson", registered()).person.person_id
    return found


@pytest.mark.parametrize(
    ("caller", "name", "number"),
    [
        pytest.param(REGULATOR, "王小明", "110105********002X", id="regulator"),
        pytest.param(AUDITOR, "王＊", "110105********002X", id="auditor"),
        pytest.param(RECORDER, "王＊", "", id="recorder"),
    ],
)
def test_callers_see_what_their_role_allows(
    credit: InlineService, person_id: str, caller: Caller, name: str, number: str
) -> None:
    """The regulator sees the name; nobody sees the number in full."""
    person = credit("GetPerson", service.GetPersonRequest(person_id=person_id), caller).person

    assert (person.name, person.masked_identity_number) == (name, number)


@pytest.mark.parametrize(
    ("divisions", "assigned", "name"),
    [
        pytest.param({"1101"}, True, "王小明", id="own-division"),
        pytest.param({"320613"}, True, "王＊", id="another-division"),
        pytest.param({"*"}, False, "王小明", id="all-divisions"),
        pytest.param({"1101"}, False, "王＊", id="of-no-enterprise"),
    ],
)
def test_a_name_is_for_regulators_of_the_division(
    credit: InlineService,
    person_id: str,
    divisions: set[str],
    assigned: bool,  # noqa: FBT001 -- a case of a table.
    name: str,
) -> None:
    """The enterprise is in 110105; a person without a role is for those of all divisions."""
    if assigned:
        credit("AssignRole", role(person_id))
    caller = replace(REGULATOR, divisions=frozenset(divisions))

    person = credit("GetPerson", service.GetPersonRequest(person_id=person_id), caller).person

    assert person.name == name


def test_a_person_is_registered_once(credit: InlineService, store: FakeStore) -> None:
    """The identity number says who it is, in either case of its letter."""
    first = credit("RegisterPerson", registered())

    again = credit("RegisterPerson", registered(SAMPLE_ID.lower()))

    assert again.repeated
    assert again.person == first.person
    assert len(store.state.persons) == 1


def test_another_name_under_the_number_is_refused(credit: InlineService, person_id: str) -> None:
    """The refusal holds neither name nor number."""
    with pytest.raises(PersonDiffersError) as error:
        credit("RegisterPerson", registered(name="李大山"))

    assert error.value.facts == {"person_id": person_id, "fields": "name"}
    assert not {"王", "李", "1949"} & set(str(error.value))


def test_a_repeated_registration_gets_the_first_answer(credit: InlineService) -> None:
    """The first answer comes again."""
    request = registered()
    first = credit("RegisterPerson", request)

    again = credit("RegisterPerson", request)

    assert again.repeated
    assert again.person == first.person


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param({"name": " "}, [("name", "REQUIRED")], id="blank-name"),
        pytest.param({"name": "名" * 101}, [("name", "TEXT_TOO_LONG")], id="name-too-long"),
        pytest.param({"identity_number": ""}, [("identity_number", "REQUIRED")], id="no-number"),
        pytest.param(
            {"identity_number": "110105194912310021"},
            [("identity_number", "IDENTITY_NUMBER_CHECK_WRONG")],
            id="wrong-check",
        ),
        pytest.param(
            {"identity_number": "1101"},
            [("identity_number", "IDENTITY_NUMBER_MALFORMED")],
            id="too-short",
        ),
        pytest.param({"request_id": ""}, [("request_id", "REQUIRED")], id="no-request-id"),
        pytest.param(
            {"request_id": "x" * 65}, [("request_id", "TEXT_TOO_LONG")], id="long-request-id"
        ),
    ],
)
def test_wrong_persons_are_refused(
    credit: InlineService, changes: dict[str, str], wrong: list[tuple[str, str]]
) -> None:
    """A person is refused by the field that is wrong; the number is not repeated."""
    request = registered()
    for name, value in changes.items():
        setattr(request, name, value)

    with pytest.raises(InvalidInputError) as error:
        credit("RegisterPerson", request)

    assert violations(error.value) == wrong
    assert "1949" not in str(error.value)


def test_roles_are_listed_oldest_first(credit: InlineService, person_id: str) -> None:
    """Each role has its own period."""
    later = credit("AssignRole", role(person_id)).role
    earlier = credit(
        "AssignRole",
        role(person_id, start_date=day(date(2019, 1, 1)), end_date=day(date(2020, 1, 1))),
    ).role

    person = credit("GetPerson", service.GetPersonRequest(person_id=person_id)).person

    assert list(person.roles) == [earlier, later]
    assert not later.HasField("end_date")


def test_roles_of_a_kind_do_not_overlap(credit: InlineService, person_id: str) -> None:
    """The day before the other begins is the last that is free."""
    held = credit("AssignRole", role(person_id)).role
    until = role(person_id, start_date=day(date(2020, 1, 1)), end_date=day(date(2021, 1, 2)))

    with pytest.raises(RoleOverlapsError) as error:
        credit("AssignRole", until)
    assert error.value.facts["role_id"] == held.role_id
    credit(
        "AssignRole",
        role(person_id, start_date=day(date(2020, 1, 1)), end_date=day(date(2021, 1, 1))),
    )
    credit("AssignRole", role(person_id, kind=person_pb2.ROLE_KIND_TECHNICAL_HEAD))


def test_an_ended_role_was_once_known_to_last(
    credit: InlineService, person_id: str, clock: FixedClock
) -> None:
    """Ending a role changes what is known from then on, not what was known."""
    assigned = credit("AssignRole", role(person_id))
    clock.advance(timedelta(hours=1))

    ended = credit("EndRole", end(assigned.role.role_id, date(2025, 1, 1)))

    now = credit("GetPerson", service.GetPersonRequest(person_id=person_id)).person
    then = credit(
        "GetPerson",
        service.GetPersonRequest(person_id=person_id, known_at=assigned.point.known_at),
    ).person
    assert ended.role.role_id == assigned.role.role_id
    assert list(now.roles) == [ended.role]
    assert list(then.roles) == [assigned.role]


def test_a_role_ends_once(credit: InlineService, person_id: str) -> None:
    """A role is over from its end on, today included."""
    role_id = credit("AssignRole", role(person_id)).role.role_id
    credit("EndRole", end(role_id, date(2025, 6, 1)))

    with pytest.raises(RoleEndedError):
        credit("EndRole", end(role_id, date(2025, 6, 1)))


def test_an_end_to_come_may_be_moved(credit: InlineService, person_id: str) -> None:
    """What has not ended yet can end on another day, but not into the next role."""
    role_id = credit("AssignRole", role(person_id)).role.role_id
    credit("EndRole", end(role_id, date(2025, 6, 2)))
    earlier = credit("EndRole", end(role_id, date(2025, 6, 1)))
    other = credit("AssignRole", role(person_id, start_date=day(date(2025, 6, 1)))).role

    assert earlier.role.end_date == day(date(2025, 6, 1))
    assert other.role_id != role_id


def test_an_end_put_off_does_not_reach_the_next_role(credit: InlineService, person_id: str) -> None:
    """Two roles of a kind never overlap, however they came about."""
    first = credit("AssignRole", role(person_id, end_date=day(date(2025, 6, 2)))).role
    early = role(person_id, start_date=day(date(2020, 1, 1)), end_date=day(date(2021, 1, 1)))
    before = credit("AssignRole", early).role

    with pytest.raises(RoleEndedError):
        credit("EndRole", end(before.role_id, date(2021, 6, 1)))
    credit("EndRole", end(first.role_id, date(2026, 1, 1)))


@pytest.mark.parametrize(
    ("last", "right"),
    [
        pytest.param(date(2021, 1, 1), False, id="on-its-first-day"),
        pytest.param(date(2021, 1, 2), True, id="after-its-first-day"),
    ],
)
def test_a_role_lasts_a_day_at_least(
    credit: InlineService, person_id: str, last: date, *, right: bool
) -> None:
    """The end of a half-open period lies after its start."""
    role_id = credit("AssignRole", role(person_id)).role.role_id

    if right:
        credit("EndRole", end(role_id, last))
    else:
        with pytest.raises(InvalidInputError) as error:
            credit("EndRole", end(role_id, last))
        assert violations(error.value) == [("end_date", "END_NOT_AFTER_START")]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param(
            {"end_date": day(date(2021, 1, 1))},
            [("end_date", "END_NOT_AFTER_START")],
            id="ends-on-its-first-day",
        ),
        pytest.param(
            {"start_date": day(date(2025, 6, 2))},
            [("start_date", "DATE_IN_FUTURE")],
            id="begins-tomorrow",
        ),
        pytest.param({"kind": 0}, [("kind", "REQUIRED")], id="no-kind"),
        pytest.param({"kind": 99}, [("kind", "ENUM_UNKNOWN")], id="unknown-kind"),
        pytest.param({"person_id": "e-1"}, [("person_id", "ID_MALFORMED")], id="not-a-person"),
        pytest.param({"enterprise": None}, [("enterprise", "REQUIRED")], id="no-enterprise"),
    ],
)
def test_wrong_roles_are_refused(
    credit: InlineService,
    person_id: str,
    changes: dict[str, Any],
    wrong: list[tuple[str, str]],
) -> None:
    """A role is refused by the field that is wrong."""
    with pytest.raises(InvalidInputError) as error:
        credit("AssignRole", role(person_id, **changes))

    assert violations(error.value) == wrong


def test_strangers_have_no_roles(credit: InlineService, person_id: str) -> None:
    """Person, enterprise and role must be known."""
    with pytest.raises(SubjectUnknownError):
        credit("AssignRole", role("p-1"))
    with pytest.raises(SubjectUnknownError):
        credit("AssignRole", role(person_id, enterprise=credit_code("9144030071526726XG")))
    with pytest.raises(SubjectUnknownError):
        credit("GetPerson", service.GetPersonRequest(person_id="p-1"))
    with pytest.raises(RoleUnknownError):
        credit("EndRole", end("o-1", date(2025, 1, 1)))


def test_roles_are_within_the_scope(credit: InlineService, person_id: str) -> None:
    """The enterprise's division decides who assigns and ends its roles."""
    who = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({"110102"}),
        fields=frozenset({"*"}),
    )
    role_id = credit("AssignRole", role(person_id)).role.role_id

    with pytest.raises(OutOfScopeError):
        credit("AssignRole", role(person_id, kind=person_pb2.ROLE_KIND_SAFETY_MANAGER), who)
    with pytest.raises(OutOfScopeError):
        credit("EndRole", end(role_id, date(2025, 1, 1)), who)


def test_a_person_is_unknown_before_registration(
    credit: InlineService, person_id: str, clock: FixedClock
) -> None:
    """At an earlier instant of knowledge there was no such person."""
    point = credit("GetPerson", service.GetPersonRequest(person_id=person_id)).point
    clock.advance(timedelta(hours=1))
    other = credit("RegisterPerson", registered(OTHER_SAMPLE_ID, "陈一")).person.person_id

    with pytest.raises(SubjectUnknownError):
        credit("GetPerson", service.GetPersonRequest(person_id=other, known_at=point.known_at))
