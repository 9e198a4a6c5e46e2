"""Proposals of several files: checked, tried, approved and published as one, or not at all."""

from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date
from sqlalchemy import select

from models.policy_issuing import PolicyPublicationRow
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyFile
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.database import Database
from services.scoring.domain.proposal import digest_of_files
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.ladder_files import (
    GRADE_ID,
    LIST_ID,
    LOCAL_ID,
    ladder_grade,
    ladder_grade_cases,
    ladder_list,
    ladder_list_cases,
    local_grade,
    local_grade_cases,
)
from tests.fakes.policy_desk import (
    FIRST,
    PROPOSER,
    SECOND,
    PolicyDesk,
    digest_of,
    version_digest_of,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.policy_fixtures import MARCH, build
from tests.integration.scoring.test_simulations import run_waiting

WINTER = Date(year=2026, month=2, day=1)
AUTUMN = Date(year=2025, month=9, day=1)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = digest_of_files([digest_of(ladder_grade()), digest_of(ladder_list())])
LADDER: dict[str, Any] = {
    "content": ladder_grade(),
    "cases": ladder_grade_cases(),
    "further_files": [PolicyFile(content=ladder_list(), cases=ladder_list_cases())],
}
CANDIDATE, LISTABLE = 2, 3


async def propose(desk: PolicyDesk, **fields: Any) -> Any:  # noqa: ANN401 -- the proposal.
    """Propose the change of ladder, with what else is wanted of the request."""
    return (await desk.call("ProposePolicy", **{**LADDER, **fields})).proposal


async def issued(desk: PolicyDesk) -> Any:  # noqa: ANN401 -- the answer.
    """Lead the change of ladder to its publication."""
    proposal = await propose(desk)
    await desk.approve(proposal, FIRST)
    await desk.approve(proposal, SECOND)
    return await desk.publish(proposal)


async def answers(desk: PolicyDesk, number: int, **fields: Any) -> tuple[Any, Any]:  # noqa: ANN401 -- any request and answers.
    """Ask for the grade and for the standing on the list."""
    subject = SubjectRef(enterprise_id=f"e-{number}")
    asked = {"roles": "regulator", "subject": subject, "as_of": WINTER, **fields}
    grade = await desk.call("GetCreditGrade", policy_id=GRADE_ID, **asked)
    status = await desk.call("GetListStatus", policy_id=LIST_ID, **asked)
    return grade, status.statuses[0]


def fact_of_penalties(facts: FactWriter) -> int:
    """Record an enterprise with two penalties within the year: 100 less 70 is 30."""
    enterprise = facts.enterprise()
    for _ in range(2):
        facts.record("penalty", enterprise, MARCH)
    return enterprise


@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        pytest.param({"further_files": []}, {"content:19:9": "SEVERAL_LADDERS"}, id="grade-alone"),
        pytest.param(
            {"content": ladder_list(), "cases": ladder_list_cases(), "further_files": []},
            {"content:38:23": "UNKNOWN_CODE"},
            id="list-alone",
        ),
        pytest.param(
            {"further_files": [PolicyFile(content=ladder_list(grade="E"),
                                          cases=ladder_list_cases())]},
            {"further_files[0].content:38:23": "UNKNOWN_CODE"},
            id="second-file-wrong",
        ),
        pytest.param(
            {"cases": ladder_grade_cases(score="66")},
            {"cases:3:5": "CASE_FAILED"},
            id="case-of-the-first-fails",
        ),
        pytest.param(
            {"further_files": [PolicyFile(content=ladder_list(), cases=ladder_grade_cases())]},
            {"further_files[0].cases:1:1": "UNKNOWN_POLICY"},
            id="cases-of-another-file",
        ),
        pytest.param(
            {"further_files": [PolicyFile(content=ladder_grade(), cases=ladder_grade_cases())]},
            {"further_files[0].content:1:1": "DUPLICATE_POLICY"},
            id="one-policy-twice",
        ),
        pytest.param(
            {"further_files": [PolicyFile(content=ladder_list())]},
            {"further_files[0].content:1:1": "WITHOUT_CASES"},
            id="without-cases",
        ),
        pytest.param(
            {"further_files": LADDER["further_files"] * 20},
            {"further_files": "COUNT_OUT_OF_RANGE"},
            id="too-many-files",
        ),
        pytest.param(
            {"further_files": [PolicyFile(content=b"#" * (2**20 - 1), cases=b"##")]},
            {"further_files": "CONTENT_TOO_LARGE"},
            id="too-large-together",
        ),
    ],
)  # fmt: skip
@ONE_DATABASE
async def test_one_bad_file_refuses_all_with_its_place(
    desk: PolicyDesk, fields: dict[str, Any], violations: dict[str, str]
) -> None:
    """The file, line and column of each mistake are named, and nothing is proposed."""
    with pytest.raises(RefusedError) as refused:
        await propose(desk, **fields)

    listed = await desk.call("ListProposals")
    assert refused.value.violations == violations
    assert list(listed.proposals) == []


