"""Registering, changing and getting enterprises."""

from datetime import date, timedelta
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import enterprise_pb2
from safetycredit.type.v1 import subject_pb2
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.errors import (
    BeforeFirstPeriodError,
    EnterpriseDiffersError,
    EnterpriseEndedError,
    OutOfScopeError,
    SubjectUnknownError,
)
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    FIRE,
    HUAWEI,
    TENCENT,
    XIAOMI,
    credit_code,
    day,
    local,
    profile,
    registration,
    update,
)
from tests.fakes.credit_store import FakeStore

TODAY = date(2025, 6, 1)
STATE = enterprise_pb2.EnterpriseState


def ending(state: str, *successors: str, code: str = HUAWEI) -> service.UpdateEnterpriseRequest:
    """Write the request that ends an enterprise in 2024."""
    return update(
        code,
        profile=None,
        state=STATE.Value(f"ENTERPRISE_STATE_{state}"),
        successors=[credit_code(one) for one in successors],
    )


def got(credit: InlineService, **changes: Any) -> service.GetEnterpriseResponse:  # noqa: ANN401 -- fields of any type.
    """Get an enterprise."""
    values: dict[str, Any] = {"subject": credit_code(HUAWEI)}
    answer: service.GetEnterpriseResponse = credit(
        "GetEnterprise", service.GetEnterpriseRequest(**values | changes)
    )
    return answer


def test_an_enterprise_is_registered_as_described(credit: InlineService) -> None:
    """What is not given has the default that the interface promises."""
    answer = credit("RegisterEnterprise", registration())

    enterprise = answer.enterprise
    assert enterprise.enterprise_id.startswith("e-")
    assert enterprise.credit_code == HUAWEI
    assert enterprise.state == STATE.ENTERPRISE_STATE_ACTIVE
    assert enterprise.profile == profile(kind=enterprise_pb2.ENTERPRISE_KIND_PRODUCTION_UNIT)
    assert not answer.repeated
    assert answer.point.revision == 1


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        pytest.param({}, date(2020, 1, 1), id="as-asked"),
        pytest.param(
            {"start_date": None, "profile": profile(founding_date=day(date(2010, 5, 1)))},
            date(2010, 5, 1),
            id="founding-day",
        ),
        pytest.param({"start_date": None}, TODAY, id="today"),
    ],
)
def test_the_first_period_has_a_first_day(
    credit: InlineService, changes: dict[str, Any], start: date
) -> None:
    """The founding day is the default, else today in Shanghai."""
    credit("RegisterEnterprise", registration(**changes))

    assert got(credit, with_history=True).enterprise.history[0].start_date == day(start)


def test_the_same_profile_again_is_the_same_enterprise(
    credit: InlineService, store: FakeStore
) -> None:
    """An identity is registered once, whatever the request is called."""
    first = credit("RegisterEnterprise", registration())

    again = credit("RegisterEnterprise", registration())

    assert again.repeated
    assert again.enterprise == first.enterprise
    assert len(store.state.identities) == 1


def test_the_present_profile_is_the_same_enterprise_too(credit: InlineService) -> None:
    """Who registers what is true now need not know its history."""
    credit("RegisterEnterprise", registration())
    renamed = update()
    credit("UpdateEnterprise", renamed)

    as_first = credit("RegisterEnterprise", registration())
    as_now = credit("RegisterEnterprise", registration(profile=renamed.profile))

    assert as_first.repeated
    assert as_now.repeated


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"profile": profile(name="别名")}, "profile.name", id="name"),
        pytest.param(
            {"profile": profile(division="110102", fields=[FIRE])},
            "profile.fields,profile.division",
            id="division-and-fields",
        ),
        pytest.param({"start_date": day(date(2020, 1, 2))}, "start_date", id="first-day"),
    ],
)
def test_another_profile_is_refused(
    credit: InlineService, changes: dict[str, Any], fields: str
) -> None:
    """The answer names the enterprise and the fields that differ."""
    first = credit("RegisterEnterprise", registration())

    with pytest.raises(EnterpriseDiffersError) as error:
        credit("RegisterEnterprise", registration(**changes))

    assert error.value.facts == {
        "enterprise_id": first.enterprise.enterprise_id,
        "fields": fields,
    }


def test_an_enterprise_without_a_credit_code_has_an_identity_of_its_own(
    credit: InlineService,
) -> None:
    """Values are compared exactly, and schemes keep them apart."""
    one = credit("RegisterEnterprise", registration(identity=local("大同机械")))
    other = credit(
        "RegisterEnterprise", registration(identity=local("大同机械", scheme="tw.tax-number"))
    )

    assert one.enterprise.local_identity.value == "大同机械"
    assert one.enterprise.credit_code == ""
    assert one.enterprise.enterprise_id != other.enterprise.enterprise_id


