"""Whether a listed subject has been listed again since, for what it did after the listing."""

from datetime import date

from services.scoring.commands.lists.list_case_ports import CaseFile, CaseFilter, ListReading
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_ledger import Ledger


def listed_again(reading: ListReading, held: HeldEntry, *, day: date) -> bool:
    """Say whether another listing by the same list rests on a fact from the listing on.

    Whatever an authority decided is a relapse, though no rule finds it, and though it is still to
    be served or published; corrected entries never counted.

    Args:
        reading: Where entries and records are read.
        held: The entry.
        day: Day on which a penalty must be final to count.

    Source:
        应急管理部令第11号: nothing of articles 6 and 7 again since the listing.
    """
    entry, revision = held.entry, reading.point.revision
    published = {
        one.case_id
        for one in reading.entries.of_subject(entry.subject_id, revision)
        if one.entry.list_key == entry.list_key and one.state is not EntryState.CORRECTED
    } - {held.case_id}
    files = [*reading.cases.files(published, revision).values(), *_decided(reading, held)]
    numbers = {number for file in files for number in file.case.records_of(entry.subject_id)}
    records = reading.grounds.records(numbers, revision, day=day).values()
    return any(
        one.concerns(entry.subject_id) and one.event_date >= entry.start_date for one in records
    )


# Private functions -------------------------------------------------------------

_CASES_MAX = 1000


def _decided(reading: ListReading, held: HeldEntry) -> list[CaseFile]:
    """Give the cases of the list in which it is decided to list the subject, and not yet done."""
    entry, revision = held.entry, reading.point.revision
    wanted = CaseFilter(
        kind=entry.list_key.kind,
        field=entry.list_key.field,
        subject_id=entry.subject_id,
        running=True,
    )
    numbers = reading.cases.numbers(wanted, revision, after=0, limit=_CASES_MAX)
    files = reading.cases.files(numbers, revision).values()
    ledgers = ((file, Ledger(file.case, file.steps)) for file in files)
    return [
        file
        for file, ledger in ledgers
        if ledger.last(StepKind.DECIDE) is not None
        and not ledger.over
        and entry.subject_id in ledger.listed_parties
    ]
