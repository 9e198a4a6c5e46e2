"""Cases and steps as rows: what is written is read, also where an earlier program wrote it."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from services.scoring.domain.list_case import DecidedTerm, ListCase, Step, StepKind
from services.scoring.domain.list_procedure import Clause, ListProcedure
from services.scoring.store.list_rows import case_of, case_row, step_of, step_row
from tests.fakes.list_course import case, clause, step
from tests.unit.scoring.domain.test_list_term import row


def with_term(term: Clause) -> ListCase:
    """Make a case of a list with a term."""
    one = case()
    clauses = {**one.procedure.clauses, "term": term}
    return replace(one, procedure=ListProcedure(one.procedure.kind, clauses))


def read(row_of_case: dict[str, Any]) -> Clause | None:
    """Read a case; give its term."""
    found: Any = SimpleNamespace(**row_of_case)
    return case_of(found, (), ()).procedure.clause("term")


def read_step(written: Step) -> tuple[dict[str, Any], Step]:
    """Write a step and read it; give the row, too."""
    columns = step_row(written)
    found: Any = SimpleNamespace(**columns, number=1, recorded_time=None)
    return columns, step_of(found)


def test_ranges_of_terms_are_kept() -> None:
    """Of the clause and of its rows."""
    light = replace(row(6, "month", "C"), to=12)
    for term in (
        replace(clause(1, "year"), to=3),
        replace(clause(1, "year"), to=3, by=(light,), combine="max", at_most=2),
        replace(clause(1, "year"), by=(light,), combine="max"),
    ):
        assert read(case_row(with_term(term), 1)) == term


def test_terms_of_before_there_were_ranges_are_read() -> None:
    """Their rows say nothing of a greatest."""
    term = replace(clause(1, "year"), by=(row(6, "month", "C"),), combine="max")
    written = case_row(with_term(term), 1)
    procedure = json.loads(written["procedure"])
    for one in procedure["term"][4][0]:
        del one["to"]

    assert len(procedure["term"][4]) == 4
    assert read({**written, "procedure": json.dumps(procedure)}) == term


def test_decided_terms_are_kept_beside_the_texts() -> None:
    """They are no text; a decision without them is written as it always was."""
    terms = (DecidedTerm(100, 2, "year"), DecidedTerm(101, 9, "month"))

    columns, found = read_step(step(StepKind.DECIDE, terms=terms))
    plain, without = read_step(step(StepKind.DECIDE))

    assert (found.terms, found.contents) == (terms, without.contents)
    assert json.loads(columns["contents"])["terms"] == [[100, 2, "year"], [101, 9, "month"]]
    assert (json.loads(plain["contents"]), without.terms) == (without.contents, ())
