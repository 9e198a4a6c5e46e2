"""Who holds which version of which list, and what they have not taken off theirs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from models.list_feed import ListAcknowledgementRow, ListChangeRow, ListVersionRow
from services.common.database import WriteTransaction
from services.scoring.commands.list_sync.list_feed_ports import RemovalQuery, SubscriptionQuery
from services.scoring.domain.list_digest import entry_digest
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import (
    ListState,
    ListView,
    PublishedRemoval,
    Subscription,
)
from services.scoring.store.list_heads import Version, read_head, read_version
from services.scoring.store.list_states import of_view


def read_subscriptions(connection: Connection, query: SubscriptionQuery) -> Sequence[Subscription]:
    """Read what subscribers held as known at a revision."""
    ack = ListAcknowledgementRow
    place = tuple_(ack.subscriber, ack.field, ack.division)
    statement = (
        select(
            ack.subscriber,
            ack.field,
            ack.division,
            ack.version,
            ack.entry_count,
            ack.recorded_time,
            ListVersionRow.recorded_time.label("following_time"),
        )
        .outerjoin(
            ListVersionRow,
            and_(
                ListVersionRow.kind == ack.kind,
                ListVersionRow.field == ack.field,
                ListVersionRow.version == ack.version + 1,
                ListVersionRow.recorded_revision <= query.revision,
            ),
        )
        .where(ack.kind == query.kind, *known_at(query.revision))
        .order_by(ack.subscriber, ack.field, ack.division)
        .limit(query.limit)
    )
    if query.field:
        statement = statement.where(ack.field == query.field)
    if query.subscriber:
        statement = statement.where(ack.subscriber == query.subscriber)
    if query.after is not None:
        statement = statement.where(place > query.after)
    heads = heads_at(connection, query.kind, query.revision)
    return [
        Subscription(
            subscriber=row.subscriber,
            view=_view(query.kind, row.field, row.division),
            held_version=row.version,
            head_version=heads.get(row.field, 0),
            acknowledge_time=row.recorded_time,
            behind_since=row.following_time,
            entry_count=row.entry_count,
        )
        for row in connection.execute(statement)
    ]


def unapplied_removals(connection: Connection, query: RemovalQuery) -> Sequence[PublishedRemoval]:
    """Read the removals that a subscriber's version does not have, of entries that it does have.

    An entry that is back on the list is none. Where the changes since that version have been
    dropped, one without a body stands for all removals that there may have been up to the floor;
    none does if every entry held stands at the floor as it did. Those after the floor are given
    each, also of entries that changed up to it: whether these were held cannot be told any more.
    """
    subscription, after_ordinal = query.subscription, query.after_ordinal
    key = subscription.view.key
    head = read_head(connection, key)
    held = read_version(connection, key, subscription.held_version)
    assert held is not None, "only versions that exist are acknowledged"
    floor = None
    if subscription.held_version < head.floor_version and not _all_stand(
        connection, subscription, held, floor_version=head.floor_version
    ):
        floor = read_version(connection, key, head.floor_version)
        assert floor is not None, "the floor is a version"
    found: list[PublishedRemoval] = []
    if floor is not None:
        dropped = _dropped(connection, subscription, query.published_before, floor)
        found += (one for one in dropped if one.ordinal > after_ordinal)
    found += _kept(connection, query, held=held, floor=floor)
    return found[: query.limit]


def known_at(revision: int) -> Sequence[ColumnElement[bool]]:
    """Select what was acknowledged as known at a revision."""
    ack = ListAcknowledgementRow
    return (
        ack.recorded_revision <= revision,
        or_(ack.superseded_revision.is_(None), ack.superseded_revision > revision),
    )


def heads_at(connection: Connection, kind: ListKind, revision: int) -> dict[int, int]:
    """Give the last version of each list of a kind as known at a revision, by field."""
    rows = connection.execute(
        select(ListVersionRow.field, func.max(ListVersionRow.version))
        .where(ListVersionRow.kind == kind, ListVersionRow.recorded_revision <= revision)
        .group_by(ListVersionRow.field)
    )
    return {field: version or 0 for field, version in rows}


class SqlAcknowledgements:
    """Writes what subscribers acknowledge."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        self._transaction = transaction
        self._connection = transaction.connection

    def acknowledge(self, subscriber: str, held: ListState) -> bool:
        """Keep what a subscriber holds; say whether that was known already."""
        view = held.view
        known = select(ListAcknowledgementRow.version, ListAcknowledgementRow.entry_count).where(
            *_current(subscriber, view)
        )
        if self._connection.execute(known).one_or_none() == (held.version, held.entry_count):
            return True
        self.end(subscriber, view)
        self._connection.execute(
            insert(ListAcknowledgementRow).values(
                subscriber=subscriber,
                kind=view.key.kind,
                field=view.key.field,
                division=int(view.division or 0),
                recorded_revision=self._transaction.revision,
                version=held.version,
                entry_count=held.entry_count,
                recorded_time=self._transaction.recorded_time,
            )
        )
        return False

    def end(self, subscriber: str, view: ListView) -> int | None:
        """Keep that what a subscriber holds is past; give its version, nothing if it holds none."""
        held = self._held(subscriber, view)
        if held is not None:
            self._connection.execute(
                update(ListAcknowledgementRow)
                .where(*_current(subscriber, view))
                .values(superseded_revision=self._transaction.revision)
            )
        return held

    # Private methods -------------------------------------------------------------

    def _held(self, subscriber: str, view: ListView) -> int | None:
        query = select(ListAcknowledgementRow.version).where(*_current(subscriber, view))
        return self._connection.execute(query).scalar()


