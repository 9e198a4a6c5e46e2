"""Entries that the upkeep has to look at because of persons: whose unit moved, who became known."""

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true, union

from models.lists import ListCaseRow
from models.persons import RoleRow
from services.scoring.domain.entry_course import EntryState
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import VERSIONS
from services.scoring.store.list_entries import ENTRIES

_CASES: Final = table_of(ListCaseRow)
_ROLES: Final = table_of(RoleRow)
_THEIRS: Final = _ROLES.alias("theirs")
_IN_FORCE: Final = ENTRIES.c.state == int(EntryState.IN_FORCE)
_OF_CASES: Final = ENTRIES.join(_CASES, _CASES.c.case_id == ENTRIES.c.case_id)


def of_moved_units(day: date, subjects: frozenset[int] | None) -> Select[*tuple[Any, ...]]:
    """Select entries in force of persons' own cases with a unit of theirs in another division.

    Which unit the case is about follows from its facts; here any is taken in which the person has
    or had a role.

    Args:
        day: The day.
        subjects: Persons, or enterprises, of whom something was written; none for everybody.
    """
    elsewhere = exists().where(
        _ROLES.c.person_id == _CASES.c.subject_id,
        _ROLES.c.superseded_revision.is_(None),
        VERSIONS.c.enterprise_id == _ROLES.c.enterprise_id,
        VERSIONS.c.superseded_revision.is_(None),
        VERSIONS.c.start_date <= day,
        or_(VERSIONS.c.end_date.is_(None), VERSIONS.c.end_date > day),
        VERSIONS.c.division.is_not(None),
        VERSIONS.c.division.is_distinct_from(ENTRIES.c.division),
    )
    return (
        select(ENTRIES.c.entry_id)
        .select_from(_OF_CASES)
        .where(
            _current(subjects),
            _IN_FORCE,
            _CASES.c.person.is_(True),
            elsewhere,
            _around(subjects),
        )
    )


def of_newly_named(subjects: frozenset[int] | None) -> Select[*tuple[Any, ...]]:
    """Select entries beside whose subjects somebody got a role since the case was opened.

    Everybody who had one before was looked for in every text of the case. What is off its list by
    now may still be sent to who has an older copy.

    Args:
        subjects: Enterprises, or listed subjects, of whom something was written; none for all.
    """
    since = _CASES.c.recorded_revision
    in_unit = exists().where(
        _ROLES.c.enterprise_id == _CASES.c.subject_id, _ROLES.c.recorded_revision > since
    )
    beside = exists().where(
        _ROLES.c.person_id == ENTRIES.c.subject_id,
        _THEIRS.c.enterprise_id == _ROLES.c.enterprise_id,
        or_(_THEIRS.c.recorded_revision > since, _ROLES.c.recorded_revision > since),
    )
    return (
        select(ENTRIES.c.entry_id)
        .select_from(_OF_CASES)
        .where(
            _current(subjects),
            or_(in_unit, and_(ENTRIES.c.person.is_(True), beside)),
            _around(subjects),
        )
    )


# Private functions -----------------------------------------------------------


def _current(subjects: frozenset[int] | None) -> ColumnElement[bool]:
    """Select current editions; of some subjects by what they have, and not among all of them."""
    superseded = ENTRIES.c.superseded_revision
    return (superseded if subjects is None else superseded + 0).is_(None)


def _around(subjects: frozenset[int] | None) -> ColumnElement[bool]:
    """Select the entries of subjects, of their cases, and of the persons with a role with them."""
    if subjects is None:
        return true()
    numbers = sorted(subjects)
    own, others = ENTRIES.alias("own"), ENTRIES.alias("others")
    cases, roles = _CASES.alias("cases"), _ROLES.alias("held")
    theirs = union(
        select(own.c.entry_id).where(own.c.subject_id.in_(numbers)),
        select(others.c.entry_id)
        .join(cases, cases.c.case_id == others.c.case_id)
        .where(cases.c.subject_id.in_(numbers)),
        select(others.c.entry_id)
        .join(roles, roles.c.person_id == others.c.subject_id)
        .where(roles.c.enterprise_id.in_(numbers)),
    )
    return ENTRIES.c.entry_id.in_(theirs)
