"""The engine against OpenFisca and ZEN: the same rules over ready-made indicators.

Both are optional: ``make bench-peers`` installs them into an environment of their own, since one of
them is under a licence that the project does not take in.
"""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.workload import BANDS, RULES, START, vocabulary
from services.engine.building import compile_policy
from services.engine.days import day_number
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import Population
from services.engine.vocabulary import Attribute, AttributeType

_SUBJECTS: Final = 1_000_000
_ZEN_SUBJECTS: Final = 5_000
_ROUNDS: Final = 5
_AS_OF: Final = day_number(date(2025, 1, 1))
_SEED: Final = 20_260_102
_COUNT_MAX: Final = 5
_READY: Final = Attribute(AttributeType.NUMBER, unit="record")

Counts = list[NDArray[np.int64]]


def run(subjects: int = _SUBJECTS) -> list[str]:
    """Measure what is installed, and give the lines of the report."""
    counts = _counts(subjects)
    score, grade = _by_hand(counts)
    plan = _plan()
    population = Population(
        subjects, {f"n{number}": column for number, column in enumerate(counts)}, {}
    )

    def ours() -> object:
        return plan.results(population, _AS_OF, with_valid_until=False)

    results = plan.results(population, _AS_OF, with_valid_until=False)
    assert plan.score is not None, "the workload has a score"
    assert np.array_equal(results.scores, score * 10**plan.score.places), "both ways must agree"
    assert np.array_equal(results.ranks, grade), "both ways must agree"
    rate = subjects / _best(ours)
    return [_openfisca(counts, score, grade, rate=rate), _zen(counts, score, grade, rate=rate)]


# Private functions -----------------------------------------------------------


def _counts(size: int) -> Counts:
    random = np.random.default_rng(_SEED)
    return [random.integers(0, _COUNT_MAX, size) for _ in RULES]


