"""Compiling child subjects: who they are, what is measured of each, and indicators over them.

A subject's records are grouped by what they say they belong to: a person, a project, a sub-unit.
Who is a child, the roster says, so that one without any other record counts too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from services.engine.assembly import DAY, NUMBER, Assembly, Ref, largest_bound
from services.engine.child_scope import ChildScope, SubjectNames
from services.engine.children_file import CHILD_GRADE
from services.engine.frames import Frame, Step
from services.engine.grouping import (
    Column,
    count_each,
    keys_of,
    measure_each,
    roster_of,
    rows_of,
    values_of,
)
from services.engine.indicators import RECORDS_MOST, select_records
from services.engine.language import (
    ChildGroup,
    Expression,
    GradeScale,
    Indicator,
    Name,
    Place,
    Version,
)
from services.engine.numbers import MISSING, Cell, or_else, pick, present
from services.engine.plan import Selection
from services.engine.population import Sources
from services.engine.records import RecordScope
from services.engine.scales import Scales
from services.engine.vocabulary import Attribute, AttributeType

_NAMING: Final = frozenset(
    {
        AttributeType.NUMBER,
        AttributeType.CODE,
        AttributeType.DIVISION,
        AttributeType.INDUSTRY,
    }
)
_MAY_LACK: Final = frozenset({AttributeType.DIVISION, AttributeType.INDUSTRY})
_EMPTY: Final = 0


class Names(SubjectNames, Protocol):
    """What children need of the version that is compiled."""

    selections: list[Selection]

    def record_scope(self, indicator: Indicator) -> RecordScope:
        """Make the scope of an indicator's records."""

    def whole(self, length: int | Name) -> int:
        """Give a length that may be named."""

    def require(self, name: str, missing: int) -> None:
        """Note that there is no result where a slot holds.

        Args:
            name: What is missing then.
            missing: Slot of the truth.
        """


@dataclass(slots=True)
class Counted:
    """Records that a group counts.

    Attributes:
        position: Position of their selection.
        child: Slot with the child of each record, -1 for none.
    """

    position: int
    child: int


@dataclass(slots=True)
class Group:
    """A group of children, compiled.

    Attributes:
        roster: Slot of the roster.
        members: Records of the roster.
        counted: Records behind the measures, by position of their selection.
    """

    group: ChildGroup
    scope: ChildScope
    roster: int
    members: Counted
    words: Mapping[int, str]
    counted: dict[int, Counted] = field(default_factory=dict)


def child_scale(policy_id: str, group: str) -> str:
    """Name the scale of the grades of a group of children."""
    return f"{policy_id}/{group}"


def child_scales(policy_id: str, version: Version) -> dict[str, tuple[str, ...]]:
    """Give the scales of a version's groups of children."""
    return {
        child_scale(policy_id, name): group.grade.ladder
        for name, group in version.children.items()
        if group.grade is not None
    }


