"""Units that must agree: of what is compared, added up, held against each other, or a window's."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.extents import comparisons
from services.engine.language import (
    ChildGroup,
    Choice,
    Comparison,
    Condition,
    Elapsed,
    Expression,
    Indicator,
    Input,
    Lookup,
    Name,
    Operation,
    Output,
    Place,
    Policy,
    Rule,
    Table,
    Total,
    Value,
    Version,
    Window,
)
from services.engine.vocabulary import Vocabulary


def check_fitting(policy: Policy, version: Version, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check that units which meet agree, as far as the vocabulary knows them.

    What is multiplied or divided has a unit that only its author knows.

    Args:
        policy: The policy.
        version: One of its versions.
        vocabulary: The words that it uses.
    """
    units = _Units(version, vocabulary)
    for place, message in units.misfits():
        yield problem_at(policy.file, place, "unit", message)


# Private functions -----------------------------------------------------------

_Found = Iterator[tuple[Place, str]]

_LENGTHS: Final = {"years": "year", "months": "month", "days": "day"}
_LIKE: Final = {"working_day": "day", "mark": "point", "yuan": "CNY"}
"""Units that are written differently and meet all the same: what a number of days is counted in,
points that somebody else gave, and yuan by their name."""

_MONEY: Final = frozenset({"CNY", "fen"})
_OF_MONEY: Final = frozenset({"yuan", "CNY", "RMB", "元", "万元", "亿元"})
"""Words in a unit of money that the vocabulary does not have, such as ten thousand yuan."""

_PER: Final = frozenset({"per", "a", "an"})

_JOINING: Final = frozenset({"add", "subtract", "min", "max"})
_NO_POWERS: Final = frozenset(
    {"CNY", "fen", "percent", "per mille", "hundredth", "basis point", "date"}
)
"""Units in which no power is: what it would be depends on how they are written."""
_SCALED: Final = frozenset(
    {
        *("CNY", "fen", "point", "year", "month", "day", "person"),
        *("percent", "per mille", "ratio", "hundredth", "basis point"),
    }
)
"""Units of amounts. What counts records of one kind may meet what counts those of another."""


