"""Keep the lists right by themselves: terms end, fallen bases are corrected, conditions break.

One replica at a time does it, under a lease. Everything is looked at again inside the write that
changes it, so that a lease which was lost in between does no harm.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from time import monotonic
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.scoring.commands.lists.correct_list_entry import correct
from services.scoring.commands.lists.list_case_ports import (
    ListLease,
    ListReading,
    ListSnapshot,
    ListWriting,
)
from services.scoring.commands.lists.list_desk import ListDesk, find_case
from services.scoring.commands.lists.list_grounds import basis_stands, conditions_hold
from services.scoring.commands.lists.list_removals import (
    SYSTEM,
    first_blacklisting,
    remove,
    system_step,
)
from services.scoring.commands.lists.published_text import impersonal
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import ListCase, StepKind
from services.scoring.domain.list_entry import ListChange, RemovalReason
from services.scoring.domain.listing import Standing

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

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopped.is_set():
            begun = monotonic()
            self.once()
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
            self._expire(day)
            self._correct(day)
            self._break(day, seen[0])
            self._find_dues()
        finally:
            self.lease.release(lease)
        # What this wrote itself is looked at once more, and found in order.
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
        after, full = 0, True
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                revision = reading.point.revision
                due = reading.entries.expired(day, revision, after=after, limit=BATCH)
            for entry_id in due:
                self._write(partial(self._expire_one, entry_id=entry_id, day=day))
            full = len(due) == BATCH
            after = due[-1] if due else after

    def _expire_one(
        self, write: ListWriting, *, entry_id: int, day: date
    ) -> Sequence[ListChange] | None:
        revision = write.point.revision
        held = write.entries.entries([entry_id], revision)[entry_id]
        if held.state is not EntryState.IN_FORCE:
            return None
        file = find_case(write, held.case_id, revision=revision)
        end_date = held.entry.end_date
        if _extends(write, file.case, day):
            if end_date is None:
                return None
            # The term has no end for the present; the step keeps the end that it had.
            held = replace(held, entry=replace(held.entry, end_date=None))
            write.put_entry(held)
            write.add_step(held.case_id, system_step(StepKind.EXTEND, held, day=end_date))
            return (held.entry,)
        if end_date is None:
            ends = [
                step.day
                for step in file.steps
                if step.entry_id == entry_id and step.kind is StepKind.EXTEND
            ]
            if not ends:
                return None
            closed = write.grounds.hazard_closed(file.case.subject_id, revision, day=day)
            end_date = max(ends[-1], closed or ends[-1])
            held = replace(held, entry=replace(held.entry, end_date=end_date))
        step = system_step(StepKind.EXPIRE, held, day=end_date)
        return (remove(write, held, step, reason=RemovalReason.EXPIRED),)

    def _correct(self, day: date) -> None:
        after, full = 0, True
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                revision = reading.point.revision
                fallen = reading.entries.fallen(revision, after=after, limit=BATCH)
            for case_id in fallen:
                self._write(partial(self._correct_one, case_id=case_id, day=day))
            full = len(fallen) == BATCH
            after = fallen[-1] if fallen else after

    def _correct_one(
        self, write: ListWriting, *, case_id: int, day: date
    ) -> Sequence[ListChange] | None:
        revision = write.point.revision
        case = find_case(write, case_id, revision=revision).case
        library = self.desk.library.at(revision - 1)
        if basis_stands(write, library, case, day=day):
            return None
        document = write.grounds.revoking_document(case.record_ids, revision)
        document_number = impersonal(write, case, document, day=day)
        changes: list[ListChange] = []
        for held in write.entries.of_cases([case_id], revision).get(case_id, ()):
            if held.state is EntryState.CORRECTED:
                continue
            step = system_step(
                StepKind.CORRECT,
                held,
                day=max(day, held.publish_date),
                document_number=document_number,
                reason="列入依据的行政处罚或者认定被撤销、变更",
            )
            changes += correct(write, held, step, calendar=self.desk.calendar)
        return changes

    def _break(self, day: date, revision: int) -> None:
        changed = self._changed(day, revision)
        after, full = 0, True
        while full and not self._stopped.is_set():
            with self._reading() as reading:
                batch = reading.entries.redlisted(reading.point.revision, after=after, limit=BATCH)
                broken = [
                    held.entry.entry_id
                    for held in batch
                    if (changed is None or held.entry.subject_id in changed)
                    and self._broken(reading, held, day)
                ]
            for entry_id in broken:
                self._write(partial(self._break_one, entry_id=entry_id, day=day))
            full = len(batch) == BATCH
            after = batch[-1].entry.entry_id if batch else after

    def _changed(self, day: date, revision: int) -> frozenset[int] | None:
        """Give the subjects written about since the last look; none stands for everybody."""
        if self._seen is None or self._seen[1] != day:
            return None
        if self.desk.library.at(revision).last_change > self._seen[0]:
            # Another law, or another place among peers, may break anybody's condition.
            return None
        with self._reading() as reading:
            return reading.facts.changed(self._seen[0], revision, limit=CHANGED_MAX)

    def _broken(self, reading: ListReading, held: HeldEntry, day: date) -> bool:
        revision = reading.point.revision
        case = find_case(reading, held.case_id, revision=revision).case
        # A write's own revision is known to nobody else yet.
        known = min(revision, self.desk.store.point().revision)
        finding = conditions_hold(reading, self.desk.library.at(known), case, day=day)
        if finding is None:
            _log.warning("redlist_policy_gone", policy_id=case.policy_id, case_id=case.case_id)
            return False
        # Where the policy cannot tell, no condition is known to be broken.
        return finding.standing in {Standing.NOT_LISTED, Standing.NOT_APPLICABLE}

    def _break_one(
        self, write: ListWriting, *, entry_id: int, day: date
    ) -> Sequence[ListChange] | None:
        held = write.entries.entries([entry_id], write.point.revision)[entry_id]
        if held.state is not EntryState.IN_FORCE or not self._broken(write, held, day):
            return None
        black = first_blacklisting(write, held)
        if black is not None:
            # Nobody is on both lists: it ended where the blacklist began, whenever that was seen.
            number = black.document_number
            reason = "列入同一领域联合惩戒名单"
            step = system_step(StepKind.BREAK, held, day=day, document_number=number, reason=reason)
            ended = max(held.entry.start_date, min(black.start_date, day))
        else:
            step = system_step(StepKind.BREAK, held, day=day, reason="不再符合激励条件")
            ended = day
        return (remove(write, held, step, reason=RemovalReason.CONDITION_BROKEN, day=ended),)

    @contextmanager
    def _reading(self) -> Iterator[ListSnapshot]:
        with self.desk.store.read() as reading:
            yield reading

    def _write(self, work: Callable[[ListWriting], Sequence[ListChange] | None]) -> None:
        """Do one piece of work. Nothing that the law demands by itself waits for an approval.

        Args:
            work: Gives what is to be published; nothing if it found nothing to do.
        """
        with self.desk.store.write(caller=_CALLER, method=_METHOD) as write:
            changes = work(write)
            if changes is None:
                return
            write.publish(changes, approval="")
            write.commit()


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _extends(write: ListWriting, case: ListCase, day: date) -> bool:
    """Say whether the term goes on, because a major hazard of the unit is not removed."""
    if case.person or not case.procedure.flag("hazard_extends"):
        return False
    return write.grounds.open_major_hazard(case.subject_id, write.point.revision, day=day)
