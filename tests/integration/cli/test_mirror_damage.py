"""Damaged copies: a mirror repairs or reloads them by itself; none says what is wrong before."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count as numbers_from
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.mirror.beside import remove_file
from cli.mirror.copy_file import CopyOfSomethingElseError, CopyUnreadableError, is_copy
from cli.mirror.feed import FeedRefusedError
from cli.mirror.leaves import places_of
from cli.mirror.lookup import look_up, verify
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.type.v1.field_pb2 import Field
from services.common.database import Database
from services.scoring.domain.list_digest import BUCKETS, bucket_of
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.handlers import list_sync_messages
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    KilledError,
    RefusingFeed,
    execute,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import publish

CODES = [f"9111010{number:011}" for number in (1, 2, 3)]
"""Codes of the entries that are published here."""


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {}


def damaging(how: str, mended_by: str) -> Callable[[Callable[[Path], None]], None]:
    """Register a way to damage a copy, and the call that mends it."""

    def register(damage: Callable[[Path], None]) -> None:
        DAMAGE[how] = (damage, mended_by)

    return register


def executing(how: str, mended_by: str, *statements: str) -> None:
    """Register statements that damage a copy, and the call that mends it."""

    @damaging(how, mended_by)
    def _(path: Path) -> None:
        for statement in statements:
            execute_on_1(path, statement)


def execute_on_1(path: Path, statement: str) -> None:
    """Change a copy behind its back, at PLACE_1, where its entry l-1 stands."""
    (place,) = places_of(["l-1"]).tolist()
    execute(path, statement.replace("PLACE_1", str(place)))


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


executing(
    "an entry was edited",
    "buckets",
    "UPDATE entries SET body = x'0a036c2d31' WHERE place = PLACE_1",
)
executing("an entry was deleted", "buckets", "DELETE FROM entries WHERE place = PLACE_1")
executing(
    "an entry stands in another bucket",
    "buckets",
    "UPDATE entries SET place = place / 2 WHERE place = PLACE_1",
)
executing(
    "entries were added", "buckets", "INSERT INTO entries SELECT place + 1, 1, body FROM entries"
)
executing("a body is a text", "export", "UPDATE entries SET body = 'x' WHERE place = PLACE_1")
executing("an entry is of no list", "export", "UPDATE entries SET field = 4 WHERE place = PLACE_1")
executing("a list was forgotten", "export", "DELETE FROM lists")
executing("the version was set back", "export", "UPDATE lists SET version = version - 1")
executing("the count is a word", "export", "UPDATE lists SET entry_count = 'many'")
executing("the digest is too short", "export", "UPDATE lists SET digest = x'00'")
executing("the cursor was damaged", "export", "UPDATE notes SET value = 'x' WHERE name = 'cursor'")
executing("the cursor is empty", "export", "UPDATE notes SET value = '' WHERE name = 'cursor'")
executing("the cursor is lost", "export", "DELETE FROM notes WHERE name = 'cursor'")
executing("the form is another", "export", "UPDATE notes SET value = '0' WHERE name = 'format'")
executing("the kind is lost", "export", "DELETE FROM notes WHERE name = 'kind'")
executing("there is no such kind", "export", "UPDATE notes SET value = '3' WHERE name = 'kind'")
executing("no such division", "export", "UPDATE notes SET value = '1' WHERE name = 'division'")
executing("the fields are others", "export", "UPDATE notes SET value = '0' WHERE name = 'field'")
executing("the notes are gone", "export", "DROP TABLE notes")


@damaging("the file was cut", "export")
def _(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@damaging("SQLite does not know the file", "export")
def _(path: Path) -> None:
    flip(path, 3)


@damaging("SQLite would only read the file", "export")
def _(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[18] = 3
    path.write_bytes(content)


@damaging("a table has no name that could be read", "export")
def _(path: Path) -> None:
    content = path.read_bytes()
    assert b"tablenotesnotes" in content
    path.write_bytes(content.replace(b"tablenotesnotes", b"tablenot\xffsnotes"))


@damaging("a page is damaged that no entry is read from", "export")
def _(path: Path) -> None:
    # The header names the first page of those that are free, of which there is none.
    content = bytearray(path.read_bytes())
    content[32:40] = (1).to_bytes(4, "big") * 2
    path.write_bytes(content)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_copy_is_mended(store: Database, path: Path, how: str) -> None:
    """What the digests show is repaired by buckets, what cannot be read is loaded anew."""
    damage, mended_by = DAMAGE[how]
    publish(store, [entry(1), entry(2), entry(3)])
    publish(store, [entry(3, cause="改")])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    damage(path)
    feed = DirectFeed.of(store, BLACK)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    verify(path)
    assert mended_by in feed.calls
    assert ("export" in feed.calls) is (mended_by == "export")


def test_every_bucket_can_be_repaired(store: Database, path: Path) -> None:
    """The last one ends where the numbers of SQLite do."""
    name = next(number for number in range(1, 10**6) if bucket_of(f"l-{number}") == BUCKETS - 1)
    publish(store, [entry(name, cause="事由")])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute(path, "UPDATE entries SET body = x'0a'")
    feed = DirectFeed.of(store, BLACK)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert feed.calls == ["changes", "digest", "buckets", "changes"]


@given(bits=st.lists(st.integers(0, 10**6), min_size=1, max_size=3, unique=True))
@example(bits=[68 * 8])
@example(bits=[0, 68 * 8])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bits_that_turn_anywhere_never_hide_who_is_listed(
    listed: Database, path: Path, bits: list[int]
) -> None:
    """Wherever they are in the file: it finds everybody or refuses, and a run makes it right.

    A file of which neither SQLite's name nor the mark of a copy is left may be anybody's: it is
    refused as such, and left alone.
    """
    remove_file(path)
    mirror_of(path, DirectFeed.of(listed, BLACK)).run(once=True)
    content = bytearray(path.read_bytes())
    for bit in bits:
        content[bit // 8 % len(content)] ^= 1 << bit % 8
    path.write_bytes(content)

    if not is_copy(path):
        with pytest.raises(CopyOfSomethingElseError):
            look_up(path, CODES[0])
        with pytest.raises(CopyOfSomethingElseError):
            mirror_of(path, DirectFeed.of(listed, BLACK)).run(once=True)
        assert path.read_bytes() == content
        return
    found = [codes_found(path, code) for code in CODES]
    mirror_of(path, DirectFeed.of(listed, BLACK)).run(once=True)

    assert all(codes in ([code], None) for codes, code in zip(found, CODES, strict=True))
    assert [codes_found(path, code) for code in CODES] == [[code] for code in CODES]


@pytest.fixture
def listed(store: Database) -> Database:
    """Publish three entries."""
    publish(store, [entry(1), entry(2), entry(3)])
    return store


def codes_found(path: Path, code: str) -> list[str] | None:
    """Look a code up; nothing if the copy refuses to answer."""
    try:
        return [one.credit_code for one in look_up(path, code).entries[code]]
    except CopyUnreadableError:
        return None


def test_a_list_that_is_forgotten_while_the_mirror_watches_is_loaded_anew(
    store: Database, path: Path
) -> None:
    """A heartbeat speaks of a list of which the copy says nothing."""

    class Beating(DirectFeed):
        def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
            """Damage the copy, and say where the lists stand; end at the second call."""
            if "watch" in self.calls:
                raise KilledError
            self.calls.append("watch")
            execute(path, "DELETE FROM lists")
            states = [one.state for one in self.digest().digests]
            yield pb.WatchListResponse(states=states, cursor=cursor)

    publish(store, [entry(1)])
    feed = Beating.of(store, BLACK)

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    require_right(path, store)
    assert feed.calls.count("export") == 2


def test_an_entry_that_goes_to_another_list_is_put_right(store: Database, path: Path) -> None:
    """It comes to one list before it is gone from the other, and the copy cannot hold it twice."""
    every = replace(BLACK, field=Field.FIELD_UNSPECIFIED)
    fire = ListKey(ListKind.BLACKLIST, 2)
    publish(store, [entry(1, list_key=fire)])
    mirror_of(path, DirectFeed.of(store, every), mirrored=every).run(once=True)
    publish(store, [removal(1, list_key=fire), entry(1)])
    feed, told = DirectFeed.of(store, every), list[str]()

    mirror_of(path, feed, mirrored=every, tell=told.append).run(once=True)

    verify(path)
    (found,) = look_up(path, CODES[0]).entries[CODES[0]]
    assert (found.field, "export" in feed.calls) == (1, False)
    assert any("would hold an entry twice" in text for text in told)


@dataclass
class WithoutBuckets(DirectFeed):
    """Refuses to give buckets.

    Attributes:
        refusals: What it refuses with, call by call.
    """

    refusals: list[FeedRefusedError] = field(default_factory=list)

    def buckets(
        self, state: pb.ListState, buckets: Sequence[int], *, after_entries: int = 0
    ) -> pb.GetListBucketsResponse:
        """Refuse, or give the buckets."""
        if self.refusals:
            self.calls.append("refused")
            raise self.refusals.pop(0)
        return super().buckets(state, buckets, after_entries=after_entries)


def test_a_bucket_that_fits_no_answer_is_repaired_in_parts(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three neighbours of about 400 bytes, of which an answer holds one; the copy is not loaded."""
    bucket = bucket_of("l-1")
    numbers = islice(
        (number for number in numbers_from(1) if bucket_of(f"l-{number}") == bucket), 3
    )
    publish(store, [entry(number) for number in numbers])
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed).run(once=True)
    execute_on_1(path, "UPDATE entries SET body = x'00' WHERE place = PLACE_1")
    monkeypatch.setattr(list_sync_messages, "BUCKET_BYTES_MAX", 500)
    feed.calls.clear()

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert (feed.calls.count("buckets"), feed.calls.count("export")) == (3, 0)


