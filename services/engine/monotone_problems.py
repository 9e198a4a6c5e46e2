"""What the search of `monotone` found, as problems in words that a clerk can look up."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from services.engine.building import Ladders, compile_policy
from services.engine.cases import Case
from services.engine.comparing import (
    GRADE,
    MORE,
    NEUTRAL,
    STILL,
    Compared,
    laid_outputs,
    undirected_outputs,
)
from services.engine.days import UNKNOWN_DAY, day_date, day_number
from services.engine.errors import NumberTooLargeError, Problem, problem_at
from services.engine.evaluation import RESULT, Evaluation
from services.engine.explaining import explain
from services.engine.inputs import DAY_UNIT
from services.engine.language import (
    Expression,
    GradeBand,
    Literal,
    Lookup,
    Name,
    Place,
    Policy,
    Rule,
    Version,
    compared,
)
from services.engine.monotone import NOT_APPLYING, Improvement, Search, search
from services.engine.numbers import MISSING
from services.engine.plan import Plan, TotalPlan
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, split_source

_NOT_SEARCHED: Final = "not-searched"
_SEARCHED: Final = frozenset({"grade", "list", "rate", "risk", "supervision", "obligation"})
_WELL_INSIDE_DAYS: Final = 900
_SHOWN_MOST: Final = 6
_LACKING_MOST: Final = 3
# What a rule that comes to hold, or no longer holds, can lift a result by.
_LIFTING_NEW: Final = frozenset({"exactly", "at_worst", "status"})
_LIFTING_GONE: Final = frozenset({"exactly", "grade", "status"})


def check_monotone(
    policy: Policy,
    plan: Plan,
    vocabulary: Vocabulary,
    *,
    ladders: Ladders | None = None,
    cases: Sequence[Case] = (),
) -> Iterator[Problem]:
    """Search for a worse record that gives a better result, but by what a clause exempts.

    Args:
        policy: The policy; repairs, definitions and prevention are not searched.
        plan: One of its versions.
        vocabulary: The words that it uses.
        ladders: Scales of the policies whose grades and statuses it takes in.
        cases: Golden cases of the policy.

    Yields:
        An error at the rule that improves, or a warning where the search came to nothing.
    """
    if policy.kind not in _SEARCHED:
        return
    outputs = plan.version.outputs
    for name in undirected_outputs(plan, policy.kind):
        message = (
            f"{outputs[name].unit!r} does not say whether more or less of {name!r} is better for"
            " whom it concerns; say 'better: less', 'better: more' or 'better: neutral'"
        )
        yield problem_at(policy.file, outputs[name].place, "missing-direction", message)
    yield from _Check(policy, plan, vocabulary, ladders or {}, _own(cases, plan)).problems()


def well_inside(version: Version) -> int:
    """Give a day well inside a version, so that every window can hold records of its time."""
    last = day_number(version.end_date or date.max) - 1
    return min(day_number(version.start_date) + _WELL_INSIDE_DAYS, last)


# Private functions and classes --------------------------------------------------


def _own(cases: Sequence[Case], plan: Plan) -> list[Case]:
    """Give the cases of days on which a version is in force."""
    version = plan.version
    first, last = day_number(version.start_date), day_number(version.end_date or date.max)
    return [case for case in cases if first <= case.as_of < last]


@dataclass(frozen=True, slots=True)
class _Check:
    """Searches one version, without what its exemption names and with it."""

    policy: Policy
    plan: Plan
    vocabulary: Vocabulary
    ladders: Ladders
    cases: Sequence[Case]

    def problems(self) -> Iterator[Problem]:
        exemption = self.plan.version.exemption
        names = exemption.rules if exemption is not None else ()
        known = {GRADE, *self.plan.version.outputs, *(rule.id for rule in self.plan.version.rules)}
        unknown = [name for name in names if name not in known]
        for name in unknown:
            message = f"the exemption names {name!r}, which is no rule, output or 'grade'"
            yield self._problem("unknown-rule", message)
        if unknown:
            return
        try:
            yield from self._found(self._search(names), exempting=bool(names))
            for name in names:
                if self._search([one for one in names if one != name]).improvement is None:
                    message = f"no record was found that improves a result by {name!r}; leave it"
                    message += " out of the exemption"
                    yield replace(self._problem("needless-exemption", message), warning=True)
        except NumberTooLargeError as error:
            message = f"the search for records that improve the result stopped: {error}"
            yield self._warning(message)

    def _search(self, exempt: Sequence[str]) -> Search:
        """Search the version without the rules that are exempt, for what the others improve."""
        found = self._compared(exempt, Compared(laid_outputs(self.plan, self.policy.kind, exempt)))
        if found.improvement is not None or GRADE not in exempt:
            return found
        # A grade that is exempt may hang on bands as it likes, and not on rules that nobody names.
        ruled = self._compared(exempt, Compared({}, wanted=_is_by_rule))
        return replace(found, improvement=ruled.improvement)

    def _compared(self, exempt: Sequence[str], compared: Compared) -> Search:
        plan, rules = self.plan, self.plan.version.rules
        kept = tuple(rule for rule in rules if rule.id not in exempt)
        if len(kept) < len(rules):
            searched = replace(plan.version, rules=kept)
            plan = compile_policy(self.policy, searched, self.vocabulary, self.ladders)
        compared = replace(
            compared,
            favourable=self.policy.favourable,
            standing=compared.wanted is not None or GRADE not in exempt,
        )
        as_of = well_inside(plan.version)
        return search(plan, self.vocabulary, as_of, compared=compared, cases=self.cases)

    def _found(self, found: Search, *, exempting: bool) -> Iterator[Problem]:
        if found.improvement is not None:
            words = _Words(found.improvement, self.vocabulary)
            place, name = _improving(found.improvement)
            yield problem_at(self.policy.file, place, "not-monotone", words.message(name))
        elif found.empty:
            yield self._warning(_not_searched(found))
        elif found.closed and not exempting:
            # What is exempt may have been all that moves a result.
            yield self._warning(_closed(found))
        elif len(found.standings) == 1 and len(self.plan.ladder) > 1 and not exempting:
            ((rank, status),) = found.standings
            named = self.plan.statuses[status - 1] if status else self.plan.ladder[rank - 1]
            yield self._warning(
                f"all {found.settled} enterprises drawn to search for records that improve the"
                f" result had {named!r}, whatever was added; look at the signs of the amounts, and"
                " write a golden case of another grade"
            )

    def _warning(self, message: str) -> Problem:
        place = self.plan.version.place
        return replace(problem_at(self.policy.file, place, _NOT_SEARCHED, message), warning=True)

    def _problem(self, code: str, message: str) -> Problem:
        exemption = self.plan.version.exemption
        place = exemption.place if exemption is not None else self.plan.version.place
        return problem_at(self.policy.file, place, code, message)


def _closed(found: Search) -> str:
    counts = ", ".join(
        f"{name} ({found.open[name][0]} of {found.open[name][1]})" for name in found.closed
    )
    return (
        "hardly anybody drawn had a result that one more record could still make worse or better,"
        f" so a slip would not show: {counts}; write a golden case that is neither the best nor the"
        " worst, with such a record"
    )


def _not_searched(found: Search) -> str:
    missing = Counter(found.lacking).most_common(_LACKING_MOST)
    reasons = [
        f"{count} are none that the version applies to"
        if name == NOT_APPLYING
        else f"{count} lack {name!r}"
        for name, count in missing
        if count
    ]
    return (
        f"of {found.drawn} enterprises drawn to search for records that improve the result only"
        f" {found.settled} had one ({', '.join(reasons) or 'none has a starting grade'}), so the"
        " policy is not searched; write what values such an input takes in its 'allowed', or say"
        " what stands in for it"
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Says an improvement in words."""

    found: Improvement
    vocabulary: Vocabulary

    def message(self, rule: str) -> str:
        """Say what record lifts the result of whom, and what to do."""
        found = self.found
        if found.grade:
            worse = f"a place lower in {found.grade!r}"
        else:
            worse = f"one more {self._record(found.source, found.record)}"
        changes = ", ".join(self._changes())
        return (
            f"{rule + ': ' if rule else ''}{worse} improves the result on"
            f" {day_date(self.found.before.frame.as_of)}: {changes}; before, there was"
            f" {self._case()}; mend it, or declare monotone_exemption for it with its"
            f" clause{self._unheard()}"
        )

    def _unheard(self) -> str:
        """Say which words of the file do not count, for want of a clause."""
        moved = [
            f"'better: {said}' of {name!r}"
            for name in self.found.compared.laid
            if self._moved(name)
            and (said := self.found.before.plan.version.outputs[name].better) in {MORE, NEUTRAL}
            and self.found.compared.laid[name] != said
        ]
        return f"; without one that names it, {' and '.join(moved)} does not count" if moved else ""

    def _moved(self, name: str) -> bool:
        before, after = self.found.before, self.found.after
        return int(before.output(name)[0]) != int(after.output(name)[0])

    def _changes(self) -> Iterator[str]:
        before, after = self.found.before, self.found.after
        old, new = _standing(before), _standing(after)
        if old != new:
            yield f"{old} → {new}"
        for name in self.found.compared.laid:
            first, second = (_amount(run, name) for run in (before, after))
            if first != second:
                unit = before.plan.outputs[name].unit
                yield f"{name} {first} → {second} {'' if unit == DAY_UNIT else unit}".rstrip()

    def _case(self) -> str:
        """Say what stands against the enterprise already, and what else the result rests on."""
        population, plan = self.found.before.frame.population, self.found.before.plan
        records = Counter(
            self._record(source, {name: int(column[row]) for name, column in one.columns.items()})
            for source, one in population.records.items()
            for row in range(one.record_ids.size)
        )
        listed = [f"{count} × {text}" for text, count in records.most_common(_SHOWN_MOST)]
        if len(records) > _SHOWN_MOST:
            listed.append(f"{sum(records.values())} records in all")
        subject = self.vocabulary.subject
        own = [
            self._said(name, int(column[0]), subject[name])
            for name, column in sorted(population.attributes.items())
        ]
        own += [self._told(name, number, plan) for name, number in self.found.inputs.items()]
        enterprise = ", ".join(one for one in own if one)
        text = "; ".join(listed) or "no record"
        return f"{text}, of an enterprise with {enterprise}" if enterprise else text

    def _record(self, source: str, record: Mapping[str, int]) -> str:
        kind, relation = split_source(source)
        attributes = self.vocabulary.record_attributes(source)
        said = [
            self._said(name, number, attributes[name])
            for name, number in sorted(record.items())
            if name != "event_date"
        ]
        details = ", ".join(one for one in said if one)
        text = f"{kind} {self.vocabulary.kinds[kind].title}".rstrip()
        text = f"{text} of {relation}" if relation else text
        text += f" ({day_date(record['event_date'])}"
        return f"{text}, {details})" if details else f"{text})"

    def _said(self, name: str, number: int, attribute: Attribute) -> str:
        """Say one attribute; nothing for one that is not known."""
        if number in {MISSING, UNKNOWN_DAY}:
            return ""
        name = f"{name} {attribute.title}".rstrip()
        match attribute.type:
            case AttributeType.DAY:
                return f"{name}: {day_date(number)}"
            case AttributeType.FLAG:
                return f"{name}: {'yes' if number else 'no'}"
            case AttributeType.CODE:
                return f"{name}: {self._code(attribute.codes, number)}"
            case AttributeType.CODES:
                held = [n for n in range(number.bit_length()) if number >> n & 1]
                return f"{name}: {' + '.join(self._code(attribute.codes, n) for n in held)}"
            case AttributeType.INDUSTRY:
                return f"{name}: {_industry(number)}"
            case AttributeType.DIVISION:
                return f"{name}: {number:06d}"
            case AttributeType.NUMBER:
                return f"{name}: {number} {attribute.unit}".rstrip()

    def _code(self, codes: str, number: int) -> str:
        numbers = self.vocabulary.code_numbers[codes]
        word = next((word for word, one in numbers.items() if one == number), str(number))
        titles = self.vocabulary.code_titles.get(codes, {}).get(word)
        return f"{word} {titles[0]}" if titles else word

    def _told(self, name: str, number: int, plan: Plan) -> str:
        """Say one input; nothing for one that is not given."""
        if number == MISSING:
            return ""
        given = plan.version.inputs[name]
        if name in plan.words:
            words = plan.words[name]
            word = next((word for word, one in words.items() if one == number), str(number))
            title = plan.titles.get(name, {}).get(word)
            return f"{name}: {word} {title.zh}" if title else f"{name}: {word}"
        if plan.types[name].type.type is AttributeType.DAY:
            return f"{name}: {day_date(number)}"
        return f"{name}: {Decimal(number).scaleb(-given.places)} {given.unit}".rstrip()


