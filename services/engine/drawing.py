"""Enterprises, records and inputs drawn at the edges that a policy speaks of, from one seed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.calming import Calmer
from services.engine.days import UNKNOWN_DAY
from services.engine.edges import Edges, edges_of, near
from services.engine.evaluation import Evaluation
from services.engine.inputs import DAY_UNIT
from services.engine.language import Comparison, Input, Name
from services.engine.numbers import MISSING, least
from services.engine.plan import Plan
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import (
    Attribute,
    AttributeType,
    Vocabulary,
    division_range,
    industry_range,
    split_source,
)

SOURCE_STEP: Final = 10_000_000
"""Identifiers of drawn records: this times the place of their source, and their row in it."""

TOLD: Final = frozenset({"request", "policy"})
"""Origins of inputs that come with the question."""

OWN_RESULTS: Final = frozenset({"last_period", "peers"})
"""Origins of inputs that a run works out itself where nobody tells them."""

_SEED: Final = 493
_RECORDS_MOST: Final = 4
_LACKING: Final = (0, 1 / 2, 9 / 10)
"""Shares of the kinds of which a drawn enterprise has no record; the last are well off besides."""

_PLAIN: Final = 1 / 3
"""Share of the records of which no flag and no code of a set holds that could make them worse."""

_ABSENT_AS_NOUGHT: Final = frozenset({AttributeType.CODES, AttributeType.FLAG})

_UNCALM: Final = 1 / 6
"""Share of the answers of those that stay as they were drawn."""

_DAYS_BACK: Final = 4 * 366
_ROUNDS: Final = 6
_USUAL: Final = (0, 1, 2, 3, 10, 100)
_INDUSTRIES: Final = ("B06", "C26", "E47", "F52", "G54")
_DIVISIONS: Final = (110105, 320613)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Enterprises with their records, and what a caller would tell of each.

    Attributes:
        population: The enterprises.
        inputs: Columns [n] by name of the input.
    """

    population: Population
    inputs: Mapping[str, NDArray[np.int64]]


