"""Cases, entries and deadlines, listed page by page."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import Engine, Table, event, select, update

from models.lists import ListCaseRow
from services.common.database import Database
from services.scoring.commands.lists.list_case_ports import DueFilter
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import ListKind
from services.scoring.main import ScoringServer
from services.scoring.store.list_dues import due_numbers
from services.scoring.store.list_duties import cases_of_duties
from tests.fakes.list_remedies import uphold
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    FIRE,
    FIREMAN,
    NOTICE,
    ON_SQLITE,
    ListWorld,
    plain_day,
    wire_day,
)
from tests.fakes.scoring_facts import WRITER


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


REPORT, STATE, REVIEW, APPROVE, EXPIRE, CORRECT = 2, 4, 7, 8, 14, 20


async def pages_of(world: ListWorld, size: int, **wanted: Any) -> list[list[str]]:  # noqa: ANN401 -- any filter.
    """Read deadlines to the end; give the cases on each page."""
    found: list[list[str]] = []
    token = ""
    while not found or token:
        page = await world.call("ListDeadlines", CHIEF, page_size=size, page_token=token, **wanted)
        found.append([one.case_id for one in page.deadlines])
        token = page.next_page_token
    return found


async def test_a_page_of_one_step_is_full_unless_it_is_the_last(world: ListWorld) -> None:
    """Of five cases three wait for their report; what is next in the others takes no place."""
    world.stand_at(date(2025, 6, 3))
    cases = await opened_cases(world, 1, 2, 3, 4, 5)
    for case_id in (cases[1], cases[3]):
        await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    first, third, fifth = cases[0], cases[2], cases[4]

    assert await pages_of(world, 4, step=REPORT) == [[first, third, fifth]]
    assert await pages_of(world, 3, step=REPORT) == [[first, third, fifth]]
    assert await pages_of(world, 2, step=REPORT) == [[first, third], [fifth]]
    assert await pages_of(world, 1, step=REPORT) == [[first], [third], [fifth]]
    assert await pages_of(world, 1, step=EXPIRE) == [[]]


@ON_SQLITE
async def test_a_page_goes_on_through_cases_whose_deadline_the_day_rules_out(
    world: ListWorld,
) -> None:
    """The periods for statements of most cases have run out, which no ledger says."""
    world.stand_at(date(2025, 6, 3))
    cases = await opened_cases(world, *range(8))
    late = [cases[0], cases[6]]
    early = [one for one in cases if one not in late]
    for day, some in ((date(2025, 6, 3), early), (date(2025, 6, 30), late)):
        world.stand_at(day)
        for case_id in some:
            await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
            await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    world.stand_at(date(2025, 7, 1))

    assert await pages_of(world, 1, step=STATE) == [[cases[0]], [cases[6]]]
    assert await pages_of(world, 2, step=STATE) == [[cases[0], cases[6]]]
    world.stand_at(date(2026, 7, 1))
    assert await pages_of(world, 1, step=STATE) == [[]]


async def test_what_an_objection_asks_of_an_entry_is_found_though_its_case_ended(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Upheld on 9 June 2025, due on the 12th; the term ended a year later, the duty did not."""
    world.stand_at(date(2025, 6, 3))
    entries = []
    for place in range(3):
        number = world.facts.enterprise(local=("test", f"{place}"))
        world.penalty(number)
        case = await world.opened(subject={"enterprise_id": f"e-{number}"})
        entries.append((await world.published(case.case_id)).entries[0])
    cases = [one.case_id for one in entries]
    known = (await world.call("ListDeadlines", CHIEF)).point.known_at
    world.stand_at(date(2025, 6, 9))
    for one in (entries[0], entries[2]):
        uphold(world, one.entry.entry_id, "异决1号")

    both = [[cases[0], cases[2]]]
    assert await pages_of(world, 9, step=CORRECT) == both
    assert await pages_of(world, 1, step=CORRECT) == [[cases[0]], [cases[2]]]
    assert await pages_of(world, 9, step=CORRECT, known_at=known) == [[]]
    assert await pages_of(world, 9, step=CORRECT, authority=BUREAU) == both
    assert await pages_of(world, 9, step=CORRECT, authority=FIRE) == [[]]
    assert await pages_of(world, 9, due_before=wire_day(date(2025, 6, 12))) == [[]]
    assert await pages_of(world, 9, due_before=wire_day(date(2025, 6, 13))) == both
    assert await pages_of(world, 9, step=CORRECT, field=2) == [[]]
    world.stand_at(date(2026, 6, 3))
    case_server.lists.once()
    judged: dict[str, Any] = {"document_number": "异决1号", "reason": "查实"}
    await world.take("CorrectListEntry", CHIEF, entry_id=entries[0].entry.entry_id, **judged)
    assert await pages_of(world, 9, overdue=True) == [[cases[2]]]


