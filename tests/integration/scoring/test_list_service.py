"""ListService over loopback, on both databases."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_facts import FactWriter

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is refused before any database is asked needs one database only."""

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}
POLICY = "cn.test.list"
NOT_LISTED, CANDIDATE = 1, 2


async def status_of(client: ScoringClient, **fields: Any) -> Any:  # noqa: ANN401 -- a message.
    """Ask for the one standing of the test's enterprise."""
    answer = await client.call("GetListStatus", **{"subject": SUBJECT, **fields})
    (status,) = answer.statuses
    return status


async def test_without_a_circumstance_nobody_is_a_candidate(
    client: ScoringClient, facts: FactWriter
) -> None:
    """An enterprise without adverse facts is not listed, and the answer says why it can tell."""
    number = facts.enterprise(credit_code=CODE)

    status = await status_of(client)

    assert (status.subject_id, status.credit_code) == (f"e-{number}", CODE)
    assert (status.standing, status.field) == (NOT_LISTED, 1)
    assert not status.reasons
    assert status.basis.policy.policy_id == POLICY
    assert [one.policy_id for one in status.basis.inputs] == ["cn.test.grade"]
    assert status.basis.point.revision == 1


async def test_a_candidate_has_its_circumstances_with_their_records(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Every rule that holds is a reason, with the records behind it and until when it holds."""
    number = facts.enterprise(credit_code=CODE)
    penalty = facts.record("penalty", number, date(2024, 1, 1), major=True)

    status = await status_of(client)

    assert status.standing == CANDIDATE
    (reason,) = status.reasons
    assert (reason.rule_id, reason.effect) == ("L-MAJOR", "candidate")
    assert list(reason.record_ids) == [f"r-{penalty}"]
    assert reason.end_date == Date(year=2026, month=1, day=1)
    assert status.valid_until_date == Date(year=2025, month=7, day=1)


@ON_SQLITE
async def test_a_circumstance_of_another_policy_says_its_result(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Four penalties leave 58 points, a C, until the first of them is a year old."""
    number = facts.enterprise(credit_code=CODE)
    for day in (11, 12, 13, 14):
        facts.record("penalty", number, date(2024, 6, day))

    status = await status_of(client)

    (reason,) = status.reasons
    (result,) = reason.results
    assert (reason.rule_id, result.output, result.value) == ("L-GRADE", "grade", "C")
    assert (result.policy.policy_id, result.policy.version) == ("cn.test.grade", "one")
    assert reason.end_date == result.valid_until_date == Date(year=2025, month=6, day=11)
    assert list(status.basis.results) == [result]


async def test_a_grade_taken_in_makes_a_candidate(client: ScoringClient, facts: FactWriter) -> None:
    """The list takes the grade of the same day: C makes a candidate, pinned by version."""
    number = facts.enterprise(credit_code=CODE)
    for _ in range(4):
        facts.record("penalty", number, date(2024, 9, 1))

    status = await status_of(client)
    later = await status_of(client, as_of=Date(year=2025, month=9, day=1))

    assert [reason.rule_id for reason in status.reasons] == ["L-GRADE"]
    assert [(one.policy_id, one.version) for one in status.basis.inputs] == [
        ("cn.test.grade", "one")
    ]
    # On 2025-09-01 the penalties have left the twelve months; the other version grades then.
    assert later.standing == NOT_LISTED
    assert [one.version for one in later.basis.inputs] == ["two"]


async def test_a_person_can_be_a_candidate(client: ScoringClient, facts: FactWriter) -> None:
    """Facts about a person count; the name is masked, and no grade is taken in."""
    number = facts.person("李四光")
    facts.record("penalty", number, date(2024, 1, 1), person=True, major=True)

    status = await status_of(client, subject={"person_id": f"p-{number}"})

    assert (status.subject_id, status.name) == (f"p-{number}", "李＊")
    assert status.standing == CANDIDATE


@pytest.mark.parametrize("size", [1, 2, 9])
async def test_candidates_are_listed_in_order_enterprises_and_persons(
    client: ScoringClient, facts: FactWriter, size: int
) -> None:
    """Every candidate once, equal to the single answer; nobody else."""
    clean, major, person, graded = (
        facts.enterprise(),
        facts.enterprise(),
        facts.person(),
        facts.enterprise(division=320612, industry="G54"),
    )
    facts.record("penalty", major, date(2024, 1, 1), major=True)
    facts.record("penalty", person, date(2024, 1, 1), person=True, major=True)
    for _ in range(4):
        facts.record("penalty", graded, date(2025, 1, 1))

    found, bases = await all_candidates(client, size, {})

    assert [one.subject_id for one in found] == [f"e-{major}", f"p-{person}", f"e-{graded}"]
    assert f"e-{clean}" not in {one.subject_id for one in found}
    for one in found:
        name = "person_id" if one.subject_id.startswith("p") else "enterprise_id"
        single = await status_of(client, subject={name: one.subject_id}, policy_id=POLICY)
        # Since when a result is so is looked for in answers about one subject alone.
        for result in single.basis.results:
            result.ClearField("start_date")
        for reason in (each for each in single.reasons if each.results):
            reason.ClearField("start_date")
            reason.undated = True
            for result in reason.results:
                result.ClearField("start_date")
        assert one == single
        # What was taken in for one of them is no part of what all of them stand on.
        one.basis.ClearField("results")
    assert all(basis == found[0].basis for basis in bases)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({"division": "110000"}, 1, id="division"),
        pytest.param({"industry": "G"}, 1, id="industry"),
        pytest.param({"industry": "G", "division": "110000"}, 0, id="both"),
    ],
)
async def test_filters_leave_persons_out(
    client: ScoringClient, facts: FactWriter, wanted: dict[str, str], expected: int
) -> None:
    """A person has no division and no industry."""
    subjects = [facts.enterprise(), facts.enterprise(division=320612, industry="G54")]
    for number in (*subjects, facts.person()):
        facts.record("penalty", number, date(2024, 1, 1), major=True)

    found, _ = await all_candidates(client, 5, wanted)

    assert len(found) == expected


