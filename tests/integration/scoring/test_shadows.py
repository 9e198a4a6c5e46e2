"""Shadow runs over loopback: compared in the background, and no answer ever different."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk, grade_cases, grade_file
from tests.fakes.rate_policies import CHAOYANG, bounds
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import LIST, POLICIES, write_policies
from tests.integration.scoring.policy_fixtures import build, serving

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


async def test_a_shadow_of_a_list_compares_persons_too(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Major penalties are no ground any more: of the company, of the person once it has one."""
    company, person = facts.enterprise(), facts.person()
    facts.record("penalty", company, MARCH, major=True)
    text = LIST.lstrip().replace('"one"', '"two"').replace("2020-01-01", "2025-08-01", 1)
    changed = text.replace("major_penalties: {at_least: 1}", "major_penalties: {at_least: 9}")
    assert changed != text
    cases = (
        "policy: cn.test.list\ncases:\n  - name: nothing\n    as_of: 2025-09-01\n"
        "    expect: {rules: []}\n"
    )
    proposal = await desk.propose(changed.encode(), cases.encode())
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    compare(replica)
    before = await report(desk, proposal)
    facts.record("penalty", person, MARCH, person=True, major=True)
    compare(replica)

    after = await report(desk, proposal)

    assert (before.subjects, before.differing, before.persons_left_out) == (2, 1, 0)
    assert [each.subject_id for each in before.examples] == [f"e-{company}"]
    assert (after.subjects, after.differing, after.comparisons) == (2, 2, 3)
    assert [each.subject_id for each in after.examples] == [f"e-{company}", f"p-{person}"]


JIA = "cn.test.plan.jia-110105"


@ONE_DATABASE
async def test_a_shadow_of_bounds_compares_the_premiums_within_them(
    facts: FactWriter, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """Base 2,800: factor 1 is asked 1.10 of it within the new bounds, 1.5 at most 1.40."""
    numbers = [facts.enterprise(headcount=100, division=110105) for _ in range(2)]
    facts.record("accident", numbers[1], MARCH)
    tighter = bounds("110000", least="1.10", most="1.40").lstrip()
    for old, new in (('version: "one"', 'version: "two"'), ("2020-01-01", "2025-08-01")):
        tighter = tighter.replace(old, new, 1)
    cases = (
        "policy: cn.test.bounds.b110000\ncases:\n  - name: a tenth more at least\n"
        "    as_of: 2025-09-01\n    inputs: {base_premium: 1000}\n"
        "    expect: {premium_min: 1100, premium_max: 1400}\n"
        "    source: {article: 第一条}\n"
    )
    server = build(database_url, write_policies(tmp_path, CHAOYANG), clock)
    async with serving(server) as desk:
        proposal = await desk.propose(tighter.encode(), cases.encode())
        await desk.call("StartShadow", proposal_id=proposal.proposal_id)
        server.trials[1].once()
        found = await report(desk, proposal)
        facts.record("accident", numbers[0], MARCH)
        server.trials[1].once()
        later = await report(desk, proposal)
    server.close()

    plans = {one.candidate.policy_id: one for one in found.further}
    moved = {
        each.subject_id: (each.live_premium.units, each.candidate_premium.units, each.movement)
        for each in plans[JIA].examples
    }
    anew = {one.candidate.policy_id: one for one in later.further}[JIA]
    assert found.candidate.policy_id == "cn.test.bounds.b110000"
    assert list(plans) == [
        JIA, "cn.test.plan.place-110105", "cn.test.plan.yi-110105", "cn.test.rate",
    ]  # fmt: skip
    assert (plans[JIA].subjects, plans[JIA].differing, plans[JIA].running) == (2, 2, True)
    assert moved == {f"e-{numbers[0]}": (2800, 3080, 4), f"e-{numbers[1]}": (4200, 3920, 3)}
    assert (anew.differing, anew.comparisons) == (2, 3)
    assert {each.candidate_premium.units for each in anew.examples} == {3920}


@ONE_DATABASE
async def test_a_definition_runs_in_no_shadow(desk: PolicyDesk) -> None:
    """It gives an enterprise no result, so the comparison would say that nothing changes."""
    law = POLICIES / "cn"
    content, cases = ((law / f"accident-level{end}.yaml").read_bytes() for end in ("", ".cases"))
    earlier = re.sub(rb"checked_date: 20\d\d", b"checked_date: 2024", content)
    proposal = await desk.propose(earlier, cases)

    with pytest.raises(RefusedError) as error:
        await desk.call("StartShadow", proposal_id=proposal.proposal_id)

    found = await desk.call("GetProposal", proposal_id=proposal.proposal_id)
    assert error.value.reason == "POLICY_NOT_SIMULATED"
    assert not found.proposal.shadowed


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
