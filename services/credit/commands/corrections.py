"""What revising and revoking a record have in common."""

from dataclasses import dataclass, replace

from services.credit.commands.ports import Writing
from services.credit.domain.errors import (
    EditionOutdatedError,
    RecordRevokedError,
    RecordUnknownError,
)
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import Edition, Supersession


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Which edition of which record is corrected, and why.

    Attributes:
        record_id: Number of the record.
        edition: Edition that the caller has seen.
        reason: Why.
        document_number: Document that ordered it.
    """

    record_id: int
    edition: int
    reason: str
    document_number: str


def latest_edition(write: Writing, correction: Correction) -> Edition:
    """Find the edition that a correction is about.

    Raises:
        RecordUnknownError: There is no such record.
        RecordRevokedError: It was revoked.
        EditionOutdatedError: The caller saw another edition.
    """
    name = name_of(RECORD, correction.record_id)
    editions = write.records.editions(correction.record_id, revision=write.point.revision)
    if not editions:
        raise RecordUnknownError(f"{name} is not recorded", record_id=name)
    latest = editions[-1]
    if latest.superseded is not None:
        raise RecordRevokedError(
            f"{name} was revoked; record a new decision under its own document number",
            record_id=name,
        )
    if latest.number != correction.edition:
        raise EditionOutdatedError(
            f"{name} is at edition {latest.number}, not {correction.edition}; read it again",
            record_id=name,
            edition=latest.number,
        )
    return latest


def superseded(
    write: Writing, edition: Edition, correction: Correction, *, next_row_id: int | None
) -> Edition:
    """Give an edition as it stands once a correction is recorded."""
    return replace(
        edition,
        superseded=Supersession(
            time=write.point.recorded_time,
            revision=write.point.revision,
            next_row_id=next_row_id,
            reason=correction.reason,
            document_number=correction.document_number,
        ),
    )
