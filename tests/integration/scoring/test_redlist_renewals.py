"""That a redlisting is renewed without a gap: over loopback."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_policies import write_list_policies
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    LISTED,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    redlisted,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError

END, NEW_END = date(2028, 6, 11), date(2031, 6, 11)
"""Three years from the first publication, and three years from there."""

REDLIST: dict[str, Any] = {"policy_id": "cn.test.redlist"}

ANNOUNCED = """\
  - year: YEAR
    notice:
      instrument: 国务院办公厅关于YEAR年部分节假日安排的通知（示例）
      document_number: 示例〔YEAR〕1号
      publish_date: 2026-11-01
      checked_date: 2026-11-22
      confidence: secondary
    holidays:
      - {name: 元旦, first_date: YEAR-01-01, last_date: YEAR-01-01}
"""
"""A year of the calendar as a notice would announce it: nothing waits on a day that may move."""


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the list policies of the tests, and a calendar until the end of 2028."""
    folder = write_list_policies(tmp_path_factory.mktemp("renewals"))
    calendar = folder / "calendar.yaml"
    years = "".join(ANNOUNCED.replace("YEAR", str(year)) for year in (2027, 2028))
    text = calendar.read_text("utf-8").replace("years: []\n", f"years:\n{years}")
    calendar.write_text(text, "utf-8")
    policy = folder / "cn" / "redlist.yaml"
    broken = "      condition_broken:"
    source = "source: {article: 第五条, confidence: assumed}"
    renewal = f"      renewal_before: {{value: 1, unit: month, {source}}}\n"
    text = policy.read_text("utf-8")
    assert broken in text
    policy.write_text(text.replace(broken, renewal + broken), "utf-8")
    return folder


async def applied(world: ListWorld, day: date) -> str:
    """Apply for a renewal and have it announced, all on one day; give the case."""
    world.stand_at(day)
    case = await world.take(
        "ApplyForRedlist",
        PORTAL,
        subject={"credit_code": CODE},
        field=1,
        inputs=[{"name": "dishonest_acts", "value": 0}],
        attachments={"dishonest_acts": "信用报告"},
        **REDLIST,
    )
    of_case = {"case_id": case.case_id}
    await world.take("ReportListCase", CLERK, addressee=BUREAU, **of_case)
    await world.take("ReviewListCase", CLERK, field=1, opinion=1, **of_case)
    await world.take("ApproveListCase", CHIEF, opinion=1, **of_case)
    await world.take("AnnounceListCase", CHIEF, **of_case)
    return str(case.case_id)


async def renewed(world: ListWorld, **decision: Any) -> Any:  # noqa: ANN401 -- a case.
    """Walk the application for a renewal to its decision of 30 May 2028; give the case."""
    case_id = await applied(world, date(2028, 5, 22))
    world.stand_at(date(2028, 5, 30))
    wish = {"case_id": case_id, "cause": "诚实守信", **decision}
    return await world.take("DecideListCase", CHIEF, **wish)


async def publish(world: ListWorld, case_id: str) -> tuple[date, date]:
    """Publish a case today; give the first day of its listing and the day after its last."""
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)
    entry = case.entries[0].entry
    return plain_day(entry.start_date), plain_day(entry.end_date)


async def standing(world: ListWorld, day: date) -> int:
    """Give the standing on a day."""
    return int((await world.status(as_of=wire_day(day), **REDLIST)).standing)


async def reason(call: Any) -> str:  # noqa: ANN401 -- a call.
    """Give the reason for which a call is refused."""
    with pytest.raises(RefusedError) as error:
        await call
    return error.value.reason


@pytest.mark.parametrize(
    "published", [END, date(2028, 6, 13)], ids=["on-the-last-day-of-the-old", "two-days-later"]
)
async def test_a_new_term_begins_where_the_old_one_ends(
    world: ListWorld, case_server: ScoringServer, published: date
) -> None:
    """Decided before the old term ends; published on the day it does, or when the office opens."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    first = await redlisted(world)

    case = await renewed(world)
    publication = next(one for one in case.next_steps if one.kind == 12)
    world.stand_at(date(2028, 6, 10))
    early = await reason(publish(world, case.case_id))
    world.stand_at(published)
    case_server.lists.once()
    term = await publish(world, case.case_id)
    case_server.lists.once()

    assert plain_day(publication.earliest_date) == END
    assert early == "STEP_TOO_EARLY"
    assert term == (END, NEW_END)
    for day in (date(2028, 6, 10), END, date(2031, 6, 10)):
        assert await standing(world, day) == LISTED
    assert await standing(world, NEW_END) != LISTED
    # The old one ended with its term.
    old = (await world.call("GetListCase", CHIEF, case_id=first.case_id)).list_case.entries[0]
    assert (old.removal.reason, plain_day(old.entry.end_date)) == (1, END)


@ON_SQLITE
async def test_the_conditions_of_a_renewal_are_checked_again(world: ListWorld) -> None:
    """With the application, and with the publication; a term that broke is continued by none."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)
    of_old = world.facts.record("penalty", number, date(2025, 5, 23))
    unmet = await reason(renewed(world))
    world.facts.revoke(of_old)

    case_id = (await renewed(world)).case_id
    world.facts.record("penalty", number, date(2028, 6, 1))
    world.stand_at(END)

    assert unmet == "CONDITION_UNMET"
    assert await reason(publish(world, case_id)) == "CONDITION_UNMET"


