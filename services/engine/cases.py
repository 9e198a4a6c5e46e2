"""Golden cases: facts, a day and the result that the text gives, beside the policy they try.

A case file ``<name>.cases.yaml`` names its policy and lists cases that a lawyer can read; the
expected results are worked out by hand from the text, never taken from the program.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

import numpy as np

from services.engine.days import day_date, day_number
from services.engine.document import Entries, Items, Scalar, read_document
from services.engine.errors import NumberTooLargeError, PolicyRefusedError, Problem, problem_at
from services.engine.evaluation import NO_DATA, NOT_APPLICABLE, Evaluation
from services.engine.explaining import explain
from services.engine.frames import Setting
from services.engine.inputs import DAY_UNIT
from services.engine.language import Place
from services.engine.naming import unknown_division, unknown_industry
from services.engine.numbers import MISSING
from services.engine.peers import PeerTable
from services.engine.plan import OutputPlan, Plan
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.reading import Reader
from services.engine.vocabulary import (
    Attribute,
    AttributeType,
    Vocabulary,
    division_range,
    industry_range,
    record_source,
)

Facts = Mapping[str, object]
"""Attribute values as written in a case."""


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record of a case: its kind and its attributes as numbers."""

    kind: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One golden case.

    Attributes:
        name: What the case shows.
        as_of: The day asked for.
        subject: Attributes of the subject as numbers.
        inputs: Inputs given with the question, as whole numbers of their smallest unit.
        records: The facts.
        peers: Values of the peers in ascending order, by name of the input.
        expect: Expected results as written: ``grade``, ``status``, ``score``, ``state``,
            ``rules`` and names of outputs.
        named: Where it names results, rules, inputs and places among peers of the policy, by what
            each is.
    """

    name: str
    as_of: int
    subject: Mapping[str, int]
    inputs: Mapping[str, Scalar]
    records: tuple[CaseRecord, ...]
    expect: Mapping[str, object]
    place: Place = field(default=(1, 1))
    peers: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one policy."""

    policy_id: str
    cases: tuple[Case, ...]
    file: str


def read_cases(content: bytes, file: str, vocabulary: Vocabulary) -> CaseFile:
    """Read a case file.

    Raises:
        PolicyRefusedError: The file breaks its form; carries every problem found.
    """
    root = read_document(content, file)
    reader = _CaseReader(file, vocabulary)
    policy_id, cases = "", list[Case]()
    with reader.part():
        policy_id = reader.text(root, "policy")
        reader.known_keys(root, "policy", "cases")
        items = reader.items(root, "cases")
        for item, place in zip(items, items.places, strict=True):
            with reader.part():
                if not isinstance(item, Entries):
                    reader.refuse(place, "syntax", "a case is a mapping")
                cases.append(reader.case(item))
    if reader.found:
        raise PolicyRefusedError(reader.found)
    return CaseFile(policy_id, tuple(cases), file)


def try_case(plan: Plan, case: Case, vocabulary: Vocabulary, file: str) -> tuple[Problem, ...]:
    """Run one case alone and give what differs from its expectation; a case has to have one."""
    if not case.expect:
        message = f"{case.name}: say at least one result that is expected"
        return (problem_at(file, case.place, "missing-expect", message),)
    unknown = (*_unknown_names(plan, case, file), *_finer_peers(plan, case, file))
    if unknown:
        return unknown
    try:
        evaluation = _run(plan, case, vocabulary)
    except NumberTooLargeError as error:
        message = f"{case.name}: {error.message}"
        return (problem_at(file, case.place, "case-failed", message),)
    except KeyError as error:
        message = f"{case.name}: an input has no word {error.args[0]!r}"
        return (problem_at(file, case.place, "case-failed", message),)
    found = case_results(evaluation, 0)
    return tuple(
        problem_at(
            file, case.place, "case-failed", f"{case.name}: {name} is {is_}, expected {want}"
        )
        for name, want in case.expect.items()
        if (is_ := found.get(name)) != _comparable(want)
    )


