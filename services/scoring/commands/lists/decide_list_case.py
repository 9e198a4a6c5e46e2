"""Decide a case in writing (决定), with every content that the decision must have."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.carried_measures import require_measures
from services.scoring.commands.lists.decision_defaults import with_defaults
from services.scoring.commands.lists.list_bases import require_unused
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import (
    CaseView,
    ListDesk,
    StepDraft,
    find_case,
    view_case,
)
from services.scoring.commands.lists.list_standing import require_standing
from services.scoring.commands.lists.list_terms import listing_number, with_terms
from services.scoring.commands.lists.listed_names import require_names
from services.scoring.commands.lists.take_list_case_step import next_step
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase
from services.scoring.domain.list_errors import FinalPenaltyMissingError
from services.scoring.domain.list_term import given_term
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class DecideListCase:
    """Records the written decision.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], case_id: int, draft: StepDraft) -> Answer:
        """Record it.

        Name, code, persons and listing date are what the store knows of the parties; the texts are
        the caller's. Who says nothing of them lists the parties that are new, from the day of the
        decision or, where a redlisting is renewed, from its end.

        Raises:
            SafetyCreditError: As DecideListCase says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            whole = with_defaults(write, case_id, draft, today=call.today)
            known = _known_contents(write, case_id, whole)
            whole = replace(whole, contents={**whole.contents, **known})
            file, step = next_step(self.desk, write, call, case_id=case_id, draft=whole)
            case = file.case
            listed = step.parties or tuple(party.subject_id for party in case.parties)
            at = Viewpoint(write.point.revision, case.evaluation_date)
            require_names(case, step, write.subjects.by_number(listed, at).values())
            carried = require_standing(self.desk, write, file=file, step=step)
            _require_all(case, listed, carried)
            require_unused(write, case, listed, day=call.today)
            require_measures(self.desk.measures, case, step, listed=listed)
            terms = {
                number: given_term(
                    case.procedure,
                    rules,
                    listing_number(
                        write, number, start_date=step.listing_date or step.day, case=case
                    ),
                )
                for number, rules in carried.items()
                if number in listed
            }
            write.add_step(case_id, with_terms(case, step, terms))
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


# Private functions -----------------------------------------------------------


def _require_all(case: ListCase, listed: Iterable[int], carried: Collection[int]) -> None:
    """Refuse to list a party whose own circumstances fell while those of another stand.

    Raises:
        FinalPenaltyMissingError: Names the parties and the clause.
    """
    persons = {party.subject_id: party.person for party in case.parties}
    fallen = [
        name_of(PERSON if persons[number] else ENTERPRISE, number)
        for number in listed
        if number not in carried
    ]
    if fallen:
        clause = case.procedure.required("basis").citation
        raise FinalPenaltyMissingError(
            f"nothing carries the listing of {', '.join(fallen)} any more ({clause}); list the"
            " others alone",
            party_subject_ids=",".join(fallen),
            clause=clause,
        )


def _known_contents(write: ListWriting, case_id: int, draft: StepDraft) -> dict[str, str]:
    """Give the contents that the store has: whom the decision is about, without a name in full."""
    revision = write.point.revision
    file = find_case(write, case_id, revision=revision)
    parties = [
        one for one in file.case.parties if not draft.parties or one.subject_id in draft.parties
    ]
    at = Viewpoint(revision, file.case.evaluation_date)
    subjects = write.subjects.by_number([one.subject_id for one in parties], at)
    named = write.grounds.persons([one.subject_id for one in parties if one.person], revision)
    names = [subject.known_name for subject in subjects.values() if subject.known_name]
    codes = [
        subject.credit_code or name_of(PERSON if subject.person else ENTERPRISE, number)
        for number, subject in subjects.items()
    ]
    # A decision that lists no person has nothing to say of persons; that is content enough.
    persons = [name_of(PERSON, number) for number in sorted(named)]
    return {
        "name": "、".join(names),
        "code": "、".join(codes),
        "persons": "、".join(persons) or "—",
        "listing_date": str(draft.listing_date),
    }