@ON_SQLITE
async def test_a_page_holds_whole_cases(world: ListWorld) -> None:
    """Two departments review: both deadlines of a case stand on one page, and no page is empty."""
    world.stand_at(date(2025, 6, 3))
    cases: list[str] = []
    for place in range(2):
        number = world.facts.enterprise(local=("test", f"{place}"), fields=0b110)
        world.penalty(number)
        case = await world.opened(subject={"enterprise_id": f"e-{number}"})
        cases.append(case.case_id)
        await world.take("ReportListCase", CLERK, case_id=case.case_id, addressee=BUREAU)
        await world.take("NotifyListCase", CHIEF, case_id=case.case_id, **NOTICE)
        await world.take("RecordStatement", CHIEF, case_id=case.case_id, waived=True)

    first, second = cases

    assert await pages_of(world, 1, step=REVIEW) == [[first, first], [second, second]]
    assert await pages_of(world, 2, step=REVIEW) == [[first, first], [second, second]]
    assert await pages_of(world, 3, step=REVIEW) == [[first, first, second, second]]


# What is read for it ---------------------------------------------------------------


@dataclass
class Reads:
    """What a server asked its store for.

    Attributes:
        statements: Statements that it sent.
        ledgers: Numbers of the cases whose ledgers it read.
    """

    statements: int = 0
    ledgers: list[int] = field(default_factory=list)


