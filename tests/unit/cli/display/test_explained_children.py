"""Lines of an explanation name the child subjects that they counted."""

import pytest

from cli.display.explanations import print_lines
from safetycredit.scoring.v1.basis_pb2 import Line


def test_children_stand_before_their_records(capsys: pytest.CaptureFixture[str]) -> None:
    """Two drivers by their identifiers, then the record of one of them."""
    line = Line(rule_id="DS-1", children=["p-11", "p-12"], record_ids=["r-7"])

    print_lines([line], language="en")

    assert "p-11 p-12 r-7" in capsys.readouterr().out