# Private functions -----------------------------------------------------------


def _current(subscriber: str, view: ListView) -> Sequence[ColumnElement[bool]]:
    ack = ListAcknowledgementRow
    return (
        ack.subscriber == subscriber,
        ack.kind == view.key.kind,
        ack.field == view.key.field,
        ack.division == int(view.division or 0),
        ack.superseded_revision.is_(None),
    )


def _view(kind: ListKind, field: int, division: int) -> ListView:
    return ListView(ListKey(kind, field), f"{division:06}" if division else "")


def _same_version() -> ColumnElement[bool]:
    return and_(
        ListVersionRow.kind == ListChangeRow.kind,
        ListVersionRow.field == ListChangeRow.field,
        ListVersionRow.version == ListChangeRow.version,
    )


def _kept(
    connection: Connection, query: RemovalQuery, *, held: Version, floor: Version | None
) -> Iterator[PublishedRemoval]:
    """Read the removals after what is held, or after the floor where one is given."""
    subscription = query.subscription
    key = subscription.view.key
    statement = (
        select(
            ListChangeRow.ordinal,
            ListChangeRow.version,
            ListVersionRow.recorded_time,
            ListChangeRow.digest,
            ListChangeRow.body,
        )
        .join(ListVersionRow, _same_version())
        .where(
            ListChangeRow.kind == key.kind,
            ListChangeRow.field == key.field,
            ListChangeRow.ordinal > max((floor or held).last_ordinal, query.after_ordinal),
            ListChangeRow.version <= subscription.head_version,
            ListChangeRow.removal_reason.is_not(None),
            _stands(ListChangeRow, subscription.head_version),
            ListVersionRow.recorded_time < query.published_before,
            _listed_when_held(subscription.view, held, floor).exists(),
        )
        .order_by(ListChangeRow.ordinal)
        .limit(query.limit)
    )
    for ordinal, version, time, digest, body in connection.execute(statement):
        # That something was removed is known though what was said of it is damaged.
        sound = digest is None or entry_digest(body) == digest
        yield PublishedRemoval(
            ordinal=ordinal, version=version, publish_time=time, body=body if sound else None
        )


