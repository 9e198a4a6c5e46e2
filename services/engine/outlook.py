"""What would lift a result, and from which day: found by evaluating, never by guess.

The facts with something changed are one more subject of a population, so that everything that could
be done is evaluated in one run for each day.

What it costs, in evaluations of one enterprise: at most `STEPS_MAX` for waiting, `FOLLOWED_MAX` and
one for each act for single acts, and for acts together what `joint_acts` says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from services.engine.days import NEVER
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.joint_acts import STEPS_MAX, JointSearch
from services.engine.looking import (
    Look,
    Looking,
    Standing,
    better_than,
    is_better,
    looking_by,
    standing_of,
    standings_of,
)
from services.engine.population import Population, RecordColumns, is_missing
from services.engine.scenarios import (
    CLOSING,
    REPAIRED,
    Act,
    Gain,
    Item,
    Prospects,
    Repair,
    gains_of,
    scenarios_of,
)
from services.engine.vocabulary import split_source

__all__ = [
    "CLOSING",
    "Act",
    "Gain",
    "Item",
    "Lift",
    "Prospects",
    "Repair",
    "find_lifts",
    "gains_of",
    "looking_by",
]

ADVERSE: Final = ("violation", "penalty", "hazard", "accident")
"""Kinds of records whose end may lift a result."""

RECORDS_MAX: Final = 200
"""House decision: records of a kind that are tried; the latest ones where there are more."""

FOLLOWED_MAX: Final = 20_000
"""House decision: evaluations of one enterprise for following single acts in time.