async def test_files_that_fit_only_together_are_published_together(
    desk: PolicyDesk, facts: FactWriter, database: Database
) -> None:
    """Grade and list answer by one ladder from one revision on, and as before at the one before."""
    enterprise = fact_of_penalties(facts)
    before = await answers(desk, enterprise)

    published = await issued(desk)

    after = await answers(desk, enterprise)
    again = await answers(desk, enterprise, known_at=before[0].basis.point.known_at)
    with database.inspect() as connection:
        rows = connection.execute(select(PolicyPublicationRow.recorded_revision)).scalars().all()
    proposal = published.proposal
    assert [one.policy_id for one in proposal.files] == [GRADE_ID, LIST_ID]
    assert [list(one.versions) for one in proposal.files] == [["three"], ["two"]]
    assert proposal.digest == BOTH
    assert [(one.policy_id, one.version) for one in published.versions] == [
        (GRADE_ID, "three"), (LIST_ID, "two"),
    ]  # fmt: skip
    assert rows == [published.point.revision] * 2
    # Twice 10.5 points off leave 79, a B, which is no ground of the list; twice 35 leave 30, a D.
    assert (before[0].grade.grade, before[1].standing) == ("B", 1)
    assert (after[0].grade.grade, [one.rule_id for one in after[1].reasons]) == ("D", ["L-GRADE"])
    assert after[1].basis.policy.digest == version_digest_of(ladder_list())
    assert [one.version for one in after[1].basis.inputs] == ["three"]
    assert [one.SerializeToString() for one in again] == [one.SerializeToString() for one in before]


@ONE_DATABASE
async def test_each_version_of_several_files_is_listed_and_compared_by_itself(
    desk: PolicyDesk,
) -> None:
    """Both name the one proposal, with the steps that brought it; a diff takes the file meant."""
    proposal = await propose(desk)
    diffs = [
        await desk.call(
            "DiffPolicyVersions",
            from_version={"policy_id": policy_id, "version": version},
            proposal_id=proposal.proposal_id,
        )
        for policy_id, version in ((GRADE_ID, "two"), (LIST_ID, "one"))
    ]
    await desk.approve(proposal, FIRST)
    await desk.approve(proposal, SECOND)
    await desk.publish(proposal)

    found = [
        (await desk.call("ListPolicyVersions", policy_id=policy_id)).versions[-1]
        for policy_id in (GRADE_ID, LIST_ID)
    ]

    assert [one.to_version.policy_id for one in diffs] == [GRADE_ID, LIST_ID]
    assert all(one.differences for one in diffs)
    assert [(one.ref.version, one.ref.digest) for one in found] == [
        ("three", version_digest_of(ladder_grade())), ("two", version_digest_of(ladder_list())),
    ]  # fmt: skip
    assert {one.proposal_id for one in found} == {proposal.proposal_id}
    assert [[step.caller for step in one.steps] for one in found] == [
        [PROPOSER, FIRST, SECOND, FIRST]
    ] * 2


@ONE_DATABASE
async def test_several_files_are_found_by_any_and_withdrawn_as_one(desk: PolicyDesk) -> None:
    """A proposal is listed under each of its policies; withdrawn, none of its files is law."""
    proposal = await propose(desk)
    single = await desk.call("CheckPolicy", content=ladder_grade(), cases=ladder_grade_cases())
    both = await desk.call("CheckPolicy", **LADDER)
    listed = [
        [one.proposal_id for one in (await desk.call("ListProposals", policy_id=name)).proposals]
        for name in (GRADE_ID, LIST_ID, "cn.test.rate")
    ]
    got = await desk.call("GetProposal", proposal_id=proposal.proposal_id, with_content=True)
    with pytest.raises(RefusedError) as other_digest:
        await desk.call(
            "ApprovePolicy", FIRST, proposal_id=proposal.proposal_id,
            digest=digest_of(ladder_grade()), document_number="x",
        )  # fmt: skip

    withdrawn = await desk.call(
        "WithdrawProposal", proposal_id=proposal.proposal_id, note="not yet"
    )
    versions = await desk.call("ListPolicyVersions", policy_id=LIST_ID)

    assert (single.passed, both.passed, both.cases_tried, both.digest) == (False, True, 3, BOTH)
    assert [list(one.versions) for one in both.files] == [["three"], ["two"]]
    assert listed == [[proposal.proposal_id], [proposal.proposal_id], []]
    assert (got.content, got.further_files[0].content) == (ladder_grade(), ladder_list())
    assert other_digest.value.reason == "PROPOSAL_DIGEST_DIFFERS"
    assert withdrawn.proposal.state == 4
    assert [one.ref.version for one in versions.versions] == ["one"]


