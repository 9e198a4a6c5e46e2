"""The days on which an entry was off its list, though it is on it again."""

from datetime import date

import pytest

from services.scoring.domain.entry_gaps import was_off
from services.scoring.domain.list_case import Opinion, Step, StepKind
from tests.fakes.list_course import step

LEFT, BACK = date(2026, 9, 18), date(2026, 10, 20)
K = StepKind


def of_entry(kind: StepKind, day: date, entry_id: int = 5, opinion: int = 1) -> Step:
    """Make a step about an entry."""
    return step(kind, day, entry_id=entry_id, opinion=Opinion(opinion))


EARLY = of_entry(K.DECIDE_EARLY, LEFT)
WITHDRAWN = of_entry(K.WITHDRAW_EARLY, BACK)


@pytest.mark.parametrize(
    ("day", "off"),
    [
        pytest.param(date(2026, 9, 17), False, id="the-day-before"),
        pytest.param(LEFT, True, id="the-day-of-the-removal"),
        pytest.param(date(2026, 10, 19), True, id="the-last-day"),
        pytest.param(BACK, False, id="the-day-of-the-return"),
    ],
)
def test_between_removal_and_withdrawal_it_was_off(day: date, *, off: bool) -> None:
    """From 18 September to 19 October, half open; what happened before matters nothing."""
    applied = of_entry(K.APPLY_EARLY, date(2026, 9, 1))

    assert was_off([applied, EARLY, WITHDRAWN], 5, day) is off


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([of_entry(K.DECIDE_EARLY, LEFT, opinion=2), WITHDRAWN], id="refused"),
        pytest.param([EARLY], id="never-came-back"),
        pytest.param([of_entry(K.DECIDE_EARLY, LEFT, 6), WITHDRAWN], id="anothers"),
        pytest.param([of_entry(K.EXTEND, BACK)], id="extended-while-on-it"),
    ],
)
def test_nothing_else_is_a_gap(steps: list[Step]) -> None:
    """A refusal removes nothing, and what did not come back is off it anyway."""
    assert not was_off(steps, 5, LEFT)


def test_a_redlisting_that_was_restored_and_a_second_gap_are_found() -> None:
    """Every pair of steps counts, of a broken condition too."""
    steps = [
        of_entry(K.BREAK, date(2026, 1, 5)),
        of_entry(K.BREAK, date(2026, 1, 9)),
        of_entry(K.CORRECT, date(2026, 1, 12)),
        EARLY,
        WITHDRAWN,
    ]

    days = [date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 11), date(2026, 1, 12), LEFT]
    assert [was_off(steps, 5, day) for day in days] == [False, True, True, False, True]
