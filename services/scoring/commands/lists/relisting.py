"""Whether a listed subject has been listed again since, for what it did after the listing."""

from datetime import date

from services.scoring.commands.lists.list_case_ports import ListReading
from services.scoring.domain.entry_course import EntryState, HeldEntry


def listed_again(reading: ListReading, held: HeldEntry, *, day: date) -> bool:
    """Say whether another entry of the same list rests on a fact from the listing on.

    Whatever an authority decided is a relapse, though no rule finds it; corrected entries never
    counted.

    Args:
        reading: Where entries and records are read.
        held: The entry.
        day: Day on which a penalty must be final to count.

    Source:
        应急管理部令第11号: nothing of articles 6 and 7 again since the listing.
    """
    entry, revision = held.entry, reading.point.revision
    others = {
        one.case_id
        for one in reading.entries.of_subject(entry.subject_id, revision)
        if one.entry.list_key == entry.list_key and one.state is not EntryState.CORRECTED
    } - {held.case_id}
    files = reading.cases.files(others, revision).values()
    numbers = {number for file in files for number in file.case.records_of(entry.subject_id)}
    records = reading.grounds.records(numbers, revision, day=day).values()
    return any(
        one.concerns(entry.subject_id) and one.event_date >= entry.start_date for one in records
    )
