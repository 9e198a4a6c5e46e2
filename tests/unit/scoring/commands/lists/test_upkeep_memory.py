"""What the upkeep gathers in a look: what is due later, and what failed."""

from collections.abc import Iterable
from datetime import date

from structlog.testing import capture_logs

from services.common.errors import Category, SafetyCreditError
from services.scoring.commands.lists.upkeep_memory import DueDays, Failures
from services.scoring.commands.lists.upkeep_ports import FailedWork


class LockedError(SafetyCreditError):
    """A refusal."""

    reason = "LOCKED"
    category = Category.PRECONDITION


def test_the_last_day_found_of_a_redlisting_counts() -> None:
    """Found twice, the later answer counts, also that it never ends; kept, none is left."""
    due = DueDays()
    due.add(1, date(2025, 6, 2))
    due.add(2, date(2025, 6, 2))
    due.add(1, None)

    assert due.found() == {1: None, 2: date(2025, 6, 2)}
    assert len(due) == 2
    due.clear()
    assert not due.found()


class Book:
    """Keeps failures as the store does."""

    def __init__(self) -> None:
        """Begin with none."""
        self.failures = Failures()
        self.kept: dict[tuple[str, int], FailedWork] = {}

    def look(self, *errors: tuple[int, Exception]) -> list[tuple[str, int]]:
        """Take a look in which a chore fails at some numbers; give what is logged."""
        self.failures.begin(self.kept.values())
        with capture_logs() as logs:
            for number, error in errors:
                self.failures.note("term", number, error)
        self._keep(self.failures.fresh(), self.failures.mended())
        self.failures.end()
        return [(one["chore"], one["number"]) for one in logs]

    def _keep(self, fresh: Iterable[FailedWork], mended: Iterable[tuple[str, int]]) -> None:
        for key in mended:
            del self.kept[key]
        self.kept |= {one.key: one for one in fresh}


def mistake(text: str) -> Exception:
    """Make a mistake."""
    return KeyError(text)


def test_a_failure_is_told_until_it_is_well_or_another() -> None:
    """Once for each entry and reason; after it was well, it is told anew."""
    book = Book()

    assert book.look((1, mistake("one")), (2, mistake("one"))) == [("term", 1), ("term", 2)]
    assert book.look((1, mistake("one")), (2, mistake("two"))) == [("term", 2)]
    assert (book.failures.of("term"), book.failures.of("basis")) == ([1, 2], [])
    assert book.look((2, mistake("two"))) == []
    assert book.failures.of("term") == [2]
    assert book.look((1, mistake("one")), (2, mistake("two"))) == [("term", 1)]
    assert book.look() == []
    assert not book.failures
    assert book.kept == {}


def test_another_reason_takes_the_place_of_the_one_before() -> None:
    """A refusal says what was refused; of a mistake no word is kept, whatever it stumbled over."""
    book = Book()
    book.look((1, mistake("张三丰")))
    first = book.kept["term", 1]

    book.look((1, LockedError("the entry is locked")))

    assert first.reason == "INTERNAL"
    assert "张三丰" not in first.message
    assert book.kept == {("term", 1): FailedWork("term", 1, "LOCKED", "the entry is locked")}


def test_what_another_replica_mended_is_forgotten() -> None:
    """A look begins with what the store has, and not with what this replica remembers."""
    book = Book()
    book.look((1, mistake("one")))
    book.kept.clear()

    book.failures.begin(book.kept.values())

    assert book.failures.of("term") == []
    assert not book.failures
