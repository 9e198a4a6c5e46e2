"""Compiling a ladder: where a grade starts, how it moves, and what overrides it.

The order is: starting grade, steps down, clamp or fall off the ladder; then "at worst" floors, then
vetoes ("at best"), then "exactly"; a status outside the ladder goes over any grade.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from services.engine.conditions import Scope
from services.engine.frames import Frame
from services.engine.language import GradeScale
from services.engine.numbers import Cell, add, larger, pick, present, smaller
from services.engine.plan import GradePlan, RulePlan


def compile_grade(
    grade: GradeScale,
    scope: Scope,
    steps: int,
    *,
    rules: Sequence[RulePlan],
    statuses: Mapping[str, int],
) -> GradePlan:
    """Compile a ladder.

    Args:
        grade: What the file says.
        scope: Scope of the subjects.
        steps: Slot with the steps down.
        rules: All rules, compiled, in the order of the file.
        statuses: Numbers of the statuses outside the ladder, from 1.
    """
    start, bands = _start(grade, scope)
    moved = scope.assembly.emit(
        ("moved", start, steps),
        lambda frame: pick(frame.slots[start] > 0, add(frame.slots[start], frame.slots[steps]), 0),
    )
    rank = _rank(grade, scope, start, moved=moved, rules=rules)
    status = _status(grade, scope, moved, rules=rules, statuses=statuses)
    return GradePlan(start, rank, status, bands)


# Private functions -----------------------------------------------------------


def _start(grade: GradeScale, scope: Scope) -> tuple[int, tuple[int, ...]]:
    """Compile the starting place; give its slot and those of the bands' conditions."""
    if grade.start_rank is not None:
        given = scope.widened(scope.expression(grade.start_rank)).slot
        place = scope.assembly.emit(
            ("place", given),
            lambda frame: pick(present(frame.slots[given]), frame.slots[given], 0),
        )
        return place, ()
    bands: list[tuple[int, int]] = []
    for band in grade.start:
        if band.grade not in grade.ladder:
            raise scope.assembly.refuse(
                band.place, "unknown-grade", f"{band.grade!r} is not on the ladder"
            )
        bands.append((scope.condition(band.when).slot, grade.ladder.index(band.grade) + 1))

    def step(frame: Frame) -> Cell:
        rank: Cell = 0
        for slot, number in reversed(bands):
            rank = pick(frame.slots[slot], number, rank)
        return rank

    slot = scope.assembly.emit(("start", tuple(bands)), step)
    return slot, tuple(slot for slot, _ in bands)


def _rank(
    grade: GradeScale, scope: Scope, start: int, *, moved: int, rules: Sequence[RulePlan]
) -> int:
    lowest = len(grade.ladder)
    sets = [
        (_EFFECTS[effect], plan.hit, grade.ladder.index(plan.rule.target) + 1)
        for effect in _EFFECTS
        for plan in rules
        if plan.rule.effect == effect
    ]

    def step(frame: Frame) -> Cell:
        on_ladder = smaller(larger(frame.slots[moved], 1), lowest)
        rank = pick(frame.slots[start] > 0, on_ladder, 0)
        for apply, hit, number in sets:
            held = frame.slots[hit]
            if held is not False:
                rank = apply(rank, number, held)
        return rank

    return scope.assembly.emit(("rank", moved), step)


def _status(
    grade: GradeScale,
    scope: Scope,
    moved: int,
    *,
    rules: Sequence[RulePlan],
    statuses: Mapping[str, int],
) -> int:
    lowest, beyond = len(grade.ladder), statuses.get(grade.beyond, 0)
    # The first rule that holds counts, so later ones are put in first.
    hits = [
        (plan.hit, statuses[plan.rule.target])
        for plan in reversed(rules)
        if plan.rule.effect == "status"
    ]

    def step(frame: Frame) -> Cell:
        status: Cell = 0
        if beyond:
            status = pick(frame.slots[moved] > lowest, beyond, 0)
        for hit, number in hits:
            status = pick(frame.slots[hit], number, status)
        return status

    return scope.assembly.emit(("status", moved), step)


# In the order in which they are applied.
_EFFECTS: Final[Mapping[str, Callable[[Cell, int, Cell], Cell]]] = {
    "at_worst": lambda rank, number, hit: pick(hit & (rank > 0), smaller(rank, number), rank),
    "grade": lambda rank, number, hit: pick(hit, larger(rank, number), rank),
    "exactly": lambda rank, number, hit: pick(hit, number, rank),
}
