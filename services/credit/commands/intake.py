"""Judging drafts of records against what is stored, and storing those that hold.

Single writes and imports share it: a single write is an import of one. All look-ups are made for
all drafts at once, and all rows are written at once; in between, each draft is judged alone, in
order, and sees what the drafts before it did.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from services.common.errors import SafetyCreditError
from services.common.identity import Caller
from services.credit.commands.insurers import acts_as_insurer, require_own_record
from services.credit.commands.ports import (
    AccidentLevelLaw,
    AccidentLevels,
    EnterpriseFile,
    RecordSummary,
    Writing,
)
from services.credit.commands.registration import new_enterprise
from services.credit.commands.subjects import (
    divisions_of,
    find_subjects,
    require_profile_scope,
    require_scope,
    unknown_subject,
)
from services.credit.domain.codes import AccidentLevel, EnterpriseState, Field, RecordState
from services.credit.domain.enterprise import Profile, merged_by
from services.credit.domain.errors import (
    EnterpriseEndedError,
    RecordDiffersError,
    RecordRevokedError,
    RecordUnknownError,
    RectificationOfAnotherSubjectError,
    ReferenceOfAnotherInsurerError,
    ReferenceOfAnotherKindError,
    ReferenceOfAnotherSubjectError,
)
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import (
    Accident,
    Body,
    BusinessKey,
    Edition,
    Header,
    RecordDraft,
    Reference,
    differing_fields,
    references_of,
)
from services.credit.domain.subject import CreditCode, LocalIdentity, Subject, SubjectRef

_FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An enterprise to register on the way, if it is unknown.

    Attributes:
        profile: What is known of it.
        start_date: First day of its first period; none for the day of the record.
    """

    profile: Profile
    start_date: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A record that was taken in.

    Attributes:
        edition: The record as stored.
        repeated: Whether it had been recorded before with the same header and body.
    """

    edition: Edition
    repeated: bool


class Intake:
    """Takes in drafts: `load` them all, `take` each, and `store` what was taken."""

    def __init__(
        self, write: Writing, levels: AccidentLevelLaw, *, caller: Caller, today: date
    ) -> None:
        """Begin with nothing taken.

        Args:
            write: The transaction to read and write in.
            levels: Derives levels of accidents.
            caller: Who records.
            today: Day whose divisions decide what the caller may write.
        """
        self._write = write
        self._levels = levels
        self._caller = caller
        self._today = today
        self._subjects: dict[SubjectRef, Subject] = {}
        self._by_key: dict[BusinessKey, Sequence[Edition]] = {}
        self._summaries: dict[int, RecordSummary] = {}
        self._newcomers: list[EnterpriseFile] = []
        # Scopes found good: an import asks for the same few again and again.
        self._in_scope: set[tuple[frozenset[int | None], Field]] = set()
        self._editions: list[Edition] = []

    @property
    def enterprise_count(self) -> int:
        """Count the enterprises registered on the way."""
        return len(self._newcomers)

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to store."""
        return not self._editions

    def load(self, drafts: Iterable[RecordDraft]) -> None:
        """Look up everything that judging the drafts needs."""
        drafts = list(drafts)
        revision = self._write.point.revision
        self._subjects |= find_subjects(
            self._write.enterprises,
            self._write.persons,
            refs={draft.subject for draft in drafts},
            revision=revision,
        )
        self._by_key |= self._write.records.by_keys({draft.key for draft in drafts})
        named = {record_id for draft in drafts for _, record_id in references_of(draft.body)}
        if named:
            self._summaries |= self._write.records.summaries(named)

    def subject(self, ref: SubjectRef) -> Subject:
        """Give a subject that was loaded.

        Raises:
            SubjectUnknownError: Nobody is registered under the reference.
        """
        if ref not in self._subjects:
            raise unknown_subject(ref)
        return self._subjects[ref]

    def take(self, draft: RecordDraft, newcomer: Newcomer | None = None) -> Taken:
        """Judge one draft; what holds is kept to be stored.

        Args:
            draft: A draft that was loaded, and whose fields are right in themselves.
            newcomer: The enterprise, to register it if it is unknown.

        Raises:
            SubjectUnknownError: Nobody is registered under the reference.
            OutOfScopeError: The caller may not write about the subject.
            NotTheInsurerError: The caller is an insurer, and the record is not its own.
            RecordDiffersError: The business key is taken by a record that differs.
            RecordRevokedError: The business key's record was revoked.
            RecordUnknownError: A reference names no record.
            ReferenceOfAnotherKindError: A reference names a record of a wrong kind.
            ReferenceOfAnotherSubjectError: A reference names another subject's record.
            ReferenceOfAnotherInsurerError: So does one of an insurance record another insurer's.
            RectificationOfAnotherSubjectError: So does the target of a rectification.
            EnterpriseEndedError: The enterprise had been merged by the day of the record.
            AccidentLevelUndefinedError: No policy gives the accident a level.
        """
        subject = self._subjects.get(draft.subject)
        arrived = None
        if subject is None:
            subject, arrived = self._arrival(draft, newcomer)
        self._require_scope(subject, draft)
        known = self._by_key.get(draft.key)
        if known:
            return Taken(_same(known, subject, draft), repeated=True)
        edition = self._first_edition(subject, draft)
        # From here on nothing refuses the draft: an enterprise comes in with its record or not.
        if arrived is not None:
            self._newcomers.append(arrived)
            self._subjects[draft.subject] = subject
        self._editions.append(edition)
        self._by_key[draft.key] = (edition,)
        return Taken(edition, repeated=False)

    def settled(self, subject: Subject, header: Header, body: Body) -> tuple[Header, Body]:
        """Fill in what follows from what is stored, and check what refers to it.

        Raises:
            SafetyCreditError: As `take` says of references, enterprises and levels.
        """
        if merged_by(subject.versions, header.event_date):
            raise EnterpriseEndedError(
                f"{subject.name} was merged before {header.event_date}; record the fact about its"
                " successor",
                state=EnterpriseState.MERGED.name.lower(),
                event_date=header.event_date,
            )
        for reference, record_id in references_of(body):
            summary = self._summaries.get(record_id)
            checked = _check_reference(reference, record_id, subject=subject, summary=summary)
            _check_insurer(reference, record_id, header=header, summary=checked)
        if header.division is None:
            header = replace(header, division=subject.division_on(header.event_date))
        if isinstance(body, Accident):
            body = replace(body, level=self._level(body, header.event_date))
        return header, body

    def store(self) -> None:
        """Write everything that was taken."""
        if self._newcomers:
            self._write.enterprises.register(self._newcomers)
        if self._editions:
            self._write.records.add(self._editions)

    def _first_edition(self, subject: Subject, draft: RecordDraft) -> Edition:
        header, body = self.settled(subject, draft.header, draft.body)
        row_id = self._write.new_id()
        point = self._write.point
        return Edition(
            row_id=row_id,
            record_id=row_id,
            number=_FIRST,
            subject_id=subject.subject_id,
            person=subject.person,
            header=header,
            body=body,
            recorded_revision=point.revision,
            recorded_time=point.recorded_time,
        )

    def _require_scope(self, subject: Subject, draft: RecordDraft) -> None:
        if acts_as_insurer(self._caller):
            require_own_record(self._caller, draft.header, draft.body.kind)
            return
        field = draft.header.field
        scope = (divisions_of(subject, self._today), field)
        if scope not in self._in_scope:
            require_scope(self._caller, subject, fields=(field,), day=self._today)
            self._in_scope.add(scope)

    @cached_property
    def _definition(self) -> AccidentLevels:
        """Give the law of the write, looked up once, and only where there is an accident."""
        return self._levels.at(self._write.point.revision)

    def _level(self, accident: Accident, event_date: date) -> AccidentLevel:
        return self._definition.level(
            accident.deaths,
            accident.serious_injuries,
            direct_loss_fen=accident.direct_loss_fen,
            event_date=event_date,
        )

    def _arrival(
        self, draft: RecordDraft, newcomer: Newcomer | None
    ) -> tuple[Subject, EnterpriseFile]:
        identity = draft.subject
        if newcomer is None or not isinstance(identity, CreditCode | LocalIdentity):
            raise unknown_subject(identity)
        require_profile_scope(self._caller, newcomer.profile)
        start_date = newcomer.start_date or draft.header.event_date
        arrived = new_enterprise(self._write, identity, newcomer.profile, start_date=start_date)
        return Subject(subject_id=arrived.enterprise_id, versions=arrived.versions), arrived