@pytest.mark.parametrize(
    ("divisions", "fields", "allowed"),
    [
        pytest.param("110105", "fire", True, id="one-of-its-fields"),
        pytest.param("110105", "transport", False, id="none-of-its-fields"),
        pytest.param("110102", "fire", False, id="another-division"),
    ],
)
def test_a_caller_registers_within_its_scope(
    credit: InlineService, divisions: str, fields: str, *, allowed: bool
) -> None:
    """The division must be the caller's, and at least one of the fields."""
    who = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({divisions}),
        fields=frozenset({fields}),
    )

    if allowed:
        credit("RegisterEnterprise", registration(), who)
        credit("UpdateEnterprise", update(), who)
    else:
        with pytest.raises(OutOfScopeError):
            credit("RegisterEnterprise", registration(), who)
        credit("RegisterEnterprise", registration())
        with pytest.raises(OutOfScopeError):
            credit("UpdateEnterprise", update(), who)


def test_each_day_has_its_own_profile(credit: InlineService) -> None:
    """The day before the change and the day itself are on either side of it."""
    credit("RegisterEnterprise", registration())
    credit("UpdateEnterprise", update())

    before = got(credit, as_of=day(date(2023, 12, 31)))
    since = got(credit, as_of=day(date(2024, 1, 1)))

    assert before.enterprise.profile.name == "北京朝阳机械有限公司"
    assert since.enterprise.profile.name == "北京朝阳精密机械有限公司"
    assert since.as_of == day(date(2024, 1, 1))


def test_history_shows_every_period_ever_recorded(credit: InlineService, clock: FixedClock) -> None:
    """What was replaced stays, with the instant at which it was replaced."""
    credit("RegisterEnterprise", registration())
    clock.advance(timedelta(hours=1))

    answer = credit("UpdateEnterprise", update())

    shown = got(credit, with_history=True).enterprise
    assert answer.enterprise == shown
    first, old, new = shown.history
    assert first.superseded_time == new.recorded_time
    assert not first.HasField("end_date")
    assert (old.start_date, old.end_date) == (day(date(2020, 1, 1)), day(date(2024, 1, 1)))
    assert (new.start_date, new.document_number) == (day(date(2024, 1, 1)), "更名1号")
    assert not new.HasField("superseded_time")
    assert list(got(credit).enterprise.history) == []


def test_history_is_as_it_was_known(credit: InlineService, clock: FixedClock) -> None:
    """Before the change was recorded, nothing had been replaced."""
    credit("RegisterEnterprise", registration())
    before = got(credit, with_history=True)
    clock.advance(timedelta(hours=1))
    credit("UpdateEnterprise", update())

    again = got(credit, with_history=True, known_at=before.point.known_at, as_of=before.as_of)

    assert again.SerializeToString() == before.SerializeToString()


