"""An outlook keeps to the law: when penalties may be repaired, and until when a policy applies."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import write_policies
from tests.integration.scoring import policy_fixtures
from tests.integration.scoring.test_related_facts import PRINCIPAL, role

REPAIR_LAW = """
policy: cn.credit-repair
kind: repair
title: {zh: 测试修复, en: Test repair}
documentation: Six months for a person, a year for a unit.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
    source: {instrument: 修复测试办法, checked_date: 2025-01-01, confidence: assumed}
    inputs:
      person: {from: request, unit: person, if_missing: 0}
    values:
      minimum_months:
        is: {if: {person: 1}, then: 6, else: 12}
        unit: month
        source: {article: 第二条, confidence: assumed}
    outputs:
      minimum_months: {is: minimum_months, unit: month}
"""
PERSONS_GRADE = """
policy: cn.test.persons.grade
kind: grade
title: {zh: 人员测试等级, en: Test grades with persons}
documentation: B while a penalty of the unit or of its persons is not repaired.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: END
    source: {instrument: 等级测试办法, checked_date: 2025-01-01, confidence: assumed}
    indicators:
      own:
        records: penalty
        where: &unrepaired {not: {repaired_date: {on_or_before: as_of}}}
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
      of_persons:
        records: penalty
        of: persons
        where: *unrepaired
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: P-OWN
        when: {own: {at_least: 1}}
        set: {grade: B}
        wording: {zh: 单位处罚, en: a penalty}
        source: {article: 第二条, confidence: assumed}
      - id: P-PERSONS
        when: {of_persons: {at_least: 1}}
        set: {grade: B}
        wording: {zh: 人员处罚, en: a person's penalty}
        source: {article: 第三条, confidence: assumed}
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      beyond: clamp
      source: {article: 第四条, confidence: assumed}
"""
REPAIR = 3
AUGUST, JANUARY = Date(year=2025, month=8, day=10), Date(year=2026, month=1, day=10)


@pytest.fixture
async def desk(
    database_url: str, clock: FixedClock, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[PolicyDesk]:
    """Serve the policies; the test says when the one of the grades ends.

    A law of repair that the credit service does not apply is none: it would wait for two years.
    """
    other = REPAIR_LAW.replace("cn.credit-repair", "cn.test.repair").replace("else: 12", "else: 24")
    files = {
        "test/repair.yaml": REPAIR_LAW,
        "test/other.yaml": other,
        "test/grade.yaml": PERSONS_GRADE.replace("END", request.param),
    }
    server = policy_fixtures.build(database_url, write_policies(tmp_path, files), clock)
    async with policy_fixtures.serving(server) as opened:
        yield opened
    server.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("desk", "days"),
    [
        pytest.param("null", [JANUARY], id="in-force-for-ever"),
        pytest.param("2026-01-11", [JANUARY], id="in-force-on-the-day"),
        pytest.param("2026-01-10", [], id="ended-on-the-day"),
    ],
    indirect=["desk"],
)
async def test_units_and_persons_penalties_are_repaired_on_days_of_their_own(
    desk: PolicyDesk, facts: FactWriter, days: list[Date]
) -> None:
    """The unit's may be repaired in January, its principal's in August: both make an A in January.

    Where no policy is in force then, nothing is promised.
    """
    enterprise, principal = facts.enterprise(), facts.person()
    role(facts, principal, enterprise, PRINCIPAL, date(2020, 1, 1))
    own = facts.record("penalty", enterprise, date(2025, 1, 10))
    persons = facts.record("penalty", principal, date(2025, 2, 10), person=True)

    answer: Any = await desk.call(
        "GetGradeOutlook",
        roles="auditor",
        subject=SubjectRef(enterprise_id=f"e-{enterprise}"),
        policy_id="cn.test.persons.grade",
    )

    together = [lift for lift in answer.lifts if [one.act for one in lift.items] == [REPAIR] * 2]
    assert answer.grade.grade == "B"
    assert [(lift.grade, lift.earliest_date) for lift in together] == [("A", day) for day in days]
    items = [(one.record_id, one.earliest_date) for lift in together for one in lift.items]
    assert items == [(f"r-{persons}", AUGUST), (f"r-{own}", JANUARY)] * len(days)
    assert bool(answer.lifts) == bool(days)
