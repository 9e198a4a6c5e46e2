"""Building a plan from a policy version: every part compiled, every name resolved once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from services.engine.absences import scores_without_word
from services.engine.assembly import (
    Assembly,
    Ref,
    RefusedPartError,
    Truth,
    largest_bound,
)
from services.engine.child_groups import child_scales
from services.engine.children import ChildBuilder
from services.engine.combining import MEAN, compile_total
from services.engine.compiling import picked_rows
from services.engine.conditions import Scope
from services.engine.each_word import written_out
from services.engine.grading import compile_grade, own_grade
from services.engine.indicators import compile_indicator, demanded, window_turns
from services.engine.inputs import DAY_UNIT, InputBuilder
from services.engine.language import (
    Condition,
    Expression,
    Indicator,
    Lookup,
    Name,
    Output,
    Place,
    Policy,
    Rule,
    Table,
    Total,
    Value,
    Version,
    Wording,
)
from services.engine.narrowing import OfSubject
from services.engine.own_words import own_vocabulary
from services.engine.plan import GradePlan, Needs, OutputPlan, Plan, RulePlan, Selection, TotalPlan
from services.engine.records import RecordScope
from services.engine.ruling import compile_rule
from services.engine.scales import Scales, scales_of, statuses_of
from services.engine.subjects import SubjectScope
from services.engine.taking import Reading, asked_names
from services.engine.vetoing import compile_lacking
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, record_source

Ladders = Scales
"""Grades and statuses of other policies, see `scales`."""

IT: Final = "it"
"""Name of one period's measure in the condition of a run of periods."""

