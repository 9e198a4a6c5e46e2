"""A review looks at a folder as a whole."""

from datetime import date

import pytest

from services.engine.instruments import read_instruments
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


def review_of(files: dict[str, str]) -> Review:
    """Review some policies beside the shipped words."""
    words = {name: FOLDER[name] for name in ("vocabulary.yaml", "instruments.yaml")}
    return review_policies(words | {name: text.encode() for name, text in files.items()}, TODAY)


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
            " one of sum, max, min, distinct with what it is of, most_within with a length of time,"
            " or reached with a number",
            id="policy-that-cannot-be-read",
        ),
    ],
)
def test_problem_names_its_place(changed: dict[str, str], problem: str) -> None:
    """A problem reads file, line, column, check and what to do."""
    found = review(**changed)

    assert [str(one) for one in found.problems] == [problem]
    assert not found.passed


def test_cases_of_one_policy_have_names_of_their_own_in_all_its_files() -> None:
    """A failure names the case alone, so two files of cases may not both have it."""
    more = {"cn.example/more.cases.yaml": CASES.encode()}
    others = {"cn.example/more.cases.yaml": CASES.replace("name: ", "name: another, ").encode()}

    assert [(one.file, one.code) for one in review_policies(FOLDER | more, TODAY).problems] == [
        ("cn.example/points.cases.yaml", "duplicate-case")
    ] * 2
    assert review_policies(FOLDER | others, TODAY).passed


def test_warning_does_not_keep_from_use() -> None:
    """A value not compared with its instrument for a year is pointed out, no more."""
    found = review(policy=CHECKED.replace("checked_date: 2026-11-21", "checked_date: 2025-01-01"))

    assert [problem.code for problem in found.problems] == ["stale"]
    assert found.passed
    assert found.cases == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("cn.example/x.yml", True, id="other-ending"),
        pytest.param("cn.example/X.YAML", True, id="in-capitals"),
        pytest.param("x.yaml", True, id="beside-the-folders"),
        pytest.param("x.cases.yaml", True, id="cases-beside-the-folders"),
        pytest.param("calendar.yaml", False, id="read-by-others"),
        pytest.param("README.md", False, id="no-policy"),
        pytest.param("cn.example/points.yaml~", False, id="copy-of-an-editor"),
    ],
)
def test_file_that_nobody_reads_is_named(name: str, *, expected: bool) -> None:
    """A file that looks like a policy and is none is told, or its author believes it is checked."""
    found = review_policies(FOLDER | {name: b"rubbish: ["}, TODAY)

    codes = [(one.file, one.code) for one in found.problems]
    assert codes == ([(name, "file-not-read")] if expected else [])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        pytest.param(
            {"policy": CHECKED.replace("{months: 12}", "{years: 1001}")},
            "cn.example/points.yaml:16:32: syntax: 'years' is 1001; it is at most 1000",
            id="window",
        ),
        pytest.param(
            {"cases": CASES.replace("severity: serious}", "severity: serious, times: 10001}")},
            "cn.example/points.cases.yaml:9:77: syntax: 'times' is 10001; it is at most 10000",
            id="records-of-a-case",
        ),
    ],
)
def test_what_a_service_would_not_read_is_refused(changed: dict[str, str], problem: str) -> None:
    """The limits of the service hold on the command line too, with nothing else said."""
    assert [str(one) for one in review(**changed).problems] == [problem]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            "{last: {months: 12}}",
            "{by: severity, months: {unspecified: 1, minor: 1, general: 1, serious: 36000}}",
            "14:9: number-too-large: 'serious': a day lies outside the years 1 to 9999",
            id="window-by-code",
        ),
        pytest.param(
            "start_date: 2024-01-01",
            "start_date: 9999-12-30",
            "14:9: number-too-large: 'serious': a day lies outside the years 1 to 9999",
            id="last-days-of-the-calendar",
        ),
        pytest.param(
            "{subtract: [0, off]}",
            "{subtract: [0, 4611686018427387904]}",
            "41:49: number-too-large: 4611686018427387904 is beyond 64-bit whole numbers",
            id="literal",
        ),
        pytest.param(
            "        start: 100\n",
            "        start: {multiply: [999999999999999999, 999999999999999999]}\n",
            "33:9: number-too-large: 'score': a number is beyond 64-bit whole numbers",
            id="product",
        ),
    ],
)
def test_number_that_cannot_be_is_named_with_its_part(old: str, new: str, problem: str) -> None:
    """What cannot be worked out for anybody is a mistake at its place, and no error."""
    assert old in CHECKED
    found = review(policy=CHECKED.replace(old, new, 1))

    assert not found.passed
    assert str(found.problems[0]).startswith(f"cn.example/points.yaml:{problem}")