def rules_held(plan: Plan, case: Case, vocabulary: Vocabulary) -> frozenset[str]:
    """Name the rules that hold in a case; none where it cannot be tried."""
    try:
        evaluation = _run(plan, case, vocabulary)
    except (KeyError, NumberTooLargeError):
        return frozenset()
    if int(evaluation.states()[0]) in {NO_DATA, NOT_APPLICABLE}:
        return frozenset()
    return frozenset(one.rule.id for one in plan.rules if evaluation.column(one.hit)[0])


def case_inputs(plan: Plan, case: Case) -> dict[str, int]:
    """Give a case's inputs in the smallest units of the plan's.

    Raises:
        KeyError: A word is none of an input's codes.
    """
    inputs: dict[str, int] = {}
    for name, value in case.inputs.items():
        places = plan.version.inputs[name].places if name in plan.version.inputs else 0
        if isinstance(value, date):
            inputs[name] = day_number(value)
        elif isinstance(value, str):
            inputs[name] = plan.words.get(name, {})[value]
        else:
            assert isinstance(value, int | Decimal), "the reader gives words, days and numbers"
            inputs[name] = int(Decimal(value).scaleb(places))
    return inputs


def case_setting(plan: Plan, case: Case) -> Setting:
    """Give the tables of peers that a case states: for its subject's group, whichever it is."""
    return Setting(
        peers={
            name: PeerTable(
                {}, everybody=[int(value.scaleb(plan.peers[name].places)) for value in values]
            )
            for name, values in case.peers.items()
            if name in plan.peers
        }
    )


def case_population(cases: Sequence[Case], plan: Plan, vocabulary: Vocabulary) -> Population:
    """Put the facts of cases into the columns that a plan needs, a case a subject."""
    attributes = {
        name: _column(vocabulary.subject[name], [case.subject.get(name) for case in cases])
        for name in plan.needs.attributes
    }
    records = {
        source: _records(source, names, cases, vocabulary)
        for source, names in plan.needs.records.items()
    }
    return Population(len(cases), attributes, records)


def case_results(evaluation: Evaluation, position: int) -> dict[str, object]:
    """Give the results of one subject in the words of a case's expectation."""
    plan = evaluation.plan
    state = int(evaluation.states()[position])
    rank = int(evaluation.ranks()[position])
    status = int(evaluation.status_numbers()[position])
    result: dict[str, object] = {
        "state": {NO_DATA: "no_data", NOT_APPLICABLE: "not_applicable"}.get(state, "result"),
        "grade": plan.ladder[rank - 1] if rank else None,
        "status": plan.statuses[status - 1] if status else None,
        "rules": sorted(
            line.rule_id
            for line in explain(evaluation, position, dated=False)
            if "." not in line.rule_id
        ),
        "refused": sorted(evaluation.refused(position)),
    }
    if plan.score is not None and (scores := evaluation.scores()) is not None:
        result["score"] = _decimal(int(scores[position]), plan.score.places)
    for name, output in plan.outputs.items():
        number = int(evaluation.output(name)[position])
        result[name] = _shown(number, output)
    return result


# Private functions -----------------------------------------------------------

_INDUSTRY: Final = re.compile(r"[A-T]\d{0,4}")
_DIVISION: Final = re.compile(r"\d{6}")
_RESULTS: Final = ("grade", "status", "score", "state", "rules", "refused")


def _run(plan: Plan, case: Case, vocabulary: Vocabulary) -> Evaluation:
    population = case_population([case], plan, vocabulary)
    return plan.run(
        population, case.as_of, case_inputs(plan, case), setting=case_setting(plan, case)
    )


