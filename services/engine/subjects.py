"""Compiling over subjects: the names of a policy, and what changes with them by time alone."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from services.engine.assembly import Assembly, Ref
from services.engine.conditions import Scope
from services.engine.days import NEVER, next_full, next_full_each
from services.engine.frames import Frame
from services.engine.language import Lookup, Place
from services.engine.numbers import MISSING, Cell
from services.engine.operations import Function, line_of
from services.engine.records import earliest
from services.engine.scales import Scales, code_numbers
from services.engine.unrolled import Line


class SubjectScope(Scope):
    """Names of a policy: inputs, indicators, values, totals and outputs of tables."""

    def __init__(
        self,
        assembly: Assembly,
        *,
        named: Callable[[str, Place], Ref],
        table: Callable[[Lookup, Scope], Ref],
        scales: Scales,
    ) -> None:
        """Compile over subjects.

        Args:
            assembly: Where the steps go.
            named: Finds what a name of the version means.
            table: Compiles a table's output in a scope.
            scales: Ladders and statuses of policies whose results are compared.
        """
        super().__init__(assembly)
        self._named = named
        self._table = table
        self._scales = scales

    def resolve(self, name: str, place: Place) -> Ref:
        """Find what a name of the version means."""
        return self._named(name, place)

    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output for each subject."""
        return self._table(lookup, self)

    def codes(self, name: str) -> Mapping[str, int]:
        """Give the numbers of a code set, or of the words of a policy's results."""
        found = code_numbers(self._scales, name)
        return super().codes(name) if found is None else found

    def ladders(self) -> Mapping[str, Any]:
        """Give the ladders of policies."""
        return {name: scale for name, scale in self._scales.items() if "#" not in name}

    def calculate(self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function) -> int:
        """Add a step: numbers of subjects as a function of numbers."""
        return self.assembly.emit(key, _over_subjects(slots, function), line_of(function, slots))

    def decide(
        self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function, *, text: str = ""
    ) -> int:
        """Add a step: truths of subjects as a function of numbers."""
        line = Line(text, slots) if text else line_of(function, slots)
        return self.assembly.emit(key, _over_subjects(slots, function), line)

    def equal(self, key: tuple[Any, ...], slot: int, constant: int) -> int:
        """Add a step: whether a number is a constant."""
        line = Line(f"{{0}} == {constant}", (slot,))
        return self.assembly.emit(key, lambda frame: frame.slots[slot] == constant, line)

    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that a comparison of a day with the as-of day changes by time alone."""
        late = 1 if comparator in {"before", "on_or_after"} else 0
        self._change(("passed", late), ref, lambda days, _as_of: days + late)

    def watch_age(self, ref: Ref, unit: str) -> None:
        """Note that the time elapsed since a day changes as time goes on."""

        def turn(days: Cell, as_of: int) -> Cell:
            if isinstance(days, int):
                return next_full(days, as_of, unit)
            return next_full_each(days.astype(np.int32), as_of, unit)

        self._change(("age", unit), ref, turn)

    def _change(self, key: tuple[Any, ...], ref: Ref, turn: Callable[[Cell, int], Cell]) -> None:
        slot = ref.slot

        def change(frame: Frame) -> Cell:
            days, as_of = frame.slots[slot], frame.as_of
            if isinstance(days, int):
                day = NEVER if days == MISSING else turn(days, as_of)
                return day if day > as_of else NEVER
            known = np.flatnonzero(days > np.iinfo(days.dtype).min)
            turned = turn(days[known], as_of)
            ahead = turned > as_of
            return earliest(frame, known[ahead], turned[ahead].astype(np.int32))

        self.assembly.change((*key, slot), change)


# Private functions -----------------------------------------------------------


def _over_subjects(slots: tuple[int, ...], function: Function) -> Callable[[Frame], Cell]:
    if len(slots) == 1:
        (only,) = slots
        return lambda frame: function(frame.slots[only])
    if len(slots) == 2:  # noqa: PLR2004 -- most steps; quicker without a list.
        first, second = slots
        return lambda frame: function(frame.slots[first], frame.slots[second])
    return lambda frame: function(*[frame.slots[slot] for slot in slots])