@contextmanager
def counting_reads() -> Iterator[Reads]:
    """Count what is asked for inside a block, by the thread that reads ledgers if one does.

    The server looks at its lists by itself meanwhile, now and then, from another thread.
    """
    reads = Reads()
    statements: Counter[int] = Counter()
    reading: list[int] = []

    def count(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:  # noqa: ANN401 -- as SQLAlchemy calls it.
        statements[get_ident()] += 1
        if "FROM list_case_steps JOIN" in statement:
            reading.append(get_ident())
            # The revision is the one parameter that is no case.
            if isinstance(parameters, dict):
                reads.ledgers += [
                    value for name, value in parameters.items() if name.startswith("case_id")
                ]
            else:
                reads.ledgers += list(parameters)[:-1]

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield reads
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    # Where nobody read a ledger, the call is whoever asked most.
    thread = reading[0] if reading else statements.most_common(1)[0][0]
    reads.statements = statements[thread]


async def opened_cases(world: ListWorld, *places: int) -> list[str]:
    """Open a case of an enterprise each."""
    found: list[str] = []
    for place in places:
        number = world.facts.enterprise(local=("test", f"{place}"))
        world.penalty(number)
        case = await world.opened(subject={"enterprise_id": f"e-{number}"})
        found.append(case.case_id)
    return found


async def closed_cases(world: ListWorld, *places: int) -> list[str]:
    """Open a case of an enterprise each, and close it."""
    cases = await opened_cases(world, *places)
    for case_id in cases:
        await world.take("CloseListCase", CLERK, case_id=case_id, reason="证据不足")
    return cases


async def test_cases_that_ended_are_not_read(world: ListWorld) -> None:
    """The same statements, and the ledgers of the open cases alone, however many ended."""
    await closed_cases(world, 1, 2)
    first, second = await opened_cases(world, 3, 4)
    with counting_reads() as before:
        await world.call("ListDeadlines", CHIEF)
    await closed_cases(world, *range(5, 13))

    with counting_reads() as after:
        page = await world.call("ListDeadlines", CHIEF)

    assert [one.case_id for one in page.deadlines] == [first, second]
    assert after == before
    assert [f"c-{number}" for number in sorted(after.ledgers)] == [first, second]


@ON_SQLITE
async def test_what_cannot_be_due_yet_is_not_read(world: ListWorld) -> None:
    """Reported within ten working days: on the eleventh day it may be late, before it is not."""
    world.stand_at(date(2025, 6, 3))
    first, second = await opened_cases(world, 1, 2)
    world.stand_at(date(2025, 6, 10))
    (third,) = await opened_cases(world, 3)

    async def ledgers(**wanted: Any) -> list[str]:  # noqa: ANN401 -- any filter.
        with counting_reads() as reads:
            await world.call("ListDeadlines", CHIEF, **wanted)
        return [f"c-{number}" for number in sorted(reads.ledgers)]

    # Ten days after 3 June, if nobody rested, is 13 June.
    world.stand_at(date(2025, 6, 13))
    assert await ledgers(overdue=True) == []
    assert await ledgers(due_before=wire_day(date(2025, 6, 14))) == [first, second]
    world.stand_at(date(2025, 6, 14))
    assert await ledgers(overdue=True) == [first, second]
    assert await ledgers(authority=FIRE) == []
    assert await ledgers(authority=BUREAU) == [first, second, third]
    assert await ledgers(authority=BUREAU, overdue=True) == [first, second]


async def test_only_ledgers_in_which_the_step_can_be_due_are_read(world: ListWorld) -> None:
    """By what was done in the cases; as known before the report, that was still to come."""
    world.stand_at(date(2025, 6, 3))
    first, second = await opened_cases(world, 1, 2)
    known = (await world.call("ListDeadlines", CHIEF)).point.known_at
    await world.take("ReportListCase", CLERK, case_id=second, addressee=BUREAU)

    async def ledgers(**wanted: Any) -> list[str]:  # noqa: ANN401 -- any filter.
        with counting_reads() as reads:
            await world.call("ListDeadlines", CHIEF, **wanted)
        return [f"c-{number}" for number in sorted(reads.ledgers)]

    assert await ledgers(step=REPORT) == [first]
    assert await ledgers(step=REPORT, known_at=known) == [first, second]
    assert await ledgers(step=STATE) == []
    # Nothing ever says by when to approve, nor by when to notify: in the second nothing is due.
    assert await ledgers(step=APPROVE) == []
    assert await ledgers() == [first]


async def test_what_was_due_as_known_then_is_found(world: ListWorld) -> None:
    """A case that was closed and one that moved on since are as they were then."""
    world.stand_at(date(2025, 6, 3))
    first, second = await opened_cases(world, 1, 2)
    known = (await world.call("ListDeadlines", CHIEF)).point.known_at
    world.stand_at(date(2025, 6, 4))
    await world.take("CloseListCase", CLERK, case_id=first, reason="证据不足")
    await world.take("ReportListCase", CLERK, case_id=second, addressee=BUREAU)

    then = await world.call("ListDeadlines", CHIEF, authority=BUREAU, known_at=known)
    now = await world.call("ListDeadlines", CHIEF, authority=BUREAU)

    assert [(one.case_id, one.step.kind) for one in then.deadlines] == [(first, 2), (second, 2)]
    assert not now.deadlines


@ON_SQLITE
async def test_a_case_that_nobody_looked_at_is_read_until_somebody_did(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """As those are that stood in the store before this was kept."""
    world.stand_at(date(2025, 6, 3))
    (case_id,) = await opened_cases(world, 1)
    table = ListCaseRow.__table__
    assert isinstance(table, Table)

    def kept() -> tuple[date, str]:
        with case_server.database.read() as reading:
            row = reading.connection.execute(select(table.c.due_date, table.c.due_authority)).one()
        return row.due_date, row.due_authority

    assert kept() == (date(2025, 6, 13), BUREAU)
    with case_server.database.write(caller=WRITER, method="test") as write:
        write.connection.execute(update(table).values(due_date=date.min, due_authority=""))
        write.commit()

    found = await world.call("ListDeadlines", CHIEF, authority=BUREAU)
    case_server.lists.once()

    assert [one.case_id for one in found.deadlines] == [case_id]
    assert kept() == (date(2025, 6, 13), BUREAU)


def plans_of(embedded: Database, numbers: Any, wanted: DueFilter) -> list[str]:  # noqa: ANN401 -- a reading of numbers.
    """Say how SQLite would find a page, statement by statement."""
    plans: list[str] = []

    def explain(connection: Any, _: Any, statement: str, parameters: Any, *__: Any) -> None:  # noqa: ANN401 -- as SQLAlchemy calls it.
        if statement.startswith("SELECT"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[3] for row in rows))

    with embedded.read() as reading:
        event.listen(reading.connection, "before_cursor_execute", explain)
        numbers(reading.connection, wanted, 9, after=0, limit=10)
    return plans


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(DueFilter(), id="all"),
        pytest.param(DueFilter(kind=ListKind.BLACKLIST, field=1), id="of-a-list"),
        pytest.param(DueFilter(authority=BUREAU, before=date(2025, 6, 2)), id="by-both"),
        pytest.param(DueFilter(step=StepKind.CORRECT), id="of-a-step"),
    ],
)
def test_what_decisions_ask_is_found_by_them(embedded: Database, wanted: DueFilter) -> None:
    """From the decisions on entries to the entries, never through all entries of the lists."""
    (plan,) = plans_of(embedded, cases_of_duties, wanted)

    assert plan.startswith("SEARCH remedies USING COVERING INDEX ix_remedies_entry (entry_id>?)")
    assert "SEARCH list_entries USING INDEX ix_list_entries_entry (entry_id=?)" in plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        pytest.param(DueFilter(), "ix_list_cases_open", id="all"),
        pytest.param(DueFilter(before=date(2025, 6, 2)), "ix_list_cases_due ", id="by-a-day"),
        pytest.param(DueFilter(authority=BUREAU), "ix_list_cases_due_at", id="at-an-authority"),
        pytest.param(
            DueFilter(authority=BUREAU, before=date(2025, 6, 2)),
            "ix_list_cases_due_at",
            id="by-both",
        ),
        pytest.param(DueFilter(step=StepKind.REVIEW), "ix_list_cases_open", id="of-a-step"),
    ],
)
def test_a_page_is_found_by_index(embedded: Database, wanted: DueFilter, index: str) -> None:
    """No statement goes through the table, nor through the numbers of all cases."""
    of_open, of_touched = plans_of(embedded, due_numbers, wanted)

    assert of_open.startswith(f"SEARCH list_cases USING INDEX {index}")
    assert "ended_revision=?" in of_open
    assert of_touched.startswith("SEARCH list_cases USING INDEX ix_list_cases_touched")
    # Of a case found the ledger is looked up by its number, for what was and what was not done.
    looked_up = "SEARCH list_case_steps USING INDEX uq_list_case_steps_number (case_id=?)"
    assert of_open.count(looked_up) == (0 if wanted.step is None else 2)
