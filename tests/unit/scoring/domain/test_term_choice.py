"""Terms within a range, chosen by who decides; every end and every bound worked out by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import DecidedTerm, Step, StepKind
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_errors import (
    ContentMissingError,
    PartyUnknownError,
    TermFixedError,
    TermNotChosenError,
    TermOutOfRangeError,
)
from services.scoring.domain.list_procedure import Clause, ListProcedure
from services.scoring.domain.list_term import GivenTerm, given_term
from services.scoring.domain.term_choice import chosen_terms
from tests.fakes.list_course import Weekends
from tests.unit.scoring.domain.test_list_term import clause, row

LIGHT = replace(row(6, "month", "C"), to=12)
TERM = clause(1, "year", LIGHT, row(2, "year", "D"), combine="max", to=3)
AGAIN = clause(3, "year", combine="")
UNIT, PERSON = 100, 101
NAMES = {UNIT: "e-100", PERSON: "p-101"}


def term_of(
    *rules: str,
    listing: int = 1,
    term: Clause = TERM,
    decided: tuple[int, str] | None = None,
    **more: Any,  # noqa: ANN401 -- parts of a clause.
) -> GivenTerm:
    """Give the term of a listing."""
    procedure = ListProcedure(
        ListKind.BLACKLIST, {"term": replace(term, **more), "repeat_term": AGAIN}
    )
    chosen = decided and DecidedTerm(UNIT, *decided)
    return given_term(procedure, rules, listing, chosen)


def ends(term: GivenTerm) -> tuple[int, int, str]:
    """Give least, greatest and unit."""
    return term.least, term.greatest, term.unit


@pytest.mark.parametrize(
    ("rules", "more", "expected", "by"),
    [
        pytest.param((), {}, (1, 3, "year"), (), id="the-list's-own"),
        pytest.param(("C",), {}, (6, 12, "month"), ("C",), id="a-row"),
        pytest.param(("D",), {}, (2, 2, "year"), ("D",), id="fixed"),
        pytest.param(("C", "D"), {}, (2, 2, "year"), ("D",), id="longest-ends-are-the-fixed"),
        pytest.param(("C", "E"), {}, (1, 3, "year"), (), id="longest-ends-are-one-row's"),
        pytest.param(("D", "E"), {}, (2, 3, "year"), ("D",), id="longest-ends-of-two-rows"),
        pytest.param(("C", "E"), {"combine": "min"}, (6, 12, "month"), ("C",), id="shortest"),
        pytest.param(("D", "E"), {"combine": "min"}, (1, 2, "year"), ("D",), id="shortest-of-two"),
        pytest.param(("C", "E"), {"combine": "sum"}, (18, 48, "month"), ("C",), id="sum"),
        pytest.param(("C", "D"), {"combine": "first"}, (6, 12, "month"), ("C",), id="first"),
        pytest.param(("E",), {"at_most": 2}, (1, 2, "year"), (), id="at-most-cuts-the-greatest"),
        pytest.param(("E",), {"at_least": 2}, (2, 3, "year"), (), id="at-least-lifts-the-least"),
        pytest.param(
            ("C", "E"), {"combine": "sum", "at_most": 3}, (18, 36, "month"), ("C",), id="bound-sum"
        ),
    ],
)
def test_ends_are_combined_alike(
    rules: tuple[str, ...],
    more: dict[str, Any],
    expected: tuple[int, int, str],
    by: tuple[str, ...],
) -> None:
    """The lower ends as ``combine`` says, the upper ends too, and both within the bounds."""
    found = term_of(*rules, **more)

    assert (ends(found), found.rule_ids) == (expected, by)
    assert found.value == found.least
    assert found.is_range is (expected[0] < expected[1])


def test_both_clauses_of_a_range_of_two_are_cited() -> None:
    """From two years of one clause to three of another."""
    assert term_of("D", "E").citation == "2 year，办法"


@pytest.mark.parametrize(
    ("decided", "rules", "expected"),
    [
        pytest.param((2, "year"), (), (2, "year"), id="within"),
        pytest.param((3, "year"), (), (3, "year"), id="the-greatest"),
        pytest.param((3, "year"), ("C",), (12, "month"), id="down-to-the-greatest-of-another"),
        pytest.param((6, "month"), (), (12, "month"), id="up-to-the-least-of-another"),
        pytest.param((18, "month"), (), (18, "month"), id="between-whole-years"),
        pytest.param((1, "year"), ("D",), (2, "year"), id="fixed-by-now"),
        pytest.param((400, "day"), (), (1, "year"), id="days-say-nothing-of-years"),
        pytest.param(None, (), (1, "year"), id="never-chosen"),
    ],
)
def test_what_was_decided_is_bounded_into_what_applies(
    decided: tuple[int, str] | None, rules: tuple[str, ...], expected: tuple[int, str]
) -> None:
    """One to three years, six to twelve months of C, two years of D."""
    found = term_of(*rules, decided=decided)

    assert (found.value, found.unit) == expected
    assert found.least <= found.value <= found.greatest


def test_chosen_term_ends_and_is_told_with_its_range() -> None:
    """Two years from 29 February 2024; the range in the unit of what was chosen."""
    start = date(2024, 2, 29)

    chosen = term_of(decided=(2, "year"))

    assert chosen.end(start, Weekends()) == date(2026, 2, 28)
    assert str(chosen) == "首次列入，2年（在1至3年内确定，办法）"
    assert str(term_of(decided=(18, "month"))) == "首次列入，18个月（在12至36个月内确定，办法）"
    assert str(term_of(listing=2, decided=(2, "year"))) == "第2次列入，3年（办法）"


def decision(*terms: DecidedTerm, reason: str = "主动消除危害") -> Step:
    """Make a decision that chooses."""
    return Step(
        kind=StepKind.DECIDE,
        authority="局",
        caller="c",
        day=date(2025, 6, 3),
        contents={"term_reason": reason} if reason else {},
        terms=terms,
    )


def of_all(value: int, unit: str = "year") -> DecidedTerm:
    """Choose for everybody."""
    return DecidedTerm(0, value, unit)


@pytest.mark.parametrize("value", [1, 2, 3])
def test_choice_may_be_any_within_both_ends(value: int) -> None:
    """Both ends are of the range."""
    found = chosen_terms(decision(of_all(value)), {UNIT: term_of()}, NAMES)

    assert (found[UNIT].value, ends(found[UNIT])) == (value, (1, 3, "year"))


def test_one_party_may_be_chosen_for_apart() -> None:
    """The unit two years; the person, of a light circumstance, nine months."""
    terms = {UNIT: term_of(), PERSON: term_of("C")}
    choices = (of_all(2), DecidedTerm(PERSON, 9, "month"))

    found = chosen_terms(decision(*choices), terms, NAMES)

    assert [(one.value, one.unit) for one in found.values()] == [(2, "year"), (9, "month")]


def test_choice_for_all_leaves_the_fixed_as_they_are() -> None:
    """Whose term is fixed has that."""
    found = chosen_terms(decision(of_all(3)), {UNIT: term_of(), PERSON: term_of("D")}, NAMES)

    assert [one.value for one in found.values()] == [3, 2]


def test_fixed_terms_need_no_choice() -> None:
    """Nothing is chosen, nothing is said."""
    terms = {UNIT: term_of("D")}

    assert chosen_terms(decision(reason=""), terms, NAMES) == terms


@pytest.mark.parametrize(
    ("step", "rules", "error", "facts"),
    [
        pytest.param(decision(of_all(0)), (), TermOutOfRangeError, {"chosen": "0 year"}, id="less"),
        pytest.param(
            decision(of_all(4)),
            (),
            TermOutOfRangeError,
            {"chosen": "4 year", "least": "1", "greatest": "3", "unit": "year", "clause": "办法"},
            id="more",
        ),
        pytest.param(
            decision(of_all(2, "month")), (), TermOutOfRangeError, {"unit": "year"}, id="unit"
        ),
        pytest.param(
            decision(),
            (),
            TermNotChosenError,
            {
                "party_subject_id": "e-100",
                "least": "1",
                "greatest": "3",
                "unit": "year",
                "clause": "办法",
            },
            id="nothing-chosen",
        ),
        pytest.param(
            decision(of_all(2), reason=""),
            (),
            ContentMissingError,
            {"missing": "term_reason", "clause": "办法"},
            id="no-reason",
        ),
        pytest.param(
            decision(of_all(2)), ("D",), TermFixedError, {"clause": "2 year"}, id="fixed-for-all"
        ),
        pytest.param(
            decision(DecidedTerm(UNIT, 2, "year")),
            ("D",),
            TermFixedError,
            {"party_subject_id": "e-100", "clause": "2 year"},
            id="fixed-for-one",
        ),
        pytest.param(decision(), ("D",), TermFixedError, {}, id="reason-of-a-fixed-one"),
        pytest.param(
            decision(DecidedTerm(UNIT, 2, "year"), of_all(2)),
            (),
            TermFixedError,
            {},
            id="nobody-else-is-left",
        ),
        pytest.param(
            decision(DecidedTerm(PERSON, 2, "year")), (), PartyUnknownError, {}, id="not-listed"
        ),
    ],
)
def test_wrong_choices_are_refused(
    step: Step, rules: tuple[str, ...], error: type[SafetyCreditError], facts: dict[str, str]
) -> None:
    """Each says range and clause."""
    with pytest.raises(error) as refused:
        chosen_terms(step, {UNIT: term_of(*rules)}, NAMES)

    assert facts.items() <= refused.value.facts.items()
