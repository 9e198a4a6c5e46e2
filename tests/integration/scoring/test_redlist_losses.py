"""Redlistings by the shipped national list: what is recorded decides, on the day it happened."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.commands.lists.list_grounds import conditions_hold
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.main import ScoringServer
from tests.fakes.list_policies import SHARED
from tests.fakes.list_rows import listing
from tests.fakes.list_world import (
    CHIEF,
    CLERK,
    CODE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_policies import POLICIES

RED = "cn.joint-incentive-list"
HEAD = replace(CHIEF, identity="head", authority="北京市应急管理局")
ANSWERS = ("dishonest_acts_3_years", "occupational_disease_cases_3_years", "lists_of_other_sectors")
OF_FIRE = ListKey(ListKind.BLACKLIST, 2)
APPLIED, PUBLISHED = date(2025, 6, 3), date(2025, 6, 11)
IN_FORCE, REMOVED = 1, 2
CONDITION_BROKEN, EXPIRED = 4, 1
BREAK, CORRECT = 21, 20


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the national redlist as it is shipped."""
    folder = tmp_path_factory.mktemp("shipped-redlist")
    for name in (*SHARED, "cn/joint-incentive-list.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text((POLICIES / name).read_text("utf-8"), encoding="utf-8")
    return folder


def certified(world: ListWorld, number: int, start: date, end: date) -> int:
    """Record standardisation of level 1; give its number."""
    return world.facts.record(
        "honour", number, start, honour_kind=1, standardisation_level=1, end_date=end
    )


def worthy(world: ListWorld, until: date = date(2030, 1, 1)) -> int:
    """Register the enterprise with a commitment, and level 1 until a day; give its number."""
    number = world.facts.enterprise(credit_code=CODE)
    committed: dict[str, Any] = {"honour_kind": 2, "commitment": 1, "end_date": date(2030, 1, 1)}
    world.facts.record("honour", number, date(2024, 1, 1), **committed)
    certified(world, number, date(2024, 1, 1), until)
    return number


async def applied(world: ListWorld) -> str:
    """Apply on 3 June 2025, saying that nothing stands against it; give the case."""
    world.stand_at(APPLIED)
    case = await world.take(
        "ApplyForRedlist",
        PORTAL,
        subject={"credit_code": CODE},
        policy_id=RED,
        inputs=[{"name": name, "value": 0} for name in ANSWERS],
        attachments=dict.fromkeys(ANSWERS, "证明"),
    )
    return str(case.case_id)


async def decided(world: ListWorld) -> str:
    """Walk an application to its decision on 11 June 2025; give the case."""
    case_id = await applied(world)
    of_case: dict[str, Any] = {"case_id": case_id, "person": "郑"}
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=HEAD.authority)
    await world.take("ReviewListCase", HEAD, field=1, opinion=1, **of_case)
    await world.take("ApproveListCase", HEAD, opinion=1, **of_case)
    await world.take("AnnounceListCase", HEAD, **of_case)
    world.stand_at(PUBLISHED)
    texts: dict[str, Any] = {"cause": "诚实守信", "basis": "第二条", "measures": "减少检查频次"}
    texts["measure_codes"] = ["fewer_inspections"]
    await world.take("DecideListCase", HEAD, **of_case, **texts)
    return case_id


async def redlisted(world: ListWorld) -> str:
    """Walk an application to its publication on 11 June 2025; give the case."""
    case_id = await decided(world)
    await world.take("PublishListCase", HEAD, case_id=case_id, person="郑")
    return case_id


async def entry_of(world: ListWorld, case_id: str) -> tuple[int, date, int]:
    """Give how the entry stands, the day on which it ends or ended, and why it was removed."""
    case = (await world.call("GetListCase", HEAD, case_id=case_id)).list_case
    (held,) = case.entries
    return held.state, plain_day(held.entry.end_date), held.removal.reason


async def last_step(world: ListWorld, case_id: str) -> tuple[int, str, dict[str, str]]:
    """Give the last line of the ledger: its kind, its document, and what it says."""
    step = (await world.call("GetListCase", HEAD, case_id=case_id)).list_case.steps[-1]
    return step.kind, step.document_number, {one.name: one.text for one in step.contents}