@dataclass(frozen=True, slots=True)
class _Units:
    version: Version
    vocabulary: Vocabulary
    own: Callable[[str], str] = lambda _name: ""

    def misfits(self) -> _Found:
        version = self.version
        yield from self._conditions(*self._plain_conditions())
        for given in version.inputs.values():
            yield from self._stands_in(given, self._unit(given.name))
        parts: list[Value | Output] = [*version.values.values(), *version.outputs.values()]
        for part in parts:
            yield from self._named(part)
        for table in version.tables.values():
            yield from self._rows(table)
        for indicator in version.indicators.values():
            yield from self._indicator(indicator)
        for group in version.children.values():
            yield from self._group(group)
        for total in version.totals.values():
            yield from self._total(total)
        for rule in version.rules:
            yield from self._rule(rule)

    def _plain_conditions(self) -> list[Condition]:
        """Give the conditions on names of the subject, those of rules aside."""
        version = self.version
        allowed = (one.allowed for one in version.inputs.values())
        bands = () if version.grade is None else version.grade.start
        rows = (row for table in version.tables.values() for row in table.rows)
        return [
            version.applies,
            *(one for one in allowed if one is not None),
            *(cell for row in rows for cell in row.cells),
            *(band.when for band in bands),
        ]

    # Parts -------------------------------------------------------------------------

    def _named(self, part: Value | Output) -> _Found:
        yield from self._inside(part.expression)
        yield from self._said(part.unit, part.expression, repr(part.name), part.place)
        absent = part.if_none if isinstance(part, Value) else None
        if not isinstance(absent, str | None):
            yield from self._inside(absent)
            yield from self._said(part.unit, absent, repr(part.name), part.place)

    def _stands_in(self, part: Input | Indicator | Total, unit: str) -> _Found:
        """Hold the unit of a part against that of what stands in where it is missing."""
        absent = part.if_missing if isinstance(part, Input) else part.if_none
        if not isinstance(absent, str | None):
            yield from self._inside(absent)
            yield from self._said(unit, absent, repr(part.name), part.place)

    def _rows(self, table: Table) -> _Found:
        rows = [(row.outputs, row.place) for row in table.rows]
        if not isinstance(table.otherwise, str):
            rows.append((table.otherwise, table.place))
        for outputs, place in rows:
            for (name, unit), expression in zip(table.outputs, outputs, strict=True):
                yield from self._inside(expression)
                what = f"{name!r} of table {table.name!r}"
                yield from self._said(unit, expression, what, place)

    def _said(self, unit: str, expression: Expression, what: str, place: Place) -> _Found:
        """Hold the unit that a part says against that of what it is."""
        of = self._of(expression)
        units = {_LIKE.get(unit, unit), _LIKE.get(of, of)}
        if not units & {"", "?"} and len(units) > 1 and units & _SCALED:
            message = f"{what} is in {unit!r}, and {_shown(expression)} in {of!r}; convert it"
            yield getattr(expression, "place", place), message

    def _total(self, total: Total) -> _Found:
        yield from self._stands_in(total, total.unit)
        for one in (total.start, total.at_least, total.at_most):
            if one is not None:
                yield from self._meets(total.unit, one, f"the total {total.name!r}", total.place)

    def _rule(self, rule: Rule) -> _Found:
        yield from self._conditions(rule.when)
        total = self.version.totals.get(rule.total)
        if rule.amount is not None and total is not None:
            unit = "" if total.combine == "product" else total.unit
            yield from self._meets(unit, rule.amount, f"the total {total.name!r}", rule.place)

    def _indicator(self, indicator: Indicator) -> _Found:
        yield from self._stands_in(indicator, indicator.unit)
        group = self.version.children.get(indicator.over)
        within = self._of_records(indicator) if group is None else self._of_children(group)
        yield from within._conditions(indicator.where)  # noqa: SLF001 -- of its own class.
        for one in (indicator.of, *indicator.each.values()):
            if one is not None:
                yield from within._inside(one)  # noqa: SLF001 -- of its own class.
        if indicator.reached is not None and indicator.of is not None:
            unit, place = within._of(indicator.of), indicator.place  # noqa: SLF001 -- as above.
            yield from self._meets(unit, indicator.reached.number, "what is added up", place)
        windows = [indicator.window, indicator.within]
        if indicator.repeats is not None:
            windows.append(indicator.repeats.window)
        for window in windows:
            if window is not None:
                yield from self._window(window)

    def _group(self, group: ChildGroup) -> _Found:
        for measured in (group.roster, *group.measures.values()):
            yield from self._indicator(measured)
        within = self._of_children(group)
        for value in group.values.values():
            yield from within._named(value)  # noqa: SLF001 -- of its own class.
        if group.grade is not None:
            bands = (band.when for band in group.grade.start)
            yield from within._conditions(*bands)  # noqa: SLF001 -- of its own class.

    def _window(self, window: Window) -> _Found:
        unit = _LENGTHS.get(window.unit, "month") if window.form == "last" else "month"
        for length in (window.length, *(months for _, months in window.lengths)):
            if isinstance(length, Name) and (of := self._of(length)) and of != unit:
                message = (
                    f"{length.name!r} is in {of!r}, and the window counts it in {unit!r}; give it"
                    f" in {unit!r}"
                )
                yield length.place, message

    # Conditions and expressions ----------------------------------------------------

    def _conditions(self, *conditions: Condition) -> _Found:
        for condition in conditions:
            for comparison in comparisons(condition):
                yield from self._comparison(comparison)

    def _comparison(self, comparison: Comparison) -> _Found:
        unit = self._unit(comparison.name)
        for operand in comparison.operands:
            yield from self._meets(unit, operand, repr(comparison.name), comparison.place)

    def _meets(self, unit: str, other: Expression, what: str, place: Place) -> _Found:
        yield from self._inside(other)
        of = self._of(other)
        if _differ(unit, of):
            message = f"{what} is in {unit!r}, and {_shown(other)} in {of!r}; convert one of them"
            yield getattr(other, "place", place), message

    def _inside(self, expression: Expression) -> _Found:
        match expression:
            case Operation(operator, operands):
                for operand in operands:
                    yield from self._inside(operand)
                if operator in _JOINING:
                    yield from self._joined(operator, operands)
                if operator == "power" and (unit := self._of(operands[1])) in _NO_POWERS:
                    message = f"{_shown(operands[1])} is in {unit!r}, and a power has no such unit"
                    yield operands[1].place, message
            case Choice(when, then, otherwise):
                yield from self._conditions(when)
                yield from self._inside(then)
                yield from self._inside(otherwise)
                yield from self._joined("if", (then, otherwise))
            case _:
                return

    def _joined(self, operator: str, operands: Iterable[Expression]) -> _Found:
        first: tuple[str, Expression] | None = None
        for operand in operands:
            unit = self._of(operand)
            if first is not None and _differ(first[0], unit):
                message = (
                    f"{operator!r} takes {_shown(first[1])} in {first[0]!r} and {_shown(operand)}"
                    f" in {unit!r}; convert one of them"
                )
                yield operand.place, message
            elif unit and first is None:
                first = unit, operand

    # Units -------------------------------------------------------------------------

    def _of(self, expression: Expression) -> str:
        """Give the unit of an expression; nothing where nobody says it."""
        match expression:
            case Name(name):
                return self._unit(name)
            case Lookup(table, output):
                found = self.version.tables.get(table)
                outputs = dict(found.outputs) if found is not None else {}
                return outputs.get(output or next(iter(outputs), ""), "")
            case Choice(_, then, otherwise):
                return self._of(then) or self._of(otherwise)
            case Elapsed(unit):
                return _LENGTHS.get(unit, "")
            case Operation(operator, operands) if operator in _JOINING or operator == "round":
                return next((unit for one in operands if (unit := self._of(one))), "")
            case _:
                return ""

    def _unit(self, name: str) -> str:
        if unit := self.own(name):
            return unit
        version = self.version
        given = version.inputs.get(name)
        if given is not None:
            attribute = self.vocabulary.subject.get(given.attribute)
            of_subject = given.origin == "subject" and attribute is not None
            return attribute.unit if of_subject and attribute is not None else given.unit
        parts = (version.indicators, version.values, version.totals)
        return next((part[name].unit for part in parts if name in part), "")

    def _of_records(self, indicator: Indicator) -> "_Units":
        found: dict[str, str] = dict.fromkeys(indicator.each, "?")
        for source in self.vocabulary.known_sources(indicator.kinds, indicator.relation):
            for name, attribute in self.vocabulary.record_attributes(source).items():
                found[name] = attribute.unit or "?"
        return _Units(self.version, self.vocabulary, _own(found))

    def _of_children(self, group: ChildGroup) -> "_Units":
        found = {name: one.unit or "?" for name, one in group.measures.items()}
        found |= {name: one.unit or "?" for name, one in group.values.items()}
        return _Units(self.version, self.vocabulary, _own(found))


def _own(units: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: units.get(name, "")


def _differ(one: str, other: str) -> bool:
    one, other = _LIKE.get(one, one), _LIKE.get(other, other)
    if one in _MONEY or other in _MONEY:
        # An amount by head or by the year is compared with amounts as its author means it.
        money = {one, other} - _SCALED
        if any(_OF_MONEY & set(unit.split()) and not _PER & set(unit.split()) for unit in money):
            return True
    return one != other and one in _SCALED and other in _SCALED


def _shown(expression: Expression) -> str:
    return repr(expression.name) if isinstance(expression, Name) else "what is worked out"