async def all_candidates(
    client: ScoringClient, size: int, wanted: dict[str, str]
) -> tuple[list[Any], list[Any]]:
    """Read all pages of a list."""
    found: list[Any] = []
    bases: list[Any] = []
    token = ""
    while True:
        page = await client.call(
            "ListCandidates", policy_id=POLICY, page_size=size, page_token=token, **wanted
        )
        found.extend(page.candidates)
        bases.append(page.basis)
        token = page.next_page_token
        if not token:
            return found, bases


@ON_SQLITE
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"subject": {"person_id": "p-9"}}, "SUBJECT_UNKNOWN", id="person"),
        pytest.param({"policy_id": "cn.test.grade"}, "POLICY_UNKNOWN", id="no-list"),
        pytest.param({"field": 2}, "POLICY_NOT_IN_FORCE", id="field-without-list"),
        pytest.param(
            {"as_of": {"year": 2019, "month": 12, "day": 31}}, "POLICY_NOT_IN_FORCE", id="before"
        ),
        pytest.param({"subject": {}}, "INVALID_INPUT", id="nobody"),
        pytest.param(
            {"policy_id": POLICY, "as_of": {"year": 2019, "month": 12, "day": 31}},
            "POLICY_NOT_IN_FORCE",
            id="named-before",
        ),
    ],
)
async def test_no_standing_is_given_without_ground(
    client: ScoringClient,
    facts: FactWriter,
    fields: dict[str, Any],
    reason: str,
) -> None:
    """What cannot be told is refused, never taken for a good standing."""
    facts.enterprise(credit_code=CODE)

    with pytest.raises(RefusedError) as error:
        await client.call("GetListStatus", **{"subject": SUBJECT, **fields})

    assert error.value.reason == reason
