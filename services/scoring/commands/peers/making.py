"""Making tables of peers: everybody that a policy applies to, a stretch at a time.

A policy that takes in another one's results needs that one's table first, so tables are made in
dependency order, each by the ones before it; nothing older is used. So a table depends on the
rules, the day and the revision alone, and making it again gives the same bytes.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.common.tokens import StorePoint
from services.engine.evaluation import NOT_APPLICABLE, Evaluation
from services.engine.numbers import MISSING, widen
from services.engine.plan import Plan
from services.engine.vocabulary import division_range
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.peers.pinned_tables import (
    OpenTables,
    PeerTables,
    PinnedTable,
    opened,
)
from services.scoring.commands.plain_inputs import plain_inputs
from services.scoring.commands.policies.policy_library import (
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Chunk, FactNeeds, Scan, Store
from services.scoring.domain.peer_table import (
    GroupKey,
    Groups,
    PeerGroup,
    TableStamp,
    table_bytes,
    table_digest,
)
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

STRETCH: Final = 20_000
"""House decision: subjects evaluated between two looks at whether to go on."""

_LIST: Final = "list"
_DIVISION: Final = "division"

Going = Callable[[], bool]
"""Says whether to go on; asked between two stretches."""


@dataclass(frozen=True, eq=False)
class MadeTable:
    """A table that was made.

    Attributes:
        compiled: Version whose values it holds.
        rules: Digest of all rules behind the values.
        as_of: Day that the values are for.
        point: Point of the store whose facts are in the values.
        groups: The values.
    """

    compiled: CompiledVersion
    rules: str
    as_of: date
    point: StorePoint
    groups: Groups = field(repr=False)

    @cached_property
    def content(self) -> bytes:
        """Give the bytes of the table."""
        return table_bytes(self.groups)

    def stamp(self, table_id: int, recorded: StorePoint) -> TableStamp:
        """Give what tells it from every other once it is recorded.

        Args:
            table_id: Its number.
            recorded: Where the store stands once it is recorded.
        """
        return TableStamp(
            table_id=table_id,
            policy_id=self.compiled.policy.policy_id,
            version=self.compiled.version.version,
            policy_digest=self.compiled.digest,
            rules_digest=self.rules,
            as_of=self.as_of,
            revision=self.point.revision,
            known_at=self.point.recorded_time,
            recorded_revision=recorded.revision,
            recorded_time=recorded.recorded_time,
            digest=table_digest(self.content),
        )

    def pinned(self) -> PinnedTable:
        """Give it as an evaluation uses it that stands on what is not kept."""
        tables = opened(self.groups)

        def open_() -> OpenTables:
            return tables

        return PinnedTable(self.stamp(0, self.point), open_)


@dataclass(frozen=True, slots=True)
class MakePeerTables:
    """Makes tables; keeps none.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self,
        library: PolicyLibrary,
        wanted: Iterable[PinnedVersion],
        point: StorePoint,
        *,
        as_of: date,
        going: Going = lambda: True,
    ) -> tuple[MadeTable, ...] | None:
        """Make the tables of versions and of all that they take in, each after those it rests on.

        Args:
            library: The policies, among them those wanted.
            wanted: The versions; those that ask for no peers are looked through only.
            point: Point of the store at which facts are read.
            as_of: Day that the tables are for.
            going: Says whether to go on.

        Returns:
            The tables in dependency order; nothing if this was told to stop.
        """
        made: list[MadeTable] = []
        for one in asking(wanted):
            beside = PeerTables(table.pinned() for table in made)
            pinned = library.with_tables(beside).fixed(one, as_of)
            table = self._table(pinned, point, as_of=as_of, going=going)
            if table is None:
                return None
            made.append(table)
        return tuple(made)

    # Private methods -------------------------------------------------------------

    def _table(
        self, pinned: PinnedVersion, point: StorePoint, *, as_of: date, going: Going
    ) -> MadeTable | None:
        """Make one table; a place that rests on another place needs one round more."""
        table: MadeTable | None = None
        for _ in range(_rounds(pinned.plan)):
            again = pinned if table is None else replace(pinned, peers=table.pinned())
            tally = _Tally(tuple(pinned.plan.peers))
            for chunk in self._chunks(pinned, Viewpoint(point.revision, as_of)):
                given = plain_inputs(pinned, chunk.population)
                run = evaluate(again, chunk.population, as_of, given).evaluation
                tally.add(run, _within(pinned, chunk))
                if not going():
                    return None
            before = table
            table = MadeTable(pinned.compiled, pinned.rules, as_of, point, tally.groups())
            if before is not None and before.content == table.content:
                return table
        return table

    def _chunks(self, pinned: PinnedVersion, at: Viewpoint) -> Iterator[Chunk]:
        policy = pinned.compiled.policy
        needs = FactNeeds(
            attributes=pinned.needs.attributes | {_DIVISION}, records=pinned.needs.records
        )
        persons = policy.kind == _LIST
        country = not division_range(policy.division)[0]
        # Persons, and enterprises whose division nobody knows, are of every place.
        wanted = EnterpriseFilter(division="" if persons or country else policy.division)
        after, full = 0, True
        while full:
            scan = Scan(wanted=wanted, after=after, limit=STRETCH, persons=persons)
            with self.store.read() as reading:
                chunk = reading.facts.chunk(scan, needs, at)
            size = chunk.subject_ids.size
            full = size == STRETCH
            if size:
                after = int(chunk.subject_ids[-1])
                yield chunk


