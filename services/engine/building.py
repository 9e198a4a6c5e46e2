"""Building a plan from a policy version: every part compiled, every name resolved once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import numpy as np

from services.engine.combining import compile_total
from services.engine.compiling import (
    NUMBER,
    Assembly,
    Ref,
    RefusedPartError,
    Scope,
    Truth,
    largest_bound,
)
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.grading import compile_grade
from services.engine.indicators import RecordScope, compile_indicator, earliest
from services.engine.language import (
    Expression,
    Input,
    Lookup,
    Name,
    Output,
    Place,
    Policy,
    Rule,
    Table,
    Total,
    Version,
)
from services.engine.numbers import (
    MISSING,
    Cell,
    flip,
    pick,
    present,
)
from services.engine.plan import (
    Frame,
    GradePlan,
    Needs,
    OutputPlan,
    Plan,
    RulePlan,
    Selection,
    TotalPlan,
)
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary

Ladders = Mapping[str, tuple[str, ...]]
"""Grades of other policies from best to worst, by policy identifier."""

_NONE: Final = -1


def compile_policy(
    policy: Policy,
    version: Version,
    vocabulary: Vocabulary,
    ladders: Ladders | None = None,
) -> Plan:
    """Compile one version of a policy.

    Args:
        policy: The policy, for its identity.
        version: The version.
        vocabulary: The words that it may use.
        ladders: Ladders of the policies whose grades it takes in.

    Raises:
        PolicyRefusedError: Something in it has no meaning; carries every problem found.
    """
    return _Builder(policy, version, vocabulary, ladders or {}).build()


# Private functions -----------------------------------------------------------


class _SubjectScope(Scope):
    """Names of a policy: inputs, indicators, values, totals and outputs of tables."""

    def __init__(self, builder: "_Builder") -> None:
        super().__init__(builder.assembly)
        self._builder = builder

    def resolve(self, name: str, place: Place) -> Ref:
        return self._builder.named(name, place)

    def find_table(self, lookup: Lookup) -> Ref:
        return self._builder.table(lookup, self)

    def codes(self, name: str) -> Mapping[str, int]:
        ladder = self._builder.ladders.get(name)
        if ladder is not None:
            return {grade: rank for rank, grade in enumerate(ladder, start=1)}
        return super().codes(name)

    def watch(self, ref: Ref, comparator: str) -> None:
        slot = ref.slot
        late = comparator in {"before", "on_or_after"}

        def change(frame: Frame) -> Cell:
            size = frame.population.size
            days = np.broadcast_to(frame.slots[slot], (size,)).astype(np.int64)
            ahead = days >= frame.as_of if late else days > frame.as_of
            moved = (days[ahead] + (1 if late else 0)).astype(np.int32)
            return earliest(frame, np.flatnonzero(ahead), moved)

        self.assembly.changes.append(change)


class _Builder:
    def __init__(
        self, policy: Policy, version: Version, vocabulary: Vocabulary, ladders: Ladders
    ) -> None:
        self.policy = policy
        self.version = version
        self.ladders = ladders
        self.assembly = Assembly(policy.file, vocabulary)
        self.scope = _SubjectScope(self)
        self.selections: list[Selection] = []
        self.required: list[tuple[str, int]] = []
        self.refusals: list[tuple[str, int]] = []
        self._refs: dict[str, Ref] = {}
        self._open: list[str] = []
        self._record_scopes: dict[str, RecordScope] = {}
        self._rules: dict[str, RulePlan] = {}
        self._totals: dict[str, TotalPlan] = {}
        self._statuses: dict[str, int] = {}

    def build(self) -> Plan:
        version = self.version
        applies = self._applies()
        for name in (*version.inputs, *version.indicators, *version.values, *version.totals):
            with self._part():
                self.named(name, version.place)
        for rule in version.rules:
            with self._part():
                self.rule(rule)
        score, grade = self._score(), self._grade()
        outputs: dict[str, OutputPlan] = {}
        for output in version.outputs.values():
            with self._part():
                outputs[output.name] = self._output(output)
        self.assembly.finish()
        return Plan(
            policy_id=self.policy.policy_id,
            version=version,
            digest=self.policy.digest,
            needs=self._needs(),
            ladder=version.grade.ladder if version.grade else (),
            statuses=tuple(self._statuses),
            constants=tuple(self.assembly.constants),
            steps=tuple(self.assembly.steps),
            applies=applies,
            required=tuple(self.required),
            selections=tuple(self.selections),
            changes=tuple(self.assembly.changes),
            rules=tuple(self._rules[rule.id] for rule in version.rules),
            totals=self._totals,
            score=score,
            grade=grade,
            outputs=outputs,
            refusals=tuple(self.refusals),
            types=self._refs,
        )

    @contextmanager
    def _part(self) -> Iterator[None]:
        try:
            yield
        except RefusedPartError:
            return

    def _applies(self) -> int:
        with self._part():
            return self.scope.condition(self.version.applies).slot
        return _NONE

    def _needs(self) -> Needs:
        inputs = self.version.inputs.values()
        return Needs(
            attributes=frozenset(one.attribute for one in inputs if one.origin == "subject"),
            records={kind: frozenset(scope.used) for kind, scope in self._record_scopes.items()},
            requests=frozenset(one.name for one in inputs if one.origin == "request"),
            policies=tuple(
                (one.name, one.policy_id, one.attribute) for one in inputs if one.origin == "policy"
            ),
        )

    # Names ------------------------------------------------------------------------

    def named(self, name: str, place: Place) -> Ref:
        """Find what a name of the version means, compiling it on first use."""
        if name in self._refs:
            return self._refs[name]
        if name in self._open:
            ring = " → ".join([*self._open[self._open.index(name) :], name])
            raise self.assembly.refuse(place, "cycle", f"the names go round in a circle: {ring}")
        self._open.append(name)
        try:
            self._refs[name] = self._compile_name(name, place)
        finally:
            self._open.pop()
        return self._refs[name]

    def _compile_name(self, name: str, place: Place) -> Ref:
        version = self.version
        if name in version.inputs:
            return self._input(version.inputs[name])
        if name in version.indicators:
            return self._indicator(name)
        if name in version.values:
            return self.scope.expression(version.values[name].expression)
        if name in version.totals:
            return self.total(version.totals[name])
        raise self.assembly.refuse(
            place, "unknown-name", f"no input, indicator, value or total is called {name!r}"
        )

    def _input(self, given: Input) -> Ref:
        attribute, scale = self._input_type(given)
        name, origin = given.name, given.origin
        narrow = origin == "subject"

        def step(frame: Frame) -> Cell:
            if name in frame.inputs:
                return frame.single(frame.inputs[name])
            if narrow:
                return frame.single(frame.population.attributes[given.attribute])
            return MISSING

        slot = self.assembly.emit(("input", name), step)
        ref = Ref(slot, attribute, scale, optional=True, narrow=narrow)
        if given.allowed is not None:
            self._refs[name] = ref
            self._allowed(given, ref)
        return self._stand_in(ref, given.if_missing, name)

    def _allowed(self, given: Input, ref: Ref) -> None:
        assert given.allowed is not None, "asked only for inputs with a condition"
        allowed, value = self.scope.condition(given.allowed).slot, ref.slot
        del self._refs[given.name]

        def step(frame: Frame) -> Cell:
            return present(frame.slots[value]) & flip(frame.slots[allowed])

        self.refusals.append((given.name, self.assembly.emit(("refused", given.name), step)))

    def _input_type(self, given: Input) -> tuple[Attribute, int]:
        if given.origin == "subject":
            attribute = self.assembly.vocabulary.subject.get(given.attribute)
            if attribute is None:
                known = ", ".join(self.assembly.vocabulary.subject)
                raise self.assembly.refuse(
                    given.place, "unknown-name", f"a subject has no {given.attribute!r}: {known}"
                )
            return attribute, 0
        if given.origin == "policy" and given.attribute == "grade":
            if given.policy_id not in self.ladders:
                raise self.assembly.refuse(
                    given.place, "unknown-policy", f"no policy {given.policy_id!r} with a ladder"
                )
            return Attribute(AttributeType.CODE, given.policy_id), 0
        if given.codes:
            if given.codes not in self.assembly.vocabulary.code_numbers:
                raise self.assembly.refuse(
                    given.place, "unknown-code", f"no code set {given.codes!r}"
                )
            return Attribute(AttributeType.CODE, given.codes), 0
        return NUMBER, given.places

    def _stand_in(self, ref: Ref, absent: str | Expression, name: str) -> Ref:
        """Put in what stands for a missing value, or note that there is no result without it."""
        if absent == "unknown":
            return ref
        slot = ref.slot
        if isinstance(absent, str):
            missing = self.assembly.emit(
                ("missing", slot),
                lambda frame: flip(present(frame.slots[slot])),
            )
            self.required.append((name, missing))
            return ref
        wide = self.scope.widened(ref)
        other = self._alternative(absent, ref)
        scale = max(wide.scale, other.scale)
        value, instead = self.scope.at_scale(wide, scale), self.scope.at_scale(other, scale)
        a, b = value.slot, instead.slot
        filled = self.assembly.emit(
            ("instead", a, b),
            lambda frame: pick(present(frame.slots[a]), frame.slots[a], frame.slots[b]),
        )
        return replace(
            value,
            slot=filled,
            optional=instead.optional,
            bound=largest_bound((value, instead)),
            selections=value.selections | instead.selections,
        )

    def _alternative(self, absent: Expression, ref: Ref) -> Ref:
        if ref.type.type is AttributeType.CODE and isinstance(absent, Name):
            numbers = self.scope.codes(ref.type.codes)
            if absent.name in numbers:
                number = numbers[absent.name]
                return Ref(self.assembly.constant(number), ref.type, constant=number)
        return self.scope.expression(absent)

    # Indicators and tables ----------------------------------------------------------

    def _record_scope(self, kind: str, place: Place) -> RecordScope:
        if kind not in self.assembly.vocabulary.kinds:
            known = ", ".join(self.assembly.vocabulary.kinds)
            raise self.assembly.refuse(
                place, "unknown-kind", f"no kind of record {kind!r}; there are {known}"
            )
        if kind not in self._record_scopes:
            self._record_scopes[kind] = RecordScope(self.assembly, kind, self.table)
        return self._record_scopes[kind]

    def _indicator(self, name: str) -> Ref:
        indicator = self.version.indicators[name]
        scope = self._record_scope(indicator.kind, indicator.place)
        ref, _ = compile_indicator(indicator, scope, self.selections)
        if not ref.optional:
            return ref
        return self._stand_in(ref, indicator.if_none, name)

    def table(self, lookup: Lookup, scope: Scope) -> Ref:
        """Compile one output of a table in a scope; the first row that fits counts."""
        table = self.version.tables.get(lookup.table)
        if table is None:
            raise self.assembly.refuse(
                lookup.place, "unknown-name", f"no table is called {lookup.table!r}"
            )
        names = [name for name, _ in table.outputs]
        wanted = lookup.output or names[0]
        if wanted not in names:
            raise self.assembly.refuse(
                lookup.place, "unknown-name", f"{table.name!r} gives {', '.join(names)}"
            )
        return self._rows(table, names.index(wanted), scope)

    def _rows(self, table: Table, output: int, scope: Scope) -> Ref:
        fits: list[Truth] = []
        refs: list[Ref] = []
        for row in table.rows:
            cells = [scope.condition(cell) for cell in row.cells]
            fits.append(scope.joined_all(cells))
            refs.append(scope.expression(row.outputs[output]))
        if not isinstance(table.otherwise, str):
            refs.append(scope.expression(table.otherwise[output]))
        absent = len(refs) == len(fits)
        scale = max(ref.scale for ref in refs)
        scaled = [scope.at_scale(ref, scale) for ref in refs]
        tests = tuple(fit.slot for fit in fits)
        values = tuple(ref.slot for ref in scaled)

        def step(frame: Frame) -> Cell:
            found: Cell = MISSING if absent else frame.slots[values[-1]]
            for test, value in zip(reversed(tests), reversed(values[: len(tests)]), strict=True):
                found = pick(frame.slots[test], frame.slots[value], found)
            return found

        slot = self.assembly.emit(("rows", tests, values, absent), step)
        selections = frozenset[int]().union(
            *(fit.selections for fit in fits), *(ref.selections for ref in scaled)
        )
        bound = largest_bound(scaled)
        ref = Ref(slot, refs[0].type, scale, optional=True, selections=selections, bound=bound)
        if table.otherwise == "no_data" and scope is self.scope:
            return self._stand_in(ref, "no_data", table.name)
        return ref

    # Rules and totals -----------------------------------------------------------------

    def rule(self, rule: Rule) -> RulePlan:
        """Compile a rule, once."""
        if rule.id in self._rules:
            return self._rules[rule.id]
        when = self.scope.condition(rule.when)
        selections, amount, bound, optional = when.selections, _NONE, None, False
        if rule.amount is not None:
            ref = self.scope.number(rule.amount)
            total = self.version.totals.get(rule.total)
            if total is None:
                raise self.assembly.refuse(
                    rule.place, "unknown-name", f"no total is called {rule.total!r}"
                )
            if ref.scale > total.places:
                raise self.assembly.refuse(
                    rule.place,
                    "rounding",
                    f"the amount has {ref.scale} decimals, {rule.total!r} keeps {total.places};"
                    " round it, with a named mode",
                )
            scaled = self.scope.at_scale(ref, total.places)
            amount, bound, optional = scaled.slot, scaled.bound, scaled.optional
            selections = selections | ref.selections
        self._check_effect(rule)
        ordered = tuple(sorted(selections))
        plan = RulePlan(rule, when.slot, amount, ordered, bound=bound, optional=optional)
        self._rules[rule.id] = plan
        return plan

    def _check_effect(self, rule: Rule) -> None:
        if rule.effect == "status":
            self._statuses.setdefault(rule.target, len(self._statuses) + 1)
        elif rule.effect in {"grade", "exactly", "at_worst"}:
            grade = self.version.grade
            if grade is None or rule.target not in grade.ladder:
                raise self.assembly.refuse(
                    rule.place, "unknown-grade", f"{rule.target!r} is not on the ladder"
                )

    def total(self, total: Total) -> Ref:
        """Compile a total with the rules that contribute to it."""
        version_rules = self.version.rules
        positions = tuple(
            position for position, rule in enumerate(version_rules) if rule.total == total.name
        )
        rules = [self.rule(version_rules[position]) for position in positions]
        ref, self._totals[total.name] = compile_total(total, self.scope, rules, positions)
        return ref

    # Results --------------------------------------------------------------------------

    def _score(self) -> OutputPlan | None:
        name = self.version.score
        if not name:
            return None
        with self._part():
            ref = self.named(name, self.version.place)
            version = self.version
            parts = (version.totals, version.values, version.indicators, version.inputs)
            unit = next(one[name].unit for one in parts if name in one)
            return OutputPlan(self.scope.widened(ref).slot, unit, ref.scale)
        return None

    def _output(self, output: Output) -> OutputPlan:
        ref = self.scope.expression(output.expression)
        if ref.scale > output.places:
            raise self.assembly.refuse(
                output.place, "rounding", f"{output.name!r} has more decimals than it shows; round"
            )
        return OutputPlan(
            self.scope.at_scale(self.scope.widened(ref), output.places).slot,
            output.unit,
            output.places,
        )

    def _grade(self) -> GradePlan | None:
        grade = self.version.grade
        if grade is None:
            return None
        with self._part():
            steps = self.assembly.constant(0)
            if grade.steps_down:
                steps = self.named(grade.steps_down, grade.place).slot
            if grade.beyond != "clamp":
                self._statuses.setdefault(grade.beyond, len(self._statuses) + 1)
            return compile_grade(
                grade, self.scope, steps, rules=tuple(self._rules.values()), statuses=self._statuses
            )
        return None


def check_compiles(
    policy: Policy, vocabulary: Vocabulary, ladders: Ladders | None = None
) -> tuple[Problem, ...]:
    """Compile every version and give the problems found."""
    found: list[Problem] = []
    for version in policy.versions:
        try:
            compile_policy(policy, version, vocabulary, ladders)
        except PolicyRefusedError as error:
            found.extend(error.problems)
    return tuple(found)