def _unknown_names(plan: Plan, case: Case, file: str) -> Iterator[Problem]:
    """Find results, rules and inputs that a case names and the version does not have."""
    known = {
        "result": (*_RESULTS, *plan.outputs),
        "rule": tuple(rule.id for rule in plan.version.rules),
        "input": tuple(plan.version.inputs),
        "place among peers": tuple(plan.peers),
    }
    for (noun, name), place in case.named.items():
        if name not in known[noun]:
            near = get_close_matches(name, known[noun], n=1)
            words = f"{near[0]!r} may be meant" if near else f"there are {', '.join(known[noun])}"
            message = f"{case.name}: no {noun} is called {name!r}; {words}"
            yield problem_at(file, place, "unknown-name", message)


def _finer_peers(plan: Plan, case: Case, file: str) -> Iterator[Problem]:
    """Find values of peers that have more decimals than the policy compares."""
    for name, values in case.peers.items():
        places = plan.peers[name].places if name in plan.peers else 0
        if any(value.scaleb(places) % 1 for value in values):
            message = f"{case.name}: what {name!r} compares has {places} decimals, and no more"
            yield problem_at(file, case.named["place among peers", name], "syntax", message)


_BLANK: Final = {AttributeType.NUMBER, AttributeType.CODE, AttributeType.CODES, AttributeType.FLAG}


def _shown(number: int, output: OutputPlan) -> object:
    if output.words:
        return output.words.get(number)
    day = output.unit == DAY_UNIT and number != MISSING
    return day_date(number) if day else _decimal(number, output.places)


def _decimal(number: int, places: int) -> Decimal | None:
    return None if number == MISSING else Decimal(number).scaleb(-places)


def _comparable(want: object) -> object:
    if isinstance(want, int | Decimal) and not isinstance(want, bool):
        return Decimal(want)
    return sorted(map(str, want)) if isinstance(want, Items) else want


def _column(attribute: Attribute, values: Sequence[int | None]) -> IntColumn:
    width = np.int32 if attribute.type is AttributeType.DAY else np.int64
    least = int(np.iinfo(width).min)
    return np.array([least if value is None else value for value in values], dtype=width)


def _records(
    source: str, names: frozenset[str], cases: Sequence[Case], vocabulary: Vocabulary
) -> RecordColumns:
    rows = sorted(
        (subject, record.values["event_date"], number, record.values)
        for subject, case in enumerate(cases)
        for number, record in enumerate(case.records)
        if record.kind == source
    )
    words = vocabulary.record_attributes(source)
    columns: dict[str, IntColumn] = {}
    for name in names | {"event_date"}:
        blank = 0 if words[name].type in _BLANK and not words[name].optional else None
        columns[name] = _column(words[name], [row[3].get(name, blank) for row in rows])
    return RecordColumns(
        record_ids=np.array([row[2] for row in rows], dtype=np.int64),
        subjects=np.array([row[0] for row in rows], dtype=np.int64),
        columns=columns,
    )


def _named(expect: Entries, inputs: Entries, peers: Entries) -> dict[tuple[str, str], Place]:
    parts = {"result": expect, "input": inputs, "place among peers": peers}
    named = {(noun, name): part.places[name] for noun, part in parts.items() for name in part}
    rules = expect.get("rules")
    if isinstance(rules, Items):
        pairs = zip(rules, rules.places, strict=True)
        named |= {("rule", str(rule)): place for rule, place in pairs}
    return named