def asking(wanted: Iterable[PinnedVersion]) -> tuple[PinnedVersion, ...]:
    """Give those of versions, and of all that they take in, that ask for peers, in order of use."""
    found: dict[CompiledVersion, PinnedVersion] = {}
    for one in wanted:
        for each in (*one.sources, one):
            if each.plan.needs.peers:
                found.setdefault(each.compiled, each)
    return tuple(found.values())


# Private functions and classes ------------------------------------------------


def _rounds(plan: Plan) -> int:
    """Say how often everybody is looked at until no place rests on one that is not there yet.

    Slots are filled in order, so a place can rest on another only if what it compares, or compares
    among, stands in a later slot than what the other does.
    """
    return len({max(one.of, *one.among, 0) for one in plan.peers.values()})


def _within(pinned: PinnedVersion, chunk: Chunk) -> NDArray[np.bool_]:
    """Say which subjects are of the policy's division; persons are of none, and so of every one."""
    first, after = division_range(pinned.compiled.policy.division)
    if not first:
        return np.ones(chunk.subject_ids.size, dtype=np.bool_)
    divisions = widen(chunk.population.attributes[_DIVISION])
    within: NDArray[np.bool_] = (divisions == MISSING) | (
        (divisions >= first) & (divisions < after)
    )
    return within


_Counted = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows, what peers have in common before their value, and how many peers each stands for."""


class _Tally:
    """Counts values by group, stretch by stretch."""

    def __init__(self, names: Sequence[str]) -> None:
        self._parts: dict[str, list[_Counted]] = {name: [] for name in names}

    def add(self, run: Evaluation, within: NDArray[np.bool_]) -> None:
        """Count those that the policy applies to and that have a value."""
        applies = within & (run.states() != NOT_APPLICABLE)
        for name, peers in run.plan.peers.items():
            columns = [_column(run, slot) for slot in (*peers.among, peers.of)]
            there = applies & (columns[-1] != MISSING)
            rows = np.stack(columns, axis=1)[there]
            self._parts[name].append(_counted(rows, np.ones(len(rows), dtype=np.int64)))

    def groups(self) -> Groups:
        """Give everything counted."""
        return {name: _grouped(parts) for name, parts in self._parts.items()}


def _column(run: Evaluation, slot: int) -> NDArray[np.int64]:
    column: NDArray[np.int64] = np.asarray(widen(run.column(slot))).astype(np.int64)
    return column


def _grouped(parts: Sequence[_Counted]) -> dict[GroupKey, PeerGroup]:
    if not parts:
        return {}
    rows, counts = _counted(
        np.concatenate([rows for rows, _ in parts]), np.concatenate([counts for _, counts in parts])
    )
    if not len(rows):
        return {}
    # Rows are in the order of groups, and within a group in that of values.
    new = np.any(rows[1:, :-1] != rows[:-1, :-1], axis=1)
    edges = [0, *(np.flatnonzero(new) + 1).tolist(), len(rows)]
    return {
        tuple(rows[first, :-1].tolist()): PeerGroup(
            _numbers(rows[first:after, -1]), _numbers(counts[first:after])
        )
        for first, after in pairwise(edges)
    }


def _counted(rows: NDArray[np.int64], counts: NDArray[np.int64]) -> _Counted:
    """Give different rows in ascending order, and how many each stands for."""
    if not len(rows):
        return rows, counts
    order = np.lexsort(rows.T[::-1])
    rows, counts = rows[order], counts[order]
    new = np.any(rows[1:] != rows[:-1], axis=1)
    firsts = np.concatenate(([0], np.flatnonzero(new) + 1))
    return rows[firsts], np.add.reduceat(counts, firsts)


def _numbers(column: NDArray[np.int64]) -> "array[int]":
    return array("q", np.ascontiguousarray(column).tobytes())
