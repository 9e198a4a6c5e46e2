"""Entries of a blacklist that rest on something no more: wholly, or in one circumstance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scoring.commands.lists.correct_list_entry import correct
from services.scoring.commands.lists.list_case_ports import ListReading, ListWriting
from services.scoring.commands.lists.list_desk import find_case
from services.scoring.commands.lists.list_removals import system_step
from services.scoring.commands.lists.list_standing import standing_basis
from services.scoring.commands.lists.list_terms import put_term_right
from services.scoring.commands.lists.published_text import impersonal
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import ListCase, StepKind
from services.scoring.domain.list_entry import ListChange
from services.scoring.domain.list_procedure import WorkingCalendar
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class FallenEntry:
    """An entry of which something fell.

    Attributes:
        held: The entry.
        rule_ids: Circumstances that still hold for its party; none where nothing carries it.
        records: Records behind what fell.
    """

    held: HeldEntry
    rule_ids: tuple[str, ...] | None
    records: frozenset[int]


def fallen_entries(
    reading: ListReading, library: PolicyLibrary, case: ListCase, *, day: date
) -> Sequence[FallenEntry]:
    """Find what fell of the entries of a case; entries that never counted are passed over.

    Args:
        reading: Where entries and facts are read.
        library: The policies.
        case: The case, of a blacklist.
        day: Day on which a penalty must be final to count.
    """
    revision = reading.point.revision
    basis = standing_basis(reading, library, case, at=Viewpoint(revision, day))
    found: list[FallenEntry] = []
    for held in reading.entries.of_cases([case.case_id], revision).get(case.case_id, ()):
        number = held.entry.subject_id
        left = basis.rules.get(number)
        lost = frozenset(held.entry.rule_ids) - frozenset(left or ())
        if left is None and held.state is not EntryState.CORRECTED:
            found.append(FallenEntry(held, None, case.records_of(number)))
        elif left is not None and lost and held.state is EntryState.IN_FORCE:
            behind = (one.record_ids for one in case.reasons if one.rule_id in lost)
            found.append(FallenEntry(held, left, frozenset().union(*behind)))
    return found


def correct_fallen(
    write: ListWriting,
    library: PolicyLibrary,
    case_id: int,
    *,
    day: date,
    calendar: WorkingCalendar,
) -> list[ListChange] | None:
    """Correct the entries of a case of which something fell; give what is to be published.

    An entry that nothing carries never counted. One that another circumstance carries goes on
    without the one that fell.

    Args:
        write: The transaction.
        library: The policies.
        case_id: The case, of a blacklist.
        day: Day of the work.
        calendar: Counts working days.

    Returns:
        The changes; nothing if nothing fell.
    """
    revision = write.point.revision
    file = find_case(write, case_id, revision=revision)
    fallen = fallen_entries(write, library, file.case, day=day)
    changes: list[ListChange] = []
    for one in fallen:
        held = one.held
        document = write.grounds.revoking_document(
            one.records, revision, subject_id=held.entry.subject_id
        )
        days = (step.day for step in file.steps if step.entry_id == held.entry.entry_id)
        step = system_step(
            StepKind.CORRECT,
            held,
            day=max(day, held.publish_date, *days),
            document_number=impersonal(write, file.case, document, day=day),
            reason=_WHOLLY if one.rule_ids is None else _IN_PART,
        )
        if one.rule_ids is None:
            changes += correct(write, held, step, day=day, calendar=calendar)
            continue
        whole = replace(held, entry=replace(held.entry, rule_ids=one.rule_ids))
        write.put_entry(whole)
        write.add_step(case_id, step)
        # What fell may have been what gave the term.
        changes += put_term_right(write, whole, day=day, calendar=calendar, reason=_IN_PART) or [
            whole.entry
        ]
    return changes if fallen else None


# Private values ----------------------------------------------------------------

_WHOLLY = "列入依据的行政处罚、认定或者任职情况被撤销、变更"
_IN_PART = "部分列入情形的依据被撤销、变更，其余列入情形仍然成立"
