"""Compiling over child subjects: names of a child, then those of the subject it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

import numpy as np

from services.engine.assembly import Assembly, Ref
from services.engine.conditions import Scope
from services.engine.days import NEVER, next_full, next_full_each
from services.engine.frames import Frame
from services.engine.language import Lookup, Place, Value
from services.engine.numbers import MISSING, Cell
from services.engine.operations import Function
from services.engine.records import earliest
from services.engine.scales import Scales, code_numbers


class SubjectNames(Protocol):
    """What a scope of children needs of the version that is compiled."""

    def of_subject(self, name: str, place: Place) -> Ref | None:
        """Find a name of the subject; nothing where there is none."""

    def table(self, lookup: Lookup, scope: Scope) -> Ref:
        """Compile a table's output in a scope."""


class ChildScope(Scope):
    """Names inside a condition on children: what is measured of them, then the subject's names."""

    def __init__(
        self,
        assembly: Assembly,
        roster: int,
        *,
        subject: SubjectNames,
        scales: Scales,
        values: Mapping[str, Value],
    ) -> None:
        """Compile over the children of a roster.

        Args:
            assembly: Where the steps go.
            roster: Slot of the roster.
            subject: Names of the subject, and tables.
            scales: Ladders of policies and of groups of children.
            values: Named expressions over a child.
        """
        super().__init__(assembly)
        self.names: dict[str, Ref] = {}
        self._roster = roster
        self._subject = subject
        self._scales = scales
        self._values = values
        self._open: list[str] = []

    def resolve(self, name: str, place: Place) -> Ref:
        """Find what is measured or worked out of a child, or a name of its subject."""
        if name not in self.names and name in self._values:
            self.names[name] = self._worked_out(name, place)
        found = self.names.get(name)
        return self._spread(name, place) if found is None else found

    def _worked_out(self, name: str, place: Place) -> Ref:
        if name in self._open:
            raise self.assembly.refuse(place, "cycle", f"{name!r} is worked out from itself")
        self._open.append(name)
        try:
            return self.expression(self._values[name].expression)
        finally:
            self._open.pop()

    def _spread(self, name: str, place: Place) -> Ref:
        """Give every child what its subject has."""
        ref = self._subject.of_subject(name, place)
        if ref is None:
            known = ", ".join(self.names)
            raise self.assembly.refuse(
                place, "unknown-name", f"a child has no {name!r}; it has {known}"
            )
        slot, roster = ref.slot, self._roster

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            if isinstance(values, np.ndarray) and values.ndim:
                return values[frame.slots[roster].subjects]
            return values

        return replace(ref, slot=self.assembly.emit(("of subject", roster, slot), step))

    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output for each child."""
        return self._subject.table(lookup, self)

    def codes(self, name: str) -> Mapping[str, int]:
        """Give the numbers of a code set, or of the words of a ladder."""
        found = code_numbers(self._scales, name)
        return super().codes(name) if found is None else found

    def ladders(self) -> Mapping[str, Any]:
        """Give the ladders whose grades may be compared."""
        return {name: scale for name, scale in self._scales.items() if "#" not in name}

    def calculate(self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function) -> int:
        """Add a step: numbers of children as a function of numbers."""
        return self.assembly.emit(
            key, lambda frame: function(*[frame.slots[slot] for slot in slots])
        )

    def decide(
        self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function, *, text: str = ""
    ) -> int:
        """Add a step: truths of children as a function of numbers."""
        del text  # Children are columns, even those of a subject alone.
        return self.calculate(key, slots, function)

    def equal(self, key: tuple[Any, ...], slot: int, constant: int) -> int:
        """Add a step: whether a number is a constant."""
        return self.assembly.emit(key, lambda frame: frame.slots[slot] == constant)

    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that a comparison of a child's day with the as-of day changes by time alone."""
        late = _LATE.get(comparator, 0)
        self._change(("passed", late), ref, lambda days, _as_of: days + late)

    def watch_age(self, ref: Ref, unit: str) -> None:
        """Note that the time elapsed since a child's day changes as time goes on."""

        def turn(days: Cell, as_of: int) -> Cell:
            if isinstance(days, int):
                return next_full(days, as_of, unit)
            return next_full_each(days.astype(np.int32), as_of, unit)

        self._change(("age", unit), ref, turn)

    def _change(self, key: tuple[Any, ...], ref: Ref, turn: Callable[[Cell, int], Cell]) -> None:
        slot, roster = ref.slot, self._roster

        def change(frame: Frame) -> Cell:
            days, as_of = frame.slots[slot], frame.as_of
            if isinstance(days, int):
                day = NEVER if days == MISSING else turn(days, as_of)
                return day if day > as_of else NEVER
            known = np.flatnonzero(days != np.iinfo(days.dtype).min)
            turned = turn(days[known], as_of)
            ahead = turned > as_of
            subjects = frame.slots[roster].subjects
            return earliest(frame, subjects[known][ahead], turned[ahead].astype(np.int32))

        self.assembly.change((*key, slot, "of children", roster), change)


# "X before as_of" and "as_of on or before X" change on the day after X, the others on X.
_LATE: Final = {"before": 1, "on_or_after": 1}
