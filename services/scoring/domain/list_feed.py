"""Published lists as subscribers see them: views, states, changes, positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.scoring.domain.list_entry import ListKey, ListKind

FIELDS: Final = (1, 2, 3, 4, 5)
"""Fields of which lists are kept, in the order in which they are sent (codes ``field``)."""

_PAIR: Final = 2
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, order=True)
class ListView:
    """A list, or the part of it that lies in one division.

    Attributes:
        key: The list.
        division: Six digits; empty for the whole list.
    """

    key: ListKey
    division: str = ""

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Give the first and the last division as numbers; nothing for the whole list."""
        if not self.division:
            return None
        prefix = self.division
        while len(prefix) > _PAIR and prefix.endswith("00"):
            prefix = prefix[:-_PAIR]
        return int(prefix.ljust(_DIGITS, "0")), int(prefix.ljust(_DIGITS, "9"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lists are asked for.

    Attributes:
        kind: Their kind.
        field: Their field; 0 for every one.
        division: Six digits; empty for the whole lists.
    """

    kind: ListKind
    field: int = 0
    division: str = ""

    @property
    def views(self) -> tuple[ListView, ...]:
        """Give the views, in the order in which they are sent."""
        fields = (self.field,) if self.field else FIELDS
        return tuple(ListView(ListKey(self.kind, field), self.division) for field in fields)

    @property
    def filter_bytes(self) -> bytes:
        """Give bytes that are equal for equal wishes."""
        return f"{self.kind.value}/{self.field}/{self.division}".encode()


@dataclass(frozen=True, slots=True)
class ListState:
    """Where a view stands at a version of its list.

    Attributes:
        view: The view.
        version: Version of the list.
        entry_count: Entries of the view at it.
        digest: Digest of the view at it.
    """

    view: ListView
    version: int
    entry_count: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkConfirmation:
    """That somebody looked at what the law took off a list.

    Attributes:
        confirmer: Identity of the caller.
        authority: Authority it acted for; empty for none.
        finding: What was found.
        confirm_time: When it was recorded, UTC.
    """

    confirmer: str
    authority: str
    finding: str
    confirm_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkWarning:
    """That the law took more than the set share off a list within the window.

    Attributes:
        version: Version at which that was noticed.
        removals_in_window: Removals that the law demanded, within the window up to it.
        entry_count: Entries of the list at it.
        publish_time: When it was published, UTC.
        confirmations: Who looked at it, first come first; empty while nobody did.
    """

    version: int
    removals_in_window: int
    entry_count: int
    publish_time: datetime
    confirmations: tuple[ShrinkConfirmation, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovedByLaw:
    """What the law itself took off a list.

    Attributes:
        count: Such removals ever.
        warning: The last time that they were more than the set share; none if they never were.
    """

    count: int
    warning: ShrinkWarning | None


@dataclass(frozen=True, slots=True)
class FeedChange:
    """One change of a view, encoded.

    Attributes:
        version: Version that it belongs to.
        removed: Whether the body is a removal instead of an entry.
        body: Its canonical encoding.
    """

    version: int
    removed: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class ListDelta:
    """The way of a view from one version to another.

    Attributes:
        base_version: Version that the changes apply to.
        state: Where the view stands after them.
        head_version: Last version of the list.
        mark: First bytes of the digest of the whole list at the version of ``state``.
        changes: The changes, in order.
    """

    base_version: int
    state: ListState
    head_version: int
    mark: bytes
    changes: tuple[FeedChange, ...]

    @property
    def position(self) -> "Position":
        """Give the position of a subscriber that has applied it."""
        return Position(self.state.version, self.mark)


MARK_BYTES: Final = 8
"""So much of a list's digest stands in a cursor, to notice a store that was set back."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a subscriber stands with one list.

    Attributes:
        version: Version that it has come to.
        mark: First bytes of the digest of the whole list at it.
    """

    version: int
    mark: bytes


Positions = Mapping[int, Position]
"""Where a subscriber stands with each list, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a subscriber holds of a view.

    Attributes:
        subscriber: Identity of the caller that acknowledged.
        view: The view.
        held_version: Version acknowledged last.
        head_version: Last version of the list.
        acknowledge_time: When it was acknowledged, UTC.
        behind_since: When the oldest version that it lacks was published, UTC; none if it lacks
            none.
        entry_count: Entries of the view at the version held; none where that was not kept.
    """

    subscriber: str
    view: ListView
    held_version: int
    head_version: int
    acknowledge_time: datetime
    behind_since: datetime | None = None
    entry_count: int | None = None

    @property
    def versions_behind(self) -> int:
        """Give the versions of the list since the one held."""
        return max(self.head_version - self.held_version, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLag:
    """How far the subscribers of one list lag behind it, all together.

    Attributes:
        key: The list.
        subscription_count: Subscriptions of it and of views of it.
        behind_count: Those of them that are behind.
        versions_behind_max: Versions that the one furthest behind lacks.
        behind_since: When the oldest version was published that not all hold, UTC; none if all
            hold every version.
    """

    key: ListKey
    subscription_count: int
    behind_count: int
    versions_behind_max: int
    behind_since: datetime | None


def lag_seconds(behind_since: datetime | None, now: datetime) -> int:
    """Give for how long something has been behind, in whole seconds; 0 if it is not."""
    if behind_since is None:
        return 0
    return max(int((now - behind_since).total_seconds()), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRemoval:
    """A removal that a subscriber has not applied.

    Attributes:
        ordinal: Number of the change on its list.
        version: Version that removed the entry.
        publish_time: When that was published, UTC.
        body: The removal in its canonical encoding; none if it has been dropped.
    """

    ordinal: int
    version: int
    publish_time: datetime
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRemoval:
    """A removed entry that a subscriber still holds after the period for it.

    Attributes:
        subscription: Who holds what.
        removal: What it has not applied.
        due_date: Last day on which the entry should have left the copy.
        provisional: Whether the day may still move.
    """

    subscription: Subscription
    removal: PublishedRemoval
    due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Compaction:
    """What was dropped of one list.

    Attributes:
        key: The list.
        floor_version: Oldest version from which changes can be had.
        dropped_changes: Changes that were dropped.
    """

    key: ListKey
    floor_version: int
    dropped_changes: int
