"""Columns that plans run over: a population of any size, one enterprise included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.few import FEW_MOST, Few, few_of
from services.engine.numbers import least

IntColumn = NDArray[np.signedinteger[Any]]
"""Whole numbers of any width; the least number of the width stands for a missing value."""


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Records of one kind, sorted by subject, within a subject by event date and identifier.

    Attributes:
        record_ids: int64[m], identifiers of the records.
        subjects: int64[m], position of each record's subject in the population, not decreasing.
        columns: Attributes by name, each [m]; days as int32 days since 1970-01-01.
    """

    record_ids: NDArray[np.int64]
    subjects: NDArray[np.int64]
    columns: Mapping[str, IntColumn]


Sources = tuple[str, ...]
"""Which records: kinds, each by `vocabulary.record_source`; several are read as one."""


@dataclass(frozen=True, slots=True)
class Population:
    """Subjects and their records.

    Attributes:
        size: Number of subjects, n.
        attributes: Attributes of the subjects by name, each [n].
        records: Records by source; a source without records may be left out.
    """

    size: int
    attributes: Mapping[str, IntColumn]
    records: Mapping[str, RecordColumns] = field(default_factory=dict)
    # What was put together from these columns, so that plans share it. Columns of few records are
    # looked up by every plan, therefore by whoever wants one.
    _joined: dict[Sources, RecordColumns] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    few: dict[str, Few] = field(init=False, repr=False, compare=False, default_factory=dict)
    _listed: dict[Sources, tuple[list[int], list[int]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _shared: dict[int, dict[str, Any]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def of(self, sources: Sources) -> RecordColumns:
        """Give the records of one source, or of several in one order."""
        if len(sources) == 1:
            return self.records.get(sources[0], NO_RECORDS)
        found = self._joined.get(sources)
        if found is None:
            found = self._joined[sources] = _join(
                [self.records[one] for one in sources if one in self.records]
            )
        return found

    def column(self, key: str, sources: Sources, name: str) -> IntColumn | Few:
        """Give an attribute of records: of few of one subject as `Few`, else as a column.

        Args:
            key: Stands for the sources and the name.
            sources: Which records.
            name: The attribute.
        """
        found = self.few.get(key)
        if found is not None:
            return found
        records = self.of(sources)
        count = records.record_ids.size
        column = records.columns[name] if count else _NONE
        if self.size != 1 or count > FEW_MOST:
            return column
        found = self.few[key] = few_of(column.tolist(), least(column))
        return found

    def listed(self, sources: Sources) -> tuple[list[int], list[int]]:
        """Give identifiers and event days of few records as lists, in order."""
        found = self._listed.get(sources)
        if found is None:
            records = self.of(sources)
            days = records.columns["event_date"].tolist() if records.record_ids.size else []
            found = self._listed[sources] = (records.record_ids.tolist(), days)
        return found

    def every(self, sources: Sources, held: bool) -> Any:  # noqa: ANN401, FBT001 -- a truth; a set or a truth.
        """Give a truth that holds for every record or none: of few of one subject, as a set."""
        count = self.of(sources).record_ids.size
        if self.size == 1 and count <= FEW_MOST:
            return (1 << count) - 1 if held else 0
        return held

    def shared(self, as_of: int) -> dict[str, Any]:
        """Give what plans that run on a day worked out of few records, and share."""
        found = self._shared.get(as_of)
        if found is None:
            found = self._shared[as_of] = {}
        return found


_NONE: Final = np.zeros(0, dtype=np.int64)

NO_RECORDS: Final = RecordColumns(_NONE, _NONE, {})
"""Records of a source that has none."""


BLOCK_SUBJECTS: Final = 1 << 14
"""Subjects of a block whose columns stay in a processor's cache (measured)."""


def blocks(population: Population) -> Iterator[tuple[slice, Population]]:
    """Cut a population into parts that run faster one after the other than all at once.

    Yields:
        Where the subjects of the part stand in the whole, and the part; columns are views.
    """
    edges = np.arange(0, population.size + BLOCK_SUBJECTS, BLOCK_SUBJECTS)
    cuts = {
        kind: np.searchsorted(records.subjects, edges).tolist()
        for kind, records in population.records.items()
    }
    for number, first in enumerate(range(0, population.size, BLOCK_SUBJECTS)):
        after = min(first + BLOCK_SUBJECTS, population.size)
        yield (
            slice(first, after),
            Population(
                after - first,
                {name: column[first:after] for name, column in population.attributes.items()},
                {
                    kind: _cut(records, slice(*cuts[kind][number : number + 2]), first)
                    for kind, records in population.records.items()
                },
            ),
        )


def alone(population: Population, position: int) -> Population:
    """Give one subject of a population as a population of one."""
    if population.size == 1:
        return population
    cuts = {
        kind: np.searchsorted(records.subjects, [position, position + 1]).tolist()
        for kind, records in population.records.items()
    }
    return Population(
        1,
        {name: column[position : position + 1] for name, column in population.attributes.items()},
        {
            kind: _cut(records, slice(*cuts[kind]), position)
            for kind, records in population.records.items()
        },
    )


def _cut(records: RecordColumns, rows: slice, first: int) -> RecordColumns:
    return RecordColumns(
        records.record_ids[rows],
        records.subjects[rows] - first,
        {name: column[rows] for name, column in records.columns.items()},
    )


class _JoinedColumns(Mapping[str, IntColumn]):
    """Columns of several sources as one, put together when they are asked for."""

    def __init__(self, parts: list[RecordColumns], order: NDArray[np.intp]) -> None:
        self._parts = parts
        self._order = order
        self._found: dict[str, IntColumn] = {}

    def __getitem__(self, name: str) -> IntColumn:
        if name not in self._found:
            column = np.concatenate([part.columns[name] for part in self._parts])
            self._found[name] = column[self._order]
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        common = set(self._parts[0].columns).intersection(*(part.columns for part in self._parts))
        return iter(sorted(common))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _join(parts: list[RecordColumns]) -> RecordColumns:
    if not parts:
        return NO_RECORDS
    record_ids = np.concatenate([part.record_ids for part in parts])
    subjects = np.concatenate([part.subjects for part in parts])
    days = np.concatenate([part.columns["event_date"] for part in parts])
    order = np.lexsort((record_ids, days, subjects))
    return RecordColumns(record_ids[order], subjects[order], _JoinedColumns(parts, order))


def is_missing(column: IntColumn) -> NDArray[np.bool_]:
    """Say where a column has no value."""
    return np.equal(column, least(column))