def _amount(run: Evaluation, name: str) -> str:
    number = int(run.output(name)[0])
    if number == MISSING:
        return "none"
    output = run.plan.outputs[name]
    if output.unit == DAY_UNIT:
        return str(day_date(number))
    return str(Decimal(number).scaleb(-output.places))


def _standing(run: Evaluation) -> str:
    """Say the grade, or the status outside the ladder."""
    plan, rank, status = run.plan, int(run.ranks()[0]), int(run.status_numbers()[0])
    if int(run.states()[0]) != RESULT:
        return "no result"
    if status:
        return f"status {plan.statuses[status - 1]}"
    return f"grade {plan.ladder[rank - 1]}" if rank else "no status"


def _industry(number: int) -> str:
    letter, digits = divmod(number, 10_000)
    text = f"{digits:04d}"
    while text.endswith("00"):
        text = text[:-2]
    return chr(ord("A") + letter - 1) + text


# Where it improves ------------------------------------------------------------------


_Amounts = Mapping[tuple[str, str], int | None]
"""Amounts of the lines of an explanation, by rule and total."""


def _improving(found: Improvement) -> tuple[Place, str]:
    """Find the part by which a result improves: what the two explanations do not share."""
    version, before, after = found.before.plan.version, found.before, found.after
    lines: tuple[_Amounts, _Amounts] = (_amounts(before), _amounts(after))
    band = _band(found)
    own = {*version.indicators, *version.inputs}
    rule = _effective(version, lines, _target(before), _target(after))
    if rule is None and band is not None and own.issuperset(compared(band.when)):
        return band.place, ""
    rule = rule or _contributing(found, lines)
    if rule is not None:
        return rule.place, rule.id
    place = _table(found)
    if place is not None:
        return place, ""
    if band is not None:
        return band.place, ""
    for name, direction in found.compared.laid.items():
        # What is missing is the least number there is.
        moved = int(after.output(name)[0]) - int(before.output(name)[0])
        if moved > 0 if direction == MORE else moved < 0 or (moved and direction == STILL):
            expression = version.outputs[name].expression
            value = version.values.get(expression.name) if isinstance(expression, Name) else None
            return (value or version.outputs[name]).place, ""
    return version.place, ""


