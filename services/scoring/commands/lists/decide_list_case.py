"""Decide a case in writing (决定), with every content that the decision must have."""

from dataclasses import dataclass, replace

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.list_bases import require_unused
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_grounds import basis_stands, require_basis
from services.scoring.commands.lists.take_list_case_step import next_step
from services.scoring.commands.policies.policy_library import EVERY_FIELD
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase, Origin
from services.scoring.domain.list_errors import FinalPenaltyMissingError
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
        the caller's.

        Raises:
            SafetyCreditError: As DecideListCase says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            day = draft.day or call.today
            listing_date = draft.listing_date or day
            known = _known_contents(write, case_id, draft)
            whole = replace(
                draft,
                listing_date=listing_date,
                contents={
                    **draft.contents,
                    **known,
                    "listing_date": listing_date.isoformat(),
                },
            )
            file, step = next_step(self.desk, write, call, case_id=case_id, draft=whole)
            require_standing_basis(self.desk, write, file.case, call=call)
            everybody = [party.subject_id for party in file.case.parties]
            require_unused(write, file.case, step.parties or everybody, day=call.today)
            key, person = file.case.list_key, file.case.person
            self.desk.measures.require_allowed(step.measures, key, step.day, person=person)
            write.add_step(case_id, step)
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


def require_standing_basis(
    desk: ListDesk, write: ListWriting, case: ListCase, *, call: WriteCall[CaseView]
) -> None:
    """Refuse to go on with a blacklist case whose basis fell meanwhile.

    Raises:
        FinalPenaltyMissingError: Names the clause.
        BasisOfOtherFieldError: What a nomination rests on was corrected to another field.
    """
    if case.redlist:
        return
    revision = write.point.revision
    records = write.grounds.records(case.record_ids, revision, day=call.today)
    field = case.list_key.field if case.origin is Origin.NOMINATION else EVERY_FIELD
    require_basis(case.procedure, records.values(), field=field)
    library = desk.library.at(revision - 1)
    if not basis_stands(write, library, case, day=call.today):
        clause = case.procedure.required("basis").citation
        raise FinalPenaltyMissingError(
            f"the circumstances for which the case was opened hold no more ({clause}); close it",
            clause=clause,
        )


# Private functions -----------------------------------------------------------


def _known_contents(write: ListWriting, case_id: int, draft: StepDraft) -> dict[str, str]:
    """Give the contents that the store has: whom the decision is about, without a name in full."""
    revision = write.point.revision
    file = write.cases.files([case_id], revision).get(case_id)
    if file is None:
        return {}
    parties = [
        one for one in file.case.parties if not draft.parties or one.subject_id in draft.parties
    ]
    at = Viewpoint(revision, file.case.evaluation_date)
    subjects = write.subjects.by_number([one.subject_id for one in parties], at)
    named = write.grounds.persons([one.subject_id for one in parties if one.person], revision)
    names = [subject.name for subject in subjects.values() if subject.name]
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
    }
