"""A change of ladder: the grades of the tests with a fourth grade, and the list that takes it in.

Each file alone is refused: the list in force would compare with grades of another ladder, and the
old ladder has no grade D for the new list.
"""

from tests.fakes.policy_desk import grade_cases, grade_file
from tests.fakes.scoring_policies import LIST, LOCAL_GRADE

GRADE_ID = "cn.test.grade"
LIST_ID = "cn.test.list"
LOCAL_ID = "cn.test.local.grade"
START = "2026-01-01"
"""First day of both: the day after the last of the rate that takes the grades in."""

EXTENDS = f'extends: {{policy: {GRADE_ID}, version: "three"}}'
"""How a local version takes the new grades over."""

FOURTH = """{grade: C, when: {score: {at_least: 40}}}
        - {grade: D, when: true}"""
"""What stands in the place of the last grade of the old ladder."""

_LIST_CASES = """
policy: cn.test.list
cases:
  - name: the worst of four grades makes a candidate
    as_of: 2026-02-01
    subject: {}
    inputs: {grade: 4}
    expect: {status: candidate}
    source: {article: 第三条}
  - name: the third does not
    as_of: 2026-02-01
    subject: {}
    inputs: {grade: 3}
    expect: {status: null, rules: []}
    source: {article: 第三条}
"""


def ladder_grade(*, start: str = START) -> bytes:
    """Write grades with a D below 40 points, and 35 points off for each penalty."""
    text = grade_file(start=start, penalty="-35").decode()
    for old, new in (
        ("ladder: [A, B, C]", "ladder: [A, B, C, D]"),
        ("{grade: C, when: true}", FOURTH),
    ):
        assert old in text, f"the test's policy has {old}"
        text = text.replace(old, new)
    return text.encode()


def ladder_grade_cases(score: str = "65") -> bytes:
    """Write its case: one penalty leaves 65 points."""
    return grade_cases(day="2026-02-01", event="2026-01-15", score=score, grade="B")


def ladder_list(*, start: str = START, grade: str = "D") -> bytes:
    """Write the list that takes the grade D."""
    text = LIST.lstrip()
    for old, new in (
        ('version: "one"', 'version: "two"'),
        ("start_date: 2020-01-01", f"start_date: {start}"),
        ("when: {grade: C}", f"when: {{grade: {grade}}}"),
        ("等级为C", "等级为D"),
        ("graded C", "graded D"),
    ):
        assert old in text, f"the test's policy has {old}"
        text = text.replace(old, new)
    return text.encode()


def ladder_list_cases() -> bytes:
    """Write its cases, on both sides of the grade."""
    return _LIST_CASES.lstrip().encode()


def local_grade() -> bytes:
    """Write grades of Chaoyang that extend the new ones of the country."""
    text = LOCAL_GRADE.lstrip()
    for old, new in (
        ('version: "one"', 'version: "two"'),
        ("end_date: null", f"end_date: null\n    {EXTENDS}"),
        ("when: {score: 1}", "when: true"),
        ("start_date: 2020-01-01", f"start_date: {START}"),
    ):
        assert old in text, f"the test's policy has {old}"
        text = text.replace(old, new)
    return text.encode()


def local_grade_cases() -> bytes:
    """Write its case: a clean enterprise has the only grade."""
    return (
        f"policy: {LOCAL_ID}\ncases:\n  - name: clean\n    as_of: 2026-02-01\n"
        "    subject: {kind: production_unit, headcount: 10}\n    expect: {grade: 甲, score: 1}\n"
    ).encode()
