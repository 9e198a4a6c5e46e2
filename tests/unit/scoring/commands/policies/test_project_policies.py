"""The first policies of the project, through the commands; expected values worked out by hand."""

from datetime import date
from typing import Any

import pytest

from services.common.errors import InvalidInputError
from services.scoring.commands.answers import GradeAnswer, PolicyChoice
from services.scoring.commands.grades.get_credit_grade import GetCreditGrade
from services.scoring.commands.lists.get_list_status import GetListStatus
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.rates.recommend_rate import RateAnswer, RateQuestion, RecommendRate
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import EnterpriseId, PersonId
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import POLICIES
from tests.fakes.scoring_store import FakeStore

DAY = date(2025, 3, 1)
NOW = Standpoint(as_of=DAY)


@pytest.fixture(scope="module")
def library() -> PolicyLibrary:
    """Give the project's policies."""
    return load_policies(POLICIES)


def liaocheng(store: FakeStore, library: PolicyLibrary, number: int) -> GradeAnswer:
    """Grade an enterprise by Liaocheng's scheme, wherever it is."""
    choice = PolicyChoice(policy_id="cn.shandong.liaocheng.grade", field=1)
    command = GetCreditGrade(store, library)
    return command(EnterpriseId(number), NOW, choice=choice, explained=True)


def test_liaocheng_grades_on_the_facts_of_last_year(
    store: FakeStore, library: PolicyLibrary
) -> None:
    """Level 1 starts at 90 points and A; a general accident takes two steps, two penalties one."""
    number = store.enterprise(division=110105)
    store.record(
        "honour",
        number,
        date(2023, 1, 1),
        standardisation_level=1,
        end_date=date(2026, 1, 1),
    )
    accident = store.record("accident", number, date(2024, 5, 1))
    penalties = [store.record("penalty", number, date(2024, day, 1)) for day in (6, 7)]

    answer = liaocheng(store, library, number)

    assert (answer.grade.grade, answer.grade.rank, str(answer.grade.score)) == ("B", 5, "90")
    steps = [line for line in answer.lines if line.total == "steps"]
    assert [(line.rule_id, line.amount, line.record_ids) for line in steps] == [
        ("G1-ONE-GENERAL", 2, (accident,)),
        ("G1-PENALTIES", 1, tuple(penalties)),
    ]
    # On 1 January 2026 another year is the last one, and the level ends.
    assert answer.grade.valid_until_date == date(2026, 1, 1)


def test_liaocheng_has_no_grade_without_a_standardisation_level(
    store: FakeStore, library: PolicyLibrary
) -> None:
    """Nothing is silently the best."""
    answer = liaocheng(store, library, store.enterprise())

    assert (answer.grade.status, answer.grade.grade) == (2, "")
    assert "standardisation_level" in answer.grade.missing


@pytest.mark.parametrize(
    ("fine", "standing"),
    [
        pytest.param({"final_date": date(2025, 2, 1)}, Standing.CANDIDATE, id="final"),
        pytest.param({"final_date": date(2025, 3, 2)}, Standing.NOT_LISTED, id="final-tomorrow"),
        pytest.param({}, Standing.NOT_LISTED, id="not-final"),
    ],
)
def test_a_major_accident_needs_a_final_penalty(
    store: FakeStore, library: PolicyLibrary, fine: dict[str, Any], standing: Standing
) -> None:
    """应急管理部令第11号 art. 3 and 6(1): no candidate before the penalty for it is final."""
    number = store.enterprise()
    accident = store.record("accident", number, date(2024, 8, 1), level=3)
    store.record("penalty", number, date(2025, 1, 1), accident_record_id=accident, **fine)

    (status,) = GetListStatus(store, library)(
        EnterpriseId(number), NOW, field=1, policy_id="cn.serious-dishonesty-list"
    )

    assert status.standing is standing
    expected = ["MEM11-6-1"] if standing is Standing.CANDIDATE else []
    assert [line.rule_id for line in status.reasons] == expected


@pytest.mark.parametrize(
    ("punished", "standing"),
    [
        pytest.param("major", Standing.CANDIDATE, id="for-it"),
        pytest.param("general", Standing.NOT_LISTED, id="for-another-accident"),
        pytest.param("", Standing.NOT_LISTED, id="for-training"),
    ],
)
def test_the_penalty_behind_a_major_accident_is_the_one_for_it(
    store: FakeStore, library: PolicyLibrary, punished: str, standing: Standing
) -> None:
    """Art. 3: listed is who was penalised for the accident, not who was penalised for something."""
    number = store.enterprise()
    accidents = {
        "general": store.record("accident", number, date(2024, 2, 1), level=1),
        "major": store.record("accident", number, date(2024, 8, 1), level=3),
    }
    link = {"accident_record_id": accidents[punished]} if punished else {"violation_code": 9}
    penalty: dict[str, Any] = {"final_date": date(2025, 2, 1), **link}
    store.record("penalty", number, date(2025, 1, 1), **penalty)

    (status,) = GetListStatus(store, library)(
        EnterpriseId(number), NOW, field=1, policy_id="cn.serious-dishonesty-list"
    )

    assert status.standing is standing


