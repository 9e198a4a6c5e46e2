"""What cases rest on, read from the tables of facts: records, roles, persons, hazards, bans.

The numbers of codes are those of policies/vocabulary.yaml, which never change.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from models.enterprises import EnterpriseVersionRow
from models.persons import PersonRow, RoleRow
from models.records import AccidentRow, HazardRow, PenaltyRow, RecordRow, RectificationRow
from services.common.identity_cipher import IdentityCipher, masked_identity_number
from services.scoring.commands.lists.list_case_ports import GroundRecord, HeldRole, PersonFile
from services.scoring.store.columns import table_of, visible

_RECORDS: Final = table_of(RecordRow)
_PENALTIES: Final = table_of(PenaltyRow)
_ACCIDENTS: Final = table_of(AccidentRow)
_HAZARDS: Final = table_of(HazardRow)
_RECTIFICATIONS: Final = table_of(RectificationRow)
_ROLES: Final = table_of(RoleRow)
_PERSONS: Final = table_of(PersonRow)
_VERSIONS: Final = table_of(EnterpriseVersionRow)

_VIOLATION: Final = 2
_PENALTY: Final = 3
_RECTIFICATION: Final = 4
_HAZARD: Final = 5
_ACCIDENT: Final = 6
_LIABLE: Final = 1
_MAJOR: Final = 2
_ACCEPTED: Final = 3
_PRACTICE_RESTRICTION: Final = 1 << 11

_ROLE_CODES: Final = {
    1: "legal_representative",
    2: "principal",
    3: "safety_deputy",
    4: "safety_manager",
    5: "directly_responsible",
    6: "licensed_practitioner",
    7: "technical_head",
    8: "driver",
}
"""Codes of roles as list policies name them, by RoleKind number."""


class SqlGrounds:
    """Reads what cases rest on; implements `GroundReads`."""

    def __init__(self, connection: Connection, cipher: IdentityCipher | None) -> None:
        """Read on a connection.

        Args:
            connection: In its transaction.
            cipher: Opens identity numbers, which are masked at once; none where no key is set.
        """
        self._connection = connection
        self._cipher = cipher

    def records(
        self, record_ids: Collection[int], revision: int, *, day: date
    ) -> Mapping[int, GroundRecord]:
        """Read records as they stand."""
        if not record_ids:
            return {}
        penalty = _PENALTIES.c.row_id == _RECORDS.c.row_id
        accident = _ACCIDENTS.c.row_id == _RECORDS.c.row_id
        rows = self._connection.execute(
            select(
                _RECORDS.c.record_id,
                _RECORDS.c.edition,
                _RECORDS.c.kind,
                _RECORDS.c.subject_id,
                _RECORDS.c.event_date,
                _RECORDS.c.authority,
                _RECORDS.c.field,
                _PENALTIES.c.final_date,
                _PENALTIES.c.performed_date,
                _PENALTIES.c.violation_record_id,
                _PENALTIES.c.accident_record_id,
                _ACCIDENTS.c.liability,
            )
            .select_from(_RECORDS.outerjoin(_PENALTIES, penalty).outerjoin(_ACCIDENTS, accident))
            .where(_RECORDS.c.record_id.in_(list(record_ids)), visible(_RECORDS, revision))
        )
        return {
            row.record_id: GroundRecord(
                record_id=row.record_id,
                edition=row.edition,
                subject_id=row.subject_id,
                event_date=row.event_date,
                authority=row.authority,
                final_penalty=row.final_date is not None and row.final_date <= day,
                finding=row.event_date <= day
                and (
                    row.kind == _VIOLATION or (row.kind == _ACCIDENT and row.liability == _LIABLE)
                ),
                performed=row.performed_date is not None and row.performed_date <= day,
                penalty=row.kind == _PENALTY,
                field=row.field,
                punished=frozenset({row.violation_record_id, row.accident_record_id} - {None}),
            )
            for row in rows
        }

    def revoking_document(self, record_ids: Collection[int], revision: int) -> str:
        """Give the document that last revoked or revised one of some records."""
        found = self._connection.execute(
            select(_RECORDS.c.superseded_document_number)
            .where(
                _RECORDS.c.record_id.in_(list(record_ids)),
                _RECORDS.c.superseded_revision <= revision,
            )
            .order_by(_RECORDS.c.superseded_revision.desc(), _RECORDS.c.row_id.desc())
            .limit(1)
        ).scalar()
        return found or ""

    def roles(self, enterprise_id: int, revision: int) -> Sequence[HeldRole]:
        """Read the roles in an enterprise."""
        rows = self._connection.execute(
            select(_ROLES)
            .where(_ROLES.c.enterprise_id == enterprise_id, visible(_ROLES, revision))
            .order_by(_ROLES.c.role_id)
        )
        return [
            HeldRole(row.person_id, _ROLE_CODES[row.kind], row.start_date, row.end_date)
            for row in rows
        ]

    def persons(self, person_ids: Collection[int], revision: int) -> Mapping[int, PersonFile]:
        """Read persons."""
        if not person_ids:
            return {}
        rows = self._connection.execute(
            select(_PERSONS).where(
                _PERSONS.c.person_id.in_(list(person_ids)),
                _PERSONS.c.recorded_revision <= revision,
            )
        )
        return {
            row.person_id: PersonFile(row.name, self._masked(row.identity_cipher)) for row in rows
        }

    def divisions(self, subject_id: int, revision: int, *, person: bool) -> frozenset[str]:
        """Give the divisions to which a subject belongs; of a person those of its enterprises."""
        query = select(_VERSIONS.c.division).distinct().where(visible(_VERSIONS, revision))
        if person:
            held = and_(_ROLES.c.enterprise_id == _VERSIONS.c.enterprise_id)
            query = query.join(_ROLES, held).where(
                _ROLES.c.person_id == subject_id, visible(_ROLES, revision)
            )
        else:
            query = query.where(
                _VERSIONS.c.enterprise_id == subject_id, _VERSIONS.c.end_date.is_(None)
            )
        found = self._connection.execute(query).scalars()
        codes = frozenset("" if one is None else f"{one:06d}" for one in found)
        return codes or frozenset({""})

    def open_major_hazard(self, subject_id: int, revision: int, *, day: date) -> bool:
        """Say whether a major hazard of an enterprise is not removed on a day."""
        found = self._connection.execute(
            select(_RECORDS.c.record_id)
            .join(_HAZARDS, _HAZARDS.c.row_id == _RECORDS.c.row_id)
            .where(
                *_major_hazards(subject_id, revision, day),
                ~_accepted(_RECORDS.c.record_id, revision, day),
            )
            .limit(1)
        )
        return found.first() is not None

    def hazard_closed(self, subject_id: int, revision: int, *, day: date) -> date | None:
        """Give the day by which the last major hazard was removed."""
        hazard = _RECORDS.alias("hazard")
        found: date | None = self._connection.execute(
            select(func.max(_RECORDS.c.event_date))
            .join(_RECTIFICATIONS, _RECTIFICATIONS.c.row_id == _RECORDS.c.row_id)
            .join(hazard, hazard.c.record_id == _RECTIFICATIONS.c.target_record_id)
            .join(_HAZARDS, _HAZARDS.c.row_id == hazard.c.row_id)
            .where(
                _RECORDS.c.subject_id == subject_id,
                _RECORDS.c.kind == _RECTIFICATION,
                _RECORDS.c.event_date <= day,
                visible(_RECORDS, revision),
                visible(hazard, revision),
                _RECTIFICATIONS.c.outcome == _ACCEPTED,
                _HAZARDS.c.level == _MAJOR,
            )
        ).scalar()
        return found

    def ban_runs(self, subject_id: int, revision: int, *, day: date) -> bool:
        """Say whether a ban from the trade or profession runs on a day.

        A penalty that restricts practice and names no last day of validity has no end.
        """
        found = self._connection.execute(
            select(_RECORDS.c.record_id)
            .join(_PENALTIES, _PENALTIES.c.row_id == _RECORDS.c.row_id)
            .where(
                _RECORDS.c.subject_id == subject_id,
                _RECORDS.c.event_date <= day,
                visible(_RECORDS, revision),
                _PENALTIES.c.sanctions.bitwise_and(_PRACTICE_RESTRICTION) != 0,
                or_(
                    _PENALTIES.c.valid_until_date.is_(None),
                    _PENALTIES.c.valid_until_date >= day,
                ),
            )
            .limit(1)
        )
        return found.first() is not None

    # Private methods -------------------------------------------------------------

    def _masked(self, cipher: bytes) -> str:
        if self._cipher is None or not cipher:
            return ""
        return masked_identity_number(self._cipher.open(cipher))


# Private functions -----------------------------------------------------------


def _major_hazards(subject_id: int, revision: int, day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        _RECORDS.c.subject_id == subject_id,
        _RECORDS.c.kind == _HAZARD,
        _RECORDS.c.event_date <= day,
        visible(_RECORDS, revision),
        _HAZARDS.c.level == _MAJOR,
    )


def _accepted(record_id: Any, revision: int, day: date) -> ColumnElement[bool]:  # noqa: ANN401 -- a column.
    """Select records that a rectification accepted by a day removed."""
    accepted = _RECORDS.alias("accepted")
    return (
        exists()
        .where(
            _RECTIFICATIONS.c.row_id == accepted.c.row_id,
            _RECTIFICATIONS.c.target_record_id == record_id,
            _RECTIFICATIONS.c.outcome == _ACCEPTED,
            accepted.c.event_date <= day,
            visible(accepted, revision),
        )
        .correlate(_RECORDS)
    )
