"""What the names of a version can be: between which numbers, whether missing, what they rest on."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from services.engine.assembly import NUMBER, Ref
from services.engine.children_file import CHILD_GRADE, SHARE, WORST
from services.engine.language import (
    ChildGroup,
    Choice,
    Comparison,
    Condition,
    Either,
    Elapsed,
    Every,
    Expression,
    Indicator,
    Input,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Operation,
    PeriodStart,
    Total,
    Value,
    Version,
)
from services.engine.records import ALWAYS_THERE, EARLIER
from services.engine.spans import (
    Extent,
    added,
    both,
    calculated,
    exactly,
    extreme,
    limits_of,
    multiplied,
    never_negative,
    opened,
    rounded,
    summed,
    union,
    written,
)
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary

Types = Mapping[str, Ref]
"""What each name of a version is; a name of a group of children is ``group.name``."""

_COUNTED: Final = {"count", "distinct"}
_DAYS: Final = {"first_day", "last_day"}
_LOWEST_OF_PEERS: Final = {"rank": 1, "percentile": 0, "count": 0}
_PERCENT: Final = 100
_ITS: Final = "its "

IT: Final = "it"
"""Name of one period's measure in the condition of a run of periods, as in `building`."""
_MAY_LACK: Final = {
    AttributeType.DAY,
    AttributeType.NUMBER,
    AttributeType.INDUSTRY,
    AttributeType.DIVISION,
}


