"""The chores of the upkeep: what each looks at, when it is wrong, and how it is put right.

Each costs as much as changed. On another day than that of the last look, the terms that ended are
looked for besides, entries without an end, and in which division enterprises are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol

import structlog

from services.scoring.commands.lists.case_units import division_now
from services.scoring.commands.lists.fallen_entries import correct_fallen, fallen_entries
from services.scoring.commands.lists.list_case_ports import (
    ListReading,
    ListSnapshot,
    ListWriting,
)
from services.scoring.commands.lists.list_desk import ListDesk, find_case
from services.scoring.commands.lists.list_removals import system_step
from services.scoring.commands.lists.list_terms import is_term_right, put_term_right
from services.scoring.commands.lists.redlist_losses import RedlistLook
from services.scoring.commands.lists.upkeep_memory import DueDays
from services.scoring.commands.lists.upkeep_ports import BASIS, REDLISTING, Stretch, UpkeepReads
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import ListChange, ListEntry
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class Scope:
    """What there is to look at.

    Attributes:
        day: The day it is.
        changed: Subjects written about since the last look; none for everybody.
        turned: Whether the day is another than that of the last look.
    """

    day: date
    changed: frozenset[int] | None
    turned: bool

    @property
    def concerned(self) -> frozenset[int] | None:
        """Give whom a write or the day may concern; none for everybody."""
        return None if self.turned else self.changed


Finder = Callable[[UpkeepReads, int, int], Sequence[int]]
"""Gives numbers after one, ascending, so many at most."""


class Chore(Protocol):
    """One thing that is kept right."""

    @property
    def name(self) -> str:
        """Name it for the log."""
        ...

    @property
    def finders(self) -> Sequence[Finder]:
        """Give what finds the cases or entries to look at."""
        ...

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether a case or entry is not as it should be."""
        ...

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Put it right; give what is to be published, or nothing if there was nothing to do."""
        ...


@dataclass(frozen=True, slots=True)
class Bases:
    """Listings fall with what they rest on, and with nothing that time alone brings."""

    desk: ListDesk
    scope: Scope
    name: str = BASIS

    @property
    def finders(self) -> Sequence[Finder]:
        """Find the cases of whom something was written about."""
        changed = self.scope.changed
        return (lambda reads, after, limit: reads.fallen(Stretch(changed, after, limit)),)

    def of_all(self, policies: frozenset[str] | None) -> Finder:
        """Find the cases by some policies, or all of them."""
        return lambda reads, after, limit: reads.counting(Stretch(None, after, limit, policies))

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether something of a case fell."""
        revision = reading.point.revision
        case = find_case(reading, number, revision=revision).case
        library = self.desk.library.at(revision)
        return bool(fallen_entries(reading, library, case, day=self.scope.day))

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Correct the entries of a case of which something fell."""
        # A write's own revision is known to nobody else yet.
        library = self.desk.library.at(write.point.revision - 1)
        calendar = self.desk.calendar
        return correct_fallen(write, library, number, day=self.scope.day, calendar=calendar)


@dataclass(frozen=True, slots=True)
class Redlistings:
    """Redlistings are lost on the day on which a condition breaks.

    Attributes:
        desk: Where cases are worked on.
        scope: What there is to look at.
        due: When time alone may break one.
        name: Its name.
    """

    desk: ListDesk
    scope: Scope
    due: DueDays
    name: str = REDLISTING

    @property
    def finders(self) -> Sequence[Finder]:
        """Find those of whom something was written about, and those whose day has come."""
        day, changed = self.scope.day, self.scope.changed or frozenset()
        return (
            # Those of everybody are left for later, as they take their time.
            lambda reads, after, limit: reads.redlisted(Stretch(changed, after, limit)),
            lambda reads, after, limit: reads.due(day, Stretch(None, after, limit)),
        )

    def of_all(self, policies: frozenset[str] | None) -> Finder:
        """Find those by some policies, or all of them."""
        return lambda reads, after, limit: reads.redlisted(Stretch(None, after, limit, policies))

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether an entry does not stand as it should; remember when to look again."""
        held = _held(reading, number)
        if held.state is EntryState.CORRECTED:
            self.due.add(number, None)
            return False
        verdict = self._look(reading).verdict(reading, held)
        stands = held.state is EntryState.IN_FORCE
        self.due.add(number, verdict.until_date if stands else None)
        return not verdict.right

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Let an entry be lost, or stand again."""
        held = _held(write, number)
        look = self._look(write)
        changes = look.put_right(write, held)
        if changes is not None and not look.verdict(write, _held(write, number)).right:
            # Its own listing is what breaks it: it would be lost and restored for ever.
            _log.error("redlist_breaks_itself", entry_id=number, policy_id=held.entry.policy_id)
            return None
        return changes

    # Private methods -------------------------------------------------------------

    def _look(self, reading: ListReading) -> RedlistLook:
        # A write's own revision is known to nobody else yet.
        known = min(reading.point.revision, self.desk.store.point().revision)
        return RedlistLook(self.desk.library.at(known), self.desk.calendar, self.scope.day)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms end, and those that a hazard should have ended otherwise end otherwise."""

    desk: ListDesk
    scope: Scope
    name: str = "term"

    @property
    def finders(self) -> Sequence[Finder]:
        """Find what ended by the day, what has no end, and what hazards may move."""
        day, changed, concerned = self.scope.day, self.scope.changed, self.scope.concerned
        return (
            lambda reads, after, limit: reads.expired(day, Stretch(concerned, after, limit)),
            lambda reads, after, limit: reads.endless(Stretch(concerned, after, limit)),
            lambda reads, after, limit: reads.ended_before_hazards(Stretch(changed, after, limit)),
        )

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether an entry should end, or have ended, otherwise."""
        calendar = self.desk.calendar
        return not is_term_right(reading, number, day=self.scope.day, calendar=calendar)

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Let an entry end as it should."""
        held, calendar = _held(write, number), self.desk.calendar
        return put_term_right(write, held, day=self.scope.day, calendar=calendar, reason=_RETIMED)


