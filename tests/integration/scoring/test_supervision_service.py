"""SupervisionService over loopback, on both databases."""

from datetime import date
from pathlib import Path

import pytest
from google.type.date_pb2 import Date

from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import ALL, write_policies

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}
RESULT, NO_DATA, NOT_APPLICABLE = 1, 2, 3
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SUPERVISION = """
policy: cn.test.supervision
kind: supervision
title: {zh: 测试监管, en: Test supervision}
documentation: Twice a year after a penalty, else once; all are drawn after one, else half.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 测试办法, confidence: assumed}
    inputs:
      headcount: {from: subject, if_missing: no_data}
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    totals:
      inspections_per_year:
        unit: inspection
        places: 1
        start: 0
        combine: sum
        at_least: 0.5
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: S-PENALTY
        when: {penalties: {at_least: 1}}
        add: {to: inspections_per_year, amount: 2}
        wording: {zh: 受处罚每年检查2次, en: two inspections a year after a penalty}
        source: {article: 第三条, confidence: assumed}
      - id: S-LARGE
        when: {headcount: {at_least: 300}}
        add: {to: inspections_per_year, amount: 1}
        wording: {zh: 大型单位每年检查1次, en: one inspection a year of a large unit}
        source: {article: 第四条, confidence: assumed}
    outputs:
      inspections_per_year: {is: inspections_per_year, unit: inspection, places: 1}
      share_percent:
        is: {if: {penalties: {at_least: 1}}, then: 100, else: 50}
        unit: percent
"""

RISK = """
policy: cn.test.risk
kind: risk
title: {zh: 测试四色, en: Test colours}
documentation: Red after an accident, else blue; individual traders have none.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 测试办法, confidence: assumed}
    applies: {kind: production_unit}
    inputs:
      kind: {from: subject, if_missing: unknown}
      headcount: {from: subject, if_missing: no_data}
    indicators:
      accidents:
        records: accident
        window: {last: {months: 12}}
        measure: count
        unit: accident
        source: {article: 第一条, confidence: assumed}
    values:
      people:
        is: headcount
        unit: person
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: C-ACCIDENT
        when: {accidents: {at_least: 1}}
        set: {grade: red}
        wording: {zh: 发生事故为红色, en: red after an accident}
        source: {article: 第二条, confidence: assumed}
    grade:
      ladder: [blue, yellow, orange, red]
      start:
        - {grade: blue, when: {people: {at_least: 0}}}
        - {grade: yellow, when: true}
      source: {article: 第三条, confidence: assumed}
"""


@pytest.fixture(scope="session")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of these tests."""
    files = {**ALL, "cn/supervision.yaml": SUPERVISION, "cn/risk.yaml": RISK}
    return write_policies(tmp_path_factory.mktemp("supervision"), files)


async def test_a_penalty_makes_two_inspections_a_year(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The frequency and the share come with the line that made them, and the day they end."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    penalty = facts.record("penalty", number, date(2025, 3, 1))

    answer = await client.call("GetSupervision", subject=SUBJECT)

    assert answer.result.status == RESULT
    assert {one.name: one.value.value for one in answer.result.outputs} == {
        "inspections_per_year": "2",
        "share_percent": "100",
    }
    line = next(one for one in answer.lines if one.rule_id == "S-PENALTY")
    assert (line.amount.value, list(line.record_ids)) == ("2", [f"r-{penalty}"])
    assert answer.result.valid_until_date == Date(year=2026, month=3, day=1)
    assert answer.basis.policy.policy_id == "cn.test.supervision"


async def test_without_data_nothing_is_said(client: ScoringClient, facts: FactWriter) -> None:
    """An unknown number of employees is no reason to inspect less: the answer is that."""
    facts.enterprise(credit_code=CODE, headcount=None)

    answer = await client.call("GetSupervision", subject=SUBJECT)

    assert answer.result.status == NO_DATA
    assert list(answer.result.missing_inputs) == ["headcount"]


async def test_an_accident_makes_red(client: ScoringClient, facts: FactWriter) -> None:
    """A veto leads straight to the worst colour, with its record."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    facts.record("accident", number, date(2025, 3, 1))

    answer = await client.call("GetRiskColour", subject=SUBJECT)

    assert (answer.result.grade, answer.result.grade_rank) == ("red", 4)
    assert "C-ACCIDENT" in [one.rule_id for one in answer.lines]


