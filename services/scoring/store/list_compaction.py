"""Compaction: dropping changes that nobody may ask for any more."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from models.list_feed import ListChangeRow, ListHeadRow, ListVersionRow
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import entry_name, texts_of
from services.scoring.domain.list_entry import ListKey
from services.scoring.store.list_bodies import WITHDRAWN
from services.scoring.store.list_heads import lock_head, read_head, read_heads, read_version

ROWS_AT_ONCE: Final = 20_000
"""House limit: changes that one transaction looks at, so that no writer waits long for it."""


def version_before(connection: Connection, key: ListKey, instant: datetime) -> int:
    """Find the last version of a list that was published before an instant; 0 for none."""
    found = connection.execute(
        select(func.max(ListVersionRow.version)).where(
            ListVersionRow.kind == key.kind,
            ListVersionRow.field == key.field,
            ListVersionRow.recorded_time < instant,
        )
    ).scalar()
    return found or 0


def rising_floors(connection: Connection, instant: datetime) -> dict[ListKey, int]:
    """Find the floors that would rise to the last version from before an instant."""
    found: dict[ListKey, int] = {}
    for key, head in sorted(read_heads(connection).items()):
        version = version_before(connection, key, instant)
        if version > head.floor_version:
            found[key] = version
    return found


def raise_floor(connection: Connection, key: ListKey, floor_version: int) -> int:
    """Refuse cursors from before a version from now on; give the floor, which never goes back."""
    head = lock_head(connection, key)
    floor = max(head.floor_version, min(floor_version, head.version))
    connection.execute(
        update(ListHeadRow)
        .where(ListHeadRow.kind == key.kind, ListHeadRow.field == key.field)
        .values(floor_version=floor)
    )
    return floor


def retract_change(connection: Connection, key: ListKey, entry_id: int) -> None:
    """Let no cursor be sent any more what a list said of an entry until now.

    Whoever has come as far as the last change of the entry goes on; anybody else exports again.
    """
    version = connection.execute(
        select(func.max(ListChangeRow.version)).where(*_of_entry(key, entry_id))
    ).scalar()
    if version is not None:
        raise_floor(connection, key, version)


def sent_texts(connection: Connection, key: ListKey, entry_id: int) -> Sequence[str]:
    """Give what the changes of an entry say in words that cursors can still be sent."""
    rows = connection.execute(
        select(ListChangeRow.body)
        .join(
            ListHeadRow,
            and_(ListHeadRow.kind == ListChangeRow.kind, ListHeadRow.field == ListChangeRow.field),
        )
        .where(
            *_of_entry(key, entry_id),
            ListChangeRow.version > ListHeadRow.floor_version,
        )
    )
    return [text for body in rows.scalars() for text in texts_of(body)]


def withdraw_bodies(connection: Connection, key: ListKey, entry_id: int) -> None:
    """Forget what a list said of an entry up to its floor, and says no more.

    The digests stay, so that every version between is digested as ever; it is told no more.
    """
    floor = read_head(connection, key).floor_version
    connection.execute(
        update(ListChangeRow)
        .where(
            *_of_entry(key, entry_id),
            ListChangeRow.version <= floor,
            ListChangeRow.superseded_version.is_not(None),
            ListChangeRow.removal_reason.is_(None),
        )
        .values(body=WITHDRAWN)
    )


def drop_changes(
    connection: Connection, key: ListKey, floor_version: int, *, after_ordinal: int
) -> tuple[int, int | None]:
    """Drop what no version from the floor on needs, a bounded stretch at a time.

    Args:
        connection: Writes.
        key: The list.
        floor_version: Its floor.
        after_ordinal: Number of the last change looked at before.

    Returns:
        Changes dropped, and the number of the last change looked at; none at the end.
    """
    floor = read_version(connection, key, floor_version)
    assert floor is not None, "the floor is a version"
    last = min(floor.last_ordinal, after_ordinal + ROWS_AT_ONCE)
    done = connection.execute(
        delete(ListChangeRow).where(
            ListChangeRow.kind == key.kind,
            ListChangeRow.field == key.field,
            ListChangeRow.ordinal > after_ordinal,
            ListChangeRow.ordinal <= last,
            or_(
                ListChangeRow.superseded_version <= floor_version,
                and_(
                    ListChangeRow.removal_reason.is_not(None),
                    ListChangeRow.version <= floor_version,
                ),
            ),
        )
    )
    return done.rowcount, last if last < floor.last_ordinal else None


# Private functions -----------------------------------------------------------


def _of_entry(key: ListKey, entry_id: int) -> Iterator[ColumnElement[bool]]:
    yield ListChangeRow.kind == key.kind
    yield ListChangeRow.field == key.field
    yield ListChangeRow.bucket == bucket_of(entry_name(entry_id))
    yield ListChangeRow.entry_id == entry_id