class Extents:
    """Extents of the names of a version, for its subjects."""

    def __init__(
        self, version: Version, types: Types, vocabulary: Vocabulary, *, added_up: bool = True
    ) -> None:
        """Start with nothing worked out.

        Args:
            version: The version, which compiles.
            types: What its names are.
            vocabulary: The words that it uses.
            added_up: Whether a total ends where all its rules together can bring it; otherwise
                only where its floor and cap are, and on the side to which no rule moves it.
        """
        self.version = version
        self._added_up = added_up
        self.vocabulary = vocabulary
        # Whether there is no result without what ``no_data`` says of.
        self.requires = True
        self._types = types
        self._found: dict[str, Extent] = {}

    def type_of(self, name: str) -> tuple[Attribute, int] | None:
        """Give the type and the decimals of a name; nothing for one that is not known here."""
        ref = self._types.get(name)
        return None if ref is None else (ref.type, ref.scale)

    def knows(self, name: str) -> bool:
        """Say whether a name means something here."""
        return self.type_of(name) is not None

    def allowed(self, name: str) -> Condition | None:
        """Give the condition that a given value of a name meets; nothing where there is none."""
        given = self.version.inputs.get(name)
        return None if given is None else given.allowed

    def of(self, name: str) -> Extent:
        """Give the extent of a name; one that is not known here may be anything."""
        if name not in self._found:
            # What is worked out from itself, is refused when a version is compiled.
            self._found[name] = Extent(lacking=True, rests_on=frozenset({name}))
            self._found[name] = self._of(name)
        return self._found[name]

    def _of(self, name: str) -> Extent:
        version = self.version
        if name in version.inputs:
            return self._input(version.inputs[name])
        if name in version.indicators:
            return self._indicator(version.indicators[name])
        if name in version.values:
            return self._value(version.values[name])
        if name in version.totals:
            return self._total(version.totals[name])
        return self._found[name]

    # Names -------------------------------------------------------------------------------

    def _input(self, given: Input) -> Extent:
        found = Extent(rests_on=frozenset({given.name}))
        if given.origin == "peers":
            found = replace(self._of_peers(given), rests_on=found.rests_on)
        attribute = self.vocabulary.subject.get(given.attribute)
        if given.origin == "subject" and attribute is not None:
            found = replace(found, low=lowest_of(attribute))
        if given.allowed is not None:
            found = both(found, self._limits(given.allowed, given.name))
        return self._stand_in(found, given.if_missing, given.name)

    def _of_peers(self, given: Input) -> Extent:
        if given.attribute in _LOWEST_OF_PEERS or given.of is None:
            high = Fraction(_PERCENT) if given.attribute == "percentile" else None
            return Extent(low=Fraction(_LOWEST_OF_PEERS[given.attribute]), high=high)
        of = self.expression(given.of)
        if given.attribute == "sum":
            return summed(of)
        return rounded(of, given.places) if given.rounding else of

    def _limits(self, condition: Condition, name: str) -> Extent:
        """Give what a condition lets of a name; anything where it does not say."""
        match condition:
            case Every(parts):
                found = Extent()
                for part in parts:
                    found = both(found, self._limits(part, name))
                return found
            case Either(parts) if parts:
                return union(self._limits(part, name) for part in parts)
            case Comparison() if condition.name == name:
                operands = [self.expression(operand) for operand in condition.operands]
                return limits_of(condition.comparator, operands)
            case _:
                return Extent()

    def _is_word(self, absent: Expression) -> bool:
        """Say whether a word of codes stands in, which names nothing that could be missing."""
        return isinstance(absent, Literal) or (
            isinstance(absent, Name) and not self.knows(absent.name)
        )

    def _stand_in(self, found: Extent, absent: str | Expression, name: str = "") -> Extent:
        if isinstance(absent, str):
            return replace(found, lacking=absent == "unknown")
        of = self.type_of(name)
        if of is not None and of[0].type is AttributeType.CODE and self._is_word(absent):
            return replace(found, lacking=False)
        return union((found, self.expression(absent)))

    def _indicator(self, indicator: Indicator) -> Extent:
        if indicator.over:
            found = self._over(indicator)
        else:
            found = RecordExtents(self, indicator).measured()
        if not found.lacking:
            return found
        return self._stand_in(replace(found, lacking=False), indicator.if_none)

    def _over(self, indicator: Indicator) -> Extent:
        group = self.version.children.get(indicator.over)
        if group is None:
            return Extent(lacking=True)
        inside = ChildExtents(self, group)
        rests_on = inside.of(CHILD_GRADE).rests_on
        of = Extent() if indicator.of is None else inside.expression(indicator.of)
        of = replace(of, rests_on=of.rests_on | rests_on)
        match indicator.measure:
            case "count":
                return Extent(low=Fraction(0), rests_on=rests_on)
            case "sum":
                return summed(of)
            case measure if measure == SHARE:
                return Extent(low=Fraction(0), high=Fraction(1), lacking=True, rests_on=rests_on)
            case measure if measure == WORST:
                return Extent(lacking=True, rests_on=rests_on)
            case "mean":
                return replace(rounded(of, indicator.places or 0), lacking=True)
            case _:
                return replace(of, lacking=True)

    def _value(self, value: Value) -> Extent:
        found = self.expression(value.expression)
        if value.if_none is None or not found.lacking:
            return found
        return self._stand_in(replace(found, lacking=False), value.if_none, value.name)

    def _total(self, total: Total) -> Extent:
        rules = [rule for rule in self.version.rules if rule.total == total.name]
        amounts = [self.expression(rule.amount) for rule in rules if rule.amount is not None]
        if total.combine == "weighted_mean":
            weights = [self.expression(rule.weight) for rule in rules if rule.weight is not None]
            mean = union(amounts)
            if not all(never_negative(weight.low) for weight in weights):
                mean = replace(mean, low=None, high=None)
            found = self._stand_in(rounded(mean, total.places), total.if_none)
        elif total.combine == "product":
            factors = [union((one, exactly(1))) for one in amounts]
            if not self._added_up:
                factors = [replace(one, high=None) for one in factors]
            found = rounded(multiplied([self.expression(total.start), *factors]), total.places)
        else:
            # Whatever does not hold adds nothing.
            parts = [union((one, exactly(0))) for one in amounts]
            if not self._added_up:
                parts = [opened(one) for one in parts]
            more = added(parts) if total.combine == "sum" else union((*parts, exactly(0)))
            found = added([self.expression(total.start), more])
        rests_on = found.rests_on.union(*(self.rests_on(rule.when) for rule in rules))
        return self._bounded(replace(found, rests_on=rests_on), total)

    def _bounded(self, found: Extent, total: Total) -> Extent:
        if total.at_least is not None:
            floor_of = self.expression(total.at_least)
            found = extreme("max", [found, floor_of])
        if total.at_most is not None:
            found = extreme("min", [found, self.expression(total.at_most)])
        return found

    def rests_on(self, condition: Condition) -> frozenset[str]:
        """Name the inputs and kinds of records that a condition is about."""
        return frozenset[str]().union(
            *(
                self.of(one.name).rests_on.union(
                    *(self.expression(operand).rests_on for operand in one.operands)
                )
                for one in comparisons(condition)
            )
        )

    # Expressions ---------------------------------------------------------------------------

    def expression(self, expression: Expression) -> Extent:
        """Give the extent of an expression."""
        match expression:
            case Literal():
                return written(expression)
            case Name(name):
                return Extent() if name == "as_of" else self.of(name)
            case Lookup():
                return self._looked_up(expression)
            case Choice():
                found = union(
                    (self.expression(expression.then), self.expression(expression.otherwise))
                )
                return replace(found, rests_on=found.rests_on | self.rests_on(expression.when))
            case Operation():
                return calculated(
                    expression, [self.expression(operand) for operand in expression.operands]
                )
            case PeriodStart():
                return Extent()
            case MovedDay():
                return replace(self.expression(expression.day), low=None, high=None)
            case Elapsed():
                return self._elapsed(expression)

    def _elapsed(self, span: Elapsed) -> Extent:
        ends = [span.start] if span.end is None else [span.start, span.end]
        rests_on = frozenset[str]().union(*(self.expression(end).rests_on for end in ends))
        return Extent(low=Fraction(0), lacking=True, rests_on=rests_on)

    def _looked_up(self, lookup: Lookup) -> Extent:
        table = self.version.tables.get(lookup.table)
        if table is None:
            return Extent(lacking=True)
        names = [name for name, _ in table.outputs]
        output = names.index(lookup.output) if lookup.output in names else 0
        given = [row.outputs[output] for row in table.rows]
        if not isinstance(table.otherwise, str):
            given.append(table.otherwise[output])
        found = union(self.expression(one) for one in given)
        keys = (self.of(key).rests_on for key in table.keys)
        lacking = table.otherwise == "unknown" or (
            table.otherwise == "no_data" and not self.requires
        )
        return replace(
            found, lacking=found.lacking or lacking, rests_on=found.rests_on.union(*keys)
        )


