"""How long an entry of a blacklist lasts, by all that is known now, whenever it was recorded.

A listing after another one, a term that restarted, a major hazard that was open at the end: each
may be recorded late, or turn out never to have been. The term is what it would have been.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scoring.commands.lists.list_case_ports import CaseFile, ListReading, ListWriting
from services.scoring.commands.lists.list_desk import find_case
from services.scoring.commands.lists.list_removals import (
    break_redlist,
    remove,
    restored,
    settle,
    system_step,
)
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.hazard_extension import extended_end
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import DecidedTerm, ListCase, Step, StepKind
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKind, RemovalReason
from services.scoring.domain.list_procedure import Clause, ListProcedure, WorkingCalendar
from services.scoring.domain.list_term import GivenTerm, given_term
from services.scoring.domain.term_choice import chosen_terms


@dataclass(frozen=True, slots=True)
class Term:
    """The end of a listing.

    Attributes:
        own_end: Day after the last day of the term itself.
        end: The same with what a hazard adds; none while it is open.
    """

    own_end: date
    end: date | None

    @property
    def extended(self) -> bool:
        """Say whether a hazard adds something."""
        return self.end != self.own_end


def listing_number(
    reading: ListReading,
    subject_id: int,
    *,
    start_date: date,
    case: ListCase,
    entry_id: int | None = None,
) -> int:
    """Say which listing of a subject one is: 1 for the first, 2 for a repeat, and so on.

    Args:
        reading: Where entries are read.
        subject_id: The subject.
        start_date: First day of the listing.
        case: Its case.
        entry_id: Its entry; none before there is one. Of two of one day the first entry is first.

    Source:
        The procedure's ``repeat_term`` and, where it names a time, ``repeat_within``: each listing
        counts on from those that ended so shortly before it.
    """
    earlier: list[HeldEntry] = []
    for held in reading.entries.of_subject(subject_id, reading.point.revision):
        entry = held.entry
        if entry.list_key != case.list_key or held.state is EntryState.CORRECTED:
            continue
        later = entry_id is not None and entry.entry_id > entry_id
        if held.case_id != case.case_id and (entry.start_date, later) <= (start_date, False):
            earlier.append(held)
    numbers: list[tuple[HeldEntry, int]] = []
    for held in sorted(earlier, key=_order):
        before = _number(case.procedure, numbers, held.entry.start_date, held.case_id)
        numbers.append((held, before))
    return _number(case.procedure, numbers, start_date, case.case_id)


def term_given(reading: ListReading, entry: ListEntry, file: CaseFile) -> GivenTerm:
    """Say how long an entry lasts by its own, and what gave that.

    Args:
        reading: Where entries are read.
        entry: The entry, stored.
        file: Its case, whose decision may have chosen the term.
    """
    case = file.case
    number = listing_number(
        reading,
        entry.subject_id,
        start_date=entry.start_date,
        case=case,
        entry_id=entry.entry_id,
    )
    return given_term(case.procedure, entry.rule_ids, number, decided_term(file, entry.subject_id))


def decided_term(file: CaseFile, subject_id: int) -> DecidedTerm | None:
    """Give the term that the decision of a case sets for a party; none where it sets none."""
    decisions = (step for step in file.steps if step.kind is StepKind.DECIDE)
    return next((step.term_of(subject_id) for step in decisions), None)


def with_terms(case: ListCase, step: Step, terms: Mapping[int, GivenTerm]) -> Step:
    """Give a decision with the term of each party that it lists, those that it chooses as chosen.

    Args:
        case: The case.
        step: The decision.
        terms: The terms that apply, by the number of the party.

    Raises:
        SafetyCreditError: As `chosen_terms` says.
    """
    names = {
        party.subject_id: name_of(PERSON if party.person else ENTERPRISE, party.subject_id)
        for party in case.parties
    }
    chosen = chosen_terms(step, terms, names)
    ranged = any(clause.to or any(row.to for row in clause.by) for clause in _clauses(case))
    # What is fixed now may turn out to be another listing, for which there is a choice.
    decided = (DecidedTerm(number, one.value, one.unit) for number, one in chosen.items())
    contents = {**step.contents, **told_terms(case, chosen)}
    return replace(step, contents=contents, terms=tuple(decided) if ranged else ())


def told_terms(case: ListCase, terms: Mapping[int, GivenTerm]) -> Mapping[str, str]:
    """Tell how long each party is listed, where the list does not have one term for all.

    Args:
        case: The case.
        terms: The terms by the number of the party.

    Returns:
        What a step of the ledger says of it; nothing where the term is one.
    """
    if not any(clause.by or clause.to for clause in _clauses(case)):
        return {}
    persons = {party.subject_id: party.person for party in case.parties}
    told = (
        f"{name_of(PERSON if persons[number] else ENTERPRISE, number)}：{term}"
        for number, term in terms.items()
    )
    return {"term": "；".join(told)}


def is_term_right(
    reading: ListReading, entry_id: int, *, day: date, calendar: WorkingCalendar
) -> bool:
    """Say whether an entry of a list ends, and has ended, as it should by what is known now."""
    held = reading.entries.entries([entry_id], reading.point.revision)[entry_id]
    if not _has_term(held):
        return True
    file = find_case(reading, held.case_id, revision=reading.point.revision)
    return _is_right(held, _term_of(reading, held, file, day=day, calendar=calendar), day)


def put_term_right(
    write: ListWriting, held: HeldEntry, *, day: date, calendar: WorkingCalendar, reason: str
) -> list[ListChange] | None:
    """Let an entry end as it should; give what is to be published, or nothing if all is right.

    Args:
        write: The transaction.
        held: The entry.
        day: Day of the work.
        calendar: Counts working days.
        reason: What the ledger says where the term itself is another one.
    """
    if not _has_term(held):
        return None
    file = find_case(write, held.case_id, revision=write.point.revision)
    term = _term_of(write, held, file, day=day, calendar=calendar)
    if _is_right(held, term, day):
        return None
    for step in _steps(held, term, file, day=day, reason=reason):
        write.add_step(held.case_id, step)
    changes = _ended(write, held, term, day=day)
    if term.end != held.entry.end_date:
        changes += put_later_terms_right(write, held, day=day, calendar=calendar, reason=reason)
    return changes


def put_later_terms_right(
    write: ListWriting, held: HeldEntry, *, day: date, calendar: WorkingCalendar, reason: str
) -> list[ListChange]:
    """Let the later entries of a subject on a list end as they should, now that one is another.

    Args:
        write: The transaction, which has the entry as it is now.
        held: The entry, as it was or is.
        day: Day of the work.
        calendar: Counts working days.
        reason: What the ledger says of them.
    """
    changes: list[ListChange] = []
    later = [
        one
        for one in write.entries.of_subject(held.entry.subject_id, write.point.revision)
        if one.entry.list_key == held.entry.list_key and _order(one) > _order(held)
    ]
    for one in sorted(later, key=_order):
        changes += (
            put_term_right(write, _now(write, one), day=day, calendar=calendar, reason=reason) or []
        )
    return changes


# Private functions -----------------------------------------------------------


def _clauses(case: ListCase) -> list[Clause]:
    clauses = (case.procedure.clause(name) for name in ("term", "repeat_term"))
    return [clause for clause in clauses if clause is not None]


def _number(
    procedure: ListProcedure,
    earlier: Iterable[tuple[HeldEntry, int]],
    start_date: date,
    case_id: int,
) -> int:
    """Count on from the listings before that are of other cases and not too long ago."""
    counted = (
        number
        for held, number in earlier
        if held.case_id != case_id and _recent(procedure, held.entry.end_date, start_date)
    )
    return max(counted, default=0) + 1


def _order(held: HeldEntry) -> tuple[date, int]:
    return held.entry.start_date, held.entry.entry_id


def _now(write: ListWriting, held: HeldEntry) -> HeldEntry:
    """Give an entry as the work on an earlier one left it."""
    number = held.entry.entry_id
    return write.entries.entries([number], write.point.revision)[number]


def _has_term(held: HeldEntry) -> bool:
    """Say whether an entry ends, or ended, with its term."""
    expired = held.removal_reason is RemovalReason.EXPIRED
    return held.state is EntryState.IN_FORCE or (held.state is EntryState.REMOVED and expired)


def _term_of(
    reading: ListReading, held: HeldEntry, file: CaseFile, *, day: date, calendar: WorkingCalendar
) -> Term:
    case, entry = file.case, held.entry
    procedure, begun = case.procedure, entry.start_date
    if procedure.flag("deceit_restarts_term"):
        restarts = (
            step.day for step in _of_entry(held, file) if step.kind is StepKind.WITHDRAW_EARLY
        )
        begun = max(restarts, default=begun)
    own_end = term_given(reading, entry, file).end(begun, calendar)
    if case.person or not procedure.flag("hazard_extends") or day < own_end:
        return Term(own_end, own_end)
    hazards = reading.grounds.major_hazards(case.subject_id, reading.point.revision, day=day)
    return Term(own_end, extended_end(own_end, hazards))


def _is_right(held: HeldEntry, term: Term, day: date) -> bool:
    over = term.end is not None and term.end <= day
    return held.entry.end_date == term.end and (held.state is EntryState.IN_FORCE) is not over


def _steps(
    held: HeldEntry, term: Term, file: CaseFile, *, day: date, reason: str
) -> Sequence[Step]:
    """Give the lines of the ledger that another end asks for, in order; the expiry is no such."""
    running = held.state is EntryState.IN_FORCE and held.entry.end_date is None
    over = term.end is not None and term.end <= day
    if term.end == held.entry.end_date or (running and over):
        return ()
    last = max([held.publish_date, *(step.day for step in _of_entry(held, file))])
    if term.extended:
        return (system_step(StepKind.EXTEND, held, day=max(term.own_end, last)),)
    return (system_step(StepKind.CORRECT, held, day=max(day, last), reason=reason),)


def _ended(write: ListWriting, held: HeldEntry, term: Term, *, day: date) -> list[ListChange]:
    """Store an entry with its new end; give what is to be published."""
    whole = replace(held, entry=replace(held.entry, end_date=term.end))
    changes: list[ListChange] = []
    black = held.entry.list_key.kind is ListKind.BLACKLIST
    if black and (held.entry.end_date or date.max) < (term.end or date.max):
        # Nobody is on both lists: what the redlist says ends where this one goes on.
        number = held.entry.document_number
        changes += break_redlist(write, whole, day=day, document_number=number)
    if term.end is None or term.end > day:
        whole = restored(whole)
        write.put_entry(whole)
        settle(write, held.case_id)
        return [*changes, whole.entry]
    file = find_case(write, held.case_id, revision=write.point.revision)
    last = max([term.end, *(step.day for step in _of_entry(held, file))])
    step = system_step(StepKind.EXPIRE, held, day=last)
    gone = remove(write, whole, step, reason=RemovalReason.EXPIRED, day=term.end)
    return [*changes, gone] if held.state is EntryState.IN_FORCE else changes


def _of_entry(held: HeldEntry, file: CaseFile) -> Iterator[Step]:
    return (step for step in file.steps if step.entry_id == held.entry.entry_id)


def _recent(procedure: ListProcedure, ended: date | None, start_date: date) -> bool:
    within = procedure.clause("repeat_within")
    if within is None or ended is None or start_date <= ended:
        return True
    return start_date < within.end(ended, _EveryDay()).date


@dataclass(frozen=True, slots=True)
class _Day:
    date: date
    provisional: bool = False


class _EveryDay:
    """Counts every day: how long ago a listing was is never told in working days."""

    def after(self, day: date, count: int) -> _Day:
        return _Day(date.fromordinal(day.toordinal() + count))
