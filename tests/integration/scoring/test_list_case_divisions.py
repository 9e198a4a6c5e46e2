"""In which division a person is listed: that of the unit that the case is about."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import insert

from models.persons import RoleRow
from tests.fakes.list_world import ON_SQLITE, ListWorld
from tests.fakes.scoring_facts import WRITER

FACT = date(2025, 1, 10)
"""Day of the penalty; the case is opened on 1 June 2025."""

HERE, THERE = 110105, 110112


def role(
    world: ListWorld, person: int, division: int, start_date: date, end_date: date | None = None
) -> int:
    """Register an enterprise of a division with the person as its principal; give its number."""
    number = world.facts.enterprise(division=division)
    with world.facts.database.write(caller=WRITER, method="test") as write:
        row_id = write.new_id()
        write.connection.execute(
            insert(RoleRow).values(
                row_id=row_id,
                role_id=row_id,
                person_id=person,
                enterprise_id=number,
                kind=2,
                start_date=start_date,
                end_date=end_date,
                recorded_revision=write.revision,
            )
        )
        write.commit()
    return number


def left_before(world: ListWorld, person: int) -> None:
    """Have had a role here until the day of the fact, and one there from then on."""
    role(world, person, HERE, date(2015, 1, 1), FACT)
    role(world, person, THERE, FACT)


def left_since(world: ListWorld, person: int) -> None:
    """Have had a role there up to the day of the fact, and one here since."""
    role(world, person, THERE, date(2020, 1, 1), date(2025, 1, 11))
    role(world, person, HERE, date(2025, 1, 11))


def came_since(world: ListWorld, person: int) -> None:
    """Have had no role on the day of the fact, one here before it, and one there now."""
    role(world, person, HERE, date(2015, 1, 1), date(2024, 1, 1))
    role(world, person, THERE, date(2025, 4, 1))


def moved(world: ListWorld, person: int) -> None:
    """Have a role in an enterprise that was here, and is there now."""
    number = role(world, person, HERE, date(2020, 1, 1))
    world.facts.change(number, date(2025, 3, 1), division=THERE)


def retired(world: ListWorld, person: int) -> None:
    """Have had a role here long before the fact, and none since."""
    role(world, person, HERE, date(2015, 1, 1), date(2020, 1, 1))


@ON_SQLITE
@pytest.mark.parametrize(
    ("history", "division"),
    [
        pytest.param(left_before, "110112", id="an-earlier-unit-does-not-count"),
        pytest.param(left_since, "110112", id="nor-does-a-later-one"),
        pytest.param(came_since, "110112", id="without-one-then-the-one-of-now"),
        pytest.param(moved, "110112", id="a-unit-that-moved"),
        pytest.param(retired, "", id="none-then-and-none-now"),
    ],
)
async def test_a_person_is_listed_where_the_unit_of_the_case_is(
    world: ListWorld, history: Callable[[ListWorld, int], None], division: str
) -> None:
    """Roles that had ended, and those that began later, say nothing of the case."""
    person = world.facts.person("王小明")
    history(world, person)
    world.facts.record("penalty", person, FACT, person=True, major=True, final_date=FACT)

    case = await world.published((await world.opened(subject={"person_id": f"p-{person}"})).case_id)

    (entry,) = case.entries
    assert (entry.entry.subject_id, entry.entry.division) == (f"p-{person}", division)