class RecordExtents(Extents):
    """Extents of the names in a filter or a measure of records."""

    def __init__(self, outer: Extents, indicator: Indicator) -> None:
        """Look at the records of an indicator.

        Args:
            outer: Extents of the subjects' names.
            indicator: What is measured.
        """
        super().__init__(outer.version, {}, outer.vocabulary)
        self.requires = False
        self._outer = outer
        self._measured = indicator
        kinds = [outer.vocabulary.kinds[kind].attributes for kind in indicator.kinds]
        common = set[str](kinds[0]).intersection(*kinds) if kinds else set()
        self._attributes = {name: kinds[0][name] for name in sorted(common)}
        if indicator.relation:
            self._attributes |= outer.vocabulary.relations[indicator.relation]
        self._rests_on = frozenset(f"records of {kind}" for kind in indicator.kinds)

    def type_of(self, name: str) -> tuple[Attribute, int] | None:
        """Give the type and the decimals of a name; nothing for what is calculated."""
        if name in self._measured.each:
            return None
        if self._asks(name):
            return NUMBER, 0
        if name in self._attributes:
            return self._attributes[name], 0
        return self._outer.type_of(name)

    def knows(self, name: str) -> bool:
        """Say whether a name means something here."""
        return name in self._measured.each or super().knows(name)

    def allowed(self, name: str) -> Condition | None:
        """Give the condition that a name of the subject meets; nothing for those of the record."""
        own = name in self._measured.each or name in self._attributes or self._asks(name)
        return None if own else self._outer.allowed(name)

    def _asks(self, name: str) -> bool:
        """Say whether a name is how many records a record repeats."""
        return name == EARLIER and self._measured.repeats is not None

    def _of(self, name: str) -> Extent:
        if self._asks(name):
            return Extent(low=Fraction(0), rests_on=frozenset({f"{_ITS}{name}"}))
        if name in self._measured.each:
            return self.expression(self._measured.each[name])
        attribute = self._attributes.get(name)
        if attribute is None:
            return self._outer.of(name)
        lacking = name != ALWAYS_THERE and (attribute.optional or attribute.type in _MAY_LACK)
        # Records of one kind have attributes that do not depend on each other.
        return Extent(
            low=lowest_of(attribute), lacking=lacking, rests_on=frozenset({f"{_ITS}{name}"})
        )

    def measured(self) -> Extent:
        """Give the extent of what is measured; missing where no record counts, but for sums."""
        indicator = self._measured
        rests_on = self._rests_on
        if indicator.run is not None:
            periods = indicator.window.last - indicator.window.first + 1
            return Extent(low=Fraction(0), high=Fraction(periods), rests_on=rests_on)
        return self.measure_of_period()

    def measure_of_period(self) -> Extent:
        """Give the extent of the measure, of one period where it is of several in a row."""
        indicator, rests_on = self._measured, self._rests_on
        if indicator.measure in _COUNTED:
            return Extent(low=Fraction(0), rests_on=rests_on)
        if indicator.measure in _DAYS or indicator.of is None:
            return Extent(lacking=True, rests_on=rests_on)
        of = self.expression(indicator.of)
        of = replace(
            of, rests_on=rests_on | {one for one in of.rests_on if not one.startswith(_ITS)}
        )
        return summed(of) if indicator.measure == "sum" else replace(of, lacking=True)


