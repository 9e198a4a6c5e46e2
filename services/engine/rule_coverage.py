"""Steps that rules leave out: a count for which no rule counts, between two for which rules do."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.extents import Extents
from services.engine.language import Rule, compared
from services.engine.sampling import Sampler

_COUNTS: Final = {"count", "distinct", "sum"}
_SIDES: Final = 2
_SETTING: Final = {"grade", "exactly", "at_worst", "status"}
_ADDING: Final = {"sum", "max", "min", "first"}


def check_steps(extents: Extents, sampler: Sampler, file: str) -> Iterator[Problem]:
    """Look for counts between two steps of rules for which no rule counts.

    Looked at are rules that ask for one count alone, and of which one is for some counts in
    between. A hole counts as nothing, so it is a mistake where the rules on both sides add, or
    both take away, or both let no better grade through.

    Args:
        extents: What the names can be.
        sampler: Gives samples of them.
        file: Name for problems.
    """
    groups: dict[tuple[str, str], list[Rule]] = {}
    for rule in extents.version.rules:
        total = extents.version.totals.get(rule.total)
        if total is not None and total.combine in _ADDING:
            groups.setdefault(("add", rule.total), []).append(rule)
        if rule.effect == "grade":
            groups.setdefault(("grade", ""), []).append(rule)
    for (effect, _), rules in groups.items():
        for name, indicator in extents.version.indicators.items():
            if indicator.measure in _COUNTS and indicator.run is None:
                steps = _Steps(name, rules, extents, sampler)
                yield from steps.holes(effect, file)


# Private functions and classes --------------------------------------------------


class _Steps:
    """Rules of one effect that ask for one count."""

    def __init__(
        self, name: str, rules: Sequence[Rule], extents: Extents, sampler: Sampler
    ) -> None:
        self._name = name
        self._extents = extents
        asking = [rule for rule in rules if name in compared(rule.when)]
        self._alone = [rule for rule in asking if set(compared(rule.when)) == {name}]
        self._others = [rule for rule in asking if rule not in self._alone]
        setting = [
            rule
            for rule in extents.version.rules
            if rule.effect in _SETTING and rule not in asking and set(compared(rule.when)) == {name}
        ]
        self._sampled = sampler.sample(
            [rule.when for rule in (*self._alone, *self._others, *setting)]
        )

    def holes(self, effect: str, file: str) -> Iterator[Problem]:
        """Give what no rule counts for, though one does below and one above it."""
        variables = self._sampled.variables
        mine = [number for number, one in enumerate(variables) if one.name == self._name]
        if len(self._alone) < _SIDES or len(mine) != 1 or variables[mine[0]].about != "value":
            return
        samples = range(len(variables[mine[0]].samples))
        held = [self._held(mine[0], sample) for sample in samples]
        for sample in samples:
            below = next((one for one in reversed(held[:sample]) if one), ())
            above = next((one for one in held[sample + 1 :] if one), ())
            if held[sample] or not below or not above or self._may(mine[0], sample):
                continue
            if self._set_for(mine[0], sample):
                continue
            step = any(self._is_step(rule, held) for rule in (*below, *above))
            if step and self._side(effect, below) & self._side(effect, above):
                words = variables[mine[0]].shown[sample]
                yield problem_at(
                    file,
                    above[0].place,
                    "rule-gap",
                    f"no rule counts for {words}, though {below[0].id} counts below and"
                    f" {above[0].id} above it; close the gap, with an amount of 0 if it is meant",
                )

    def _held(self, variable: int, sample: int) -> tuple[Rule, ...]:
        """Give the rules of this count alone that hold for a sample."""
        return tuple(
            rule
            for rule, formula in zip(self._alone, self._sampled.formulas, strict=False)
            if self._sampled.value(formula, {variable: sample}) is True
        )

    def _may(self, variable: int, sample: int) -> bool:
        """Say whether a rule that asks for more than this count may hold for a sample."""
        formulas = self._sampled.formulas[len(self._alone) :][: len(self._others)]
        return any(
            self._sampled.value(formula, {variable: sample}) is not False for formula in formulas
        )

    def _set_for(self, variable: int, sample: int) -> bool:
        """Say whether a rule sets what holds from this count on, or up to it, and not all over."""
        samples = range(len(self._sampled.variables[variable].samples))
        for formula in self._sampled.formulas[len(self._alone) + len(self._others) :]:
            held = [self._sampled.value(formula, {variable: one}) is True for one in samples]
            if held[sample] and not (any(held[:sample]) and any(held[sample + 1 :])):
                return True
        return False

    def _is_step(self, rule: Rule, held: Sequence[tuple[Rule, ...]]) -> bool:
        """Say whether a rule is for some counts in between, neither the least nor the most."""
        return rule not in held[0] and rule not in held[-1]

    def _side(self, effect: str, rules: Sequence[Rule]) -> frozenset[str]:
        """Say which way rules move the result, all together."""
        if effect == "grade":
            return frozenset({"down"})
        sides: list[str] = []
        for rule in rules:
            amount = None if rule.amount is None else self._extents.expression(rule.amount)
            if amount is None or amount.constant == 0:
                return frozenset()
            if amount.low is not None and amount.low >= 0:
                sides.append("up")
            elif amount.high is not None and amount.high <= 0:
                sides.append("down")
            else:
                return frozenset()
        return frozenset(sides) if len(set(sides)) == 1 else frozenset()
