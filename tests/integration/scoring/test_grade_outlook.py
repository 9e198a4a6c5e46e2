"""GetGradeOutlook over loopback: acts, days and clauses, by the policies of each day."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.policy_desk import PolicyDesk, grade_cases, grade_file
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WAIT, RECTIFY, REPAIR, GAIN, REVOKE = range(1, 6)


async def outlook(desk: PolicyDesk, number: int, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
    """Ask what would lift the test grade of an enterprise."""
    fields = {"policy_id": "cn.test.grade", **fields}
    return await desk.call(
        "GetGradeOutlook",
        roles="auditor",
        subject=SubjectRef(enterprise_id=f"e-{number}"),
        **fields,
    )


def short(answer: Any) -> list[tuple[list[int], Date, str, str]]:  # noqa: ANN401 -- the answer.
    """Give the lifts in short."""
    return [
        ([item.act for item in one.items], one.earliest_date, one.grade, one.score.value)
        for one in answer.lifts
    ]


async def test_every_open_item_has_its_act_its_day_and_its_clause(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """A penalty (10.5) and an open violation (30) make 59.5, a C; either gone makes a B.

    The penalty leaves on 1 March: what was rectified before then makes an A from that day on.
    """
    enterprise = facts.enterprise()
    penalty = facts.record("penalty", enterprise, date(2025, 3, 1))
    violation = facts.record("violation", enterprise, date(2025, 2, 1), severity=3)
    today = Date(year=2025, month=6, day=1)

    answer = await outlook(desk, enterprise)

    assert (answer.grade.grade, answer.grade.score.value) == ("C", "59.5")
    march = Date(year=2026, month=3, day=1)
    assert short(answer) == [
        ([RECTIFY], march, "A", "100"),
        ([RECTIFY], today, "B", "89.5"),
        ([REVOKE], today, "B", "70"),
        ([REVOKE], today, "B", "89.5"),
        ([WAIT], march, "B", "70"),
    ]
    assert [one.items[0].earliest_date for one in answer.lifts] == [*[today] * 4, march]
    rectify = answer.lifts[1].items[0]
    assert (rectify.record_id, rectify.record_kind) == (f"r-{violation}", "violation")
    assert list(rectify.rule_ids) == ["T-OPEN"]
    assert rectify.sources[0].article == "第六条"
    assert rectify.wording.zh == f"整改违法行为r-{violation}并经复查合格"
    assert rectify.wording.en == f"rectify violation r-{violation}, and have that accepted"
    assert answer.lifts[2].items[0].record_id == f"r-{penalty}"
    versions = [one.policy.version for one in answer.lifts]
    assert versions == ["two", "one", "one", "one", "two"]


@ONE_DATABASE
async def test_a_version_to_come_is_taken_into_account(desk: PolicyDesk, facts: FactWriter) -> None:
    """By a milder version that is published the grade rises on its first day, by waiting."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, date(2025, 3, 1))
    await desk.issue(grade_file(penalty="-5"), grade_cases(score="95", grade="A"))

    answer = await outlook(desk, enterprise)

    waits = [one for one in answer.lifts if one.items[0].act == WAIT]
    assert [(one.earliest_date, one.grade, one.policy.version) for one in waits] == [
        (Date(year=2025, month=8, day=1), "A", "three")
    ]


@ONE_DATABASE
async def test_four_open_violations_have_one_answer_together(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """Open violations cost 30 points once, however many: all four rectified today make an A."""
    enterprise = facts.enterprise()
    open_ones = [
        facts.record("violation", enterprise, date(2025, 2, day), severity=3) for day in range(1, 5)
    ]

    answer = await outlook(desk, enterprise)

    assert short(answer) == [([RECTIFY] * 4, Date(year=2025, month=6, day=1), "A", "100")]
    (lift,) = answer.lifts
    assert [item.record_id for item in lift.items] == [f"r-{number}" for number in open_ones]
    assert [list(item.rule_ids) for item in lift.items] == [["T-OPEN"]] * 4


@ONE_DATABASE
async def test_the_horizon_ends_what_is_followed(desk: PolicyDesk, facts: FactWriter) -> None:
    """The penalty leaves on 1 March: a horizon of that day sees it, one of the day before not."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, date(2025, 3, 1))

    within = await outlook(desk, enterprise, horizon_date=Date(year=2026, month=3, day=1))
    before = await outlook(desk, enterprise, horizon_date=Date(year=2026, month=2, day=28))

    assert [acts for acts, *_ in short(within)] == [[REVOKE], [WAIT]]
    assert [acts for acts, *_ in short(before)] == [[REVOKE]]


@ONE_DATABASE
async def test_a_horizon_out_of_reach_is_refused(desk: PolicyDesk, facts: FactWriter) -> None:
    """It lies on the day asked for or later, within ten years."""
    enterprise = facts.enterprise()
    past, far = Date(year=2025, month=5, day=31), Date(year=2035, month=6, day=12)

    for day, reason in ((past, "HORIZON_BEFORE_DAY"), (far, "HORIZON_TOO_FAR")):
        with pytest.raises(RefusedError) as error:
            await outlook(desk, enterprise, horizon_date=day)

        assert error.value.violations == {"horizon_date": reason}


@ONE_DATABASE
async def test_an_unknown_enterprise_is_not_found(desk: PolicyDesk) -> None:
    """Nobody's grade is lifted."""
    with pytest.raises(RefusedError) as error:
        await outlook(desk, 7)

    assert (error.value.code, error.value.reason) == ("NOT_FOUND", "SUBJECT_UNKNOWN")