def blacklisted(world: ListWorld, number: int, of: str, **given: Any) -> int:  # noqa: ANN401 -- attributes of the entry.
    """Put the enterprise, or who has been its principal since 2020, on the fire blacklist."""
    whom = number if of == "enterprise" else world.principal(number, "王小明")
    given = {"list_key": OF_FIRE, "person": of != "enterprise", **given}
    return listing(world.facts, whom, date(2025, 1, 1), date(2028, 1, 1), **given)


# What is known to be unmet ----------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize(
    ("of", "unmet"),
    [("enterprise", "blacklistings"), ("principal", "leaders_blacklistings")],
)
async def test_who_is_on_another_blacklist_cannot_apply(
    world: ListWorld, of: str, unmet: str
) -> None:
    """Whatever the application answers, the entry on the blacklist of fire safety is known."""
    number = worthy(world)
    blacklisted(world, number, of)

    with pytest.raises(RefusedError) as error:
        await applied(world)

    assert error.value.reason == "CONDITION_UNMET"
    assert error.value.facts["unmet"] == unmet


async def test_a_blacklisting_of_the_principal_keeps_from_publication_and_ends_it(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Between decision and publication it is refused; while listed it is lost on the first day."""
    number = worthy(world)
    person = world.principal(number, "王小明")
    case_id = await decided(world)
    given: dict[str, Any] = {"list_key": OF_FIRE, "person": True, "document_number": "列9号"}
    first = listing(world.facts, person, date(2025, 1, 1), date(2025, 6, 12), **given)
    with pytest.raises(RefusedError) as error:
        await world.take("PublishListCase", HEAD, case_id=case_id, person="郑")
    assert error.value.reason == "CONDITION_UNMET"

    world.stand_at(date(2025, 6, 12))
    await world.take("PublishListCase", HEAD, case_id=case_id, person="郑")
    case_server.lists.once()
    assert await entry_of(world, case_id) == (IN_FORCE, date(2028, 6, 12), 0)
    again = listing(world.facts, person, date(2025, 6, 20), date(2028, 6, 20), **given)
    world.stand_at(date(2025, 7, 1))
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2025, 6, 20), CONDITION_BROKEN)
    assert await last_step(world, case_id) == (
        BREAK,
        "列9号",
        {
            "reason": "自2025-06-20起不再符合激励条件",
            "unmet": "leaders_blacklistings",
            "records": f"l-{again}",
        },
    )
    assert first != again


@ON_SQLITE
async def test_whoever_becomes_principal_while_blacklisted_ends_it_on_that_day(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Listed since January, in office from 1 July: lost on 1 July."""
    number = worthy(world)
    case_id = await redlisted(world)
    other = world.facts.enterprise()
    person = world.principal(other, "王小明")
    listing(world.facts, person, date(2025, 1, 1), date(2028, 1, 1), list_key=OF_FIRE, person=True)
    case_server.lists.once()
    assert (await entry_of(world, case_id))[0] == IN_FORCE
    world.facts.in_office(person, number, date(2025, 7, 1))

    world.stand_at(date(2025, 6, 30))
    case_server.lists.once()
    assert (await entry_of(world, case_id))[0] == IN_FORCE
    world.stand_at(date(2025, 7, 1))
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2025, 7, 1), CONDITION_BROKEN)


# Days and reasons ---------------------------------------------------------------------