def _listed_when_held(view: ListView, held: Version, floor: Version | None) -> Select[int]:
    """Select what a removal is of, if it was in a view when that was held, or may have been.

    It may have been if it stands at the floor as it was changed since, and was listed before that.
    """
    entry = aliased(ListChangeRow)
    inside: ColumnElement[bool] = true()
    before = or_(entry.previous_division.is_not(None), entry.division.is_(None))
    if view.bounds is not None:
        inside = entry.division.between(*view.bounds)
        before = entry.previous_division.between(*view.bounds)
    listed = and_(inside, entry.version <= held.version, _stands(entry, held.version))
    if floor is not None:
        changed = and_(before, entry.version <= floor.version, _stands(entry, floor.version))
        listed = or_(listed, and_(entry.version > held.version, changed))
    return select(entry.ordinal).where(
        entry.kind == view.key.kind,
        entry.field == view.key.field,
        entry.bucket == ListChangeRow.bucket,
        entry.entry_id == ListChangeRow.entry_id,
        entry.removal_reason.is_(None),
        listed,
    )


def _stands(entry: type[ListChangeRow], version: int) -> ColumnElement[bool]:
    return or_(entry.superseded_version.is_(None), entry.superseded_version > version)


def _all_stand(
    connection: Connection, subscription: Subscription, held: Version, *, floor_version: int
) -> bool:
    """Say whether a subscriber's entries are at the floor all as they were when it held them.

    Then whatever was dropped of the list since was never of its view. Of a view its own count was
    kept; where it was not, nobody can say.
    """
    view = subscription.view
    count = held.entry_count if view.bounds is None else subscription.entry_count
    if not count:
        return count == 0
    standing = connection.execute(
        select(func.count()).where(
            *of_view(view),
            ListChangeRow.version <= held.version,
            ListChangeRow.removal_reason.is_(None),
            _stands(ListChangeRow, floor_version),
        )
    ).scalar_one()
    return standing == count


def _dropped(
    connection: Connection,
    subscription: Subscription,
    published_before: datetime,
    floor: Version,
) -> Iterator[PublishedRemoval]:
    """Stand for removals up to the floor, from the first version that may have one.

    A version has a change for each entry that it adds, changes or removes, and the first and the
    last of these move the count of entries, up and down. So one with a removal has at least two
    changes more than entries are added by it and entries are known to be changed by it; one with
    fewer has none, whatever was dropped of it. Known are those that still stand as it left them.
    """
    key, before = subscription.view.key, aliased(ListVersionRow)
    changes = ListVersionRow.last_ordinal - before.last_ordinal
    growth = ListVersionRow.entry_count - before.entry_count
    changed = (
        select(func.count())
        .where(
            ListChangeRow.kind == key.kind,
            ListChangeRow.field == key.field,
            ListChangeRow.ordinal > before.last_ordinal,
            ListChangeRow.ordinal <= ListVersionRow.last_ordinal,
            ListChangeRow.removal_reason.is_(None),
            # An entry had one only if it was listed before; one that is new has none.
            ListChangeRow.previous_division.is_not(None),
        )
        .scalar_subquery()
    )
    row: Any = connection.execute(
        select(ListVersionRow.version, ListVersionRow.recorded_time, before.last_ordinal)
        .join(
            before,
            and_(
                before.kind == ListVersionRow.kind,
                before.field == ListVersionRow.field,
                before.version == ListVersionRow.version - 1,
            ),
        )
        .where(
            ListVersionRow.kind == key.kind,
            ListVersionRow.field == key.field,
            ListVersionRow.version > subscription.held_version,
            ListVersionRow.version <= min(subscription.head_version, floor.version),
            ListVersionRow.recorded_time < published_before,
            changes - growth >= _CHANGES_OF_A_REMOVAL,
            changes - growth - changed >= _CHANGES_OF_A_REMOVAL,
        )
        .order_by(ListVersionRow.version)
        .limit(1)
    ).one_or_none()
    if row is not None:
        yield PublishedRemoval(
            ordinal=row.last_ordinal + 1,
            version=row.version,
            publish_time=row.recorded_time,
            body=None,
        )


_CHANGES_OF_A_REMOVAL: Final = 2
"""One change, and one entry less."""
