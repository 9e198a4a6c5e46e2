"""The upkeep of the lists after a restart: it goes on where it stood, whoever goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from models.grades import LeaseRow
from models.list_upkeep import ListUpkeepDueRow, ListUpkeepMarkRow
from models.metadata import Base
from models.records import RecordRow
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_CORRECTED as CORRECTED
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_IN_FORCE as IN_FORCE
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_REMOVED as REMOVED
from services.common.database import Database
from services.scoring.commands.lists import keep_lists_right
from services.scoring.commands.lists.upkeep_chores import (
    Bases,
    Divisions,
    Redlistings,
    Terms,
)
from services.scoring.commands.lists.upkeep_ports import Mark
from services.scoring.domain.identifiers import number_of
from services.scoring.main import ScoringServer, build_scoring_server
from services.scoring.store.list_upkeep_lease import SqlUpkeepLease
from tests.fakes.clock import FixedClock
from tests.fakes.list_world import CHIEF, CODE, ON_SQLITE, ListWorld, redlisted
from tests.fakes.scoring_facts import FactWriter

OTHER_CODE, THIRD_CODE = "91110111YY0000060A", "91110105YY00151909"
OPENED, LATER = date(2025, 6, 3), date(2025, 6, 20)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Give what the upkeep looks at from now on: the chore, and the case or entry."""
    found: list[tuple[str, int]] = []

    def counting(whole: Any) -> Any:  # noqa: ANN401 -- a method.
        def counted(chore: Any, reading: Any, number: int) -> Any:  # noqa: ANN401 -- as it is called.
            found.append((chore.name, number))
            return whole(chore, reading, number)

        return counted

    for chore in (Bases, Redlistings, Terms, Divisions):
        monkeypatch.setattr(chore, "is_wrong", counting(chore.is_wrong))
    return found


@contextmanager
def another(server: ScoringServer, clock: FixedClock) -> Iterator[ScoringServer]:
    """Start a process that remembers nothing, by the same settings."""
    built = build_scoring_server(server.settings, clock=clock)
    try:
        yield built
    finally:
        built.close()


async def listed(world: ListWorld, code: str) -> tuple[str, int]:
    """List a new enterprise for a penalty; give the case and the penalty."""
    penalty = world.penalty(world.facts.enterprise(credit_code=code))
    world.stand_at(OPENED)
    case = await world.published((await world.opened(subject={"credit_code": code})).case_id)
    return case.case_id, penalty


