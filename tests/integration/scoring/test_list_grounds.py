"""What a listing may rest on, and from when and until when it may be: over loopback."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.commands.lists import publish_list_case
from services.scoring.main import ScoringServer
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    ON_SQLITE,
    ListWorld,
    plain_day,
    redlist_decided,
    redlisted,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError

pytestmark = ON_SQLITE

TRADER = 2
FIRE_FIELD = 2


async def refusal(call: Coroutine[Any, Any, Any]) -> str:
    """Give the reason for which a call fails a precondition."""
    with pytest.raises(RefusedError) as error:
        await call
    assert error.value.code == "FAILED_PRECONDITION", error.value.message
    return error.value.reason


async def entries(world: ListWorld, day: date, **subject: str) -> list[tuple[int, str]]:
    """Give kind and case of the entries that count on a day."""
    answer = await world.call(
        "ListListEntries", CHIEF, subject=subject or {"credit_code": CODE}, as_of=wire_day(day)
    )
    return [(one.entry.kind, one.case_id) for one in answer.entries]


async def test_a_decision_sets_no_day_before_itself_or_after_its_publication(
    world: ListWorld,
) -> None:
    """The day before and years after are refused; a later day holds the publication up."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id

    def decide(day: date) -> Coroutine[Any, Any, Any]:
        wish = {**DECISION, "listing_date": wire_day(day)}
        return world.take("DecideListCase", CHIEF, case_id=case_id, **wish)

    with pytest.raises(RefusedError) as early:
        await world.decided(case_id, listing_date=wire_day(date(2025, 6, 2)))
    assert early.value.reason == "LISTING_DATE_UNLAWFUL"
    assert early.value.facts["earliest_date"] == "2025-06-03"
    # Twenty working days after Tuesday 3 June 2025 end on Tuesday 1 July.
    assert early.value.facts["latest_date"] == "2025-07-01"
    assert await refusal(decide(date(2030, 1, 1))) == "LISTING_DATE_UNLAWFUL"
    await decide(date(2025, 6, 5))
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    assert await refusal(world.take("PublishListCase", CHIEF, case_id=case_id)) == "STEP_TOO_EARLY"
    world.stand_at(date(2025, 6, 5))
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)

    assert plain_day(case.entries[0].entry.start_date) == date(2025, 6, 5)


async def test_a_redlisting_never_overlaps_a_blacklisting(world: ListWorld) -> None:
    """Dated before the blacklisting began, it would go on into it; the case can only be closed."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    red = await redlist_decided(world)
    world.stand_at(date(2025, 7, 1))
    world.facts.record(
        "penalty", number, date(2025, 6, 20), major=True, final_date=date(2025, 6, 25)
    )
    black = await world.published((await world.opened()).case_id)

    early = {"case_id": red.case_id, "day": date(2025, 6, 12)}
    with pytest.raises(RefusedError) as error:
        await world.take("PublishListCase", CHIEF, **early)

    assert (error.value.reason, error.value.facts["start_date"]) == ("ON_OTHER_LIST", "2025-07-01")
    assert await entries(world, date(2025, 6, 30)) == []
    assert await entries(world, date(2025, 7, 1)) == [(1, black.case_id)]
    await world.take("CloseListCase", CHIEF, case_id=red.case_id, reason="已列入惩戒名单")


async def test_a_redlisting_published_late_meets_its_conditions_today(world: ListWorld) -> None:
    """A penalty after the day of the publication, and before its recording, is in the way."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    case_id = (await redlist_decided(world)).case_id
    penalty = world.facts.record("penalty", number, date(2025, 6, 20))
    world.stand_at(date(2025, 6, 20))

    def published() -> Coroutine[Any, Any, Any]:
        return world.take("PublishListCase", CHIEF, case_id=case_id, day=date(2025, 6, 19))

    assert await refusal(published()) == "CONDITION_UNMET"
    world.facts.revoke(penalty)
    assert plain_day((await published()).entries[0].entry.start_date) == date(2025, 6, 19)


