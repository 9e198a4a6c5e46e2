"""Lists of grades over loopback: their pages and their filters, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date

from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.grade_fixtures import (
    CODE,
    POLICY,
    RUBBISH,
    SUBJECT,
    number_of,
    refused,
)
from tests.stores.fixtures import ON_SQLITE


@pytest.mark.parametrize("size", [1, 2, 7])
async def test_pages_hold_every_grade_once(
    client: ScoringClient, facts: FactWriter, size: int
) -> None:
    """Page after page gives the grade of every enterprise, equal to the single answer."""
    numbers = [facts.enterprise(headcount=None if n == 3 else n + 1) for n in range(6)]
    for position, number in enumerate(numbers):
        for _ in range(position):
            facts.record("penalty", number, date(2025, 1, 1))

    grades, bases = await all_grades(client, size, {})

    assert [grade.enterprise_id for grade in grades] == [f"e-{number}" for number in numbers]
    for grade in grades:
        single = await client.call(
            "GetCreditGrade", subject={"enterprise_id": grade.enterprise_id}, policy_id=POLICY
        )
        assert grade == single.grade
    assert all(basis == single.basis for basis in bases)


async def all_grades(
    client: ScoringClient, size: int, wanted: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """Read all pages of a list."""
    grades: list[Any] = []
    bases: list[Any] = []
    token = ""
    while True:
        page = await client.call(
            "ListCreditGrades", policy_id=POLICY, page_size=size, page_token=token, **wanted
        )
        assert len(page.grades) <= size
        grades.extend(page.grades)
        bases.append(page.basis)
        token = page.next_page_token
        if not token:
            return grades, bases


@pytest.mark.parametrize("kept", [False, True], ids=["evaluated", "kept"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"grades": ["A"]}, [0, 4], id="grade"),
        pytest.param({"grades": ["B", "suspended"]}, [1, 3], id="grade-or-status"),
        pytest.param({"division": "110000"}, [0, 1, 3], id="province"),
        pytest.param({"industry": "G"}, [2, 4], id="section"),
        pytest.param({"field": 2}, [4], id="field"),
        pytest.param({"industry": "G", "grades": ["C"]}, [2], id="all-must-hold"),
        pytest.param({"grades": ["C"], "division": "110105"}, [], id="none"),
    ],
)
async def test_filters_narrow_a_list(
    client: ScoringClient,
    built: ScoringServer,
    facts: FactWriter,
    wanted: dict[str, Any],
    expected: list[int],
    kept: bool,  # noqa: FBT001 -- a parameter of the table.
) -> None:
    """All filters must hold; kept grades and evaluated ones pass the same."""
    numbers = [
        facts.enterprise(),
        facts.enterprise(),
        facts.enterprise(division=320612, industry="G54"),
        facts.enterprise(division=110106),
        facts.enterprise(division=320613, industry="G", fields=0b100),
    ]
    for position, penalties in ((1, 1), (2, 4)):
        for _ in range(penalties):
            facts.record("penalty", numbers[position], date(2025, 1, 1))
    facts.record("accident", numbers[3], date(2025, 1, 1), deaths=3)
    if kept:
        built.freshness.once()

    grades, _ = await all_grades(client, 2, wanted)

    assert [number_of(grade.enterprise_id) for grade in grades] == [
        numbers[position] for position in expected
    ]


async def test_later_pages_keep_the_point_and_day_of_the_first(
    client: ScoringClient, facts: FactWriter, clock: FixedClock
) -> None:
    """A write and midnight between two pages change nothing on the second."""
    numbers = [facts.enterprise() for _ in range(3)]
    first = await client.call("ListCreditGrades", policy_id=POLICY, page_size=2)
    facts.record("penalty", numbers[2], date(2025, 1, 1))
    clock.advance(timedelta(days=1))

    second = await client.call(
        "ListCreditGrades", policy_id=POLICY, page_size=2, page_token=first.next_page_token
    )

    assert [grade.grade for grade in second.grades] == ["A"]
    assert second.basis == first.basis
    assert not second.next_page_token


async def test_a_list_shows_only_who_exists_on_the_day(
    client: ScoringClient, facts: FactWriter
) -> None:
    """An enterprise begins with its first period; asked for by name it has no data before."""
    facts.enterprise(credit_code=CODE, start_date=date(2024, 1, 1))
    day = Date(year=2023, month=12, day=31)

    listed = await client.call("ListCreditGrades", policy_id=POLICY, as_of=day)
    named = await client.call("GetCreditGrade", subject=SUBJECT, policy_id=POLICY, as_of=day)

    assert not listed.grades
    # Without a period the kind is not known, so the policy does not apply yet.
    assert (named.grade.status, named.grade.name) == (3, "")
    assert named.grade.valid_until_date == Date(year=2024, month=1, day=1)


@ON_SQLITE
async def test_a_grade_that_the_policy_does_not_have_is_refused(
    client: ScoringClient, facts: FactWriter
) -> None:
    """A filter for an unknown grade would find nobody and look like an answer."""
    facts.enterprise()

    error = await refused(client, "ListCreditGrades", policy_id=POLICY, grades=["A", "AAA"])

    assert error.violations == {"grades[1]": "GRADE_UNKNOWN"}


@ON_SQLITE
async def test_a_page_token_of_another_list_is_refused(
    client: ScoringClient, facts: FactWriter
) -> None:
    """A page token belongs to its method and filter; rubbish is none."""
    for _ in range(2):
        facts.enterprise()
    page = await client.call("ListCreditGrades", policy_id=POLICY, page_size=1)
    token = page.next_page_token

    other_filter = await refused(
        client, "ListCreditGrades", policy_id=POLICY, industry="C", page_token=token
    )
    other_method = await refused(
        client, "ListCandidates", policy_id="cn.test.list", page_token=token
    )
    rubbish = await refused(client, "ListCreditGrades", policy_id=POLICY, page_token=RUBBISH)

    assert other_filter.reason == "PAGE_TOKEN_MISMATCH"
    assert other_method.reason == "PAGE_TOKEN_MISMATCH"
    assert rubbish.reason == "PAGE_TOKEN_MALFORMED"
