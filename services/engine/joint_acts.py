"""Acts that only together lead to a better result: what has to be done, and from which day.

Time is followed with everything done that is possible by then, each act on its own first day. On a
day that is better than all that was found before, the acts are named that it needs: up to three
the fewest there are, of more those of which none can be left out.

What it costs, in evaluations of one enterprise, for n acts: at most `STEPS_MAX` for following time;
on the day asked for, and on each better day (no more of them than the ladder has places), 696 for
up to three out of `POOL_MAX` acts, and 2 n for each of at most `ROUNDS_MAX` rounds of leaving
out. All but following time are runs of many at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from services.engine.days import NEVER
from services.engine.looking import Look, Looking, Standing, is_better, standing_of, standings_of
from services.engine.population import Population
from services.engine.scenarios import Act, Item, scenarios_of

STEPS_MAX: Final = 400
"""House decision: days that are looked at when time is followed."""

POOL_MAX: Final = 16
"""House decision: acts out of which two or three are tried together."""

TOGETHER_MAX: Final = 3
"""House decision: acts that are tried together in every combination."""

ROUNDS_MAX: Final = 20
"""House decision: rounds of leaving out; each kind of acts that stand for one another takes one.

Acts that could be left out remain only where a policy has more such kinds than this.
"""

Group = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class JointActs:
    """Acts that together lead to a better result.

    Attributes:
        items: The acts, all needed, in the order of their days.
        day: First day on which the better result would hold.
        standing: The better result.
        look: What gave it: a look at many.
        position: Which of the many.
    """

    items: Group
    day: int
    standing: Standing
    look: Look
    position: int


@dataclass(frozen=True, slots=True)
class JointSearch:
    """Looks for acts that only together lead to a better result.

    Attributes:
        look: Evaluates on a day.
        population: One enterprise.
        as_of: The day asked for.
        last: Last day that is looked at.
    """

    look: Looking
    population: Population
    as_of: int
    last: int

    def find(self, acts: Sequence[Item], reached: Callable[[int], Standing]) -> Iterator[JointActs]:
        """Find them.

        Args:
            acts: What could be done, each from its own day on.
            reached: Gives the best result that waiting or one act gives by a day.
        """
        best: Standing | None = None
        for day, possible, standing in self._days(acts):
            before = reached(day)
            if best is not None and is_better(best, before):
                before = best
            if before.top:
                return
            better = is_better(standing, before)
            if better or day == self.as_of:
                for found in self._few(possible, day, before):
                    yield found
                    before = best = found.standing
            if standing is not None and is_better(standing, before):
                yield self._needed(possible, day, standing)
                best = standing

    # Following time -----------------------------------------------------------------

    def _days(self, acts: Sequence[Item]) -> Iterator[tuple[int, list[Item], Standing | None]]:
        """Go from day to day, with everything done that is possible by then."""
        day = self.as_of
        possible: list[Item] = []
        scenario = self.population
        for _ in range(STEPS_MAX):
            now = [item for item in acts if item.day <= day]
            if len(now) > len(possible):
                possible = now
                scenario = scenarios_of(self.population, [_everything(now)], self.last)
            look = self.look(scenario, day)
            yield day, possible, standing_of(look.evaluation)
            next_act = min((item.day for item in acts if item.day > day), default=NEVER)
            day = min(int(look.until[0]), next_act)
            if day > self.last:
                return

    # Which acts are needed -------------------------------------------------------------

    def _few(self, possible: Sequence[Item], day: int, before: Standing) -> Iterator[JointActs]:
        """Find the best that one act gives, and what two and three give beyond that."""
        pool = _pool(possible)
        gaining = any(item.gain is not None for item in pool)
        for size in range(1, min(TOGETHER_MAX, len(pool)) + 1):
            groups = [
                group for group in combinations(pool, size) if _compatible(group, gaining=gaining)
            ]
            best = self._best(groups, day, before)
            if best is not None:
                yield best
                before = best.standing

    def _best(self, groups: Sequence[Group], day: int, before: Standing) -> JointActs | None:
        """Give the first of the best groups that is better than what is reached already."""
        if not groups:
            return None
        look, standings = self._tried(groups, day)
        best: JointActs | None = None
        for position, (group, standing) in enumerate(zip(groups, standings, strict=True)):
            if standing is not None and is_better(standing, before):
                best, before = JointActs(_by_day(group), day, standing, look, position), standing
        return best

    def _needed(self, possible: Sequence[Item], day: int, target: Standing) -> JointActs:
        """Leave out what a result does not need, then gain nothing harder than it needs.

        Every round leaves out at least one act, until there is none that can be left out.
        """
        needed = _everything(possible)
        for _ in range(ROUNDS_MAX):
            without = [needed[:place] + needed[place + 1 :] for place in range(len(needed))]
            _, standings = self._tried(without, day)
            left = list(zip(needed, standings, strict=True))
            kept = [one for one, standing in left if not _reaches(standing, target)]
            if len(kept) == len(needed):
                break
            # What costs most when it is left out comes first, so that few of the spare are taken.
            spare = [one for one, standing in sorted(left, key=_cost) if _reaches(standing, target)]
            needed = self._beginning((*kept, *spare), len(kept), day, target)
        for place in range(len(needed)):
            needed = self._easier(needed, place, possible, day=day, target=target)
        look, standings = self._tried([needed], day)
        return JointActs(_by_day(needed), day, standings[0] or target, look, 0)

    def _beginning(self, ordered: Group, fewest: int, day: int, target: Standing) -> Group:
        """Give the shortest beginning of acts that reaches a result; all but the last one do."""
        lengths = range(max(fewest, 1), len(ordered))
        found = self._first([ordered[:length] for length in lengths], day, target)
        return ordered[:-1] if found is None else found

    def _easier(
        self, needed: Group, place: int, possible: Sequence[Item], *, day: int, target: Standing
    ) -> Group:
        """Put the easiest gain of its name that reaches a result in the place of one."""
        gain = needed[place].gain
        if gain is None:
            return needed
        named = [item for item in possible if item.gain is not None and item.gain.name == gain.name]
        groups = [(*needed[:place], one, *needed[place + 1 :]) for one in named]
        return self._first(groups, day, target) or needed

    def _first(self, groups: Sequence[Group], day: int, target: Standing) -> Group | None:
        """Give the first of groups of acts that reaches a result."""
        if not groups:
            return None
        _, standings = self._tried(groups, day)
        reaching = (
            group
            for group, standing in zip(groups, standings, strict=True)
            if _reaches(standing, target)
        )
        return next(reaching, None)

    def _tried(self, groups: Sequence[Group], day: int) -> tuple[Look, list[Standing | None]]:
        look = self.look(scenarios_of(self.population, groups, self.last), day)
        return look, standings_of(look.evaluation)


# Private functions ------------------------------------------------------------


def _everything(possible: Sequence[Item]) -> Group:
    """Give all that can be done together: of the gains of a name the best, which comes last."""
    best = {item.gain.name: item for item in possible if item.gain is not None}
    return tuple(item for item in possible if item.gain is None or best[item.gain.name] is item)


def _pool(possible: Sequence[Item]) -> list[Item]:
    """Give the acts that are tried in twos and threes: what can be done before what is asked for.

    An open record is rectified before its repair is asked for.
    """
    rectified = [item for item in possible if item.act is Act.RECTIFY]
    gained = [item for item in possible if item.act is Act.GAIN]
    open_records = {(item.kind, item.row) for item in rectified}
    repaired = [
        item
        for item in possible
        if item.act is Act.REPAIR and (item.kind, item.row) not in open_records
    ]
    return [*rectified, *gained, *repaired][:POOL_MAX]


def _compatible(group: Group, *, gaining: bool) -> bool:
    """Say whether acts do not exclude each other: one level of one thing is gained at a time.

    Where something could be gained, acts without a gain were tried before.
    """
    names = [item.gain.name for item in group if item.gain is not None]
    return len(names) == len(set(names)) and (not gaining or bool(names))


def _reaches(standing: Standing | None, target: Standing) -> bool:
    return standing is not None and not is_better(target, standing)


def _cost(left: tuple[Item, Standing | None]) -> tuple[int, int]:
    """Order acts by the result without each, the worst first, then by their days."""
    item, standing = left
    return (standing.score or 0) if standing is not None else 0, item.day


def _by_day(items: Group) -> Group:
    return tuple(sorted(items, key=lambda item: item.day))