@dataclass(frozen=True, slots=True)
class Divisions:
    """Entries follow their enterprise to its name and the division that supervises it now.

    Whoever applies the measures there takes the list of its own division, and must not miss it; the
    authority that decided goes on to decide of it. The entries of the persons listed with a unit
    follow it, too, and those of a person's own case the unit that the case is about. Nor does an
    enterprise shake off its listing by another name.
    """

    scope: Scope
    name: str = "division"

    @property
    def finders(self) -> Sequence[Finder]:
        """Find the entries whose enterprise is elsewhere, or has another name."""
        day, concerned = self.scope.day, self.scope.concerned
        return (lambda reads, after, limit: reads.moved(day, Stretch(concerned, after, limit)),)

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether the enterprise of an entry is elsewhere, or has another name."""
        held = _held(reading, number)
        return self._now(reading, held) != held.entry

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Publish an entry anew, where its enterprise is and by its name."""
        held = _held(write, number)
        now, entry = self._now(write, held), held.entry
        if held.state is not EntryState.IN_FORCE or now == entry:
            return None
        reasons = []
        if now.division != entry.division:
            reasons.append(f"监管区划由{entry.division or 0:06d}变更为{now.division:06d}")
        if now.name != entry.name:
            reasons.append("单位名称已变更")
        file = find_case(write, held.case_id, revision=write.point.revision)
        days = (step.day for step in file.steps if step.entry_id == number)
        step = system_step(
            StepKind.CORRECT,
            held,
            day=max(self.scope.day, held.publish_date, *days),
            reason="；".join(reasons),
        )
        write.put_entry(replace(held, entry=now))
        write.add_step(held.case_id, step)
        return [now]

    # Private methods -------------------------------------------------------------

    def _now(self, reading: ListReading, held: HeldEntry) -> ListEntry:
        """Give an entry with its enterprise's division and name of today, where they are known."""
        revision, entry = reading.point.revision, held.entry
        case = find_case(reading, held.case_id, revision=revision).case
        division = division_now(reading, case, day=self.scope.day)
        at, number = Viewpoint(revision, self.scope.day), entry.subject_id
        subject = reading.subjects.by_number([number], at).get(number)
        # The name of a person is masked, and follows nothing.
        name = "" if subject is None or entry.person else subject.name
        return replace(
            entry,
            division=entry.division if division is None else division,
            name=name or entry.name,
        )


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_RETIMED: Final = "管理期限按现有记录重新计算"


def _held(reading: ListReading, entry_id: int) -> HeldEntry:
    return reading.entries.entries([entry_id], reading.point.revision)[entry_id]
