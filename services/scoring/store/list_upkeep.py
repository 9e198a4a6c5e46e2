"""Where the upkeep of the lists has to look, found by index from what changed or is due."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, exists, or_, select, true, union

from models.list_upkeep import ListUpkeepDueRow
from models.lists import ListCaseRecordRow, ListCaseRow
from models.records import RecordRow
from services.common.database import ReadTransaction
from services.scoring.commands.lists.upkeep_ports import FailedWork, Mark, Stretch
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.list_entry import ListKind, RemovalReason
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import VERSIONS
from services.scoring.store.list_entries import ENTRIES
from services.scoring.store.list_grounds import record_changed, role_lost
from services.scoring.store.list_hazards import known_since
from services.scoring.store.list_upkeep_failures import failed_now
from services.scoring.store.list_upkeep_lease import read_mark
from services.scoring.store.list_upkeep_persons import of_moved_units, of_newly_named

_CASES: Final = table_of(ListCaseRow)
_OTHER: Final = _CASES.alias("other")
_BEHIND: Final = table_of(ListCaseRecordRow)
_RECORDS: Final = table_of(RecordRow)
_DUES: Final = table_of(ListUpkeepDueRow)

_BLACK: Final = ENTRIES.c.list_kind == int(ListKind.BLACKLIST)
_IN_FORCE: Final = ENTRIES.c.state == int(EntryState.IN_FORCE)
_EXPIRED: Final = ENTRIES.c.removal_reason == int(RemovalReason.EXPIRED)
_LOST: Final = ENTRIES.c.removal_reason == int(RemovalReason.CONDITION_BROKEN)
_OF_CASES: Final = ENTRIES.join(_CASES, _CASES.c.case_id == ENTRIES.c.case_id)


class SqlListUpkeep:
    """Finds what is to be looked at; implements `UpkeepReads`."""

    def __init__(self, transaction: ReadTransaction) -> None:
        """Read in a transaction."""
        self._transaction = transaction

    def fallen(self, of: Stretch) -> Sequence[int]:
        """Give blacklist cases whose entries count."""
        case_id = _CASES.c.case_id
        query = _counting(of)
        if of.subjects is None:
            revision = self._transaction.point.revision
            changed = or_(record_changed(case_id, revision), role_lost(case_id, revision))
            return self._numbers(query.where(changed), case_id, of)
        # A person's case may rest on what is on record of its unit, and a unit's on its persons.
        of_records = _BEHIND.join(_RECORDS, _RECORDS.c.record_id == _BEHIND.c.record_id)
        theirs = union(
            select(_OTHER.c.case_id).where(_of(_OTHER.c.subject_id, of)),
            select(_BEHIND.c.case_id).select_from(of_records).where(_of(_RECORDS.c.subject_id, of)),
        )
        return self._numbers(query.where(case_id.in_(theirs)), case_id, of)

    def counting(self, of: Stretch) -> Sequence[int]:
        """Give blacklist cases whose entries count, of everybody."""
        return self._numbers(_counting(of), _CASES.c.case_id, of)

    def expired(self, day: date, of: Stretch) -> Sequence[int]:
        """Give entries in force whose term ended by a day."""
        query = _entries(of, ENTRIES.c.subject_id).where(_IN_FORCE, ENTRIES.c.end_date <= day)
        return self._numbers(query, _plain(ENTRIES.c.entry_id), of)

    def endless(self, of: Stretch) -> Sequence[int]:
        """Give entries in force that have no end now."""
        query = _entries(of).where(_IN_FORCE, ENTRIES.c.end_date.is_(None))
        return self._numbers(query, _plain(ENTRIES.c.entry_id), of)

    def ended_before_hazards(self, of: Stretch) -> Sequence[int]:
        """Give blacklist entries that expired before all was known of their hazards."""
        query = _entries(of).where(
            _BLACK,
            ENTRIES.c.state == int(EntryState.REMOVED),
            _EXPIRED,
            known_since(_CASES.c.subject_id),
        )
        return self._numbers(query, ENTRIES.c.entry_id, of)

    def redlisted(self, of: Stretch) -> Sequence[int]:
        """Give entries of redlists that are in force, expired, or were lost by a condition."""
        query = _entries(of, ENTRIES.c.subject_id).where(
            ENTRIES.c.list_kind == int(ListKind.REDLIST),
            or_(_IN_FORCE, _EXPIRED, _LOST),
            _by(ENTRIES.c.policy_id, of),
        )
        return self._numbers(query, ENTRIES.c.entry_id, of)

    def due(self, day: date, of: Stretch) -> Sequence[int]:
        """Give the redlistings that time alone may have ended by a day."""
        query = select(_DUES.c.entry_id).where(_DUES.c.due_date <= day)
        return self._numbers(query, _plain(_DUES.c.entry_id), of)

    def moved(self, day: date, of: Stretch) -> Sequence[int]:
        """Give entries in force whose enterprise is in another division, or renamed, on a day."""
        there = and_(
            VERSIONS.c.enterprise_id == _CASES.c.subject_id,
            VERSIONS.c.superseded_revision.is_(None),
            VERSIONS.c.start_date <= day,
            or_(VERSIONS.c.end_date.is_(None), VERSIONS.c.end_date > day),
        )
        query = (
            select(ENTRIES.c.entry_id)
            .select_from(_OF_CASES.join(VERSIONS, there))
            .where(
                _current(of),
                _of(_CASES.c.subject_id, of),
                _IN_FORCE,
                or_(
                    and_(
                        VERSIONS.c.division.is_not(None),
                        VERSIONS.c.division.is_distinct_from(ENTRIES.c.division),
                    ),
                    and_(
                        ENTRIES.c.subject_id == VERSIONS.c.enterprise_id,
                        VERSIONS.c.name != ENTRIES.c.name,
                    ),
                ),
            )
        )
        units = self._numbers(query, ENTRIES.c.entry_id, of)
        of_persons = of_moved_units(day, of.subjects)
        persons = self._numbers(of_persons, ENTRIES.c.entry_id, of)
        return sorted({*units, *persons})[: of.limit]

    def named_since(self, of: Stretch) -> Sequence[int]:
        """Give entries beside whose subjects somebody became known since their cases."""
        return self._numbers(of_newly_named(of.subjects), ENTRIES.c.entry_id, of)

    def mark(self) -> Mark | None:
        """Say up to where everything has been looked at."""
        return read_mark(self._transaction.connection)

    def failed(self) -> Sequence[FailedWork]:
        """Give what could not be done the last time."""
        return failed_now(self._transaction.connection)

    # Private methods -------------------------------------------------------------

    def _numbers(
        self,
        query: Select[*tuple[Any, ...]],
        number: ColumnElement[int],
        of: Stretch,
    ) -> Sequence[int]:
        if of.subjects is not None:
            if not of.subjects:
                return []
            # By what the subjects have, and not in the order of all numbers.
            number = _plain(number)
        query = query.where(number > of.after).order_by(number).limit(of.limit)
        return list(self._transaction.connection.execute(query).scalars())


# Private functions -----------------------------------------------------------


def _counting(of: Stretch) -> Select[*tuple[Any, ...]]:
    """Select blacklist cases whose entries count."""
    counting = ENTRIES.c.state != int(EntryState.CORRECTED)
    return select(_CASES.c.case_id).where(
        exists().where(ENTRIES.c.case_id == _CASES.c.case_id, _current(of), _BLACK, counting),
        _by(_CASES.c.policy_id, of),
    )


def _entries(of: Stretch, subject: Column[int] = _CASES.c.subject_id) -> Select[*tuple[Any, ...]]:
    """Select entries of some subjects: by the subject of their cases, or their own."""
    source = ENTRIES if subject.table is ENTRIES else _OF_CASES
    return select(ENTRIES.c.entry_id).select_from(source).where(_current(of), _of(subject, of))


def _of(subject: ColumnElement[int], of: Stretch) -> ColumnElement[bool]:
    return true() if of.subjects is None else subject.in_(of.subjects)


def _by(policy_id: ColumnElement[str], of: Stretch) -> ColumnElement[bool]:
    return true() if of.policies is None else policy_id.in_(sorted(of.policies))


def _current(of: Stretch) -> ColumnElement[bool]:
    """Select the current editions: a snapshot has nothing that came after it.

    Of some subjects they are found by the subject, and not among all that are current.
    """
    superseded = ENTRIES.c.superseded_revision
    return (superseded if of.subjects is None else _plain(superseded)).is_(None)


def _plain(column: ColumnElement[int]) -> ColumnElement[int]:
    """Give a column as a number that no index is looked up for."""
    return column + 0