def test_case_with_too_large_a_number_fails_at_its_place() -> None:
    """The other cases are tried all the same."""
    (problem,) = review(
        policy=CHECKED.replace(
            "{at_least: 3}, off: 30}", "{at_least: 3}, off: 999999999999999999}"
        ).replace("{subtract: [0, off]}", "{multiply: [off, -10000]}"),
        cases=CASES.replace("severity: serious}", "severity: serious, times: 3}").replace(
            "{grade: A, score: 90, rules: [EX-1]}", "{grade: B}"
        ),
    ).problems[:1]

    assert (problem.file, problem.line, problem.code) == (
        "cn.example/points.cases.yaml",
        6,
        "case-failed",
    )
    assert "beyond 64-bit whole numbers" in problem.message


def test_cases_with_mistakes_are_cases() -> None:
    """A case file that cannot be read is told of once; the policy is not without cases."""
    found = review(cases=CASES.replace("severity: serious", "severty: serious"))

    assert [(one.file, one.code) for one in found.problems] == [
        ("cn.example/points.cases.yaml", "unknown-name")
    ]


def test_broken_list_of_instruments_is_told_at_its_place() -> None:
    """The policies are checked all the same."""
    broken = b"instruments:\n  - {document_number: x, end_date: soon, superseded_by: y}\n"

    found = review_policies(FOLDER | {"instruments.yaml": broken}, TODAY)

    (problem,) = found.problems
    assert str(problem).startswith("instruments.yaml:2:36: syntax: 'end_date' must be a day")
    assert found.policies == 1


def test_what_an_instrument_says_besides_is_told_and_keeps_nothing_from_being_read() -> None:
    """The note stands at column 54; the end before it is read, and cited by nobody."""
    noted = b"instruments:\n  - {document_number: x, end_date: 2024-01-01, note: y}\n"

    found = review_policies(FOLDER | {"instruments.yaml": noted}, TODAY)

    (problem,) = found.problems
    assert str(problem).startswith("instruments.yaml:2:54: unknown-key: 'note' is not known here")
    assert not found.passed
    assert read_instruments(noted, "i.yaml")["x"].superseded_by == ""


@pytest.mark.timeout(180)
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