# Private functions -----------------------------------------------------------


def _same(known: Sequence[Edition], subject: Subject, draft: RecordDraft) -> Edition:
    """Find the record that a draft repeats.

    A draft that equals an earlier edition repeats the record too: whoever sends a file again does
    not know what was revised since.
    """
    latest = known[-1]
    if latest.state is RecordState.REVOKED:
        raise RecordRevokedError(
            f"this document was recorded as {latest.name} and revoked; record the authority's new"
            " decision under its own document number",
            record_id=latest.name,
        )
    differences = [_differences(edition, subject, draft) for edition in reversed(known)]
    if not all(differences):
        return latest
    raise RecordDiffersError(
        f"{latest.name} is recorded with the same authority, document number and item and differs"
        f" in {', '.join(differences[0])}; revise it, or correct the key",
        fields=differences[0],
        record_id=latest.name,
    )


def _differences(edition: Edition, subject: Subject, draft: RecordDraft) -> tuple[str, ...]:
    fields = differing_fields(edition, draft.header, draft.body)
    same_subject = edition.subject_id == subject.subject_id
    return fields if same_subject else ("header.subject", *fields)


def _check_reference(
    reference: Reference, record_id: int, *, subject: Subject, summary: RecordSummary | None
) -> RecordSummary:
    facts = {"field": reference.attribute, "record_id": name_of(RECORD, record_id)}
    if summary is None:
        raise RecordUnknownError(
            f"{facts['field']} names {facts['record_id']}, which is not recorded; record it first",
            **facts,
        )
    if summary.kind not in reference.kinds:
        wanted = " or ".join(sorted(kind.label for kind in reference.kinds))
        raise ReferenceOfAnotherKindError(
            f"{facts['field']} names the {summary.kind.label} {facts['record_id']}; name a"
            f" {wanted}",
            kind=summary.kind.label,
            **facts,
        )
    if reference.same_subject and summary.subject_id != subject.subject_id:
        raise _OTHER_SUBJECT.get(reference.attribute, ReferenceOfAnotherSubjectError)(
            f"{facts['field']} names {facts['record_id']}, which is about another subject; name"
            f" a record about {subject.name}",
            subject_id=subject.name,
            **facts,
        )
    if summary.revoked:
        raise RecordRevokedError(
            f"{facts['field']} names {facts['record_id']}, which was revoked; leave it out, or"
            " name another",
            **facts,
        )
    return summary


def _check_insurer(
    reference: Reference, record_id: int, *, header: Header, summary: RecordSummary
) -> None:
    if reference.same_authority and summary.authority != header.authority:
        named = name_of(RECORD, record_id)
        raise ReferenceOfAnotherInsurerError(
            f"{reference.attribute} names {named}, which is another insurer's; name a record of"
            f" {header.authority}",
            field=reference.attribute,
            record_id=named,
        )


_OTHER_SUBJECT: Final[dict[str, type[SafetyCreditError]]] = {
    "target_record_id": RectificationOfAnotherSubjectError
}
