"""The procedure of a list as law data: named requirements, each with its value and its source.

A version of a list policy may say under ``procedure`` how its cases go: who decides, which periods
run, which contents a notice and a decision must have, how long a listing lasts and when it ends
early. What each requirement may say is stated here once; what a procedure means for a case is the
business of whoever runs cases.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.engine.document import Entries, Items
from services.engine.errors import Problem, problem_at
from services.engine.language import Clause, Place, Policy, Source, Version
from services.engine.part_file import PartReader
from services.engine.reading import Reader
from services.engine.term_file import (
    COMBINATIONS,
    PERIOD_UNITS,
    TERM_KEYS,
    TERMS,
    read_rows,
    term_problems,
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a requirement may say.

    Attributes:
        kind: ``period``, ``flag``, ``word`` or ``words``.
        allowed: Words that it may use; empty for a period or a flag, and for words of the policy's
            own (names of its inputs).
    """

    kind: str
    allowed: tuple[str, ...] = ()


_PERIOD: Final = Form("period")
_FLAG: Final = Form("flag")
_CONTENTS: Final = (
    "name",
    "code",
    "persons",
    "listing_date",
    "cause",
    "basis",
    "measures",
    "repair",
    "remedies",
)

CLAUSES: Final[Mapping[str, Form]] = {
    "basis": Form("words", ("final_penalty", "finding")),
    "basis_excluded_by": Form("words", ("repair",)),
    "decided_by": Form("word", ("penalising_authority", "reported_authority", "higher_authority")),
    "report_period": _PERIOD,
    "notice_contents": Form("words", ("cause", "basis", "measures", "rights")),
    "statement_period": _PERIOD,
    "hearing_period": _PERIOD,
    "hearing_notice_period": _PERIOD,
    "hearing_within": _PERIOD,
    "joint_review": Form("word", ("case_field", "subject_fields", "all_fields")),
    "review_period": _PERIOD,
    "approval": Form("word", ("other_person",)),
    "publicity_period": _PERIOD,
    "decision_contents": Form("words", _CONTENTS),
    "decision_period": _PERIOD,
    "entry_period": _PERIOD,
    "service_period": _PERIOD,
    "publication_period": _PERIOD,
    "term": _PERIOD,
    "term_from": Form("word", ("decision", "publication")),
    "repeat_term": _PERIOD,
    "repeat_within": _PERIOD,
    "renewal_before": _PERIOD,
    "hazard_extends": _FLAG,
    "early_removal_after": _PERIOD,
    "early_removal_conditions": Form(
        "words", ("penalty_performed", "harm_removed", "no_relapse", "commitment")
    ),
    "early_removal_excluded_by": Form("words", ("ban",)),
    "acceptance_period": _PERIOD,
    "early_decision_period": _PERIOD,
    "deceit_restarts_term": _FLAG,
    "condition_broken": Form("word", ("lost_at_once",)),
    "evidence": Form("words"),
}
"""Every requirement that a procedure may have, and what it may say."""

_BOTH: Final = (
    "decided_by",
    "joint_review",
    "approval",
    "decision_contents",
    "publication_period",
    "term",
    "term_from",
)
REQUIRED: Final[Mapping[bool, tuple[str, ...]]] = {
    False: ("basis", "notice_contents", "statement_period", "service_period", *_BOTH),
    True: ("publicity_period", "condition_broken", *_BOTH),
}
"""Requirements that every procedure has: of a blacklist, and of a redlist (true)."""

_TOGETHER: Final = (
    "early_removal_after",
    "early_removal_conditions",
    "acceptance_period",
    "early_decision_period",
)

_OF_HEARINGS: Final = ("hearing_notice_period", "hearing_within")


