"""What a written decision says where its author says nothing: whom it lists, and from when."""

from dataclasses import replace
from datetime import date

from services.scoring.commands.lists.list_bases import new_parties
from services.scoring.commands.lists.list_case_ports import ListReading
from services.scoring.commands.lists.list_desk import StepDraft, find_case
from services.scoring.commands.lists.redlist_renewal import renewed_from


def with_defaults(
    reading: ListReading, case_id: int, draft: StepDraft, *, today: date
) -> StepDraft:
    """Complete a decision: it lists the parties that are new, from its day or the end of a term.

    Args:
        reading: Where the case and the entries of its parties are read.
        case_id: The case.
        draft: The decision as it was asked for.
        today: Day of the call.

    Raises:
        CaseUnknownError: There is no such case.
    """
    case = find_case(reading, case_id, revision=reading.point.revision).case
    day, parties = draft.day or today, draft.parties
    if case.redlist:
        first_day = renewed_from(reading, case.list_key, case.subject_id, day=day) or day
        return replace(draft, listing_date=draft.listing_date or first_day)
    new = new_parties(reading, case, day=today)
    if not parties and len(new) < len(case.parties):
        parties = new
    return replace(draft, parties=parties, listing_date=draft.listing_date or day)
