"""Deadlines of the call that runs."""

from time import monotonic

import pytest

from services.common.deadline import Deadline, DeadlinePassedError, check_deadline, under_deadline


def test_work_without_a_deadline_goes_on() -> None:
    """Outside calls nothing is ever too late."""
    check_deadline()


@pytest.mark.parametrize(
    ("deadline", "passed"),
    [
        pytest.param(Deadline(), False, id="none-set"),
        pytest.param(Deadline(monotonic() + 3600), False, id="in-an-hour"),
        pytest.param(Deadline(monotonic()), True, id="now"),
        pytest.param(Deadline(None, abandoned=True), True, id="caller-gone"),
    ],
)
def test_a_deadline_passes(deadline: Deadline, *, passed: bool) -> None:
    """A deadline passes with its instant, or when nobody waits any more."""
    assert deadline.passed is passed


def test_work_stops_once_its_deadline_has_passed() -> None:
    """Only what runs under the deadline is stopped."""
    with under_deadline(Deadline(monotonic())), pytest.raises(DeadlinePassedError):
        check_deadline()

    check_deadline()
