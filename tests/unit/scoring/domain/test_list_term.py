"""How long a listing lasts, by circumstance and by listing; every term worked out by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_procedure import Clause, ListProcedure, TermRow
from services.scoring.domain.list_term import given_term
from tests.fakes.list_course import Weekends

START = date(2024, 2, 29)


def row(value: int, unit: str, *rules: str, first: int = 1, last: int | None = None) -> TermRow:
    """Make a row of some circumstances; its clause is named after its length."""
    return TermRow(
        rules=rules,
        first=first,
        last=last,
        value=value,
        unit=unit,
        citation=f"{value} {unit}",
        confidence="assumed",
    )


def clause(value: int, unit: str, *rows: TermRow, **more: Any) -> Clause:  # noqa: ANN401 -- parts of a clause.
    """Make a term."""
    return Clause(value=value, unit=unit, citation="办法", confidence="text-seen", by=rows, **more)


TERM = clause(
    2, "year", row(3, "year", "A", "B"), row(6, "month", "C"), row(18, "month", "D"), combine="max"
)
AGAIN = clause(
    3,
    "year",
    row(12, "month", "C", first=2, last=2),
    row(4, "year", first=3, last=3),
    row(5, "year", first=4),
    combine="max",
)
PROCEDURE = ListProcedure(ListKind.BLACKLIST, {"term": TERM, "repeat_term": AGAIN})


@pytest.mark.parametrize(
    ("rules", "listing", "expected"),
    [
        pytest.param(("A",), 1, (3, "year", ("A",), "3 year"), id="serious"),
        pytest.param(("C",), 1, (6, "month", ("C",), "6 month"), id="light"),
        pytest.param(("E",), 1, (2, "year", (), "办法"), id="no-row-is-for-it"),
        pytest.param((), 1, (2, "year", (), "办法"), id="nominated"),
        pytest.param(("C", "B", "A"), 1, (3, "year", ("B", "A"), "3 year"), id="longest-of-three"),
        pytest.param(("C", "E"), 1, (2, "year", (), "办法"), id="the-list's-own-is-longer"),
        pytest.param(("C", "D"), 1, (18, "month", ("D",), "18 month"), id="months"),
        pytest.param(("A",), 2, (3, "year", (), "办法"), id="second-of-a-serious-one"),
        pytest.param(("C",), 2, (12, "month", ("C",), "12 month"), id="second-of-a-light-one"),
        pytest.param(("C",), 3, (4, "year", (), "4 year"), id="third-of-any"),
        pytest.param(("A",), 4, (5, "year", (), "5 year"), id="fourth"),
        pytest.param(("A",), 9, (5, "year", (), "5 year"), id="and-every-further-one"),
    ],
)
def test_term_is_that_of_circumstance_and_listing(
    rules: tuple[str, ...], listing: int, expected: tuple[int, str, tuple[str, ...], str]
) -> None:
    """The first row that fits each circumstance, the longest of them, and who gave it."""
    found = given_term(PROCEDURE, rules, listing)

    assert (found.value, found.unit, found.rule_ids, found.citation) == expected
    assert found.listing == listing


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        pytest.param("max", (18, "month", ("D",)), id="longest"),
        pytest.param("min", (6, "month", ("C",)), id="shortest"),
        pytest.param("first", (6, "month", ("C",)), id="first"),
        pytest.param("sum", (24, "month", ("C", "D")), id="sum"),
    ],
)
def test_several_circumstances_are_put_together_as_stated(
    combine: str, expected: tuple[int, str, tuple[str, ...]]
) -> None:
    """Six months and eighteen."""
    procedure = ListProcedure(ListKind.BLACKLIST, {"term": replace(TERM, combine=combine)})

    found = given_term(procedure, ("C", "D"), 1)

    assert (found.value, found.unit, found.rule_ids) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(("C",), (1, "year", ("C",), "办法"), id="raised-to-the-least"),
        pytest.param(("D",), (18, "month", ("D",), "18 month"), id="in-between"),
        pytest.param(("C", "D"), (24, "month", ("C", "D"), "6 month"), id="at-the-most"),
        pytest.param(("A", "C"), (2, "year", ("A", "C"), "办法"), id="held-at-the-most"),
    ],
)
def test_term_is_held_between_its_bounds(
    rules: tuple[str, ...], expected: tuple[int, str, tuple[str, ...], str]
) -> None:
    """At least one year and at most two: of 6, 18, 24 and 42 months."""
    bounded = replace(TERM, combine="sum", at_least=1, at_most=2)
    procedure = ListProcedure(ListKind.BLACKLIST, {"term": bounded})

    found = given_term(procedure, rules, 1)

    assert (found.value, found.unit, found.rule_ids, found.citation) == expected


def test_without_another_term_a_repeat_has_that_of_the_first() -> None:
    """A list that says nothing of repeats has one term, by circumstance."""
    procedure = ListProcedure(ListKind.BLACKLIST, {"term": TERM})

    assert given_term(procedure, ("C",), 3).end(START, Weekends()) == date(2024, 8, 29)


def test_term_ends_as_its_unit_says() -> None:
    """Eighteen months from 29 February 2024 end on 29 August 2025; two years on the 28th."""
    assert given_term(PROCEDURE, ("D",), 1).end(START, Weekends()) == date(2025, 8, 29)
    assert given_term(PROCEDURE, (), 1).end(START, Weekends()) == date(2026, 2, 28)


def test_ledger_tells_what_gave_a_term() -> None:
    """Which listing, how long, by which circumstances and clause."""
    assert str(given_term(PROCEDURE, ("C",), 1)) == "首次列入，6个月（C，6 month）"
    assert str(given_term(PROCEDURE, ("A",), 4)) == "第4次列入，5年（5 year）"
