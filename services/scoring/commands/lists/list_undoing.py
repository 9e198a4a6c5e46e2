"""Undoing what an entry did to others, once it turns out that it never counted."""

from dataclasses import replace
from datetime import date

from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import find_case
from services.scoring.commands.lists.list_removals import settle, system_step
from services.scoring.commands.lists.publish_list_case import listed_before
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import (
    ListChange,
    ListEntry,
    ListKey,
    ListKind,
    RemovalReason,
)
from services.scoring.domain.list_procedure import WorkingCalendar, term_end


def undo_effects(
    write: ListWriting, corrected: HeldEntry, *, day: date, calendar: WorkingCalendar
) -> list[ListChange]:
    """Undo what a corrected entry of a blacklist had brought about; give what is to be published.

    A later term is no longer that of a repeat if nothing else makes it one. An entry of the redlist
    that ended because of it is restored; whether its conditions hold is looked at as ever.

    Args:
        write: The transaction, in which the entry is corrected already.
        corrected: The entry as it stood.
        day: Day of the correction.
        calendar: Counts working days.
    """
    if corrected.entry.list_key.kind is not ListKind.BLACKLIST:
        return []
    changes: list[ListChange] = []
    revision = write.point.revision
    for held in write.entries.of_subject(corrected.entry.subject_id, revision):
        whole = _retimed(write, corrected, held, calendar) or _restored(
            write, corrected, held, calendar
        )
        if whole is None:
            continue
        steps = find_case(write, held.case_id, revision=revision).steps
        before = (one.day for one in steps if one.entry_id == held.entry.entry_id)
        step = system_step(
            StepKind.CORRECT,
            held,
            day=max(day, held.publish_date, *before),
            reason="此前列入已被更正，其影响一并消除",
        )
        write.put_entry(whole)
        write.add_step(held.case_id, step)
        settle(write, held.case_id)
        if whole.state is EntryState.IN_FORCE:
            changes.append(whole.entry)
    return changes


# Private functions -----------------------------------------------------------


def _retimed(
    write: ListWriting, corrected: HeldEntry, held: HeldEntry, calendar: WorkingCalendar
) -> HeldEntry | None:
    """Give a later entry with the term of a first listing, if it had that of a repeat."""
    entry = held.entry
    later = entry.start_date >= corrected.entry.start_date
    same = entry.list_key == corrected.entry.list_key
    if not (same and later) or held.state is not EntryState.IN_FORCE:
        return None
    case = find_case(write, held.case_id, revision=write.point.revision).case
    start_date = entry.start_date
    longer = term_end(case.procedure, start_date, repeated=True, calendar=calendar)
    shorter = term_end(case.procedure, start_date, repeated=False, calendar=calendar)
    repeated = listed_before(
        write, entry.list_key, entry.subject_id, start_date=start_date, case=case
    )
    # A term that was extended or restarted since is not touched.
    if repeated or entry.end_date != longer or longer == shorter:
        return None
    return replace(held, entry=replace(entry, end_date=shorter))


def _restored(
    write: ListWriting, corrected: HeldEntry, held: HeldEntry, calendar: WorkingCalendar
) -> HeldEntry | None:
    """Give an entry of the redlist as it was before the corrected one ended it."""
    key = ListKey(ListKind.REDLIST, corrected.entry.list_key.field)
    broken = held.removal_reason is RemovalReason.CONDITION_BROKEN
    by_it = held.removal_document == corrected.entry.document_number
    if held.entry.list_key != key or not broken or not by_it:
        return None
    case = find_case(write, held.case_id, revision=write.point.revision).case
    start_date = held.entry.start_date
    end_date = term_end(case.procedure, start_date, repeated=False, calendar=calendar)
    other = _what_ends(write, corrected, held, end_date=end_date)
    if other is not None:
        # Another entry of the blacklist ended it all the same, or a later one took its place.
        end_date = max(start_date, other.start_date)
        return replace(
            held,
            entry=replace(held.entry, end_date=end_date),
            removal_document=other.document_number,
            removal_date=end_date,
        )
    return replace(
        held,
        entry=replace(held.entry, end_date=end_date),
        state=EntryState.IN_FORCE,
        removal_reason=None,
        removal_document="",
        removal_date=None,
    )


def _what_ends(
    write: ListWriting, corrected: HeldEntry, red: HeldEntry, *, end_date: date
) -> ListEntry | None:
    """Give the first entry, of the blacklist or the same redlist, that ends a redlisting early."""
    start_date = red.entry.start_date
    entries = (
        held.entry
        for held in write.entries.of_subject(red.entry.subject_id, write.point.revision)
        if held.overlaps(start_date, end_date)
        and (
            held.entry.list_key == corrected.entry.list_key
            or (held.entry.list_key == red.entry.list_key and held.entry.start_date > start_date)
        )
    )
    return min(entries, key=lambda entry: entry.start_date, default=None)
