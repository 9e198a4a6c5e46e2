"""Results of other policies, printed beside the lines that rest on them."""

import pytest
from google.type.date_pb2 import Date

from cli.display.explanations import describe_basis, print_lines
from safetycredit.scoring.v1.basis_pb2 import Basis, Line, PolicyRef, TakenResult

POLICY = PolicyRef(policy_id="cn.test.grade", version="one")
GRADE = TakenResult(
    policy=POLICY, output="grade", value="A", valid_until_date=Date(year=2027, month=1, day=26)
)


def test_a_line_names_the_policy_and_its_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the line sees which result it rests on; one without a value is none."""
    lines = [
        Line(rule_id="X-GRADE", results=[GRADE]),
        Line(rule_id="X-NONE", results=[TakenResult(policy=PolicyRef(policy_id="cn.test.list"))]),
    ]

    print_lines(lines, language="en")

    printed = capsys.readouterr().out.replace("\n", " ")
    assert "cn.test.grade = A" in printed
    assert "cn.test.list = (none)" in printed


@pytest.mark.parametrize(
    ("taken", "text"),
    [
        pytest.param(GRADE, "grade of cn.test.grade one: A, until 2027-01-26", id="until"),
        pytest.param(
            TakenResult(
                policy=POLICY, output="grade", value="A", start_date=Date(year=2024, month=3, day=1)
            ),
            "grade of cn.test.grade one: A, since 2024-03-01",
            id="since",
        ),
        pytest.param(
            TakenResult(policy=POLICY, output="grade"),
            "grade of cn.test.grade one: (none)",
            id="no-result-no-end",
        ),
    ],
)
def test_what_was_taken_in_says_how_long_it_holds(taken: TakenResult, text: str) -> None:
    """An answer that stands on a result of another policy shows the day on which that may end."""
    assert ("took in", text) in describe_basis(Basis(results=[taken]))