class _CaseReader(Reader):
    def __init__(self, file: str, vocabulary: Vocabulary) -> None:
        super().__init__(file)
        self._vocabulary = vocabulary

    def case(self, entries: Entries) -> Case:
        self.known_keys(
            entries, "name", "as_of", "subject", "inputs", "records", "peers", "expect", "source"
        )
        as_of = self.day(entries, "as_of")
        if as_of is None:
            self.refuse(entries.place, "syntax", "'as_of' is missing")
        subject = self.optional_entries(entries, "subject")
        records = self.items(entries, "records") if "records" in entries else Items(entries.place)
        inputs = self.optional_entries(entries, "inputs")
        expect = self.entries(entries, "expect")
        return Case(
            name=self.text(entries, "name"),
            as_of=day_number(as_of),
            subject=self._values(subject, self._vocabulary.subject),
            inputs={name: self._given(inputs, name) for name in inputs},
            peers=self._peers(entries),
            records=tuple(self._record(item, entries) for item in self._repeated(records)),
            expect=dict(expect),
            place=entries.place,
            named=_named(expect, inputs, self.optional_entries(entries, "peers")),
        )

    def _given(self, inputs: Entries, name: str) -> Scalar:
        value = inputs[name]
        if not isinstance(value, int | Decimal | date | str):
            self.refuse(inputs.places[name], "syntax", f"{name!r} must be a number, day or word")
        return value

    def _peers(self, entries: Entries) -> dict[str, list[Decimal]]:
        given = self.optional_entries(entries, "peers")
        found: dict[str, list[Decimal]] = {}
        for name in given:
            items = self.items(given, name)
            values = [
                Decimal(one)
                for one in items
                if isinstance(one, int | Decimal) and not isinstance(one, bool)
            ]
            if len(values) < len(items):
                self.refuse(given.places[name], "syntax", "peers are numbers of the unit")
            found[name] = sorted(values)
        return found

    def _repeated(self, records: Items) -> list[Entries]:
        found: list[Entries] = []
        for item, place in zip(records, records.places, strict=True):
            if not isinstance(item, Entries):
                self.refuse(place, "syntax", "a record is a mapping")
            found.extend([item] * self.whole(item, "times", 1))
        return found

    def _record(self, entries: Entries, case: Entries) -> CaseRecord:
        kind = self.word(entries, "kind", self._vocabulary.kinds)
        relations = self._vocabulary.relations
        relation = self.word(entries, "of", relations) if "of" in entries else ""
        facts = Entries(entries.place)
        for name, value in entries.items():
            if name not in {"kind", "times", "of"}:
                facts[name], facts.places[name] = value, entries.places[name]
        source = record_source(kind, relation)
        values = self._values(facts, self._vocabulary.record_attributes(source))
        if "event_date" not in values:
            self.refuse(case.place, "syntax", "a record of a case needs its event_date")
        return CaseRecord(source, values)

    def _values(self, facts: Entries, words: Mapping[str, Attribute]) -> dict[str, int]:
        values: dict[str, int] = {}
        for name, value in facts.items():
            if name not in words:
                known = ", ".join(words)
                self.refuse(facts.places[name], "unknown-name", f"no {name!r}; known are {known}")
            values[name] = self._value(value, words[name], facts.places[name])
        return values

    def _value(self, value: object, attribute: Attribute, place: Place) -> int:
        numbers = self._vocabulary.code_numbers.get(attribute.codes, {})
        match attribute.type:
            case AttributeType.DAY if isinstance(value, date):
                return day_number(value)
            case AttributeType.NUMBER | AttributeType.FLAG if isinstance(value, int):
                return int(value)
            case AttributeType.CODE if isinstance(value, str) and value in numbers:
                return numbers[value]
            case AttributeType.CODES if isinstance(value, Items) and all(
                isinstance(code, str) and code in numbers for code in value
            ):
                return sum(1 << numbers[str(code)] for code in value)
            case AttributeType.INDUSTRY if isinstance(value, str) and _INDUSTRY.fullmatch(value):
                if message := unknown_industry(value, self._vocabulary):
                    self.refuse(place, "unknown-code", message)
                return industry_range(value)[0]
            case AttributeType.DIVISION if isinstance(value, str) and _DIVISION.fullmatch(value):
                if message := unknown_division(value, self._vocabulary):
                    self.refuse(place, "unknown-code", message)
                return division_range(value)[0]
        return self.refuse(place, "type", f"{value!r} is no {attribute.type.value}")
