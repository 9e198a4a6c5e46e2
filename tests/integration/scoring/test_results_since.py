"""Since when a line rests on a result of another policy: found by evaluating earlier days."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from tests.fakes.list_world import ON_SQLITE
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter

CODE = "91110000600037341L"
SUMMER = date(2025, 6, 1)
LATE = "services.scoring.commands.results_since.LOOKS_MAX"


def days(start: date, count: int) -> list[date]:
    """Give consecutive days."""
    return [date.fromordinal(start.toordinal() + number) for number in range(count)]


async def since(client: ScoringClient, as_of: date) -> date | None:
    """Ask for the standing; give the first day of the one line, which is that of its result."""
    answer = await client.call(
        "GetListStatus",
        subject={"credit_code": CODE},
        as_of=Date(year=as_of.year, month=as_of.month, day=as_of.day),
    )
    (reason,) = answer.statuses[0].reasons
    (result,) = reason.results
    assert (reason.rule_id, result.value) == ("L-GRADE", "C")
    assert reason.start_date == result.start_date
    assert reason.undated is not reason.HasField("start_date")
    day: Any = reason.start_date
    return date(day.year, day.month, day.day) if reason.HasField("start_date") else None


@ON_SQLITE
@pytest.mark.parametrize(
    ("penalties", "as_of", "began"),
    [
        pytest.param(days(date(2025, 2, 26), 4), SUMMER, date(2025, 3, 1), id="this-year"),
        pytest.param(days(date(2025, 2, 26), 4), date(2025, 3, 1), date(2025, 3, 1), id="today"),
        pytest.param(
            [*days(date(2023, 2, 1), 4), *days(date(2025, 2, 26), 4)],
            SUMMER,
            date(2025, 3, 1),
            id="again",
        ),
        # Each four come before those before them are a year old.
        pytest.param(
            [*days(date(2023, 1, 1), 4), *days(date(2023, 6, 1), 4), *days(date(2024, 5, 28), 4)],
            date(2025, 5, 1),
            date(2023, 1, 4),
            id="years-ago",
        ),
        pytest.param(
            days(date(2025, 2, 26), 4), date(2025, 7, 1), date(2025, 7, 1), id="another-version"
        ),
    ],
)
async def test_a_line_begins_where_the_result_of_another_policy_did(
    client: ScoringClient, facts: FactWriter, penalties: list[date], as_of: date, began: date
) -> None:
    """Four penalties within a year leave 58 points, a C; the second version began in July 2025."""
    number = facts.enterprise(credit_code=CODE)
    for day in penalties:
        facts.record("penalty", number, day)

    assert await since(client, as_of) == began


@ON_SQLITE
@pytest.mark.parametrize(
    ("changed", "began"),
    [
        pytest.param(date(2025, 2, 28), date(2025, 3, 1), id="before"),
        pytest.param(date(2025, 3, 1), None, id="on-that-day"),
    ],
)
async def test_days_of_another_registration_are_not_asked_for(
    client: ScoringClient, facts: FactWriter, changed: date, began: date | None
) -> None:
    """What the enterprise was before nobody has read, so it may have had a C then."""
    number = facts.enterprise(credit_code=CODE)
    facts.change(number, changed, headcount=9)
    for day in days(date(2025, 2, 26), 4):
        facts.record("penalty", number, day)

    assert await since(client, SUMMER) == began


@ON_SQLITE
@pytest.mark.parametrize(("looks", "found"), [(3, False), (9, True)])
async def test_only_so_many_days_are_looked_at(
    client: ScoringClient,
    facts: FactWriter,
    monkeypatch: pytest.MonkeyPatch,
    *,
    looks: int,
    found: bool,
) -> None:
    """Today, a year ago and the days of four penalties are six."""
    monkeypatch.setattr(LATE, looks)
    number = facts.enterprise(credit_code=CODE)
    for day in days(date(2025, 2, 26), 4):
        facts.record("penalty", number, day)

    assert (await since(client, SUMMER) is not None) is found


@ON_SQLITE
async def test_the_day_is_that_of_the_answers_themselves(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Asked day by day, the grade was a C on that day, and none on the day before."""
    number = facts.enterprise(credit_code=CODE)
    for day in days(date(2025, 2, 26), 4):
        facts.record("penalty", number, day)
    began = await since(client, SUMMER)
    assert began is not None

    async def grade(day: date) -> str:
        answer = await client.call(
            "GetCreditGrade",
            subject={"credit_code": CODE},
            policy_id="cn.test.grade",
            as_of=Date(year=day.year, month=day.month, day=day.day),
        )
        return str(answer.grade.grade)

    assert [await grade(day) for day in (date.fromordinal(began.toordinal() - 1), began)] == [
        "B",
        "C",
    ]
