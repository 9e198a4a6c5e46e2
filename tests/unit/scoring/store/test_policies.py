"""Loading policies: all of them, or every problem at once."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.errors import PolicyRefusedError
from services.scoring.store.policies import PoliciesMissingError, load_policies
from tests.fakes.scoring_policies import (
    ALL,
    GRADE,
    LIST,
    LOCAL_GRADE,
    POLICIES,
    RATE,
    write_policies,
)


def codes(folder: Path, files: dict[str, str]) -> set[tuple[str, str]]:
    """Load policies that must be refused, and give files and codes of the problems."""
    with pytest.raises(PolicyRefusedError) as error:
        load_policies(write_policies(folder, files))
    return {(problem.file, problem.code) for problem in error.value.problems}


def test_the_policies_of_the_project_load() -> None:
    """Everything in policies/ can be used."""
    library = load_policies(POLICIES)

    found = library.named(
        "grade", "cn.shandong.liaocheng.grade", version="", as_of=date(2025, 1, 1)
    )
    assert found.compiled.version.version == "2013-06-24"


def test_cases_and_shared_files_are_no_policies(tmp_path: Path) -> None:
    """Golden cases stand beside policies, and shared words above them."""
    files = {**ALL, "cn/grade.cases.yaml": "cases: []", "instruments.yaml": "instruments: []"}

    library = load_policies(write_policies(tmp_path, files))

    assert len(library.listed("", field=0, division=None, as_of=None)) == 5


def test_without_a_vocabulary_nothing_loads(tmp_path: Path) -> None:
    """An empty folder is a wrong folder."""
    with pytest.raises(PoliciesMissingError):
        load_policies(tmp_path)


def test_every_problem_of_every_file_is_named(tmp_path: Path) -> None:
    """One refusal names what is wrong in reading, compiling and putting together."""
    files = {
        "a/unreadable.yaml": "policy: [",
        "b/no-kind.yaml": LOCAL_GRADE.replace("kind: grade\n", ""),
        "c/list.yaml": LIST,
        "d/one.yaml": LOCAL_GRADE,
        "d/two.yaml": LOCAL_GRADE,
    }

    found = codes(tmp_path, files)

    assert {file for file, _ in found} == {
        "a/unreadable.yaml",
        "b/no-kind.yaml",
        "c/list.yaml",
        "d/two.yaml",
    }
    assert ("c/list.yaml", "unknown-policy") in found
    assert ("d/two.yaml", "duplicate-policy") in found


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        pytest.param(
            "cn/grade.yaml", "    end_date: 2025-07-01", "    end_date: 2025-07-02", "time-overlap",
            id="overlap",
        ),
        pytest.param(
            "cn/grade.yaml", "    end_date: 2025-07-01", "    end_date: null", "time-overlap",
            id="no-end",
        ),
        pytest.param(
            "cn/grade.yaml", "    end_date: 2025-07-01", "    end_date: 2015-01-01", "time-empty",
            id="empty",
        ),
        pytest.param(
            "cn/grade.yaml", 'version: "two"', 'version: "one"', "duplicate-version", id="twice"
        ),
        pytest.param(
            "cn/grade.yaml", 'version: "two"', f'version: "{"2" * 51}"', "version", id="long"
        ),
        pytest.param(
            "cn/grade.yaml", "cn.test.grade", f"cn.{'x' * 88}", "policy-id", id="long-name"
        ),
        pytest.param(
            "cn/grade.yaml", "field: all", "field: gardening", "unknown-code", id="unknown-field"
        ),
        pytest.param(
            "cn.beijing/local-grade.yaml", "甲", "甲" * 51, "grade", id="long-grade"
        ),
        pytest.param(
            "cn.beijing/rate.yaml", "output: score, places: 2", "output: score", "decimals",
            id="decimals-lost",
        ),
        pytest.param(
            "cn.beijing/rate.yaml", "output: score", "output: charm", "unknown-output",
            id="unknown-output",
        ),
        pytest.param(
            "cn.beijing/rate.yaml", "policy: cn.test.list, output: status",
            "policy: cn.test.list, output: grade", "unknown-output", id="list-without-grades",
        ),
        pytest.param(
            "cn.beijing/rate.yaml", "premium: {is: premium, unit: CNY, places: 2}",
            "premium: {is: premium, unit: CNY, places: 3}", "rate-output", id="tenths-of-a-fen",
        ),
        pytest.param(
            "cn.beijing/rate.yaml", "      transaction_kind: {",
            "      limit_per_person: {from: request, unit: CNY, if_missing: unknown}\n"
            "      transaction_kind: {", "rate-input", id="limit-in-yuan",
        ),
        pytest.param(
            "cn/grade.yaml", "ladder: [A, B, C]", "ladder: [A, B, C]", "several-ladders",
            id="another-ladder-later",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(
    tmp_path: Path, name: str, old: str, new: str, code: str
) -> None:
    """Each mistake in how policies stand side by side has its own word."""
    files = dict(ALL)
    if code == "several-ladders":
        # Without its anchor the second version can have a ladder of its own.
        files[name] = files[name].replace("grade: *grade", SECOND_LADDER)
    else:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    assert code in {found for _, found in codes(tmp_path, files)}


SECOND_LADDER = """grade:
      ladder: [优, 良]
      start: [{grade: 优, when: {score: {at_least: 90}}}, {grade: 良, when: true}]
      beyond: clamp
      source: {article: 第八条, confidence: assumed}"""


def test_policies_that_take_each_other_in_are_refused(tmp_path: Path) -> None:
    """A circle of policies has no order in which to evaluate them."""
    grade = GRADE.replace(
        "headcount: {from: subject, if_missing: no_data}",
        "headcount: {from: policy, policy: cn.test.rate, output: factor, places: 2,"
        " if_missing: no_data}",
    )

    found = codes(tmp_path, {**ALL, "cn/grade.yaml": grade})

    assert "cycle" in {code for _, code in found}


def test_a_policy_without_its_source_is_refused(tmp_path: Path) -> None:
    """A rate whose grade policy is gone cannot be used."""
    found = codes(tmp_path, {"cn.beijing/rate.yaml": RATE})

    assert ("cn.beijing/rate.yaml", "unknown-policy") in found