def _is_by_rule(before: Evaluation, after: Evaluation) -> bool:
    """Say whether it is a rule by which the result of one subject improves."""
    return bool(_improving(Improvement("", {}, {}, before, after, Compared({})))[1])


def _amounts(run: Evaluation) -> _Amounts:
    return {(line.rule_id, line.total): line.amount for line in explain(run, 0, dated=False)}


def _target(run: Evaluation) -> str:
    """Name the grade or status of a result."""
    return _standing(run).partition(" ")[2]


def _effective(
    version: Version, lines: tuple[_Amounts, _Amounts], old: str, new: str
) -> Rule | None:
    """Find a rule that newly sets what came out, or no longer sets what was."""
    before, after = ({rule for rule, _ in one} for one in lines)
    for rule in version.rules:
        comes, goes = rule.id in after - before, rule.id in before - after
        if comes and rule.effect in _LIFTING_NEW and rule.target == new:
            return rule
        if goes and rule.effect in _LIFTING_GONE and rule.target == old:
            return rule
    return None


def _contributing(found: Improvement, lines: tuple[_Amounts, _Amounts]) -> Rule | None:
    """Find the rule that moved a total most in the direction in which it went."""
    plan, best = found.before.plan, (0, "")
    for total in plan.totals.values():
        moved = int(found.after.column(total.result)[0]) - int(found.before.column(total.result)[0])
        for rule in plan.version.rules:
            if rule.total != total.name:
                continue
            first, second = (_counted(one, rule.id, total) for one in lines)
            if moved and (second - first) * moved > 0:
                best = max(best, (abs(second - first), rule.id))
    return next((rule for rule in plan.version.rules if rule.id == best[1]), None)


