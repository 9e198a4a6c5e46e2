"""A review looks at a folder as a whole."""

from datetime import date

import pytest

from services.engine.review import Review, review_policies
from tests.unit.engine.test_checking import CHECKED
from tests.unit.engine.test_policies import ROOT

TODAY = date(2026, 11, 22)
CASES = """\
policy: cn.example.points
cases:
  - name: nothing serious
    as_of: 2024-06-01
    expect: {grade: A, score: 100}
  - name: one serious violation
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-03-01, severity: serious}
    expect: {grade: A, score: 90, rules: [EX-1]}
"""
FOLDER = {
    "vocabulary.yaml": (ROOT / "vocabulary.yaml").read_bytes(),
    "instruments.yaml": (ROOT / "instruments.yaml").read_bytes(),
    "cn.example/points.yaml": CHECKED.encode(),
    "cn.example/points.cases.yaml": CASES.encode(),
}


def review(**changed: str) -> Review:
    """Review the folder with changed files; an empty one is left out."""
    names = {"policy": "cn.example/points.yaml", "cases": "cn.example/points.cases.yaml"}
    files = FOLDER | {names[key]: content.encode() for key, content in changed.items()}
    return review_policies({name: content for name, content in files.items() if content}, TODAY)


def test_right_folder_passes() -> None:
    """One policy with one version and two cases."""
    assert review() == Review(problems=(), policies=1, versions=1, cases=2)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        pytest.param(
            {"cases": CASES.replace("score: 90", "score: 80")},
            "cn.example/points.cases.yaml:6:5: case-failed:"
            " one serious violation: score is 90, expected 80",
            id="case-that-fails",
        ),
        pytest.param(
            {"cases": CASES.replace("2024-06-01", "2023-12-31", 1)},
            "cn.example/points.cases.yaml:3:5: case-failed:"
            " nothing serious: no version is in force on the day of the case",
            id="day-without-a-version",
        ),
        pytest.param(
            {"cases": ""},
            "cn.example/points.yaml:1:1: without-cases: write golden cases beside the policy",
            id="no-cases",
        ),
        pytest.param(
            {"cases": CASES.replace("one serious violation", "nothing serious")},
            "cn.example/points.cases.yaml:6:5: duplicate-case:"
            " two cases are called 'nothing serious'",
            id="two-cases-of-one-name",
        ),
        pytest.param(
            {"policy": CHECKED.replace("measure: count", "measure: tally")},
            "cn.example/points.yaml:17:18: unknown-measure: use count, first_day, last_day,"
            " or one of sum, max, min, distinct with what it is of",
            id="policy-that-cannot-be-read",
        ),
    ],
)
def test_problem_names_its_place(changed: dict[str, str], problem: str) -> None:
    """A problem reads file, line, column, check and what to do."""
    found = review(**changed)

    assert [str(one) for one in found.problems] == [problem]
    assert not found.passed


def test_warning_does_not_keep_from_use() -> None:
    """A value not compared with its instrument for a year is pointed out, no more."""
    found = review(policy=CHECKED.replace("checked_date: 2026-11-21", "checked_date: 2025-01-01"))

    assert [problem.code for problem in found.problems] == ["stale"]
    assert found.passed
    assert found.cases == 2


def test_shipped_folder_passes() -> None:
    """Every policy that is shipped passes its own review, with all its cases."""
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in ROOT.rglob("*.yaml")}

    found = review_policies(files, TODAY)

    assert [str(problem) for problem in found.problems if not problem.warning] == []
    assert found.cases > found.policies


TAKING = """\
    inputs:
      other: {from: policy, policy: OTHER, output: OUTPUT, if_missing: 1}
"""


def taking(name: str, other: str, output: str) -> str:
    """Write a policy that takes in a result of another."""
    return CHECKED.replace("cn.example.points", name).replace(
        "    indicators:\n",
        TAKING.replace("OTHER", other).replace("OUTPUT", output) + "    indicators:\n",
        1,
    )


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        pytest.param(("cn.example.b", "score"), ("cn.example.a", "score"), "cycle", id="circle"),
        pytest.param(("cn.example.c", "score"), None, "unknown-policy", id="no-such-policy"),
        pytest.param(("cn.example.b", "premium"), None, "unknown-output", id="no-such-result"),
        pytest.param(("cn.example.b", "score"), None, "", id="right"),
    ],
)
def test_policies_fit_together(
    first: tuple[str, str], second: tuple[str, str] | None, code: str
) -> None:
    """What one takes in of another exists, and nothing goes round in a circle."""
    plain = CHECKED.replace("cn.example.points", "cn.example.b")
    files = {name: content for name, content in FOLDER.items() if "/" not in name}
    files["cn.example/a.yaml"] = taking("cn.example.a", *first).encode()
    files["cn.example/b.yaml"] = (taking("cn.example.b", *second) if second else plain).encode()

    found = review_policies(files, TODAY)

    serious = {one.code for one in found.problems if not one.warning} - {"without-cases"}
    assert serious == ({code} if code else set())
