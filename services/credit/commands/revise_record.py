"""Replace a record by a new edition."""

from dataclasses import dataclass, replace
from typing import Final

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.common.personal_text import MASK_SIGNS
from services.credit.commands.corrections import (
    Correction,
    latest_edition,
    require_corrector,
    superseded,
)
from services.credit.commands.intake import Intake
from services.credit.commands.personal_texts import readable
from services.credit.commands.ports import AccidentLevelLaw, Store, Writing
from services.credit.commands.record_fact import StoredRecord
from services.credit.commands.subjects import find_recorded
from services.credit.domain.record import Edition, RecordDraft, differing_fields
from services.credit.domain.record_texts import texts_of
from services.credit.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class ReviseRecord:
    """Replaces a record by a new edition; the earlier one stays for what was known before.

    Attributes:
        store: Where facts are stored.
        levels: Derives levels of accidents.
    """

    store: Store
    levels: AccidentLevelLaw

    def __call__(
        self, call: WriteCall[StoredRecord], correction: Correction, *, draft: RecordDraft
    ) -> Answer:
        """Store the new edition.

        Args:
            call: Who revises, and how the answer is encoded.
            correction: What is replaced, and why.
            draft: New header and body, whole; right in themselves.

        Raises:
            RecordUnknownError: There is no such record.
            RecordRevokedError: It was revoked.
            EditionOutdatedError: It has moved on.
            InvalidInputError: The subject, the key or the kind would change, or nothing would; or a
                text comes back as this caller was shown it, masked.
            OutOfScopeError: The caller may not write about the subject, in the old or new field.
            WrongAuthorityError: The record is of another authority, and the caller not above it.
            NotTheInsurerError: The caller is an insurer, and the record is not its own.
            SafetyCreditError: As `Intake.settled` says.
        """

        def work(write: Writing) -> StoredRecord:
            latest = latest_edition(write, correction)
            intake = Intake(write, self.levels, caller=call.caller, today=call.today)
            intake.load([draft])
            subject = find_recorded(write, latest)
            for field in (latest.header.field, draft.header.field):
                require_corrector(write, call.caller, latest, field=field, day=call.today)
            _require_same_key(latest, draft, intake.subject(draft.subject))
            (seen,) = readable(write, call.caller, [latest])
            _require_unmasked(latest, seen, draft)
            header, body = intake.settled(subject, draft.header, draft.body)
            # A level is derived anew: law that was published since may give another.
            if not differing_fields(latest, header, body) and latest.body == body:
                raise InvalidInputError(
                    [FieldViolation("body", "NOTHING_CHANGES", "change the header or the body")]
                )
            revised = replace(
                latest,
                row_id=write.new_id(),
                number=latest.number + 1,
                header=header,
                body=body,
                recorded_revision=write.point.revision,
                recorded_time=write.point.recorded_time,
            )
            write.records.add([revised])
            replaced = superseded(write, latest, correction, next_row_id=revised.row_id)
            write.records.supersede(replaced)
            return StoredRecord(revised, repeated=False, point=write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------

_KEY: Final = ("authority", "document_number", "document_item")


def _require_same_key(latest: Edition, draft: RecordDraft, subject: Subject) -> None:
    changed = [
        f"header.{name}"
        for name in _KEY
        if getattr(latest.header, name) != getattr(draft.header, name)
    ]
    if subject.subject_id != latest.subject_id:
        changed.insert(0, "header.subject")
    if draft.body.kind is not latest.body.kind:
        changed.append("body")
    if changed:
        raise InvalidInputError(
            FieldViolation(
                field,
                "NOT_REVISABLE",
                "leave it as it was recorded; or revoke the record and record another",
            )
            for field in changed
        )


def _require_unmasked(latest: Edition, seen: Edition, draft: RecordDraft) -> None:
    """Refuse to record a mask in place of a name or a number that the caller may not read."""
    parts = (
        ("header", latest.header, seen.header, draft.header),
        (f"body.{draft.body.kind.label}", latest.body, seen.body, draft.body),
    )
    masked = [
        f"{path}.{name}"
        for path, before, shown, after in parts
        for name, text in texts_of(after).items()
        if texts_of(shown)[name] != texts_of(before)[name]
        and any(sign in text for sign in MASK_SIGNS)
    ]
    if masked:
        raise InvalidInputError(
            FieldViolation(
                field,
                "TEXT_MASKED",
                "write it as the document does: what you were shown is masked",
            )
            for field in masked
        )
