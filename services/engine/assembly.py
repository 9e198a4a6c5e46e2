"""Plans in the making: compiled expressions and conditions, and the steps that calculate them.

Every calculation is a step with a key; a step whose key was seen before is not calculated again, so
that rules which share filters or windows share their columns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from services.engine.errors import PolicyRefusedError, Problem, problem_at
from services.engine.frames import Frame, Step
from services.engine.language import Place
from services.engine.unrolled import Line, Stretch, Unrolled, quoted
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary

NUMBER: Final = Attribute(AttributeType.NUMBER)
"""Type of a plain number."""

DAY: Final = Attribute(AttributeType.DAY)
"""Type of a day."""

FLAG: Final = Attribute(AttributeType.FLAG)
"""Type of a truth."""

RANGE: Final = 1 << 62
"""Half of what 64 bits hold: a bound below it leaves room for one more sum."""

_NO_SELECTIONS: Final[frozenset[int]] = frozenset()
_STILL: Final[tuple[bool, frozenset[int]]] = (False, frozenset())


@dataclass(frozen=True, slots=True)
class Ref:
    """A compiled expression.

    Attributes:
        slot: Where its column is.
        type: What its whole numbers mean.
        scale: Decimals of a number.
        optional: Whether a value may be missing.
        selections: Indicators that it rests on.
        constant: Its value when it is a literal.
        narrow: Whether its column may be of fewer than 64 bits.
        bound: Greatest size that it can have, missing values aside; none when nobody knows.
    """

    slot: int
    type: Attribute
    scale: int = 0
    optional: bool = False
    selections: frozenset[int] = _NO_SELECTIONS
    constant: int | None = None
    narrow: bool = False
    bound: int | None = None

    @property
    def safe(self) -> bool:
        """Say whether it is sure to be within 64 bits, so that nothing need be checked."""
        return self.bound is not None and self.bound < RANGE


@dataclass(frozen=True, slots=True)
class Truth:
    """A compiled condition.

    Attributes:
        slot: Where its truths are.
        selections: Indicators that it rests on.
        constant: Its value when it always or never holds.
    """

    slot: int
    selections: frozenset[int] = _NO_SELECTIONS
    constant: bool | None = None


@dataclass(slots=True)
class _Block:
    """Steps that one indicator alone needs, from one place among all steps to another."""

    start: int
    guard: int
    end: int = 0
    skips: bool = True
    empty: tuple[tuple[int, int], ...] = ()


class RefusedPartError(Exception):
    """Leaves one part of a version after its problem has been noted; never leaves the engine."""


class Assembly:
    """Steps of a plan in the making, each calculated once."""

    def __init__(self, file: str, vocabulary: Vocabulary, field: str = "") -> None:
        """Start empty.

        Args:
            file: Name for problems.
            vocabulary: The words that a policy may use.
            field: Code of the policy's field, for which ``own`` stands; empty for every field.
        """
        self.file = file
        self.vocabulary = vocabulary
        self.field = field
        self.constants: list[int | bool | None] = []
        self.steps: list[tuple[int, Step]] = []
        self._lines: dict[int, Line] = {}
        self.changes: list[Callable[[Frame], Any]] = []
        self._blocks: list[_Block] = []
        self._block: _Block | None = None
        self._made_in: dict[int, _Block] = {}
        self._kept: set[int] = set()
        self._problems: set[Problem] = set()
        self._changes: dict[tuple[Any, ...], int] = {}
        self._moving: dict[str, tuple[bool, frozenset[int]]] = {}
        self._noted: set[int] = set()
        # Grows with whatever is compiled that time alone changes, records' days of windows and of
        # plain comparisons with the as-of day aside.
        self.moved = 0
        self._seen: dict[tuple[Any, ...], int] = {}

    def emit(self, key: tuple[Any, ...], step: Step, line: Line | None = None) -> int:
        """Add a step, or find the equal one; give its slot.

        Args:
            key: Stands for the step.
            step: The calculation.
            line: The same for a subject alone, written out.
        """
        slot = self._seen.get(key)
        if slot is None:
            slot = self._seen[key] = len(self.constants)
            self.constants.append(None)
            self.steps.append((slot, step))
            if line is not None:
                self._lines[slot] = line
            if self._block is not None:
                self._made_in[slot] = self._block
        elif self._made_in.get(slot) is not self._block:
            # Another part needs it too. Whatever it is made of was asked for again before it.
            self._kept.add(slot)
        return slot

    def share(self, key: tuple[Any, ...], step: Step, name: str) -> int:
        """Add a step that plans which run over one subject on one day work out once.

        Args:
            key: Stands for the step.
            step: The calculation.
            name: Name of its result for all plans; empty where they cannot share it.
        """
        if not name:
            return self.emit(key, step)

        def shared(frame: Frame) -> Any:  # noqa: ANN401 -- a slot's content.
            memory = frame.memory
            if memory is None:
                return step(frame)
            found = memory.get(name)
            if found is None:
                found = memory[name] = step(frame)
            return found

        line = Line("found", when=f"(found := memory.get({quoted(name)})) is not None")
        return self.emit(key, shared, line)

    @contextmanager
    def block(self, guard: int) -> Iterator[None]:
        """Note the steps of one indicator, which nobody needs where no record passes a condition.

        Args:
            guard: Slot of the condition, compiled before.
        """
        block = _Block(len(self.steps), guard)
        outer, self._block = self._block, block
        try:
            yield
        finally:
            self._block = outer
        block.end = len(self.steps)
        self._blocks.append(block)

    @contextmanager
    def apart(self, name: str) -> Iterator[None]:
        """Note that the steps of a name stand for themselves, wherever it is asked for first."""
        outer, self._block = self._block, None
        if outer is not None:
            outer.skips = False
        before = self.moved
        try:
            with self.noting() as noted:
                yield
        finally:
            self._block = outer
        self._moving[name] = self.moved != before, frozenset(noted)

    def meet(self, name: str) -> None:
        """Note that a name that was compiled before is asked for again."""
        moving, noted = self._moving.get(name, _STILL)
        self.moved += moving
        self._noted |= noted

    @contextmanager
    def noting(self) -> Iterator[set[int]]:
        """Give the changes that what is compiled inside rests on, by their places in `changes`."""
        outer, self._noted = self._noted, set()
        noted = self._noted
        try:
            yield noted
        finally:
            outer |= noted
            self._noted = outer

    def note(self, changes: Iterable[int], *, moving: bool) -> None:
        """Note that a rule that was compiled before is met again, by what it rests on."""
        self.moved += moving
        self._noted.update(changes)

    def keep(self, slot: int, *, whole: bool) -> None:
        """Note that a step is needed whatever the guard says, or that the whole block is."""
        self._kept.add(slot)
        if whole and self._block is not None:
            self._block.skips = False

    def empty(self, results: tuple[tuple[int, int], ...]) -> None:
        """Say what the results of the present block are where no record passes its guard."""
        assert self._block is not None, "asked only within a block"
        self._block.empty = results

    def unrolled(self) -> Unrolled:
        """Give all steps for a subject alone."""
        return Unrolled(self._stretches(), self._lines, tuple(self.constants))

    def _stretches(self) -> tuple[Stretch, ...]:
        """Give all steps in stretches, of which some may be left out for one subject."""
        found: list[Stretch] = []
        reached = 0
        for block in sorted(self._blocks, key=lambda one: one.start):
            if not block.skips or block.start < reached:
                continue
            steps = self.steps[block.start : block.end]
            kept = [one for one in steps if one[0] in self._kept]
            alone = [one for one in steps if one[0] not in self._kept]
            found.append(Stretch((*self.steps[reached : block.start], *kept)))
            found.append(Stretch(tuple(alone), block.guard, block.empty))
            reached = block.end
        found.append(Stretch(tuple(self.steps[reached:])))
        return tuple(found)

    def constant(self, value: int | bool) -> int:  # noqa: FBT001 -- a truth is a value here.
        """Give the slot of a whole number or truth; it costs nothing in a run."""
        key = ("constant", type(value), value)
        slot = self._seen.get(key)
        if slot is None:
            slot = self._seen[key] = len(self.constants)
            self.constants.append(value)
        return slot

    def change(
        self, key: tuple[Any, ...], change: Callable[[Frame], Any], *, told: bool = False
    ) -> None:
        """Note a day on which something changes by time alone, once.

        Args:
            key: Stands for it.
            change: Gives for each subject, or for the one, the first later day.
            told: Whether the records concerned tell the day themselves.
        """
        self.moved += not told
        place = self._changes.setdefault(key, len(self.changes))
        if place == len(self.changes):
            self.changes.append(change)
        self._noted.add(place)

    def refuse(self, place: Place, code: str, message: str) -> RefusedPartError:
        """Note a problem; the caller raises what this returns."""
        self._problems.add(problem_at(self.file, place, code, message))
        return RefusedPartError(message)

    def finish(self) -> None:
        """Refuse the version if anything was wrong.

        Raises:
            PolicyRefusedError: At least one problem was noted.
        """
        if self._problems:
            raise PolicyRefusedError(tuple(self._problems))


def largest_bound(refs: Sequence[Ref]) -> int | None:
    """Give the greatest bound of several expressions; none when one has none."""
    bounds = [ref.bound for ref in refs if ref.bound is not None]
    return max(bounds) if len(bounds) == len(refs) else None