class PeriodExtents(Extents):
    """Extents of the names in a condition on the measure of one period."""

    def __init__(self, outer: Extents, indicator: Indicator) -> None:
        """Look at the periods of an indicator that counts those in a row."""
        super().__init__(outer.version, {}, outer.vocabulary)
        self._outer = outer
        self._measure = RecordExtents(outer, indicator).measure_of_period()

    def type_of(self, name: str) -> tuple[Attribute, int] | None:
        """Give the type and the decimals of a name; nothing for the measure."""
        return None if name == IT else self._outer.type_of(name)

    def allowed(self, name: str) -> Condition | None:
        """Give the condition that a name of the subject meets."""
        return None if name == IT else self._outer.allowed(name)

    def _of(self, name: str) -> Extent:
        return self._measure if name == IT else self._outer.of(name)


class ChildExtents(Extents):
    """Extents of the names of one group of child subjects."""

    def __init__(self, outer: Extents, group: ChildGroup) -> None:
        """Look at the children of a group.

        Args:
            outer: Extents of the subjects' names.
            group: The group.
        """
        super().__init__(outer.version, {}, outer.vocabulary)
        self.requires = False
        self._outer = outer
        self._group = group
        kinds = [kind for one in group.measures.values() for kind in one.kinds]
        self._rests_on = frozenset(f"records of {kind}" for kind in (*group.roster.kinds, *kinds))

    def type_of(self, name: str) -> tuple[Attribute, int] | None:
        """Give the type and the decimals of a name; nothing for one that is not known here."""
        return self._outer.type_of(f"{self._group.name}.{name}") or self._outer.type_of(name)

    def _of(self, name: str) -> Extent:
        group = self._group
        if name == CHILD_GRADE:
            return Extent(lacking=True, rests_on=self._rests_on)
        if name in group.measures:
            found = RecordExtents(self, group.measures[name]).measured()
            if not found.lacking:
                return found
            return self._stand_in(replace(found, lacking=False), group.measures[name].if_none)
        if name in group.values:
            return self.expression(group.values[name].expression)
        if name == group.each:
            return Extent(lacking=True, rests_on=frozenset({name}))
        return self._outer.of(name)


def lowest_of(attribute: Attribute) -> Fraction | None:
    """Give the least number that an attribute can have; nothing where there is none."""
    counted = attribute.type is AttributeType.NUMBER and not attribute.signed
    return Fraction(0) if counted else None


def comparisons(condition: Condition) -> tuple[Comparison, ...]:
    """Give all comparisons of a condition, in the order in which they stand there."""
    match condition:
        case Comparison():
            return (condition,)
        case Every(parts) | Either(parts):
            return tuple(one for part in parts for one in comparisons(part))
        case _:
            return comparisons(condition.part)
