"""What revising and revoking a record have in common: which edition, and who may."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from services.common.identity import Caller, division_prefix
from services.credit.commands.insurers import acts_as_insurer, require_own_record
from services.credit.commands.ports import Writing
from services.credit.commands.subjects import divisions_of, find_recorded, require_scope
from services.credit.domain.codes import Field
from services.credit.domain.errors import (
    EditionOutdatedError,
    RecordRevokedError,
    RecordUnknownError,
)
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import Edition, Supersession
from services.credit.domain.remedy_errors import WrongAuthorityError


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


def require_corrector(
    write: Writing, caller: Caller, latest: Edition, *, field: Field, day: date
) -> None:
    """Refuse a caller that neither answers for a record nor stands above who does.

    The authority of the record corrects it wherever the enterprise has gone since, also by the
    document of a court or of whoever reviewed it. Another one does only if its divisions reach
    above those in which the record lies, as a city's do of a district's.

    Args:
        write: The transaction.
        caller: Who corrects.
        latest: The edition that is to be replaced.
        field: Field of that edition, or of the next one.
        day: Day whose divisions decide what the caller may write.

    Raises:
        NotTheInsurerError: The caller is an insurer, and the record is not its own.
        OutOfScopeError: The caller's divisions and fields reach neither the subject nor, where the
            record is its authority's own, where it was recorded to be.
        WrongAuthorityError: They do, but the record is of another authority.

    Source:
        谁处罚、谁决定、谁负责 (应急管理部令第11号 art. 4); 行政处罚法 art. 48: the organ that
        published a penalty withdraws it once it is changed or revoked. No text gives the place
        above it by name; that its divisions reach above is a house decision.
    """
    header = latest.header
    if acts_as_insurer(caller):
        require_own_record(caller, header, latest.body.kind)
        return
    subject = find_recorded(write, latest)
    editions = write.records.editions(latest.record_id, revision=write.point.revision)
    recorded = frozenset(place for one in editions if (place := one.header.division) is not None)
    own = bool(caller.authority) and caller.authority == header.authority
    places = recorded or divisions_of(subject, day)
    if own:
        require_scope(caller, subject, fields=(field,), day=day, decided_in=recorded)
    elif not (caller.covers_field(field.label) and _stands_above(caller, places)):
        require_scope(caller, subject, fields=(field,), day=day)
        raise WrongAuthorityError(
            f"{latest.name} is of {header.authority}, which answers for it; let that authority"
            " correct it, or one whose divisions reach above",
            record_id=latest.name,
            authority=header.authority,
        )


# Private functions -----------------------------------------------------------


def _stands_above(caller: Caller, divisions: Collection[int | None]) -> bool:
    """Say whether a caller's divisions hold those above all of these; of an unknown one, all."""
    codes = ("" if one is None else division_prefix(str(one)) for one in divisions)
    return all(caller.covers_division(code[: -len("00")]) for code in codes)
