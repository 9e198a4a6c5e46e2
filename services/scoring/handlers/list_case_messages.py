"""Cases and entries of the lists as messages; persons' names masked unless they were asked for."""

from collections.abc import Callable, Iterable
from typing import cast

from safetycredit.scoring.v1 import basis_pb2, list_case_pb2, list_entry_pb2, list_service_pb2
from safetycredit.type.v1 import wording_pb2
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.common.identity import Caller, Role
from services.common.personal_text import PersonsInText
from services.common.portals import bound_to
from services.scoring.commands.lists.get_list_entry import FoundEntry
from services.scoring.commands.lists.list_case_ports import WorkFailure
from services.scoring.commands.lists.list_deadlines import DueStep
from services.scoring.commands.lists.list_desk import CASE, CaseView
from services.scoring.commands.lists.own_view import own_view
from services.scoring.commands.lists.published_text import by_party
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import as_shown
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, RECORD, name_of
from services.scoring.domain.list_case import ListCase, Party, Step
from services.scoring.domain.list_encoding import entry_name
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.subject import masked_name
from services.scoring.handlers.listed_entries import listed_entry_message
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.wire_values import write_day, write_instant

_Hiding = Callable[[str], str]


def own_party(caller: Caller) -> str:
    """Give the party of which alone a caller sees the part; empty if it sees whole cases.

    Raises:
        PortalNotBoundError: A caller that may not read cases acts for nobody.
    """
    return "" if caller.has_role(Role.REGULATOR, Role.AUDITOR) else bound_to(caller)


def view_for(caller: Caller, view: CaseView) -> CaseView:
    """Give a case as a caller may see it: whole, or to a portal its own party's part.

    Raises:
        PortalNotBoundError: A caller that may not read cases acts for nobody.
    """
    own = own_party(caller)
    return own_view(view, own) if own else view


def list_case_message(view: CaseView, *, full_names: bool = False) -> list_case_pb2.ListCase:
    """Write a case.

    Args:
        view: The case.
        full_names: Whether persons' names go out in full.
    """
    case = view.case
    hidden = _hiding(view, full_names=full_names)
    # What is published shows nobody's name, whoever reads it here.
    published = _hiding(view, full_names=False)
    return list_case_pb2.ListCase(
        case_id=name_of(CASE, case.case_id),
        list=cast("list_entry_pb2.ListKind", int(case.list_key.kind)),
        field=cast("WireField", case.list_key.field),
        policy=basis_pb2.PolicyRef(
            policy_id=case.policy_id, version=case.policy_version, digest=case.policy_digest
        ),
        origin=cast("list_case_pb2.ListCaseOrigin", int(case.origin)),
        state=cast("list_case_pb2.ListCaseState", int(view.state)),
        parties=[_party(view, party, full_names=full_names) for party in case.parties],
        reasons=_reasons(case, hidden),
        authority=case.authority,
        deciding_authority=view.deciding_authority,
        review_fields=[cast("WireField", field) for field in case.review_fields],
        steps=[_step(view, step, hidden) for step in view.steps],
        next_steps=[next_step_message(view, step) for step in view.next_steps],
        entries=[
            listed_entry_message(
                as_shown(held, published), full_name=_full_name(view, held, full_names)
            )
            for held in view.entries
        ],
        evaluation_date=write_day(case.evaluation_date),
    )


def found_entry_message(found: FoundEntry) -> list_service_pb2.GetListEntryResponse:
    """Write an entry that was asked for."""
    return list_service_pb2.GetListEntryResponse(
        entry=listed_entry_message(found.held, full_name=found.full_name),
        listed=found.listed,
        point=point_message(found.point),
        term=list_service_pb2.ListingTerm(
            value=found.term.value,
            unit=found.term.unit,
            listing_number=found.term.listing,
            rule_ids=found.term.rule_ids,
            clause=found.term.citation,
            least=found.term.least,
            greatest=found.term.greatest,
        ),
    )


def deadline_message(due: DueStep) -> list_case_pb2.ListDeadline:
    """Write something that is due, or that the service cannot keep right."""
    case = due.view.case
    message = list_case_pb2.ListDeadline(
        case_id=name_of(CASE, case.case_id),
        list=cast("list_entry_pb2.ListKind", int(case.list_key.kind)),
        field=cast("WireField", case.list_key.field),
        subject_id=_subject_name(case, case.subject_id),
    )
    if due.step is not None:
        message.step.CopyFrom(next_step_message(due.view, due.step))
    if due.failure is not None:
        message.failure.CopyFrom(_failure(due, due.failure))
    return message


