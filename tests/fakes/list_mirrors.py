"""Mirrors for tests: that never wait, that are killed, and what their copies should be."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.mirror.copy import ListCopy
from cli.mirror.feed import FeedRefusedError, Mirrored
from cli.mirror.keeping import Mirror
from cli.mirror.reading import Held
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.type.v1.field_pb2 import Field
from services.common.database import Database
from services.scoring.domain.list_feed import ListView
from services.scoring.store.list_compaction import drop_changes, raise_floor
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.list_entries import BLACKLIST
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_sync_server import (
    PUBLISHER,
)

BLACK = Mirrored(ListKind.LIST_KIND_BLACKLIST, Field.FIELD_WORK_SAFETY, "")
REDS = Mirrored(ListKind.LIST_KIND_REDLIST, Field.FIELD_UNSPECIFIED, "")


class KilledError(BaseException):
    """The process ends here, with no chance to tidy up."""


@dataclass
class Killer:
    """Ends a mirror at one of its steps.

    Attributes:
        left: Steps that it still makes; none for all of them.
    """

    left: int | None

    def __call__(self, _step: str) -> None:
        """Count a step."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KilledError


@dataclass
class RefusingFeed(DirectFeed):
    """Refuses the first calls for changes.

    Attributes:
        refusals: What it refuses them with.
    """

    refusals: list[FeedRefusedError] = field(default_factory=list)

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Refuse, or give the changes."""
        if self.refusals:
            self.calls.append("refused")
            raise self.refusals.pop(0)
        return super().changes(cursor)


def execute(path: Path, statement: str) -> None:
    """Change a copy behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def mirror_of(path: Path, feed: Any, **given: Any) -> Mirror:  # noqa: ANN401 -- any feed and attribute.
    """Make a mirror that never waits."""
    attributes = {"mirrored": BLACK, "pause": lambda _: None, **given}
    return Mirror(path=path, feed=feed, **attributes)


def held_by(database: Database) -> dict[int, Held]:
    """Say what a right copy of the blacklist of work safety holds."""
    with SqlFeedStore(database).read() as reading:
        state = reading.state(ListView(BLACKLIST))
    return {1: Held(state.version, state.entry_count, state.digest)}


def bodies(path: Path) -> set[bytes]:
    """Give the entries of a copy."""
    with closing(sqlite3.connect(path)) as connection:
        return {body for (body,) in connection.execute("SELECT body FROM entries")}


def require_right(path: Path, database: Database) -> None:
    """Hold a copy against its store."""
    copy = ListCopy(path)
    held, sound = copy.held(), copy.sound()
    copy.close()

    assert held == held_by(database)
    assert sound


def compact(database: Database) -> None:
    """Drop everything that is superseded."""
    with database.write(caller=PUBLISHER, method="test") as write:
        floor = raise_floor(write.connection, BLACKLIST, 2**40)
        drop_changes(write.connection, BLACKLIST, floor, after_ordinal=0)
        write.commit()
