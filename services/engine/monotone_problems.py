"""What the search of `monotone` found, as problems in words that a clerk can look up."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from services.engine.building import Ladders, compile_policy
from services.engine.cases import Case
from services.engine.comparing import (
    GRADE,
    MORE,
    NEUTRAL,
    Compared,
    laid_outputs,
    undirected_outputs,
)
from services.engine.days import UNKNOWN_DAY, day_date, day_number
from services.engine.errors import NumberTooLargeError, Problem, problem_at
from services.engine.evaluation import Evaluation
from services.engine.improving import improving, is_by_rule, standing
from services.engine.inputs import DAY_UNIT
from services.engine.language import Either, Policy, Rule, Version
from services.engine.monotone import NOT_APPLYING, Improvement, Search, search
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, split_source

_NOT_SEARCHED: Final = "not-searched"
_SEARCHED: Final = frozenset({"grade", "list", "rate", "risk", "supervision", "obligation"})
_WELL_INSIDE_DAYS: Final = 900
_SHOWN_MOST: Final = 6
_LACKING_MOST: Final = 3


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
        laid = laid_outputs(self.plan, self.policy.kind, exempt)
        found = self._compared(exempt, Compared(laid, standing=GRADE not in exempt))
        if found.improvement is not None:
            return found
        # What is exempt may hang on bands and tables as it likes, not on rules that nobody names.
        for compared in self._ruled(exempt, laid):
            ruled = self._compared(exempt, compared)
            if ruled.improvement is not None:
                return replace(found, improvement=ruled.improvement)
        return found

    def _ruled(self, exempt: Sequence[str], laid: Mapping[str, str]) -> Iterator[Compared]:
        """Give what of the exempt grade and outputs is compared, where a rule improves it."""
        if GRADE in exempt:
            yield Compared({}, wanted=is_by_rule)
        outputs, rules = self.plan.version.outputs, self.plan.version.rules
        if all(rule.id in exempt or not rule.total for rule in rules):
            return
        # What the clause calls neither better nor worse cannot improve.
        freed = {
            name: direction
            for name, direction in laid_outputs(self.plan, self.policy.kind).items()
            if name in exempt and name not in laid and outputs[name].better != NEUTRAL
        }
        if freed:
            # A total needs its rules, so they stay; none of them ever holds.
            unruled = self._compiled(tuple(replace(rule, when=Either(())) for rule in rules))
        for name, direction in freed.items():
            one = Compared({name: direction}, standing=False)
            yield replace(one, wanted=partial(_goes_without, unruled, one))

    def _compiled(self, rules: tuple[Rule, ...]) -> Plan:
        searched = replace(self.plan.version, rules=rules)
        return compile_policy(self.policy, searched, self.vocabulary, self.ladders)

    def _compared(self, exempt: Sequence[str], compared: Compared) -> Search:
        plan, rules = self.plan, self.plan.version.rules
        kept = tuple(rule for rule in rules if rule.id not in exempt)
        if len(kept) < len(rules):
            plan = self._compiled(kept)
        compared = replace(compared, favourable=self.policy.favourable)
        as_of = well_inside(plan.version)
        return search(plan, self.vocabulary, as_of, compared=compared, cases=self.cases)

    def _found(self, found: Search, *, exempting: bool) -> Iterator[Problem]:
        if found.improvement is not None:
            words = _Words(found.improvement, self.vocabulary)
            place, name = improving(found.improvement)
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


def _goes_without(unruled: Plan, compared: Compared, before: Evaluation, after: Evaluation) -> bool:
    """Say whether a result of one subject is no better where no rule counts."""
    runs = [
        unruled.run(frame.population, frame.as_of, frame.inputs, setting=frame.setting)
        for frame in (before.frame, after.frame)
    ]
    return not compared.better(*runs).any()


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
        old, new = standing(before), standing(after)
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
    if output.words:
        return output.words[number]
    if output.unit == DAY_UNIT:
        return str(day_date(number))
    return str(Decimal(number).scaleb(-output.places))


def _industry(number: int) -> str:
    letter, digits = divmod(number, 10_000)
    text = f"{digits:04d}"
    while text.endswith("00"):
        text = text[:-2]
    return chr(ord("A") + letter - 1) + text
