"""Shares of drivers and means of sites over loopback, on both databases."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date
from sqlalchemy import insert, update

from models.persons import RoleRow
from services.common.database import Database
from services.engine.days import day_number
from services.engine.numbers import MISSING
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.sql_store import SqlStore
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import WRITER, FactWriter
from tests.fakes.scoring_policies import ALL, write_policies
from tests.integration.scoring.grade_fixtures import CODE, SUBJECT, instant
from tests.integration.scoring.test_related_facts import role

SCHEMES = Path(__file__).parents[2] / "unit" / "engine" / "schemes"
DRIVER, MANAGER, TRANSPORT = 8, 4, 4
GENERAL, SERIOUS = 2, 3


@pytest.fixture(scope="module")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of the tests, and those that count child subjects."""
    own = {
        f"example/{name}.yaml": (SCHEMES / f"{name}.yaml").read_text(encoding="utf-8")
        for name in ("driver-shares", "site-scores", "inspection-items")
    }
    return write_policies(tmp_path_factory.mktemp("children"), {**ALL, **own})


async def graded(client: ScoringClient, name: str, **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Ask for the grade by one of the two schemes, explained."""
    return await client.call(
        "GetCreditGrade", subject=SUBJECT, policy_id=f"cn.example.{name}", explain=True, **fields
    )


def end_role(database: Database, number: int, day: date) -> None:
    """End a role as the credit service does: another row of it takes the place of the first."""
    with database.write(caller=WRITER, method="test") as write:
        roles = RoleRow.__table__
        (row,) = write.connection.execute(roles.select().where(roles.c.row_id == number)).mappings()
        write.connection.execute(
            update(RoleRow)
            .where(RoleRow.row_id == number)
            .values(superseded_revision=write.revision)
        )
        later = {"row_id": write.new_id(), "recorded_revision": write.revision, "end_date": day}
        write.connection.execute(insert(RoleRow).values(**{**row, **later}))
        write.commit()


async def test_share_of_drivers_is_of_all_of_them(
    client: ScoringClient, facts: FactWriter, database: Database
) -> None:
    """Four drivers, one without records: 2 of 4 are not good; what is taken back changes it."""
    number = facts.enterprise(credit_code=CODE)
    drivers = [facts.person() for _ in range(4)]
    roles = [role(facts, one, number, DRIVER, date(2020, 1, 1)) for one in drivers]
    role(facts, facts.person(), number, MANAGER, date(2020, 1, 1))
    seen: dict[str, Any] = {"person": True, "field": TRANSPORT}
    # Six points each for the first two, three for the third, none for the fourth: 15 / 4 = 3.75.
    sixes = [
        [
            facts.record("violation", one, date(2025, 1, day), severity=GENERAL, **seen)
            for day in (1, 2)
        ]
        for one in drivers[:2]
    ]
    facts.record("violation", drivers[2], date(2025, 1, 3), severity=GENERAL, **seen)
    # Before its first day as a driver it was somebody else's.
    facts.record("violation", drivers[3], date(2019, 12, 31), severity=SERIOUS, **seen)

    first = await graded(client, "driver-shares")
    before = facts.point().recorded_time
    facts.revoke(sixes[0][0])
    revoked = await graded(client, "driver-shares")
    end_role(database, roles[1], date(2025, 6, 1))
    ended = await graded(client, "driver-shares")
    again = await graded(client, "driver-shares", known_at=instant(before))

    assert (first.grade.grade, first.grade.score.value) == ("B", "0.5")
    (line,) = [one for one in first.lines if one.rule_id == "DS-NO-HONOUR"]
    assert set(line.children) == {f"p-{one}" for one in drivers}
    assert set(line.record_ids) >= {f"r-{one}" for one in (*sixes[0], *sixes[1])}
    # One of four, then none of three.
    assert (revoked.grade.grade, revoked.grade.score.value) == ("A", "0.25")
    assert (ended.grade.grade, ended.grade.score.value) == ("AA", "0")
    assert again.grade == first.grade
    assert again.lines == first.lines


async def test_role_that_ends_ends_the_answer(client: ScoringClient, facts: FactWriter) -> None:
    """The grade holds until the day on which a barred driver is in office no more."""
    number, barred, other = facts.enterprise(credit_code=CODE), facts.person(), facts.person()
    role(facts, barred, number, DRIVER, date(2020, 1, 1), date(2025, 7, 1))
    role(facts, other, number, DRIVER, date(2020, 1, 1))
    record = facts.record(
        "violation", barred, date(2025, 1, 3), person=True, field=TRANSPORT, severity=SERIOUS
    )

    today = await graded(client, "driver-shares")
    later = await graded(client, "driver-shares", as_of=Date(year=2025, month=7, day=1))

    assert (today.grade.grade, today.grade.score.value) == ("C", "0.5")
    assert today.grade.valid_until_date == Date(year=2025, month=7, day=1)
    (line,) = [one for one in today.lines if one.rule_id == "DS-BARRED"]
    assert list(line.children) == [f"p-{barred}"]
    assert list(line.record_ids) == [f"r-{record}"]
    assert line.end_date == Date(year=2025, month=7, day=1)
    assert (later.grade.grade, later.grade.score.value) == ("AA", "0")


async def test_outlook_names_the_record_of_the_driver(
    client: ScoringClient, facts: FactWriter
) -> None:
    """A barred driver's violation is said to be a person's, by the kind that records have."""
    number, barred, other = facts.enterprise(credit_code=CODE), facts.person(), facts.person()
    role(facts, barred, number, DRIVER, date(2020, 1, 1))
    role(facts, other, number, DRIVER, date(2020, 1, 1))
    record = facts.record(
        "violation", barred, date(2025, 1, 3), person=True, field=TRANSPORT, severity=SERIOUS
    )

    answer = await client.call(
        "GetGradeOutlook", subject=SUBJECT, policy_id="cn.example.driver-shares"
    )

    (item,) = [one.items[0] for one in answer.lifts if one.items[0].record_id == f"r-{record}"]
    assert item.record_kind == "violation"
    assert item.wording.zh == f"有关人员的违法行为r-{record}被更正或者撤销"
    assert item.wording.en == f"have a person's violation r-{record} corrected or revoked"


async def test_mean_of_sites_is_of_those_visited(client: ScoringClient, facts: FactWriter) -> None:
    """Two sites visited, one with four serious violations: 40 and 100; an unvisited one is none."""
    number = facts.enterprise(credit_code=CODE)
    sites = (110105202501010101, 110105202501010102)
    for site in sites:
        facts.record("inspection", number, date(2025, 2, 1), site_number=site)
    for day in range(1, 5):
        facts.record("violation", number, date(2025, 2, day), site_number=sites[1], severity=3)
    facts.record("violation", number, date(2025, 2, 1), site_number=7, severity=3)
    facts.record("violation", number, date(2025, 2, 1), severity=3)

    answer = await graded(client, "site-scores")
    many = await client.call(
        "BatchGetCreditGrades", subjects=[SUBJECT], policy_id="cn.example.site-scores"
    )

    assert (answer.grade.grade, answer.grade.score.value) == ("C", "70")
    assert [one.grade.score.value for one in many.results] == ["70"]
    (line,) = [one for one in answer.lines if one.rule_id == "SS-FAILED"]
    assert list(line.children) == [str(sites[1])]
    assert len(line.record_ids) == 4


async def test_items_belong_to_the_inspection_that_found_them(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Four items of one inspection cost 10 points, not 12; one that nobody looked for 3 more."""
    number = facts.enterprise(credit_code=CODE)
    inspection = facts.record("inspection", number, date(2025, 2, 1), problems_found=True)
    found = [
        facts.record(
            "violation",
            number,
            date(2025, 2, day),
            severity=GENERAL,
            inspection_record_id=inspection,
        )
        for day in range(1, 5)
    ]
    facts.record("violation", number, date(2025, 2, 1), severity=GENERAL)

    answer = await graded(client, "inspection-items")
    many = await client.call(
        "BatchGetCreditGrades", subjects=[SUBJECT], policy_id="cn.example.inspection-items"
    )
    facts.revoke(found[0])
    revoked = await graded(client, "inspection-items")

    assert (answer.grade.grade, answer.grade.score.value) == ("B", "87")
    assert [one.grade.score.value for one in many.results] == ["87"]
    (line,) = [one for one in answer.lines if one.rule_id == "II-INSPECTION"]
    assert list(line.children) == [f"r-{inspection}"]
    assert list(line.record_ids) == [f"r-{one}" for one in found]
    # Three items are 9 points.
    assert revoked.grade.score.value == "88"


def test_inspections_name_themselves_as_their_violations_name_them(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """A chunk and one enterprise alone have the inspection's identifier on both sides."""
    number = facts.enterprise()
    inspection = facts.record("inspection", number, date(2024, 1, 1))
    facts.record("violation", number, date(2024, 1, 2), inspection_record_id=inspection)
    facts.record("violation", number, date(2024, 1, 3))
    needs = FactNeeds(
        attributes=frozenset(),
        records={
            kind: frozenset(vocabulary.record_attributes(kind))
            for kind in ("inspection", "violation")
        },
    )
    with store.read() as reading:
        at = Viewpoint(reading.point.revision, date(2025, 6, 1))
        subjects = list(reading.subjects.by_number([number], at).values())
        alone = reading.facts.population(subjects, needs, at).records
        chunk = reading.facts.chunk_of([number], needs, at).population.records

    for records in (alone, chunk):
        assert records["inspection"].columns["inspection"].tolist() == [inspection]
        first, second = records["violation"].columns["inspection"].tolist()
        assert (first, second) == (inspection, MISSING)


def test_terms_of_roles_are_read_as_records(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """A chunk and one enterprise alone have the same terms, with the person, role and last day."""
    number, person = facts.enterprise(), facts.person()
    term = role(facts, person, number, DRIVER, date(2024, 1, 1), date(2025, 1, 1))
    needs = FactNeeds(
        attributes=frozenset(),
        records={"role": frozenset(vocabulary.record_attributes("role"))},
    )
    with store.read() as reading:
        at = Viewpoint(reading.point.revision, date(2025, 6, 1))
        subjects = list(reading.subjects.by_number([number], at).values())
        alone = reading.facts.population(subjects, needs, at).records["role"]
        chunk = reading.facts.chunk_of([number], needs, at).population.records["role"]

    for records in (alone, chunk):
        columns = records.columns
        assert records.record_ids.tolist() == [term]
        assert columns["person"].tolist() == [person]
        assert columns["role"].tolist() == [DRIVER]
        assert columns["event_date"].tolist() == [day_number(date(2024, 1, 1))]
        assert columns["end_date"].tolist() == [day_number(date(2025, 1, 1))]
