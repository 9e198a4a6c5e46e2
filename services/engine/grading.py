"""Compiling a ladder: where a grade starts, how it moves, and what overrides it.

The order is: starting grade, steps down, clamp or fall off the ladder; then "at worst" floors, then
vetoes ("at best"), then the worst "exactly"; a status outside the ladder goes over any grade, and
of several the first that the version names. What a veto settles though the score is missing, see
`vetoing`.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from services.engine.assembly import RANGE
from services.engine.compiling import first_number
from services.engine.conditions import Scope
from services.engine.frames import Frame
from services.engine.language import GradeScale
from services.engine.numbers import MISSING, Cell, add, larger, pick, present, smaller
from services.engine.plan import GradePlan, RulePlan
from services.engine.unrolled import TERMS_MOST, Line


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
        statuses: Numbers of the statuses outside the ladder, from 1; the lowest counts.
    """
    start, bands = _start(grade, scope)
    moved = scope.assembly.emit(
        ("moved", start, steps),
        lambda frame: pick(frame.slots[start] > 0, add(frame.slots[start], frame.slots[steps]), 0),
        Line("{0} + {1} if {0} > 0 else 0", (start, steps), f"-{RANGE} < {{1}} < {RANGE}"),
    )
    rank = _rank(grade, scope, start, moved=moved, rules=rules)
    status = _status(grade, scope, moved, rules=rules, statuses=statuses)
    return GradePlan(start, rank, status, bands)


def own_grade(plan: GradePlan, scope: Scope) -> int:
    """Give the slot of the grade that a subject ends with; missing where it has none."""
    return scope.assembly.emit(
        ("own grade", plan.rank, plan.status),
        lambda frame: pick(
            (frame.slots[plan.rank] > 0) & (frame.slots[plan.status] == 0),
            frame.slots[plan.rank],
            MISSING,
        ),
        Line("{0} if {0} > 0 and not {1} else MISSING", (plan.rank, plan.status)),
    )


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

    slots = tuple(slot for slot, _ in bands)
    line = first_number([number for _, number in bands], slots, "0")
    return scope.assembly.emit(("start", tuple(bands)), step, line), slots


def _rank(
    grade: GradeScale, scope: Scope, start: int, *, moved: int, rules: Sequence[RulePlan]
) -> int:
    lowest = len(grade.ladder)
    # From best to worst, so that of several "exactly" the worst is put in last.
    sets = [
        (effect, plan.hit, place)
        for effect in _EFFECTS
        for place, target in enumerate(grade.ladder, start=1)
        for plan in rules
        if (plan.rule.effect, plan.rule.target) == (effect, target)
    ]

    def step(frame: Frame) -> Cell:
        on_ladder = smaller(larger(frame.slots[moved], 1), lowest)
        rank = pick(frame.slots[start] > 0, on_ladder, 0)
        for effect, hit, number in sets:
            held = frame.slots[hit]
            if held is not False:
                rank = _EFFECTS[effect](rank, number, held)
        return rank

    return scope.assembly.emit(("rank", moved), step, _written(start, moved, lowest, sets))


def _written(
    start: int, moved: int, lowest: int, sets: Sequence[tuple[str, int, int]]
) -> Line | None:
    """Write the place on the ladder out."""
    if len(sets) > TERMS_MOST:
        return None
    parts = [f"0 if {{0}} <= 0 else min(max({{1}}, 1), {lowest})"]
    for place, (effect, _, number) in enumerate(sets, start=2):
        parts.append(_WRITTEN[effect].format(hit=f"{{{place}}}", number=number))
    value = ", ".join(f"(found := {part})" for part in parts)
    return Line(f"({value},)[-1]", (start, moved, *(hit for _, hit, _ in sets)))


def _status(
    grade: GradeScale,
    scope: Scope,
    moved: int,
    *,
    rules: Sequence[RulePlan],
    statuses: Mapping[str, int],
) -> int:
    hits = [
        (statuses[plan.rule.target], plan.hit) for plan in rules if plan.rule.effect == "status"
    ]
    if grade.beyond in statuses:
        lowest = len(grade.ladder)
        fallen = scope.assembly.emit(
            ("fallen", moved),
            lambda frame: frame.slots[moved] > lowest,
            Line(f"{{0}} > {lowest}", (moved,)),
        )
        hits.append((statuses[grade.beyond], fallen))
    hits.sort(key=itemgetter(0))

    def step(frame: Frame) -> Cell:
        status: Cell = 0
        # The lowest number counts, so it is put in last.
        for number, hit in reversed(hits):
            status = pick(frame.slots[hit], number, status)
        return status

    line = first_number([number for number, _ in hits], tuple(hit for _, hit in hits), "0")
    return scope.assembly.emit(("status", moved), step, line)


# In the order in which they are applied.
_EFFECTS: Final[Mapping[str, Callable[[Cell, int, Cell], Cell]]] = {
    "at_worst": lambda rank, number, hit: pick(hit & (rank > 0), smaller(rank, number), rank),
    "grade": lambda rank, number, hit: pick(hit, larger(rank, number), rank),
    "exactly": lambda rank, number, hit: pick(hit, number, rank),
}

# The same for one subject; no ladder has a place below 1, so that 0 stays what it is.
_WRITTEN: Final[Mapping[str, str]] = {
    "at_worst": "{number} if {hit} and found > {number} else found",
    "grade": "{number} if {hit} and found < {number} else found",
    "exactly": "{number} if {hit} else found",
}