async def test_a_redlisting_is_lost_on_the_first_broken_day_and_restored_with_its_cause(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A penalty of 1 July that is recorded on 1 September; then it is revoked."""
    number = worthy(world)
    case_id = await redlisted(world)
    world.stand_at(date(2025, 9, 1))
    penalty = world.facts.record("penalty", number, date(2025, 7, 1), document_number="罚7号")
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2025, 7, 1), CONDITION_BROKEN)
    assert await last_step(world, case_id) == (
        BREAK,
        "罚7号",
        {
            "reason": "自2025-07-01起不再符合激励条件",
            "unmet": "penalties_3_years",
            "records": f"r-{penalty}",
        },
    )
    for day, listed in ((date(2025, 6, 30), 1), (date(2025, 7, 1), 0)):
        entries = await world.call("ListListEntries", HEAD, as_of=wire_day(day))
        assert len(entries.entries) == listed

    earlier = world.facts.record("penalty", number, date(2025, 6, 20))
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2025, 6, 20), CONDITION_BROKEN)
    world.facts.revoke(earlier)
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2025, 7, 1), CONDITION_BROKEN)

    world.facts.revoke(penalty)
    case_server.lists.once()
    assert await entry_of(world, case_id) == (IN_FORCE, date(2028, 6, 11), 0)
    assert (await last_step(world, case_id))[0] == CORRECT
    entries = await world.call("ListListEntries", HEAD)
    assert len(entries.entries) == 1
    case_server.lists.once()
    assert (await entry_of(world, case_id))[0] == IN_FORCE


@ON_SQLITE
async def test_a_gap_that_was_over_before_anybody_looked_ends_it(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Level 1 from 2024 to 1 July, and again from 1 August: lost on 1 July; without a gap not."""
    number = worthy(world, until=date(2025, 7, 1))
    case_id = await redlisted(world)
    case_server.lists.once()
    renewed = certified(world, number, date(2025, 8, 1), date(2028, 8, 1))
    world.stand_at(date(2025, 9, 1))

    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2025, 7, 1), CONDITION_BROKEN)
    kind, document, texts = await last_step(world, case_id)
    assert (kind, document, texts["unmet"]) == (BREAK, "", "level_1")
    assert "records" not in texts
    world.facts.revoke(renewed)
    certified(world, number, date(2025, 7, 1), date(2028, 8, 1))
    case_server.lists.once()
    assert await entry_of(world, case_id) == (IN_FORCE, date(2028, 6, 11), 0)


@ON_SQLITE
async def test_time_alone_breaks_a_condition_on_its_day(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Nothing is written: on the last day of level 1 it stands, and the next day it is lost."""
    worthy(world, until=date(2025, 7, 1))
    case_id = await redlisted(world)
    case_server.lists.once()
    world.stand_at(date(2025, 6, 30))
    case_server.lists.once()
    assert (await entry_of(world, case_id))[0] == IN_FORCE

    world.stand_at(date(2025, 7, 3))
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2025, 7, 1), CONDITION_BROKEN)


@ON_SQLITE
async def test_a_redlisting_is_evaluated_when_something_is_written_or_may_break_it(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Level 1 is until 1 July: not for what is written of others, nor on the days before."""
    number = worthy(world, until=date(2025, 7, 1))
    await redlisted(world)
    case_server.lists.once()
    looked: list[date] = []

    def counted(*args: Any, at: Any) -> Any:  # noqa: ANN401 -- as it is called.
        looked.append(at.as_of)
        return conditions_hold(*args, at=at)

    monkeypatch.setattr("services.scoring.commands.lists.redlist_losses.conditions_hold", counted)
    world.facts.record("penalty", world.facts.enterprise(), PUBLISHED)
    case_server.lists.once()
    world.stand_at(date(2025, 6, 30))
    case_server.lists.once()
    assert looked == []

    world.facts.record("inspection", number, PUBLISHED)
    case_server.lists.once()
    assert looked == [PUBLISHED]
    world.stand_at(date(2025, 7, 1))
    case_server.lists.once()
    assert looked[:3] == [PUBLISHED, PUBLISHED, date(2025, 7, 1)]


@ON_SQLITE
async def test_what_was_broken_before_its_term_ended_is_lost_and_not_expired(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The service rested until after the term; once restored, the term has ended."""
    number = worthy(world)
    case_id = await redlisted(world)
    penalty = world.facts.record("penalty", number, date(2028, 6, 10))
    world.stand_at(date(2028, 7, 1))
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 10), CONDITION_BROKEN)

    world.facts.revoke(penalty)
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 11), EXPIRED)


async def test_an_expired_redlisting_was_lost_if_it_broke_before_its_end(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A penalty of its last day that is recorded a month later; not one of the day after."""
    number = worthy(world)
    case_id = await redlisted(world)
    world.stand_at(date(2028, 7, 10))
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 11), EXPIRED)
    world.facts.record("penalty", number, date(2028, 6, 11))
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 11), EXPIRED)

    penalty = world.facts.record("penalty", number, date(2028, 6, 10), document_number="罚9号")
    case_server.lists.once()

    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 10), CONDITION_BROKEN)
    kind, document, texts = await last_step(world, case_id)
    assert (kind, document, texts["records"]) == (BREAK, "罚9号", f"r-{penalty}")
    entries = await world.call("ListListEntries", HEAD, as_of=wire_day(date(2028, 6, 10)))
    assert not entries.entries
    world.facts.revoke(penalty)
    case_server.lists.once()
    assert await entry_of(world, case_id) == (REMOVED, date(2028, 6, 11), EXPIRED)