async def test_several_files_are_tried_together(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """A dry run and a shadow evaluate each file with the others in place, policy by policy."""
    facts.enterprise()
    fact_of_penalties(facts)
    proposal = await propose(desk)
    await desk.call("StartShadow", proposal_id=proposal.proposal_id)
    by_proposal = await desk.call("StartSimulation", proposal_id=proposal.proposal_id, as_of=AUTUMN)
    run_waiting(replica)
    by_content = await desk.call(
        "StartSimulation", content=ladder_grade(), further_contents=[ladder_list()], as_of=AUTUMN
    )
    run_waiting(replica)

    replica.trials[1].once()

    simulations = [
        (await desk.call("GetSimulation", simulation_id=one.simulation.simulation_id)).simulation
        for one in (by_proposal, by_content)
    ]
    first = (await desk.call("GetShadowReport", proposal_id=proposal.proposal_id)).report
    (second,) = first.further
    for simulation in simulations:
        grade, listed, rate = simulation.impacts
        assert simulation.state == 3
        assert list(simulation.further_policy_ids) == [LIST_ID]
        assert [one.policy_id for one in (grade, listed, rate)] == [
            GRADE_ID, LIST_ID, "cn.test.rate",
        ]  # fmt: skip
        assert cells(grade) == [("A", "A", 1), ("B", "D", 1)]
        assert (listed.entered, listed.changed) == (1, 1)
        assert listed.candidate.digest == version_digest_of(ladder_list())
    assert simulations[0].digest == simulations[1].digest == BOTH
    assert cells(first) == [("A", "A", 1), ("B", "D", 1)]
    assert (second.candidate.policy_id, second.subjects, second.differing) == (LIST_ID, 2, 1)


@ONE_DATABASE
async def test_a_file_may_extend_another_and_a_server_that_starts_later_knows_all(
    desk: PolicyDesk,
    replica: ScoringServer,
    database_url: str,
    policies_folder: Path,
    clock: FixedClock,
) -> None:
    """The library of the publication's revision has all three, that of the one before has none."""
    local = PolicyFile(content=local_grade(), cases=local_grade_cases())
    proposal = await propose(desk, further_files=[*LADDER["further_files"], local])
    await desk.approve(proposal, FIRST)
    await desk.approve(proposal, SECOND)
    published = await desk.publish(proposal)
    late = build(database_url, policies_folder, clock)

    found = [
        [
            library.at(revision).find(*name) is not None
            for name in ((GRADE_ID, "three"), (LIST_ID, "two"), (LOCAL_ID, "two"))
        ]
        for library in (replica.issuing.library, late.issuing.library)
        for revision in (published.point.revision - 1, published.point.revision)
    ]

    extending = late.issuing.library.find(LOCAL_ID, "two")
    late.close()
    assert found == [[False] * 3, [True] * 3] * 2
    assert extending is not None
    assert extending.policy.parents["two"] == ((GRADE_ID, "three", digest_of(ladder_grade())),)


@ONE_DATABASE
async def test_whoever_may_not_issue_one_of_the_files_issues_none(desk: PolicyDesk) -> None:
    """The list is of work safety, the grades of every field: a reach of one field is too short."""
    with pytest.raises(RefusedError) as refused:
        await propose(desk, fields_within="work_safety")

    assert refused.value.reason == "POLICY_OUT_OF_SCOPE"


@ONE_DATABASE
async def test_further_contents_need_a_content(desk: PolicyDesk) -> None:
    """A proposal brings its own files, so others beside it are refused."""
    proposal = await propose(desk)

    with pytest.raises(RefusedError) as refused:
        await desk.call(
            "StartSimulation", proposal_id=proposal.proposal_id, further_contents=[ladder_list()]
        )

    assert refused.value.violations == {"further_contents": "WITHOUT_CONTENT"}


def cells(found: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401 -- an impact or a report.
    """Give a matrix in short."""
    return [(one.live.label, one.candidate.label, one.subjects) for one in found.matrix]