OWN_GRADE: Final = "grade"
"""Name of the policy's own grade in its outputs, unless a part of the version has that name."""

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
        ladders: Scales of the policies whose grades and statuses it takes in.

    Raises:
        PolicyRefusedError: Something in it has no meaning; carries every problem found.
    """
    return _Builder(policy, version, vocabulary, ladders or {}).build()


# Private functions -----------------------------------------------------------


class _Builder:
    def __init__(
        self, policy: Policy, version: Version, vocabulary: Vocabulary, scales: Scales
    ) -> None:
        self.policy = policy
        version, unfit = written_out(version)
        self.version = version
        vocabulary = own_vocabulary(vocabulary, version)
        own = scales_of(policy.policy_id, version) | child_scales(policy.policy_id, version)
        self.assembly = Assembly(policy.file, vocabulary, policy.field)
        for place, message in unfit:
            self.assembly.refuse(place, "each", message)
        self.scope = SubjectScope(
            self.assembly, named=self.named, table=self.table, scales={**scales, **own}
        )
        self.inputs = InputBuilder(
            self.assembly,
            self.scope,
            self,
            scales={**scales, **own},
            policy_id=policy.policy_id,
        )
        self.selections: list[Selection] = []
        self.children = ChildBuilder(
            self.assembly, self, version, scales={**scales, **own}, policy_id=policy.policy_id
        )
        self._refs: dict[str, Ref] = {}
        self._open: list[str] = []
        self._needed: dict[str, range] = {}
        self._record_scopes: dict[tuple[str, ...], list[RecordScope]] = {}
        self._asked: dict[int, set[str]] = {}
        self._rules: dict[str, RulePlan] = {}
        self._totals: dict[str, TotalPlan] = {}
        self._graded: GradePlan | None = None
        self._statuses = {name: n for n, name in enumerate(statuses_of(version), start=1)}

    def build(self) -> Plan:
        version = self.version
        applies = self._applies()
        for name in (*version.inputs, *version.indicators, *version.values, *version.totals):
            with self._part():
                self.named(name, version.place)
        for group in version.children.values():
            with self._part():
                self.children.groups.group(group.name, group.place)
        for rule in version.rules:
            with self._part():
                self.rule(rule)
        score, grade = self._score(), self._grade()
        # What is worked out before the grade cannot use it; the outputs can.
        self._graded = grade
        outputs: dict[str, OutputPlan] = {}
        for output in version.outputs.values():
            with self._part():
                outputs[output.name] = self._output(output)
        self.assembly.finish()
        asked = asked_names(version, self._asked)
        types = {**self._refs, **self.children.groups.types()}
        plan = Plan(
            policy_id=self.policy.policy_id,
            version=version,
            needs=self._needs(),
            ladder=version.grade.ladder if version.grade else (),
            statuses=tuple(self._statuses),
            constants=tuple(self.assembly.constants),
            steps=tuple(self.assembly.steps),
            unrolled=self.assembly.unrolled(),
            applies=applies,
            required=tuple(self.inputs.required),
            selections=tuple(self.selections),
            turns=window_turns(self.selections),
            changes=tuple(self.assembly.changes),
            rules=tuple(self._rules[rule.id] for rule in version.rules),
            apart=tuple(self._rules[rule.id] for rule in version.rules if not rule.total),
            totals=self._totals,
            score=score,
            grade=grade,
            outputs=outputs,
            refusals=tuple(self.inputs.refusals),
            types=types,
            peers=self.inputs.peers,
            words={
                name: self.scope.codes(self._refs[name].type.codes)
                for name in version.inputs
                if self._refs[name].type.type is AttributeType.CODE
            },
            titles={
                name: titles_of(self.assembly.vocabulary, self._refs[name].type)
                or titles_of(self.assembly.vocabulary, Attribute(AttributeType.CODE, given.codes))
                for name, given in version.inputs.items()
            },
            asked=asked,
            lacking=compile_lacking(
                version, Reading(version, asked, types, totals=True), self._rules, self._required()
            ),
        )
        self.inputs.plan.append(plan)
        return plan

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

    def _required(self) -> list[tuple[frozenset[str], int]]:
        """Give what is needed, with the names that need it: those that were being compiled."""
        return [
            (
                frozenset({name, name.partition(".")[0]}).union(
                    one for one, places in self._needed.items() if number in places
                ),
                slot,
            )
            for number, (name, slot) in enumerate(self.inputs.required)
        ]

    def _needs(self) -> Needs:
        inputs = self.version.inputs.values()
        records: dict[str, frozenset[str]] = {}
        for sources, scopes in self._record_scopes.items():
            used = frozenset[str]().union(*(scope.used for scope in scopes))
            for source in sources:
                records[source] = records.get(source, frozenset()) | used
        return Needs(
            attributes=frozenset(one.attribute for one in inputs if one.origin == "subject"),
            records=records,
            requests=frozenset(one.name for one in inputs if one.origin == "request"),
            policies=tuple(
                (one.name, one.policy_id, one.attribute) for one in inputs if one.origin == "policy"
            ),
            peers=frozenset(one.name for one in inputs if one.origin == "peers"),
            back=max((one.back for one in inputs if one.origin == "last_period"), default=0),
        )

    # Names ------------------------------------------------------------------------

    def named(self, name: str, place: Place) -> Ref:
        """Find what a name of the version means, compiling it on first use."""
        if name in self._refs:
            self.assembly.meet(name)
            return self._refs[name]
        if name in self._open:
            ring = " → ".join([*self._open[self._open.index(name) :], name])
            raise self.assembly.refuse(place, "cycle", f"the names go round in a circle: {ring}")
        self._open.append(name)
        before = len(self.inputs.required)
        try:
            with self.assembly.apart(name):
                self._refs[name] = self._compile_name(name, place)
        finally:
            self._open.pop()
        self._needed[name] = range(before, len(self.inputs.required))
        return self._refs[name]

    def require(self, name: str, missing: int) -> None:
        """Note that there is no result where a slot holds."""
        self.inputs.required.append((name, missing))

    def with_name(self, name: str, ref: Ref, compiled: Callable[[], int]) -> int:
        """Compile something while a name means one thing."""
        self._refs[name] = ref
        try:
            return compiled()
        finally:
            del self._refs[name]

    def _compile_name(self, name: str, place: Place) -> Ref:
        version = self.version
        if name in version.inputs:
            return self.inputs.input(version.inputs[name])
        if name in version.indicators:
            return self._indicator(name)
        if name in version.values:
            return self._value(version.values[name])
        if name in version.totals:
            return self.total(version.totals[name])
        if name == OWN_GRADE and self._graded is not None:
            own = Attribute(AttributeType.CODE, self.policy.policy_id)
            return Ref(own_grade(self._graded, self.scope), own, optional=True)
        message = f"no input, indicator, value or total is called {name!r}"
        if name == OWN_GRADE and version.grade is not None:
            message += "; the policy's own grade is for its outputs alone"
        raise self.assembly.refuse(place, "unknown-name", message)

    def _value(self, value: Value) -> Ref:
        if value.codes:
            ref = self.scope.coded(value.expression, value.codes, value.place)
        else:
            ref = self.scope.expression(value.expression)
        if value.if_none is None or not ref.optional:
            return ref
        return self.inputs.stand_in(ref, value.if_none, value.name)

    def of_subject(self, name: str, place: Place) -> Ref | None:
        """Find a name of the subject; nothing where there is none."""
        version = self.version
        parts = (version.inputs, version.indicators, version.values, version.totals)
        return self.named(name, place) if any(name in part for part in parts) else None

    def whole(self, length: int | Name) -> int:
        """Give a length that may be named: a value that is a whole number."""
        if isinstance(length, int):
            return length
        value = self.version.values.get(length.name)
        ref = None if value is None else self.named(length.name, length.place)
        if ref is None or ref.constant is None or ref.scale or ref.constant < 0:
            message = f"no value {length.name!r} is a whole number from 0"
            if ref is not None and ref.constant is None:
                message = f"{length.name!r} is worked out; a length is written down, as in 'is: 12'"
            raise self.assembly.refuse(length.place, "not-whole", message)
        return ref.constant

    # Indicators and tables ----------------------------------------------------------

    def record_scope(self, indicator: Indicator) -> RecordScope:
        """Make the scope of an indicator's records, or of the records that children have."""
        vocabulary = self.assembly.vocabulary
        for kind in indicator.kinds:
            if kind not in vocabulary.kinds:
                known = ", ".join(vocabulary.kinds)
                raise self.assembly.refuse(
                    indicator.place,
                    "unknown-kind",
                    f"no kind of record {kind!r}; there are {known}",
                )
        if indicator.relation and indicator.relation not in vocabulary.relations:
            known = ", ".join(vocabulary.relations)
            raise self.assembly.refuse(
                indicator.place,
                "unknown-relation",
                f"no relation {indicator.relation!r}; there are {known}",
            )
        sources = tuple(sorted(record_source(kind, indicator.relation) for kind in indicator.kinds))
        scope = RecordScope(
            self.assembly,
            sources,
            of_subject=self.of_subject,
            table=self.table,
            each=indicator.each,
        )
        self._record_scopes.setdefault(sources, []).append(scope)
        self._asked[id(indicator)] = scope.asked
        return scope

    def _indicator(self, name: str) -> Ref:
        indicator = self.version.indicators[name]
        if indicator.over:
            ref = self.children.indicator(indicator)
            return self.inputs.stand_in(ref, indicator.if_none, name) if ref.optional else ref
        scope = self.record_scope(indicator)
        subject = OfSubject(self.whole, self._number, self._tested)
        ref = compile_indicator(indicator, scope, self.selections, subject=subject)
        self.inputs.required += demanded(ref, scope, self.selections)
        return self.inputs.stand_in(ref, indicator.if_none, name) if ref.optional else ref

    def _number(self, expression: Expression) -> Ref:
        return self.scope.widened(self.scope.number(expression))

    def _tested(self, ref: Ref, condition: Condition) -> Truth:
        found: list[Truth] = []

        def compiled() -> int:
            found.append(self.scope.condition(condition))
            return found[0].slot

        self.with_name(IT, ref, compiled)
        return found[0]

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
        codes = table.outputs[output][1]

        def given(expression: Expression) -> Ref:
            if codes in self.version.codes:
                return scope.coded(expression, codes, table.place)
            return scope.expression(expression)

        fits: list[Truth] = []
        refs: list[Ref] = []
        for row in table.rows:
            cells = [scope.condition(cell) for cell in row.cells]
            fits.append(scope.joined_all(cells))
            refs.append(given(row.outputs[output]))
        if not isinstance(table.otherwise, str):
            refs.append(given(table.otherwise[output]))
        absent = len(refs) == len(fits)
        scale = max(ref.scale for ref in refs)
        scaled = [scope.at_scale(ref, scale) for ref in refs]
        tests = tuple(fit.slot for fit in fits)
        values = tuple(ref.slot for ref in scaled)
        otherwise = None if absent else values[-1]
        slot = picked_rows(
            self.assembly, tests, values[: len(tests)], otherwise, of_subject=scope is self.scope
        )
        selections = frozenset[int]().union(
            *(fit.selections for fit in fits), *(ref.selections for ref in scaled)
        )
        bound = largest_bound(scaled)
        ref = Ref(slot, refs[0].type, scale, optional=True, selections=selections, bound=bound)
        if table.otherwise == "no_data":
            if scope is self.scope:
                return self.inputs.stand_in(ref, "no_data", table.name)
            scope.demand(table.name, slot)
        return ref

    # Rules and totals -----------------------------------------------------------------

    def rule(self, rule: Rule) -> RulePlan:
        """Compile a rule, once."""
        if rule.id not in self._rules:
            self._rules[rule.id] = compile_rule(rule, self.version, self.scope, self.selections)
        plan = self._rules[rule.id]
        self.assembly.note(plan.changes, moving=plan.timed)
        return plan

    def total(self, total: Total) -> Ref:
        """Compile a total with the rules that contribute to it."""
        rules = [self.rule(rule) for rule in self.version.rules if rule.total == total.name]
        if total.combine == MEAN and not rules:
            raise self.assembly.refuse(
                total.place, "missing-rules", f"nothing is added to {total.name!r}"
            )
        ref, self._totals[total.name] = compile_total(total, self.scope, rules)
        if total.combine == MEAN:
            return self.inputs.stand_in(ref, total.if_none, total.name)
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
        if output.codes:
            ref = self.scope.coded(output.expression, output.codes, output.place)
        else:
            ref = self.scope.expression(output.expression)
        if (ref.type.type is AttributeType.DAY) != (output.unit == DAY_UNIT):
            raise self.assembly.refuse(
                output.place, "type", f"a day, and nothing else, has the unit {DAY_UNIT!r}"
            )
        if ref.scale > output.places:
            raise self.assembly.refuse(
                output.place, "rounding", f"{output.name!r} has more decimals than it shows; round"
            )
        return OutputPlan(
            self.scope.at_scale(self.scope.widened(ref), output.places).slot,
            output.unit,
            output.places,
            words_of(self.scope, ref.type),
            titles_of(self.assembly.vocabulary, ref.type),
        )

    def _grade(self) -> GradePlan | None:
        grade = self.version.grade
        if grade is None:
            return None
        with self._part():
            steps = self.assembly.constant(0)
            if grade.steps_down:
                steps = self.named(grade.steps_down, grade.place).slot
            for name in scores_without_word(self.version):
                score = self.named(name, grade.place)
                if score.optional:
                    self.inputs.stand_in(score, "no_data", name)
            return compile_grade(
                grade, self.scope, steps, rules=tuple(self._rules.values()), statuses=self._statuses
            )
        return None


def words_of(scope: Scope, type_: Attribute) -> dict[int, str]:
    """Give the word of each number of a code set or of a ladder; nothing for another type."""
    if type_.type is not AttributeType.CODE:
        return {}
    return {number: word for word, number in scope.codes(type_.codes).items()}


def titles_of(vocabulary: Vocabulary, type_: Attribute) -> dict[str, Wording]:
    """Give the titles of the words of a code set; nothing for another type."""
    titles = vocabulary.code_titles.get(type_.codes, {})
    return {code: Wording(zh, en) for code, (zh, en) in titles.items()}
