"""Which lines of an explanation rest on results of other policies."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from services.engine.extents import IT
from services.engine.language import (
    ChildGroup,
    Condition,
    Every,
    Expression,
    Indicator,
    Literal,
    Total,
    Value,
    Version,
)
from services.engine.plan import Plan
from services.engine.usage import used_names
from services.engine.vocabulary import AttributeType


def inputs_behind(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Give the inputs from other policies that each line rests on, by the line's identifier.

    What a total rests on is said by its own lines, not by those that compare it. Lines that rest on
    none are left out.
    """
    version = plan.version
    if not any(one.origin == "policy" for one in version.inputs.values()):
        return {}
    read = Reading(version, plan.asked, plan.types)
    found = {rule.id: read.of(rules=(rule,)) for rule in version.rules}
    for name, total in version.totals.items():
        found[f"{name}.start"] = read.of(totals={name: _start_of(total)})
        found[f"{name}.bound"] = read.of(
            totals={name: replace(total, start=Literal(0, total.place))}
        )
    if version.grade is not None:
        found["grade.start"] = read.of(grade=replace(version.grade, steps_down=""))
    for name, output in version.outputs.items():
        found.setdefault(name, read.of(outputs={name: output}))
    return {line: names for line, names in found.items() if names}


def asked_names(
    version: Version, asked: Mapping[int, AbstractSet[str]]
) -> Mapping[str, frozenset[str]]:
    """Give what the records of each indicator, and of each group of children, ask of the subject.

    Args:
        version: The version, compiled.
        asked: The names by indicator, measure or roster, each by its identity.
    """
    parts: dict[str, tuple[Indicator, ...]] = {
        name: (group.roster, *group.measures.values()) for name, group in version.children.items()
    }
    parts |= {name: (one,) for name, one in version.indicators.items()}
    return {
        name: frozenset[str]().union(*(asked.get(id(one), frozenset()) for one in several))
        for name, several in parts.items()
    }


# Private functions -----------------------------------------------------------

_PARTS: Final = ("inputs", "tables", "values")
_WORDS: Final = frozenset(
    {
        AttributeType.CODE,
        AttributeType.CODES,
        AttributeType.INDUSTRY,
        AttributeType.DIVISION,
    }
)


class Reading:
    """Follows names from a part to the inputs behind it."""

    def __init__(
        self,
        version: Version,
        asked: Mapping[str, AbstractSet[str]],
        types: Mapping[str, Any],
        *,
        totals: bool = False,
    ) -> None:
        """Follow the names of a version.

        Args:
            version: The version, compiled.
            asked: As `asked_names` gives it.
            types: What each name is.
            totals: Whether to follow totals, too, to all that is added to them.
        """
        self._version = version
        self._asked = asked
        self._types = types
        self._totals = totals
        self._known: dict[str, set[str]] = {}
        parts = (*_PARTS, "indicators", "children", "totals", "outputs")
        self._bare = replace(
            version,
            applies=Every(()),
            **{name: {} for name in parts},  # type: ignore[arg-type]
            rules=(),
            grade=None,
            score="",
        )

    def of(self, **part: object) -> tuple[str, ...]:
        """Give the inputs from other policies behind a part, in the order of the file."""
        seen = self.behind(**part)
        inputs = self._version.inputs.values()
        return tuple(one.name for one in inputs if one.name in seen and one.origin == "policy")

    def behind(self, **part: object) -> set[str]:
        """Give all names behind a part."""
        return self.behind_names(self._used(part))

    def behind_condition(self, condition: Condition) -> set[str]:
        """Give all names behind a condition."""
        return self.behind_names(self._named(condition))

    def behind_names(self, names: AbstractSet[str]) -> set[str]:
        """Give names, and all that are behind them."""
        seen, ahead = set[str](), set(names)
        while ahead:
            name = ahead.pop()
            seen.add(name)
            if name not in self._known:
                self._known[name] = self._made_of(name)
            ahead |= self._known[name] - seen
        return seen

    # Private methods -------------------------------------------------------------

    def _made_of(self, name: str) -> set[str]:
        """Give the names that a name of the version is made of."""
        version, found = self._version, set[str]()
        if self._totals and name in version.totals:
            added = tuple(rule for rule in version.rules if rule.total == name)
            found |= self._used({"totals": {name: version.totals[name]}, "rules": added})
        for kind in _PARTS:
            parts = getattr(version, kind)
            if name in parts:
                found |= self._used({kind: {name: parts[name]}})
        if name in version.indicators:
            found |= self._of_indicator(version.indicators[name])
        if name in version.children:
            found |= self._of_group(version.children[name])
        return found

    def _of_indicator(self, indicator: Indicator) -> set[str]:
        """Give what an indicator asks of the subject; its records and children have other names."""
        group = self._version.children.get(indicator.over)
        if group is not None:
            of_children = self._named(indicator.where, indicator.of, indicator.if_none)
            return of_children - _own_names(group) | {group.name}
        # What its records ask was noted when it was compiled.
        run, reached = indicator.run or Every(()), indicator.reached
        number = None if reached is None else reached.number
        return self._named(run, indicator.if_none, number) - {IT} | self._asked[indicator.name]

    def _of_group(self, group: ChildGroup) -> set[str]:
        bands = () if group.grade is None else group.grade.start
        worked_out = [one.expression for one in group.values.values()]
        absent = [one.if_none for one in group.measures.values()]
        of_children = self._named(Every(tuple(band.when for band in bands)), *worked_out, *absent)
        return of_children - _own_names(group) | self._asked[group.name]

    def _named(self, condition: Condition, *expressions: Expression | str | None) -> set[str]:
        """Give the names in a condition and in expressions."""
        source = self._version.source
        values = {
            str(number): Value(
                name="", expression=one, unit="", source=source, place=self._version.place
            )
            for number, one in enumerate(expressions)
            if not isinstance(one, str | None)
        }
        return self._used({"applies": condition, "values": values})

    def _used(self, part: Mapping[str, object]) -> set[str]:
        return set(used_names(replace(self._bare, **part), self._of_words))  # type: ignore[arg-type]

    def _of_words(self, name: str) -> bool:
        ref = self._types.get(name)
        return ref is not None and ref.type.type in _WORDS


def _own_names(group: ChildGroup) -> set[str]:
    return {group.each, "grade", *group.measures, *group.values}


def _start_of(total: Total) -> Total:
    return replace(total, at_least=None, at_most=None, if_none="no_data")
