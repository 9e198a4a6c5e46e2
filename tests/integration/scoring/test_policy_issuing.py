"""Issuing policies over loopback: checked, proposed, approved by two, published for good."""

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
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import (
    FIRST,
    PROPOSER,
    SECOND,
    PolicyDesk,
    digest_of,
    grade_cases,
    grade_file,
    version_digest_of,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.policy_fixtures import AUTUMN, MARCH, SUMMER, build, serving
from tests.stores.fixtures import ON_SQLITE

CASES_OF_2026 = grade_cases(day="2026-09-01", event="2026-08-15")


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
    named = [after.basis.policy.digest, published.versions[0].digest]
    assert named == [version_digest_of(grade_file())] * 2
    assert published.proposal.digest == digest_of(grade_file())
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


@ON_SQLITE
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


@ON_SQLITE
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


@ON_SQLITE
async def test_a_policy_of_the_whole_country_needs_a_reach_as_wide(desk: PolicyDesk) -> None:
    """An officer of Beijing proposes no policy for every place."""
    with pytest.raises(RefusedError) as error:
        await desk.propose(grade_file(), grade_cases(), divisions="110000")

    assert (error.value.code, error.value.reason) == ("PERMISSION_DENIED", "POLICY_OUT_OF_SCOPE")


@ON_SQLITE
async def test_another_digest_is_refused(desk: PolicyDesk) -> None:
    """Whoever decides names the bytes that were looked at."""
    proposal = await desk.propose(grade_file(), grade_cases())
    other = {"digest": digest_of(b"other"), "document_number": "x"}

    for method in ("ApprovePolicy", "PublishPolicy"):
        with pytest.raises(RefusedError) as error:
            await desk.call(method, FIRST, proposal_id=proposal.proposal_id, **other)

        assert error.value.reason == "PROPOSAL_DIGEST_DIFFERS"


@ON_SQLITE
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


@ON_SQLITE
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


@ON_SQLITE
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


@ON_SQLITE
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
