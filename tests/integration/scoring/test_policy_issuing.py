"""Issuing policies over loopback: checked, proposed, approved by two, published for good."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date

from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.identity import Caller
from services.common.once import WriteCall
from services.scoring.commands.policies.issuing_ports import StoredProposal
from services.scoring.commands.policies.publish_policy import PoliciesChangedError, PublishPolicy
from services.scoring.main import ScoringServer
from services.scoring.store.candidates import PolicyFolderDiffersError
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import (
    FIRST,
    PROPOSER,
    SECOND,
    PolicyDesk,
    digest_of,
    grade_cases,
    grade_file,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import ALL, write_policies
from tests.integration.scoring.policy_fixtures import build, serving

MARCH = date(2025, 3, 1)
AUTUMN = Date(year=2025, month=9, day=1)
CASES_OF_2026 = grade_cases(day="2026-09-01", event="2026-08-15")
SUMMER = Date(year=2025, month=7, day=15)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def grade_of(desk: PolicyDesk, number: int, **fields: Any) -> Any:  # noqa: ANN401 -- the answer.
    """Ask for the grade of an enterprise."""
    return await desk.call(
        "GetCreditGrade",
        roles="regulator",
        subject=SubjectRef(enterprise_id=f"e-{number}"),
        policy_id="cn.test.grade",
        **fields,
    )


async def test_a_policy_is_proposed_approved_by_two_and_published(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """From its first day on answers follow it; the version before ends the day before."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    before = await grade_of(desk, enterprise, as_of=AUTUMN)
    proposal = await desk.propose(grade_file(), grade_cases(), document_number="函〔2025〕1号")
    states = [proposal.state]
    states.append((await desk.approve(proposal, FIRST)).state)
    states.append((await desk.approve(proposal, SECOND)).state)

    published = await desk.publish(proposal)

    after = await grade_of(desk, enterprise, as_of=AUTUMN)
    summer = await grade_of(desk, enterprise, as_of=SUMMER)
    assert states == [1, 1, 2]
    assert published.proposal.state == 3
    assert [one.kind for one in published.proposal.steps] == [1, 2, 2, 3]
    assert [one.caller for one in published.proposal.steps] == [PROPOSER, FIRST, SECOND, FIRST]
    assert (before.basis.policy.version, before.grade.score.value) == ("two", "89.5")
    assert (after.basis.policy.version, after.grade.score.value) == ("three", "50")
    assert after.basis.policy.digest == digest_of(grade_file()) == published.versions[0].digest
    assert summer.basis.policy.version == "two"
    assert summer.grade.valid_until_date == Date(year=2025, month=8, day=1)


