"""Candidates are checked as `safetycredit policy check` checks folders, and tried if possible."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.review import review_policies
from services.scoring.commands.policies.issuing_ports import CandidateReview, PolicyBytes
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.candidates import CandidateReader, load_instruments
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.policy_desk import grade_cases, grade_file
from tests.fakes.scoring_policies import GRADE, LIST, POLICIES, write_policies
from tests.unit.engine.test_seeding import CASES as NEAR_CASES
from tests.unit.engine.test_seeding import odd

READER = CandidateReader(load_vocabulary(POLICIES), load_instruments(POLICIES))
TODAY = date(2025, 6, 1)
CONTENT, CASES = grade_file(), grade_cases()


def review(content: bytes, library: PolicyLibrary, cases: bytes = CASES) -> CandidateReview:
    """Review a candidate among the policies of the tests."""
    return READER.review([PolicyBytes(content, cases)], library, today=TODAY)


def codes(found: CandidateReview) -> list[str]:
    """Give the codes of the mistakes."""
    return [one.code for one in found.mistakes]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            b"{last: {years: 3}}",
            b"{last: {years: 3000}}",
            "syntax: 'years' is 3000; it is at most 1000",
            id="window",
        ),
        pytest.param(
            b"start: 100",
            b"start: 20000000000000000000",
            "number-too-large: 20000000000000000000 is beyond 64-bit whole numbers",
            id="amount",
        ),
        pytest.param(
            b"start: 100",
            b"start: {multiply: [999999999999999999, 99]}",
            "number-too-large: 'score': a number is beyond 64-bit whole numbers",
            id="product",
        ),
    ],
)
def test_number_that_cannot_be_is_told_as_on_the_command_line(
    library: PolicyLibrary, old: bytes, new: bytes, problem: str
) -> None:
    """The service says what `safetycredit policy check` says, at the same line and column."""
    changed = CONTENT.replace(old, new, 1)
    names = ("vocabulary.yaml", "instruments.yaml")
    files = {name: (POLICIES / name).read_bytes() for name in names}
    folder = review_policies({**files, "cn/policy.yaml": changed}, TODAY).problems

    found = [one for one in review(changed, library).mistakes if one.code != "without-cases"]

    places = [(one.line, one.column, one.code, one.message) for one in folder if not one.warning]
    assert [(one.line, one.column, one.code, one.message) for one in found] == places
    assert [f"{one.code}: {one.message}".startswith(problem) for one in found] == [True]


def test_case_that_cannot_fail_is_refused(library: PolicyLibrary) -> None:
    """A case without an expected result shows nothing."""
    empty = CASES[: CASES.index(b"expect:")] + b"expect: {}\n"

    found = review(CONTENT, library, empty)

    assert codes(found) == ["missing-expect"]


def test_slips_are_looked_for_near_the_golden_cases_that_are_sent(library: PolicyLibrary) -> None:
    """A third violation lifts the grade with the answers of the case, which chance never gives."""
    content = odd("{exactly: A}").content

    near, without = (review(content, library, cases) for cases in (NEAR_CASES.encode(), b""))

    assert "not-monotone" in codes(near)
    assert "not-monotone" not in codes(without)


def test_candidate_that_would_stand_in_a_circle_is_not_tried(tmp_path: Path) -> None:
    """The list takes grades in until 2025-08-01, the new grades the list from then on.

    So none goes round on any day; but a trial puts the new grades beside the list of before.
    """
    first = LIST.replace("end_date: null", "end_date: 2025-08-01")
    version = LIST.split('  - version: "one"')[1]
    second = version[: version.index("    inputs:")] + version[version.index("    indicators:") :]
    second = second[: second.index("      - id: L-GRADE")].replace("2020-01-01", "2025-08-01")
    both = first + '  - version: "two"' + second
    library = load_policies(
        write_policies(tmp_path, {"cn/grade.yaml": GRADE, "cn/list.yaml": both})
    )
    taking = CONTENT.replace(
        b"    inputs: &inputs\n",
        b"    inputs: &inputs\n"
        b"      listed: {from: policy, policy: cn.test.list, output: status, if_missing: 0}\n",
        1,
    )
    reviewed, tried = review(taking, library), READER.compile([taking], library)

    assert codes(reviewed) == []
    assert codes(tried) == ["cycle"]
