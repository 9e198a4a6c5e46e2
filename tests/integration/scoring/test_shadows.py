"""Shadow runs over loopback: compared in the background, and no answer ever different."""

from datetime import date, timedelta
from typing import Any

import pytest

from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk, grade_cases, grade_file
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import LIST

MARCH = date(2025, 3, 1)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def compare(replica: ScoringServer) -> None:
    """Do the background work here and now."""
    replica.trials[1].once()


async def report(desk: PolicyDesk, proposal: Any, **fields: Any) -> Any:  # noqa: ANN401 -- the report.
    """Read what a shadow run showed."""
    answer = await desk.call("GetShadowReport", proposal_id=proposal.proposal_id, **fields)
    return answer.report


def cells(found: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401 -- the report.
    """Give a matrix in short."""
    return [(one.live.label, one.candidate.label, one.subjects) for one in found.matrix]


async def test_a_shadow_follows_what_is_written(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter, clock: FixedClock
) -> None:
    """First everybody is compared, then only those written about, or due as days pass."""
    clean, one = facts.enterprise(), facts.enterprise()
    facts.record("penalty", one, MARCH)
    proposal = await desk.propose(grade_file(), grade_cases())
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    empty = await report(desk, proposal)
    compare(replica)
    first = await report(desk, proposal)
    facts.record("penalty", clean, MARCH)
    compare(replica)
    second = await report(desk, proposal)
    # Twelve months after the penalties nobody has any.
    clock.advance(timedelta(days=280))
    compare(replica)
    third = await report(desk, proposal)

    assert (empty.running, empty.subjects, empty.comparisons) == (True, 0, 0)
    assert cells(first) == [("A", "A", 1), ("B", "C", 1)]
    assert (first.subjects, first.agreeing, first.differing) == (2, 1, 1)
    assert [(each.subject_id, each.movement) for each in first.examples] == [(f"e-{one}", 4)]
    lines = {line.rule_id: line for line in first.examples[0].lines}
    assert lines["T-PENALTIES"].candidate_amount.value == "-50"
    assert cells(second) == [("B", "C", 2)]
    assert (second.comparisons, second.revision) == (3, facts.point().revision)
    assert (third.live.version, third.candidate.version) == ("two", "three")
    assert cells(third) == [("A", "A", 2)]


@ONE_DATABASE
async def test_a_shadow_never_changes_an_answer(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Every answer is, to the byte, what it would be without the shadow at the same point."""
    enterprise = facts.enterprise(headcount=100)
    facts.record("penalty", enterprise, MARCH)
    proposal = await desk.propose(grade_file(), grade_cases())
    subject = SubjectRef(enterprise_id=f"e-{enterprise}")
    started = await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    questions = (
        ("GetCreditGrade", {"subject": subject, "policy_id": "cn.test.grade", "explain": True}),
        ("ListCreditGrades", {"policy_id": "cn.test.grade"}),
        ("GetListStatus", {"subject": subject, "policy_id": "cn.test.list"}),
    )
    point = {"token": started.point.token}
    before = [
        await desk.call(name, roles="regulator", **fields, **point) for name, fields in questions
    ]

    compare(replica)

    after = [
        await desk.call(name, roles="regulator", **fields, **point) for name, fields in questions
    ]
    found = await report(desk, proposal)
    assert found.differing == 1
    assert [one.SerializeToString() for one in after] == [one.SerializeToString() for one in before]


@ONE_DATABASE
async def test_a_stopped_shadow_keeps_its_report(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """What was compared stays; a new start begins anew."""
    facts.record("penalty", facts.enterprise(), MARCH)
    proposal = await desk.propose(grade_file(), grade_cases())
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    compare(replica)
    stopped = await desk.call("StopShadow", proposal_id=proposal.proposal_id)
    facts.record("penalty", facts.enterprise(), MARCH)
    compare(replica)
    kept = await report(desk, proposal, examples_max=1)
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    anew = await report(desk, proposal)
    compare(replica)
    compared = await report(desk, proposal)

    assert not stopped.proposal.shadowed
    assert (kept.running, kept.HasField("stop_time"), kept.subjects) == (False, True, 1)
    assert (anew.running, anew.subjects) == (True, 0)
    assert (compared.subjects, compared.comparisons) == (2, 2)


@ONE_DATABASE
async def test_a_shadow_runs_once_at_a_time(desk: PolicyDesk) -> None:
    """Starting twice, stopping twice, and reading what never ran are refused."""
    proposal = await desk.propose(grade_file(), grade_cases())
    number = proposal.proposal_id
    reasons = []
    for method in ("GetShadowReport", "StopShadow"):
        with pytest.raises(RefusedError) as error:
            await desk.call(method, proposal_id=number)
        reasons.append(error.value.reason)
    await desk.call("StartShadow", proposal_id=number)

    with pytest.raises(RefusedError) as twice:
        await desk.call("StartShadow", proposal_id=number)

    assert reasons == ["SHADOW_NOT_STARTED", "SHADOW_NOT_RUNNING"]
    assert twice.value.reason == "SHADOW_RUNNING"


def of_chaoyang(content: bytes) -> bytes:
    """Make grades of Chaoyang of the country's."""
    named = content.replace(b"cn.test.grade", b"cn.test.chaoyang.grade")
    return named.replace(b'division: "000000"', b'division: "110105"')


@ONE_DATABASE
async def test_a_shadow_leaves_out_whom_a_more_local_policy_grades(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Chaoyang issues grades of its own meanwhile: its two are counted apart from then on."""
    numbers = [facts.enterprise(), facts.enterprise(), facts.enterprise(division=110102)]
    for number in numbers:
        facts.record("penalty", number, MARCH)
    proposal = await desk.propose(grade_file(), grade_cases())
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    compare(replica)
    before = await report(desk, proposal)
    local = of_chaoyang(grade_file(version="one", start="2025-01-01"))
    await desk.issue(local, of_chaoyang(grade_cases()))
    compare(replica)
    after = await report(desk, proposal)

    assert (cells(before), len(before.answered_elsewhere)) == ([("B", "C", 3)], 0)
    assert cells(after) == [("B", "C", 1)]
    assert [each.subject_id for each in after.examples] == [f"e-{numbers[2]}"]
    (elsewhere,) = after.answered_elsewhere
    assert (elsewhere.policy_id, elsewhere.subjects) == ("cn.test.chaoyang.grade", 2)


@ONE_DATABASE
async def test_a_shadow_of_a_list_says_that_it_leaves_persons_out(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Shadow runs compare enterprises; the list is about the person too."""
    facts.enterprise()
    facts.person()
    text = LIST.lstrip().replace('"one"', '"two"').replace("2020-01-01", "2025-08-01", 1)
    cases = (
        "policy: cn.test.list\ncases:\n  - name: nothing\n    as_of: 2025-09-01\n"
        "    expect: {rules: []}\n"
    )
    proposal = await desk.propose(text.encode(), cases.encode())
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    compare(replica)

    found = await report(desk, proposal)

    assert (found.subjects, found.persons_left_out) == (1, 1)


@ONE_DATABASE
async def test_a_shadow_looks_at_the_place_of_its_policy(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """A policy of Chaoyang says nothing of others; who moves away is compared no more."""
    staying, moving = facts.enterprise(), facts.enterprise()
    facts.enterprise(division=320613)
    content = of_chaoyang(grade_file(version="one"))
    proposal = await desk.propose(content, of_chaoyang(grade_cases()))
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    compare(replica)
    before = await report(desk, proposal)
    facts.change(moving, date(2025, 5, 1), division=110106)
    compare(replica)
    after = await report(desk, proposal)

    assert (before.subjects, before.differing) == (2, 2)
    assert [(each.live.status, each.candidate.label) for each in before.examples] == [(0, "A")] * 2
    assert [each.subject_id for each in after.examples] == [f"e-{staying}"]
