"""Everything that applies to one enterprise of Chaoyang: 14 policies, 20 records, explained."""

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from services.engine.days import day_number
from services.engine.explaining import explain
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, industry_range
from services.scoring.commands.evaluating import evaluate_all
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.store.policies import load_policies, load_vocabulary

AS_OF: Final = date(2025, 1, 1)
RECORDS: Final = {
    "violation": 6,
    "penalty": 4,
    "hazard": 3,
    "inspection": 3,
    "honour": 2,
    "accident": 1,
    "rectification": 1,
}
"""Records by kind, 20 in all, of all five fields and of the last two and a half years."""

_FOLDER: Final = Path(__file__).parents[1] / "policies"
_PREFIX: Final = "cn.beijing.chaoyang."
_SEED: Final = 7
_DAYS_BACK: Final = 900
_FIELDS: Final = 0b111110
_ROUNDS, _CALLS = 150, 3
_MILLISECONDS_MOST: Final = 1.0


def run() -> list[str]:
    """Measure, and give the lines of the report."""
    vocabulary = load_vocabulary(_FOLDER)
    versions = _versions()
    enterprise = _enterprise(vocabulary, versions)

    def answered() -> int:
        # A population of its own each time, for columns that were looked at are remembered.
        fresh = Population(1, enterprise.attributes, enterprise.records)
        lines = 0
        for outcome in evaluate_all(versions, fresh, AS_OF):
            outcome.evaluation.ranks()
            outcome.evaluation.status_numbers()
            lines += len(explain(outcome.evaluation, 0))
        return lines

    times: list[float] = []
    for _ in range(_ROUNDS):
        start = perf_counter()
        for _ in range(_CALLS):
            lines = answered()
        times.append((perf_counter() - start) / _CALLS)
    milliseconds = min(times) * 1e3
    report = (
        f"engine: one enterprise of Chaoyang, {sum(RECORDS.values())} records,"
        f" {len(versions)} policies, each with its day of change, explained in {lines} lines:"
        f" {milliseconds:.2f} ms (at most {_MILLISECONDS_MOST:g})"
    )
    return [report]


# Private functions -----------------------------------------------------------


def _versions() -> list[PinnedVersion]:
    library = load_policies(_FOLDER)
    listed = library.listed("", field=0, division=110105, as_of=AS_OF)
    names = [one.policy.policy_id for one in listed]
    wanted = sorted(name for name in set(names) if name.startswith(_PREFIX))
    return [library.named("", name, version="", as_of=AS_OF) for name in wanted]


def _enterprise(vocabulary: Vocabulary, versions: list[PinnedVersion]) -> Population:
    attributes: dict[str, IntColumn] = {}
    for name in sorted(frozenset[str]().union(*(one.needs.attributes for one in versions))):
        attributes[name] = _column(_random(name), vocabulary, vocabulary.subject[name], 1)
    if "fields" in attributes:
        attributes["fields"][:] = _FIELDS
    records: dict[str, RecordColumns] = {}
    for kind, size in RECORDS.items():
        names = frozenset[str]().union(*(one.needs.records.get(kind, ()) for one in versions))
        words = vocabulary.kinds[kind].attributes
        columns = {
            name: _column(_random(f"{kind}.{name}"), vocabulary, words[name], size)
            for name in sorted(names | {"event_date"})
        }
        columns["event_date"].sort()
        records[kind] = RecordColumns(np.arange(size), np.zeros(size, dtype=np.int64), columns)
    return Population(1, attributes, records)


def _random(name: str) -> np.random.Generator:
    """Draw by the name, so that a policy that asks for more changes nothing of what others see."""
    return np.random.default_rng([_SEED, *name.encode()])


def _column(
    random: np.random.Generator, vocabulary: Vocabulary, attribute: Attribute, size: int
) -> IntColumn:
    numbers = list(vocabulary.code_numbers.get(attribute.codes, {}).values())
    match attribute.type:
        case AttributeType.DAY:
            days = day_number(AS_OF) - random.integers(0, _DAYS_BACK, size)
            return days.astype(np.int32)
        case AttributeType.CODE:
            return random.choice(np.array(numbers, dtype=np.int16), size)
        case AttributeType.CODES:
            bits = np.left_shift(1, random.choice(np.array(numbers), size))
            return np.asarray(bits, dtype=np.int32)
        case AttributeType.FLAG:
            return random.integers(0, 2, size).astype(np.int8)
        case AttributeType.INDUSTRY:
            return np.full(size, industry_range("C26")[0], dtype=np.int32)
        case AttributeType.DIVISION:
            return np.full(size, 110105, dtype=np.int32)
        case AttributeType.NUMBER:
            return random.integers(1, 4, size)
