"""GradeService over loopback, on both databases."""

from datetime import date, timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.database import Database
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter, empty
from tests.fakes.scoring_histories import Step, histories, write
from tests.integration.scoring.grade_fixtures import (
    CODE,
    POLICY,
    SUBJECT,
    TODAY,
    instant,
)


async def test_a_grade_names_what_it_stands_on(client: ScoringClient, facts: FactWriter) -> None:
    """The answer says enterprise, result, validity, policy, day and point."""
    number = facts.enterprise(credit_code=CODE, name="北京一号有限公司")
    facts.record("penalty", number, date(2024, 6, 2))

    answer = await client.call("GetCreditGrade", subject=SUBJECT)

    grade, basis = answer.grade, answer.basis
    assert (grade.enterprise_id, grade.credit_code, grade.name) == (
        f"e-{number}",
        CODE,
        "北京一号有限公司",
    )
    assert (grade.status, grade.grade, grade.grade_rank, grade.score.value) == (1, "B", 2, "89.5")
    # The penalty of 2024-06-02 leaves the twelve months on 2025-06-02.
    assert grade.valid_until_date == Date(year=2025, month=6, day=2)
    assert (basis.policy.policy_id, basis.policy.version) == (POLICY, "one")
    assert len(basis.policy.digest) == 64
    assert basis.as_of == TODAY
    point = facts.point()
    assert basis.point.revision == point.revision == 2
    assert basis.point.known_at == instant(point.recorded_time)
    assert basis.point.token == point.token.encode()
    assert not answer.lines


