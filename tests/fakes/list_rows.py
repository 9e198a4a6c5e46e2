"""Entries of lists written straight into the tables, with a case that says nothing of them."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import insert

from models.lists import ListEntryRow
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import StepKind
from services.scoring.store.list_cases import SqlListCases
from services.scoring.store.list_rows import entry_row
from tests.fakes.list_course import case, step
from tests.fakes.list_entries import entry
from tests.fakes.scoring_facts import WRITER, FactWriter


def listing(
    hand: FactWriter,
    subject: int,
    start: date,
    end: date | None,
    *,
    state: EntryState = EntryState.IN_FORCE,
    **given: Any,  # noqa: ANN401 -- attributes of the entry.
) -> int:
    """Put somebody on the blacklist of work safety, or another list; give the entry's number."""
    with hand.database.write(caller=WRITER, method="test") as write:
        number: int = write.new_id()
        made = entry(number, subject_id=subject, start_date=start, end_date=end, **given)
        held = HeldEntry(entry=made, case_id=number, publish_date=start, state=state)
        opened = replace(case(persons=0), case_id=number, list_key=made.list_key)
        SqlListCases(write.connection, write).open_case(opened, step(StepKind.COLLECT), {})
        row = {"row_id": number, "recorded_revision": write.revision, **entry_row(held)}
        write.connection.execute(insert(ListEntryRow).values(**row))
        hand.token = write.commit()
    return number
