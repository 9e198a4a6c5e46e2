"""Facts as they would be after acts: the same enterprise once for every set of acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np

from services.engine.days import NEVER
from services.engine.language import Source
from services.engine.numbers import least
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import Vocabulary

CLOSING: Final = "closed_date"
"""Attribute of a record that an accepted rectification fills."""

REPAIRED: Final = "repaired_date"
"""Attribute of a record that a granted credit repair fills."""

HONOUR: Final = "honour"
"""Kind of the records of standardisation levels, commitments and awards."""

_NEW_RECORD: Final = 0


class Act(Enum):
    """What has to happen."""

    WAIT = "wait"
    """Nothing: a window closes, a term ends, another version of the policy comes into force."""

    RECTIFY = "rectify"
    """An open violation or hazard is rectified, and that is accepted."""

    REMOVE = "remove"
    """A record is corrected or revoked, and never counted."""

    REPAIR = "repair"
    """Credit repair of a record is granted."""

    GAIN = "gain"
    """A standardisation level, commitment or award is gained or renewed."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Something good that could be recorded.

    Attributes:
        kind: Kind of the record.
        values: Its attributes as numbers; days are put in.
        name: What is gained: ``standardisation``, ``commitment`` or ``award``.
        level: Standardisation level; rank of an award; 1 for a commitment that is kept; else 0.
    """

    kind: str
    values: Mapping[str, int]
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Item:
    """One act.

    Attributes:
        act: What has to happen.
        kind: Source of the record, see `vocabulary.record_source`; empty for waiting.
        record_id: The record rectified or removed; none for waiting and gaining.
        gain: What is gained; none for the other acts.
        day: Earliest day on which it takes effect, days since 1970-01-01.
        row: Row of the record among those of its kind.
        source: Where the earliest day comes from; none where nothing bounds it.
    """

    act: Act
    kind: str = ""
    record_id: int | None = None
    gain: Gain | None = None
    day: int = 0
    row: int = -1
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """When a record may be repaired.

    Attributes:
        day: Earliest day, days since 1970-01-01.
        source: The clause that says so.
        until: First day on which nothing is published any more, and so nothing to repair.
    """

    day: int
    source: Source
    until: int = NEVER


@dataclass(frozen=True, slots=True)
class Prospects:
    """What could happen that the facts do not say.

    Attributes:
        gains: Honours that could be gained, the easiest of a name first.
        repairs: When records may be repaired, by their identifiers; others may be at once.
    """

    gains: Sequence[Gain] = ()
    repairs: Mapping[int, Repair] = field(default_factory=dict)


def gains_of(vocabulary: Vocabulary) -> tuple[Gain, ...]:
    """Give the honours that an enterprise could gain, in the numbers of a vocabulary."""
    kinds = vocabulary.code_numbers.get("honour_kind", {})
    commitments = vocabulary.code_numbers.get("commitment", {})
    ranks = vocabulary.code_numbers.get("award_rank", {})
    found = [
        Gain(
            HONOUR,
            {"honour_kind": kinds["standardisation"], "standardisation_level": level},
            "standardisation",
            level,
        )
        for level in (3, 2, 1)
        if "standardisation" in kinds
    ]
    found += [
        Gain(
            HONOUR,
            {"honour_kind": kinds["commitment"], "commitment": commitments[state]},
            "commitment",
            level,
        )
        for level, state in enumerate(("made", "kept"))
        if "commitment" in kinds and state in commitments
    ]
    found += [
        Gain(HONOUR, {"honour_kind": kinds["award"], "award_rank": rank}, "award", rank)
        for rank in sorted(ranks.values())
        if rank and "award" in kinds
    ]
    return tuple(found)


def scenarios_of(one: Population, groups: Sequence[tuple[Item, ...]], last: int) -> Population:
    """Give one enterprise once for every group of acts, each with its acts done.

    Args:
        one: The enterprise.
        groups: The acts of each.
        last: Last day that is looked at; what is gained holds until then.
    """
    size = len(groups)
    attributes = {name: np.repeat(column, size) for name, column in one.attributes.items()}
    done: dict[str, list[tuple[int, Item]]] = {kind: [] for kind in one.records}
    for position, group in enumerate(groups):
        for item in group:
            done[item.kind].append((position, item))
    records = {kind: _repeated(rows, done[kind], size, last) for kind, rows in one.records.items()}
    return Population(size, attributes, records)


# Private functions -----------------------------------------------------------


def _repeated(
    records: RecordColumns, done: Sequence[tuple[int, Item]], size: int, last: int
) -> RecordColumns:
    """Repeat the records of a kind, with what is done to them in each group, by its position."""
    count = records.record_ids.size
    columns: dict[str, IntColumn] = {
        name: np.tile(column, size) for name, column in records.columns.items()
    }
    kept = np.ones(size * count, dtype=np.bool_)
    gained: list[tuple[int, Item]] = []
    for position, item in done:
        place = position * count + item.row
        if item.act is Act.REMOVE:
            kept[place] = False
        elif item.act is Act.RECTIFY:
            columns[CLOSING][place] = item.day
        elif item.act is Act.REPAIR:
            columns[REPAIRED][place] = item.day
        else:
            gained.append((position, item))
    found = RecordColumns(
        np.tile(records.record_ids, size)[kept],
        np.repeat(np.arange(size, dtype=np.int64), count)[kept],
        {name: column[kept] for name, column in columns.items()},
    )
    return _with_gains(found, gained, last) if gained else found


def _with_gains(
    records: RecordColumns, gained: Sequence[tuple[int, Item]], last: int
) -> RecordColumns:
    """Put in what is gained, valid for as long as is looked ahead."""
    subjects = np.concatenate([records.subjects, [position for position, _ in gained]])
    record_ids = np.concatenate([records.record_ids, [_NEW_RECORD] * len(gained)])
    columns = {
        name: np.concatenate(
            [
                column,
                np.array(
                    [_gained(item, name, column, last) for _, item in gained], dtype=column.dtype
                ),
            ]
        )
        for name, column in records.columns.items()
    }
    order = np.lexsort((record_ids, columns["event_date"], subjects))
    return RecordColumns(
        record_ids[order],
        subjects[order].astype(np.int64),
        {name: column[order] for name, column in columns.items()},
    )


def _gained(item: Item, name: str, column: IntColumn, last: int) -> int:
    assert item.gain is not None, "only gains are put in"
    if name in {"event_date", "publish_date"}:
        return item.day
    if name == "end_date":
        return last + 1
    if name in item.gain.values:
        return item.gain.values[name]
    # A code that is not given is 0, a day that is not known the least number of its width.
    return least(column) if name.endswith("_date") or name == "division" else 0
