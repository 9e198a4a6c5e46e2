"""What cases rest on, read from the tables of facts: records, roles, persons, hazards, bans.

The numbers of codes are those of policies/vocabulary.yaml, which never change.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from models.enterprises import EnterpriseVersionRow
from models.lists import ListCasePartyRow, ListCaseRecordRow, ListCaseRow
from models.persons import PersonRow, RoleRow
from models.records import AccidentRow, PenaltyRow, RecordRow
from models.remedies import RemedyStepRow, RepairRow
from services.common.identity_cipher import IdentityCipher, masked_identity_number
from services.scoring.commands.lists.list_case_ports import GroundRecord, HeldRole, PersonFile
from services.scoring.domain.hazard_extension import MajorHazard
from services.scoring.store.columns import table_of, visible
from services.scoring.store.list_hazards import major_hazards

_RECORDS: Final = table_of(RecordRow)
_PENALTIES: Final = table_of(PenaltyRow)
_ACCIDENTS: Final = table_of(AccidentRow)
_REPAIRS: Final = table_of(RepairRow)
_REMEDY_STEPS: Final = table_of(RemedyStepRow)
_ROLES: Final = table_of(RoleRow)
_PERSONS: Final = table_of(PersonRow)
_VERSIONS: Final = table_of(EnterpriseVersionRow)
_CASES: Final = table_of(ListCaseRow)
_PARTIES: Final = table_of(ListCasePartyRow)
_BEHIND: Final = table_of(ListCaseRecordRow)

_VIOLATION: Final = 2
_PENALTY: Final = 3
_ACCIDENT: Final = 6
_LIABLE: Final = 1
# 限制开展生产经营活动 keeps a unit from its trade, 限制从业 a person from its profession.
_BANS: Final = 1 << 8 | 1 << 11

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
                _RECORDS.c.person,
                _RECORDS.c.event_date,
                _RECORDS.c.authority,
                _RECORDS.c.field,
                _RECORDS.c.document_number,
                _PENALTIES.c.final_date,
                _PENALTIES.c.performed_date,
                _PENALTIES.c.violation_record_id,
                _PENALTIES.c.accident_record_id,
                _ACCIDENTS.c.liability,
                _REPAIRS.c.repaired_date,
                _REMEDY_STEPS.c.document_number.label("repair_document"),
            )
            .select_from(
                _RECORDS.outerjoin(_PENALTIES, penalty)
                .outerjoin(_ACCIDENTS, accident)
                .outerjoin(_REPAIRS, _repairing(_RECORDS.c.record_id, revision))
                .outerjoin(_REMEDY_STEPS, _granting())
            )
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
                violation=row.violation_record_id,
                accident=row.accident_record_id,
                document_number=row.document_number,
                person=row.person,
                repaired_date=row.repaired_date,
                repair_document=row.repair_document or "",
            )
            for row in rows
        }

    def revoking_document(
        self, record_ids: Collection[int], revision: int, *, subject_id: int
    ) -> str:
        """Give the document that last revoked or revised one of some records of a party."""
        found = self._connection.execute(
            select(_RECORDS.c.superseded_document_number)
            .where(
                _RECORDS.c.record_id.in_(list(record_ids)),
                or_(~_RECORDS.c.person, _RECORDS.c.subject_id == subject_id),
                _RECORDS.c.superseded_revision <= revision,
            )
            .order_by(_RECORDS.c.superseded_revision.desc(), _RECORDS.c.row_id.desc())
            .limit(1)
        ).scalar()
        return found or ""

    def names_around(
        self, subject_ids: Collection[int], revision: int
    ) -> Mapping[int, frozenset[str]]:
        """Name the persons around subjects."""
        numbers = list(subject_ids)
        own, theirs = _ROLES.c.enterprise_id, _ROLES.alias("theirs")
        known, held = _PERSONS.c.recorded_revision <= revision, visible(_ROLES, revision)
        person = _PERSONS.c.person_id == _ROLES.c.person_id
        # Numbers of enterprises and persons are from one row, so none is both.
        themselves = select(_PERSONS.c.person_id, _PERSONS.c.name)
        in_office = select(own, _PERSONS.c.name).join(_PERSONS, person)
        beside = (
            select(theirs.c.person_id, _PERSONS.c.name)
            .join(_ROLES, own == theirs.c.enterprise_id)
            .join(_PERSONS, person)
        )
        queries = (
            themselves.where(_PERSONS.c.person_id.in_(numbers), known),
            in_office.where(own.in_(numbers), held, known).distinct(),
            beside.where(
                theirs.c.person_id.in_(numbers), visible(theirs, revision), held, known
            ).distinct(),
        )
        found: dict[int, set[str]] = {}
        for query in queries if numbers else ():
            for number, name in self._connection.execute(query):
                found.setdefault(number, set()).add(name)
        return {number: frozenset(names) for number, names in found.items()}

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

    def changed_cases(self, case_ids: Collection[int], revision: int) -> frozenset[int]:
        """Give cases whose records or roles are not as when they were opened, or were repaired."""
        if not case_ids:
            return frozenset()
        number = _CASES.c.case_id
        found = self._connection.execute(
            select(number).where(
                number.in_(list(case_ids)),
                or_(
                    record_changed(number, revision),
                    role_lost(number, revision),
                    exists().where(
                        _BEHIND.c.case_id == number, _repairing(_BEHIND.c.record_id, revision)
                    ),
                ),
            )
        )
        return frozenset(found.scalars())

    def employers(self, person_id: int, revision: int) -> Sequence[int]:
        """Give the enterprises in which a person has, or had, a role."""
        number = _ROLES.c.enterprise_id
        found = self._connection.execute(
            select(number)
            .distinct()
            .where(_ROLES.c.person_id == person_id, visible(_ROLES, revision))
            .order_by(number)
        )
        return list(found.scalars())

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

    def recorded_divisions(
        self, record_ids: Collection[int], revision: int, *, authority: str
    ) -> frozenset[str]:
        """Give where records of an authority lay by any of their editions.

        Of a revoked record it is known still, and of one that was revised after a move as well.
        """
        query = select(_RECORDS.c.division).distinct()
        found = self._connection.execute(
            query.where(
                _RECORDS.c.record_id.in_(list(record_ids)),
                _RECORDS.c.authority == authority,
                _RECORDS.c.recorded_revision <= revision,
                _RECORDS.c.division.is_not(None),
            )
        ).scalars()
        return frozenset(f"{one:06d}" for one in found)

    def major_hazards(
        self, enterprise_id: int, revision: int, *, day: date
    ) -> Sequence[MajorHazard]:
        """Read the major hazards of an enterprise."""
        return major_hazards(self._connection, enterprise_id, revision, day=day)

    def ban_runs(self, subject_id: int, revision: int, *, day: date) -> bool:
        """Say whether a ban from the trade or profession runs on a day.

        A penalty that restricts activity or practice and names no last day of validity has no end.
        """
        found = self._connection.execute(
            select(_RECORDS.c.record_id)
            .join(_PENALTIES, _PENALTIES.c.row_id == _RECORDS.c.row_id)
            .where(
                _RECORDS.c.subject_id == subject_id,
                _RECORDS.c.event_date <= day,
                visible(_RECORDS, revision),
                _PENALTIES.c.sanctions.bitwise_and(_BANS) != 0,
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


def record_changed(case_id: ColumnElement[int], revision: int) -> ColumnElement[bool]:
    """Select cases a record of which is revoked, or stands in another edition than behind them.

    Args:
        case_id: Column that names the case.
        revision: Revision by which records are known.
    """
    now = _RECORDS.alias("now")
    unchanged = exists().where(
        now.c.record_id == _BEHIND.c.record_id,
        now.c.edition == _BEHIND.c.edition,
        visible(now, revision),
    )
    return exists().where(_BEHIND.c.case_id == case_id, ~unchanged.correlate(_BEHIND))


def role_lost(case_id: ColumnElement[int], revision: int) -> ColumnElement[bool]:
    """Select cases a person of which is known no more to have had a role on the day of a fact.

    Args:
        case_id: Column that names the case.
        revision: Revision by which roles are known.
    """
    case, behind, then = _CASES.alias("opened"), _BEHIND.alias("behind"), _RECORDS.alias("then")
    known, held = _ROLES.alias("known"), _ROLES.alias("held")
    still = exists().where(
        held.c.person_id == known.c.person_id,
        held.c.enterprise_id == known.c.enterprise_id,
        held.c.kind == known.c.kind,
        visible(held, revision),
        _covers(held, then),
    )
    return exists().where(
        case.c.case_id == case_id,
        _PARTIES.c.case_id == case.c.case_id,
        _PARTIES.c.role != "",
        known.c.person_id == _PARTIES.c.subject_id,
        known.c.enterprise_id == case.c.subject_id,
        known.c.superseded_revision <= revision,
        visible(known, case.c.recorded_revision),
        behind.c.case_id == case.c.case_id,
        then.c.record_id == behind.c.record_id,
        then.c.edition == behind.c.edition,
        _covers(known, then),
        ~still.correlate(known, then),
    )


# Private functions -----------------------------------------------------------


def _repairing(record_id: ColumnElement[int], revision: int) -> ColumnElement[bool]:
    """Select the repair of a record that holds; at most one does."""
    return and_(_REPAIRS.c.record_id == record_id, visible(_REPAIRS, revision))


def _granting() -> ColumnElement[bool]:
    """Select the step that granted a repair."""
    return and_(
        _REMEDY_STEPS.c.remedy_id == _REPAIRS.c.remedy_id,
        _REMEDY_STEPS.c.recorded_revision == _REPAIRS.c.recorded_revision,
    )


def _covers(role: Any, record: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- aliases of tables.
    """Select roles that are held on the day of a record."""
    day = record.c.event_date
    return and_(role.c.start_date <= day, or_(role.c.end_date.is_(None), role.c.end_date > day))
