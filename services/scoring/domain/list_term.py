"""How long a listing lasts: by the circumstances met, and by how many listings went before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.scoring.domain.list_procedure import (
    Clause,
    ListProcedure,
    TermRow,
    WorkingCalendar,
    period_end,
)

_MONTHS: Final = {"month": 1, "year": 12}
_UNITS: Final = {"working_day": "个工作日", "day": "天", "month": "个月", "year": "年"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTerm:
    """A term, and what gave it.

    Attributes:
        value: Whole number of the unit.
        unit: ``working_day``, ``day``, ``month`` or ``year``.
        rule_ids: Circumstances that gave it; none where it is the same for all of the list.
        listing: Which listing of the subject it is; 1 for the first.
        citation: Clause that it comes from.
        confidence: How well that is sourced.
    """

    value: int
    unit: str
    rule_ids: tuple[str, ...]
    listing: int
    citation: str
    confidence: str

    def end(self, start_date: date, calendar: WorkingCalendar) -> date:
        """Give the day after the last day of the term.

        Args:
            start_date: First day of the listing.
            calendar: Counts working days.
        """
        return period_end(self.value, self.unit, start_date, calendar).date

    def __str__(self) -> str:
        """Write the term as the ledger does."""
        which = "首次列入" if self.listing == 1 else f"第{self.listing}次列入"
        told = "，".join((*self.rule_ids, self.citation))
        return f"{which}，{self.value}{_UNITS[self.unit]}（{told}）"


def given_term(procedure: ListProcedure, rule_ids: Sequence[str], listing: int) -> GivenTerm:
    """Give the term of a listing.

    Args:
        procedure: The procedure.
        rule_ids: Circumstances that carry it, in the policy's order; none for a nomination.
        listing: Which listing of the subject it is; 1 for the first.

    Source:
        The procedure's ``term`` and ``repeat_term``, and their rows.
    """
    clause = (procedure.clause("repeat_term") if listing > 1 else None) or procedure.required(
        "term"
    )
    assert isinstance(clause.value, int), "only a period is a term"
    each = [(rule, _fitting(clause, rule, listing)) for rule in rule_ids or ("",)]
    rows = [row for _, row in each]
    value, unit, decisive = _combined(clause, rows)
    # A row that is for circumstances gave it by these; the term of the list itself by none.
    by = tuple(rule for rule, row in each if row in decisive and row.rules)
    source = decisive[0]
    held = _held(clause, value, unit)
    if held != (value, unit):
        value, unit = held
        source = _own(clause)
    return GivenTerm(
        value=value,
        unit=unit,
        rule_ids=by,
        listing=listing,
        citation=source.citation,
        confidence=source.confidence,
    )


# Private functions -----------------------------------------------------------


def _own(clause: Clause) -> TermRow:
    assert isinstance(clause.value, int), "only a period is a term"
    return TermRow(
        rules=(),
        first=1,
        last=None,
        value=clause.value,
        unit=clause.unit,
        citation=clause.citation,
        confidence=clause.confidence,
    )


def _fitting(clause: Clause, rule: str, listing: int) -> TermRow:
    """Give the first row that is for a circumstance and a listing; the clause's own without one."""
    return next((row for row in clause.by if row.fits(rule, listing)), _own(clause))


def _combined(clause: Clause, rows: Sequence[TermRow]) -> tuple[int, str, list[TermRow]]:
    """Put the terms of several circumstances together; give the rows that decide as well."""
    if clause.combine == "sum":
        if len({row.unit for row in rows}) == 1:
            return sum(row.value for row in rows), rows[0].unit, list(rows)
        return sum(map(_length, rows)), "month", list(rows)
    if clause.combine in {"max", "min"}:
        choose = max if clause.combine == "max" else min
        length = choose(map(_length, rows))
        decisive = [row for row in rows if _length(row) == length]
    else:
        decisive = [rows[0]]
    return decisive[0].value, decisive[0].unit, decisive


def _length(row: TermRow) -> int:
    """Give a length that compares with the others of one clause: months, or days of one kind."""
    return row.value * _MONTHS.get(row.unit, 1)


def _held(clause: Clause, value: int, unit: str) -> tuple[int, str]:
    """Hold a term between what the clause says that it is at least and at most."""
    length, by = value * _MONTHS.get(unit, 1), _MONTHS.get(clause.unit, 1)
    if clause.at_least is not None and length < clause.at_least * by:
        return clause.at_least, clause.unit
    if clause.at_most is not None and length > clause.at_most * by:
        return clause.at_most, clause.unit
    return value, unit
