"""How far the subscribers of the lists lag behind them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from models.list_feed import ListAcknowledgementRow, ListVersionRow
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListLag, Wanted
from services.scoring.store.list_subscriptions import heads_at, known_at


def read_lags(connection: Connection, wanted: Wanted, revision: int) -> Sequence[ListLag]:
    """Say how far the subscribers of each list lag behind, as known at a revision.

    Versions of a list are published one after the other, so whoever holds the lowest is behind by
    the most versions and for the longest time.
    """
    ack = ListAcknowledgementRow
    held = (
        select(ack.field, ack.version, func.count())
        .where(ack.kind == wanted.kind, *known_at(revision))
        .group_by(ack.field, ack.version)
    )
    if wanted.field:
        held = held.where(ack.field == wanted.field)
    heads = heads_at(connection, wanted.kind, revision)
    by_field: dict[int, dict[int, int]] = {}
    for field, version, count in connection.execute(held):
        by_field.setdefault(field, {})[version] = count
    lags: list[ListLag] = []
    for field, counts in sorted(by_field.items()):
        key, head, lowest = ListKey(wanted.kind, field), heads.get(field, 0), min(counts)
        lags.append(
            ListLag(
                key=key,
                subscription_count=sum(counts.values()),
                behind_count=sum(count for version, count in counts.items() if version < head),
                versions_behind_max=max(head - lowest, 0),
                behind_since=(_published(connection, key, lowest + 1) if lowest < head else None),
            )
        )
    return lags


# Private functions -----------------------------------------------------------


def _published(connection: Connection, key: ListKey, version: int) -> datetime:
    found: datetime = connection.execute(
        select(ListVersionRow.recorded_time).where(
            ListVersionRow.kind == key.kind,
            ListVersionRow.field == key.field,
            ListVersionRow.version == version,
        )
    ).scalar_one()
    return found
