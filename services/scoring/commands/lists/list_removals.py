"""Taking an entry off its list, for whatever reason: the entry, its tombstone, its case."""

from dataclasses import replace
from datetime import date

from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import SYSTEM, Step, StepKind
from services.scoring.domain.list_entry import (
    EntryRemoval,
    ListChange,
    ListKey,
    ListKind,
    RemovalReason,
)


def removed(
    held: HeldEntry, reason: RemovalReason, *, document_number: str, day: date
) -> HeldEntry:
    """Give an entry as it stands once it is off its list.

    Args:
        held: The entry.
        reason: Why it leaves.
        document_number: Document that removes it; empty for none.
        day: Day from which it is off the list.
    """
    corrected = reason is RemovalReason.CORRECTED
    # An expired entry keeps the end of its term, though the work is done a little later.
    keeps = corrected or (reason is RemovalReason.EXPIRED and held.entry.end_date is not None)
    return replace(
        held,
        entry=held.entry if keeps else replace(held.entry, end_date=day),
        state=EntryState.CORRECTED if corrected else EntryState.REMOVED,
        removal_reason=reason,
        removal_document=document_number,
        removal_date=day,
    )


def restored(held: HeldEntry) -> HeldEntry:
    """Give an entry as it stands once it is on its list again, or still."""
    return replace(
        held,
        state=EntryState.IN_FORCE,
        removal_reason=None,
        removal_document="",
        removal_date=None,
    )


def tombstone(held: HeldEntry) -> EntryRemoval:
    """Give the tombstone of an entry that was removed."""
    assert held.removal_reason is not None, "only a removed entry has a tombstone"
    assert held.removal_date is not None, "and left on some day"
    return EntryRemoval(
        entry_id=held.entry.entry_id,
        list_key=held.entry.list_key,
        reason=held.removal_reason,
        document_number=held.removal_document,
        removal_date=held.removal_date,
    )


def remove(
    write: ListWriting,
    held: HeldEntry,
    step: Step,
    *,
    reason: RemovalReason,
    day: date | None = None,
) -> EntryRemoval:
    """Take an entry off its list and note the step; give the change that is to be published.

    Args:
        write: The transaction.
        held: The entry.
        step: The step that removes it.
        reason: Why it leaves.
        day: Day from which it is off the list; that of the step by default.
    """
    number = step.document_number
    gone = removed(held, reason, document_number=number, day=day or step.day)
    write.put_entry(gone)
    write.add_step(held.case_id, step)
    settle(write, held.case_id)
    return tombstone(gone)


def settle(write: ListWriting, case_id: int) -> None:
    """Note whether anything is left to do in a published case."""
    held = write.entries.of_cases([case_id], write.point.revision).get(case_id, ())
    in_force = any(one.state is EntryState.IN_FORCE for one in held)
    write.end_case(case_id, ended=not in_force)


def system_step(
    kind: StepKind, held: HeldEntry, *, day: date, document_number: str = "", reason: str = ""
) -> Step:
    """Make a step that the service takes by itself, for the authority that decided.

    Source:
        应急管理部令第11号: the department that decided removes (谁决定、谁移出).
    """
    return Step(
        kind=kind,
        authority=held.entry.authority,
        caller=SYSTEM,
        day=day,
        document_number=document_number,
        entry_id=held.entry.entry_id,
        contents={"reason": reason} if reason else {},
    )


def break_redlist(
    write: ListWriting, listed: HeldEntry, *, day: date, document_number: str
) -> list[ListChange]:
    """Take a subject off the redlist of a field whose blacklist it enters.

    Nobody is on both lists of a field on any day: what the redlist says ends where the blacklist
    begins, and a blacklisted subject meets no condition of a redlist.

    Args:
        write: The transaction.
        listed: The entry of the blacklist.
        day: Day of the step.
        document_number: Document that lists it.
    """
    black = listed.entry
    changes: list[ListChange] = []
    for held in write.entries.of_subject(black.subject_id, write.point.revision):
        entry = held.entry
        here = entry.list_key == ListKey(ListKind.REDLIST, black.list_key.field)
        if not here or not held.overlaps(black.start_date, black.end_date):
            continue
        step = system_step(
            StepKind.BREAK,
            held,
            day=day,
            document_number=document_number,
            reason="列入同一领域联合惩戒名单",
        )
        change = remove(
            write,
            held,
            step,
            reason=RemovalReason.CONDITION_BROKEN,
            day=max(entry.start_date, black.start_date),
        )
        if held.state is EntryState.IN_FORCE:
            changes.append(change)
    return changes
