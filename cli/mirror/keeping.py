"""Keeping a mirror: load, catch up, watch, verify, repair, acknowledge, and begin again.

Whatever happens, and wherever the process is killed, the file is a whole copy at one version, or
there is none yet; the next run goes on from there.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cli.errors import CliError
from cli.mirror.beside import KEPT, UNREADABLE, alone, free_name, set_aside, swap
from cli.mirror.copy import CopyOutOfStepError, ListCopy
from cli.mirror.copy_file import (
    CopyDamagedError,
    CopyOfSomethingElseError,
    CopyTouchedError,
    CopyUnreadableError,
    CopyUnwritableError,
    is_copy,
    readable,
)
from cli.mirror.feed import DivisionUnknownError, Feed, FeedRefusedError, Mirrored
from cli.mirror.loading import load_beside
from cli.mirror.reading import Held, lists_named
from cli.mirror.repairing import repair
from safetycredit.scoring.v1.list_sync_service_pb2 import ListDelta, ListState
from services.scoring.domain.list_digest import BUCKETS

CHANGES_AT_ONCE: Final = 50_000
"""House limit: changes that are applied in one transaction, where so many wait."""

TRIES_ONCE: Final = 5
"""House decision: how often a single run tries before it gives up."""

VERIFIED_FOR: Final = timedelta(hours=6)
"""House decision: after so long a running mirror reads the whole file again."""

_REPAIRS_MAX: Final = 2
"""House decision: how often a damaged copy is repaired in part before it is loaded anew."""

_PAUSE_SECONDS_MIN: Final = 0.5
_PAUSE_SECONDS_MAX: Final = 60.0
_AHEAD_MAX: Final = 5
"""How often a replica may lag behind before the store must have been set back."""

_AHEAD: Final = "CURSOR_AHEAD"
_SET_BACK: Final = "STORE_SET_BACK"
_OF_OTHER_STORE: Final = "CURSOR_FOREIGN"
_NOT_THE_STORES: Final = frozenset({_OF_OTHER_STORE, "CURSOR_MALFORMED"})
"""Refusals of a copy that the store does not know as one of its own."""
_LOADED_ANEW: Final = frozenset({"CURSOR_TOO_OLD", "CURSOR_DIVERGED", _SET_BACK, *_NOT_THE_STORES})
_UNREAD: Final = "INTERNAL"
_UNREAD_PAGES_MAX: Final = 2
"""House decision: pages that cannot be read before the lists are loaded without them."""
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
    _verify_time: datetime | None = field(default=None, init=False)
    _acknowledged: dict[int, int] = field(default_factory=dict, init=False)
    _acknowledging: bool = field(default=True, init=False)
    _written: bool = field(default=False, init=False)
    _failures: int = field(default=0, init=False)
    _unread_pages: int = field(default=0, init=False)
    _repairs: int = field(default=0, init=False)

    def run(self, *, once: bool) -> None:
        """Keep the copy right: until it is, or for ever.

        Args:
            once: End as soon as the copy is right.

        Raises:
            FeedRefusedError: The service refuses for good, or for longer than a single run tries.
            CopyOfOthersError: The file is a copy of other lists.
            CopyOfOtherStoreError: It is a copy of another store's.
            CopyOfSomethingElseError: It is no copy.
            DivisionUnknownError: There is no copy yet, and nobody in the division.
            CopyUnwritableError: The disk is full, the folder may not be written, or the file is
                locked; a run that wrote before waits for the end of that.
            CopyInUseError: Another process keeps it.
        """
        # Whatever lies beside the file lies beside the file itself, not beside a link to it.
        self.path = self.path.resolve()
        with readable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self.path):
            try:
                self._run(once=once)
            finally:
                self._close()

    # Private methods -------------------------------------------------------------

    def _run(self, *, once: bool) -> None:
        while True:
            try:
                self._keep_or_mend(once=once)
            except CopyTouchedError as error:
                self._give_up_after_tries(error, once=once)
                self._begin_anew(error)
            except CopyUnwritableError as error:
                # A lock or a full disk passes; where nothing could ever be written, nothing will.
                if once or not self._written:
                    raise
                self._failures += 1
                self._begin_anew(error)
            if once and not self._failures:
                return

    def _keep_or_mend(self, *, once: bool) -> None:
        try:
            self._keep_counting(once=once)
        except FeedRefusedError as error:
            if error.refusal in _HOPELESS:
                raise
            self._give_up_after_tries(error, once=once)
            self._after_refusal(error)
        except (CopyDamagedError, CopyUnreadableError, CopyOutOfStepError) as error:
            self._give_up_after_tries(error, once=once)
            self._after_damage(error)

    def _keep_counting(self, *, once: bool) -> None:
        """Keep the copy right; count in it, over short runs too, how often the store was behind."""
        try:
            self._keep(once=once)
        except FeedRefusedError as error:
            if error.refusal != _AHEAD or self._copy is None:
                raise
            if self._copy.count_ahead() > _AHEAD_MAX:
                raise FeedRefusedError(_SET_BACK, "the store was set back") from error
            raise

    def _keep(self, *, once: bool) -> None:
        # A store that was put back to a copy of before has lost what it was told since.
        self._acknowledged.clear()
        copy = self._opened()
        if self._verify_time is None:
            self._verify(copy)
        self._catch_up(copy)
        self._written = True
        self._acknowledge(copy)
        self._failures = self._repairs = self._unread_pages = 0
        if once:
            return
        for message in self.feed.watch(copy.cursor()):
            if message.HasField("delta"):
                self.step("watched")
                # More may wait; a heartbeat says when nothing does.
                copy.apply([message.delta], message.cursor, confirmed=None)
                self.step("applied")
                self._tell_delta(message.delta)
            else:
                _require_held(message.states, copy.held())
                copy.confirm(self.now())
                copy.settle()
            self._acknowledge(copy)
            self._failures = 0
            if self._verified_long_ago():
                self._close()
                return
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
            regular = self.path.is_file()
            if self.path.exists() and not regular:
                raise CopyOfSomethingElseError(
                    f"{self.path} is a folder, a pipe or a device, and no regular file",
                    advice="Name another file with --to.",
                    path=self.path,
                )
            there = regular and self.path.stat().st_size > 0
            if there and is_copy(self.path):
                return
        if there and not self.replace:
            raise CopyOfSomethingElseError(
                f"{self.path} is no copy of the lists, and is left as it is",
                advice="Name another file with --to. To put a copy here all the same, add"
                " --replace: the file is kept beside it, as .old.",
                path=self.path,
            )
        self._require_known_division()
        self._load(aside=KEPT if there else "")

    def _require_known_division(self) -> None:
        """Refuse a division of which the service knows nobody: its empty list would clear all."""
        division = self.mirrored.division
        if division and self.feed.digest().division_unknown:
            raise DivisionUnknownError(division)

    def _verify(self, copy: ListCopy) -> None:
        """Read everything, once a run; nobody but the store that it is a copy of mends it."""
        damage: CliError = CopyDamagedError(f"{self.path} does not hold what it says it holds")
        try:
            sound = copy.sound()
        except CopyUnreadableError as error:
            damage, sound = error, False
        if not sound:
            self.feed.changes(copy.cursor())
            raise damage
        self._verify_time = self.now()

    def _verified_long_ago(self) -> bool:
        # A clock may be set back as well as forth.
        return self._verify_time is None or abs(self.now() - self._verify_time) > VERIFIED_FOR

    def _load(self, *, aside: str = "") -> None:
        """Load everything into a new file, and put it where the old one is.

        Args:
            aside: How to name what is there, which may be more than an old copy of the same; empty
                for one that need not be kept.
        """
        self.tell("loading the whole lists")
        new = load_beside(self.path, self.feed, self.mirrored, step=self.step, now=self.now)
        self._close()
        with readable(self.path):
            if aside and self.path.exists():
                name = free_name(self.path, aside)
                set_aside(self.path, name)
                self.tell(f"what was in its place is kept as {name}")
            swap(new, self.path, self.step)
        self.step("swapped")
        self._verify_time = self.now()

    def _catch_up(self, copy: ListCopy) -> None:
        """Apply what waits, many pages at once."""
        cursor = copy.cursor()
        deltas: list[ListDelta] = []
        waiting, more = 0, True
        while more:
            asked = self.now()
            page = self.feed.changes(cursor)
            self.step("got a page")
            deltas += page.deltas
            waiting += sum(len(delta.changes) for delta in page.deltas)
            cursor, more = page.cursor, page.more
            if waiting >= CHANGES_AT_ONCE or not more:
                copy.apply(deltas, cursor, confirmed=None if more else asked)
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
        if error.refusal not in _LOADED_ANEW and not self._unread_again(error):
            self._back_off()
            return
        if error.retry_seconds is not None:
            self.pause(error.retry_seconds)
        asked = KEPT if error.refusal == _OF_OTHER_STORE else UNREADABLE
        self._load_anew(aside=asked if error.refusal in _NOT_THE_STORES else "")

    def _unread_again(self, error: FeedRefusedError) -> bool:
        """Say whether that was one page too many; only once, as loading may not help either."""
        if error.refusal != _UNREAD:
            return False
        self._unread_pages += 1
        return self._unread_pages == _UNREAD_PAGES_MAX

    def _after_damage(self, error: CliError) -> None:
        """Repair the copy by the buckets that differ; load it anew where that does not do."""
        self.tell(error.message)
        if isinstance(error, CopyUnreadableError):
            self._require_ours()
            self._load_anew(aside=UNREADABLE)
            return
        if not isinstance(error, CopyDamagedError) or self._copy is None or self._repairs_spent():
            self._load_anew()
            return
        self._repairs += 1
        try:
            repaired = self._repair()
        except (CopyDamagedError, CopyUnreadableError) as worse:
            self.tell(worse.message)
            repaired = False
        except FeedRefusedError as refusal:
            self.tell(refusal.message)
            if not self._repairs_spent():
                self._back_off()
                return
            repaired = False
        if not repaired:
            self._load_anew()

    def _repairs_spent(self) -> bool:
        return self._repairs >= _REPAIRS_MAX

    def _require_ours(self) -> None:
        """Refuse to take a copy's place whose entries, all that can be read, are of other lists."""
        with readable(self.path):
            named = lists_named(self.path)
        wanted = self.mirrored
        ours = [kind == wanted.kind and wanted.field in {0, of} for kind, of in named]
        if named and not any(ours):
            raise CopyOfOthersError(
                f"{self.path} is a damaged copy of other lists than {wanted}",
                advice="Name its own lists, or another file with --to, or remove this one.",
                path=self.path,
            )

    def _load_anew(self, *, aside: str = "") -> None:
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

    def _repair(self) -> bool:
        """Replace the buckets that differ; say whether they were few enough for that."""
        if self._verify_time is not None:
            # What was read of the file before may be what is wrong.
            self._close()
        count = repair(self._opened(), self.feed, step=self.step, now=self.now)
        if count is None:
            return False
        self._verify_time = self.now()
        self.tell(f"repaired {count} of {BUCKETS} buckets a list")
        return True

    def _begin_anew(self, error: CliError) -> None:
        """Wait, and open the copy again."""
        self.tell(error.message)
        self._close()
        self._back_off()

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
        """Close the copy; when it is opened again it is verified first."""
        self._verify_time = None
        if self._copy is not None:
            self._copy.close()
            self._copy = None


# Private functions -----------------------------------------------------------


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
