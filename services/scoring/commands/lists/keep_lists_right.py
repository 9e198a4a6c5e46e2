"""Keep the lists right by themselves: terms end, fallen bases are corrected, conditions break.

One replica at a time does it, under a lease, and keeps in the store how far it has looked: whoever
goes on, in another process or after a restart, looks at what was written, fell due or became law
since, and at nothing else. Everything is looked at again inside the write that changes it, so that
a lease which was lost in between does no harm.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from time import monotonic
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.common.tokens import StorePoint
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.lists.upkeep_backlog import EVERYTHING, with_other_laws
from services.scoring.commands.lists.upkeep_chores import (
    Bases,
    Chore,
    Divisions,
    Finder,
    Redlistings,
    Scope,
    Terms,
)
from services.scoring.commands.lists.upkeep_laws import laws_of
from services.scoring.commands.lists.upkeep_memory import DueDays, Failures
from services.scoring.commands.lists.upkeep_names import Names
from services.scoring.commands.lists.upkeep_ports import (
    BASIS,
    REDLISTING,
    Backlog,
    Mark,
    UpkeepLease,
)
from services.scoring.domain.list_case import SYSTEM

PAUSE_SECONDS: Final = 1.0
"""House decision: what is due through time alone is due once a day; facts are looked at at once."""

PAUSE_FACTOR: Final = 4.0
"""House decision: work takes a fifth of the time at most; other writers have the rest."""

BATCH: Final = 200
"""House decision: entries that are looked at in one snapshot."""

CHANGED_AT_ONCE: Final = 10_000
"""House decision: subjects written about that are asked for in one statement."""

CHANGED_MAX: Final = 1_000_000
"""House decision: with more subjects written about, everybody is looked at."""

EDITION: Final = 2
"""Goes up when the program finds wrong what it left as it was: everybody is looked at once more."""

HOLD_SECONDS: Final = 15.0
"""House decision: how soon a long look says that it goes on; four of these end a lease."""

HELD_AT_ONCE: Final = 10_000
"""House decision: redlistings whose next day is kept in one transaction."""

KEEP_TRIES: Final = 20
"""House decision: a store that is busy for so many half seconds loses a look."""

BACKLOG_SECONDS: Final = 0.5
"""House decision: so long a look goes on with what everybody is looked at for; changes wait no
longer than that, and the pause after it."""

_METHOD: Final = "safetycredit.scoring.KeepListsRight"
_CALLER: Final = Caller(identity=SYSTEM, roles=frozenset({Role.OPERATOR}))


class LeaseLostError(Exception):
    """Another replica works on the lists meanwhile."""


@dataclass(slots=True)
class KeepListsRight:
    """Works on the lists again and again, in a thread of its own.

    Attributes:
        desk: Where cases are worked on.
        lease: Lets one replica at a time work.
        clock: Tells which day it is.
        ready: Raises a refusal while the store cannot be used.
        meant: Gives the refusal that an error of the store stands for; nothing for a mistake.
    """

    desk: ListDesk
    lease: UpkeepLease
    clock: Clock
    ready: Callable[[], None]
    meant: Callable[[Exception], SafetyCreditError | None]
    _stopped: threading.Event = field(default_factory=threading.Event)
    _mark: Mark | None = None
    _point: StorePoint | None = None
    _lease: str = ""
    _held_until: float = 0.0
    _due: DueDays = field(default_factory=DueDays)
    _failures: Failures = field(default_factory=Failures)
    _tried: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopped.is_set():
            begun = monotonic()
            try:
                self.once()
            except Exception:  # noqa: BLE001 -- a mistake ends one look, and not the upkeep of all lists.
                _log.exception("lists_not_kept")
            self._stopped.wait(max(PAUSE_SECONDS, PAUSE_FACTOR * (monotonic() - begun)))

    def stop(self) -> None:
        """Tell the thread to stop."""
        self._stopped.set()

    def once(self) -> None:
        """Bring the lists up to date; a refusal leaves them for the next time."""
        try:
            self._bring_up_to_date()
        except Exception as error:
            meant = self.meant(error)
            if meant is None:
                raise
            _log.warning("lists_not_kept", reason=meant.reason, message=meant.message)

    # Private methods -------------------------------------------------------------

    def _bring_up_to_date(self) -> None:
        self.ready()
        day, mark = today(self.clock), self._mark
        same = mark is not None and mark.day == day and self._point == self.desk.store.point()
        if same and not self._failures and not (mark and mark.backlog):
            return
        lease = self.lease.claim()
        if lease is None:
            return
        self._lease, self._held_until = lease, monotonic() + HOLD_SECONDS
        # What a look that broke off had found is found again.
        self._due.clear()
        self._mark = None
        try:
            mark = self._look(day)
            if not self._stopped.is_set():
                self._keep(mark)
                self._mark = mark
        except LeaseLostError:
            _log.warning("lists_lease_lost")
        finally:
            self.lease.release(lease)

    def _scopes(self, seen: Mark | None, now: Mark) -> Sequence[Scope]:
        """Say what there is to look at since the last look, one part after the other."""
        if seen is None or seen.edition != now.edition:
            return [Scope(now.day, changed=None, turned=True)]
        turned = seen.day != now.day
        with self.desk.store.read() as reading:
            changed = reading.facts.changed(seen.revision, now.revision, limit=CHANGED_MAX)
        if changed is None:
            return [Scope(now.day, changed=None, turned=turned)]
        numbers = sorted(changed)
        parts = [
            frozenset(numbers[first : first + CHANGED_AT_ONCE])
            for first in range(0, max(len(numbers), 1), CHANGED_AT_ONCE)
        ]
        # What the day alone concerns is looked at once.
        return [
            Scope(now.day, changed=part, turned=turned and place == 0)
            for place, part in enumerate(parts)
        ]

    def _look(self, day: date) -> Mark:
        """Look at everything since the last look, whoever took it; say how far this one came."""
        desk = self.desk
        with desk.store.read() as reading:
            seen, self._point = reading.upkeep.mark(), reading.point
            self._failures.begin(reading.upkeep.failed())
        # What this writes itself is looked at once more, and found in order.
        revision = self._point.revision
        laws = laws_of(desk.library.at(revision))
        now = Mark(EDITION, revision, day, laws)
        scopes = self._scopes(seen, now)
        backlog = EVERYTHING
        if seen is not None and scopes[0].changed is not None:
            backlog = with_other_laws(seen.backlog, seen.laws, laws)
        self._tried.clear()
        for scope in scopes:
            for chore in (
                Bases(desk, scope),
                Redlistings(desk, scope, self._due),
                Terms(desk, scope),
                Divisions(scope),
                Names(scope),
            ):
                self._do(chore)
        self._find_dues()
        left = self._work_off(backlog, day)
        if not self._stopped.is_set():
            self._keep_failures()
        return replace(now, backlog=left)

    def _work_off(self, backlog: Iterable[Backlog], day: date) -> tuple[Backlog, ...]:
        """Work on what everybody is looked at for; give what is left of it."""
        end, begun = monotonic() + BACKLOG_SECONDS, False
        scope = Scope(day, changed=frozenset(), turned=False)
        chores: dict[str, Bases | Redlistings] = {
            BASIS: Bases(self.desk, scope),
            REDLISTING: Redlistings(self.desk, scope, self._due),
        }
        left: list[Backlog] = []
        for one in backlog:
            chore, after = chores[one.chore], one.after
            find, full = chore.of_all(one.policies), True
            while full and not self._stopped.is_set() and (not begun or monotonic() < end):
                after, full, begun = *self._batch(chore, find, after), True
            if full:
                left.append(replace(one, after=after))
        return tuple(left)

    def _keep_failures(self) -> None:
        """Keep what failed, for those who have to mend it; it is tried again at the next look."""
        fresh, mended = self._failures.fresh(), self._failures.mended()
        if fresh or mended:
            with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
                write.failures.note(fresh, mended)
                write.commit()
        self._failures.end()

    def _hold(self) -> None:
        """Say, in a long look, that it goes on."""
        if monotonic() >= self._held_until or len(self._due) >= HELD_AT_ONCE:
            self._keep(None)

    def _keep(self, mark: Mark | None) -> None:
        """Keep how far this came, and hold the lease on."""
        for last in range(KEEP_TRIES, 0, -1):
            try:
                held = self.lease.keep(self._lease, self._due.found(), mark)
            except SafetyCreditError:
                # Whoever writes may take its time; the work can wait.
                if last == 1 or self._stopped.wait(_TRY_AGAIN_SECONDS):
                    raise
                continue
            if not held:
                raise LeaseLostError
            break
        self._due.clear()
        self._held_until = monotonic() + HOLD_SECONDS

    def _do(self, chore: Chore) -> None:
        failing = self._failures.of(chore.name)
        self._go_through(chore, lambda _, after, limit: [n for n in failing if n > after][:limit])
        for find in chore.finders:
            self._go_through(chore, find)

    def _go_through(self, chore: Chore, find: Finder) -> None:
        """Look at all that is found, and put right what is wrong."""
        after, full = 0, True
        while full and not self._stopped.is_set():
            after, full = self._batch(chore, find, after)

    def _batch(self, chore: Chore, find: Finder, after: int) -> tuple[int, bool]:
        """Look at some of what is found; give the last number, and whether there may be more."""
        with self.desk.store.read() as reading:
            found = find(reading.upkeep, after, BATCH)
            wrong = [
                number
                for number in found
                if self._first(chore, number)
                and self._done(chore, number, partial(chore.is_wrong, reading, number))
            ]
        for number in wrong:
            self._done(chore, number, partial(self._written, chore, number))
        self._hold()
        return found[-1] if found else after, len(found) == BATCH

    def _first(self, chore: Chore, number: int) -> bool:
        """Say whether a look comes to something for the first time."""
        key = (chore.name, number)
        first = key not in self._tried
        self._tried.add(key)
        return first

    def _written(self, chore: Chore, number: int) -> bool:
        """Put something right. Nothing that the law demands by itself waits for an approval."""
        with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
            changes = chore.put_right(write, number)
            if changes is None:
                return False
            write.publish(changes, approval="")
            write.commit()
            return True

    def _done(self, chore: Chore, number: int, work: Callable[[], bool]) -> bool:
        """Do what is about one case or entry; what is wrong with it keeps no other one waiting."""
        try:
            return work()
        except Exception as error:
            if not isinstance(error, SafetyCreditError) and self.meant(error) is not None:
                raise
            self._failures.note(chore.name, number, error)
            return False

    def _find_dues(self) -> None:
        """Find from when something is due in cases of before that was kept."""
        full = True
        while full and not self._stopped.is_set():
            with self.desk.store.read() as reading:
                unlooked = reading.cases.unlooked(limit=BATCH)
            if not unlooked:
                return
            with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
                for case_id in unlooked:
                    write.touch(case_id)
                write.commit()
            self._hold()
            full = len(unlooked) == BATCH


# Private values ------------------------------------------------------------------

_TRY_AGAIN_SECONDS: Final = 0.5
_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
