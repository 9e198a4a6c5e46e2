"""A copy is confirmed where the service says that nothing waits, and by nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.mirror import keeping
from cli.mirror.lookup import look_up
from services.common.database import Database
from tests.fakes.list_entries import entry
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import BLACK, KilledError, held_by, mirror_of
from tests.fakes.list_sync_server import publish

LOADED, LATER = datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 5, 9, tzinfo=UTC)


def killed_after(name: str, times: int = 1) -> object:
    """Give what kills a mirror when it has come to a step so often."""
    seen: list[str] = []

    def step(one: str) -> None:
        seen.append(one)
        if seen.count(name) == times:
            raise KilledError

    return step


def test_a_copy_that_catches_up_is_confirmed_with_the_last_page(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two pages it says version 2 of 3, and the hour at which it was loaded."""
    monkeypatch.setattr(keeping, "CHANGES_AT_ONCE", 1)
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK), now=lambda: LOADED).run(once=True)
    publish(store, [entry(2)])
    behind = held_by(store)
    publish(store, [entry(3)])
    feed = DirectFeed.of(store, BLACK, page_size=1)

    with pytest.raises(KilledError):
        mirror_of(path, feed, now=lambda: LATER, step=killed_after("applied")).run(once=True)

    stopped = look_up(path)
    mirror_of(path, feed, now=lambda: LATER).run(once=True)
    assert (stopped.lists, stopped.confirm_time) == (behind, LOADED)
    assert (look_up(path).lists, look_up(path).confirm_time) == (held_by(store), LATER)


def test_a_change_that_is_watched_confirms_nothing(store: Database, path: Path) -> None:
    """More may wait behind it; the heartbeat after it says when nothing does."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK), now=lambda: LOADED).run(once=True)
    hours = [LOADED, LOADED]

    def step(name: str) -> None:
        if name == "acknowledged":
            return
        if name == "watched":
            hours.append(LATER)
        if name == "applied" and len(hours) > 2:
            raise KilledError
        if name == "applied":
            publish(store, [entry(2)])

    with pytest.raises(KilledError):
        mirror_of(path, DirectFeed.of(store, BLACK), now=lambda: hours[-1], step=step).run(
            once=False
        )

    found = look_up(path)
    assert (found.lists, found.confirm_time) == (held_by(store), LOADED)


def test_an_export_confirms_what_was_there_when_it_was_asked_for(
    store: Database, path: Path
) -> None:
    """What is committed while it runs is not in it."""
    publish(store, [entry(1)])
    hours = [LOADED]

    def step(name: str) -> None:
        if name == "loading":
            hours.append(LATER)
        if name == "swapped":
            raise KilledError

    with pytest.raises(KilledError):
        mirror_of(path, DirectFeed.of(store, BLACK), now=lambda: hours[-1], step=step).run(
            once=True
        )

    assert look_up(path).confirm_time == LOADED


def test_what_is_held_is_said_again_on_every_stream(store: Database, path: Path) -> None:
    """A store that was put back at the same version has lost what it was told."""
    publish(store, [entry(1)])
    feed = DirectFeed.of(store, BLACK)

    with pytest.raises(KilledError):
        mirror_of(path, feed, step=killed_after("acknowledged", 2)).run(once=False)

    said = [one.version for one in feed.acknowledged if one.field == 1]
    assert feed.calls.count("watch") == 1
    assert said == [1, 1]