class GroupBuilder:
    """Compiles the groups of children of one version."""

    def __init__(
        self,
        assembly: Assembly,
        names: Names,
        version: Version,
        *,
        scales: Scales,
        policy_id: str,
    ) -> None:
        """Start without any.

        Args:
            assembly: Where the steps go.
            names: The names of the version.
            version: The version.
            scales: Ladders of policies and of groups of children.
            policy_id: The policy.
        """
        self._assembly = assembly
        self._names = names
        self._version = version
        self._scales = scales
        self._policy_id = policy_id
        self._groups: dict[str, Group] = {}
        self._open: list[str] = []

    def types(self) -> dict[str, Ref]:
        """Give what each name of each group is, by group and name."""
        return {
            f"{name}.{own}": ref
            for name, group in self._groups.items()
            for own, ref in group.scope.names.items()
        }

    def group(self, name: str, place: Place) -> Group:
        """Compile a group of children, once."""
        if name in self._groups:
            return self._groups[name]
        group = self._version.children.get(name)
        if group is None:
            known = ", ".join(self._version.children) or "none"
            raise self._assembly.refuse(
                place, "unknown-name", f"no children are called {name!r}; there are {known}"
            )
        if name in self._open:
            raise self._assembly.refuse(place, "cycle", f"{name!r} is worked out from itself")
        self._open.append(name)
        try:
            self._groups[name] = self._compiled(group)
        finally:
            self._open.pop()
        return self._groups[name]

    # Who they are --------------------------------------------------------------------

    def _compiled(self, group: ChildGroup) -> Group:
        scope = self._names.record_scope(group.roster)
        key = self._key(group, scope, group.roster.place)
        mask, position = self._select(group.roster, scope)
        self._check_unnamed(group, key)
        roster = self._roster(group, scope.sources, mask)
        child = self._children_of(group, scope.sources, roster)
        children = ChildScope(
            self._assembly,
            roster,
            subject=self._names,
            scales=self._scales,
            values=group.values,
        )
        children.names[group.each] = Ref(
            self._assembly.emit(("keys", roster), lambda frame: frame.slots[roster].keys),
            key.type,
            optional=group.unnamed == "together",
        )
        words = scope.codes(key.type.codes) if key.type.type is AttributeType.CODE else {}
        found = Group(
            group,
            children,
            roster,
            Counted(position, child),
            {number: word for word, number in words.items()},
        )
        self._need_names(group, scope.sources, mask)
        for name, measure in group.measures.items():
            children.names[name] = self._measure(found, measure, key.type)
        for name, value in group.values.items():
            children.resolve(name, value.place)
        if group.grade is not None:
            children.names[CHILD_GRADE] = self._grade(found, group.grade)
        return found

    def _select(self, indicator: Indicator, scope: RecordScope) -> tuple[int, int]:
        selections = self._names.selections
        mask = select_records(indicator, scope, selections=selections, whole=self._names.whole)
        return mask, len(selections) - 1

    def _key(self, group: ChildGroup, scope: RecordScope, place: Place) -> Ref:
        """Find the attribute that names the child."""
        if not scope.has(group.each):
            kinds = " and ".join(scope.sources)
            raise self._assembly.refuse(
                place, "unknown-name", f"{kinds} does not say which {group.each!r} it belongs to"
            )
        ref = scope.resolve(group.each, place)
        if ref.type.type not in _NAMING:
            raise self._assembly.refuse(
                place, "type", f"{group.each!r} names no child: neither a code nor a number"
            )
        return ref

    def _check_unnamed(self, group: ChildGroup, key: Ref) -> None:
        lacking = key.type.optional or key.type.type in _MAY_LACK
        if lacking and not group.unnamed:
            raise self._assembly.refuse(
                group.place,
                "missing-unnamed",
                f"a record may lack {group.each!r}; say with 'unnamed' what happens then:"
                " left_out, together or no_data",
            )

    def _roster(self, group: ChildGroup, sources: Sources, mask: int) -> int:
        each, together = group.each, group.unnamed == "together"

        def step(frame: Frame) -> Cell:
            records = frame.population.of(sources)
            rows = rows_of(frame.slots[mask], records)
            keys, subjects = keys_of(records, each)[rows], records.subjects[rows]
            if not together:
                named = present(keys)
                keys, subjects = keys[named], subjects[named]
            return roster_of(subjects, keys)

        return self._assembly.emit(("roster", group.name), step)

    def _children_of(self, group: ChildGroup, sources: Sources, roster: int) -> int:
        each = group.each

        def step(frame: Frame) -> Cell:
            records = frame.population.of(sources)
            return frame.slots[roster].places(records.subjects, keys_of(records, each))

        return self._assembly.emit(("children of", group.name, sources), step)

    def _need_names(self, group: ChildGroup, sources: Sources, mask: int) -> None:
        """Note that there is no result where a record that counts names nobody."""
        if group.unnamed != "no_data":
            return
        each = group.each

        def step(frame: Frame) -> Cell:
            records = frame.population.of(sources)
            rows = rows_of(frame.slots[mask], records)
            unnamed = np.logical_not(present(keys_of(records, each)[rows]))
            return _some(frame, records.subjects[rows][unnamed])

        slot = self._assembly.emit(("unnamed", group.name, sources, mask), step)
        self._names.require(f"{group.name}.{each}", slot)

    # What is measured of each ----------------------------------------------------------

    def _measure(self, found: Group, measure: Indicator, kind: Attribute) -> Ref:
        group = found.group
        scope = self._names.record_scope(measure)
        key = self._key(group, scope, measure.place)
        if (key.type.type, key.type.codes) != (kind.type, kind.codes):
            raise self._assembly.refuse(
                measure.place, "type", f"{group.each!r} is something else in the roster"
            )
        self._check_unnamed(group, key)
        mask, position = self._select(measure, scope)
        self._need_names(group, scope.sources, mask)
        child = self._children_of(group, scope.sources, found.roster)
        found.counted[position] = Counted(position, child)
        of = _operand(measure, scope)
        slot = self._assembly.emit(
            ("of child", measure.measure, mask, child, of.slot if of else -1),
            _measured(measure.measure, of, _Taken(scope.sources, mask, child, found.roster)),
        )
        selections = frozenset({position})
        if of is None or measure.measure == "distinct":
            return Ref(slot, NUMBER, selections=selections, bound=RECORDS_MOST)
        bound = of.bound
        if measure.measure == "sum" and bound is not None:
            bound *= RECORDS_MOST
        optional = measure.measure != "sum"
        ref = Ref(slot, of.type, of.scale, optional, selections, bound=bound)
        return self._filled(found, ref, measure) if optional else ref

    def _filled(self, found: Group, ref: Ref, measure: Indicator) -> Ref:
        """Put in what stands for a child without a record, or note that it needs one."""
        absent, scope = measure.if_none, found.scope
        if absent == "unknown":
            return ref
        if isinstance(absent, str):
            self._need(found, measure.name, ref.slot, MISSING)
            return ref
        other = _alternative(absent, ref, scope)
        scale = max(ref.scale, other.scale)
        value, instead = scope.at_scale(ref, scale), scope.at_scale(other, scale)
        slot = scope.calculate(
            ("instead", value.slot, instead.slot), (value.slot, instead.slot), or_else
        )
        return replace(
            value,
            slot=slot,
            optional=instead.optional,
            bound=largest_bound((value, instead)),
            selections=value.selections | instead.selections,
        )

    def _grade(self, found: Group, grade: GradeScale) -> Ref:
        """Compile the ladder: the first band that holds gives a child's grade."""
        selections = frozenset[int]()
        bands: list[tuple[int, int]] = []
        for band in grade.start:
            if band.grade not in grade.ladder:
                raise self._assembly.refuse(
                    band.place, "unknown-grade", f"{band.grade!r} is not on the ladder"
                )
            when = found.scope.condition(band.when)
            selections |= when.selections
            bands.append((when.slot, grade.ladder.index(band.grade) + 1))

        def step(frame: Frame) -> Cell:
            place: Cell = 0
            for slot, number in reversed(bands):
                place = pick(frame.slots[slot], number, place)
            return place

        slot = self._assembly.emit(("child grade", tuple(bands)), step)
        self._need(found, CHILD_GRADE, slot, 0)
        kind = Attribute(AttributeType.CODE, child_scale(self._policy_id, found.group.name))
        return Ref(slot, kind, selections=selections, bound=len(grade.ladder))

    def _need(self, found: Group, name: str, slot: int, nothing: int) -> None:
        """Note that there is no result where a child has nothing in a slot."""
        roster = found.roster

        def step(frame: Frame) -> Cell:
            children = frame.slots[roster]
            missing = np.broadcast_to(frame.slots[slot] == nothing, (children.size,))
            return _some(frame, children.subjects[missing])

        self._names.require(
            f"{found.group.name}.{name}", self._assembly.emit(("lacking", roster, slot), step)
        )


