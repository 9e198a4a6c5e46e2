"""GradeService over loopback, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.database import Database
from services.common.tokens import StoreToken
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_facts import FactWriter, empty
from tests.fakes.scoring_histories import Step, histories, write

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is refused before any database is asked needs one database only."""

CODE = "91110000600037341L"
TODAY = Date(year=2025, month=6, day=1)
POLICY = "cn.test.grade"
RUBBISH = "rubbish"
SUBJECT = {"credit_code": CODE}


def number_of(enterprise_id: str) -> int:
    """Give the number in an identifier."""
    return int(enterprise_id.removeprefix("e-"))


def instant(time: datetime) -> Timestamp:
    """Write an instant."""
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


async def refused(client: ScoringClient, method: str, **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Call a method that must refuse, and give the refusal."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, **fields)
    return error.value


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
    assert penalties.start_date == Date(year=2024, month=9, day=1)
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


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


async def test_a_token_is_honoured_or_refused(client: ScoringClient, facts: FactWriter) -> None:
    """A token of the last write is answered from it; one of the future and one damaged are not."""
    facts.enterprise(credit_code=CODE)
    point = facts.point()
    ahead = StoreToken(point.store_id, point.revision + 1).encode()
    foreign = StoreToken("f" * 32, 1).encode()

    answer = await client.call("GetCreditGrade", subject=SUBJECT, token=point.token.encode())

    assert answer.basis.point.revision == point.revision
    for _ in range(2):  # The second time the answer is warm.
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=ahead)
        assert (error.code, error.reason) == ("UNAVAILABLE", "TOKEN_NOT_REACHED")
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=foreign)
        assert (error.code, error.reason) == ("INVALID_ARGUMENT", "TOKEN_FOREIGN_STORE")
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=RUBBISH)
        assert (error.code, error.reason) == ("INVALID_ARGUMENT", "TOKEN_MALFORMED")


async def test_a_known_at_before_a_token_is_refused(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Nobody can know a write before it was made."""
    facts.enterprise(credit_code=CODE)
    early = instant(facts.point().recorded_time)
    facts.enterprise()
    token = facts.point().token.encode()

    error = await refused(client, "GetCreditGrade", subject=SUBJECT, known_at=early, token=token)

    assert (error.code, error.reason) == ("INVALID_ARGUMENT", "KNOWN_AT_BEFORE_TOKEN")


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        pytest.param(
            {"subject": {"enterprise_id": "e-5"}}, "NOT_FOUND", "SUBJECT_UNKNOWN", id="subject"
        ),
        pytest.param({"policy_id": "cn.nothing"}, "NOT_FOUND", "POLICY_UNKNOWN", id="policy"),
        pytest.param(
            {"policy_id": "cn.test.list"}, "NOT_FOUND", "POLICY_UNKNOWN", id="no-grade-policy"
        ),
        pytest.param(
            {"policy_id": POLICY, "policy_version": "nine"},
            "NOT_FOUND",
            "POLICY_UNKNOWN",
            id="version",
        ),
        pytest.param(
            {"as_of": Date(year=2014, month=12, day=31)},
            "FAILED_PRECONDITION",
            "POLICY_NOT_IN_FORCE",
            id="before-any-policy",
        ),
        pytest.param(
            {"policy_id": POLICY, "as_of": Date(year=2014, month=12, day=31)},
            "FAILED_PRECONDITION",
            "POLICY_NOT_IN_FORCE",
            id="before-the-policy",
        ),
        pytest.param(
            {"known_at": instant(datetime(2025, 6, 1, 4, 0, 1, tzinfo=UTC))},
            "INVALID_ARGUMENT",
            "KNOWN_AT_IN_FUTURE",
            id="future",
        ),
    ],
)
async def test_every_refusal_has_its_reason(
    client: ScoringClient, facts: FactWriter, fields: dict[str, Any], code: str, reason: str
) -> None:
    """What cannot be answered is refused with the status and reason that the contract names."""
    facts.enterprise(credit_code=CODE)

    error = await refused(client, "GetCreditGrade", **{"subject": SUBJECT, **fields})

    assert (error.code, error.reason) == (code, reason)


async def test_known_before_anything_was_recorded_is_out_of_range(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Before the first write there is no knowledge to answer from."""
    facts.enterprise(credit_code=CODE)
    early = instant(facts.point().recorded_time - timedelta(seconds=1))

    error = await refused(client, "GetCreditGrade", subject=SUBJECT, known_at=early)

    assert error.code == "OUT_OF_RANGE"


@ON_SQLITE
@pytest.mark.parametrize("method", ["GetCreditGrade", "BatchGetCreditGrades", "ListCreditGrades"])
async def test_every_wrong_field_is_named(client: ScoringClient, method: str) -> None:
    """One refusal names all that is wrong, each with its reason."""
    subject = {"credit_code": "91110000600037341A"}
    subjects: dict[str, dict[str, Any]] = {
        "GetCreditGrade": {"subject": subject},
        "BatchGetCreditGrades": {"subjects": [{"enterprise_id": "e-1"}, subject]},
        "ListCreditGrades": {
            "page_size": 1001,
            "division": "11010",
            "industry": "Z1",
            "grades": ["x" * 101],
        },
    }
    named = {
        "GetCreditGrade": {"subject.credit_code": "CREDIT_CODE_CHECK_WRONG"},
        "BatchGetCreditGrades": {"subjects[1].credit_code": "CREDIT_CODE_CHECK_WRONG"},
        "ListCreditGrades": {
            "page_size": "NUMBER_TOO_LARGE",
            "division": "DIVISION_MALFORMED",
            "industry": "INDUSTRY_MALFORMED",
            "grades[0]": "TEXT_TOO_LONG",
            "policy_id": "REQUIRED",
        },
    }

    error = await refused(
        client,
        method,
        **subjects[method],
        field=9,
        as_of=Date(year=2025, month=2, day=30),
        known_at=Timestamp(seconds=-(10**12)),
    )

    assert (error.code, error.reason) == ("INVALID_ARGUMENT", "INVALID_INPUT")
    assert error.violations == {
        **named[method],
        "field": "ENUM_UNKNOWN",
        "as_of": "DATE_INVALID",
        "known_at": "TIME_INVALID",
    }


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
