"""Revoke a record: it never counted, for any day, once that is known."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.corrections import (
    Correction,
    latest_edition,
    require_corrector,
    superseded,
)
from services.credit.commands.personal_texts import readable
from services.credit.commands.ports import Store, Writing
from services.credit.commands.record_fact import StoredRecord


@dataclass(frozen=True, slots=True)
class RevokeRecord:
    """Revokes a record by a document, after review, judgment or correction.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, call: WriteCall[StoredRecord], correction: Correction) -> Answer:
        """Store the revocation.

        Raises:
            RecordUnknownError: There is no such record.
            RecordRevokedError: It was revoked.
            EditionOutdatedError: It has moved on.
            OutOfScopeError: The caller may not write about the subject.
            WrongAuthorityError: The record is of another authority, and the caller not above it.
            NotTheInsurerError: The caller is an insurer, and the record is not its own.
        """

        def work(write: Writing) -> StoredRecord:
            latest = latest_edition(write, correction)
            field = latest.header.field
            require_corrector(write, call.caller, latest, field=field, day=call.today)
            revoked = superseded(write, latest, correction, next_row_id=None)
            write.records.supersede(revoked)
            (shown,) = readable(write, call.caller, [revoked])
            return StoredRecord(shown, repeated=False, point=write.point)

        return write_once(self.store, call, work)
