"""Records of the members of enterprise groups, and shares of members, on both databases."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.type.date_pb2 import Date
from sqlalchemy import insert, update

from models.enterprises import GroupMembershipRow
from services.common.database import Database
from services.engine.days import day_date
from services.engine.vocabulary import Vocabulary
from services.scoring.store.sql_store import SqlStore
from tests.fakes.list_rows import listing
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import WRITER, FactWriter
from tests.fakes.scoring_policies import ALL, write_policies
from tests.integration.scoring.grade_fixtures import CODE, SUBJECT, instant
from tests.integration.scoring.test_related_facts import belong, loaded, shown

SCHEME = Path(__file__).parents[2] / "unit" / "engine" / "schemes" / "group-members.yaml"
POLICY = "cn.example.group-members"
LARGER = 2
START = date(2020, 1, 1)


@pytest.fixture(scope="module")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of the tests, and the one that counts members of groups."""
    own = {"example/group-members.yaml": SCHEME.read_text(encoding="utf-8")}
    return write_policies(tmp_path_factory.mktemp("groups"), {**ALL, **own})


async def graded(client: ScoringClient, **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Ask for the grade of the group, explained."""
    return await client.call(
        "GetCreditGrade", subject=SUBJECT, policy_id=POLICY, explain=True, **fields
    )


def end(database: Database, number: int, day: date) -> None:
    """End a membership as the credit service does: another row takes the place of the first."""
    with database.write(caller=WRITER, method="test") as write:
        table = GroupMembershipRow.__table__
        (row,) = write.connection.execute(table.select().where(table.c.row_id == number)).mappings()
        write.connection.execute(
            update(GroupMembershipRow)
            .where(GroupMembershipRow.row_id == number)
            .values(superseded_revision=write.revision)
        )
        later = {"row_id": write.new_id(), "recorded_revision": write.revision, "end_date": day}
        write.connection.execute(insert(GroupMembershipRow).values(**{**row, **later}))
        write.commit()


def test_members_record_counts_on_the_days_of_membership(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """The first day counts, the day after the last does not; a member's member is another's."""
    group, member, below = (facts.enterprise() for _ in range(3))
    belong(facts, member, group, date(2024, 1, 1), date(2025, 1, 1))
    belong(facts, below, member, START)
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1))
    numbers = [facts.record("accident", member, day, deaths=1) for day in days]
    of_below = facts.record("accident", below, date(2024, 6, 1))
    facts.record("accident", group, date(2024, 6, 1))

    records = loaded(store, vocabulary, "accident@members")

    assert shown(records) == [
        (0, numbers[1], days[1], member),
        (0, numbers[2], days[2], member),
        (1, of_below, date(2024, 6, 1), below),
    ]
    assert [day_date(day) for day in records.columns["member_since"].tolist()] == [
        date(2024, 1, 1),
        date(2024, 1, 1),
        START,
    ]


def test_membership_that_was_ended_counts_no_later_record(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """The row that the end replaced, which had none, is not looked at."""
    group, member = facts.enterprise(), facts.enterprise()
    number = belong(facts, member, group, START)
    before = facts.record("accident", member, date(2024, 5, 31))
    facts.record("accident", member, date(2024, 6, 1))
    end(facts.database, number, date(2024, 6, 1))

    records = loaded(store, vocabulary, "accident@members")

    assert shown(records) == [(0, before, date(2024, 5, 31), member)]


def test_members_listing_counts_from_when_it_runs_and_they_belong_to_the_group(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """From the later of both first days."""
    group, member = facts.enterprise(), facts.enterprise()
    belong(facts, member, group, date(2024, 6, 1))
    number = listing(facts, member, date(2024, 1, 1), date(2025, 1, 1))
    listing(facts, member, date(2023, 1, 1), date(2024, 6, 1))

    records = loaded(store, vocabulary, "listing@members")

    assert shown(records) == [(0, number, date(2024, 6, 1), member)]


def test_memberships_are_the_groups_roster(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """Each is a record of the group alone, from its first day."""
    group, member = facts.enterprise(), facts.enterprise()
    number = belong(facts, member, group, date(2024, 1, 1), date(2025, 1, 1))

    records = loaded(store, vocabulary, "membership")

    assert shown(records) == [(0, number, date(2024, 1, 1), member)]
    assert [day_date(day) for day in records.columns["end_date"].tolist()] == [date(2025, 1, 1)]


@pytest.mark.parametrize("seed", range(3))
def test_any_history_gives_what_its_days_say(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary, seed: int
) -> None:
    """Who heads what when, and what happened when, tried out pair by pair."""
    draw = Random(seed)  # noqa: S311 -- histories, no secrets.
    units = [facts.enterprise() for _ in range(6)]
    terms = []
    for place, group in enumerate(units):
        for member in units[place + 1 :]:
            first = START + timedelta(days=draw.randrange(60))
            last = draw.choice([None, first + timedelta(days=draw.randrange(1, 60))])
            if draw.random() < 0.6:
                belong(facts, member, group, first, last)
                terms.append((group, member, first, last or date.max))
    accidents = []
    for _ in range(20):
        unit, day = draw.choice(units), START + timedelta(days=draw.randrange(120))
        accidents.append((unit, day, facts.record("accident", unit, day)))

    records = loaded(store, vocabulary, "accident@members")

    assert sorted(shown(records)) == sorted(
        (units.index(group), number, day, member)
        for group, member, first, last in terms
        for unit, day, number in accidents
        if unit == member and first <= day < last
    )


async def test_share_of_members_is_of_all_of_them(
    client: ScoringClient, facts: FactWriter, database: Database
) -> None:
    """Ten members, most without records: 1 with a death is 0.9, 2 are 0.8, and then one leaves."""
    group = facts.enterprise(credit_code=CODE)
    members = [facts.enterprise() for _ in range(10)]
    terms = [belong(facts, one, group, START) for one in members]
    facts.record("accident", members[0], date(2025, 1, 1), deaths=1)
    one = await graded(client)
    facts.record("accident", members[1], date(2025, 1, 2), deaths=2)
    two = await graded(client)
    before = facts.point().recorded_time
    end(database, terms[1], date(2025, 6, 1))
    left = await graded(client)
    again = await graded(client, known_at=instant(before))

    assert (one.grade.grade, one.grade.score.value) == ("A", "0.9")
    assert (two.grade.grade, two.grade.score.value) == ("B", "0.8")
    (line,) = [found for found in two.lines if found.rule_id == "GM-DEATHS"]
    # The line names those that the share counted: all without a death.
    assert set(line.children) == {f"e-{number}" for number in members[2:]}
    # 8 of 9 = 0.88888…
    assert (left.grade.grade, left.grade.score.value) == ("B", "0.8888")
    assert again.grade == two.grade


async def test_larger_accident_of_a_member_counts_though_it_has_left(
    client: ScoringClient, facts: FactWriter
) -> None:
    """It happened while it was a member; one from before it joined is not the group's."""
    group = facts.enterprise(credit_code=CODE)
    stays, leaves, joins = (facts.enterprise() for _ in range(3))
    belong(facts, stays, group, START)
    belong(facts, leaves, group, START, date(2025, 3, 1))
    belong(facts, joins, group, date(2025, 3, 1))
    facts.record("accident", joins, date(2025, 2, 28), deaths=3, level=LARGER)
    clean = await graded(client)
    number = facts.record("accident", leaves, date(2025, 2, 28), deaths=3, level=LARGER)
    found = await graded(client)

    assert (clean.grade.grade, clean.grade.score.value) == ("A", "1")
    assert (found.grade.grade, found.grade.score.value) == ("C", "1")
    (line,) = [one for one in found.lines if one.rule_id == "GM-LARGER-MEMBER"]
    assert list(line.record_ids) == [f"r-{number}"]


async def test_membership_that_ends_ends_the_answer(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The grade holds until the day on which the member is one no more."""
    group, bad, good = facts.enterprise(credit_code=CODE), facts.enterprise(), facts.enterprise()
    belong(facts, bad, group, START, date(2025, 7, 1))
    belong(facts, good, group, START)
    facts.record("accident", bad, date(2025, 1, 3), deaths=1)

    today = await graded(client)
    later = await graded(client, as_of=Date(year=2025, month=7, day=1))

    assert (today.grade.grade, today.grade.score.value) == ("C", "0.5")
    assert today.grade.valid_until_date == Date(year=2025, month=7, day=1)
    assert (later.grade.grade, later.grade.score.value) == ("A", "1")


async def test_outlook_names_the_members_accident(client: ScoringClient, facts: FactWriter) -> None:
    """The lift says whose it is."""
    group, bad, good = facts.enterprise(credit_code=CODE), facts.enterprise(), facts.enterprise()
    belong(facts, bad, group, START)
    belong(facts, good, group, START)
    number = facts.record("accident", bad, date(2025, 1, 3), deaths=1)

    answer = await client.call("GetGradeOutlook", subject=SUBJECT, policy_id=POLICY)

    (item,) = [one.items[0] for one in answer.lifts if one.items[0].record_id == f"r-{number}"]
    assert item.wording.zh == f"集团成员单位的生产安全事故r-{number}被更正或者撤销"