async def test_an_explanation_adds_up_to_the_score(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The lines of the score add up to it, and name records, wording, source and days."""
    number = facts.enterprise(credit_code=CODE)
    later = facts.record("penalty", number, date(2025, 3, 1))
    earlier = facts.record("penalty", number, date(2024, 9, 1))
    facts.record("violation", number, date(2023, 1, 1), severity=3)

    answer = await client.call("GetCreditGrade", subject=SUBJECT, explain=True)

    lines = [line for line in answer.lines if line.total == "score"]
    assert [(line.rule_id, line.amount.value) for line in lines] == [
        ("score.start", "100"),
        ("T-PENALTIES", "-21"),
        ("T-OPEN", "-30"),
    ]
    assert answer.grade.score.value == "49"
    penalties = lines[1]
    assert list(penalties.record_ids) == [f"r-{earlier}", f"r-{later}"]
    assert (penalties.unit, penalties.wording.zh) == ("point", "每次处罚扣10.5分")
    assert (penalties.source.article, penalties.source.confidence) == ("第五条", 3)
    # Both penalties counted from the day of the later one until a year after the earlier.
    assert penalties.start_date == Date(year=2025, month=3, day=1)
    assert penalties.end_date == Date(year=2025, month=9, day=1)


@pytest.mark.parametrize(
    ("profile", "records", "expected"),
    [
        pytest.param({}, [], (1, "A", 1, "100"), id="clean"),
        pytest.param({"kind": 3}, [], (3, "", 0, ""), id="not-applicable"),
        pytest.param({"headcount": None}, [], (2, "", 0, ""), id="no-data"),
        pytest.param({}, [3], (1, "suspended", 0, "100"), id="status-outside-the-ladder"),
        pytest.param({}, [1, 1], (1, "A", 1, "100"), id="two-deaths-are-not-three"),
        pytest.param({}, [1, 2], (1, "suspended", 0, "100"), id="deaths-add-up"),
    ],
)
async def test_results_come_out_by_the_policy(
    client: ScoringClient,
    facts: FactWriter,
    profile: dict[str, Any],
    records: list[int],
    expected: tuple[int, str, int, str],
) -> None:
    """A grade, a status outside the ladder, no data and not applicable are told apart."""
    number = facts.enterprise(credit_code=CODE, **profile)
    for deaths in records:
        facts.record("accident", number, date(2024, 1, 1), deaths=deaths)

    grade = (await client.call("GetCreditGrade", subject=SUBJECT)).grade

    assert (grade.status, grade.grade, grade.grade_rank, grade.score.value) == expected
    assert list(grade.missing_inputs) == (
        ["headcount"] if profile.get("headcount", 1) is None else []
    )


async def test_the_most_local_policy_of_the_field_applies(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Fire safety in Chaoyang has a policy of its own; elsewhere and else the country's applies."""
    facts.enterprise(credit_code=CODE, division=110105)
    facts.enterprise(local=("test", "西城"), division=110102)
    there, elsewhere = SUBJECT, {"local_identity": {"scheme": "test", "value": "西城"}}

    fire = await client.call("GetCreditGrade", subject=there, field=2)
    work_safety = await client.call("GetCreditGrade", subject=there)
    elsewhere_fire = await client.call("GetCreditGrade", subject=elsewhere, field=2)

    assert (fire.grade.grade, fire.basis.policy.policy_id) == ("甲", "cn.test.local.grade")
    assert work_safety.basis.policy.policy_id == POLICY
    assert elsewhere_fire.basis.policy.policy_id == POLICY


async def test_a_move_ends_the_validity_of_a_grade_by_place(
    client: ScoringClient, facts: FactWriter
) -> None:
    """A known move bounds an answer by the local policy, but not one by a policy that is named."""
    number = facts.enterprise(credit_code=CODE, division=110105)
    facts.change(number, date(2025, 9, 1), division=110102)

    by_place = await client.call("GetCreditGrade", subject=SUBJECT, field=2)
    named = await client.call(
        "GetCreditGrade", subject=SUBJECT, policy_id="cn.test.local.grade", policy_version="one"
    )

    assert by_place.grade.valid_until_date == Date(year=2025, month=9, day=1)
    assert not named.grade.HasField("valid_until_date")


async def test_the_version_is_that_of_the_day_unless_it_is_named(
    client: ScoringClient, facts: FactWriter
) -> None:
    """2025-06-30 belongs to the first version, 2025-07-01 to the second; a name overrides."""
    facts.enterprise(credit_code=CODE)
    days = [Date(year=2025, month=6, day=30), Date(year=2025, month=7, day=1)]

    answers = [
        await client.call("GetCreditGrade", subject=SUBJECT, policy_id=POLICY, as_of=day)
        for day in days
    ]
    named = await client.call(
        "GetCreditGrade", subject=SUBJECT, policy_id=POLICY, policy_version="two", as_of=days[0]
    )

    assert [answer.basis.policy.version for answer in answers] == ["one", "two"]
    assert answers[0].grade.valid_until_date == days[1]
    assert not answers[1].grade.HasField("valid_until_date")
    assert named.basis.policy.version == "two"
    assert not named.grade.HasField("valid_until_date")


async def test_revoking_is_as_if_never_recorded_once_known(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Known later, the penalty never counted, for any day; known earlier, it still counts."""
    number = facts.enterprise(credit_code=CODE)
    before = await client.call("GetCreditGrade", subject=SUBJECT, explain=True)
    penalty = facts.record("penalty", number, date(2024, 7, 1))
    with_penalty = await client.call("GetCreditGrade", subject=SUBJECT, explain=True)
    facts.revoke(penalty)

    now = await client.call("GetCreditGrade", subject=SUBJECT, explain=True)
    past = await client.call(
        "GetCreditGrade", subject=SUBJECT, as_of=Date(year=2024, month=12, day=1)
    )
    then = await client.call(
        "GetCreditGrade",
        subject=SUBJECT,
        explain=True,
        known_at=with_penalty.basis.point.known_at,
    )

    assert now.grade == before.grade
    assert list(now.lines) == list(before.lines)
    assert past.grade.grade == "A"
    assert then == with_penalty
    assert then.grade.grade == "B"


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=histories(10), after=histories(6), days=st.integers(-300, 200))
async def test_an_answer_is_reproduced_to_the_byte(
    client: ScoringClient,
    database: Database,
    before: list[Step],
    after: list[Step],
    days: int,
) -> None:
    """Given back, as-of and known-at give every answer again after any later writes."""
    empty(database)
    hand = FactWriter(database)
    enterprises, records = write(hand, before)
    day = date(2025, 6, 1) + timedelta(days=days)
    as_of = Date(year=day.year, month=day.month, day=day.day)
    questions: list[tuple[str, dict[str, Any]]] = [
        ("GetCreditGrade", {"subject": {"enterprise_id": f"e-{enterprises[0]}"}, "explain": True}),
        ("BatchGetCreditGrades", {"subjects": [{"enterprise_id": f"e-{n}"} for n in enterprises]}),
        ("ListCreditGrades", {"policy_id": POLICY}),
        ("ListCandidates", {"policy_id": "cn.test.list"}),
        ("GetListStatus", {"subject": {"enterprise_id": f"e-{enterprises[0]}"}}),
        (
            "RecommendRate",
            {"subject": {"enterprise_id": f"e-{enterprises[0]}"}, "insured_headcount": 5},
        ),
    ]
    answers = [await client.call(name, as_of=as_of, **fields) for name, fields in questions]
    known_at = instant(hand.point().recorded_time)
    for step in after:
        step(hand, enterprises, records)

    again = [
        await client.call(name, as_of=as_of, known_at=known_at, **fields)
        for name, fields in questions
    ]

    assert [answer.SerializeToString(deterministic=True) for answer in again] == [
        answer.SerializeToString(deterministic=True) for answer in answers
    ]


async def test_a_batch_answers_as_single_calls_do(client: ScoringClient, facts: FactWriter) -> None:
    """Each result equals the single answer, in the order asked; one unknown fails no other."""
    first = facts.enterprise(credit_code=CODE, division=110105)
    second = facts.enterprise(headcount=None, division=110102)
    facts.record("penalty", first, date(2025, 1, 1))
    refs = [
        {"enterprise_id": f"e-{second}"},
        {"credit_code": CODE},
        {"enterprise_id": "e-77"},
        {"enterprise_id": f"e-{first}"},
        {"local_identity": {"scheme": "test", "value": f"{second}"}},
    ]

    for field in (0, 2):
        batch = await client.call("BatchGetCreditGrades", subjects=refs, field=field)
        assert batch.as_of == TODAY
        assert batch.point.revision == facts.point().revision
        for ref, result in zip(refs, batch.results, strict=True):
            if ref == refs[2]:
                assert result.error_reason == "SUBJECT_UNKNOWN"
                assert "e-77" in result.error_message
                assert not result.HasField("grade")
                continue
            single = await client.call("GetCreditGrade", subject=ref, field=field)
            assert result.grade == single.grade
            assert result.policy == single.basis.policy


async def test_a_batch_tells_which_enterprise_has_no_policy(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Before 2015 the country has no policy: each part says so, and the call does not fail."""
    number = facts.enterprise()

    batch = await client.call(
        "BatchGetCreditGrades",
        subjects=[{"enterprise_id": f"e-{number}"}],
        as_of=Date(year=2014, month=12, day=31),
    )

    assert [result.error_reason for result in batch.results] == ["POLICY_NOT_IN_FORCE"]
