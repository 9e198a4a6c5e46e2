"""Keep the lists right by themselves: terms end, fallen bases are corrected, conditions break.

One replica at a time does it, under a lease. Everything is looked at again inside the write that
changes it, so that a lease which was lost in between does no harm.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from time import monotonic
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.scoring.commands.lists.fallen_entries import correct_fallen, fallen_entries
from services.scoring.commands.lists.list_case_ports import (
    ListLease,
    ListReading,
    ListSnapshot,
    ListWriting,
)
from services.scoring.commands.lists.list_desk import ListDesk, find_case
from services.scoring.commands.lists.list_removals import SYSTEM
from services.scoring.commands.lists.list_terms import is_term_right, put_term_right
from services.scoring.commands.lists.redlist_losses import RedlistLook
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_entry import ListChange, RemovalReason

PAUSE_SECONDS: Final = 1.0
"""House decision: what is due through time alone is due once a day; facts are looked at at once."""

PAUSE_FACTOR: Final = 4.0
"""House decision: work takes a fifth of the time at most; other writers have the rest."""

BATCH: Final = 200
"""House decision: entries that are looked at in one snapshot."""

CHANGED_MAX: Final = 10_000
"""House decision: with more subjects written about, every redlisted one is looked at."""

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
    _failed: bool = False

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
        if seen == self._seen:
            return
        lease = self.lease.claim()
        if lease is None:
            return
        try:
            self._failed = False
            self._correct(day)
            self._break(day)
            self._expire(day)
            self._find_dues()
        finally:
            self.lease.release(lease)
        # What this wrote itself is looked at once more, and found in order.
        if not self._failed:
            self._seen = seen

    def _find_dues(self) -> None:
        """Find from when something is due in cases of before that was kept."""
        full = True
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                unlooked = reading.cases.unlooked(limit=BATCH)
            if not unlooked:
                return
            with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
                for case_id in unlooked:
                    write.touch(case_id)
                write.commit()
            full = len(unlooked) == BATCH

    def _expire(self, day: date) -> None:
        """End the terms that are over, and those that a hazard should have ended otherwise."""
        for late in (False, True):
            after, full = 0, True
            while full and not self._stopped.is_set():
                with self._reading() as reading:
                    revision = reading.point.revision
                    entries = reading.entries
                    found = (
                        entries.ended_before_hazards(revision, after=after, limit=BATCH)
                        if late
                        else entries.expired(day, revision, after=after, limit=BATCH)
                    )
                    due = [
                        number
                        for number in found
                        if self._tried(partial(self._late, reading, number, day), number)
                    ]
                for entry_id in due:
                    self._write(partial(self._expire_one, entry_id=entry_id, day=day), entry_id)
                full = len(found) == BATCH
                after = found[-1] if found else after

    def _late(self, reading: ListReading, entry_id: int, day: date) -> bool:
        return not is_term_right(reading, entry_id, day=day, calendar=self.desk.calendar)

    def _expire_one(
        self, write: ListWriting, *, entry_id: int, day: date
    ) -> Sequence[ListChange] | None:
        held = write.entries.entries([entry_id], write.point.revision)[entry_id]
        return put_term_right(write, held, day=day, calendar=self.desk.calendar, reason=_RETIMED)

    def _correct(self, day: date) -> None:
        after, full = 0, True
        # What was found to stand falls by something new; once a day everything is looked at.
        since = self._seen[0] if self._seen is not None and self._seen[1] == day else 0
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                revision = reading.point.revision
                changed = reading.entries.fallen(revision, since=since, after=after, limit=BATCH)
                fallen = [
                    one
                    for one in changed
                    if self._tried(partial(self._fell, reading, one, day), one)
                ]
            for case_id in fallen:
                self._write(partial(self._correct_one, case_id=case_id, day=day), case_id)
            full = len(changed) == BATCH
            after = changed[-1] if changed else after

    def _fell(self, reading: ListReading, case_id: int, day: date) -> bool:
        revision = reading.point.revision
        case = find_case(reading, case_id, revision=revision).case
        return bool(fallen_entries(reading, self.desk.library.at(revision), case, day=day))

    def _correct_one(
        self, write: ListWriting, *, case_id: int, day: date
    ) -> Sequence[ListChange] | None:
        # A write's own revision is known to nobody else yet.
        library = self.desk.library.at(write.point.revision - 1)
        return correct_fallen(write, library, case_id, day=day, calendar=self.desk.calendar)

    def _break(self, day: date) -> None:
        changed = self._changed(self.desk.store.point().revision)
        after, full = 0, True
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                batch = reading.entries.redlisted(reading.point.revision, after=after, limit=BATCH)
                look = self._look(reading, day)
                wrong = [
                    (held.entry.entry_id, since)
                    for held in batch
                    if (since := self._since(held, changed, day)) is not None
                    and self._tried(
                        partial(_is_wrong, look, reading, held, since), held.entry.entry_id
                    )
                ]
            for entry_id, since in wrong:
                self._write(
                    partial(self._break_one, entry_id=entry_id, since=since, day=day), entry_id
                )
            full = len(batch) == BATCH
            after = batch[-1].entry.entry_id if batch else after

    def _changed(self, revision: int) -> frozenset[int] | None:
        """Give the subjects written about since the last look; none stands for everybody."""
        if self._seen is None:
            return None
        if self.desk.library.at(revision).last_change > self._seen[0]:
            # Another law, or another place among peers, may break anybody's condition.
            return None
        with self._reading() as reading:
            return reading.facts.changed(self._seen[0], revision, limit=CHANGED_MAX)

    def _since(self, held: HeldEntry, changed: frozenset[int] | None, day: date) -> date | None:
        """Give the day from which an entry of a redlist is to be looked at; none for not at all.

        Where nothing was written, what was right stays so until the day of the last look.
        """
        if changed is None or self._seen is None or held.entry.subject_id in changed:
            return held.publish_date
        passed = held.state is EntryState.IN_FORCE and self._seen[1] != day
        return self._seen[1] if passed else None

    def _look(self, reading: ListReading, day: date) -> RedlistLook:
        # A write's own revision is known to nobody else yet.
        known = min(reading.point.revision, self.desk.store.point().revision)
        return RedlistLook(self.desk.library.at(known), self.desk.calendar, day)

    def _break_one(
        self, write: ListWriting, *, entry_id: int, since: date, day: date
    ) -> Sequence[ListChange] | None:
        held = write.entries.entries([entry_id], write.point.revision)[entry_id]
        look = self._look(write, day)
        changes = look.put_right(write, held, since=since)
        now = write.entries.entries([entry_id], write.point.revision)[entry_id]
        over = now.removal_reason is RemovalReason.EXPIRED
        if changes is not None and not over and not look.is_right(write, now, since=since):
            # Its own listing is what breaks it: it would be lost and restored for ever.
            _log.error("redlist_breaks_itself", entry_id=entry_id, policy_id=held.entry.policy_id)
            return None
        return changes

    @contextmanager
    def _reading(self) -> Iterator[ListSnapshot]:
        with self.desk.store.read() as reading:
            yield reading

    def _write(
        self, work: Callable[[ListWriting], Sequence[ListChange] | None], number: int
    ) -> None:
        """Do one piece of work. Nothing that the law demands by itself waits for an approval.

        Args:
            work: Gives what is to be published; nothing if it found nothing to do.
            number: The case or entry that it is about.
        """
        self._tried(partial(self._written, work), number)

    def _written(self, work: Callable[[ListWriting], Sequence[ListChange] | None]) -> bool:
        with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
            changes = work(write)
            if changes is None:
                return False
            write.publish(changes, approval="")
            write.commit()
            return True

    def _tried(self, work: Callable[[], bool], number: int) -> bool:
        """Do what is about one case or entry; what is wrong with it keeps no other one waiting."""
        try:
            return work()
        except Exception as error:
            if not isinstance(error, SafetyCreditError) and self.meant(error) is not None:
                raise
            self._failed = True
            _log.exception("list_work_failed", number=number)
            return False


# Private functions and values --------------------------------------------------


def _is_wrong(look: RedlistLook, reading: ListReading, held: HeldEntry, since: date) -> bool:
    return not look.is_right(reading, held, since=since)


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_RETIMED: Final = "管理期限按现有记录重新计算"