@ON_SQLITE
async def test_a_renewal_is_decided_no_earlier_than_it_can_be_published(world: ListWorld) -> None:
    """Twenty days for the publication: from 22 May 2028 on, for a term that ends on 11 June."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)

    case_id = await applied(world, date(2028, 5, 12))
    decision: dict[str, Any] = {"case_id": case_id, "cause": "诚实守信"}
    world.stand_at(date(2028, 5, 21))
    early = await reason(world.take("DecideListCase", CHIEF, **decision))
    world.stand_at(date(2028, 5, 22))
    case = await world.take("DecideListCase", CHIEF, **decision)

    assert early == "LISTING_DATE_UNLAWFUL"
    contents = {one.name: one.text for one in case.steps[-1].contents}
    assert contents["listing_date"] == "2028-06-11"


@ON_SQLITE
async def test_a_renewal_overlaps_no_old_term(world: ListWorld) -> None:
    """Decided for the day before the old term ends, it is not published on that day."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)

    case = await renewed(world, listing_date=wire_day(date(2028, 6, 10)))
    world.stand_at(date(2028, 6, 10))
    early = await reason(publish(world, case.case_id))
    world.stand_at(END)

    assert early == "ALREADY_LISTED"
    assert await publish(world, case.case_id) == (END, NEW_END)


@ON_SQLITE
async def test_a_listing_that_begins_later_is_no_renewal(world: ListWorld) -> None:
    """Decided for the day after the old term ended, it begins with its publication as ever."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)

    later = wire_day(date(2028, 6, 12))
    case = await renewed(world, listing_date=later)
    world.stand_at(date(2028, 6, 14))

    assert await publish(world, case.case_id) == (date(2028, 6, 14), date(2031, 6, 14))


@ON_SQLITE
@pytest.mark.parametrize(
    ("fact", "lost"),
    [
        pytest.param(date(2028, 6, 10), END, id="before-it-began"),
        pytest.param(date(2028, 6, 12), date(2028, 6, 12), id="before-its-publication"),
        pytest.param(date(2028, 6, 13), date(2028, 6, 13), id="on-its-publication"),
    ],
)
async def test_a_renewal_is_lost_on_the_day_on_which_it_should_not_have_stood(
    world: ListWorld, case_server: ScoringServer, fact: date, lost: date
) -> None:
    """From 11 June, published on the 13th; a penalty recorded afterwards; revoked, it stands."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)
    case_id = (await renewed(world)).case_id
    world.stand_at(date(2028, 6, 13))
    await publish(world, case_id)

    penalty = world.facts.record("penalty", number, fact)
    case_server.lists.once()
    held = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.entries[0]
    days = [END, date(2028, 6, 12), date(2028, 6, 13)]
    listed = [day for day in days if await standing(world, day) == LISTED]
    world.facts.revoke(penalty)
    case_server.lists.once()

    assert plain_day(held.removal.removal_date) == plain_day(held.entry.end_date) == lost
    assert listed == [day for day in days if day < lost]
    restored = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.entries[0]
    assert (plain_day(restored.entry.end_date), restored.HasField("removal")) == (NEW_END, False)


@ON_SQLITE
async def test_a_renewal_is_applied_for_no_earlier_than_the_list_lets(world: ListWorld) -> None:
    """The term ends on 11 June 2028, and a month before it one may apply."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    await redlisted(world)

    with pytest.raises(RefusedError) as early:
        await applied(world, date(2028, 5, 10))
    case_id = await applied(world, date(2028, 5, 11))

    assert (early.value.code, early.value.reason) == ("FAILED_PRECONDITION", "STEP_TOO_EARLY")
    assert early.value.facts["earliest_date"] == "2028-05-11"
    assert early.value.facts["clause"].endswith("第五条")
    assert case_id
