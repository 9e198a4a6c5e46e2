"""When one result is better than another: for whom it is told, and by which numbers."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import RESULT, Evaluation
from services.engine.numbers import MISSING
from services.engine.plan import Plan

LESS: Final = "less"
"""Less of an output is better for whom it is laid on: a premium, a number of inspections."""

MORE: Final = "more"
"""More of it is better: a discount, the months between two inspections."""

NEUTRAL: Final = "neutral"
"""Neither is better: a limit that somebody chose."""

STILL: Final = "still"
"""Nobody says by which clause it may move, so no worse record moves it at all."""

BEST_FIRST: Final = "best_first"
"""Words of which the first is the best, see `own_words`; each further one weighs more."""

WORST_FIRST: Final = "worst_first"
"""Words of which the first is the worst."""

GRADE: Final = "grade"
"""Stands for grade and status among what an exemption names."""

_ORDERS: Final = frozenset({BEST_FIRST, WORST_FIRST})
_SHARES: Final = frozenset(
    {"ratio", "percent", "per mille", "hundredth", "basis_point", "basis point"}
)
LAID_UNITS: Final[Mapping[str, frozenset[str]]] = {
    "rate": _SHARES | {"CNY", "fen"},
    "supervision": _SHARES | {"inspection"},
}
"""Units of which less is better, by the kinds of policies whose outputs are all compared."""

_PER: Final = re.compile(" (?:per|an?) ")


@dataclass(frozen=True, slots=True)
class Compared:
    """What of a result is compared.

    Attributes:
        laid: `LESS`, `MORE`, `STILL`, or the order of its words, by name of the output.
        favourable: Whether a status is a good thing, as on a redlist.
        standing: Whether grades and statuses are compared.
        wanted: Says of one subject, before and after, whether a better result is looked for; every
            one is without it.
    """

    laid: Mapping[str, str]
    favourable: bool = False
    standing: bool = True
    wanted: Callable[[Evaluation, Evaluation], bool] | None = None

    def counts(self, before: Evaluation, after: Evaluation) -> bool:
        """Say whether a better result of one subject is looked for."""
        return self.wanted is None or self.wanted(before, after)

    def better(self, before: Evaluation, after: Evaluation) -> NDArray[np.bool_]:
        """Say for whom the second result is better; losing a bad one is better, too."""
        had, has = before.states() == RESULT, after.states() == RESULT
        better = np.zeros(had.size, dtype=np.bool_)
        gone = np.zeros(had.size, dtype=np.bool_)
        if self.standing:
            one, two = before.status_numbers() > 0, after.status_numbers() > 0
            # Leaving a status outside the ladder is a relief, unless the status is an honour.
            better |= ~one & two if self.favourable else one & ~two
            ranks = (before.ranks(), after.ranks())
            better |= (ranks[0] > ranks[1]) & (ranks[1] > 0)
            # So is having no result any more, for whoever had a status or not the best grade.
            gone |= one & (not self.favourable) | (ranks[0] > 1)
        for name, direction in self.laid.items():
            first, second = before.output(name), after.output(name)
            known = (first != MISSING) & (second != MISSING)
            if direction == MORE:
                better |= known & (second > first)
            elif direction == STILL:
                better |= known & (second != first)
            else:
                # What is not laid on somebody weighs nothing.
                weight = _weight(before, name, direction)
                better |= _weight(after, name, direction) < weight
                gone |= weight > 0
        return np.asarray(better & had & has | gone & had & ~has)

    def open(self, before: Evaluation, after: Evaluation) -> NDArray[np.bool_]:
        """Say for whom a slip could show: not who is at the worst end already, whatever comes."""
        both = (before.states() == RESULT) & (after.states() == RESULT)
        found = np.zeros(both.size, dtype=np.bool_)
        for name, direction in self.laid.items():
            known = before.output(name) != MISSING
            if direction in _ORDERS:
                last = len(before.plan.outputs[name].words) - 1
                known &= _weight(before, name, direction) < last
            found |= known
        if self.standing:
            worst = before.ranks() == max(len(before.plan.ladder), 2)
            listed = before.status_numbers() > 0
            found |= ~listed if before.plan.grade is None else ~(worst | listed)
        return np.asarray(both & found)


def laid_outputs(plan: Plan, kind: str, exempt: Collection[str] = ()) -> dict[str, str]:
    """Name the outputs that are compared, and what of them is better.

    As the file says; else by the unit, in policies that lay something on somebody. There the file's
    word counts against the unit, or for neither, only of what an exemption names by its clause.

    Args:
        plan: The policy.
        kind: Its kind.
        exempt: Names of an exemption.
    """
    found = {name: order for name, order in _ordered(plan) if name not in exempt}
    for name in _numbers(plan):
        direction = _direction(plan, name, kind, exempted=name in exempt)
        if direction:
            found[name] = direction
    return found


def undirected_outputs(plan: Plan, kind: str) -> tuple[str, ...]:
    """Name the outputs that must be compared, and of which nothing says what is better."""
    if kind not in LAID_UNITS:
        return ()
    outputs = plan.version.outputs
    return tuple(
        name for name in _numbers(plan) if not outputs[name].better and not _laid(plan, name, kind)
    )


# Private functions -----------------------------------------------------------


def _numbers(plan: Plan) -> list[str]:
    return [name for name, one in plan.outputs.items() if not one.words]


def _ordered(plan: Plan) -> Iterator[tuple[str, str]]:
    """Give the outputs that are words of the version's own in an order, and the order."""
    codes = plan.version.codes
    for name, one in plan.version.outputs.items():
        if one.codes in codes and codes[one.codes].order:
            yield name, codes[one.codes].order


def _direction(plan: Plan, name: str, kind: str, *, exempted: bool) -> str:
    """Say what of an output is better; nothing where it is not compared."""
    said = plan.version.outputs[name].better
    if _laid(plan, name, kind):
        turned = said if said == MORE else ""
        return turned if exempted else LESS
    if exempted:
        return ""
    if said == NEUTRAL:
        return STILL if kind in LAID_UNITS else ""
    return said


def _laid(plan: Plan, name: str, kind: str) -> bool:
    return _PER.split(plan.outputs[name].unit)[0] in LAID_UNITS.get(kind, ())


def _weight(run: Evaluation, name: str, direction: str) -> NDArray[np.int64]:
    """Say how much of an output is laid on each; the best word weighs no more than none."""
    numbers = run.output(name)
    if direction == BEST_FIRST:
        weights = numbers - 1
    elif direction == WORST_FIRST:
        weights = len(run.plan.outputs[name].words) - numbers
    else:
        weights = numbers
    return np.where(numbers == MISSING, 0, weights)