def _by_hand(counts: Counts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    score = np.full(counts[0].size, START, dtype=np.int64)
    for rule, count in zip(RULES, counts, strict=True):
        score -= np.minimum(count * rule.points, rule.cap)
    np.maximum(score, 0, out=score)
    grade = np.full(score.size, len(BANDS) + 1, dtype=np.int64)
    for edge, rank in reversed(BANDS):
        grade[score >= edge] = rank
    return score, grade


def _plan() -> Plan:
    source = "source: {article: benchmark, confidence: assumed}"
    inputs = "".join(
        f"      n{number}: {{from: subject, if_missing: 0}}\n" for number in range(len(RULES))
    )
    rules = "".join(
        f"      - id: R-{number}\n"
        f"        when: {{n{number}: {{at_least: 1}}}}\n"
        f"        add: {{to: score, amount: {{max: [{{multiply: [n{number}, -{rule.points}]}},"
        f" -{rule.cap}]}}}}\n"
        f"        wording: {{zh: 扣分, en: points off}}\n        {source}\n"
        for number, rule in enumerate(RULES)
    )
    bands = "".join(
        f"        - {{grade: {'ABC'[rank - 1]}, when: {{score: {{at_least: {edge}}}}}}}\n"
        for edge, rank in BANDS
    )
    text = (
        "policy: benchmark.ready\nkind: grade\ntitle: {zh: 基准, en: benchmark}\n"
        'documentation: Benchmark.\nfield: all\ndivision: "000000"\nversions:\n'
        '  - version: "1"\n    start_date: 2000-01-01\n    end_date: null\n'
        "    source: {instrument: benchmark, confidence: assumed}\n"
        f"    inputs:\n{inputs}"
        f"    totals:\n      score: {{unit: point, places: 0, start: {START}, combine: sum,"
        f" at_least: 0, {source}}}\n"
        f"    rules:\n{rules}"
        f"    grade:\n      ladder: [A, B, C, D]\n      start:\n{bands}"
        f"        - {{grade: D, when: true}}\n      {source}\n    score: score\n"
    )
    policy = read_policy(text.encode(), "benchmark")
    ready = {f"n{number}": _READY for number in range(len(RULES))}
    return compile_policy(policy, policy.versions[0], replace(vocabulary(), subject=ready))


def _best(function: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(_ROUNDS):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return min(times)


def _missing(name: str) -> str:
    return f"peers: {name} is not installed; run: make bench-peers"


def _openfisca(
    counts: Counts, score: NDArray[np.int64], grade: NDArray[np.int64], *, rate: float
) -> str:
    if importlib.util.find_spec("openfisca_core") is None:
        return _missing("OpenFisca")
    system, subjects = _tax_benefit_system(), score.size

    def evaluated() -> tuple[Any, Any]:
        builder = importlib.import_module("openfisca_core.simulation_builder").SimulationBuilder()
        builder.create_entities(system)
        builder.declare_person_entity("enterprise", np.arange(subjects))
        simulation = builder.build(system)
        for number, column in enumerate(counts):
            simulation.set_input(f"n{number}", "2025", column)
        return simulation.calculate("score", "2025"), simulation.calculate("grade", "2025")

    theirs_score, theirs_grade = evaluated()
    assert np.array_equal(theirs_score, score), "OpenFisca must agree"
    assert np.array_equal(theirs_grade, grade), "OpenFisca must agree"
    theirs = subjects / _best(evaluated)
    return (
        f"peers: {subjects:,} enterprises, 15 rules over ready-made indicators:"
        f" {rate / 1e6:.1f} million/s; OpenFisca {theirs / 1e6:.1f} million/s;"
        f" ratio {rate / theirs:.2f} (at least 1)"
    )


def _tax_benefit_system() -> Any:  # noqa: ANN401 -- an optional package without types.
    """Write the rules as OpenFisca wants them: a variable for each."""
    entities = importlib.import_module("openfisca_core.entities")
    periods = importlib.import_module("openfisca_core.periods")
    variable = importlib.import_module("openfisca_core.variables").Variable
    systems = importlib.import_module("openfisca_core.taxbenefitsystems")
    enterprise = entities.build_entity(
        key="enterprise", plural="enterprises", label="Enterprise", is_person=True
    )

    def new(name: str, formula: object = None) -> type[Any]:
        body = {"value_type": int, "entity": enterprise, "definition_period": periods.YEAR}
        return type(name, (variable,), {**body, **({"formula": formula} if formula else {})})

    def points_of(number: int) -> Callable[..., Any]:
        rule = RULES[number]

        def formula(person: Any, period: Any) -> Any:  # noqa: ANN401 -- as above.
            return np.minimum(person(f"n{number}", period) * rule.points, rule.cap)

        return formula

    def score(person: Any, period: Any) -> Any:  # noqa: ANN401 -- as above.
        total = START - sum(person(f"points{number}", period) for number in range(len(RULES)))
        return np.maximum(total, 0)

    def grade(person: Any, period: Any) -> Any:  # noqa: ANN401 -- as above.
        total = person("score", period)
        return np.select([total >= edge for edge, _ in BANDS], [rank for _, rank in BANDS], 4)

    system = systems.TaxBenefitSystem([enterprise])
    for number in range(len(RULES)):
        system.add_variable(new(f"n{number}"))
        system.add_variable(new(f"points{number}", points_of(number)))
    system.add_variable(new("score", score))
    system.add_variable(new("grade", grade))
    return system


def _zen(counts: Counts, score: NDArray[np.int64], grade: NDArray[np.int64], *, rate: float) -> str:
    if importlib.util.find_spec("zen") is None:
        return _missing("ZEN")
    zen: Any = importlib.import_module("zen")
    decision = zen.ZenEngine().create_decision(json.dumps(_decision_model()))
    inputs = [
        {f"n{number}": int(column[row]) for number, column in enumerate(counts)}
        for row in range(_ZEN_SUBJECTS)
    ]

    def evaluated() -> list[Any]:
        return [decision.evaluate(one)["result"] for one in inputs]

    answers = evaluated()
    assert [one["score"] for one in answers] == score[:_ZEN_SUBJECTS].tolist(), "ZEN must agree"
    assert [one["grade"] for one in answers] == grade[:_ZEN_SUBJECTS].tolist(), "ZEN must agree"
    theirs = _ZEN_SUBJECTS / _best(evaluated)
    return (
        f"peers: the same rules: {rate:,.0f}/s; ZEN {theirs:,.0f}/s;"
        f" ratio {rate / theirs:,.0f} (at least 100)"
    )


def _decision_model() -> dict[str, Any]:
    """Write the rules as ZEN wants them: one node of expressions."""
    points = " + ".join(
        f"min([n{number} * {rule.points}, {rule.cap}])" for number, rule in enumerate(RULES)
    )
    grade = "4"
    for edge, rank in reversed(BANDS):
        grade = f"$.score >= {edge} ? {rank} : ({grade})"
    expressions = [
        {"id": "s", "key": "score", "value": f"max([{START} - ({points}), 0])"},
        {"id": "g", "key": "grade", "value": grade},
    ]
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {
                "id": "rules",
                "name": "rules",
                "type": "expressionNode",
                "content": {"expressions": expressions},
            },
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