@pytest.mark.parametrize(
    ("count", "last"), [(1, "buckets"), (2, "export")], ids=["once", "for-good"]
)
def test_a_repair_that_is_refused_becomes_a_load(
    store: Database, path: Path, count: int, last: str
) -> None:
    """At the second refusal: a bucket may be more than one message holds."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute_on_1(path, "UPDATE entries SET body = x'00' WHERE place = PLACE_1")
    too_large = FeedRefusedError("RESOURCE_EXHAUSTED", "larger than max")
    feed = WithoutBuckets.of(store, BLACK, refusals=[too_large] * count)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert (feed.calls.count("refused"), feed.calls[-2:]) == (count, [last, "changes"])


@dataclass
class LyingFeed(DirectFeed):
    """Names a wrong digest with the first changes that it gives."""

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Give changes, the first time with a wrong digest."""
        lying = "changes" not in self.calls
        page = super().changes(cursor)
        if lying:
            page.deltas[0].state.digest = b"x" * 32
        return page


def test_changes_whose_digest_does_not_come_out_are_not_applied(
    store: Database, path: Path
) -> None:
    """The copy stays as it was, and is brought to the last version by the buckets that differ."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(3)])
    feed = LyingFeed.of(store, BLACK)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert feed.calls == ["changes", "digest", "buckets", "changes"]


def test_a_row_that_vanishes_while_the_mirror_runs_is_mended(store: Database, path: Path) -> None:
    """Somebody wrote to the file, so it is read anew before anything is written."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(1, cause="改"), entry(3)])
    feed = DirectFeed.of(store, BLACK)

    def step(name: str) -> None:
        if name == "got a page" and len(feed.calls) == 1:
            execute_on_1(path, "DELETE FROM entries WHERE place = PLACE_1")

    mirror_of(path, feed, step=step).run(once=True)

    require_right(path, store)
    assert feed.calls == ["changes", "changes", "digest", "buckets", "changes"]


@pytest.mark.parametrize(
    ("refusals", "loaded"),
    [
        pytest.param(["INTERNAL"], False, id="once"),
        pytest.param(["INTERNAL", "INTERNAL"], True, id="twice"),
        pytest.param(["UNAVAILABLE", "INTERNAL", "UNAVAILABLE"], False, id="once-among-others"),
        pytest.param(["INTERNAL"] * 3, True, id="loading-does-not-help"),
    ],
)
def test_a_page_that_cannot_be_read_twice_is_done_without(
    store: Database, path: Path, refusals: list[str], *, loaded: bool
) -> None:
    """The lists are loaded anew, and but once; whoever loads needs none of the changes before."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(2)])
    refused = [FeedRefusedError(reason, "cannot be read") for reason in refusals]
    feed = RefusingFeed.of(store, BLACK, refusals=refused)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert feed.calls.count("export") == loaded
