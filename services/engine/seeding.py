"""Enterprises put together from golden cases, each without and with one adverse record more.

Cases are made by hand at the edges of a policy, and every rule has one in which it holds. So to
each case every adverse record of all cases is added, as it is and with some of its attributes
drawn anew, and so it is to the records of two cases together.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.cases import Case, CaseRecord, case_inputs, case_population
from services.engine.days import UNKNOWN_DAY
from services.engine.drawing import OWN_RESULTS, TOLD, Drawer, Drawn
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import Population, RecordColumns
from services.engine.stacking import records_of
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary

_DAYS_MOST: Final = 3
_PAIRS: Final = 1200
_ALONE: Final = 3 / 5
_SEED: Final = 281

_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sown:
    """Enterprises of cases, and what is added to each.

    Attributes:
        day: The day asked for.
        before: The enterprises.
        more: Records by source, at most one for each enterprise.
    """

    day: int
    before: Drawn
    more: Mapping[str, RecordColumns]


class Sower:
    """Puts enterprises together from the cases of one version."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary, cases: Sequence[Case]) -> None:
        """Look at the cases.

        Args:
            plan: The policy.
            vocabulary: The words that it uses.
            cases: Its golden cases, of days on which the version is in force.
        """
        self._plan = plan
        self._vocabulary = vocabulary
        self._sources = sorted(plan.needs.records)
        self._random = np.random.default_rng(_SEED)
        own = {name for name, one in plan.version.inputs.items() if one.origin in OWN_RESULTS}
        self._groups: dict[frozenset[str], list[Case]] = {}
        for case in cases:
            if self._understood(case):
                self._groups.setdefault(frozenset(own & set(case.inputs)), []).append(case)

    def sown(self) -> Iterator[Sown]:
        """Give the cases on the days of most of them, the others moved there in time."""
        for group in self._groups.values():
            days = Counter(case.as_of for case in group).most_common(_DAYS_MOST)
            for day, _ in days:
                found = self._on(day, group)
                if found is not None:
                    yield found

    # Private methods ----------------------------------------------------------------

    def _understood(self, case: Case) -> bool:
        """Say whether the plan has the inputs of a case, and their words."""
        known = set(case.inputs) <= set(self._plan.version.inputs)
        words = ((self._plan.words.get(name), given) for name, given in case.inputs.items())
        return known and all(held is None or str(given) in held for held, given in words)

    def _on(self, day: int, group: Sequence[Case]) -> Sown | None:
        cases = [self._moved(case, day) for case in group]
        given = Drawn(case_population(cases, self._plan, self._vocabulary), self._inputs(cases))
        drawer = Drawer(self._plan, self._vocabulary, day)
        records = {
            source: records_of(one, np.arange(len(cases)), number)
            for number, (source, one) in enumerate(sorted(given.population.records.items()))
        }
        donors = {
            source: np.flatnonzero(drawer.speaking(source, records[source]))
            for source in self._sources
        }
        count = sum(rows.size for rows in donors.values())
        if not count:
            return None
        exact = np.flatnonzero([case.as_of == day for case in group])
        owners, chosen = self._pairs(exact, len(cases), count)
        before = self._together(given, records, owners)
        return Sown(day, before, dict(self._more(drawer, records, donors, chosen)))

    def _pairs(self, exact: _Rows, size: int, count: int) -> tuple[tuple[_Rows, _Rows], _Rows]:
        """Choose cases, whose records stand beside theirs, and the records that are added."""
        alone = min(exact.size * count, int(_PAIRS * _ALONE))
        every = self._random.permutation(exact.size * count)[:alone]
        others = _PAIRS - alone
        owners = np.concatenate([exact[every // count], self._random.integers(0, size, others)])
        # Whoever stands alone has nobody's records beside his own.
        beside = np.concatenate([np.full(alone, -1), self._random.integers(0, size, others)])
        chosen = np.concatenate([every % count, self._random.integers(0, count, others)])
        return (owners, beside), chosen

    def _together(
        self, given: Drawn, records: Mapping[str, RecordColumns], owners: tuple[_Rows, _Rows]
    ) -> Drawn:
        one, two = owners
        rows = np.flatnonzero(two >= 0)
        found: dict[str, RecordColumns] = {}
        for number, source in enumerate(self._sources):
            own = records_of(records[source], one, number)
            other = records_of(records[source], two[rows], number)
            found[source] = merged(
                own, RecordColumns(other.record_ids, rows[other.subjects], other.columns)
            )
        attributes = {name: column[one] for name, column in given.population.attributes.items()}
        inputs = {name: column[one] for name, column in given.inputs.items()}
        return Drawn(Population(one.size, attributes, found), inputs)

    def _more(
        self,
        drawer: Drawer,
        records: Mapping[str, RecordColumns],
        donors: Mapping[str, _Rows],
        chosen: _Rows,
    ) -> Iterator[tuple[str, RecordColumns]]:
        """Copy the chosen records, half of them with some attributes drawn anew."""
        first = 0
        for number, source in enumerate(self._sources):
            rows = donors[source]
            subjects = np.flatnonzero((chosen >= first) & (chosen < first + rows.size))
            if subjects.size:
                copied = rows[chosen[subjects] - first]
                drawn = drawer.adverse(source, subjects, number)
                mixed = self._random.random(subjects.size) < 1 / 2
                columns = {}
                for name, column in records[source].columns.items():
                    anew = mixed & (self._random.random(subjects.size) < 1 / 4)
                    columns[name] = np.where(anew, drawn.columns[name], column[copied])
                yield source, RecordColumns(drawn.record_ids, drawn.subjects, columns)
            first += rows.size

    # Cases -----------------------------------------------------------------------

    def _moved(self, case: Case, day: int) -> Case:
        """Give a case as it would be on another day, its days as far from that."""
        step = day - case.as_of
        if not step:
            return case
        subject = _later(case.subject, self._vocabulary.subject, step)
        records = tuple(
            CaseRecord(
                one.kind, _later(one.values, self._vocabulary.record_attributes(one.kind), step)
            )
            for one in case.records
        )
        inputs = {
            name: given + timedelta(days=step) if isinstance(given, date) else given
            for name, given in case.inputs.items()
        }
        return replace(case, as_of=day, subject=subject, records=records, inputs=inputs)

    def _inputs(self, cases: Sequence[Case]) -> dict[str, _Rows]:
        """Give what the cases tell as columns."""
        told = [case_inputs(self._plan, case) for case in cases]
        inputs = self._plan.version.inputs.items()
        names = sorted(
            {name for one in told for name in one}
            | {name for name, one in inputs if one.origin in TOLD}
        )
        return {
            name: np.array([one.get(name, MISSING) for one in told], dtype=np.int64)
            for name in names
        }


def merged(one: RecordColumns, more: RecordColumns) -> RecordColumns:
    """Put records beside others; theirs are the later identifiers.

    Both have the identifiers of one source from its first on, see `drawing.SOURCE_STEP`.
    """
    subjects = np.concatenate([one.subjects, more.subjects])
    days = np.concatenate([one.columns["event_date"], more.columns["event_date"]])
    ids = np.concatenate([one.record_ids, more.record_ids + one.record_ids.size])
    order = np.lexsort((days, subjects))
    columns = {
        name: np.concatenate([column, more.columns[name]])[order]
        for name, column in one.columns.items()
    }
    return RecordColumns(ids[order], subjects[order], columns)


# Private functions -----------------------------------------------------------


def _later(
    values: Mapping[str, int], attributes: Mapping[str, Attribute], step: int
) -> dict[str, int]:
    """Move the days among values."""
    return {
        name: number + step
        if attributes[name].type is AttributeType.DAY and number not in {UNKNOWN_DAY, MISSING}
        else number
        for name, number in values.items()
    }
