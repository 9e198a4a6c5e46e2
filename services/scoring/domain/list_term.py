"""How long a listing lasts: by the circumstances met, and by how many listings went before.

A term may be a range (管理期限为1至3年). Within it the decision chooses; where the circumstances
turn out to be others, what it chose is bounded into the range that applies then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.scoring.domain.list_case import DecidedTerm
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
        least: Least number of the unit that could be chosen; the value where the term is fixed.
        greatest: Greatest such number.
        rule_ids: Circumstances that gave it; none where it is the same for all of the list.
        listing: Which listing of the subject it is; 1 for the first.
        citation: Clause that it comes from; both of a range whose ends come from two.
        confidence: How well that is sourced.
    """

    value: int
    unit: str
    least: int
    greatest: int
    rule_ids: tuple[str, ...]
    listing: int
    citation: str
    confidence: str

    @property
    def is_range(self) -> bool:
        """Say whether the authority chooses."""
        return self.least < self.greatest

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
        unit = _UNITS[self.unit]
        within = (f"在{self.least}至{self.greatest}{unit}内确定",) if self.is_range else ()
        told = "，".join((*within, *self.rule_ids, self.citation))
        return f"{which}，{self.value}{unit}（{told}）"


def given_term(
    procedure: ListProcedure,
    rule_ids: Sequence[str],
    listing: int,
    decided: DecidedTerm | None = None,
) -> GivenTerm:
    """Give the term of a listing.

    Args:
        procedure: The procedure.
        rule_ids: Circumstances that carry it, in the policy's order; none for a nomination.
        listing: Which listing of the subject it is; 1 for the first.
        decided: What the decision set. Of a range it counts, bounded into it; the least of the
            range where nothing was set, or a unit that does not compare (days beside months).

    Source:
        The procedure's ``term`` and ``repeat_term``, and their rows.
    """
    clause = (procedure.clause("repeat_term") if listing > 1 else None) or procedure.required(
        "term"
    )
    each = [(rule, _fitting(clause, rule, listing)) for rule in rule_ids or ("",)]
    low = _end(clause, each)
    high = _end(clause, [(rule, _greatest(row)) for rule, row in each])
    by = {*low.rule_ids, *high.rule_ids}
    least, greatest, unit = _range(low, high)
    fixed = GivenTerm(
        value=least,
        unit=unit,
        least=least,
        greatest=greatest,
        rule_ids=tuple(rule for rule in rule_ids if rule in by),
        listing=listing,
        citation="，".join(dict.fromkeys((low.source.citation, high.source.citation))),
        confidence=low.source.confidence,
    )
    return fixed if decided is None else _chosen(fixed, decided)


# Private functions -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a term, least or greatest, with what gave it."""

    value: int
    unit: str
    rule_ids: tuple[str, ...]
    source: TermRow


def _range(low: _End, high: _End) -> tuple[int, int, str]:
    """Give least, greatest and unit of a term; ends that say as much in two units are one."""
    if low.unit == high.unit or _length(low) == _length(high):
        return low.value, low.value if _length(low) == _length(high) else high.value, low.unit
    return _length(low), _length(high), "month"


def _chosen(term: GivenTerm, decided: DecidedTerm) -> GivenTerm:
    """Give a term as it was decided, bounded into what applies."""
    if not term.is_range or (term.unit in _MONTHS) is not (decided.unit in _MONTHS):
        return term
    if decided.unit == term.unit:
        return replace(term, value=min(max(decided.value, term.least), term.greatest))
    if term.unit not in _MONTHS:
        return term
    by = _MONTHS[term.unit]
    least, greatest = term.least * by, term.greatest * by
    value = min(max(_length(decided), least), greatest)
    return replace(term, value=value, least=least, greatest=greatest, unit="month")


def _end(clause: Clause, each: Sequence[tuple[str, TermRow]]) -> _End:
    """Put one end of the terms of several circumstances together, held between the bounds."""
    value, unit, decisive = _combined(clause, [row for _, row in each])
    # A row that is for circumstances gave it by these; the term of the list itself by none.
    by = tuple(rule for rule, row in each if row in decisive and row.rules)
    held = _held(clause, value, unit)
    source = decisive[0] if held == (value, unit) else _own(clause)
    return _End(*held, by, source)


def _greatest(row: TermRow) -> TermRow:
    return row if row.to is None else replace(row, value=row.to)


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
        to=clause.to,
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


def _length(row: TermRow | _End | DecidedTerm) -> int:
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
