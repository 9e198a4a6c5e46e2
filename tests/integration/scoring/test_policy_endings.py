"""Versions ended before their own end, and repealed, over loopback."""

from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.policy_desk import FIRST, PROPOSER, SECOND, PolicyDesk, grade_cases, grade_file
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.policy_fixtures import AUTUMN, MARCH, SUMMER
from tests.stores.fixtures import ON_SQLITE

APPLIES = "    applies:"
REPLACES = 'replaces: {version: "one", source: {article: 第二十条, confidence: assumed}}'
REPEALS = 'repeals: {version: "two", source: {article: 第一条, confidence: assumed}}'
SPRING = Date(year=2025, month=5, day=2)
APRIL = Date(year=2025, month=4, day=1)


def replacing(start: str = "2025-05-01") -> bytes:
    """Write a version that takes the place of version one, whose own end is 2025-07-01."""
    text = grade_file(start=start, end="2025-07-01").decode()
    return text.replace(APPLIES, f"    {REPLACES}\n{APPLIES}", 1).encode()


def repealing(start: str = "2025-08-01") -> bytes:
    """Write a version that only repeals version two, which has no end."""
    text = grade_file(start=start).decode()
    return f"{text[: text.index(APPLIES)]}    {REPEALS}\n".encode()


@pytest.mark.parametrize("policy_version", ["", "one"])
async def test_an_answer_is_reproduced_by_its_basis(
    desk: PolicyDesk, facts: FactWriter, policy_version: str
) -> None:
    """With its version named or not: the grade by version one holds until that one ends."""
    enterprise = facts.enterprise()

    answer = await grade_of(desk, enterprise, as_of=APRIL, policy_version=policy_version)

    assert answer.basis.policy.version == "one"
    assert answer.grade.valid_until_date == Date(year=2025, month=7, day=1)


async def grade_of(desk: PolicyDesk, number: int, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
    """Ask for the explained grade of an enterprise."""
    return await desk.call(
        "GetCreditGrade",
        roles="regulator",
        subject=SubjectRef(enterprise_id=f"e-{number}"),
        policy_id="cn.test.grade",
        explain=True,
        **fields,
    )


async def test_a_version_with_an_end_is_replaced_before_it(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """From 2025-05-01 on the new one answers; what was known before is reproduced to the byte."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    before = await grade_of(desk, enterprise, as_of=SPRING)

    published = await desk.issue(replacing(), grade_cases(day="2025-05-02", event="2025-04-15"))

    after = await grade_of(desk, enterprise, as_of=SPRING)
    april = await grade_of(desk, enterprise, as_of=APRIL)
    again = await grade_of(desk, enterprise, as_of=SPRING, known_at=before.basis.point.known_at)
    listed = await desk.call("ListPolicyVersions", policy_id="cn.test.grade")
    ends = {one.ref.version: one for one in listed.versions}
    assert [one.caller for one in published.proposal.steps] == [PROPOSER, FIRST, SECOND, FIRST]
    assert [one.basis.policy.version for one in (before, after, april)] == ["one", "three", "one"]
    assert april.grade.valid_until_date == Date(year=2025, month=5, day=1)
    assert again.SerializeToString() == before.SerializeToString()
    assert ends["one"].end_date == Date(year=2025, month=5, day=1)
    assert (ends["three"].ends.version, ends["three"].ends.repeal) == ("one", False)
    assert ends["three"].ends.source.article == "第二十条"


async def test_a_repeal_leaves_nothing_in_force(desk: PolicyDesk, facts: FactWriter) -> None:
    """From 2025-08-01 on nobody has a grade; whoever takes it in does without, and says so."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    before = await grade_of(desk, enterprise, as_of=AUTUMN)

    await desk.issue(repealing(), b"")

    summer = await grade_of(desk, enterprise, as_of=SUMMER)
    again = await grade_of(desk, enterprise, as_of=AUTUMN, known_at=before.basis.point.known_at)
    with pytest.raises(RefusedError) as refused:
        await grade_of(desk, enterprise, as_of=AUTUMN)
    with pytest.raises(RefusedError) as named:
        await grade_of(desk, enterprise, as_of=AUTUMN, policy_version="three")
    status = await desk.call(
        "GetListStatus",
        roles="regulator",
        subject=SubjectRef(enterprise_id=f"e-{enterprise}"),
        policy_id="cn.test.list",
        as_of=AUTUMN,
    )
    assert summer.grade.valid_until_date == Date(year=2025, month=8, day=1)
    assert (refused.value.reason, named.value.reason) == ("POLICY_NOT_IN_FORCE", "POLICY_UNKNOWN")
    assert again.SerializeToString() == before.SerializeToString()
    assert [one.value for one in status.statuses[0].basis.results] == [""]


@ON_SQLITE
async def test_a_repeal_has_nothing_to_simulate(desk: PolicyDesk) -> None:
    """Nothing takes the place of what is repealed, so there is nothing to compare it with."""
    with pytest.raises(RefusedError) as refused:
        await desk.call("StartSimulation", content=repealing())

    assert refused.value.reason == "POLICY_ADDS_NOTHING"


@ON_SQLITE
async def test_what_a_repeal_ends_can_be_read_before_it_is_approved(desk: PolicyDesk) -> None:
    """Beside what it ends every rule is gone, and the repeal is there with its clause."""
    answer: Any = await desk.call(
        "DiffPolicyVersions",
        from_version={"policy_id": "cn.test.grade", "version": "two"},
        content=repealing(),
    )

    changes = {one.path: one for one in answer.differences}
    gone = {
        path for path, one in changes.items() if path.startswith("rules.") and not one.new_value
    }
    assert gone
    assert "ends" in changes


@ON_SQLITE
async def test_an_end_written_over_is_refused_with_what_to_do(desk: PolicyDesk) -> None:
    """Nothing published is edited: a version that ends otherwise is another, and says so itself."""
    changed = grade_file(version="one", start="2015-01-01", end="2025-05-01", penalty="-10.5")

    with pytest.raises(RefusedError) as refused:
        await desk.propose(changed, grade_cases())

    assert refused.value.reason == "POLICY_VERSION_EXISTS"
    assert "replaces: {version: 'one', source: …}" in refused.value.message
