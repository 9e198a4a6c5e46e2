"""What the upkeep remembers between looks: what is due, and what failed."""

from datetime import date

from structlog.testing import capture_logs

from services.scoring.commands.lists.upkeep_memory import DueDays, Failures


def test_days_come_once_and_are_forgotten() -> None:
    """Due on its day and after it, until it is forgotten; what is due later stays."""
    due = DueDays()
    due.add(1, date(2025, 6, 2))
    due.add(2, date(2025, 6, 2))
    due.add(1, date(2025, 6, 3))

    assert due.due(date(2025, 6, 1)) == frozenset()
    assert due.due(date(2025, 6, 2)) == {1, 2}
    due.forget(date(2025, 6, 2))
    assert due.due(date(2025, 6, 2)) == frozenset()
    assert due.due(date(2025, 6, 4)) == {1}
    due.clear()
    assert due.due(date(2025, 6, 4)) == frozenset()


def look(failures: Failures, *errors: tuple[int, str]) -> list[tuple[str, int]]:
    """Take a look in which a chore fails at some numbers; give what is logged."""
    failures.begin()
    with capture_logs() as logs:
        for number, text in errors:
            failures.note("term", number, KeyError(text))
    failures.end()
    return [(one["chore"], one["number"]) for one in logs]


def test_a_failure_is_told_until_it_is_well_or_another() -> None:
    """Once for each entry and reason; after it was well, it is told anew."""
    failures = Failures()

    assert look(failures, (1, "one"), (2, "one")) == [("term", 1), ("term", 2)]
    assert look(failures, (1, "one"), (2, "two")) == [("term", 2)]
    assert (list(failures.of("term")), list(failures.of("basis"))) == ([1, 2], [])
    assert look(failures, (2, "two")) == []
    assert list(failures.of("term")) == [2]
    assert look(failures, (1, "one"), (2, "two")) == [("term", 1)]
    assert look(failures) == []
    assert not failures


def test_a_look_that_breaks_off_forgets_no_failure() -> None:
    """What failed before the break is tried again, beside what failed in the look before."""
    failures = Failures()
    look(failures, (1, "one"))
    failures.begin()
    failures.note("term", 2, KeyError("one"))

    failures.begin()

    assert list(failures.of("term")) == [1, 2]
