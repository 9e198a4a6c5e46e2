"""Versions, differences and reasons over loopback; one database will do."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.policy_desk import FIRST, PROPOSER, SECOND, PolicyDesk, grade_cases, grade_file
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Use one database."""
    return sqlite_url


async def test_versions_say_where_they_come_from(desk: PolicyDesk, facts: FactWriter) -> None:
    """Those of the folder have no steps; a published one has who proposed, approved, published."""
    facts.enterprise()
    then = (await desk.call("ListPolicyVersions", roles="public")).point.known_at
    await desk.issue(grade_file(), grade_cases())

    answer = await desk.call("ListPolicyVersions", roles="public", policy_id="cn.test.grade")
    before = await desk.call("ListPolicyVersions", policy_id="cn.test.grade", known_at=then)
    page = await desk.call("ListPolicyVersions", page_size=2)
    second = await desk.call("ListPolicyVersions", page_size=2, page_token=page.next_page_token)

    assert [(one.ref.version, one.origin) for one in answer.versions] == [
        ("one", 1),
        ("two", 1),
        ("three", 2),
    ]
    published = answer.versions[2]
    assert [(step.kind, step.caller) for step in published.steps] == [
        (1, PROPOSER),
        (2, FIRST),
        (2, SECOND),
        (3, FIRST),
    ]
    # The version before has no end of its own; it ends where the published one begins.
    assert answer.versions[1].end_date == Date(year=2025, month=8, day=1)
    assert [one.ref.version for one in before.versions] == ["one", "two"]
    assert not before.versions[1].HasField("end_date")
    assert [one.ref.version for one in (*page.versions, *second.versions)] == [
        "one",
        "two",
        "three",
        "one",
    ]


async def test_differences_name_the_part_its_values_and_its_clause(desk: PolicyDesk) -> None:
    """A changed amount and a changed condition are found, in both languages."""
    answer = await desk.call(
        "DiffPolicyVersions",
        roles="public",
        from_version={"policy_id": "cn.test.grade", "version": "two"},
        content=grade_file(deaths="2"),
    )

    found = {one.path: one for one in answer.differences}
    assert set(found) == {"start_date", "rules.T-PENALTIES.amount", "rules.T-DEATHS.when"}
    amount = found["rules.T-PENALTIES.amount"]
    assert (amount.old_value, amount.new_value) == ("penalties × -10.5", "penalties × -50")
    assert amount.new_source.article == "第五条"
    assert amount.sentence.zh == (
        "规则T-PENALTIES（每次处罚扣10.5分）的分值由“penalties × -10.5”改为“penalties × -50”"
    )
    assert found["rules.T-DEATHS.when"].new_value == "deaths ≥ 2"
    assert (answer.from_version.version, answer.to_version.version) == ("two", "three")


async def test_chinese_of_a_difference_has_the_titles_of_the_vocabulary(desk: PolicyDesk) -> None:
    """A clerk reads what attributes and codes are called; the English keeps the file's words."""
    content = grade_file().decode().replace("severity: serious", "severity: minor")

    answer = await desk.call(
        "DiffPolicyVersions",
        from_version={"policy_id": "cn.test.grade", "version": "two"},
        content=content.encode(),
    )

    (changed,) = (one for one in answer.differences if one.path.endswith(".where"))
    assert (
        "由“情节 = 严重 ∧ ((整改合格日期 = 未知) ∨ (整改合格日期 > 查询日))”" in changed.sentence.zh
    )
    assert "from “severity = serious ∧ ((closed_date: known false)" in changed.sentence.en


async def test_equal_versions_do_not_differ(desk: PolicyDesk) -> None:
    """Two versions of one text differ in their days alone."""
    names = [{"policy_id": "cn.test.grade", "version": name} for name in ("one", "two")]

    answer = await desk.call("DiffPolicyVersions", from_version=names[0], to_version=names[1])

    assert [one.path for one in answer.differences] == ["start_date", "end_date"]


