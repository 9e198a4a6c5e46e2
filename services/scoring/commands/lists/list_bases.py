"""That one fact lists nobody twice on the same list.

A listing rests on final penalties, or findings, by the procedure of its list; what else stands in
the case carries nothing. Whoever is listed again is listed for another fact.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from services.scoring.commands.lists.list_case_ports import GroundRecord, ListReading
from services.scoring.commands.lists.list_desk import CASE
from services.scoring.commands.lists.list_grounds import is_basis
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase, Origin
from services.scoring.domain.list_errors import BasisUsedError


def require_unused(
    reading: ListReading, case: ListCase, parties: Collection[int], *, day: date
) -> None:
    """Refuse to list a party for nothing but what has listed it on the same list already.

    Args:
        reading: Where entries and records are read.
        case: The case.
        parties: Numbers of the parties that are to be listed.
        day: Day on which a penalty must be final to count.

    Raises:
        BasisUsedError: Names the party and the case that listed it.
    """
    for party in case.parties:
        if party.subject_id not in parties:
            continue
        listing = listed_by(reading, case, party.subject_id, day=day)
        if listing is not None:
            name = name_of(PERSON if party.person else ENTERPRISE, party.subject_id)
            case_name = name_of(CASE, listing)
            raise BasisUsedError(
                f"every penalty and finding stands behind the entry of {name} in {case_name}"
                " already; a new case takes a new fact",
                case_id=case_name,
                party_subject_id=name,
            )


def require_new(reading: ListReading, case: ListCase, *, day: date) -> None:
    """Refuse a case all of whose parties the same facts have listed already.

    Args:
        reading: Where entries and records are read.
        case: The case.
        day: Day on which a penalty must be final to count.

    Raises:
        BasisUsedError: Names the first of them.
    """
    if not new_parties(reading, case, day=day):
        require_unused(reading, case, [party.subject_id for party in case.parties], day=day)


def new_parties(reading: ListReading, case: ListCase, *, day: date) -> tuple[int, ...]:
    """Give the parties of a case whom none of its facts alone has listed on its list already."""
    return tuple(
        party.subject_id
        for party in case.parties
        if listed_by(reading, case, party.subject_id, day=day) is None
    )


def without_listed(reading: ListReading, case: ListCase, *, day: date) -> ListCase:
    """Leave out the persons of a case by rule whom the same facts have listed already."""
    if case.origin is not Origin.RULE:
        return case
    left = tuple(
        party
        for party in case.parties
        if party.subject_id == case.subject_id
        or listed_by(reading, case, party.subject_id, day=day) is None
    )
    return replace(case, parties=left)


def listed_by(reading: ListReading, case: ListCase, subject_id: int, *, day: date) -> int | None:
    """Give the last case that listed a party for all that a case rests on; none for a new fact.

    Corrected entries never counted.
    """
    revision = reading.point.revision
    earlier = {
        held.case_id
        for held in reading.entries.of_subject(subject_id, revision)
        if held.entry.list_key == case.list_key and held.state is not EntryState.CORRECTED
    } - {case.case_id}
    if not earlier:
        return None
    used: set[int] = set()
    for file in reading.cases.files(earlier, revision).values():
        used |= file.case.records_of(subject_id)
    records = reading.grounds.records({*case.record_ids, *used}, revision, day=day).values()
    own_records = [one for one in records if one.concerns(subject_id)]
    bases = [one for one in own_records if is_basis(case.procedure, one)]
    behind = [one for one in bases if one.record_id in case.record_ids]
    reaching = case.records_of(subject_id)
    own = [one for one in behind if one.record_id in reaching] or behind
    listing = [one for one in bases if one.record_id in used]
    if not own or any(_new(one, used, listing) for one in own):
        return None
    return max(earlier)


# Private functions -----------------------------------------------------------


def _new(basis: GroundRecord, used: Collection[int], listing: Iterable[GroundRecord]) -> bool:
    """Say whether a basis is for a fact for which nobody was listed.

    Args:
        basis: The basis.
        used: Records behind an earlier entry.
        listing: The bases among them.
    """
    return basis.record_id not in used and not any(_one_fact(basis, one) for one in listing)


def _one_fact(first: GroundRecord, second: GroundRecord) -> bool:
    """Say whether two bases are for one fact.

    A penalty and the finding it is for are one, and so are two penalties for one violation or one
    accident. Violations that differ are facts of their own, whatever accident they led to.
    """
    if first.record_id in second.punished or second.record_id in first.punished:
        return True
    if first.violation is not None and second.violation is not None:
        return first.violation == second.violation
    return not first.punished.isdisjoint(second.punished)