async def state(world: ListWorld, case_id: str) -> int:
    """Give the state of the only entry of a case."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    (held,) = case.entries
    found: int = held.state
    return found


def changed(facts: FactWriter, row: type[Base], **values: Any) -> None:  # noqa: ANN401 -- values of columns.
    """Change all rows of a table, unnoticed."""
    with facts.database._writing.begin() as connection:  # noqa: SLF001 -- nobody else can.
        connection.execute(update(row).values(**values) if values else delete(row))


def mark_of(database: Database) -> Mark | None:
    """Read how far the upkeep came."""
    marks = ListUpkeepMarkRow
    with database.inspect() as connection:
        query = select(marks.edition, marks.revision, marks.as_of)
        row = connection.execute(query).one_or_none()
    return None if row is None else Mark(*row, laws={})


def dues_of(database: Database) -> dict[int, date]:
    """Read when redlistings are to be looked at again."""
    with database.inspect() as connection:
        rows = connection.execute(select(ListUpkeepDueRow.entry_id, ListUpkeepDueRow.due_date))
        return {row.entry_id: row.due_date for row in rows}


async def test_after_a_restart_what_was_written_meanwhile_is_looked_at_alone(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock, looked: list[tuple[str, int]]
) -> None:
    """Of two listings the basis of one fell while nothing ran: the other one is not met."""
    fallen, penalty = await listed(world, CODE)
    standing, _ = await listed(world, OTHER_CODE)
    case_server.lists.once()
    case_server.lists.once()
    looked.clear()
    world.facts.revoke(penalty)

    with another(case_server, clock) as restarted:
        restarted.lists.once()
        restarted.lists.once()

    assert await state(world, fallen) == CORRECTED
    assert await state(world, standing) == IN_FORCE
    assert {number for name, number in looked if name == "basis"} == {number_of("c", fallen)}
    assert not [one for one in looked if one[0] != "basis"]


@ON_SQLITE
async def test_a_restart_with_nothing_new_looks_at_nothing(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock, looked: list[tuple[str, int]]
) -> None:
    """The first look of all went over everything; that of another process finds nothing to do."""
    case_id, _ = await listed(world, CODE)
    case_server.lists.once()
    first = [number for name, number in looked if name == "basis"]
    case_server.lists.once()
    looked.clear()

    with another(case_server, clock) as restarted:
        restarted.lists.once()

    assert first == [number_of("c", case_id)]
    assert looked == []


@contextmanager
def put_back(database_url: str, tmp_path: Path) -> Iterator[None]:
    """Put the store back, when the block ends, to what it was at its beginning."""
    path, copy = database_url.removeprefix("sqlite:///"), tmp_path / "copy.db"
    with closing(sqlite3.connect(path)) as store, closing(sqlite3.connect(copy)) as kept:
        store.backup(kept)
        yield
        kept.backup(store)


@ON_SQLITE
@pytest.mark.parametrize("meanwhile", [0, 1], ids=["at-once", "at-the-same-revision"])
async def test_what_a_store_put_back_has_lost_is_done_again(
    world: ListWorld,
    case_server: ScoringServer,
    clock: FixedClock,
    database_url: str,
    tmp_path: Path,
    meanwhile: int,
) -> None:
    """The correction of a fallen listing is lost with a copy of before it, and made once more.

    So it is where as many others have written by the next look as had before.
    """
    case_id, penalty = await listed(world, CODE)
    case_server.lists.once()
    world.facts.revoke(penalty)
    with put_back(database_url, tmp_path):
        case_server.lists.once()
        case_server.lists.once()
        corrected = await state(world, case_id)
        after = case_server.lists.desk.store.point().revision

    lost = await state(world, case_id)
    clock.advance(timedelta(hours=1))
    while meanwhile and case_server.lists.desk.store.point().revision < after:
        world.facts.enterprise()
    case_server.lists.once()

    assert (corrected, lost) == (CORRECTED, IN_FORCE)
    assert await state(world, case_id) == CORRECTED


async def test_what_fell_due_while_nothing_ran_is_done_after_it(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock
) -> None:
    """The term of a year ended on 3 June 2026, and nobody wrote a word since."""
    case_id, _ = await listed(world, CODE)
    case_server.lists.once()
    world.stand_at(date(2026, 6, 4))

    with another(case_server, clock) as restarted:
        restarted.lists.once()

    assert await state(world, case_id) == REMOVED


async def test_the_day_on_which_time_ends_a_redlisting_outlives_the_process(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock, looked: list[tuple[str, int]]
) -> None:
    """Before that day nobody looks at it again; from it on another process does."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(OPENED)
    (entry,) = (await redlisted(world)).entries
    entry_id = number_of("l", entry.entry.entry_id)
    case_server.lists.once()
    case_server.lists.once()
    changed(world.facts, ListUpkeepDueRow)
    with world.facts.database._writing.begin() as connection:  # noqa: SLF001 -- nobody else can.
        connection.execute(insert(ListUpkeepDueRow).values(entry_id=entry_id, due_date=LATER))
    looked.clear()

    world.stand_at(date(2025, 6, 19))
    with another(case_server, clock) as restarted:
        restarted.lists.once()
    before = [one for one in looked if one[0] == "redlisting"]
    world.stand_at(LATER)
    with another(case_server, clock) as restarted:
        restarted.lists.once()

    assert before == []
    assert [one for one in looked if one[0] == "redlisting"] == [("redlisting", entry_id)]
    assert LATER not in dues_of(world.facts.database).values()


@ON_SQLITE
async def test_another_law_brings_up_the_cases_by_it(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock, looked: list[tuple[str, int]]
) -> None:
    """One policy says something else after the restart: the cases by another one are not met."""
    mine, _ = await listed(world, CODE)
    number = world.facts.enterprise(credit_code=OTHER_CODE, kind=2)
    world.penalty(number)
    opened = await world.opened(
        subject={"credit_code": OTHER_CODE}, policy_id="cn.test.traders-blacklist", field=1
    )
    other = (await world.published(opened.case_id)).case_id
    case_server.lists.once()
    case_server.lists.once()
    looked.clear()
    with world.facts.database.inspect() as connection:
        laws = connection.execute(select(ListUpkeepMarkRow.laws)).scalar_one()
    before = laws.replace('"cn.test.blacklist": "', '"cn.test.blacklist": "0')
    changed(world.facts, ListUpkeepMarkRow, laws=before)

    with another(case_server, clock) as restarted:
        restarted.lists.once()

    assert [number for name, number in looked if name == "basis"] == [number_of("c", mine)]
    assert mine != other


