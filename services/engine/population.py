"""Columns that plans run over: a population of any size, one enterprise included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Population:
    """Subjects and their records.

    Attributes:
        size: Number of subjects, n.
        attributes: Attributes of the subjects by name, each [n].
        records: Records by kind; a kind without records may be left out.
    """

    size: int
    attributes: Mapping[str, IntColumn]
    records: Mapping[str, RecordColumns] = field(default_factory=dict)


BLOCK_SUBJECTS: Final = 1 << 15
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


def _cut(records: RecordColumns, rows: slice, first: int) -> RecordColumns:
    return RecordColumns(
        records.record_ids[rows],
        records.subjects[rows] - first,
        {name: column[rows] for name, column in records.columns.items()},
    )


def is_missing(column: IntColumn) -> NDArray[np.bool_]:
    """Say where a column has no value."""
    return np.equal(column, least(column))