def next_step_message(view: CaseView, step: NextStep) -> list_case_pb2.NextStep:
    """Write a step that may be taken."""
    message = list_case_pb2.NextStep(
        kind=cast("list_case_pb2.ListCaseStepKind", int(step.kind)),
        authority=step.authority,
        field=cast("WireField", step.field),
        party_subject_id=_subject_name(view.case, step.party) if step.party else "",
        earliest_date=write_day(step.earliest.date),
        earliest_provisional=step.earliest.provisional,
        clause=step.clause,
        entry_id=entry_name(step.entry_id) if step.entry_id else "",
        overdue=step.overdue(view.as_of),
        document_number=_hiding(view, full_names=False)(step.document_number),
    )
    if step.due is not None:
        message.due_date.CopyFrom(write_day(step.due.date))
        message.due_provisional = step.due.provisional
    return message


# Private functions -----------------------------------------------------------


def _failure(due: DueStep, failure: WorkFailure) -> list_case_pb2.UpkeepFailure:
    hidden = _hiding(due.view, full_names=False)
    return list_case_pb2.UpkeepFailure(
        chore=failure.chore,
        entry_id=entry_name(failure.entry_id) if failure.entry_id else "",
        authority=due.authority,
        reason=failure.reason,
        message=hidden(failure.message),
        since_time=write_instant(failure.since_time),
    )


def _subject_name(case: ListCase, number: int) -> str:
    persons = {party.subject_id for party in case.parties if party.person}
    return name_of(PERSON if number in persons else ENTERPRISE, number)


def _full_name(view: CaseView, held: HeldEntry, full_names: bool) -> str:  # noqa: FBT001 -- passed on.
    person = view.persons.get(held.entry.subject_id)
    return person.name if full_names and person is not None else ""


def _party(view: CaseView, party: Party, *, full_names: bool) -> list_case_pb2.ListCaseParty:
    subject = view.subjects[party.subject_id]
    person = view.persons.get(party.subject_id)
    named = full_names and person is not None
    return list_case_pb2.ListCaseParty(
        subject_id=subject.identifier,
        name=person.name if named and person is not None else subject.known_name,
        credit_code=subject.credit_code,
        role=party.role,
        rule_ids=party.rule_ids,
        masked_identity_number=person.identity_mask if person is not None else "",
    )


def _reasons(case: ListCase, hidden: _Hiding) -> Iterable[list_case_pb2.ListCaseReason]:
    for reason in case.reasons:
        yield list_case_pb2.ListCaseReason(
            rule_id=reason.rule_id,
            wording=wording_pb2.Wording(zh=hidden(reason.zh), en=hidden(reason.en)),
            clause=reason.citation,
            record_ids=[name_of(RECORD, number) for number in reason.record_ids],
        )


def _hiding(view: CaseView, *, full_names: bool) -> _Hiding:
    """Give what masks the persons of a case in a text; nothing is masked where names are shown."""
    if full_names:
        return str
    authorities = {view.case.authority, *(step.authority for step in view.steps)}
    enterprises = {one.known_name for one in view.subjects.values() if not one.person}
    names = view.names | {one.name for one in view.persons.values()}
    return PersonsInText(names, authorities | enterprises).hidden


def _official(step: Step, hidden: _Hiding) -> str:
    """Give who acted; who acted for a party is no official, and is shown as persons are."""
    if hidden is str or not step.person:
        return step.person
    return masked_name(step.person) if by_party(step) else hidden(step.person)


def _step(view: CaseView, step: Step, hidden: _Hiding) -> list_case_pb2.ListCaseStep:
    case = view.case
    message = list_case_pb2.ListCaseStep(
        number=step.number,
        kind=cast("list_case_pb2.ListCaseStepKind", int(step.kind)),
        authority=step.authority,
        person=_official(step, hidden),
        caller=step.caller,
        document_number=hidden(step.document_number),
        date=write_day(step.day),
        party_subject_id=_subject_name(case, step.party) if step.party else "",
        field=cast("WireField", step.field),
        opinion=cast("list_case_pb2.Opinion", int(step.opinion)),
        addressee=step.addressee,
        contents=[
            list_case_pb2.StepContent(name=name, text=hidden(text))
            for name, text in sorted(step.contents.items())
        ],
        measure_codes=step.measures,
        attachments=[
            list_case_pb2.Attachment(
                sha256=one.sha256, title=hidden(one.title), proves=hidden(one.proves)
            )
            for one in step.attachments
        ],
        entry_id=entry_name(step.entry_id) if step.entry_id else "",
        late=step.number in view.times.late,
        early=step.number in view.times.early,
        provisional=step.number in view.times.provisional,
    )
    if step.recorded_time is not None:
        message.record_time.CopyFrom(write_instant(step.recorded_time))
    return message
