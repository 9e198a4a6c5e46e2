"""Worse records never give a better result: a search for facts that break this.

Facts are drawn at the edges that a policy speaks of; then one adverse record is added to each
subject, and no subject may come out better. The draw is seeded, so a finding can be repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import UNKNOWN_DAY
from services.engine.evaluation import RESULT, Evaluation
from services.engine.frames import Setting
from services.engine.language import (
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Name,
    Negation,
    Version,
)
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import (
    Attribute,
    AttributeType,
    Vocabulary,
    industry_range,
    split_source,
)

ADVERSE: Final = ("violation", "penalty", "hazard", "accident")
"""Kinds of records that speak against a subject."""

_SUBJECTS: Final = 3000
_RECORDS_MOST: Final = 4
_SEED: Final = 493
_DAYS_BACK: Final = 4 * 366


@dataclass(frozen=True, slots=True)
class Improvement:
    """An adverse record that made a result better.

    Attributes:
        kind: Kind of the record added.
        record: Its attributes as numbers.
        before: Result without it, by name.
        after: Result with it.
    """

    kind: str
    record: Mapping[str, int]
    before: Mapping[str, int]
    after: Mapping[str, int]


def find_improvement(
    plan: Plan, vocabulary: Vocabulary, as_of: int, *, favourable: bool = False
) -> Improvement | None:
    """Search for an adverse record that improves the grade, the candidacy or the premium factor.

    Args:
        plan: The policy.
        vocabulary: The words that it uses.
        as_of: A day on which it is in force.
        favourable: Whether a status is a good thing, as on a redlist.
    """
    drawer = _Drawer(plan, vocabulary, as_of)
    for kind in sorted(plan.needs.records):
        if split_source(kind)[0] not in ADVERSE:
            continue
        base = drawer.population()
        extra = drawer.records(kind, np.arange(_SUBJECTS))
        worse = Population(
            base.size, base.attributes, {**base.records, kind: _merged(base.records[kind], extra)}
        )
        # The table of peers is pinned: a record more moves the subject in it, and nobody else.
        setting = Setting(peers=plan.run(base, as_of).peer_tables())
        before = plan.run(base, as_of, setting=setting)
        after = plan.run(worse, as_of, setting=setting)
        better = _better(before, after, favourable=favourable)
        if better.size:
            position = int(better[0])
            record = {name: int(column[position]) for name, column in extra.columns.items()}
            return Improvement(kind, record, _shown(before, position), _shown(after, position))
    return None


# Private functions -----------------------------------------------------------


def _better(before: Evaluation, after: Evaluation, *, favourable: bool) -> NDArray[np.intp]:
    both = (before.states() == RESULT) & (after.states() == RESULT)
    one, two = before.status_numbers() > 0, after.status_numbers() > 0
    # Leaving a status outside the ladder is a relief, unless the status is an honour.
    better = ~one & two if favourable else one & ~two
    ranks = (before.ranks(), after.ranks())
    better |= (ranks[0] > ranks[1]) & (ranks[1] > 0)
    for name in ("factor", "premium"):
        if name in before.plan.outputs:
            first, second = before.output(name), after.output(name)
            better |= (second < first) & (first != MISSING) & (second != MISSING)
    return np.flatnonzero(better & both)


def _shown(evaluation: Evaluation, position: int) -> dict[str, int]:
    shown = {
        "rank": int(evaluation.ranks()[position]),
        "status": int(evaluation.status_numbers()[position]),
    }
    for name in ("factor", "premium"):
        if name in evaluation.plan.outputs:
            shown[name] = int(evaluation.output(name)[position])
    return shown


def _merged(one: RecordColumns, other: RecordColumns) -> RecordColumns:
    subjects = np.concatenate([one.subjects, other.subjects])
    days = np.concatenate([one.columns["event_date"], other.columns["event_date"]])
    order = np.lexsort((days, subjects))
    return RecordColumns(
        np.arange(subjects.size),
        subjects[order],
        {
            name: np.concatenate([column, other.columns[name]])[order]
            for name, column in one.columns.items()
        },
    )


class _Drawer:
    def __init__(self, plan: Plan, vocabulary: Vocabulary, as_of: int) -> None:
        self._plan = plan
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._random = np.random.default_rng(_SEED)
        self._edges = _edges(plan.version)

    def population(self) -> Population:
        attributes = {
            name: self._column(self._vocabulary.subject[name], name, _SUBJECTS)
            for name in self._plan.needs.attributes
        }
        records: dict[str, RecordColumns] = {}
        for kind in self._plan.needs.records:
            counts = self._random.integers(0, _RECORDS_MOST + 1, _SUBJECTS)
            records[kind] = self.records(kind, np.repeat(np.arange(_SUBJECTS), counts))
        return Population(_SUBJECTS, attributes, records)

    def records(self, kind: str, subjects: IntColumn) -> RecordColumns:
        words = self._vocabulary.record_attributes(kind)
        names = self._plan.needs.records[kind] | {"event_date"}
        columns = {name: self._column(words[name], name, subjects.size) for name in sorted(names)}
        order = np.lexsort((columns["event_date"], subjects))
        return RecordColumns(
            np.arange(subjects.size),
            subjects.astype(np.int64),
            {name: column[order] for name, column in columns.items()},
        )

    def _column(self, attribute: Attribute, name: str, size: int) -> IntColumn:
        numbers = list(self._vocabulary.code_numbers.get(attribute.codes, {}).values())
        match attribute.type:
            case AttributeType.DAY:
                days = self._as_of - self._random.integers(0, _DAYS_BACK, size)
                if name != "event_date":
                    days[self._random.random(size) < 1 / 3] = UNKNOWN_DAY
                return days.astype(np.int32)
            case AttributeType.CODE:
                return self._random.choice(numbers, size)
            case AttributeType.CODES:
                return np.asarray(
                    np.left_shift(1, self._random.choice(numbers, size)), dtype=np.int64
                )
            case AttributeType.FLAG:
                return self._random.integers(0, 2, size)
            case AttributeType.INDUSTRY:
                codes = [industry_range(code)[0] for code in ("B06", "C26", "E47", "F52", "G54")]
                return self._random.choice(codes, size)
            case AttributeType.DIVISION:
                return self._random.choice([110105, 320613], size)
            case AttributeType.NUMBER:
                edges = sorted(self._edges.get(name, set()) | {1, 2, 3, 10, 100})
                return self._random.choice(edges, size)


def _edges(version: Version) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    conditions: list[Condition] = [one.where for one in version.indicators.values()]
    for group in version.children.values():
        conditions += [group.roster.where, *(one.where for one in group.measures.values())]
    conditions += [rule.when for rule in version.rules]
    conditions += [Every(row.cells) for table in version.tables.values() for row in table.rows]
    while conditions:
        match conditions.pop():
            case Every(parts) | Either(parts):
                conditions.extend(parts)
            case Negation(part):
                conditions.append(part)
            case Comparison(name, _, operands):
                for operand in operands:
                    written: Expression = operand
                    if isinstance(operand, Name) and operand.name in version.values:
                        written = version.values[operand.name].expression
                    if isinstance(written, Literal) and type(written.value) is int:
                        near = {written.value + step for step in (-1, 0, 1)}
                        found.setdefault(name, set()).update(one for one in near if one >= 0)
    return found