async def test_reasons_are_ordered_by_weight(desk: PolicyDesk) -> None:
    """What suspends the grade comes before what takes points, and 30 points before less."""
    answer = await desk.call("ListReasonCodes", roles="public", policy_id="cn.test.grade")

    found = [(one.rule_id, one.effect, one.size.value) for one in answer.reasons]
    # However many the penalties, the score falls from 100 to 0 at most.
    assert found == [
        ("T-DEATHS", 1, ""),
        ("T-PENALTIES", 5, "100"),
        ("T-OPEN", 5, "30"),
        ("grade.start", 6, ""),
        ("score.start", 6, ""),
        ("score.bound", 7, ""),
    ]
    assert not answer.reasons[1].unbounded
    assert answer.reasons[2].wording.zh == "严重违法未整改扣30分"
    assert answer.reasons[2].source.article == "第六条"
    assert answer.as_of == Date(year=2025, month=6, day=1)


async def test_reasons_page_and_narrow(desk: PolicyDesk) -> None:
    """Pages follow each other; kind and place leave policies out."""
    everything = await desk.call("ListReasonCodes", page_size=1000)
    pages: list[Any] = []
    token = ""
    while True:
        page = await desk.call("ListReasonCodes", page_size=7, page_token=token)
        pages.extend(page.reasons)
        token = page.next_page_token
        if not token:
            break
    lists = await desk.call("ListReasonCodes", kind=2)

    assert pages == list(everything.reasons)
    assert {one.policy.policy_id for one in lists.reasons} == {"cn.test.list"}


async def test_every_line_of_an_answer_has_its_reason(desk: PolicyDesk, facts: FactWriter) -> None:
    """The lines of a grade, a list and a rate are all in the registry."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, date(2025, 3, 1), major=True)
    subject = SubjectRef(enterprise_id=f"e-{enterprise}")
    registry = {
        (one.policy.policy_id, one.rule_id)
        for one in (await desk.call("ListReasonCodes", page_size=1000)).reasons
    }

    grade = await desk.call(
        "GetCreditGrade",
        roles="regulator",
        subject=subject,
        policy_id="cn.test.grade",
        explain=True,
    )
    status = await desk.call("GetListStatus", roles="regulator", subject=subject)

    rate = await desk.call(
        "RecommendRate", roles="insurer", subject=subject, policy_id="cn.test.rate"
    )

    lines = {("cn.test.grade", line.rule_id) for line in grade.lines}
    lines |= {("cn.test.rate", line.rule_id) for line in rate.worksheet}
    lines |= {("cn.test.list", line.rule_id) for line in status.statuses[0].reasons}
    assert len(lines) >= 6
    assert lines <= registry


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "DiffPolicyVersions",
        {
            "from_version": {"policy_id": "cn.test.grade", "version": "nine"},
            "content": grade_file(),
        },
        "POLICY_UNKNOWN",
        "no-version",
    ),
    (
        "DiffPolicyVersions",
        {"from_version": {"policy_id": "cn.test.grade", "version": "one"}},
        "INVALID_INPUT",
        "nothing-to-compare-with",
    ),
    ("ListPolicyVersions", {"policy_id": "cn.nobody"}, "POLICY_UNKNOWN", "no-policy"),
    ("ListReasonCodes", {"policy_id": "cn.nobody"}, "POLICY_UNKNOWN", "no-reasons"),
    ("ListReasonCodes", {"page_token": "x"}, "PAGE_TOKEN_MALFORMED", "page-token"),
]


async def test_every_refusal_has_its_reason(desk: PolicyDesk) -> None:
    """What is not there or wrong is refused with its own reason."""
    for method, fields, reason, name in REFUSED:
        with pytest.raises(RefusedError) as error:
            await desk.call(method, **fields)

        assert error.value.reason == reason, name
