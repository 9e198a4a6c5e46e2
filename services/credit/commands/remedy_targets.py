"""Finding what a remedy is about, and opening one."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.common.once import Call
from services.credit.commands.personal_texts import around
from services.credit.commands.remedy_ports import (
    ListedEntry,
    RemedyWriting,
    StepDraft,
    step_of,
)
from services.credit.commands.subjects import find_subjects, require_scope
from services.credit.domain.codes import RecordState
from services.credit.domain.errors import RecordRevokedError, RecordUnknownError
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import Edition
from services.credit.domain.remedy import (
    ENTRY,
    Decided,
    Evidence,
    Remedy,
    RemedyAct,
    RemedyKind,
    RemedyState,
    Target,
)
from services.credit.domain.remedy_errors import (
    EntryCorrectedError,
    EntryUnknownError,
    RemedyOpenError,
    RemedyUnknownError,
    StepBeforePreviousError,
    StepNotTodayError,
)
from services.credit.domain.repair_law import ProcedureLaw
from services.credit.domain.subject import EnterpriseId, PersonId, SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A remedy as the party wants it opened.

    Attributes:
        kind: What it is.
        target: What it is about.
        step: Its first step.
        evidence: What comes with it.
    """

    kind: RemedyKind
    target: Target
    step: StepDraft
    evidence: tuple[Evidence, ...] = ()


def recorded_target(write: RemedyWriting, record_id: int) -> Edition:
    """Find the latest edition of a record that a remedy is about.

    Raises:
        RecordUnknownError: There is no such record.
        RecordRevokedError: It was revoked.
    """
    name = name_of(RECORD, record_id)
    editions = write.records.editions(record_id, revision=write.point.revision)
    if not editions:
        raise RecordUnknownError(f"{name} is not recorded", record_id=name)
    if editions[-1].state is RecordState.REVOKED:
        raise RecordRevokedError(
            f"{name} was revoked: there is nothing left to object to or repair", record_id=name
        )
    return editions[-1]


def listed_target(write: RemedyWriting, entry_id: int) -> ListedEntry:
    """Find the entry of a list that a remedy is about.

    Raises:
        EntryUnknownError: There is no such entry.
        EntryCorrectedError: It was corrected.
    """
    name = name_of(ENTRY, entry_id)
    entry = write.remedies.entry(entry_id, revision=write.point.revision)
    if entry is None:
        raise EntryUnknownError(f"{name} is no entry of a list", entry_id=name)
    if entry.corrected:
        raise EntryCorrectedError(
            f"{name} was corrected on {entry.removal_date}, so it never counted: there is nothing"
            " left to object to or repair",
            entry_id=name,
            removal_date=entry.removal_date or "",
        )
    return entry


def require_own_day(call: Call, opening: Opening) -> None:
    """Refuse that a party dates what it does through its portal otherwise than today.

    Raises:
        StepNotTodayError: It does.
    """
    caller = call.caller
    portal = caller.has_role(Role.ENTERPRISE_PORTAL)
    if not portal or caller.has_role(Role.RECORDER, Role.REGULATOR):
        return
    if opening.step.step_date != call.today:
        raise StepNotTodayError(
            f"leave the date out: a party's step through a portal is of today, {call.today}",
            today=call.today,
        )


def decided_by(edition: Edition) -> Decided:
    """Give the decision that a record is."""
    return Decided(
        target=Target(record_id=edition.record_id),
        subject_id=edition.subject_id,
        person=edition.person,
        field=edition.header.field,
        authority=edition.header.authority,
        document_number=edition.header.document_number,
        decision_date=edition.header.event_date,
    )


