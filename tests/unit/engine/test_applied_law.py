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


HUGE = """        where: {fine_fen: {at_least: 1000000000}}
        window: ever
        measure: count"""
ONE = "when: {suspensions: {at_least: 1}}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "window: ever", "window: {last: {months: 36}}", "when a window closes", id="window"
        ),
        pytest.param(
            "window: ever",
            "window: {last: {years: 3}, day: final_date}",
            "when a window closes",
            id="day",
        ),
        pytest.param(
            "{fine_fen:",
            "{event_date: {on_or_after: {period_start: year, offset: -2}}, fine_fen:",
            "day by day",
            id="period",
        ),
        pytest.param(
            "{fine_fen:", "{final_date: {on_or_before: as_of}, fine_fen:", "day by day", id="as-of"
        ),
        pytest.param(
            "{fine_fen:",
            "{final_date: {on_or_after: 2020-01-01}, fine_fen:",
            "",
            id="a-day-that-is-written-down",
        ),
        pytest.param(
            "{fine_fen:",
            "{accident_level: major, fine_fen:",
            "does not show 'accident_level' of a penalty",
            id="what-is-joined",
        ),
        pytest.param(
            "measure: count",
            "measure: {most_within: {months: 12}}",
            "not how several of them lie",
            id="several",
        ),
    ],
)
def test_one_record_is_asked_about_once(old: str, new: str, expected: str) -> None:
    """What a later day or another record would change, nobody would ever ask for."""
    found = problems("credit-repair", (HUGE, HUGE.replace(old, new)))

    assert [expected in message for message in found] == ([True] if expected else [])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("at_least: 1", 0), ("above: 0", 0), ("at_least: 2", 1), ("above: 1", 1), ("is: 2", 1)],
)
def test_there_is_never_a_second_record(asked: str, expected: int) -> None:
    """A rule for a second penalty could be published, and would hold for nobody."""
    found = problems("credit-repair", (ONE, f"when: {{suspensions: {{{asked}}}}}"))

    assert len(found) == expected
    assert all("'suspensions' is never above 1" in message for message in found)


def test_a_window_is_refused_where_it_stands() -> None:
    """Line and column are those of the indicator."""
    text = (POLICIES / "cn" / "credit-repair.yaml").read_text(encoding="utf-8")
    text = text.replace(HUGE, HUGE.replace("ever", "{last: {months: 36}}"))
    policy = read_policy(text.encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[-1], VOCABULARY)

    (found,) = check_applied(policy, plan)

    lines = text.splitlines()
    assert lines[found.line - 2].strip() == "huge_fines:"
    assert found.column == len("        ") + 1


def test_repairs_are_granted_by_one_law() -> None:
    """A law of repair of another name would be foreseen by nobody, and granted by nobody."""
    assert problems("credit-repair", policy_id="cn.other-repair") == {
        "nobody applies it; repairs are granted by 'cn.credit-repair' alone"
    }