def test_a_change_before_the_first_period_is_refused(credit: InlineService) -> None:
    """The first day may change, the day before has nothing to change."""
    credit("RegisterEnterprise", registration())

    with pytest.raises(BeforeFirstPeriodError):
        credit("UpdateEnterprise", update(effective_date=day(date(2019, 12, 31))))
    credit("UpdateEnterprise", update(effective_date=day(date(2020, 1, 1))))


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(ending("CLOSED"), id="closed"),
        pytest.param(ending("MERGED", TENCENT), id="merged"),
    ],
)
def test_an_enterprise_that_ended_is_not_changed(
    credit: InlineService, end: service.UpdateEnterpriseRequest
) -> None:
    """Merger and closure are final."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))
    credit("UpdateEnterprise", end)

    with pytest.raises(EnterpriseEndedError):
        credit("UpdateEnterprise", update(effective_date=day(date(2025, 1, 1))))


def test_a_merger_is_seen_from_both_sides(credit: InlineService) -> None:
    """From its day on, both know of it; before, neither does."""
    credit("RegisterEnterprise", registration(HUAWEI))
    successor = credit("RegisterEnterprise", registration(TENCENT)).enterprise

    merged = credit("UpdateEnterprise", ending("MERGED", TENCENT)).enterprise

    assert merged.state == STATE.ENTERPRISE_STATE_MERGED
    (succession,) = merged.successions
    assert succession.predecessor_id == merged.enterprise_id
    assert succession.successor_id == successor.enterprise_id
    assert succession.effective_date == day(date(2024, 1, 1))
    assert succession.kind == STATE.ENTERPRISE_STATE_MERGED
    seen = got(credit, subject=credit_code(TENCENT)).enterprise
    assert list(seen.successions) == [succession]
    assert list(got(credit, as_of=day(date(2023, 12, 31))).enterprise.successions) == []


def test_a_split_has_several_successors(credit: InlineService) -> None:
    """What is split may go on, and be changed."""
    for code in (HUAWEI, TENCENT, XIAOMI):
        credit("RegisterEnterprise", registration(code))

    answer = credit("UpdateEnterprise", ending("SPLIT", TENCENT, XIAOMI))

    assert len(answer.enterprise.successions) == 2
    credit("UpdateEnterprise", update(effective_date=day(date(2025, 1, 1))))


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        pytest.param(
            ending("MERGED"), [("successors", "SUCCESSORS_ASTRAY")], id="merger-into-nobody"
        ),
        pytest.param(
            ending("MERGED", TENCENT, XIAOMI),
            [("successors", "SUCCESSORS_ASTRAY")],
            id="merger-into-two",
        ),
        pytest.param(
            ending("SPLIT"), [("successors", "SUCCESSORS_ASTRAY")], id="split-into-nobody"
        ),
        pytest.param(
            ending("CLOSED", TENCENT),
            [("successors", "SUCCESSORS_ASTRAY")],
            id="closure-with-successor",
        ),
        pytest.param(
            ending("MERGED", HUAWEI), [("successors[0]", "SUCCESSOR_IS_SELF")], id="into-itself"
        ),
        pytest.param(
            ending("SPLIT", TENCENT, TENCENT), [("successors[1]", "REPEATED")], id="same-twice"
        ),
        pytest.param(update(profile=None), [("profile", "NOTHING_CHANGES")], id="nothing-changes"),
        pytest.param(
            update(effective_date=day(date(2025, 6, 2))),
            [("effective_date", "DATE_IN_FUTURE")],
            id="tomorrow",
        ),
        pytest.param(
            update(document_number=""), [("document_number", "REQUIRED")], id="no-document"
        ),
    ],
)
def test_wrong_changes_are_refused(
    credit: InlineService,
    request_: service.UpdateEnterpriseRequest,
    wrong: list[tuple[str, str]],
) -> None:
    """A change is refused by the field that is wrong."""
    for code in (HUAWEI, TENCENT, XIAOMI):
        credit("RegisterEnterprise", registration(code))

    with pytest.raises(InvalidInputError) as error:
        credit("UpdateEnterprise", request_)

    assert violations(error.value) == wrong


def test_an_ended_enterprise_succeeds_nobody(credit: InlineService) -> None:
    """Mergers do not run in circles."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))
    credit("UpdateEnterprise", ending("MERGED", TENCENT))

    with pytest.raises(EnterpriseEndedError):
        credit("UpdateEnterprise", ending("MERGED", HUAWEI, code=TENCENT))


def test_unknown_enterprises_are_refused(credit: InlineService) -> None:
    """Neither a stranger, nor a stranger's successor, nor a day before the first."""
    with pytest.raises(SubjectUnknownError):
        got(credit)
    with pytest.raises(SubjectUnknownError):
        credit("UpdateEnterprise", update())
    credit("RegisterEnterprise", registration())
    with pytest.raises(SubjectUnknownError):
        credit("UpdateEnterprise", ending("MERGED", TENCENT))
    with pytest.raises(SubjectUnknownError) as error:
        got(credit, as_of=day(date(2019, 12, 31)))
    assert error.value.facts["first_date"] == "2020-01-01"


def test_a_repeated_update_changes_nothing(credit: InlineService, store: FakeStore) -> None:
    """The first answer comes again."""
    credit("RegisterEnterprise", registration())
    request = update()
    first = credit("UpdateEnterprise", request)

    again = credit("UpdateEnterprise", request)

    assert again.repeated
    assert again.enterprise == first.enterprise
    assert len(store.state.versions) == 3


def test_a_person_is_no_enterprise(credit: InlineService) -> None:
    """A person's identifier is refused where an enterprise is wanted."""
    with pytest.raises(InvalidInputError) as error:
        got(credit, subject=subject_pb2.SubjectRef(person_id="p-1"))

    assert violations(error.value) == [("subject.person_id", "NOT_AN_ENTERPRISE")]


def test_declared_activities_are_kept_with_the_profile(credit: InlineService) -> None:
    """They belong to a period as everything else does; an unknown one is refused."""
    declared = profile(
        activities=[
            enterprise_pb2.ACTIVITY_LARGE_EVENTS,
            enterprise_pb2.ACTIVITY_HAZARDOUS_CHEMICALS,
        ]
    )
    credit("RegisterEnterprise", registration(profile=declared))
    unknown = registration(TENCENT, profile=profile(activities=[9]))

    before = got(credit).enterprise.profile.activities
    credit("UpdateEnterprise", update())
    after = got(credit).enterprise.profile.activities

    assert list(before) == [1, 2]
    assert list(after) == []
    with pytest.raises(InvalidInputError) as error:
        credit("RegisterEnterprise", unknown)
    assert violations(error.value) == [("profile.activities[0]", "ENUM_UNKNOWN")]
