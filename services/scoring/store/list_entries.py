"""Entries of the lists on the tables, on both axes of time."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    insert,
    or_,
    select,
    update,
)

from models.lists import ListCaseRow, ListEntryRow
from services.common.database import WriteTransaction
from services.engine.vocabulary import division_range
from services.scoring.commands.lists.list_case_ports import EntryFilter
from services.scoring.commands.ports import Redlisting
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.entry_duty import EntryDuty
from services.scoring.domain.entry_texts import Hiding
from services.scoring.domain.list_entry import ListEntry, ListKind
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.columns import table_of, visible
from services.scoring.store.entry_texts import all_shown, hiding
from services.scoring.store.list_compaction import sent_texts
from services.scoring.store.list_duties import entry_duties
from services.scoring.store.list_rows import entry_row, held_of

ENTRIES: Final = table_of(ListEntryRow)
_CASES: Final = table_of(ListCaseRow)
_LISTINGS: Final = (
    select(
        ENTRIES.c.entry_id.label("record_id"),
        ENTRIES.c.subject_id,
        ENTRIES.c.start_date.label("event_date"),
        ENTRIES.c.publish_date,
        ENTRIES.c.field,
        ENTRIES.c.division,
        ENTRIES.c.list_kind.label("list"),
        ENTRIES.c.end_date,
        ENTRIES.c.recorded_revision,
        ENTRIES.c.superseded_revision,
    )
    # What was corrected never counted, on any day.
    .where(ENTRIES.c.state != int(EntryState.CORRECTED))
    .subquery("listings")
)
LISTINGS: Final = cast("Table", _LISTINGS)
"""Entries as records that policies read: kind ``listing`` of the vocabulary."""


class SqlListEntries:
    """Reads and writes entries; implements `EntryReads` and `ListedReads`."""

    def __init__(self, connection: Connection, transaction: WriteTransaction | None = None) -> None:
        """Work on a connection, in its transaction."""
        self._connection = connection
        self._transaction = transaction

    def entries(self, entry_ids: Collection[int], revision: int) -> Mapping[int, HeldEntry]:
        """Read entries."""
        found = self._held(_visible(revision).where(ENTRIES.c.entry_id.in_(list(entry_ids))))
        return {held.entry.entry_id: held for held in found}

    def of_cases(
        self, case_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[HeldEntry, ...]]:
        """Read the entries of cases, by case."""
        found: dict[int, tuple[HeldEntry, ...]] = {}
        if not case_ids:
            return found
        for held in self._held(_visible(revision).where(ENTRIES.c.case_id.in_(list(case_ids)))):
            found[held.case_id] = (*found.get(held.case_id, ()), held)
        return found

    def of_subject(self, subject_id: int, revision: int) -> Sequence[HeldEntry]:
        """Read every entry of a subject, oldest first."""
        return self._held(_visible(revision).where(ENTRIES.c.subject_id == subject_id))

    def in_force(
        self, subject_ids: Collection[int], at: Viewpoint
    ) -> Mapping[int, tuple[HeldEntry, ...]]:
        """Give the entries that count on a day, by subject."""
        found: dict[int, tuple[HeldEntry, ...]] = {}
        if not subject_ids:
            return found
        query = _visible(at.revision).where(
            ENTRIES.c.subject_id.in_(list(subject_ids)), _counting(at.as_of)
        )
        for held in all_shown(self._connection, self._held(query)):
            number = held.entry.subject_id
            found[number] = (*found.get(number, ()), held)
        return found

    def redlistings(self, subject_ids: Collection[int], at: Viewpoint) -> Sequence[Redlisting]:
        """Give the entries of redlists that count on a day, with what was answered for them."""
        wanted = frozenset(subject_ids)
        query = (
            _visible(at.revision)
            .add_columns(_CASES.c.inputs.label("answers"))
            .join(_CASES, _CASES.c.case_id == ENTRIES.c.case_id)
            .where(
                ENTRIES.c.list_kind == int(ListKind.REDLIST),
                # A stretch of numbers holds few others.
                ENTRIES.c.subject_id.between(min(wanted), max(wanted)),
                _counting(at.as_of),
            )
        )
        return [
            Redlisting(held_of(row), json.loads(row.answers))
            for row in self._connection.execute(query)
            if row.subject_id in wanted
        ]

    def page(
        self, wanted: EntryFilter, revision: int, *, as_of: date, after: int, limit: int
    ) -> Sequence[HeldEntry]:
        """Read entries after another, by their numbers."""
        query = _visible(revision).where(ENTRIES.c.entry_id > after)
        if wanted.state is None:
            query = query.where(_counting(as_of))
        else:
            query = query.where(ENTRIES.c.state == int(wanted.state))
        if wanted.kind is not None:
            query = query.where(ENTRIES.c.list_kind == int(wanted.kind))
        if wanted.field:
            query = query.where(ENTRIES.c.field == wanted.field)
        if wanted.subject_id is not None:
            query = query.where(ENTRIES.c.subject_id == wanted.subject_id)
        if wanted.division:
            first, beyond = division_range(wanted.division)
            query = query.where(ENTRIES.c.division >= first, ENTRIES.c.division < beyond)
        return self._held(query.limit(limit))

    def sent_texts(self, entry: ListEntry) -> Sequence[str]:
        """Give what cursors can still be sent of an entry, in words."""
        return sent_texts(self._connection, entry.list_key, entry.entry_id)

    def duties(
        self, entry_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[EntryDuty, ...]]:
        """Read what decisions on objections and repairs ask of entries, oldest first."""
        return entry_duties(self._connection, entry_ids, revision)

    def hiding(self, entries: Collection[HeldEntry]) -> Mapping[int, Hiding]:
        """Give what masks persons who are known by now in the texts of entries, by entry."""
        return hiding(self._connection, entries)

    def put_entry(self, held: HeldEntry) -> None:
        """Store an entry as it stands now, in the place of its edition before."""
        write = self._transaction
        assert write is not None, "only a write transaction writes"
        self._connection.execute(
            update(ENTRIES)
            .where(
                ENTRIES.c.entry_id == held.entry.entry_id, ENTRIES.c.superseded_revision.is_(None)
            )
            .values(superseded_revision=write.revision)
        )
        self._connection.execute(
            insert(ENTRIES).values(
                row_id=write.new_id(), recorded_revision=write.revision, **entry_row(held)
            )
        )

    # Private methods -------------------------------------------------------------

    def _held(self, query: Select[*tuple[Any, ...]]) -> list[HeldEntry]:
        return [held_of(row) for row in self._connection.execute(query)]


# Private functions -----------------------------------------------------------


def _visible(revision: int) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(ENTRIES)
    return query.where(visible(ENTRIES, revision)).order_by(ENTRIES.c.entry_id)


def _counting(day: date) -> ColumnElement[bool]:
    """Select the entries that count on a day."""
    return and_(
        ENTRIES.c.state != int(EntryState.CORRECTED),
        ENTRIES.c.start_date <= day,
        or_(ENTRIES.c.end_date.is_(None), ENTRIES.c.end_date > day),
    )