def _counted(lines: _Amounts, rule_id: str, total: TotalPlan) -> int:
    """Give what a rule contributed; what does not apply multiplies by one."""
    amount = lines.get((rule_id, total.name))
    return (10**total.places if total.combine == "product" else 0) if amount is None else amount


def _band(found: Improvement) -> GradeBand | None:
    """Find the band that gives the starting grade, where that is another one."""
    grade, plan = found.before.plan.version.grade, found.before.plan.grade
    if grade is None or plan is None:
        return None
    held = [(band, slot) for band, slot in zip(grade.start, plan.bands, strict=True)]
    first, second = (
        next((band for band, slot in held if run.column(slot)[0]), None)
        for run in (found.before, found.after)
    )
    return None if second is first else second


def _table(found: Improvement) -> Place | None:
    """Find a table, or its row, by which a value changed."""
    plan = found.before.plan
    for name, value in plan.version.values.items():
        ref = plan.types[name]
        first, second = (int(run.column(ref.slot)[0]) for run in (found.before, found.after))
        lookup = value.expression
        if first == second or not isinstance(lookup, Lookup):
            continue
        table = plan.version.tables[lookup.table]
        names = [output for output, _ in table.outputs]
        given = names.index(lookup.output) if lookup.output else 0
        new = Decimal(second).scaleb(-ref.scale)
        rows = [row for row in table.rows if _is(row.outputs[given], new)]
        return rows[0].place if len(rows) == 1 else table.place
    return None


def _is(expression: Expression, number: Decimal) -> bool:
    return isinstance(expression, Literal) and expression.value == number