@ON_SQLITE
async def test_an_entry_published_before_on_a_persons_record_is_found(
    world: ListWorld, case_server: ScoringServer, clock: FixedClock
) -> None:
    """An earlier program listed a unit on its principal's own fine, and nothing changed since."""
    case_id, penalty = await listed(world, CODE)
    person = world.facts.person()
    changed_record = update(RecordRow).where(RecordRow.record_id == penalty)
    with world.facts.database._writing.begin() as connection:  # noqa: SLF001 -- nobody else can.
        connection.execute(changed_record.values(person=True, subject_id=person))

    with another(case_server, clock) as restarted:
        restarted.lists.once()

    assert await state(world, case_id) == CORRECTED


@ON_SQLITE
@pytest.mark.parametrize(
    ("newer", "found"),
    [pytest.param(False, [], id="same"), pytest.param(True, [CORRECTED], id="newer")],
)
async def test_a_newer_edition_of_the_upkeep_looks_at_everything_once(
    world: ListWorld,
    case_server: ScoringServer,
    clock: FixedClock,
    looked: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    newer: bool,
    found: list[int],
) -> None:
    """What an edition before left as it was is looked at by the next, and only then."""
    case_id, _ = await listed(world, CODE)
    case_server.lists.once()
    case_server.lists.once()
    looked.clear()
    if newer:
        monkeypatch.setattr(keep_lists_right, "EDITION", keep_lists_right.EDITION + 1)

    with another(case_server, clock) as restarted:
        restarted.lists.once()
        restarted.lists.once()

    met = [number for name, number in looked if name == "basis"]
    assert met == ([number_of("c", case_id)] if found else [])


@ON_SQLITE
async def test_everybody_is_looked_at_little_by_little_beside_what_changed(
    world: ListWorld,
    case_server: ScoringServer,
    clock: FixedClock,
    looked: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With time for one case a look: what is written in between waits for none of the others."""
    cases = [await listed(world, code) for code in (CODE, OTHER_CODE, THIRD_CODE)]
    numbers = [number_of("c", case_id) for case_id, _ in cases]
    monkeypatch.setattr(keep_lists_right, "BATCH", 1)
    monkeypatch.setattr(keep_lists_right, "BACKLOG_SECONDS", 0.0)
    met: list[list[int]] = []

    def look(server: ScoringServer) -> None:
        looked.clear()
        server.lists.once()
        met.append([number for name, number in looked if name == "basis"])

    look(case_server)
    world.facts.revoke(cases[2][1])
    with another(case_server, clock) as restarted:
        look(restarted)
        last_fell = await state(world, cases[2][0])
        # Its own write is looked at once more.
        look(restarted)
    for _ in range(4):
        look(case_server)

    assert last_fell == CORRECTED
    first, second, third = numbers
    assert met[0] == [first]
    assert met[1] == [third, second]
    # What it had corrected itself counts no more, and nothing is left.
    assert met[2:] == [[], [], [], [], []]
    assert mark_of(world.facts.database) is not None


async def test_a_lost_lease_keeps_nothing(database: Database) -> None:
    """Who stood still for longer than a lease overwrites nothing of who took over."""
    slow, quick = SqlUpkeepLease(database), SqlUpkeepLease(database)
    try:
        mine = slow.claim()
        assert mine is not None
        assert slow.keep(mine, {1: LATER, 2: LATER}, None)
        changed(FactWriter(database), LeaseRow, holder="another")

        assert not slow.keep(mine, {1: None}, Mark(1, 7, OPENED, {}))
        assert mark_of(database) is None
        assert dues_of(database) == {1: LATER, 2: LATER}
        changed(FactWriter(database), LeaseRow)
        theirs = quick.claim()
        assert theirs is not None
        assert quick.keep(theirs, {1: None}, Mark(1, 8, OPENED, {}))
    finally:
        slow.close()
        quick.close()

    assert mark_of(database) == Mark(1, 8, OPENED, {})
    assert dues_of(database) == {2: LATER}


@ON_SQLITE
async def test_a_look_that_lost_its_lease_is_taken_again(
    world: ListWorld,
    case_server: ScoringServer,
    monkeypatch: pytest.MonkeyPatch,
    looked: list[tuple[str, int]],
) -> None:
    """Nothing is kept of it, so the next one finds the same."""
    await listed(world, CODE)
    with monkeypatch.context() as patch:
        patch.setattr(SqlUpkeepLease, "keep", lambda *_: False)
        case_server.lists.once()
        assert mark_of(world.facts.database) is None
    first = list(looked)
    looked.clear()

    case_server.lists.once()

    assert looked == first
    assert mark_of(world.facts.database) is not None
