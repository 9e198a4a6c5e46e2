"""Keeping a mirror: load, catch up, watch, verify, repair, acknowledge, and begin again.

Whatever happens, and wherever the process is killed, the file is a whole copy at one version, or
there is none yet; the next run goes on from there.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.errors import CliError
from cli.mirror.copy import CopyOutOfStepError, ListCopy
from cli.mirror.copy_file import (
    CopyDamagedError,
    CopyInUseError,
    CopyOfSomethingElseError,
    CopyUnreadableError,
    is_copy,
    readable,
    set_aside,
    swap,
)
from cli.mirror.feed import Feed, FeedRefusedError, Mirrored
from cli.mirror.new_copy import NewCopy
from cli.mirror.reading import Held
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListDelta, ListState
from services.scoring.domain.list_digest import BUCKETS, bucket_slice

CHANGES_AT_ONCE: Final = 50_000
"""House limit: changes that are applied in one transaction, where so many wait."""

REPAIRED_MAX: Final = BUCKETS // 4
"""House decision: a copy that differs in more buckets is loaded anew."""

TRIES_ONCE: Final = 5
"""House decision: how often a single run tries before it gives up."""

_BUCKETS_AT_ONCE: Final = 64
_PAUSE_SECONDS_MIN: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 60.0
_AHEAD_MAX: Final = 5
"""How often a replica may lag behind before the store must have been set back."""

_OF_OTHER_STORE: Final = "CURSOR_FOREIGN"
_NOT_THE_STORES: Final = frozenset({_OF_OTHER_STORE, "CURSOR_MALFORMED"})
"""Refusals of a copy that the store does not know as one of its own."""
_LOADED_ANEW: Final = frozenset({"CURSOR_TOO_OLD", "CURSOR_DIVERGED", *_NOT_THE_STORES})
_HOPELESS: Final = frozenset(
    {
        "ACCESS_DENIED",
        "CALLER_MALFORMED",
        "CALLER_MISSING",
        "INVALID_INPUT",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
        "UNIMPLEMENTED",
    }
)
"""Refusals that trying again does not change."""


class CopyOfOthersError(CliError):
    """The file is a copy of other lists than those asked for."""

    reason = "COPY_OF_OTHER_LISTS"


class CopyOfOtherStoreError(CliError):
    """The service that was asked has another store than the one that the file is a copy of."""

    reason = "COPY_OF_OTHER_STORE"


def _nothing(_: str) -> None:
    """Do nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Mirror:
    """Keeps one file right.

    Attributes:
        path: The file.
        feed: The lists.
        mirrored: Which they are.
        replace: Whether the lists may take the place of another store's, or of what is no copy.
        tell: Is told what is done, in words.
        step: Is called at every step, by name; a seam for tests that kill the mirror there.
        pause: Waits for some seconds.
        now: Tells the present instant.
    """

    path: Path
    feed: Feed
    mirrored: Mirrored
    replace: bool = False
    tell: Callable[[str], None] = _nothing
    step: Callable[[str], None] = _nothing
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = _now
    _copy: ListCopy | None = field(default=None, init=False)
    _verified: bool = field(default=False, init=False)
    _acknowledged: dict[int, int] = field(default_factory=dict, init=False)
    _acknowledging: bool = field(default=True, init=False)
    _failures: int = field(default=0, init=False)
    _behind: int = field(default=0, init=False)
    _repaired: bool = field(default=False, init=False)

    def run(self, *, once: bool) -> None:
        """Keep the copy right: until it is, or for ever.

        Args:
            once: End as soon as the copy is right.

        Raises:
            FeedRefusedError: The service refuses for good, or for longer than a single run tries.
            CopyOfOthersError: The file is a copy of other lists.
            CopyOfOtherStoreError: It is a copy of another store's.
            CopyOfSomethingElseError: It is no copy.
            CopyUnwritableError: The disk is full, or the folder may not be written.
            CopyInUseError: Another process keeps it.
        """
        # Whatever lies beside the file lies beside the file itself, not beside a link to it.
        self.path = self.path.resolve()
        with readable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self.path):
            try:
                self._run(once=once)
            finally:
                self._close()

    # Private methods -------------------------------------------------------------

    def _run(self, *, once: bool) -> None:
        while True:
            try:
                self._keep(once=once)
            except FeedRefusedError as error:
                if error.refusal in _HOPELESS:
                    raise
                self._give_up_after_tries(error, once=once)
                self._after_refusal(error)
            except (CopyDamagedError, CopyUnreadableError, CopyOutOfStepError) as error:
                self._give_up_after_tries(error, once=once)
                self._after_damage(error)
            if once and not self._failures:
                return

    def _keep(self, *, once: bool) -> None:
        copy = self._opened()
        if not self._verified:
            self._verify(copy)
        self._catch_up(copy)
        self._acknowledge(copy)
        self._failures = self._behind = 0
        self._repaired = False
        if once:
            return
        for message in self.feed.watch(copy.cursor()):
            if message.HasField("delta"):
                self.step("watched")
                copy.apply([message.delta], message.cursor, self.now())
                self.step("applied")
                self._tell_delta(message.delta)
            else:
                _require_held(message.states, copy.held())
                copy.confirm(self.now())
                copy.settle()
            self._acknowledge(copy)
            self._failures = 0
        raise FeedRefusedError("STREAM_ENDED", "the service ended the stream")

    def _opened(self) -> ListCopy:
        """Open the copy; load it if there is none."""
        if self._copy is None:
            self._load_where_is_none()
            copy = ListCopy(self.path)
            if copy.mirrored != self.mirrored:
                copy.close()
                raise CopyOfOthersError(
                    f"{self.path} is a copy of other lists ({copy.mirrored})",
                    advice="Name another file with --to, or remove this one.",
                    path=self.path,
                )
            self._copy = copy
        return self._copy

    def _load_where_is_none(self) -> None:
        """Load the lists where there is no copy; what is there instead is not touched unasked."""
        with readable(self.path):
            there = self.path.exists() and self.path.stat().st_size > 0
            if there and is_copy(self.path):
                return
        if there and not self.replace:
            raise CopyOfSomethingElseError(
                f"{self.path} is no copy of the lists, and is left as it is",
                advice="Name another file with --to. To put a copy here all the same, add"
                " --replace: the file is kept beside it, as .old.",
                path=self.path,
            )
        self._load(aside=there)

    def _verify(self, copy: ListCopy) -> None:
        """Read everything, once a run; nobody but the store that it is a copy of mends it."""
        damage: CliError = CopyDamagedError(f"{self.path} does not hold what it says it holds")
        try:
            self._verified = copy.sound()
        except CopyUnreadableError as error:
            damage = error
        if not self._verified:
            self.feed.changes(copy.cursor())
            raise damage

    def _load(self, *, aside: bool = False) -> None:
        """Load everything into a new file, and put it where the old one is.

        Args:
            aside: Keep what is there, since it may be more than an old copy of the same.
        """
        self.tell("loading the whole lists")
        new = NewCopy(self.path.with_name(self.path.name + ".loading"), self.mirrored.notes)
        try:
            cursor = self._fill(new)
            new.finish({"cursor": cursor, "confirm_time": self.now().isoformat()})
        except BaseException:
            new.drop()
            raise
        self.step("filled")
        self._close()
        with readable(self.path):
            if aside and self.path.exists():
                self.tell(f"what was in its place is kept as {set_aside(self.path)}")
            swap(new.path, self.path, self.step)
        self.step("swapped")
        self._verified = True

    def _fill(self, new: NewCopy) -> str:
        """Fill a new copy from an export; give where the changes after it go on."""
        self.step("loading")
        for message in self.feed.export():
            if message.HasField("begin"):
                new.begin(message.begin)
            if message.entries:
                new.add(message.entries)
            if message.HasField("end"):
                new.end(message.end)
            self.step("loaded a part")
            if message.cursor:
                return message.cursor
        raise FeedRefusedError("STREAM_ENDED", "the export ended before its end")

    def _catch_up(self, copy: ListCopy) -> None:
        """Apply what waits, many pages at once."""
        cursor = copy.cursor()
        deltas: list[ListDelta] = []
        waiting, more = 0, True
        while more:
            page = self.feed.changes(cursor)
            self.step("got a page")
            deltas += page.deltas
            waiting += sum(len(delta.changes) for delta in page.deltas)
            cursor, more = page.cursor, page.more
            if waiting >= CHANGES_AT_ONCE or not more:
                copy.apply(deltas, cursor, self.now())
                self.step("applied")
                if waiting:
                    self.tell(f"applied {waiting} changes")
                deltas, waiting = [], 0

    def _acknowledge(self, copy: ListCopy) -> None:
        """Say what is held, where that has not been said."""
        for number, held in copy.held().items():
            if not self._acknowledging or self._acknowledged.get(number) == held.version:
                continue
            try:
                self.feed.acknowledge(_state(self.mirrored, number, held))
            except FeedRefusedError as error:
                if error.refusal == "DIGEST_MISMATCH":
                    raise CopyDamagedError(error.message) from error
                if error.refusal not in _HOPELESS:
                    raise
                self.tell(f"nobody is told what this copy holds: {error.message}")
                self._acknowledging = False
                return
            self._acknowledged[number] = held.version
            self.step("acknowledged")

    def _after_refusal(self, error: FeedRefusedError) -> None:
        if error.refusal == _OF_OTHER_STORE and not self.replace:
            raise CopyOfOtherStoreError(
                f"{self.path} is a copy of the lists of another store than the service's",
                advice="Look at --target. To take this service's lists instead, add --replace.",
                path=self.path,
            ) from error
        self.tell(error.message)
        if error.refusal == "CURSOR_AHEAD":
            self._behind += 1
        set_back = self._behind > _AHEAD_MAX
        if error.refusal in _LOADED_ANEW or set_back:
            if error.retry_seconds is not None:
                self.pause(error.retry_seconds)
            self._load_anew(aside=error.refusal in _NOT_THE_STORES)
            self._behind = 0
        else:
            self._back_off()

    def _after_damage(self, error: CliError) -> None:
        """Repair the copy by the buckets that differ; load it anew where that does not do."""
        self.tell(error.message)
        if not isinstance(error, CopyDamagedError) or self._repaired or self._copy is None:
            self._load_anew(aside=isinstance(error, CopyUnreadableError))
            return
        self._repaired = True
        try:
            repaired = self._repair(self._copy)
        except (CopyDamagedError, CopyUnreadableError) as worse:
            self.tell(worse.message)
            repaired = False
        except FeedRefusedError as refusal:
            self.tell(refusal.message)
            self._repaired = False
            self._back_off()
            return
        if not repaired:
            self._load_anew()

    def _load_anew(self, *, aside: bool = False) -> None:
        try:
            self._load(aside=aside)
        except FeedRefusedError as refusal:
            if refusal.refusal in _HOPELESS:
                raise
            self.tell(refusal.message)
            self._back_off()
        except (CopyDamagedError, CopyUnreadableError) as damage:
            self.tell(damage.message)
            self._back_off()

    def _repair(self, copy: ListCopy) -> bool:
        """Replace the buckets that differ; say whether they were few enough for that."""
        there, trees = self.feed.digest(), copy.trees()
        differing = {
            one.state.field: _differing(trees[one.state.field].bucket_digests, one.bucket_digests)
            for one in there.digests
        }
        if sum(map(len, differing.values())) > REPAIRED_MAX:
            return False
        found: dict[int, dict[int, Sequence[ListEntry]]] = {}
        for one in there.digests:
            numbers = differing[one.state.field]
            found[one.state.field] = dict(self._buckets(one.state, numbers))
        self.step("got buckets")
        states = [one.state for one in there.digests]
        copy.replace(states, found, cursor=there.cursor, now=self.now())
        self.step("repaired")
        self._verified = True
        self._acknowledged.clear()
        self.tell(f"repaired {sum(map(len, differing.values()))} of {BUCKETS} buckets a list")
        return True

    def _buckets(
        self, state: ListState, numbers: Sequence[int]
    ) -> Iterator[tuple[int, Sequence[ListEntry]]]:
        waiting = list(numbers)
        while waiting:
            answer = self.feed.buckets(state, waiting[:_BUCKETS_AT_ONCE])
            for bucket in answer.buckets:
                yield bucket.bucket, bucket.entries
            waiting = waiting[len(answer.buckets) :]

    def _give_up_after_tries(self, error: CliError, *, once: bool) -> None:
        self._failures += 1
        if once and self._failures >= TRIES_ONCE:
            raise error

    def _back_off(self) -> None:
        """Wait the longer the more often something failed; not all mirrors at the same moment."""
        longest = min(_PAUSE_SECONDS_MAX, _PAUSE_SECONDS_MIN * 2 ** min(self._failures, 10))
        self.pause(random.uniform(0, longest))  # noqa: S311 -- nothing secret is drawn.

    def _tell_delta(self, delta: ListDelta) -> None:
        state = delta.state
        self.tell(f"field {state.field}: version {state.version}, {state.entry_count} entries")

    def _close(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None


# Private functions -----------------------------------------------------------


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes off the file inside a block; a kill ends that too."""
    lock = path.with_name(path.name + ".lock")
    with readable(lock):
        connection = sqlite3.connect(lock, timeout=0)
    with closing(connection):
        with readable(lock):
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                raise CopyInUseError(f"another process keeps {path}", path=path) from error
        yield


def _differing(here: bytes, there: bytes) -> list[int]:
    return [
        bucket
        for bucket in range(BUCKETS)
        if here[bucket_slice(bucket)] != there[bucket_slice(bucket)]
    ]


def _state(mirrored: Mirrored, number: int, held: Held) -> ListState:
    return ListState(
        kind=mirrored.kind,
        field=number,  # type: ignore[arg-type]  # A number of the enumeration.
        version=held.version,
        entry_count=held.entry_count,
        digest=held.digest,
    )


def _require_held(states: Sequence[ListState], held: dict[int, Held]) -> None:
    """Refuse a heartbeat that speaks of another state than the copy's."""
    for state in states:
        if held.get(state.field) != Held(state.version, state.entry_count, state.digest):
            raise CopyDamagedError(
                f"field {state.field}: the copy is not at what the stream has sent",
                field=state.field,
            )
