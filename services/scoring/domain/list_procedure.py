"""The procedure of a list: what it requires, with the clause that asks for each requirement.

A case keeps the requirements as they were when it was opened; nothing here is a number of the law.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_errors import ProcedureMissingError

WORKING_DAY: Final = "working_day"
"""Unit of a period that leaves days off and holidays out (行政处罚法 art. 85)."""

_MONTHS: Final = {"month": 1, "year": 12}


class CountedDay(Protocol):
    """The last day of a period, as a calendar counts it."""

    @property
    def date(self) -> date:
        """Give the day."""
        ...

    @property
    def provisional(self) -> bool:
        """Say whether it may move, because a year's holidays are not announced."""
        ...


class WorkingCalendar(Protocol):
    """Counts working days."""

    def after(self, day: date, count: int) -> CountedDay:
        """Give the ``count``-th working day after a day."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class DueDay:
    """A day that a period leads to.

    Attributes:
        date: The day.
        provisional: Whether it may move, because a year's holidays are not announced.
    """

    date: date
    provisional: bool = False

    def next_day(self) -> "DueDay":
        """Give the day after it."""
        return DueDay(self.date + timedelta(days=1), self.provisional)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """How long a listing lasts in some circumstances.

    Attributes:
        rules: The circumstances; none for any.
        first: First listing of which it is so; 2 is the second.
        last: Last such listing; none for all further ones.
        value: Length of the term; of a range its least.
        unit: Its unit.
        citation: Instrument, number and article.
        confidence: How well the value is sourced.
        to: Greatest of a range within which the authority chooses; none where it is fixed.
    """

    rules: tuple[str, ...]
    first: int
    last: int | None
    value: int
    unit: str
    citation: str
    confidence: str
    to: int | None = None

    def fits(self, rule: str, listing: int) -> bool:
        """Say whether it is for a circumstance and a listing."""
        of_rule = not self.rules or rule in self.rules
        return of_rule and self.first <= listing and (self.last is None or listing <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One requirement and where it comes from.

    Attributes:
        value: Length of a period, truth, word or words; of a range its least.
        unit: Unit of a period; empty for the others.
        citation: Instrument, number and article.
        confidence: How well the value is sourced.
        by: What a term is instead of the value: for each circumstance the first row that fits.
        combine: Of several circumstances ``max``, ``min``, ``sum`` or ``first``; empty for one.
        to: Greatest of a range within which the authority chooses; none where it is fixed.
        at_least: Least number of the unit that a term is; none for no such.
        at_most: Greatest number of it.
    """

    value: int | bool | str | tuple[str, ...]
    unit: str
    citation: str
    confidence: str
    by: tuple[TermRow, ...] = ()
    combine: str = ""
    to: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def end(self, day: date, calendar: WorkingCalendar) -> DueDay:
        """Give the last day of the period that begins after a day.

        Months and years end on the day of the same number, or on the last of a shorter month.

        Args:
            day: Day on which the period begins; not counted itself.
            calendar: Counts working days.
        """
        assert isinstance(self.value, int), "only a period has an end"
        return period_end(self.value, self.unit, day, calendar)


@dataclass(frozen=True, slots=True)
class ListProcedure:
    """Every requirement of one list's procedure.

    Attributes:
        kind: Blacklist or redlist.
        clauses: Requirements by name; see ``services/engine/procedure_file.py``.
    """

    kind: ListKind
    clauses: Mapping[str, Clause]

    def clause(self, name: str) -> Clause | None:
        """Give a requirement; nothing if no text makes it."""
        return self.clauses.get(name)

    def required(self, name: str) -> Clause:
        """Give a requirement that the procedure cannot do without.

        Raises:
            ProcedureMissingError: It is not there.
        """
        found = self.clauses.get(name)
        if found is None:
            raise ProcedureMissingError(
                f"the policy's procedure does not say {name!r}; add it before cases are opened",
                clause_name=name,
            )
        return found

    def word(self, name: str) -> str:
        """Give a word; empty if there is none."""
        found = self.clauses.get(name)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def words(self, name: str) -> tuple[str, ...]:
        """Give words; none if there are none."""
        found = self.clauses.get(name)
        return found.value if found is not None and isinstance(found.value, tuple) else ()

    def flag(self, name: str) -> bool:
        """Say whether a truth is stated."""
        found = self.clauses.get(name)
        return found is not None and found.value is True

    def citation(self, *names: str) -> str:
        """Give where the first of some requirements that is there comes from."""
        return next((self.clauses[name].citation for name in names if name in self.clauses), "")


def period_end(value: int, unit: str, day: date, calendar: WorkingCalendar) -> DueDay:
    """Give the last day of a period that begins after a day, as `Clause.end` does."""
    if unit == WORKING_DAY:
        counted = calendar.after(day, value)
        return DueDay(counted.date, counted.provisional)
    if unit in _MONTHS:
        return DueDay(_months_on(day, value * _MONTHS[unit]))
    return DueDay(day + timedelta(days=value))


# Private functions -----------------------------------------------------------


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
