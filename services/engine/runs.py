"""Compiling runs of periods: how many, counted back from the last, are as a policy says.

A period that did not begin yet for the subject, or of which nobody knows when it began, is none: it
ends the run, so that nobody has clean years from before it was founded or insured.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from services.engine.assembly import NUMBER, Ref, Truth
from services.engine.days import NEVER, move_day, period_start
from services.engine.frames import Frame
from services.engine.language import Indicator, Name
from services.engine.numbers import Cell, pick, present
from services.engine.records import RecordScope
from services.engine.vocabulary import AttributeType
from services.engine.windows import anniversary_edge


class Period(NamedTuple):
    """One period of a run.

    Attributes:
        holds: Slot of whether it is as the policy says.
        records: Slot of the records that count in it.
    """

    holds: int
    records: int


class Periods:
    """When the periods of a run begin for each subject, and whether they are any."""

    def __init__(
        self, indicator: Indicator, scope: RecordScope, *, whole: Callable[[int | Name], int]
    ) -> None:
        """Find the days that the periods hang on.

        Args:
            indicator: What the file says.
            scope: Its records.
            whole: Gives a length that may be named.
        """
        self._scope = scope
        self._window = window = indicator.window
        self._months = whole(window.length)
        self._place = indicator.place
        self._start = self._day(window.start) if window.start else None
        self._since = self._day(indicator.since) if indicator.since else None
        days = [ref for ref in (self._start, self._since) if ref is not None]
        self.selections = frozenset[int]().union(*(ref.selections for ref in days))
        if window.form == "anniversary" or (days and window.form == "calendar"):
            self._watch()

    def counted(self, period: int, truth: Truth) -> int:
        """Add a step: whether a period is one and a truth holds in it; give its slot."""
        if self._start is None and self._since is None:
            return truth.slot
        held, since = truth.slot, self._since
        key = ("period", self._window, period, None if since is None else since.slot, held)

        def step(frame: Frame) -> Cell:
            begins = self._begins(frame, period)
            there = present(begins)
            if self._start is not None and self._window.form == "anniversary":
                there = there & (begins >= frame.slots[self._start.slot])
            if since is not None:
                day = frame.slots[since.slot]
                there = there & present(day) & (begins >= day)
            return there & frame.slots[held]

        return self._scope.assembly.emit(key, step)

    # Private methods -------------------------------------------------------------

    def _day(self, name: str) -> Ref:
        """Find a day of the subject."""
        scope, place = self._scope, self._place
        ref = None if scope.has(name) else scope.of_subject(name, place)
        if ref is None or ref.type.type is not AttributeType.DAY:
            message = f"{name!r} is no day of the subject, from which periods could be counted"
            raise scope.assembly.refuse(place, "type", message)
        return ref

    def _begins(self, frame: Frame, period: int) -> Cell:
        """Give the first day of a period; missing where nobody knows it."""
        window, as_of = self._window, frame.as_of
        if self._start is None:
            return period_start(as_of, window.unit, period)
        start = frame.slots[self._start.slot]
        if window.form == "back":
            return move_day(start, "months", period * self._months)
        return anniversary_edge(start, as_of, period, months=self._months)

    def _watch(self) -> None:
        """Note the day on which the present period is over; records do not tell of it."""
        window, start, months = self._window, self._start, self._months
        if start is None:
            self._scope.assembly.change(
                ("period", window.unit), lambda frame: period_start(frame.as_of, window.unit, 1)
            )
            return
        slot = start.slot

        def change(frame: Frame) -> Cell:
            day = frame.slots[slot]
            after = anniversary_edge(day, frame.as_of, 1, months=months)
            turn = pick(present(day) & (day > frame.as_of), day, after)
            found = pick(present(turn), turn, NEVER)
            return found if isinstance(found, int) else found.astype(np.int32)

        self._scope.assembly.change(("anniversary", slot, months), change)


def compile_run(periods: Sequence[Period], scope: RecordScope, selections: frozenset[int]) -> Ref:
    """Compile how many periods hold, from the last one back, without a break.

    Args:
        periods: The last one first.
        scope: The records.
        selections: Indicators that it rests on.
    """
    truths = tuple(one.holds for one in periods)

    def step(frame: Frame) -> Cell:
        unbroken: Cell = True
        count: Cell = 0
        for slot in truths:
            unbroken = unbroken & frame.slots[slot]
            count = count + unbroken
        return count

    slot = scope.assembly.emit(("run", truths), step)
    return Ref(slot, NUMBER, selections=selections, bound=len(truths))


def unbroken_records(periods: Sequence[Period], scope: RecordScope) -> int:
    """Add a step: the records of the periods of a run that is not broken yet; give its slot."""
    sources = scope.sources

    def step(frame: Frame) -> Cell:
        slots, subjects = frame.slots, frame.population.of(sources).subjects
        unbroken: Cell = True
        behind: Cell = 0
        for truth, rows in periods:
            unbroken = unbroken & slots[truth]
            held = slots[rows]
            if type(held) is int:
                behind |= held if unbroken else 0
            else:
                behind |= held & (unbroken if type(unbroken) is bool else unbroken[subjects])
        return behind

    return scope.assembly.emit(("unbroken", sources, tuple(periods)), step)