async def test_whoever_was_on_both_lists_left_the_redlist_where_the_blacklist_began(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of before may hold such a pair; whenever that is seen, no day stays in both."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)
    world.stand_at(date(2025, 7, 1))
    day = date(2025, 7, 1)
    world.facts.record("penalty", number, day, major=True, final_date=day)
    monkeypatch.setattr(publish_list_case, "break_redlist", lambda *_args, **_kinds: [])
    black = await world.published((await world.opened()).case_id)
    assert len(await entries(world, date(2025, 7, 1))) == 2

    world.stand_at(date(2025, 7, 9))
    case_server.lists.once()

    assert [kind for kind, _ in await entries(world, date(2025, 6, 30))] == [2]
    assert await entries(world, date(2025, 7, 1)) == [(1, black.case_id)]


async def test_nobody_is_twice_on_one_redlist(world: ListWorld) -> None:
    """Not by an application dated before the first was published; of renewals see there."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    first = await redlisted(world)

    def applies(day: date) -> Coroutine[Any, Any, Any]:
        return world.take(
            "ApplyForRedlist",
            CHIEF,
            subject={"credit_code": CODE},
            policy_id="cn.test.redlist",
            field=1,
            inputs=[{"name": "dishonest_acts", "value": 0}],
            attachments={"dishonest_acts": "信用报告"},
            day=day,
        )

    assert await refusal(applies(date(2025, 6, 4))) == "ALREADY_LISTED"
    assert await entries(world, date(2028, 6, 10)) == [(2, first.case_id)]
    # The term of three years ends on 10 June 2028.
    world.stand_at(date(2028, 6, 11))
    assert (await applies(date(2028, 6, 11))).state == 1


async def test_what_carries_no_listing_makes_no_second_one(world: ListWorld) -> None:
    """The same penalty with an inspection is the same penalty; another one is a new fact."""
    number, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    await world.published((await world.opened()).case_id)
    inspection = world.facts.record("inspection", number, date(2025, 2, 1))
    second = world.penalty(number)

    def nominated(*records: int) -> Coroutine[Any, Any, Any]:
        names = [f"r-{one}" for one in records]
        return world.opened(record_ids=names, cause="再次")

    assert await refusal(nominated(penalty)) == "BASIS_USED_ALREADY"
    assert await refusal(nominated(penalty, inspection)) == "BASIS_USED_ALREADY"
    assert (await nominated(penalty, inspection, second)).state == 1


async def test_a_person_is_listed_once_for_one_penalty(world: ListWorld) -> None:
    """With the unit and alone: the second case is refused, at the last with its publication."""
    number = world.facts.enterprise(credit_code=CODE)
    person = world.principal(number, "王小明")
    penalty = world.facts.record(
        "penalty", person, date(2025, 1, 10), person=True, major=True, final_date=date(2025, 3, 1)
    )
    world.stand_at(date(2025, 6, 3))
    grounds: dict[str, Any] = {"record_ids": [f"r-{penalty}"], "cause": "瞒报"}
    alone = {**grounds, "subject": {"person_id": f"p-{person}"}}
    of_both = {**grounds, "record_ids": [f"r-{world.penalty(number)}", f"r-{penalty}"]}
    with_unit = (await world.opened(person_ids=[f"p-{person}"], **of_both)).case_id
    by_itself = (await world.opened(**alone)).case_id
    await world.decided(by_itself)
    await world.take("ServeDecision", CHIEF, case_id=by_itself)

    await world.published(with_unit)

    publish = world.take("PublishListCase", CHIEF, case_id=by_itself)
    assert await refusal(publish) == "BASIS_USED_ALREADY"
    await world.take("CloseListCase", CHIEF, case_id=by_itself, reason="已列入")
    assert await refusal(world.opened(**alone)) == "BASIS_USED_ALREADY"
    listed = await entries(world, date(2025, 6, 3), person_id=f"p-{person}")
    assert listed == [(1, with_unit)]


async def test_a_list_takes_subjects_of_its_place_and_kind_alone(world: ListWorld) -> None:
    """A city's list is not for an enterprise elsewhere, by rule or by nomination."""
    number, penalty = world.penalised()
    trader = world.facts.enterprise(credit_code="91110000802100433B", kind=TRADER)
    of_trader = world.penalty(trader)
    world.stand_at(date(2025, 6, 3))
    traders: dict[str, Any] = {"policy_id": "cn.test.traders-blacklist", "field": 1, "cause": "甲"}
    local: dict[str, Any] = {"policy_id": "cn.test.local-blacklist", "cause": "甲"}

    assert await refusal(world.opened(**local)) == "POLICY_OF_OTHER_PLACE"
    nominated = world.opened(record_ids=[f"r-{penalty}"], **local)
    assert await refusal(nominated) == "POLICY_OF_OTHER_PLACE"
    nominated = world.opened(record_ids=[f"r-{penalty}"], **traders)
    assert await refusal(nominated) == "NOT_A_CANDIDATE"
    case = await world.opened(
        record_ids=[f"r-{of_trader}"], subject={"enterprise_id": f"e-{trader}"}, **traders
    )
    assert case.parties[0].subject_id == f"e-{trader}"
    world.facts.change(number, date(2025, 6, 4), division=120101)
    world.stand_at(date(2025, 6, 4))
    everywhere = replace(CLERK, divisions=frozenset({"*"}))
    moved = await world.take(
        "OpenListCase",
        everywhere,
        subject={"credit_code": CODE},
        record_ids=[f"r-{penalty}"],
        **local,
    )
    assert moved.state == 1


async def test_a_listing_rests_on_a_fact_of_its_field(world: ListWorld) -> None:
    """A fire penalty lists for fire alone, by nomination and where the caller says the field."""
    number = world.facts.enterprise(credit_code=CODE, kind=TRADER)
    fire = world.penalty(number, field=FIRE_FIELD, authority="北京市朝阳区消防救援支队")
    world.stand_at(date(2025, 6, 3))
    traders: dict[str, Any] = {"policy_id": "cn.test.traders-blacklist"}
    grounds: dict[str, Any] = {"record_ids": [f"r-{fire}"], "cause": "消防"}

    assert await refusal(world.opened(**grounds)) == "BASIS_OF_OTHER_FIELD"
    assert await refusal(world.opened(field=1, **traders, **grounds)) == "BASIS_OF_OTHER_FIELD"
    assert await refusal(world.opened(field=1, **traders)) == "BASIS_OF_OTHER_FIELD"
    of_fire = await world.opened(field=FIRE_FIELD, **traders)
    assert of_fire.field == FIRE_FIELD
    own = world.penalty(number)
    both = await world.opened(record_ids=[f"r-{fire}", f"r-{own}"], cause="两案")
    # Who made the penalty of the other field does not decide this list.
    report = world.take(
        "ReportListCase", CLERK, case_id=both.case_id, addressee="北京市朝阳区消防救援支队"
    )
    assert await refusal(report) == "WRONG_AUTHORITY"
    await world.take("ReportListCase", CLERK, case_id=both.case_id, addressee=BUREAU)


async def test_a_nomination_rests_on_what_was_then(world: ListWorld) -> None:
    """A record after the day of the case, and a person who came after the facts, are refused."""
    number, penalty = world.penalised()
    before = world.principal(number, "王小明", start_date=date(2025, 1, 10))
    after = world.principal(number, "李小红", start_date=date(2025, 1, 11))
    later = world.facts.record("inspection", number, date(2025, 6, 3))
    world.stand_at(date(2025, 6, 3))
    grounds: dict[str, Any] = {"record_ids": [f"r-{penalty}"], "cause": "瞒报"}

    with pytest.raises(RefusedError) as unknown:
        await world.opened(
            record_ids=[f"r-{penalty}", f"r-{later}"], cause="瞒报", day=date(2025, 6, 2)
        )
    joined = world.opened(person_ids=[f"p-{after}"], **grounds)

    assert unknown.value.reason == "RECORD_UNKNOWN"
    assert await refusal(joined) == "PARTY_UNKNOWN"
    case = await world.opened(person_ids=[f"p-{before}"], **grounds)
    assert [one.subject_id for one in case.parties] == [f"e-{number}", f"p-{before}"]


@pytest.mark.parametrize(
    ("day", "refused"),
    [(date(2026, 6, 2), False), (date(2026, 6, 3), True)],
    ids=["on-the-last-day", "the-day-after"],
)
async def test_a_term_that_is_over_is_not_published(
    world: ListWorld, day: date, *, refused: bool
) -> None:
    """A term of one year from 3 June 2025 has its last day on 2 June 2026."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.decided(case_id)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.stand_at(day)
    publish: Callable[[], Coroutine[Any, Any, Any]] = lambda: world.take(  # noqa: E731 -- once.
        "PublishListCase", CHIEF, case_id=case_id
    )

    if refused:
        assert await refusal(publish()) == "TERM_OVER"
        await world.take("CloseListCase", CHIEF, case_id=case_id, reason="期满")
    else:
        assert (await publish()).entries[0].state == 1


async def test_a_report_to_no_higher_authority_is_refused(world: ListWorld) -> None:
    """A district elsewhere, a neighbour and a restaurant decide no list of a higher authority."""
    world.penalised(fields=0b110)
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened(policy_id="cn.test.fire-blacklist")).case_id

    def report(addressee: str) -> Coroutine[Any, Any, Any]:
        return world.take("ReportListCase", CLERK, case_id=case_id, addressee=addressee)

    for addressee in ("南通市崇川区应急管理局", "北京市房山区应急管理局", "某某饭店", BUREAU):
        assert await refusal(report(addressee)) == "WRONG_AUTHORITY"
    assert (await report("北京市应急管理局")).deciding_authority == "北京市应急管理局"