def open_remedy(
    write: RemedyWriting, opening: Opening, decided: Decided, *, law: ProcedureLaw
) -> Remedy:
    """Store a new remedy.

    Raises:
        RemedyOpenError: Another one of the kind about the target is open.
        StepBeforePreviousError: It is dated before the decision that it is about, or before the end
            of an earlier one of the kind.
    """
    day = opening.step.step_date
    if day < decided.decision_date:
        raise StepBeforePreviousError(
            f"{decided.document_number} was decided on {decided.decision_date}; give that day or a"
            " later one",
            target_id=decided.target.name,
            previous_date=decided.decision_date,
        )
    _require_others_over(write, opening)
    objection = opening.kind is RemedyKind.OBJECTION
    state = RemedyState.FILED if objection else RemedyState.APPLIED
    step = step_of(write, opening.step, state)
    remedy = Remedy(
        remedy_id=write.new_id(),
        kind=opening.kind,
        decided=decided,
        policy_id=law.basis.policy_id,
        policy_version=law.basis.version,
        policy_digest=law.basis.digest,
        steps=(replace(step, evidence=opening.evidence),),
        recorded_revision=write.point.revision,
    )
    write.remedies.open(remedy)
    return remedy


def known_remedy(write: RemedyWriting, remedy_id: int, kind: RemedyKind | None = None) -> Remedy:
    """Find a remedy that is to take a step.

    Args:
        write: The transaction.
        remedy_id: Its number.
        kind: What it must be; either by default.

    Raises:
        RemedyUnknownError: There is none of this number and kind.
    """
    found = write.remedies.remedy(remedy_id, revision=write.point.revision, as_of=date.max)
    if found is None or kind not in {None, found.kind}:
        raise unknown_remedy(remedy_id, f"no {kind.name.lower()}" if kind else "not known")
    return found


def unknown_remedy(remedy_id: int, what: str = "not known") -> SafetyCreditError:
    """Make the refusal of a remedy that is not known."""
    name = name_of("m", remedy_id)
    return RemedyUnknownError(f"{name} is {what}; see ListRemedies", remedy_id=name)


def require_decider(write: RemedyWriting, remedy: Remedy, caller: Caller, day: date) -> None:
    """Refuse a caller whose scope does not reach the subject, and a step that tells who that is.

    Raises:
        OutOfScopeError: Its divisions and fields reach neither the subject nor, where its authority
            made the decision, where that was made.
        PersonInTextError: A text of the last step names the person concerned, or one who has or had
            a role in the enterprise concerned, or holds an identity number; the record's revocation
            or the entry's removal would hold it too.
    """
    decided = remedy.decided
    number = decided.subject_id
    ref: SubjectRef = PersonId(number) if decided.person else EnterpriseId(number)
    found = find_subjects(
        write.enterprises, write.persons, refs=[ref], revision=write.point.revision
    )
    # Who decided decides again (谁认定、谁修复), though the enterprise has moved since.
    own = bool(caller.authority) and caller.authority == decided.authority
    revision = write.point.revision
    decided_in = write.remedies.decided_divisions(decided, revision=revision) if own else ()
    require_scope(caller, found[ref], fields=(decided.field,), day=day, decided_in=decided_in)
    step = remedy.last
    name = "systems" if step.act is RemedyAct.SHARE else _TEXTS.get(step.state, "reasons")
    texts = {"document_number": step.document_number, name: step.text}
    around(write, [ref])[ref].persons(decided.authority).require_none(texts)


# Private functions and values ------------------------------------------------

_TEXTS: Final = {RemedyState.DECLINED: "declined_reasons"}


def _require_others_over(write: RemedyWriting, opening: Opening) -> None:
    revision = write.point.revision
    for one in write.remedies.about(opening.target, revision=revision, as_of=date.max):
        holds = one.state is RemedyState.GRANTED and opening.kind is RemedyKind.REPAIR
        if one.kind is not opening.kind:
            continue
        if one.state.open or holds:
            raise RemedyOpenError(
                f"{one.name} about {opening.target.name} is {one.state.label}; wait for its end",
                remedy_id=one.name,
                state=one.state.label,
            )
        if opening.step.step_date < one.last.step_date:
            raise StepBeforePreviousError(
                f"{one.name} about {opening.target.name} was {one.state.label} on"
                f" {one.last.step_date}; give that day or a later one",
                remedy_id=one.name,
                previous_date=one.last.step_date,
            )