Twenty open records are followed over hundreds of days, four hundred over the next weeks.
"""


@dataclass(frozen=True, slots=True)
class Lift:
    """Acts that together lead to a better result.

    Attributes:
        items: The acts, all needed.
        day: First day on which the better result would hold, days since 1970-01-01.
        standing: The better result.
        lines: Lines of the present explanation that go, change or come, by item.
        grade_better: Whether the grade is better; else only the score is.
        look: What gave the better result.
    """

    items: tuple[Item, ...]
    day: int
    standing: Standing
    lines: tuple[tuple[ExplainedLine, ...], ...]
    grade_better: bool
    look: Look

    @property
    def act(self) -> Act:
        """Give the act of the first item."""
        return self.items[0].act

    @property
    def kind(self) -> str:
        """Give the kind of the record of the first item."""
        return self.items[0].kind


def find_lifts(
    look: Looking,
    population: Population,
    as_of: int,
    *,
    horizon_days: int,
    prospects: Prospects | None = None,
) -> tuple[Lift, ...]:
    """Find what would lift the result of a population of one.

    Waiting is followed from one better day to the next; every open record is tried as rectified on
    the day asked for, every adverse record as repaired from the first day on which it can be, and
    as revoked, every honour as gained; what does not help at once is followed in time. Then time is
    followed with everything done that is possible by each day: first what is rectified and
    repaired, then what is gained besides. Where that is better than what waiting and one act give,
    the acts that it needs are found, see `joint_acts`.

    Args:
        look: Evaluates on a day.
        population: One enterprise.
        as_of: The day asked for.
        horizon_days: How far ahead is looked.
        prospects: What could happen that the facts do not say; none for nothing.

    Returns:
        Lifts, best result first, then earliest day, then fewest acts.
    """
    assert population.size == 1, "lifts are found for one enterprise"
    finder = _Finder(look, population, as_of, last=as_of + horizon_days, prospects=prospects)
    return tuple(sorted(finder.lifts(), key=_order))


# Private functions and classes ------------------------------------------------


def _order(lift: Lift) -> tuple[object, ...]:
    standing = lift.standing
    named = [(item.act.value, item.record_id or 0, item.kind) for item in lift.items]
    return (
        not lift.grade_better,
        standing.rank or NEVER,
        lift.day,
        len(lift.items),
        named,
    )


class _Finder:
    def __init__(
        self,
        look: Looking,
        population: Population,
        as_of: int,
        *,
        last: int,
        prospects: Prospects | None,
    ) -> None:
        self._look = look
        self._population = population
        self._as_of = as_of
        self._last = last
        self._now = look(population, as_of)
        self._prospects = prospects or Prospects()
        self.present = standing_of(self._now.evaluation)
        self._lines = {_key(line): line for line in explain(self._now.evaluation, 0, dated=False)}

    def lifts(self) -> Iterator[Lift]:
        if self.present is None:
            return
        waits = list(self._waiting(self.present))
        items = list(self._items())
        if not items:
            yield from waits
            return
        found = [*waits, *_easiest(self._singles(items, waits))]
        yield from found
        done = [item for item in items if item.act in {Act.RECTIFY, Act.REPAIR}]
        joint = list(self._joint(done, found))
        yield from joint
        gained = [item for item in items if item.act is Act.GAIN]
        if gained:
            yield from self._joint([*done, *gained], [*found, *joint])

    # Waiting, and one act -----------------------------------------------------------

    def _waiting(self, present: Standing) -> Iterator[Lift]:
        """Follow time from one better day to the next."""
        best, look = present, self._now
        for _ in range(STEPS_MAX):
            day = int(look.until[0])
            if day > self._last:
                return
            look = self._look(self._population, day)
            standing = standing_of(look.evaluation)
            if standing is not None and is_better(standing, best):
                yield self._lift((Item(Act.WAIT, day=day),), day, standing, (look, 0))
                best = standing

    def _items(self) -> Iterator[Item]:
        for kind, records in self._population.records.items():
            if split_source(kind)[0] in ADVERSE:
                yield from self._acts(kind, records)
        for gain in self._prospects.gains:
            if gain.kind in self._population.records:
                yield Item(Act.GAIN, gain.kind, gain=gain, day=self._as_of)

    def _acts(self, kind: str, records: RecordColumns) -> Iterator[Item]:
        closing = records.columns.get(CLOSING)
        for row in range(records.record_ids.size)[-RECORDS_MAX:]:
            if int(records.columns["event_date"][row]) > self._as_of:
                continue
            item = Item(Act.REMOVE, kind, int(records.record_ids[row]), day=self._as_of, row=row)
            if closing is not None and (is_missing(closing)[row] or closing[row] > self._as_of):
                yield replace(item, act=Act.RECTIFY)
            repaired = records.columns.get(REPAIRED)
            if repaired is not None and is_missing(repaired)[row]:
                yield from self._repair(item)
            yield item

    def _repair(self, item: Item) -> Iterator[Item]:
        """Give the repair of a record, unless its publication will have ended before."""
        law = self._prospects.repairs.get(item.record_id or 0)
        if law is None:
            yield replace(item, act=Act.REPAIR)
        elif (day := max(law.day, self._as_of)) < law.until:
            yield replace(item, act=Act.REPAIR, day=day, source=law.source)

    def _singles(self, items: Sequence[Item], waits: Sequence[Lift]) -> Iterator[Lift]:
        """Try each act alone: better than waiting at once or in time, or good for the score."""
        scenarios = scenarios_of(self._population, [(item,) for item in items], self._last)
        now = self._look(scenarios, self._as_of)
        better: set[int] = set()
        for place, day, look in self._followed(items, (scenarios, now), waits):
            standing = standings_of(look.evaluation)[place]
            assert standing is not None, "what is better is a result"
            better.add(place)
            yield self._lift((items[place],), day, standing, (look, place))
        for place, standing in enumerate(standings_of(now.evaluation)):
            item = items[place]
            if place in better or item.gain is not None or item.day > self._as_of:
                continue
            if standing is not None and self._eased(standing):
                yield self._lift((item,), self._as_of, standing, (now, place))

    def _followed(
        self, items: Sequence[Item], seen: tuple[Population, Look], waits: Sequence[Lift]
    ) -> Iterator[tuple[int, int, Look]]:
        """Follow all acts in time at once, each until it is better than waiting.

        Yields:
            The place of the act, the first day on which it is better, and what gave it.
        """
        scenarios, look = seen
        due = np.array([item.day for item in items], dtype=np.int64)
        followed = np.ones(due.size, dtype=np.bool_)
        day = self._as_of
        for _ in range(max(FOLLOWED_MAX // max(due.size, 1), 1)):
            waited = self._reached(waits, day)
            better = followed & (due <= day) & better_than(look.evaluation, waited)
            for place in np.flatnonzero(better).tolist():
                yield place, day, look
            followed &= ~better
            due = np.where(due <= day, look.until, due)
            day = int(due.min(where=followed, initial=NEVER))
            if day > self._last or waited.top:
                return
            look = self._look(scenarios, day)

    def _eased(self, standing: Standing) -> bool:
        """Say whether an adverse record's end moves the score, though not the grade."""
        present = self.present
        if present is None or standing.score is None or present.score is None:
            return False
        same = (standing.rank, standing.status) == (present.rank, present.status)
        return same and standing.score != present.score

    def _reached(self, lifts: Sequence[Lift], day: int) -> Standing:
        """Give the best result that some lifts give by a day, else the present one."""
        assert self.present is not None, "only a result is lifted"
        best = self.present
        for lift in lifts:
            if lift.day <= day and is_better(lift.standing, best):
                best = lift.standing
        return best

    # Acts together ------------------------------------------------------------------

    def _joint(self, acts: Sequence[Item], found: Sequence[Lift]) -> Iterator[Lift]:
        """Find what acts give together, beyond what waiting and such acts give alone."""
        kinds = {Act.WAIT, *(item.act for item in acts)}
        alone = [lift for lift in found if kinds.issuperset(item.act for item in lift.items)]
        search = JointSearch(self._look, self._population, self._as_of, self._last)
        for one in search.find(acts, lambda day: self._reached(alone, day)):
            yield self._lift(one.items, one.day, one.standing, (one.look, one.position))

    # What an act moves ----------------------------------------------------------------

    def _lift(
        self, items: tuple[Item, ...], day: int, standing: Standing, seen: tuple[Look, int]
    ) -> Lift:
        look, position = seen
        after = {_key(line): line for line in explain(look.evaluation, position, dated=False)}
        moved = [
            self._lines.get(key) or after[key]
            for key in dict.fromkeys((*self._lines, *after))
            if _said(self._lines.get(key)) != _said(after.get(key))
        ]
        lines = tuple(tuple(_of_item(item, items, moved)) for item in items)
        return Lift(items, day, standing, lines, is_better(standing, self.present), look)


def _key(line: ExplainedLine) -> tuple[str, str]:
    return line.rule_id, line.total


def _said(line: ExplainedLine | None) -> tuple[object, ...] | None:
    return None if line is None else (line.amount, line.effect)


def _of_item(
    item: Item, items: Sequence[Item], moved: Sequence[ExplainedLine]
) -> Iterator[ExplainedLine]:
    """Give the lines that an act moves: those that rest on its record, else all that are left."""
    records = {one.record_id for one in items if one.record_id is not None}
    for line in moved:
        if item.record_id is None:
            if not records.intersection(line.record_ids):
                yield line
        elif item.record_id in line.record_ids:
            yield line


def _easiest(lifts: Iterator[Lift]) -> list[Lift]:
    """Leave out a gain where an easier one of its name does as well: levels come easiest first."""
    kept: list[Lift] = []
    reached: set[tuple[str, int, int]] = set()
    for lift in lifts:
        gain = lift.items[0].gain
        if gain is not None:
            key = (gain.name, lift.standing.rank, lift.day)
            if key in reached:
                continue
            reached.add(key)
        kept.append(lift)
    return kept
