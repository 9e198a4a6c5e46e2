"""What is refused in the issuing of policies, with every reason and place."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import (
    PolicyDesk,
    digest_of,
    grade_cases,
    grade_file,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import ALL
from tests.stores.fixtures import ON_SQLITE

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


@ON_SQLITE
async def test_what_does_not_check_clean_is_not_proposed(desk: PolicyDesk) -> None:
    """Every mistake is a violation with its line and column; nothing is stored."""
    for name, (bytes_, refusal, violation) in NOT_CLEAN.items():
        with pytest.raises(RefusedError) as error:
            await desk.propose(*bytes_)

        assert (error.value.code, error.value.reason) == refusal, name
        assert violation is None or violation in error.value.violations.items(), name
    assert not (await desk.call("ListProposals")).proposals


CHECKED: dict[str, tuple[tuple[bytes, bytes], bool, list[str]]] = {
    "clean": ((grade_file(), grade_cases()), True, ["unused"]),
    "no cases": ((grade_file(), b""), False, ["without-cases", "unused"]),
    "no day": ((grade_file(start="2025-02-30"), b""), False, ["syntax"]),
    "no text": ((b"\xff\xfe\x00", b""), False, ["syntax"]),
    "endless": ((b"a: &a [*a]", b""), False, ["syntax"]),
    "deep": ((b"[" * 3000, b""), False, ["syntax"]),
}


@ON_SQLITE
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


@ON_SQLITE
async def test_wrong_fields_are_named_together(desk: PolicyDesk) -> None:
    """One refusal names every wrong field with a reason of its own."""
    for name, (method, fields, violations) in WRONG.items():
        with pytest.raises(RefusedError) as error:
            await desk.call(method, **fields)

        assert (error.value.code, error.value.reason) == ("INVALID_ARGUMENT", "INVALID_INPUT"), name
        assert error.value.violations == violations, name


@ON_SQLITE
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


@ON_SQLITE
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
