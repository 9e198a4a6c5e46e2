"""Insurance policies as covers: columns of a whole population, with endorsements applied."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER, UNKNOWN_DAY
from services.engine.numbers import MISSING
from services.engine.population import Population, RecordColumns
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.insurance import WORK_SAFETY_LIABILITY

POLICY: Final = "insurance_policy"
ENDORSEMENT: Final = "endorsement"
COVER_NEEDS: Final = FactNeeds(
    attributes=frozenset({"headcount"}),
    records={
        POLICY: frozenset(
            {
                "event_date",
                "insurance_kind",
                "start_date",
                "end_date",
                "insured_headcount",
                "limit_per_person_fen",
                "aggregate_limit_fen",
                "premium_fen",
            }
        ),
        ENDORSEMENT: frozenset(
            {
                "event_date",
                "policy_record_id",
                "effective_date",
                "insured_headcount",
                "limit_per_person_fen",
                "aggregate_limit_fen",
                "premium_change_fen",
                "end_date",
                "cancelled",
            }
        ),
    },
)
"""Facts that covers are made of."""

_REPLACED: Final = {
    "insured_headcount": "insured_headcounts",
    "limit_per_person_fen": "limits_fen",
    "aggregate_limit_fen": "aggregates_fen",
}


@dataclass(frozen=True, slots=True)
class Covers:
    """Work-safety liability covers issued by a day, as they stand on that day.

    Attributes:
        record_ids: int64[m], insurance policies.
        subjects: int64[m], positions of the insured in the population, not decreasing.
        starts: int32[m], first days of cover.
        ends: int32[m], days after the last days of cover.
        insured_headcounts: int64[m].
        limits_fen: int64[m], limits per person.
        aggregates_fen: int64[m], limits of all claims.
        premiums_fen: int64[m], premiums with every change issued so far.
        endorsements: int64[m], how many changed it.
    """

    record_ids: NDArray[np.int64]
    subjects: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    insured_headcounts: NDArray[np.int64]
    limits_fen: NDArray[np.int64]
    aggregates_fen: NDArray[np.int64]
    premiums_fen: NDArray[np.int64]
    endorsements: NDArray[np.int64]

    def in_force(self, day: int) -> NDArray[np.bool_]:
        """Say bool[m], which are in force on a day."""
        return (self.starts <= day) & (day < self.ends)

    def only(self, chosen: NDArray[np.bool_]) -> "Covers":
        """Give some of them."""
        return Covers(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})


def covers_of(population: Population, as_of: int) -> Covers:
    """Give the covers that had been issued by a day, with what had been endorsed by then.

    A change of persons or limits counts from its effective day, in the order of those days; where
    cover ends counts as soon as it is known. What is cancelled stays so.

    Args:
        population: Columns that have `COVER_NEEDS`.
        as_of: The day, days since 1970-01-01.
    """
    records = population.records.get(POLICY)
    if records is None:
        return _NOTHING
    columns = records.columns
    chosen = (columns["event_date"] <= as_of) & (columns["insurance_kind"] == WORK_SAFETY_LIABILITY)
    covers = Covers(
        record_ids=records.record_ids[chosen],
        subjects=records.subjects[chosen],
        starts=columns["start_date"][chosen].astype(np.int32),
        ends=columns["end_date"][chosen].astype(np.int32),
        insured_headcounts=columns["insured_headcount"][chosen].astype(np.int64),
        limits_fen=columns["limit_per_person_fen"][chosen].astype(np.int64),
        aggregates_fen=columns["aggregate_limit_fen"][chosen].astype(np.int64),
        premiums_fen=columns["premium_fen"][chosen].astype(np.int64),
        endorsements=np.zeros(int(np.count_nonzero(chosen)), dtype=np.int64),
    )
    changes = population.records.get(ENDORSEMENT)
    if changes is not None and covers.record_ids.size:
        _endorse(covers, changes, as_of)
    return covers


@dataclass(frozen=True, slots=True)
class CoverCounts:
    """What the covers of each subject come to on a day; every column is int64[n].

    Attributes:
        covers: Covers in force.
        insured_headcounts: Persons insured by all of them; `MISSING` without a cover.
        limits_fen: Lowest limit per person; `MISSING` without a cover.
        aggregates_fen: Limits of all claims together; `MISSING` without a cover.
        days_without: Days since the last cover ended; `MISSING` while one is in force, and where
            there never was one.
    """

    covers: NDArray[np.int64]
    insured_headcounts: NDArray[np.int64]
    limits_fen: NDArray[np.int64]
    aggregates_fen: NDArray[np.int64]
    days_without: NDArray[np.int64]


def count_covers(covers: Covers, as_of: int, *, size: int) -> CoverCounts:
    """Count the covers of every subject on a day.

    Args:
        covers: Covers of the population, from `covers_of` for that day.
        as_of: The day.
        size: Subjects of the population.
    """
    there = covers.only(covers.in_force(as_of))
    counts = np.bincount(there.subjects, minlength=size).astype(np.int64)
    insured = np.zeros(size, dtype=np.int64)
    aggregates = np.zeros(size, dtype=np.int64)
    limits = np.full(size, np.iinfo(np.int64).max, dtype=np.int64)
    np.add.at(insured, there.subjects, there.insured_headcounts)
    np.add.at(aggregates, there.subjects, there.aggregates_fen)
    np.minimum.at(limits, there.subjects, there.limits_fen)
    last_ends = np.full(size, UNKNOWN_DAY, dtype=np.int64)
    # A policy cancelled before its first day never covered anything.
    past = covers.only((covers.ends <= as_of) & (covers.ends > covers.starts))
    np.maximum.at(last_ends, past.subjects, past.ends.astype(np.int64))
    covered = counts > 0
    gap = ~covered & (last_ends != UNKNOWN_DAY)
    return CoverCounts(
        covers=counts,
        insured_headcounts=np.where(covered, insured, MISSING),
        limits_fen=np.where(covered, limits, MISSING),
        aggregates_fen=np.where(covered, aggregates, MISSING),
        days_without=np.where(gap, as_of - last_ends, MISSING),
    )


def joined_needs(*needs: FactNeeds) -> FactNeeds:
    """Put what several readers need of the facts together."""
    attributes = frozenset[str]().union(*(one.attributes for one in needs))
    records: dict[str, frozenset[str]] = {}
    for one in needs:
        for kind, names in one.records.items():
            records[kind] = records.get(kind, frozenset()) | names
    return FactNeeds(attributes=attributes, records=records)


# Private functions -----------------------------------------------------------


def _endorse(covers: Covers, changes: RecordColumns, as_of: int) -> None:
    """Apply endorsements in place."""
    issued = changes.columns["event_date"] <= as_of
    columns: Mapping[str, NDArray[Any]] = {
        name: column[issued] for name, column in changes.columns.items()
    }
    order = np.argsort(covers.record_ids)
    ids = covers.record_ids[order]
    named = columns["policy_record_id"].astype(np.int64)
    place = np.searchsorted(ids, named)
    place[place == ids.size] = 0
    known = ids[place] == named
    target = order[place]
    sequence = np.lexsort(
        (changes.record_ids[issued], columns["event_date"], columns["effective_date"])
    )
    # Assignments to one place are made in order, so that the last of them stays.
    sequence = sequence[known[sequence]]
    effective = columns["effective_date"].astype(np.int32)
    holding = sequence[effective[sequence] <= as_of]
    for name, attribute in _REPLACED.items():
        values = columns[name].astype(np.int64)
        given = holding[values[holding] != MISSING]
        getattr(covers, attribute)[target[given]] = values[given]
    np.add.at(
        covers.premiums_fen, target[sequence], columns["premium_change_fen"][sequence].astype(int)
    )
    np.add.at(covers.endorsements, target[sequence], 1)
    ends = columns["end_date"].astype(np.int32)
    moved = sequence[ends[sequence] != UNKNOWN_DAY]
    covers.ends[target[moved]] = ends[moved]
    cancelled = np.where(columns["cancelled"] == 1, effective, np.int32(NEVER))
    np.minimum.at(covers.ends, target[sequence], cancelled[sequence])


_NO_IDS: Final = np.empty(0, dtype=np.int64)
_NO_DAYS: Final = np.empty(0, dtype=np.int32)
_NOTHING: Final = Covers(
    _NO_IDS, _NO_IDS, _NO_DAYS, _NO_DAYS, _NO_IDS, _NO_IDS, _NO_IDS, _NO_IDS, _NO_IDS
)
