"""Open a case of a blacklist: for a candidate that a rule finds, or on nomination with records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.lists.case_units import division_of, review_fields_of
from services.scoring.commands.lists.get_list_status import LIST
from services.scoring.commands.lists.list_bases import require_new, without_listed
from services.scoring.commands.lists.list_case_ports import CaseFilter, GroundRecord, ListWriting
from services.scoring.commands.lists.list_desk import (
    CaseView,
    ListDesk,
    StepDraft,
    require_authority,
    require_scope,
    view_case,
)
from services.scoring.commands.lists.list_grounds import (
    Finding,
    answered,
    field_of,
    find_by_rule,
    kind_of,
    parties_of,
    penalising,
    procedure_of,
    reasons_of,
    require_basis,
    require_place,
)
from services.scoring.commands.lists.published_text import require_impersonal
from services.scoring.commands.lists.repaired_bases import require_unrepaired, unrepaired
from services.scoring.commands.policies.policy_library import EVERY_FIELD, PinnedVersion
from services.scoring.domain.identifiers import PERSON, RECORD, name_of
from services.scoring.domain.list_case import ListCase, Origin, Party, Reason, Step
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_errors import (
    CaseOpenError,
    NotACandidateError,
    PartyUnknownError,
    RecordUnknownError,
    WrongListError,
)
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

_CASES_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWish:
    """A case as a caller asks for it.

    Attributes:
        subject: The enterprise or person.
        policy_id: List policy.
        field: Number of the field; 0 where the policy says it.
        record_ids: Records on which an authority nominates; none where a rule finds.
        inputs: What the policy asks of the caller.
        person_ids: Persons to be listed with a nominated enterprise.
        draft: The collection, as a step.
    """

    subject: SubjectRef
    policy_id: str
    field: int
    record_ids: tuple[int, ...]
    inputs: Mapping[str, int | str]
    person_ids: tuple[int, ...]
    draft: StepDraft


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case is opened on.

    Attributes:
        origin: How it was found.
        reasons: Why.
        parties: Whom it reaches.
        records: The records.
    """

    origin: Origin
    reasons: tuple[Reason, ...]
    parties: tuple[Party, ...]
    records: Mapping[int, GroundRecord]