def _of_two_versions(name: str, other: str, days: tuple[str, str, str]) -> str:
    """Write a policy that takes in another in its first version, its second or both.

    Args:
        name: The policy.
        other: The policy taken in.
        days: First day of the first version, its end, and which versions take in: `1`, `2`, `12`.
    """
    start, end, which = days
    head, version = taking(name, other, "score").split('  - version: "1"', 1)
    plain = CHECKED.split('  - version: "1"', 1)[1]
    one = version if "1" in which else plain
    two = version if "2" in which else plain
    one = one.replace("start_date: 2024-01-01", f"start_date: {start}", 1)
    one = one.replace("end_date: null", f"end_date: {end}", 1)
    two = two.replace("start_date: 2024-01-01", f"start_date: {end}", 1)
    return f'{head}  - version: "1"{one}  - version: "2"{two}'


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param("2022-01-01", False, id="as-the-other-begins"),
        pytest.param("2022-01-02", True, id="a-day-longer"),
    ],
)
def test_circle_is_one_on_a_day(until: str, *, expected: bool) -> None:
    """The first takes in the second until a day, the second the first from 2022-01-01 on."""
    files = {name: content for name, content in FOLDER.items() if "/" not in name}
    first = _of_two_versions("cn.example.a", "cn.example.b", ("2020-01-01", until, "1"))
    second = _of_two_versions("cn.example.b", "cn.example.a", ("2020-01-01", "2022-01-01", "2"))
    files["cn.example/a.yaml"], files["cn.example/b.yaml"] = first.encode(), second.encode()

    found = [one for one in review_policies(files, TODAY).problems if one.code == "cycle"]

    line = first[: first.index("      other: {from")].count("\n") + 1
    places = [(one.file, one.line) for one in found]
    assert places == ([("cn.example/a.yaml", line)] if expected else [])
    assert all("from 2022-01-01 on" in one.message for one in found)


@pytest.mark.parametrize(
    ("end_date", "expected"),
    [
        pytest.param("2024-01-01", True, id="ended-as-this-one-begins"),
        pytest.param("2024-01-02", False, id="a-day-together"),
    ],
)
def test_input_of_a_policy_that_is_never_in_force_with_it_is_refused(
    end_date: str, *, expected: bool
) -> None:
    """The one that takes in is in force from 2024-01-01; before, nothing could be taken in."""
    other = CHECKED.replace("cn.example.points", "cn.example.b").replace(
        "start_date: 2024-01-01\n    end_date: null",
        f"start_date: 2020-01-01\n    end_date: {end_date}",
    )
    files = {name: content for name, content in FOLDER.items() if "/" not in name}
    files["cn.example/a.yaml"] = taking("cn.example.a", "cn.example.b", "score").encode()
    files["cn.example/b.yaml"] = other.encode()

    codes = {one.code for one in review_policies(files, TODAY).problems}

    assert ("never-in-force" in codes) is expected


@pytest.mark.parametrize(
    ("least", "large"),
    [
        pytest.param(46_116_860_184_273_879, False, id="just-fits"),
        pytest.param(46_116_860_184_273_880, True, id="too-large"),
    ],
)
def test_number_that_is_too_large_with_its_decimals_is_named(least: int, *, large: bool) -> None:
    """With two decimals the second is above 2 to the 62nd, 4,611,686,018,427,387,904."""
    text = CHECKED.replace("places: 0", "places: 2").replace("at_least: 90", f"at_least: {least}")

    found = [one for one in review(policy=text).problems if one.code == "number-too-large"]

    line = text[: text.index("grade: A")].count("\n") + 1
    assert [f"{one.line}:{one.column}" for one in found] == ([f"{line}:47"] if large else [])


@pytest.mark.parametrize("severity", ["[serious]", "{is: serious}"])
def test_case_may_not_give_several_codes_for_one(severity: str) -> None:
    """A list and a comparison are right in a filter; a record has one severity."""
    found = review(cases=CASES.replace("severity: serious", f"severity: {severity}")).problems

    assert [f"{one.file}:{one.line}:{one.code}" for one in found] == [
        "cn.example/points.cases.yaml:9:type"
    ]


def test_mistakes_of_the_vocabulary_are_listed_with_their_places() -> None:
    """Nothing can be read without the words; what is wrong with these is said place by place."""
    words = FOLDER["vocabulary.yaml"]
    line = words[: words.index(b"units:\n")].count(b"\n") + 1
    broken = words.replace(b"units:\n", b"units: [\n", 1)

    found = review_policies({**FOLDER, "vocabulary.yaml": broken}, TODAY)

    assert not found.passed
    assert (found.policies, found.versions, found.cases) == (0, 0, 0)
    assert {one.file for one in found.problems} == {"vocabulary.yaml"}
    assert all(one.line > line for one in found.problems)
