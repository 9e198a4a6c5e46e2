"""The choice of a term within the range that the law leaves to the deciding authority (裁量)."""

from collections.abc import Mapping
from dataclasses import replace

from services.scoring.domain.list_case import DecidedTerm, Step
from services.scoring.domain.list_errors import (
    PartyUnknownError,
    TermFixedError,
    TermNotChosenError,
    TermOutOfRangeError,
)
from services.scoring.domain.list_next_step import require_text, step_name
from services.scoring.domain.list_term import GivenTerm

REASON = "term_reason"
"""The content of a decision that says why its term is what it is (裁量理由)."""


def chosen_terms(
    step: Step, terms: Mapping[int, GivenTerm], names: Mapping[int, str]
) -> dict[int, GivenTerm]:
    """Give the terms that a decision sets: the fixed ones, and the others as it chooses them.

    Args:
        step: The decision, with what it chooses: for parties by number, or for all (0) that have a
            choice and are not chosen for by number.
        terms: The terms that apply to whom it lists, by number.
        names: Identifiers of the parties, for refusals.

    Raises:
        PartyUnknownError: It chooses for somebody whom it does not list.
        TermFixedError: It chooses where there is nothing to choose.
        TermNotChosenError: It leaves a choice open.
        TermOutOfRangeError: It chooses outside the range, or in another unit than the range's.
        ContentMissingError: It does not say why.
    """
    wanted = {one.party: one for one in step.terms}
    ranged = {number: term for number, term in terms.items() if term.is_range}
    _require_choices(step, wanted, terms, names)
    if (0 in wanted and not ranged.keys() - wanted.keys()) or (
        step.contents.get(REASON) and not ranged
    ):
        told = "; ".join(f"{names[number]}: {_told(term)}" for number, term in terms.items())
        raise TermFixedError(
            f"leave the term out: nothing is left to choose ({told})",
            clause="，".join(dict.fromkeys(term.citation for term in terms.values())),
        )
    for number, term in ranged.items():
        choice = wanted.get(number, wanted.get(0))
        if choice is None:
            raise TermNotChosenError(
                f"choose the term of {names[number]}: {_range(term)} ({term.citation})",
                **_facts(term, names[number]),
            )
        _require_within(choice, term, names[number])
        require_text(step, REASON, term.citation)
    return {
        number: replace(term, value=wanted.get(number, wanted.get(0, term)).value)
        if number in ranged
        else term
        for number, term in terms.items()
    }


# Private functions -----------------------------------------------------------


def _require_choices(
    step: Step,
    wanted: Mapping[int, DecidedTerm],
    terms: Mapping[int, GivenTerm],
    names: Mapping[int, str],
) -> None:
    """Refuse a choice for a party by number that is not listed, or whose term is fixed."""
    for number in wanted.keys() - {0}:
        if number not in terms:
            raise PartyUnknownError(
                "choose a term of a party that the decision lists", step=step_name(step.kind)
            )
        term = terms[number]
        if not term.is_range:
            raise TermFixedError(
                f"leave the term of {names[number]} out: it is {_told(term)}",
                party_subject_id=names[number],
                clause=term.citation,
            )


def _require_within(choice: DecidedTerm, term: GivenTerm, name: str) -> None:
    if choice.unit == term.unit and term.least <= choice.value <= term.greatest:
        return
    raise TermOutOfRangeError(
        f"the term of {name} is {_range(term)} ({term.citation}); it cannot be"
        f" {choice.value} {choice.unit}",
        chosen=f"{choice.value} {choice.unit}",
        **_facts(term, name),
    )


def _facts(term: GivenTerm, name: str) -> dict[str, str]:
    return {
        "party_subject_id": name,
        "least": str(term.least),
        "greatest": str(term.greatest),
        "unit": term.unit,
        "clause": term.citation,
    }


def _range(term: GivenTerm) -> str:
    return f"from {term.least} to {term.greatest} {term.unit}"


def _told(term: GivenTerm) -> str:
    return f"{term.value} {term.unit} ({term.citation})" if not term.is_range else _range(term)
