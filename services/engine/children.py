"""Compiling indicators over child subjects, once their groups are compiled."""

from dataclasses import replace
from typing import Final

import numpy as np

from services.engine.assembly import NUMBER, Assembly, Ref, Truth
from services.engine.child_groups import Counted, Group, GroupBuilder, Names
from services.engine.children_file import CHILD_GRADE, SHARE, WORST
from services.engine.frames import Frame, Step
from services.engine.grouping import (
    Column,
    as_set,
    count_each,
    mean_each,
    measure_each,
    share_each,
)
from services.engine.indicators import RECORDS_MOST
from services.engine.language import Indicator, Version
from services.engine.numbers import Cell, present
from services.engine.plan import ChildList
from services.engine.scales import Scales

_EMPTY: Final = 0


class ChildBuilder:
    """Compiles the indicators of one version that are over child subjects."""

    def __init__(
        self,
        assembly: Assembly,
        names: Names,
        version: Version,
        *,
        scales: Scales,
        policy_id: str,
    ) -> None:
        """Start without any; for the arguments see `GroupBuilder`."""
        self._assembly = assembly
        self._names = names
        self.groups = GroupBuilder(assembly, names, version, scales=scales, policy_id=policy_id)

    def indicator(self, indicator: Indicator) -> Ref:
        """Compile an indicator over children; what stands in for none is for the caller."""
        group = self.groups.group(indicator.over, indicator.place)
        scope = group.scope
        chosen = scope.condition(indicator.where)
        of = self._of(indicator, group)
        used = chosen.selections | (of.selections if of else frozenset())
        selections = frozenset(self._chosen(group, position, chosen) for position in used)
        selections |= {self._listed(group, chosen)}
        key = ("over", indicator.measure, group.roster, chosen.slot, of.slot if of else -1)
        slot = self._assembly.emit(
            (*key, indicator.places, indicator.rounding), _over(indicator, group, chosen, of)
        )
        places = indicator.places or 0
        if of is None or indicator.measure == WORST:
            kind = of.type if of else NUMBER
            optional = indicator.measure != "count"
            bound = RECORDS_MOST if indicator.measure == "count" else 10**places
            return Ref(slot, kind, places, optional, selections, bound=bound)
        scale = places if indicator.measure == "mean" else of.scale
        bound = None
        if indicator.measure in {"min", "max"}:
            bound = of.bound
        elif indicator.measure == "sum" and of.bound is not None:
            bound = of.bound * RECORDS_MOST
        kind = NUMBER if indicator.measure in {"sum", "mean"} else of.type
        return Ref(slot, kind, scale, indicator.measure != "sum", selections, bound=bound)

    # Indicators over them ------------------------------------------------------------------

    def _of(self, indicator: Indicator, group: Group) -> Ref | None:
        if indicator.measure == WORST:
            if group.group.grade is None:
                raise self._assembly.refuse(
                    indicator.place, "unknown-name", f"{group.group.name!r} have no grades"
                )
            return group.scope.names[CHILD_GRADE]
        if indicator.of is None:
            return None
        if indicator.measure in {"sum", "mean"}:
            return group.scope.number(indicator.of)
        return group.scope.expression(indicator.of)

    def _chosen(self, group: Group, position: int, chosen: Truth) -> int:
        """Note the records of the children that count; give the position of the selection."""
        counted = group.counted.get(position)
        return position if counted is None else self._narrowed(group, counted, chosen)

    def _listed(self, group: Group, chosen: Truth) -> int:
        """Note the children that count, with the records that make them children."""
        position = self._narrowed(group, group.members, chosen)
        listed = ChildList(group.group.each, group.roster, chosen.slot, group.words)
        selections = self._names.selections
        selections[position] = replace(selections[position], children=listed)
        return position

    def _narrowed(self, group: Group, counted: Counted, chosen: Truth) -> int:
        """Narrow a selection down to the records of the children that count."""
        selections = self._names.selections
        base, child, truth = selections[counted.position], counted.child, chosen.slot
        roster, inside, passing = group.roster, base.mask, base.held

        def theirs(frame: Frame) -> Cell:
            place = frame.slots[child]
            held = np.broadcast_to(frame.slots[truth], (frame.slots[roster].size,))
            found = place >= 0
            found[found] = held[place[found]]
            return as_set(found) if isinstance(frame.slots[inside], int) else found

        own = self._assembly.emit(("theirs", child, truth), theirs)

        def both(slot: int) -> int:
            def step(frame: Frame) -> Cell:
                held = frame.slots[slot]
                if isinstance(held, bool):
                    return frame.slots[own] if held else _EMPTY
                return held & frame.slots[own]

            return self._assembly.emit(("of theirs", slot, own), step)

        selections.append(replace(base, mask=both(inside), held=both(passing)))
        return len(selections) - 1


# Private functions -----------------------------------------------------------


def _over(indicator: Indicator, group: Group, chosen: Truth, of: Ref | None) -> Step:
    roster, truth, operand = group.roster, chosen.slot, -1 if of is None else of.slot
    measure, places, rounding = indicator.measure, indicator.places or 0, indicator.rounding
    scale = 0 if of is None else of.scale

    def step(frame: Frame) -> Cell:
        children, size = frame.slots[roster], frame.population.size
        held = np.broadcast_to(frame.slots[truth], (children.size,))
        owners = children.subjects[held]
        if operand < 0:
            count = count_each(owners, size)
            if measure == SHARE:
                whole = count_each(children.subjects, size)
                return frame.single(share_each(count, whole, places, rounding))
            return frame.single(count)
        values: Column = np.broadcast_to(
            np.asarray(frame.slots[operand], dtype=np.int64), (children.size,)
        )[held]
        if measure != "mean":
            return frame.single(measure_each(measure, owners, values, size))
        sums = measure_each("sum", owners, values, size)
        counts = count_each(owners[present(values)], size)
        mean = mean_each(sums, counts, scale=scale, places=places, rounding=rounding)
        return frame.single(mean)

    return step
