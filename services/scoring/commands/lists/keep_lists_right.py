"""Keep the lists right by themselves: terms end, fallen bases are corrected, conditions break.

One replica at a time does it, under a lease. Everything is looked at again inside the write that
changes it, so that a lease which was lost in between does no harm.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import monotonic
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.scoring.commands.lists.list_case_ports import ListLease
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.lists.list_removals import SYSTEM
from services.scoring.commands.lists.upkeep_chores import (
    Bases,
    Chore,
    Divisions,
    Finder,
    Redlistings,
    Scope,
    Terms,
)
from services.scoring.commands.lists.upkeep_memory import DueDays, Failures

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

_METHOD: Final = "safetycredit.scoring.KeepListsRight"
_CALLER: Final = Caller(identity=SYSTEM, roles=frozenset({Role.OPERATOR}))


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
    lease: ListLease
    clock: Clock
    ready: Callable[[], None]
    meant: Callable[[Exception], SafetyCreditError | None]
    _stopped: threading.Event = field(default_factory=threading.Event)
    _seen: tuple[int, date] | None = None
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
        day = today(self.clock)
        seen = (self.desk.store.point().revision, day)
        if seen == self._seen and not self._failures:
            return
        lease = self.lease.claim()
        if lease is None:
            return
        try:
            self._look(self._scopes(*seen))
        finally:
            self.lease.release(lease)
        # What this wrote itself is looked at once more, and found in order.
        self._seen = seen

    def _scopes(self, revision: int, day: date) -> Sequence[Scope]:
        """Say what there is to look at since the last look, one part after the other."""
        if self._seen is None:
            return [Scope(day, changed=None, turned=True)]
        changed = self._changed(revision)
        turned = self._seen[1] != day
        if changed is None:
            return [Scope(day, changed=None, turned=turned)]
        numbers = sorted(changed)
        parts = [
            frozenset(numbers[first : first + CHANGED_AT_ONCE])
            for first in range(0, max(len(numbers), 1), CHANGED_AT_ONCE)
        ]
        # What the day alone concerns is looked at once.
        return [
            Scope(day, changed=part, turned=turned and place == 0)
            for place, part in enumerate(parts)
        ]

    def _changed(self, revision: int) -> frozenset[int] | None:
        """Give the subjects written about since the last look; none stands for everybody."""
        assert self._seen is not None, "before the first look everybody is"
        if self.desk.library.at(revision).last_change > self._seen[0]:
            # Another law, or another place among peers, may break anybody's condition.
            return None
        with self.desk.store.read() as reading:
            return reading.facts.changed(self._seen[0], revision, limit=CHANGED_MAX)

    def _look(self, scopes: Sequence[Scope]) -> None:
        if scopes[0].changed is None:
            self._due.clear()
        self._failures.begin()
        self._tried.clear()
        desk = self.desk
        for scope in scopes:
            for chore in (
                Bases(desk, scope),
                Redlistings(desk, scope, self._due),
                Terms(desk, scope),
                Divisions(scope),
            ):
                self._do(chore)
        self._find_dues()
        self._failures.end()
        self._due.forget(scopes[0].day)

    def _do(self, chore: Chore) -> None:
        failing = self._failures.of(chore.name)
        self._go_through(chore, lambda _, after, limit: [n for n in failing if n > after][:limit])
        for find in chore.finders:
            self._go_through(chore, find)

    def _go_through(self, chore: Chore, find: Finder) -> None:
        """Look at all that is found, and put right what is wrong."""
        after, full = 0, True
        while full and not self._stopped.is_set():
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
            full = len(found) == BATCH
            after = found[-1] if found else after

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
            full = len(unlooked) == BATCH


# Private values ------------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