@pytest.mark.parametrize(
    ("punished", "rules"),
    [
        pytest.param("concealed", ["MEM11-6-4"], id="for-it"),
        pytest.param("reported", [], id="for-another-accident"),
        pytest.param("", [], id="nobody-knows-for-which"),
    ],
)
def test_the_penalty_behind_a_concealed_accident_is_the_one_for_it(
    store: FakeStore, library: PolicyLibrary, punished: str, rules: list[str]
) -> None:
    """Art. 3 and 6(4): a penalty counts for the accident that it is recorded to follow."""
    number = store.enterprise()
    accidents = {
        "concealed": store.record("accident", number, date(2024, 2, 1), level=1, reporting=5),
        "reported": store.record("accident", number, date(2024, 8, 1), level=1, reporting=1),
    }
    link: dict[str, Any] = {"accident_record_id": accidents[punished]} if punished else {}
    final = date(2025, 2, 1)
    store.record("penalty", number, date(2025, 1, 1), violation_code=22, final_date=final, **link)

    (status,) = GetListStatus(store, library)(
        EnterpriseId(number), NOW, field=1, policy_id="cn.serious-dishonesty-list"
    )

    assert status.standing is (
        Standing.CANDIDATE if punished == "concealed" else Standing.NOT_LISTED
    )
    assert [line.rule_id for line in status.reasons] == rules


def test_who_fled_after_an_accident_is_listed_and_the_enterprise_is_not(
    store: FakeStore, library: PolicyLibrary
) -> None:
    """Art. 6(5) names the principal alone; the same records of both."""
    unit, person = store.enterprise(), store.person()
    for number in (unit, person):
        accident = store.record("accident", number, date(2024, 8, 1), level=1, misconduct=1 << 3)
        final = date(2025, 2, 1)
        store.record(
            "penalty", number, date(2025, 1, 1), accident_record_id=accident, final_date=final
        )
    command = GetListStatus(store, library)

    (of_unit,) = command(EnterpriseId(unit), NOW, field=1, policy_id="cn.serious-dishonesty-list")
    (of_person,) = command(PersonId(person), NOW, field=1, policy_id="cn.serious-dishonesty-list")

    assert of_unit.standing is Standing.NOT_LISTED
    assert [line.rule_id for line in of_person.reasons] == ["MEM11-6-5"]


def fuyang(store: FakeStore, library: PolicyLibrary, number: int, **question: Any) -> RateAnswer:  # noqa: ANN401 -- parts of a question.
    """Rate an enterprise by Fuyang's plan."""
    command = RecommendRate(store, library)
    wanted = RateQuestion(policy_id="cn.anhui.fuyang.rate", **question)
    return command(EnterpriseId(number), NOW, question=wanted)


def test_fuyang_takes_award_and_clean_year_off_the_base(
    store: FakeStore, library: PolicyLibrary
) -> None:
    """C26, 50 people at 180 yuan: 9,000; a clean year and a provincial award leave 7,200."""
    number = store.enterprise(industry="C26", headcount=50)
    store.record("honour", number, date(2024, 7, 1), honour_kind=3, award_rank=3)

    rate = fuyang(store, library, number).rate

    assert (rate.base_premium_fen, str(rate.factor), rate.premium_fen) == (900_000, "0.8", 720_000)
    assert rate.rounding == "half_up to 0.01 CNY"
    # The version that follows has another least limit.
    assert rate.valid_until_date == date(2025, 3, 29)


def test_a_higher_limit_costs_in_proportion(store: FakeStore, library: PolicyLibrary) -> None:
    """600,000 yuan a person cost half as much again: 13,500, and 12,150 after a clean year."""
    number = store.enterprise(industry="C26", headcount=50)

    rate = fuyang(store, library, number, limit_per_person_fen=60_000_000).rate

    assert (rate.base_premium_fen, rate.premium_fen) == (1_350_000, 1_215_000)


@pytest.mark.parametrize(
    ("limit_fen", "refused"),
    [(29_999_999, True), (30_000_000, False), (100_000_000, False), (100_000_001, True)],
)
def test_a_limit_outside_the_plan_is_refused(
    store: FakeStore, library: PolicyLibrary, *, limit_fen: int, refused: bool
) -> None:
    """300,000, the floor before 2025-03-29, to 1,000,000 yuan a person, both included."""
    number = store.enterprise(industry="C26", headcount=50)

    if not refused:
        assert fuyang(store, library, number, limit_per_person_fen=limit_fen).rate.status == 1
        return
    with pytest.raises(InvalidInputError) as error:
        fuyang(store, library, number, limit_per_person_fen=limit_fen)
    assert [one.reason for one in error.value.violations] == ["LIMIT_PER_PERSON_REFUSED"]
