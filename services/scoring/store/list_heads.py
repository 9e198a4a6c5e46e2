"""Where the lists stand: their heads, read or locked, and their versions."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select

from models.list_feed import ListHeadRow, ListVersionRow
from services.scoring.domain.list_digest import EMPTY_BUCKETS, EMPTY_LIST
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import RemovedByLaw, ShrinkWarning
from services.scoring.store.list_shrink_confirmations import read_confirmations


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where one list stands.

    Attributes:
        key: The list.
        version: Last version; 0 before the first.
        entry_count: Entries on the list.
        last_ordinal: Changes that it ever had.
        last_byte: Bytes that they took.
        floor_version: Version up to which changes may have been dropped.
        guarded_version: Last version whose shrinking was approved.
        by_law_count: Removals ever that the law demanded by itself.
        warned_version: Last version at which these passed the set share; 0 for none.
        digest: Digest of the list.
    """

    key: ListKey
    version: int = 0
    entry_count: int = 0
    last_ordinal: int = 0
    last_byte: int = 0
    floor_version: int = 0
    guarded_version: int = 0
    by_law_count: int = 0
    warned_version: int = 0
    digest: bytes = EMPTY_LIST

    @property
    def undecided_count(self) -> int:
        """Give the entries that it would have if the law had never removed any by itself."""
        return self.entry_count + self.by_law_count

    @property
    def last(self) -> "Version":
        """Give the last version, which stands in the head as it stands among the versions."""
        return Version(
            version=self.version,
            last_ordinal=self.last_ordinal,
            last_byte=self.last_byte,
            entry_count=self.entry_count,
            digest=self.digest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a list.

    Attributes:
        version: Its number.
        last_ordinal: Last change of it.
        last_byte: Bytes that all changes up to it took.
        entry_count: Entries at it.
        digest: Digest of the whole list at it.
    """

    version: int = 0
    last_ordinal: int = 0
    last_byte: int = 0
    entry_count: int = 0
    digest: bytes = EMPTY_LIST


def read_head(connection: Connection, key: ListKey) -> Head:
    """Find where a list stands; one that was never published is empty."""
    row = connection.execute(_HEAD_OF, {"of_kind": key.kind, "of_field": key.field}).one_or_none()
    return _head(row) if row else Head(key=key)


def read_heads(connection: Connection) -> dict[ListKey, Head]:
    """Find where every list stands that was ever published."""
    heads = [_head(row) for row in connection.execute(_HEAD)]
    return {head.key: head for head in heads}


def lock_head(connection: Connection, key: ListKey) -> Head:
    """Take a list's one row lock, to the end of the transaction, and find where it stands."""
    row = connection.execute(
        _HEAD_LOCKED, {"of_kind": key.kind, "of_field": key.field}
    ).one_or_none()
    if row is None:
        empty = Head(key=key)
        connection.execute(
            insert(ListHeadRow).values(
                kind=key.kind,
                field=key.field,
                version=0,
                entry_count=0,
                last_ordinal=0,
                last_byte=0,
                floor_version=0,
                guarded_version=0,
                by_law_count=0,
                warned_version=0,
                digest=empty.digest,
                bucket_digests=EMPTY_BUCKETS,
            )
        )
        return empty
    return _head(row)


def read_bucket_digests(connection: Connection, key: ListKey) -> bytes:
    """Give the digests of a list's buckets, one after the other."""
    found = connection.execute(select(ListHeadRow.bucket_digests).where(*_is(key))).scalar()
    return EMPTY_BUCKETS if found is None else found


def read_version(connection: Connection, key: ListKey, number: int) -> Version | None:
    """Find a version; number 0 is the empty list, and nothing is what never was."""
    if number == 0:
        return Version()
    row = connection.execute(
        _VERSION_OF, {"of_kind": key.kind, "of_field": key.field, "number": number}
    ).one_or_none()
    return None if row is None else Version(**row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name.


def read_removed_by_law(connection: Connection, key: ListKey) -> RemovedByLaw:
    """Say what the law itself took off a list, when that was strikingly much, and who looked."""
    head = read_head(connection, key)
    if not head.warned_version:
        return RemovedByLaw(head.by_law_count, None)
    row = connection.execute(
        select(
            ListVersionRow.version,
            ListVersionRow.warned_removals,
            ListVersionRow.entry_count,
            ListVersionRow.recorded_time,
        ).where(
            ListVersionRow.kind == key.kind,
            ListVersionRow.field == key.field,
            ListVersionRow.version == head.warned_version,
        )
    ).one()
    version, removals, entry_count, recorded_time = row
    assert removals is not None, "a version is warned of for its removals"
    return RemovedByLaw(
        head.by_law_count,
        ShrinkWarning(
            version=version,
            removals_in_window=removals,
            entry_count=entry_count,
            publish_time=recorded_time,
            confirmations=read_confirmations(connection, key, version),
        ),
    )


# Private functions -----------------------------------------------------------

_HEAD = select(
    ListHeadRow.kind,
    ListHeadRow.field,
    ListHeadRow.version,
    ListHeadRow.entry_count,
    ListHeadRow.last_ordinal,
    ListHeadRow.last_byte,
    ListHeadRow.floor_version,
    ListHeadRow.guarded_version,
    ListHeadRow.by_law_count,
    ListHeadRow.warned_version,
    ListHeadRow.digest,
)

# Built once, as all of the feed asks for it.
_HEAD_OF: Final = _HEAD.where(
    ListHeadRow.kind == bindparam("of_kind"), ListHeadRow.field == bindparam("of_field")
)
_HEAD_LOCKED: Final = _HEAD_OF.with_for_update()
_VERSION_OF: Final = select(
    ListVersionRow.version,
    ListVersionRow.last_ordinal,
    ListVersionRow.last_byte,
    ListVersionRow.entry_count,
    ListVersionRow.digest,
).where(
    ListVersionRow.kind == bindparam("of_kind"),
    ListVersionRow.field == bindparam("of_field"),
    ListVersionRow.version == bindparam("number"),
)


def _is(key: ListKey) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ListHeadRow.kind == key.kind, ListHeadRow.field == key.field


def _head(row: Row[*tuple[Any, ...]]) -> Head:
    kind, field, *rest = row
    version, entry_count, last_ordinal, last_byte, floor, guarded, by_law, warned, digest = rest
    return Head(
        key=ListKey(ListKind(kind), field),
        version=version,
        entry_count=entry_count,
        last_ordinal=last_ordinal,
        last_byte=last_byte,
        floor_version=floor,
        guarded_version=guarded,
        by_law_count=by_law,
        warned_version=warned,
        digest=digest,
    )
