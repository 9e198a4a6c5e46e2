"""The engine's workload: 15 rules with windows, severities, points and caps, and its facts.

The same rules stand here twice: as a policy for the engine, and as the NumPy code that a programmer
would write by hand for exactly these rules and nothing else.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.building import compile_policy
from services.engine.days import day_number, first_within
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import AttributeType, Vocabulary, parse_vocabulary

AS_OF: Final = day_number(date(2025, 1, 1))
_FIRST_DAY: Final = day_number(date(2019, 1, 1))
_SEED: Final = 20_260_101


@dataclass(frozen=True, slots=True)
class BenchRule:
    """One rule: records of a kind with one attribute in a range, in a window, points with a cap.

    Attributes:
        kind: Kind of the records.
        attribute: The attribute that is compared.
        comparison: The comparison as the policy writes it.
        least: Least number that passes.
        most: Greatest number that passes.
        months: Length of the window.
        points: Points off for each record.
        cap: Most points off.
    """

    kind: str
    attribute: str
    comparison: str
    least: int
    most: int
    months: int
    points: int
    cap: int


_ANY: Final = 1 << 60
RULES: Final = (
    BenchRule("penalty", "violation_code", "training", 9, 9, 12, 2, 6),
    BenchRule("penalty", "fine_fen", "{at_least: 1000000}", 1_000_000, _ANY, 24, 5, 20),
    BenchRule("penalty", "major", "true", 1, 1, 36, 10, 30),
    BenchRule("accident", "level", "general", 1, 1, 12, 10, 30),
    BenchRule("accident", "level", "larger", 2, 2, 24, 30, 60),
    BenchRule("accident", "level", "{at_least: major}", 3, _ANY, 36, 60, 60),
    BenchRule("hazard", "level", "major", 2, 2, 12, 8, 24),
    BenchRule("hazard", "level", "general", 1, 1, 12, 1, 5),
    BenchRule("violation", "severity", "minor", 1, 1, 12, 1, 4),
    BenchRule("violation", "severity", "general", 2, 2, 24, 2, 8),
    BenchRule("violation", "severity", "serious", 3, 3, 36, 5, 20),
    BenchRule("inspection", "problems_found", "true", 1, 1, 12, 1, 3),
    BenchRule("report", "finding", "confirmed", 1, 1, 12, 2, 6),
    BenchRule("rectification", "outcome", "rejected", 4, 4, 24, 3, 9),
    BenchRule("honour", "commitment", "broken", 3, 3, 12, 5, 5),
)
START: Final = 100
BANDS: Final = ((90, 1), (70, 2), (50, 3))


def policy_text() -> str:
    """Write the rules as a policy."""
    source = "source: {article: benchmark, confidence: assumed}"
    indicators = "".join(
        f"      n{number}:\n"
        f"        records: {rule.kind}\n"
        f"        where: {{{rule.attribute}: {rule.comparison}}}\n"
        f"        window: {{last: {{months: {rule.months}}}}}\n"
        f"        measure: count\n        unit: record\n        {source}\n"
        for number, rule in enumerate(RULES)
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
    return (
        "policy: benchmark.points\nkind: grade\ntitle: {zh: 基准, en: benchmark}\n"
        'documentation: Benchmark.\nfield: all\ndivision: "000000"\nversions:\n'
        '  - version: "1"\n    start_date: 2000-01-01\n    end_date: null\n'
        "    source: {instrument: benchmark, confidence: assumed}\n"
        f"    indicators:\n{indicators}"
        f"    totals:\n      score: {{unit: point, places: 2, start: {START}, combine: sum,"
        f" at_least: 0, {source}}}\n"
        f"    rules:\n{rules}"
        f"    grade:\n      ladder: [A, B, C, D]\n      start:\n{bands}"
        f"        - {{grade: D, when: true}}\n      {source}\n    score: score\n"
    )


def vocabulary() -> Vocabulary:
    """Read the project's vocabulary."""
    path = Path(__file__).parents[1] / "policies" / "vocabulary.yaml"
    return parse_vocabulary(path.read_bytes())


def compiled() -> Plan:
    """Compile the rules."""
    policy = read_policy(policy_text().encode(), "benchmark")
    return compile_policy(policy, policy.versions[0], vocabulary())


def facts(subjects: int, records: int) -> Population:
    """Draw a population, seeded; records spread evenly over the kinds of the rules."""
    random = np.random.default_rng(_SEED)
    words = vocabulary()
    kinds = sorted({rule.kind for rule in RULES})
    drawn: dict[str, RecordColumns] = {}
    for kind in kinds:
        size = records // len(kinds)
        owners = np.sort(random.integers(0, subjects, size))
        days = random.integers(_FIRST_DAY, AS_OF, size).astype(np.int32)
        order = np.lexsort((days, owners))
        columns: dict[str, IntColumn] = {"event_date": days[order]}
        for name in {rule.attribute for rule in RULES if rule.kind == kind}:
            columns[name] = _column(random, words, (kind, name), size)
        drawn[kind] = RecordColumns(np.arange(size), owners, columns)
    return Population(subjects, {}, drawn)


def by_hand(population: Population) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give score (points) and grade (1 to 4) by code written for exactly these rules."""
    score = np.full(population.size, START, dtype=np.int64)
    for rule in RULES:
        records = population.records[rule.kind]
        values, days = records.columns[rule.attribute], records.columns["event_date"]
        first = first_within(AS_OF, "months", rule.months)
        exact = rule.least == rule.most
        chosen = values == rule.least if exact else values >= rule.least
        chosen &= (days >= first) & (days <= AS_OF)
        counts = np.bincount(records.subjects[chosen], minlength=population.size)
        score -= np.minimum(counts * rule.points, rule.cap)
    np.maximum(score, 0, out=score)
    grade = np.full(population.size, len(BANDS) + 1, dtype=np.int64)
    for edge, rank in reversed(BANDS):
        grade[score >= edge] = rank
    return score, grade


# Private functions -----------------------------------------------------------


def _column(
    random: np.random.Generator, words: Vocabulary, of: tuple[str, str], size: int
) -> IntColumn:
    kind, name = of
    attribute = words.kinds[kind].attributes[name]
    if attribute.type is AttributeType.NUMBER:
        return random.integers(0, 2_000_000, size)
    if attribute.type is AttributeType.FLAG:
        return random.integers(0, 2, size).astype(np.int8)
    numbers = list(words.code_numbers[attribute.codes].values())
    return random.choice(numbers, size).astype(np.int8)