class Drawer:
    """Draws for one plan; the same each time."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary, as_of: int) -> None:
        """Start from the seed.

        Args:
            plan: The policy.
            vocabulary: The words that it uses.
            as_of: The day asked for.
        """
        self.random = np.random.default_rng(_SEED)
        self.edges: Edges = edges_of(plan, as_of)
        self._plan = plan
        self._vocabulary = vocabulary
        self._as_of = as_of
        past = [day + step for day in self.edges.days for step in (-1, 0)]
        self._days = [day for day in past if day <= as_of] or [as_of]
        self._back = max(_DAYS_BACK, as_of - min(self._days) + 366)
        self._until = {one.window.until for one in plan.version.indicators.values()}

    def drawn(self, size: int, *, results: bool) -> Drawn:
        """Draw enterprises with up to a few records of each kind, a third of them well off.

        Args:
            size: How many.
            results: Whether last period's results and places among peers are drawn as well,
                instead of being worked out.
        """
        attributes, inputs = self._subjects(size, results=results)
        records: dict[str, RecordColumns] = {}
        lacking = self.random.choice(_LACKING, size)
        for number, source in enumerate(sorted(self._plan.needs.records)):
            counts = self.random.integers(0, _RECORDS_MOST + 1, size)
            counts[self.random.random(size) < lacking] = 0
            records[source] = self.records(source, np.repeat(np.arange(size), counts), number)
        drawn = Drawn(Population(size, attributes, records), inputs)
        self._calm(drawn, np.flatnonzero(lacking == max(_LACKING)))
        return drawn

    def records(self, source: str, subjects: NDArray[np.int64], number: int) -> RecordColumns:
        """Draw one record for each of some subjects.

        Args:
            source: Whose records, see `vocabulary.record_source`.
            subjects: int64[m], positions, not decreasing.
            number: Place of the source, for the identifiers.
        """
        words = self._vocabulary.record_attributes(source)
        names = self._plan.needs.records[source] | {"event_date"}
        columns = {name: self._column(words[name], name, subjects.size) for name in sorted(names)}
        plain = self.random.random(subjects.size) < _PLAIN
        for name in sorted(names):
            if words[name].type in _ABSENT_AS_NOUGHT:
                columns[name][plain] = 0
        order = np.lexsort((columns["event_date"], subjects))
        return RecordColumns(
            np.arange(subjects.size) + number * SOURCE_STEP,
            subjects.astype(np.int64),
            {name: column[order] for name, column in columns.items()},
        )

    def adverse(self, source: str, subjects: NDArray[np.int64], number: int) -> RecordColumns:
        """Draw records as `records` does, all of which speak against their subjects."""
        drawn = self.records(source, subjects, number)
        for name, code in self._vocabulary.adverse[split_source(source)[0]].items():
            if name in drawn.columns:
                drawn.columns[name][:] = code
        return drawn

    def speaking(self, source: str, drawn: RecordColumns) -> NDArray[np.bool_]:
        """Say which drawn records speak against their subjects, as far as their columns tell."""
        said = self._vocabulary.adverse.get(split_source(source)[0])
        found = np.full(drawn.record_ids.size, said is not None)
        for name, code in (said or {}).items():
            if name in drawn.columns:
                found &= drawn.columns[name] == code
        return found

    # Subjects and inputs ----------------------------------------------------------

    def _subjects(
        self, size: int, *, results: bool
    ) -> tuple[dict[str, IntColumn], dict[str, NDArray[np.int64]]]:
        """Draw attributes and inputs, again and again where the policy refuses one."""
        known = self._vocabulary.subject
        attributes = {
            name: self._column(known[name], name, size)
            for name in sorted(self._plan.needs.attributes)
        }
        self._leave_out(attributes)
        origins = TOLD | (OWN_RESULTS if results else frozenset())
        told = {
            name: one for name, one in self._plan.version.inputs.items() if one.origin in origins
        }
        inputs = {name: self._input(one, size) for name, one in told.items()}
        for turn in range(_ROUNDS if self._plan.refusals else 0):
            run = self._plan.run(Population(size, attributes), self._as_of, inputs)
            refused = {name: np.flatnonzero(run.column(slot)) for name, slot in self._plan.refusals}
            if not any(rows.size for rows in refused.values()):
                break
            for name, rows in refused.items():
                given = self._plan.version.inputs[name]
                if name in told:
                    inputs[name][rows] = self._again(given, rows, run, turn=turn)
                elif given.origin == "subject":
                    column = self._column(known[given.attribute], given.attribute, rows.size)
                    attributes[given.attribute][rows] = column
        return attributes, inputs

    def _calm(self, drawn: Drawn, rows: NDArray[np.intp]) -> None:
        """Give some enterprises most of the answers that serve an enterprise best."""
        values = {name: self._values(self._plan.version.inputs[name]) for name in drawn.inputs}
        good = Calmer(self._plan, self._as_of, values).answers(drawn.population, drawn.inputs)
        for name, column in good.items():
            calm = rows[self.random.random(rows.size) >= _UNCALM]
            drawn.inputs[name][calm] = self.random.choice(column, calm.size)

    def _leave_out(self, attributes: Mapping[str, IntColumn]) -> None:
        """Let some enterprises lack what the policy has an answer without, as persons do."""
        wanted = {
            one.attribute
            for one in self._plan.version.inputs.values()
            if one.origin == "subject" and one.if_missing == "no_data"
        }
        for name in sorted(set(attributes) - wanted):
            column = attributes[name]
            column[self.random.random(column.size) < 1 / 8] = least(column)

    def _again(
        self, given: Input, rows: NDArray[np.intp], run: Evaluation, *, turn: int
    ) -> IntColumn:
        """Draw values of an input that the policy refused: at what it is compared with, or anew."""
        column = self._input(given, rows.size)
        bounds = [
            self._plan.types[operand.name]
            for one in _comparisons(given)
            for operand in one.operands
            if isinstance(operand, Name) and operand.name in self._plan.types
        ]
        if not bounds or turn % 2:
            return column
        ref = bounds[int(self.random.integers(len(bounds)))]
        bound = run.column(ref.slot)[rows].astype(np.int64)
        there = bound != MISSING
        scaled = np.where(there, bound, 0) * 10**given.places // 10**ref.scale
        scaled += self.random.integers(-1, 2, rows.size)
        return np.where(there, scaled, column)

    def _input(self, given: Input, size: int) -> NDArray[np.int64]:
        column = self.random.choice(self._values(given), size).astype(np.int64)
        if given.if_missing != "no_data":
            column[self.random.random(size) < 1 / 2] = MISSING
        return column

    def _values(self, given: Input) -> list[int]:
        """Give the values that an input is drawn from."""
        edges = self.edges.numbers_of(given.name)
        if given.name in self._plan.words:
            return sorted(set(self._plan.words[given.name].values()))
        if given.unit == DAY_UNIT:
            return sorted({self._as_of, *near(edges), *self._days})
        if given.unit == "truth" or given.attribute == "status":
            return [0, 1]
        usual = {number * 10**given.places for number in _USUAL}
        return sorted(usual | set(near(edges, given.places)))

    # Columns -------------------------------------------------------------------------

    def _column(self, attribute: Attribute, name: str, size: int) -> IntColumn:
        found = self._full(attribute, name, size)
        if attribute.optional:
            found = found.astype(np.int64)
            found[self.random.random(size) < 1 / 5] = MISSING
        return found

    def _full(self, attribute: Attribute, name: str, size: int) -> IntColumn:
        codes = self._vocabulary.code_numbers.get(attribute.codes, {})
        words = self.edges.words_of(name)
        match attribute.type:
            case AttributeType.DAY:
                return self._days_of(name, size)
            case AttributeType.CODE:
                return self._codes(codes, words, size)
            case AttributeType.CODES:
                one = np.left_shift(1, self._codes(codes, words, size))
                more = np.left_shift(1, self._codes(codes, words, size))
                found = np.where(self.random.random(size) < 1 / 4, one | more, one)
                return np.asarray(found, dtype=np.int64)
            case AttributeType.FLAG:
                return self.random.integers(0, 2, size)
            case AttributeType.INDUSTRY:
                named = [industry_range(code)[0] for code in (*_INDUSTRIES, *sorted(words))]
                return self.random.choice(named, size)
            case AttributeType.DIVISION:
                named = [division_range(code)[0] for code in sorted(words) if code.isdigit()]
                return self.random.choice([*_DIVISIONS, *named], size)
            case AttributeType.NUMBER:
                edges = near(self.edges.numbers_of(name))
                edges = [one for one in edges if one >= 0 or attribute.signed]
                return self.random.choice(sorted({*edges, *_USUAL[1:]}), size)

    def _codes(self, codes: Mapping[str, int], words: Iterable[str], size: int) -> IntColumn:
        """Draw codes, every third one of those that the policy names."""
        every = list(codes.values())
        named = sorted(codes[word] for word in words if word in codes) or every
        column = self.random.choice(every, size)
        return np.where(self.random.random(size) < 1 / 3, self.random.choice(named, size), column)

    def _days_of(self, name: str, size: int) -> IntColumn:
        """Draw days before the day asked for: at the edge of a window, inside one, or any."""
        days = self._as_of - self.random.integers(0, self._back, size)
        share, edges = self.random.random(size), self.random.choice(self._days, size)
        inside = edges + (self.random.random(size) * (self._as_of - edges + 1)).astype(np.int64)
        days = np.where(share < 1 / 4, edges, np.where(share < 3 / 4, inside, days))
        if name in self._until:
            ahead = self.random.random(size) < 1 / 3
            days[ahead] = self._as_of + self.random.integers(0, 400, int(ahead.sum()))
        if name != "event_date":
            days[self.random.random(size) < 1 / 3] = UNKNOWN_DAY
        return days.astype(np.int32)


# Private functions -----------------------------------------------------------


def _comparisons(given: Input) -> list[Comparison]:
    parts = getattr(given.allowed, "parts", (given.allowed,))
    return [one for one in parts if isinstance(one, Comparison)]
