"""What would lift a result, and from which day: found by evaluating, never by guess.

The facts with something changed are one more subject of a population, so that everything that could
be done is evaluated in one run. The same holds for acts that only together lead on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any, Final

from services.engine.days import NEVER
from services.engine.evaluation import RESULT, Evaluation
from services.engine.explaining import ExplainedLine, explain
from services.engine.monotone import ADVERSE
from services.engine.plan import Plan
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
    "Look",
    "Prospects",
    "Repair",
    "Standing",
    "find_lifts",
    "gains_of",
    "looking_by",
    "standing_of",
]

RECORDS_MAX: Final = 200
"""House decision: records of a kind that are tried; the latest ones where there are more."""

TOGETHER_MAX: Final = 3
"""House decision: acts that are tried together, besides all that could be done."""

ITEMS_TOGETHER_MAX: Final = 16
"""House decision: acts out of which some are tried together."""

_STEPS_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """A result, comparable: ladder place, status, score."""

    rank: int
    status: int
    score: int | None


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
    look: "Look"

    @property
    def act(self) -> Act:
        """Give the act of the first item."""
        return self.items[0].act

    @property
    def kind(self) -> str:
        """Give the kind of the record of the first item."""
        return self.items[0].kind


@dataclass(frozen=True, slots=True)
class Look:
    """What a policy says of a population on a day.

    Attributes:
        evaluation: Its run.
        until: First later day on which the result of the first subject may change.
        version: Whatever names the version that was run.
    """

    evaluation: Evaluation
    until: int
    version: Any = None


Looking = Callable[[Population, int], Look]
"""Evaluates a population on a day."""


def looking_by(plan: Plan, inputs: Mapping[str, Any] | None = None) -> Looking:
    """Look by one plan, whatever the day."""

    def look(population: Population, day: int) -> Look:
        evaluation = plan.run(population, day, inputs or {})
        return Look(evaluation, int(evaluation.valid_until()[0]))

    return look


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
    the day asked for, every adverse record as repaired and as revoked, every honour as gained; what
    does not help at once is followed in time; and where no act reaches the next grade alone, the
    fewest that do it together are found.

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
    if finder.present is None:
        return ()
    return tuple(sorted(finder.lifts(), key=_order))


def standing_of(evaluation: Evaluation, position: int = 0) -> Standing | None:
    """Give the result of a subject; none where there is none."""
    if int(evaluation.states()[position]) != RESULT:
        return None
    scores = evaluation.scores()
    return Standing(
        int(evaluation.ranks()[position]),
        int(evaluation.status_numbers()[position]),
        None if scores is None else int(scores[position]),
    )


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


def _better(new: Standing | None, old: Standing | None) -> bool:
    """Say whether a result is better: out of a status, or higher on the ladder."""
    if new is None or old is None:
        return False
    if bool(new.status) != bool(old.status):
        return not new.status
    return 0 < new.rank < old.rank


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
        self._lines = {_key(line): line for line in explain(self._now.evaluation, 0)}

    def lifts(self) -> Iterator[Lift]:
        waits = list(self._waiting())
        yield from waits
        items = list(self._items())
        if not items:
            return
        singles = _easiest(self._singles(items, waits[0].day if waits else NEVER))
        yield from singles
        yield from self._together([*waits, *singles], items)

    # One act ----------------------------------------------------------------------

    def _waiting(self) -> Iterator[Lift]:
        """Follow time from one better day to the next."""
        best = self.present
        for day, look in self._days(self._population, self._now):
            standing = standing_of(look.evaluation)
            if standing is not None and _better(standing, best):
                yield self._lift((Item(Act.WAIT, day=day),), day, standing, (look, 0))
                best = standing

    def _days(self, population: Population, look: Look) -> Iterator[tuple[int, Look]]:
        """Go from one day on which the result may change to the next."""
        for _ in range(_STEPS_MAX):
            day = look.until
            if day > self._last:
                return
            look = self._look(population, day)
            yield day, look

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
                yield self._repair(item)
            yield item

    def _repair(self, item: Item) -> Item:
        law = self._prospects.repairs.get(item.record_id or 0)
        if law is None:
            return replace(item, act=Act.REPAIR)
        day = max(law.day, self._as_of)
        return replace(item, act=Act.REPAIR, day=day, source=law.source)

    def _singles(self, items: Sequence[Item], waited: int) -> Iterator[Lift]:
        """Try each act alone: at once, and where that does not help the grade, in time."""
        scenarios = scenarios_of(self._population, [(item,) for item in items], self._last)
        look = self._look(scenarios, self._as_of)
        for position, item in enumerate(items):
            standing = standing_of(look.evaluation, position)
            if standing is None:
                continue
            if item.day == self._as_of and _better(standing, self.present):
                yield self._lift((item,), self._as_of, standing, (look, position))
                continue
            later = self._later(item, waited)
            if later is not None:
                yield later
            elif item.gain is None and item.day == self._as_of and self._eased(standing):
                yield self._lift((item,), self._as_of, standing, (look, position))

    def _later(self, item: Item, waited: int) -> Lift | None:
        """Follow time after an act; it must be quicker than time alone."""
        if item.day > self._last:
            return None
        scenario = scenarios_of(self._population, [(item,)], self._last)
        first = self._look(scenario, item.day)
        days = self._days(scenario, first)
        for day, look in chain([(item.day, first)] if item.day > self._as_of else [], days):
            if day >= waited:
                return None
            standing = standing_of(look.evaluation)
            if standing is not None and _better(standing, self.present):
                return self._lift((item,), day, standing, (look, 0))
        return None

    def _eased(self, standing: Standing) -> bool:
        """Say whether an adverse record's end moves the score, though not the grade."""
        present = self.present
        if present is None or standing.score is None or present.score is None:
            return False
        same = (standing.rank, standing.status) == (present.rank, present.status)
        return same and standing.score != present.score

    # Acts together ------------------------------------------------------------------

    def _together(self, found: Sequence[Lift], items: Sequence[Item]) -> Iterator[Lift]:
        """Find the fewest acts that reach together what none of them reaches alone."""
        pool = _pool(items)
        at_once = {
            lift.standing.rank for lift in found if lift.grade_better and lift.day == self._as_of
        }
        reached = min(at_once, default=NEVER)
        for size in range(2, min(TOGETHER_MAX, len(pool)) + 1):
            groups = [group for group in combinations(pool, size) if _together_possible(group)]
            lift = self._best(groups, reached)
            if lift is not None:
                yield lift
                reached = lift.standing.rank
        everything = [item for item in items if item.act is Act.RECTIFY]
        if len(everything) > TOGETHER_MAX:
            lift = self._best([tuple(everything)], reached)
            if lift is not None:
                yield lift

    def _best(self, groups: Sequence[tuple[Item, ...]], reached: int) -> Lift | None:
        """Give the best of groups of acts, if it is better than what is reached already."""
        if not groups:
            return None
        look = self._look(scenarios_of(self._population, groups, self._last), self._as_of)
        best: Lift | None = None
        for position, group in enumerate(groups):
            standing = standing_of(look.evaluation, position)
            if standing is None or not _better(standing, self.present):
                continue
            if standing.rank < reached:
                reached = standing.rank
                best = self._lift(group, self._as_of, standing, (look, position))
        return best

    # What an act moves ----------------------------------------------------------------

    def _lift(
        self, items: tuple[Item, ...], day: int, standing: Standing, seen: tuple[Look, int]
    ) -> Lift:
        look, position = seen
        after = {_key(line): line for line in explain(look.evaluation, position)}
        moved = [
            self._lines.get(key) or after[key]
            for key in dict.fromkeys((*self._lines, *after))
            if _said(self._lines.get(key)) != _said(after.get(key))
        ]
        lines = tuple(tuple(_of_item(item, items, moved)) for item in items)
        return Lift(items, day, standing, lines, _better(standing, self.present), look)


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


def _pool(items: Sequence[Item]) -> list[Item]:
    """Give the acts that are tried together: what can be done at once before what is asked for."""
    rectified = [item for item in items if item.act is Act.RECTIFY]
    open_records = {item.record_id for item in rectified}
    gained = [item for item in items if item.act is Act.GAIN]
    today = min((item.day for item in items), default=0)
    repaired = [
        item
        for item in items
        if item.act is Act.REPAIR and item.day == today and item.record_id not in open_records
    ]
    return [*rectified, *gained, *repaired][:ITEMS_TOGETHER_MAX]


def _together_possible(group: Sequence[Item]) -> bool:
    """Say whether acts do not exclude each other: one level of one thing is gained at a time."""
    names = [item.gain.name for item in group if item.gain is not None]
    return len(names) == len(set(names))
