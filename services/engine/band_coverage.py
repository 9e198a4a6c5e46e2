"""Which values the bands of a ladder cover: gaps, overlaps, and bands at which nothing starts.

The first band that holds counts. So two bands may hold for one value as steps do: in what both
compare, the later one takes in all that the earlier one has, and is open on one side. Any other
value that two grades have is a mistake, as is one that has none.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from services.engine.errors import Problem, problem_at
from services.engine.formulas import Formula, assigned
from services.engine.language import GradeBand, GradeScale
from services.engine.sampling import Sampler, Samplers, TooManyError, Variable, Witness

_Truths = tuple[Formula, ...]


def check_bands(grade: GradeScale, samplers: Samplers, file: str) -> Iterator[Problem]:
    """Look for values without a grade, values with two, and bands at which nothing starts.

    Args:
        grade: The ladder.
        samplers: Give samples of what its bands compare.
        file: Name for problems.
    """
    if not grade.start:
        return
    try:
        yield from _Bands(grade, samplers.wide, file).dead()
        bands = _Bands(grade, samplers.added_up, file)
        yield from bands.gaps()
        yield from bands.overlaps()
    except TooManyError:
        message = "the bands have too many combinations to look for gaps and overlaps; part them"
        yield replace(problem_at(file, grade.place, "not-checked", message), warning=True)


# Private functions and classes --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """Samples that surely can come together, and what the bands may be there."""

    witness: Witness
    truths: Mapping[_Truths, Witness]

    def always(self, test: Callable[[_Truths], bool]) -> bool:
        return all(test(truths) for truths in self.truths)


class _Bands:
    def __init__(self, grade: GradeScale, sampler: Sampler, file: str) -> None:
        self._grade = grade
        self._file = file
        self._sampled = sampled = sampler.sample([band.when for band in grade.start])
        # What is missing is tried where a band asks for it alone.
        settled = {
            number: 0
            for number, one in enumerate(sampled.variables)
            if one.about == "known" and one.name not in sampled.asked
        }
        self._open = [number for number in range(len(sampled.variables)) if number not in settled]
        self._start = tuple(
            sampled.value(formula, settled) for formula in (sampled.allowed, *sampled.formulas)
        )
        views = _views(sampled.variables, self._open)
        self._cases = [case for view in views for case in self._tried(view)]
        self._held: dict[tuple[int, int | None], tuple[int, ...]] = {}
        self._possible: dict[_Truths, Witness] = {}
        for case in self._cases:
            for truths, witness in case.truths.items():
                self._possible.setdefault(truths, {**case.witness, **witness})
        firsts = {_first(truths) for truths in self._possible}
        self._dead = [n for n in range(len(grade.start)) if n not in firsts]

    def _tried(self, view: Sequence[int]) -> Iterator[_Case]:
        rest = [number for number in self._open if number not in view]
        for state, witness in self._sampled.spread(self._start, view).items():
            ends = self._sampled.spread(state, rest)
            truths = {end[1:]: samples for end, samples in ends.items() if end[0] is True}
            if truths:
                yield _Case(witness, truths)

    # Findings ---------------------------------------------------------------------------

    def dead(self) -> Iterator[Problem]:
        for number in self._dead:
            band = self._grade.start[number]
            reached = any(truths[number] is True for truths in self._possible)
            why = "every value that it takes has an earlier band" if reached else "no value fits it"
            message = f"nothing ever starts at {band.grade!r}: {why}"
            yield problem_at(self._file, band.place, "dead-band", message)

    def gaps(self) -> Iterator[Problem]:
        sure = [case.witness for case in self._cases if case.always(_is_gap)]
        maybe = [witness for truths, witness in self._possible.items() if _is_gap(truths)]
        if not sure and not maybe:
            return
        words = self._shown((sure or maybe)[0], _is_gap)
        problem = problem_at(
            self._file,
            self._grade.place,
            "grade-gap",
            f"no band gives a grade for {words}; close the gap"
            + ("" if sure else ", if that can come about"),
        )
        yield replace(problem, warning=not sure)

    def overlaps(self) -> Iterator[Problem]:
        bands = self._grade.start
        for earlier, later in combinations(range(len(bands)), 2):
            if later in self._dead or bands[earlier].grade == bands[later].grade:
                continue

            def hold(truths: _Truths, one: int = earlier, other: int = later) -> bool:
                return truths[one] is True and truths[other] is True

            if not any(hold(truths) for truths in self._possible):
                continue
            shared = [n for n in self._open if self._is_doubled(n, earlier, later)]
            if shared:
                certain = any(case.always(hold) for case in self._cases)
                yield self._overlap(bands[earlier], bands[later], hold, shared, certain=certain)
            elif self._is_open(earlier, later):
                yield self._overlap(bands[earlier], bands[later], hold, self._open, certain=False)

    def _overlap(
        self,
        earlier: GradeBand,
        later: GradeBand,
        hold: Callable[[_Truths], bool],
        shared: Sequence[int],
        *,
        certain: bool,
    ) -> Problem:
        sure = [case.witness for case in self._cases if case.always(hold)]
        maybe = [witness for truths, witness in self._possible.items() if hold(truths)]
        names = {self._sampled.variables[number].name for number in shared}
        words = self._sampled.describe((sure or maybe)[0], names=names)
        problem = problem_at(
            self._file,
            later.place,
            "grade-overlap",
            f"{words} fits both {earlier.grade!r} and {later.grade!r}; part the two bands"
            + ("" if certain else ", if that can come about"),
        )
        return replace(problem, warning=not certain)

    # Bands in one name --------------------------------------------------------------------

    def _within(self, variable: int, band: int | None) -> tuple[int, ...]:
        """Give the samples of a variable with which a band may hold, or that may be at all."""
        key = variable, band
        if key not in self._held:
            others = [number for number in self._open if number != variable]
            places = (0,) if band is None else (0, band + 1)
            found: list[int] = []
            for sample in range(len(self._sampled.variables[variable].samples)):
                state = [assigned(self._start[place], variable, sample) for place in places]
                if any(all(end) for end in self._sampled.spread(state, others)):
                    found.append(sample)
            self._held[key] = tuple(found)
        return self._held[key]

    def _is_doubled(self, variable: int, earlier: int, later: int) -> bool:
        """Say whether two bands limit a name, and are no steps of one ladder in it."""
        one = self._sampled.variables[variable]
        if one.about in {"known", "code"}:
            return False
        every = self._within(variable, None)
        first, second = self._within(variable, earlier), self._within(variable, later)
        if every in {first, second} or first == second or not set(first) & set(second):
            return False
        if not set(first) <= set(second):
            return True
        return one.ordered and second[0] != every[0] and second[-1] != every[-1]

    def _is_open(self, earlier: int, later: int) -> bool:
        """Say whether two bands limit a name from two sides, by what only a run knows."""
        limits = [self._limits(earlier), self._limits(later)]
        for name in limits[0].keys() & limits[1].keys():
            (one, sides), (other, others) = limits[0][name], limits[1][name]
            if not one & other and not sides & others:
                return True
        return False

    def _limits(self, band: int) -> dict[str, tuple[set[int], set[str]]]:
        """Give by which variables a band limits a name, and on which sides it is open there."""
        found: dict[str, tuple[set[int], set[str]]] = {}
        for number in self._open:
            one = self._sampled.variables[number]
            every, within = self._within(number, None), self._within(number, band)
            if not one.ordered or within == every or not within:
                continue
            by, sides = found.setdefault(one.name, (set(), set()))
            by.add(number)
            sides |= {"above"} if within[-1] == every[-1] else set()
            sides |= {"below"} if within[0] == every[0] else set()
        return found

    def _shown(self, witness: Witness, test: Callable[[_Truths], bool]) -> str:
        """Write those of some samples that matter for a finding."""
        left = dict(witness)
        for number in witness:
            fewer = {one: sample for one, sample in left.items() if one != number}
            state = [self._sampled.value(formula, fewer) for formula in self._start]
            ends = self._sampled.spread(state, [one for one in self._open if one not in fewer])
            truths = [end[1:] for end in ends if end[0] is True]
            if fewer and all(test(one) for one in truths):
                left = fewer
        return self._sampled.describe(left)


def _first(truths: _Truths) -> int | None:
    return next((number for number, held in enumerate(truths) if held is True), None)


def _is_gap(truths: _Truths) -> bool:
    return _first(truths) is None


def _views(variables: Sequence[Variable], open_ones: Collection[int]) -> list[list[int]]:
    """Give sets of variables whose samples surely can come together.

    Names that rest on the same records or inputs may go together in some ways only; of those each
    is looked at alone.
    """
    units: dict[tuple[str, object], list[int]] = {}
    for number in open_ones:
        one = variables[number]
        key = (one.name, one.detail if one.about == "against" else None)
        units.setdefault(key, []).append(number)
    rests_on = {
        key: frozenset[str]().union(*(variables[number].rests_on for number in unit))
        for key, unit in units.items()
    }
    related = [
        key
        for key in units
        if any(other != key and rests_on[key] & rests_on[other] for other in units)
    ]
    free = [number for key, unit in units.items() if key not in related for number in unit]
    return [[*free, *units[key]] for key in related] or [free]
