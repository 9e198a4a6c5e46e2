"""Records on the tables: header rows, body rows, and how editions cease to be current."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    or_,
    select,
    update,
)

from models.records import RecordRow
from models.store_state import RevisionRow
from services.credit.commands.ports import RecordFilter, RecordSummary, Slice
from services.credit.domain.codes import Field, RecordKind
from services.credit.domain.record import (
    Body,
    BusinessKey,
    Edition,
    Header,
    Supersession,
    business_key,
)
from services.credit.store.bodies import BODY_TABLES
from services.credit.store.bulk import BulkInsert
from services.credit.store.columns import among, table_of, visible
from services.credit.store.key_sets import joined_keys, keyed

_RECORDS: Final = table_of(RecordRow)
_RECORDED: Final = table_of(RevisionRow).alias("recorded")
_SUPERSEDED: Final = table_of(RevisionRow).alias("superseded")
_HEADER: Final = tuple(one.name for one in fields(Header))
_AROUND: Final = (
    "row_id",
    "record_id",
    "edition",
    "kind",
    "subject_id",
    "person",
    "recorded_revision",
    "superseded_revision",
    "superseding_row_id",
    "superseded_reason",
    "superseded_document_number",
)
_INSERT_HEADERS: Final[BulkInsert[Edition]] = BulkInsert(
    _RECORDS,
    {
        "row_id": "row_id",
        "record_id": "record_id",
        "edition": "number",
        "kind": "body.kind",
        "subject_id": "subject_id",
        "person": "person",
        "recorded_revision": "recorded_revision",
    }
    | {name: f"header.{name}" for name in _HEADER},
    conversions={"kind": int, "field": int},
    constants={"superseded_reason": "", "superseded_document_number": ""},
)
_KEY: Final = (
    _RECORDS.c.kind,
    _RECORDS.c.authority,
    _RECORDS.c.document_number,
    _RECORDS.c.document_item,
)


class SqlRecords:
    """Reads and writes records; implements `RecordWrites`."""

    def __init__(self, connection: Connection) -> None:
        """Work on a connection, in its transaction."""
        self._connection = connection

    def editions(self, record_id: int, *, revision: int) -> Sequence[Edition]:
        """Give the editions of a record, oldest first."""
        query = _select().where(
            _RECORDS.c.record_id == record_id, _RECORDS.c.recorded_revision <= revision
        )
        return self._read(query.order_by(_RECORDS.c.edition), revision)

    def by_keys(self, keys: Collection[BusinessKey]) -> Mapping[BusinessKey, Sequence[Edition]]:
        """Give the editions of the records with business keys, oldest first."""
        if not keys:
            return {}
        query = _select(joined_keys(_KEY, keys, self._connection.dialect))
        found: defaultdict[BusinessKey, list[Edition]] = defaultdict(list)
        for edition in self._read(query.order_by(_RECORDS.c.edition), None):
            found[business_key(edition.header, edition.body)].append(edition)
        return found

    def summaries(self, record_ids: Collection[int]) -> Mapping[int, RecordSummary]:
        """Give the latest editions of records."""
        if not record_ids:
            return {}
        query = select(
            _RECORDS.c.record_id,
            _RECORDS.c.kind,
            _RECORDS.c.subject_id,
            _RECORDS.c.superseded_revision,
            _RECORDS.c.authority,
        ).where(
            keyed(_RECORDS.c.record_id, record_ids, self._connection.dialect),
            _RECORDS.c.superseding_row_id.is_(None),
        )
        return {
            row.record_id: RecordSummary(
                kind=RecordKind(row.kind),
                subject_id=row.subject_id,
                revoked=row.superseded_revision is not None,
                authority=row.authority,
            )
            for row in self._connection.execute(query)
        }

    def page(self, wanted: RecordFilter, part: Slice) -> Sequence[Edition]:
        """List current editions by event date and record identifier."""
        query = _select().where(
            visible(_RECORDS, part.revision), _RECORDS.c.event_date <= part.as_of
        )
        query = _after(_filtered(query, wanted), part)
        ordered = query.order_by(_RECORDS.c.event_date, _RECORDS.c.record_id).limit(part.limit)
        return self._read(ordered, part.revision)

    def add(self, editions: Sequence[Edition]) -> None:
        """Store editions of any kinds."""
        _INSERT_HEADERS(self._connection, editions)
        by_kind: defaultdict[RecordKind, list[Edition]] = defaultdict(list)
        for edition in editions:
            by_kind[edition.body.kind].append(edition)
        for kind, kept in by_kind.items():
            BODY_TABLES[kind].insert(self._connection, kept)

    def supersede(self, edition: Edition) -> None:
        """Store how an edition ceased to be current."""
        superseded = edition.superseded
        assert superseded is not None, "the edition says how"
        result = self._connection.execute(
            update(_RECORDS)
            .where(_RECORDS.c.row_id == edition.row_id, _RECORDS.c.superseded_revision.is_(None))
            .values(
                superseded_revision=superseded.revision,
                superseding_row_id=superseded.next_row_id,
                superseded_reason=superseded.reason,
                superseded_document_number=superseded.document_number,
            )
        )
        assert result.rowcount == 1, "an edition is superseded once"

    def _read(self, query: Select[Any], revision: int | None) -> list[Edition]:
        """Read header rows, then the bodies of each kind.

        Args:
            query: Selects header rows.
            revision: What had been recorded by then; none for everything.
        """
        rows = self._connection.execute(query).all()
        row_ids: defaultdict[int, list[int]] = defaultdict(list)
        for row in rows:
            row_ids[row.kind].append(row.row_id)
        bodies: dict[int, Body] = {}
        for kind, ids in row_ids.items():
            bodies |= BODY_TABLES[RecordKind(kind)].bodies(self._connection, ids)
        return [_edition(row, bodies[row.row_id], revision) for row in rows]


# Private functions -----------------------------------------------------------


def _select(records: FromClause = _RECORDS) -> Select[Any]:
    """Select header rows with the instants of their revisions."""
    return select(
        *(_RECORDS.c[name] for name in _HEADER),
        *(_RECORDS.c[name] for name in _AROUND),
        _RECORDED.c.recorded_time,
        _SUPERSEDED.c.recorded_time.label("superseded_time"),
    ).select_from(
        records.join(_RECORDED, _RECORDED.c.revision == _RECORDS.c.recorded_revision).outerjoin(
            _SUPERSEDED, _SUPERSEDED.c.revision == _RECORDS.c.superseded_revision
        )
    )


def _filtered(query: Select[Any], wanted: RecordFilter) -> Select[Any]:
    if wanted.subject_id is not None:
        query = query.where(_RECORDS.c.subject_id == wanted.subject_id)
    if wanted.kinds:
        query = query.where(among(_RECORDS.c.kind, wanted.kinds))
    if wanted.field is not None:
        query = query.where(_RECORDS.c.field == int(wanted.field))
    if wanted.authority:
        query = query.where(_RECORDS.c.authority == wanted.authority)
    if wanted.document_number:
        query = query.where(_RECORDS.c.document_number == wanted.document_number)
    if wanted.event_start_date is not None:
        query = query.where(_RECORDS.c.event_date >= wanted.event_start_date)
    if wanted.event_end_date is not None:
        query = query.where(_RECORDS.c.event_date < wanted.event_end_date)
    return query


def _after(query: Select[Any], part: Slice) -> Select[Any]:
    if not part.after:
        return query
    event_date, record_id = part.after
    assert isinstance(event_date, date), "the sort key begins with the event date"
    return query.where(
        # Said twice, so that the index on the event date is of use.
        _RECORDS.c.event_date >= event_date,
        or_(
            _RECORDS.c.event_date > event_date,
            and_(_RECORDS.c.event_date == event_date, _RECORDS.c.record_id > record_id),
        ),
    )


def _edition(row: Row[Any], body: Body, revision: int | None) -> Edition:
    values: dict[str, Any] = dict(zip(_HEADER, row, strict=False))
    values["field"] = Field(row.field)
    return Edition(
        row_id=row.row_id,
        record_id=row.record_id,
        number=row.edition,
        subject_id=row.subject_id,
        person=row.person,
        header=Header(**values),
        body=body,
        recorded_revision=row.recorded_revision,
        recorded_time=row.recorded_time,
        superseded=_supersession(row, revision),
    )


def _supersession(row: Row[Any], revision: int | None) -> Supersession | None:
    superseded: int | None = row.superseded_revision
    if superseded is None or (revision is not None and superseded > revision):
        return None
    return Supersession(
        time=row.superseded_time,
        revision=superseded,
        next_row_id=row.superseding_row_id,
        reason=row.superseded_reason,
        document_number=row.superseded_document_number,
    )