def read_clause(reader: PartReader, name: str, entries: Entries, source: Source) -> Clause:
    """Read one requirement of a procedure.

    Args:
        reader: Reader of the file; notes what is wrong.
        name: Name of the requirement.
        entries: What stands under it.
        source: The source of the version.
    """
    form = CLAUSES.get(name)
    if form is None:
        reader.refuse(entries.place, "unknown-clause", f"{name!r} is no requirement of a procedure")
    period = form.kind == "period"
    terms = TERM_KEYS if name in TERMS else ()
    reader.known_keys(entries, "value", *(("unit",) if period else ()), *terms, "source")
    bounds = {key: reader.whole(entries, key) for key in terms[2:] if key in entries}
    return Clause(
        name=name,
        value=_value(reader, entries, form),
        unit=reader.word(entries, "unit", PERIOD_UNITS) if period else "",
        source=reader.source(entries, source),
        place=entries.place,
        by=read_rows(reader, name, entries, source),
        combine=reader.word(entries, "combine", COMBINATIONS) if "combine" in entries else "",
        **bounds,
    )


def check_procedure(policy: Policy, version: Version) -> Iterator[Problem]:
    """Find what is wrong with the procedure of a completed version as a whole."""
    clauses = version.procedure
    if not clauses:
        return

    def at(place: Place, code: str, message: str) -> Problem:
        return problem_at(policy.file, place, code, message)

    if policy.kind != "list":
        yield at(version.place, "procedure", "only a list has a procedure")
        return
    for name in REQUIRED[policy.favourable]:
        if name not in clauses:
            yield at(version.place, "procedure-incomplete", f"the procedure needs {name!r}")
    early = [name for name in _TOGETHER if name in clauses]
    if early and len(early) < len(_TOGETHER):
        missing = ", ".join(sorted(set(_TOGETHER).difference(early)))
        yield at(clauses[early[0]].place, "procedure-incomplete", f"early removal needs {missing}")
    hearings = _hearing_problems(clauses, favourable=policy.favourable)
    told = ((clauses[name].place, code, message) for name, code, message in hearings)
    for place, code, message in (*told, *term_problems(clauses, version)):
        yield at(place, code, message)
    evidence = clauses.get("evidence")
    for name in evidence.value if evidence and isinstance(evidence.value, tuple) else ():
        if name not in version.inputs:
            assert evidence is not None, "its words are being read"
            yield at(evidence.place, "unknown-name", f"no input is called {name!r}")


# Private functions -----------------------------------------------------------


def _hearing_problems(
    clauses: Mapping[str, Clause], *, favourable: bool
) -> Iterator[tuple[str, str, str]]:
    """Give name, code and message of what is wrong about hearings."""
    for name in ("hearing_period", *_OF_HEARINGS):
        if name in clauses and favourable:
            yield name, "procedure", "only a blacklist has hearings (听证)"
        elif name in clauses and "hearing_period" not in clauses:
            yield name, "procedure-incomplete", "a hearing needs 'hearing_period'"


def _value(reader: Reader, entries: Entries, form: Form) -> int | bool | str | tuple[str, ...]:
    if form.kind == "period":
        length = reader.whole(entries, "value")
        if length < 1:
            reader.report(entries.places["value"], "clause-value", "a period is at least 1")
        return length
    if form.kind == "word":
        return reader.word(entries, "value", form.allowed)
    value = reader.required(entries, "value")
    if form.kind == "flag":
        if not isinstance(value, bool):
            reader.refuse(entries.places["value"], "clause-value", "write true or false")
        return value
    if not isinstance(value, Items) or not value:
        return reader.refuse(entries.places["value"], "clause-value", "write a list of words")
    words = tuple(str(word) for word in value)
    for word, place in zip(words, value.places, strict=True):
        if form.allowed and word not in form.allowed:
            known = ", ".join(form.allowed)
            reader.report(place, "unknown-word", f"{word!r} must be one of {known}")
    if len(set(words)) < len(words):
        reader.report(entries.places["value"], "clause-value", "a word stands twice")
    return words
