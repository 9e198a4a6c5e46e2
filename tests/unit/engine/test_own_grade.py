"""The policy's own grade: for its outputs, and for nothing that it is made of."""

from pathlib import Path

import pytest

from tests.unit.engine.holding import problems

POLICY = (Path(__file__).parent / "schemes" / "grade-runs.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("when: {penalties: {at_least: 1}}", "when: {grade: A}", id="rule"),
        pytest.param("{grade: A, when: true}", "{grade: A, when: {grade: B}}", id="band"),
    ],
)
def test_what_makes_the_grade_cannot_use_it(old: str, new: str) -> None:
    """A rule or band would make the grade out of itself."""
    assert {one.split(":")[2] for one in problems(POLICY.replace(old, new))} == {"unknown-name"}


def test_a_word_that_is_no_grade_is_named() -> None:
    """The own grade compares with the ladder's words alone."""
    found = problems(POLICY.replace("{if: {grade: A}", "{if: {grade: C}"))

    assert [one.split(":")[2] for one in found] == ["unknown-code"]
