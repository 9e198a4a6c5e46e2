"""That a redlisting is renewed without a gap: the new term begins where the old one ends."""

from datetime import date

from services.scoring.commands.lists.list_case_ports import ListReading
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.list_case import ListCase
from services.scoring.domain.list_entry import ListKey, RemovalReason


def renewed_from(reading: ListReading, key: ListKey, subject_id: int, *, day: date) -> date | None:
    """Give the day on which a listing that runs on a day ends, and another may begin.

    Args:
        reading: Where entries are read.
        key: The redlist.
        subject_id: Who is on it.
        day: The day.

    Returns:
        That day; nothing if the subject is not on the list then, or without an end.
    """
    ends = (
        held.entry.end_date
        for held in reading.entries.of_subject(subject_id, reading.point.revision)
        if held.entry.list_key == key and held.counts_on(day)
    )
    return max((end for end in ends if end is not None), default=None)


def continues(reading: ListReading, case: ListCase, start_date: date) -> bool:
    """Say whether a redlisting begins on the day on which the term of another ends."""
    return case.redlist and any(
        held.entry.list_key == case.list_key
        and held.entry.end_date == start_date
        and held.state is not EntryState.CORRECTED
        and held.removal_reason in {None, RemovalReason.EXPIRED}
        for held in reading.entries.of_subject(case.subject_id, reading.point.revision)
    )