@dataclass(frozen=True, slots=True)
class OpenListCase:
    """Opens a case of a blacklist.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], wish: CaseWish) -> Answer:
        """Open the case.

        Raises:
            SafetyCreditError: As OpenListCase says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            step = wish.draft.step(call)
            at = Viewpoint(write.point.revision, step.day)
            subject = find_subject(write.subjects, wish.subject, at)
            # What was published up to now is law; this write publishes none.
            library = self.desk.library.at(at.revision - 1)
            pinned = library.named(LIST, wish.policy_id, version="", as_of=step.day)
            if kind_of(pinned.compiled) is not ListKind.BLACKLIST:
                raise WrongListError(
                    f"{wish.policy_id} is a redlist: the enterprise applies for it",
                    policy_id=wish.policy_id,
                )
            key = ListKey(ListKind.BLACKLIST, field_of(pinned.compiled, wish.field))
            number, person = subject.subject_id, subject.person
            ground = _ground(write, pinned, subject, wish=wish, step=step)
            authority = require_authority(call.caller)
            require_scope(
                write,
                call.caller,
                subject_id=number,
                person=person,
                field=key.field,
                # Who penalised decides, though the enterprise has moved since.
                decided_in=write.grounds.recorded_divisions(
                    ground.records, at.revision, authority=authority
                ),
            )
            require_place(write, pinned.compiled, subject)
            require_no_case(write, key, number)
            found = case_of(
                write,
                pinned,
                subject,
                key=key,
                ground=_ground(write, pinned, subject, wish=wish, step=step),
                inputs=answered(pinned, wish.inputs),
                step=step,
                authority=require_authority(call.caller),
            )
            case = without_listed(write, found, day=step.day)
            require_new(write, case, day=step.day)
            require_impersonal(write, case, step)
            write.open_case(case, step)
            return view_case(write, case.case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


def case_of(  # noqa: PLR0913 -- a case is made of all of these.
    write: ListWriting,
    pinned: PinnedVersion,
    subject: Subject,
    *,
    key: ListKey,
    ground: Ground,
    inputs: Mapping[str, int],
    step: Step,
    authority: str,
) -> ListCase:
    """Make a new case."""
    compiled = pinned.compiled
    procedure = procedure_of(compiled)
    records = ground.records.values()
    usable = unrepaired(procedure, records, day=step.day)
    own = (one for one in usable if one.concerns(subject.subject_id))
    return ListCase(
        case_id=write.new_id(),
        list_key=key,
        subject_id=subject.subject_id,
        person=subject.person,
        division=division_of(write, subject, records, day=step.day),
        origin=ground.origin,
        authority=authority,
        policy_id=pinned.policy_id,
        policy_version=compiled.version.version,
        policy_digest=compiled.digest,
        evaluation_date=step.day,
        procedure=procedure,
        review_fields=review_fields_of(
            write, procedure, subject, records, field=key.field, day=step.day
        ),
        reasons=ground.reasons,
        inputs=inputs,
        parties=ground.parties,
        penalising_authorities=penalising(own, key.field),
    )


def require_no_case(write: ListWriting, key: ListKey, subject_id: int) -> None:
    """Refuse a second case of one list for one subject while the first goes on.

    Raises:
        CaseOpenError: A case of the same list is open.
    """
    revision = write.point.revision
    wanted = CaseFilter(kind=key.kind, field=key.field, subject_id=subject_id)
    numbers = write.cases.numbers(wanted, revision, after=0, limit=_CASES_MAX)
    files = write.cases.files(numbers, revision)
    entries = write.entries.of_cases(numbers, revision)
    for number, file in files.items():
        of_subject = file.case.subject_id == subject_id
        if of_subject and not file.ended and not entries.get(number):
            name = name_of("c", number)
            raise CaseOpenError(f"{name} is open for the subject; go on with it", case_id=name)


# Private functions -----------------------------------------------------------


def _ground(
    write: ListWriting,
    pinned: PinnedVersion,
    subject: Subject,
    *,
    wish: CaseWish,
    step: Step,
) -> Ground:
    revision = write.point.revision
    at = Viewpoint(revision, step.day)
    inputs = answered(pinned, wish.inputs)
    finding = find_by_rule(write, pinned, subject, at=at, inputs=inputs)
    procedure = procedure_of(pinned.compiled)
    # The rules of a list of one field say which facts count for it.
    chosen = bool(wish.record_ids) or pinned.compiled.field == EVERY_FIELD
    field = field_of(pinned.compiled, wish.field) if chosen else EVERY_FIELD
    if wish.record_ids:
        records = write.grounds.records(wish.record_ids, revision, day=step.day)
        _require_records(wish.record_ids, records, _subjects_of(subject, wish), day=step.day)
        _require_applying(finding, wish)
        _require_own_basis(procedure, subject, records.values(), field=field, day=step.day)
        return Ground(
            Origin.NOMINATION,
            (_nomination(wish, procedure, step),),
            _nominated(write, subject, wish, records=records),
            records,
        )
    if finding.standing is not Standing.CANDIDATE:
        raise NotACandidateError(
            f"no circumstance of {wish.policy_id} is met on {step.day}; nominate with records, or"
            f" answer what it asks{': ' if finding.missing else ''}{', '.join(finding.missing)}",
            standing=finding.standing.name.lower(),
            missing=",".join(finding.missing),
        )
    records = write.grounds.records(finding.record_ids, revision, day=step.day)
    _require_own_basis(procedure, subject, records.values(), field=field, day=step.day)
    reasons = reasons_of(finding, records)
    parties = parties_of(write, pinned, subject, reasons=reasons, records=records)
    return Ground(Origin.RULE, reasons, parties, records)


def _require_own_basis(
    procedure: ListProcedure,
    subject: Subject,
    records: Iterable[GroundRecord],
    *,
    field: int,
    day: date,
) -> None:
    """Refuse a unit that only the penalties of its persons would list: theirs are cases of theirs.

    Persons who are listed with it stand on what is its own, or theirs.
    """
    own = [one for one in records if one.concerns(subject.subject_id)]
    require_basis(procedure, own, field=field)
    of_field = [one for one in own if field in {EVERY_FIELD, one.field}]
    require_unrepaired(procedure, of_field, day=day)


def _subjects_of(subject: Subject, wish: CaseWish) -> frozenset[int]:
    return frozenset({subject.subject_id, *wish.person_ids})


def _require_applying(finding: Finding, wish: CaseWish) -> None:
    """Refuse to nominate a subject for a list that is not for such subjects."""
    if finding.standing is Standing.NOT_APPLICABLE:
        raise NotACandidateError(
            f"{wish.policy_id} is not for such a subject, so nobody nominates it",
            standing=finding.standing.name.lower(),
            missing="",
        )


def _require_records(
    wanted: Sequence[int],
    found: Mapping[int, GroundRecord],
    subjects: frozenset[int],
    *,
    day: date,
) -> None:
    for number in wanted:
        record = found.get(number)
        if record is None or record.subject_id not in subjects or record.event_date > day:
            name = name_of(RECORD, number)
            raise RecordUnknownError(
                f"{name} is no record in force of the parties by {day}", record_id=name
            )


def _nomination(wish: CaseWish, procedure: ListProcedure, step: Step) -> Reason:
    return Reason(
        rule_id="",
        zh=step.contents.get("cause", ""),
        en="",
        citation=procedure.required("basis").citation,
        record_ids=tuple(sorted(set(wish.record_ids))),
    )


def _nominated(
    write: ListWriting,
    subject: Subject,
    wish: CaseWish,
    *,
    records: Mapping[int, GroundRecord],
) -> tuple[Party, ...]:
    """Give the subject and the persons nominated with it, who had a role on the day of a fact."""
    unit = Party(subject_id=subject.subject_id, person=subject.person)
    held = [] if subject.person else write.grounds.roles(subject.subject_id, write.point.revision)
    roles: dict[int, str] = {}
    for number in wish.person_ids:
        days = {one.event_date for one in records.values() if one.concerns(number)}
        for one in held:
            if one.person_id == number and any(map(one.held_on, days)):
                roles[number] = one.role
        if number not in roles:
            raise PartyUnknownError(
                "name persons who had a role in the enterprise on the day of one of the facts:"
                f" {', '.join(map(str, sorted(days)))}",
                person_id=name_of(PERSON, number),
            )
    persons = (
        Party(subject_id=number, person=True, role=roles[number])
        for number in sorted(set(wish.person_ids))
    )
    return (unit, *persons)