# Private functions -----------------------------------------------------------


def _operand(measure: Indicator, scope: RecordScope) -> Ref | None:
    if measure.measure == "count":
        return None
    if measure.measure in {"first_day", "last_day"}:
        of = scope.widened(scope.resolve(measure.window.day, measure.place))
        return replace(of, type=DAY, scale=0)
    assert measure.of is not None, "the reader gives every other measure its operand"
    return scope.expression(measure.of)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Records that are measured: slots of their set, of the child of each, and of the roster."""

    sources: Sources
    mask: int
    child: int
    roster: int


def _measured(measure: str, of: Ref | None, taken: _Taken) -> Step:
    operand = -1 if of is None else of.slot

    def step(frame: Frame) -> Cell:
        slots, size = frame.slots, frame.slots[taken.roster].size
        rows = rows_of(slots[taken.mask], frame.population.of(taken.sources))
        owners = slots[taken.child][rows]
        rows, owners = rows[owners >= 0], owners[owners >= 0]
        if operand < 0:
            return count_each(owners, size)
        return measure_each(measure, owners, values_of(slots[operand], rows), size)

    return step


def _some(frame: Frame, subjects: Column) -> Cell:
    """Say which subjects are among some."""
    if frame.population.size == 1:
        return bool(subjects.size)
    found = np.zeros(frame.population.size, dtype=np.bool_)
    found[subjects] = True
    return found


def _alternative(absent: Expression, ref: Ref, scope: ChildScope) -> Ref:
    if ref.type.type is AttributeType.CODE and isinstance(absent, Name):
        numbers = scope.codes(ref.type.codes)
        if absent.name in numbers:
            number = numbers[absent.name]
            return Ref(scope.assembly.constant(number), ref.type, constant=number)
    return scope.expression(absent)
