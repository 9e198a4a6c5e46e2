"""That a redlisting is renewed without a gap: the new term begins where the old one ends."""

from datetime import date, timedelta

from services.scoring.commands.lists.list_case_ports import ListReading
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.list_case import ListCase
from services.scoring.domain.list_entry import ListKey, RemovalReason
from services.scoring.domain.list_errors import StepTooEarlyError
from services.scoring.domain.list_procedure import ListProcedure, WorkingCalendar


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


def require_renewable(
    procedure: ListProcedure, end_date: date, calendar: WorkingCalendar, *, day: date
) -> None:
    """Refuse to apply for a renewal too long before the end of the term that it renews.

    Args:
        procedure: The procedure of the redlist.
        end_date: Day after the last day of that term.
        calendar: Counts working days.
        day: Day of the application.

    Raises:
        StepTooEarlyError: Names the first day.

    Source:
        The procedure's ``renewal_before``; without it one may apply at any time.
    """
    clause = procedure.clause("renewal_before")
    if clause is None or clause.end(day, calendar).date >= end_date:
        return
    earliest = day
    while (due := clause.end(earliest, calendar)).date < end_date:
        earliest += timedelta(days=1)
    raise StepTooEarlyError(
        "a renewal", earliest, clause=clause.citation, provisional=due.provisional
    )


def continues(reading: ListReading, case: ListCase, start_date: date) -> bool:
    """Say whether a redlisting begins on the day on which the term of another ends."""
    return case.redlist and any(
        held.entry.list_key == case.list_key
        and held.entry.end_date == start_date
        and held.state is not EntryState.CORRECTED
        and held.removal_reason in {None, RemovalReason.EXPIRED}
        for held in reading.entries.of_subject(case.subject_id, reading.point.revision)
    )
