"""A version that the credit service could not apply is found before it is issued."""

from pathlib import Path

import pytest

from services.engine.applied_law import NOT_APPLICABLE, check_applied
from services.engine.building import compile_policy
from services.engine.policy_file import read_policy
from services.engine.vocabulary import parse_vocabulary

POLICIES = Path(__file__).parents[3] / "policies"
VOCABULARY = parse_vocabulary((POLICIES / "vocabulary.yaml").read_bytes())
LEVEL_OUTPUT = "      level: {is: level, unit: level}"
LOSS = "      direct_loss_fen: {from: request, unit: fen, if_missing: 0}"


def problems(name: str, *changes: tuple[str, str], policy_id: str = "") -> set[str]:
    """Check the last version of a policy of the project, with changes of its text."""
    text = (POLICIES / "cn" / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in (*changes, (f"policy: cn.{name}", f"policy: {policy_id or f'cn.{name}'}")):
        assert old in text
        text = text.replace(old, new)
    policy = read_policy(text.encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[-1], VOCABULARY)
    found = list(check_applied(policy, plan))
    assert {one.code for one in found} <= {NOT_APPLICABLE}
    return {one.message for one in found}


@pytest.mark.parametrize("name", ["credit-repair", "accident-level"])
def test_the_law_of_the_project_can_be_applied(name: str) -> None:
    """Nothing is missing and nothing is asked that is not shown."""
    assert problems(name) == set()


def test_an_output_that_is_read_must_be_there() -> None:
    """By its own name; under any other policy's name nobody asks for it."""
    renamed = (LEVEL_OUTPUT, LEVEL_OUTPUT.replace("level:", "degree:"))

    (message,) = problems("accident-level", renamed)

    assert "asks for 'level'" in message
    assert problems("accident-level", renamed, policy_id="cn.test.level") == set()


def test_a_period_needs_the_value_that_is_cited() -> None:
    """An output alone does not say which clause gives the months."""
    renamed = (
        ("      sharing_working_days:\n", "      days_to_share:\n"),
        ("{is: sharing_working_days,", "{is: days_to_share,"),
    )

    (message,) = problems("credit-repair", *renamed)

    assert "'sharing_working_days'" in message


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("{from: request, unit: person, if_missing: no_data}", 1, id="no-result"),
        pytest.param("{from: request, unit: person, if_missing: 0}", 0, id="a-number-stands-in"),
        pytest.param("{from: subject, attribute: headcount, if_missing: 0}", 1, id="the-subject"),
    ],
)
def test_what_is_not_shown_is_not_asked_for(given: str, expected: int) -> None:
    """An input of its own has to do without an answer."""
    missing = f"{LOSS}\n      headcount: {given}"
    counted = "{lookup: by_direct_loss}, {multiply: [headcount, 0]}"

    found = problems("accident-level", (LOSS, missing), ("{lookup: by_direct_loss}", counted))

    assert len([one for one in found if "input headcount" in one]) == expected