async def test_distribution_counts_every_enterprise_of_every_division_once(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Chaoyang has one red and one blue, Xicheng one without data; Chongchuan is not asked for."""
    red = facts.enterprise(division=110105, headcount=50)
    facts.enterprise(division=110105, headcount=50)
    facts.enterprise(division=110105, headcount=50, kind=2)
    facts.enterprise(division=110102, headcount=None)
    facts.enterprise(division=320613, headcount=50)
    facts.record("accident", red, date(2025, 3, 1))

    answer = await client.call("GetRiskDistribution", division="110000")

    found = {
        one.division: (
            {count.colour: count.count for count in one.colours if count.count},
            one.no_data_count,
            one.not_applicable_count,
        )
        for one in answer.divisions
    }
    assert found == {"110102": ({}, 1, 0), "110105": ({"red": 1, "blue": 1}, 0, 1)}


async def test_a_draw_takes_its_share_of_every_class_and_is_repeatable(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Of the penalised all are drawn, of three others half, rounded up, for ever the same."""
    penalised = facts.enterprise(headcount=50)
    facts.record("penalty", penalised, date(2025, 3, 1))
    others = {f"e-{facts.enterprise(headcount=50)}" for _ in range(3)}
    unknown = facts.enterprise(headcount=None)

    answer = await client.call("DrawInspections", division="110000", seed="lottery 0417")
    facts.enterprise(headcount=50)
    again = await client.call(
        "DrawInspections",
        division="110000",
        seed="lottery 0417",
        as_of=answer.basis.as_of,
        known_at=answer.basis.point.known_at,
    )

    drawn = {one.enterprise_id for one in answer.drawn}
    classes = [
        (one.share_percent.value, one.enterprise_count, one.drawn_count) for one in answer.classes
    ]
    assert classes == [("50", 3, 2), ("100", 1, 1)]
    assert f"e-{penalised}" in drawn
    assert len(drawn & others) == 2
    assert (answer.undecided_count, f"e-{unknown}" in drawn) == (1, False)
    assert again == answer


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "fields", "refusal"),
    [
        pytest.param("GetSupervision", {"subject": SUBJECT}, "SUBJECT_UNKNOWN", id="nobody"),
        pytest.param(
            "GetRiskColour",
            {"subject": {"person_id": "p-1"}},
            "subject.person_id NOT_AN_ENTERPRISE",
            id="a-person",
        ),
        pytest.param(
            "GetRiskDistribution", {}, "division REQUIRED", id="no-division",
        ),
        pytest.param(
            "GetRiskDistribution",
            {"division": "110000", "policy_id": "cn.test.supervision"},
            "POLICY_UNKNOWN",
            id="a-policy-of-another-kind",
        ),
        pytest.param("DrawInspections", {"division": "110000"}, "seed REQUIRED", id="no-seed"),
        pytest.param(
            "DrawInspections",
            {"division": "110000", "seed": "x" * 101},
            "seed TEXT_TOO_LONG",
            id="a-long-seed",
        ),
        pytest.param(
            "DrawInspections",
            {"division": "110000", "seed": "x", "as_of": Date(year=2010, month=1, day=1)},
            "POLICY_NOT_IN_FORCE",
            id="before-every-policy",
        ),
    ],
)  # fmt: skip
async def test_refusals(
    client: ScoringClient, facts: FactWriter, method: str, fields: dict[str, object], refusal: str
) -> None:
    """What cannot be answered is refused by name."""
    facts.enterprise()

    with pytest.raises(RefusedError) as error:
        await client.call(method, **fields)

    found = {error.value.reason} | {f"{k} {v}" for k, v in error.value.violations.items()}
    assert refusal in found
