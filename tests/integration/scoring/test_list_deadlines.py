"""Cases, entries and deadlines, listed page by page."""

from datetime import date
from typing import Any

from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    FIREMAN,
    NOTICE,
    ON_SQLITE,
    ListWorld,
    plain_day,
)


async def test_cases_entries_and_deadlines_are_listed(world: ListWorld) -> None:
    """What is due, by when and at whom; a deadline in a year nobody announced is provisional."""
    world.penalised(fields=0b110)
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    due = (await world.call("ListDeadlines", CHIEF)).deadlines
    assert [(one.step.kind, plain_day(one.step.due_date)) for one in due] == [
        (2, date(2025, 6, 17))
    ]
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    world.stand_at(date(2025, 7, 4))

    late = await world.call("ListDeadlines", CHIEF, overdue=True)
    fire = await world.call("ListDeadlines", CHIEF, authority=BUREAU)
    cases = await world.call("ListListCases", CHIEF, state=3, subject={"credit_code": CODE})
    none = await world.call("ListListCases", CHIEF, state=1)

    # The joint review was due thirty days after the report of 3 June.
    assert [(one.step.kind, one.step.field) for one in late.deadlines] == [(7, 1), (7, 2)]
    assert all(plain_day(one.step.due_date) == date(2025, 7, 3) for one in late.deadlines)
    assert not fire.deadlines
    assert [one.case_id for one in cases.list_cases] == [case_id]
    assert not none.list_cases
    world.stand_at(date(2030, 3, 1))
    await world.take("ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
    await world.take("ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=1)
    await world.take("ApproveListCase", CHIEF, case_id=case_id, opinion=1)


@ON_SQLITE
async def test_a_deadline_beyond_the_announced_calendar_is_provisional(world: ListWorld) -> None:
    """Nobody has announced the holidays of 2030, and every answer says so."""
    number = world.facts.enterprise(credit_code=CODE)
    world.facts.record(
        "penalty", number, date(2030, 1, 10), major=True, final_date=date(2030, 2, 1)
    )
    world.stand_at(date(2030, 3, 1))

    case = await world.opened()

    report = next(step for step in case.next_steps if step.kind == 2)
    assert report.due_provisional
    deadlines = await world.call("ListDeadlines", CHIEF)
    assert [one.step.due_provisional for one in deadlines.deadlines] == [True]


@ON_SQLITE
async def test_pages_continue_where_they_stood(world: ListWorld) -> None:
    """Every case, entry and deadline once, whatever the page."""
    for place in range(3):
        number = world.facts.enterprise(local=("test", f"{place}"))
        world.penalty(number)
        await world.published(
            (await world.opened(subject={"enterprise_id": f"e-{number}"})).case_id
        )

    async def pages(method: str, rows: str) -> list[Any]:
        found: list[Any] = []
        token = ""
        while True:
            page = await world.call(method, CHIEF, page_size=1, page_token=token)
            found += getattr(page, rows)
            token = page.next_page_token
            if not token:
                return found

    assert len({one.case_id for one in await pages("ListListCases", "list_cases")}) == 3
    assert len({one.case_id for one in await pages("ListListEntries", "entries")}) == 3
    assert [one.step.kind for one in await pages("ListDeadlines", "deadlines")] == [14] * 3