async def test_an_answer_given_before_stays_reproducible_to_the_byte(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """With its known-at an answer is by the policies of then, whatever was published since."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    before = await grade_of(desk, enterprise, as_of=AUTUMN, explain=True)
    await desk.issue(grade_file(), grade_cases())

    again = await grade_of(
        desk, enterprise, as_of=AUTUMN, explain=True, known_at=before.basis.point.known_at
    )

    assert again.SerializeToString() == before.SerializeToString()


async def test_every_replica_answers_by_a_publication_at_once_and_after_a_restart(
    database_url: str,
    policies_folder: Path,
    clock: FixedClock,
    facts: FactWriter,
    replica: ScoringServer,
) -> None:
    """A warm answer of another server is not given again; a server that starts later knows too."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    other = build(database_url, policies_folder, clock)
    async with serving(replica) as desk, serving(other) as second:
        warm = await grade_of(second, enterprise, as_of=AUTUMN)
        published = await desk.issue(grade_file(), grade_cases())
        answers = [
            await grade_of(second, enterprise, as_of=AUTUMN, token=published.point.token)
            for _ in range(2)
        ]
    other.close()
    third = build(database_url, policies_folder, clock)
    async with serving(third) as late:
        restarted = await grade_of(late, enterprise, as_of=AUTUMN)
        shown = await late.call("GetPolicy", policy_id="cn.test.grade", version="three")
    third.close()

    versions = [one.basis.policy.version for one in (warm, *answers, restarted)]
    assert versions == ["two", "three", "three", "three"]
    assert shown.content == grade_file()


@ONE_DATABASE
async def test_approvers_are_two_other_persons(desk: PolicyDesk) -> None:
    """Neither the proposer nor one person twice makes an approval; and one is too few."""
    proposal = await desk.propose(grade_file(), grade_cases())
    reasons = []

    for caller, method in (
        (PROPOSER, desk.approve),
        (FIRST, desk.publish),
        (FIRST, desk.approve),
        (FIRST, desk.approve),
        (FIRST, desk.publish),
    ):
        try:
            await method(proposal, caller)
        except RefusedError as error:
            reasons.append(error.reason)

    shown = await desk.call("GetPolicy", policy_id="cn.test.grade", as_of=AUTUMN)
    assert reasons == [
        "APPROVER_IS_PROPOSER",
        "PROPOSAL_NOT_APPROVED",
        "ALREADY_APPROVED_BY_CALLER",
        "PROPOSAL_NOT_APPROVED",
    ]
    assert shown.policy.ref.version == "two"


@ONE_DATABASE
async def test_only_policy_officers_approve_and_publish(desk: PolicyDesk) -> None:
    """A regulator may propose, but the last word is a policy officer's."""
    proposal = await desk.propose(grade_file(), grade_cases(), roles="regulator")
    refusals = []

    for method in ("ApprovePolicy", "PublishPolicy"):
        for roles in ("regulator", "auditor,operator"):
            with pytest.raises(RefusedError) as error:
                await desk.call(method, FIRST, roles=roles, proposal_id=proposal.proposal_id)
            refusals.append((error.value.code, error.value.reason))

    assert refusals == [("PERMISSION_DENIED", "ACCESS_DENIED")] * 4


@ONE_DATABASE
async def test_a_policy_of_the_whole_country_needs_a_reach_as_wide(desk: PolicyDesk) -> None:
    """An officer of Beijing proposes no policy for every place."""
    with pytest.raises(RefusedError) as error:
        await desk.propose(grade_file(), grade_cases(), divisions="110000")

    assert (error.value.code, error.value.reason) == ("PERMISSION_DENIED", "POLICY_OUT_OF_SCOPE")


@ONE_DATABASE
async def test_another_digest_is_refused(desk: PolicyDesk) -> None:
    """Whoever decides names the bytes that were looked at."""
    proposal = await desk.propose(grade_file(), grade_cases())
    other = {"digest": digest_of(b"other"), "document_number": "x"}

    for method in ("ApprovePolicy", "PublishPolicy"):
        with pytest.raises(RefusedError) as error:
            await desk.call(method, FIRST, proposal_id=proposal.proposal_id, **other)

        assert error.value.reason == "PROPOSAL_DIGEST_DIFFERS"


@ONE_DATABASE
@pytest.mark.parametrize("closing", ["published", "withdrawn"])
async def test_nothing_follows_a_closed_proposal(desk: PolicyDesk, closing: str) -> None:
    """Published or withdrawn, a proposal takes no further step."""
    proposal = await desk.propose(grade_file(), grade_cases())
    decision = {"digest": proposal.digest, "document_number": "x"}
    steps: dict[str, dict[str, str]] = {
        "ApprovePolicy": decision,
        "PublishPolicy": decision,
        "WithdrawProposal": {"note": "again"},
        "StartShadow": {},
    }
    if closing == "withdrawn":
        await desk.call("WithdrawProposal", proposal_id=proposal.proposal_id, note="superseded")
    else:
        await desk.approve(proposal, FIRST)
        await desk.approve(proposal, SECOND)
        await desk.publish(proposal)

    for method, fields in steps.items():
        with pytest.raises(RefusedError) as error:
            await desk.call(method, "another", proposal_id=proposal.proposal_id, **fields)

        assert (error.value.code, error.value.reason) == ("FAILED_PRECONDITION", "PROPOSAL_CLOSED")


NOT_CLEAN = {
    "another text under a name taken": (
        (grade_file(version="two"), grade_cases()),
        ("ALREADY_EXISTS", "POLICY_VERSION_EXISTS"),
        None,
    ),
    "a case that fails": (
        (grade_file(), grade_cases(score="51")),
        ("INVALID_ARGUMENT", "POLICY_REFUSED"),
        ("cases:3:5", "CASE_FAILED"),
    ),
    "the day before the version in the way begins": (
        (grade_file(start="2025-06-30"), grade_cases()),
        ("INVALID_ARGUMENT", "POLICY_REFUSED"),
        ("content:8:5", "TIME_OVERLAP"),
    ),
    "nothing new": (
        (
            ALL["cn/grade.yaml"].lstrip().encode(),
            grade_cases(day="2025-06-01", event="2025-05-01", score="89.5", grade="B"),
        ),
        ("FAILED_PRECONDITION", "POLICY_ADDS_NOTHING"),
        None,
    ),
}


@ONE_DATABASE
async def test_what_does_not_check_clean_is_not_proposed(desk: PolicyDesk) -> None:
    """Every mistake is a violation with its line and column; nothing is stored."""
    for name, (bytes_, refusal, violation) in NOT_CLEAN.items():
        with pytest.raises(RefusedError) as error:
            await desk.propose(*bytes_)

        assert (error.value.code, error.value.reason) == refusal, name
        assert violation is None or violation in error.value.violations.items(), name
    assert not (await desk.call("ListProposals")).proposals


@ONE_DATABASE
async def test_two_proposals_for_one_time_are_told_apart_when_the_second_is_published(
    desk: PolicyDesk,
) -> None:
    """What was free when it was proposed may be taken by the time it is published."""
    first, second = grade_file(version="three"), grade_file(version="four", penalty="-60")
    proposals = [
        await desk.propose(first, grade_cases()),
        await desk.propose(second, grade_cases(score="40")),
    ]
    for proposal in proposals:
        await desk.approve(proposal, FIRST)
        await desk.approve(proposal, SECOND)
    await desk.publish(proposals[0])

    with pytest.raises(RefusedError) as error:
        await desk.publish(proposals[1])

    assert (error.value.code, error.value.reason) == ("FAILED_PRECONDITION", "POLICY_TIME_CONFLICT")


@ONE_DATABASE
async def test_a_second_text_under_a_published_name_is_refused(desk: PolicyDesk) -> None:
    """Two proposals may race for a name; only the first one published has it."""
    proposals = [
        await desk.propose(grade_file(), grade_cases()),
        await desk.propose(grade_file(penalty="-60"), grade_cases(score="40")),
    ]
    for proposal in proposals:
        await desk.approve(proposal, FIRST)
        await desk.approve(proposal, SECOND)
    await desk.publish(proposals[0])

    with pytest.raises(RefusedError) as error:
        await desk.publish(proposals[1])

    assert (error.value.code, error.value.reason) == ("ALREADY_EXISTS", "POLICY_VERSION_EXISTS")


async def test_a_repeated_request_is_answered_again_and_changes_nothing(desk: PolicyDesk) -> None:
    """The same identifier gives the first answer; with another body it is refused."""
    fields: dict[str, Any] = {
        "content": grade_file(),
        "cases": grade_cases(),
        "request_id": "once",
    }
    first = await desk.call("ProposePolicy", **fields)

    second = await desk.call("ProposePolicy", **fields)

    with pytest.raises(RefusedError) as error:
        await desk.call("ProposePolicy", **{**fields, "note": "other"})
    assert (first.repeated, second.repeated) == (False, True)
    assert second.proposal == first.proposal
    assert error.value.reason == "REQUEST_ID_REUSED"


async def test_proposals_are_read_as_known_then(desk: PolicyDesk) -> None:
    """With a known-at a proposal has the steps of then; the list pages from the latest."""
    first = await desk.propose(grade_file(), grade_cases())
    then = (await desk.call("GetProposal", proposal_id=first.proposal_id)).point.known_at
    second = await desk.propose(grade_file(version="four"), grade_cases())
    await desk.approve(first, FIRST)

    now = await desk.call("GetProposal", proposal_id=first.proposal_id, with_content=True)
    before = await desk.call("GetProposal", proposal_id=first.proposal_id, known_at=then)
    page = await desk.call("ListProposals", page_size=1)
    rest = await desk.call("ListProposals", page_size=1, page_token=page.next_page_token)
    known = await desk.call("ListProposals", known_at=then)

    assert [len(one.proposal.steps) for one in (now, before)] == [2, 1]
    assert (now.content, now.cases) == (grade_file(), grade_cases())
    assert [one.proposal_id for one in (*page.proposals, *rest.proposals)] == [
        second.proposal_id,
        first.proposal_id,
    ]
    assert [one.proposal_id for one in known.proposals] == [first.proposal_id]
    assert rest.next_page_token == ""


@ONE_DATABASE
async def test_a_district_follows_a_published_version_by_itself(
    desk: PolicyDesk, facts: FactWriter
) -> None:
    """A list that takes the grade in is evaluated by the new version from its first day on."""
    enterprise = facts.enterprise()
    facts.record("penalty", enterprise, MARCH)
    await desk.issue(grade_file(), grade_cases())

    found = [
        await desk.call(
            "GetListStatus",
            roles="regulator",
            subject=SubjectRef(enterprise_id=f"e-{enterprise}"),
            policy_id="cn.test.list",
            as_of=day,
        )
        for day in (SUMMER, AUTUMN)
    ]

    standings = [[line.rule_id for line in one.statuses[0].reasons] for one in found]
    assert standings == [[], ["L-GRADE"]]


@ONE_DATABASE
async def test_a_folder_may_say_the_same_as_what_was_published(
    desk: PolicyDesk, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """A release that brings the published version starts; the published bytes stay the law."""
    await desk.issue(grade_file(), grade_cases())
    together = ALL["cn/grade.yaml"].lstrip().replace("end_date: null", "end_date: 2025-08-01")
    added = grade_file().decode().split("versions:\n", 1)[1].replace("&", "&new_")
    for name in ("source", "inputs", "indicators", "totals", "rules", "grade"):
        added = added.replace(f"*{name}", f"*new_{name}")
    folder = write_policies(tmp_path / "new", {**ALL, "cn/grade.yaml": together + added})

    server = build(database_url, folder, clock)
    async with serving(server) as second:
        shown = await second.call("GetPolicy", policy_id="cn.test.grade", version="three")
    server.close()

    assert shown.content == grade_file()
    assert shown.policy.ref.digest == digest_of(grade_file())


DISTRICT = """
policy: cn.test.district.grade
kind: grade
title: {zh: 街道测试等级, en: Street test grades}
documentation: Chaoyang's points, one grade for all of them.
field: fire
division: "110105"
versions:
  - version: "one"
    start_date: 2025-01-01
    end_date: null
    extends: {policy: cn.test.local.grade, version: "one"}
    source:
      instrument: 街道测试办法
      effective_date: 2025-01-01
      checked_date: 2025-01-01
      confidence: assumed
    grade:
      ladder: [甲]
      start: [{grade: 甲, when: true}]
      beyond: clamp
      source: {article: 第一条, confidence: assumed}
"""
DISTRICT_CASES = b"""
policy: cn.test.district.grade
cases:
  - name: everybody has one point
    as_of: 2025-06-01
    expect: {score: 1}
    source: {article: "1"}
"""


@ONE_DATABASE
async def test_what_a_publication_extends_is_kept_with_it(
    desk: PolicyDesk,
    facts: FactWriter,
    database_url: str,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    """The folder's policy above may be edited later; the published one says what it said."""
    enterprise = facts.enterprise()
    await desk.issue(DISTRICT.lstrip().encode(), DISTRICT_CASES)
    question: dict[str, Any] = {
        "subject": SubjectRef(enterprise_id=f"e-{enterprise}"),
        "policy_id": "cn.test.district.grade",
    }
    before = await desk.call("GetCreditGrade", roles="regulator", **question)
    edited = ALL["cn.beijing/local-grade.yaml"].replace("start: 1", "start: 2")
    folder = write_policies(tmp_path / "new", {**ALL, "cn.beijing/local-grade.yaml": edited})

    server = build(database_url, folder, clock)
    async with serving(server) as second:
        after = await second.call("GetCreditGrade", roles="regulator", **question)
    server.close()

    assert before.grade.score.value == "1"
    assert after.SerializeToString() == before.SerializeToString()


@ONE_DATABASE
async def test_a_folder_that_contradicts_what_was_published_refuses_the_start(
    desk: PolicyDesk, database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """Nobody edits a published version by way of a file."""
    await desk.issue(grade_file(), grade_cases())
    forged = grade_file(penalty="-1").decode()
    folder = write_policies(tmp_path / "new", {**ALL, "cn/grade.yaml": forged})

    with pytest.raises(PolicyFolderDiffersError) as error:
        build(database_url, folder, clock)

    assert error.value.facts["versions"] == "three"


CHECKED: dict[str, tuple[tuple[bytes, bytes], bool, list[str]]] = {
    "clean": ((grade_file(), grade_cases()), True, ["unused"]),
    "no cases": ((grade_file(), b""), False, ["without-cases", "unused"]),
    "no day": ((grade_file(start="2025-02-30"), b""), False, ["syntax"]),
    "no text": ((b"\xff\xfe\x00", b""), False, ["syntax"]),
    "endless": ((b"a: &a [*a]", b""), False, ["syntax"]),
    "deep": ((b"[" * 3000, b""), False, ["syntax"]),
}


@ONE_DATABASE
async def test_a_check_lists_every_problem_with_its_place(desk: PolicyDesk) -> None:
    """Whatever the bytes are, the answer is a list of problems; nothing is stored."""
    for name, ((content, cases), passed, codes) in CHECKED.items():
        answer = await desk.call("CheckPolicy", content=content, cases=cases)

        assert answer.passed is passed, name
        assert [one.code for one in answer.problems] == codes, name
        assert all(one.line >= 1 and one.column >= 1 for one in answer.problems), name
        assert answer.digest == digest_of(content), name


WRONG: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "too large": (
        "CheckPolicy",
        {"content": b"#" * (2**20 + 1)},
        {"content": "CONTENT_TOO_LARGE"},
    ),
    "nothing": ("CheckPolicy", {}, {"content": "REQUIRED"}),
    "approval": (
        "ApprovePolicy",
        {"proposal_id": "x", "digest": "AB"},
        {
            "proposal_id": "ID_MALFORMED",
            "digest": "DIGEST_MALFORMED",
            "document_number": "REQUIRED",
        },
    ),
    "no reason": ("WithdrawProposal", {"proposal_id": "pp-1", "note": " "}, {"note": "REQUIRED"}),
    "note too long": (
        "WithdrawProposal",
        {"proposal_id": "pp-1", "note": "x" * 1001},
        {"note": "TEXT_TOO_LONG"},
    ),
}


@ONE_DATABASE
async def test_wrong_fields_are_named_together(desk: PolicyDesk) -> None:
    """One refusal names every wrong field with a reason of its own."""
    for name, (method, fields, violations) in WRONG.items():
        with pytest.raises(RefusedError) as error:
            await desk.call(method, **fields)

        assert (error.value.code, error.value.reason) == ("INVALID_ARGUMENT", "INVALID_INPUT"), name
        assert error.value.violations == violations, name


@ONE_DATABASE
async def test_an_unknown_proposal_is_not_found(desk: PolicyDesk) -> None:
    """No proposal has that number."""
    decision = {"digest": digest_of(b""), "document_number": "x"}
    calls: dict[str, dict[str, str]] = {
        "GetProposal": {},
        "ApprovePolicy": decision,
        "PublishPolicy": decision,
        "WithdrawProposal": {"note": "x"},
        "StartShadow": {},
        "StopShadow": {},
        "GetShadowReport": {},
    }

    for method, fields in calls.items():
        with pytest.raises(RefusedError) as error:
            await desk.call(method, proposal_id="pp-7", **fields)

        assert (error.value.code, error.value.reason) == ("NOT_FOUND", "PROPOSAL_UNKNOWN")


@ONE_DATABASE
async def test_a_publication_that_came_in_between_is_noticed_under_the_lock(
    desk: PolicyDesk, replica: ScoringServer, clock: FixedClock
) -> None:
    """What was looked at before another publication is looked at again."""
    before = replica.issuing.library.now()
    proposal = await desk.propose(grade_file(version="four", start="2026-08-01"), CASES_OF_2026)
    await desk.approve(proposal, FIRST)
    await desk.approve(proposal, SECOND)
    await desk.issue(grade_file(), grade_cases())
    issuing = replica.issuing
    publish = PublishPolicy(issuing.proposals, before, issuing.reading)
    call: WriteCall[StoredProposal] = WriteCall(
        caller=Caller(
            identity=FIRST,
            roles=frozenset({"policy_officer"}),
            divisions=frozenset({"*"}),
            fields=frozenset({"*"}),
        ),
        method="test",
        now=clock.now(),
        request_id="late",
        digest=b"",
        encode=lambda _: b"",
    )

    with pytest.raises(PoliciesChangedError):
        publish(
            call,
            int(proposal.proposal_id.removeprefix("pp-")),
            digest=proposal.digest,
            document_number="x",
        )

    assert (await desk.publish(proposal)).proposal.state == 3


@ONE_DATABASE
async def test_points_and_pages_are_refused_as_everywhere(
    desk: PolicyDesk, facts: FactWriter, clock: FixedClock
) -> None:
    """Damaged tokens, pages of other calls, and instants that cannot be read at."""
    facts.enterprise()
    first = (await desk.call("ListProposals")).point
    clock.advance(timedelta(seconds=1))
    await desk.propose(grade_file(), grade_cases())
    await desk.propose(grade_file(version="four"), grade_cases())
    point = (await desk.call("ListProposals")).point
    page = (await desk.call("ListProposals", page_size=1)).next_page_token
    other_filter = {"page_token": page, "policy_id": "cn.test.grade"}
    refusals = {
        "TOKEN_MALFORMED": {"token": "x"},
        "PAGE_TOKEN_MALFORMED": {"page_token": "x"},
        "PAGE_TOKEN_MISMATCH": other_filter,
        "KNOWN_AT_BEFORE_TOKEN": {"token": point.token, "known_at": first.known_at},
    }

    for reason, fields in refusals.items():
        for method in ("ListProposals", "ListPolicyVersions"):
            with pytest.raises(RefusedError) as error:
                await desk.call(method, **fields)

            assert error.value.reason == reason, method
