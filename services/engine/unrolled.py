"""Plans written out: the steps of a plan as one Python function, for a subject alone.

A call for each of some hundred steps is most of what one subject costs. So what a step makes of
plain numbers and of sets of few records may be noted as a line of Python too, and the lines of a
plan are put together once, when it first runs for a subject alone. A step without a line, and one
whose line is not for what it finds there, is called as it is for a population.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from services.engine.few import Few
from services.engine.frames import Frame, Step
from services.engine.numbers import MISSING

TERMS_MOST: Final = 32
"""House limit: terms of one line; Python's compiler goes into each a level deeper."""


class Line(NamedTuple):
    """What a step gives for a subject alone, as Python text.

    Only slots, whole numbers and the engine's own words stand in one; a file's words are `quoted`.

    Attributes:
        value: The expression. ``{0}``, ``{1}`` and so on stand for what `slots` hold; known are
            ``frame``, its ``inputs`` and ``memory`` (see `frames.Frame`), ``few`` (columns of few
            records by key), ``Few``, ``column`` (NumPy's type) and ``MISSING``; ``found``,
            ``held``, ``left``, ``one`` and ``rows`` are for a line to set.
        slots: Slots that it reads.
        when: Expression under which the value is the step's; empty where it always is.
        before: Statements that come before the expression, each with its indentation.
    """

    value: str
    slots: tuple[int, ...] = ()
    when: str = ""
    before: tuple[str, ...] = ()


def quoted(word: str) -> str:
    """Write a word into a line as text."""
    return repr(word).replace("{", "{{").replace("}", "}}")


class Stretch(NamedTuple):
    """Steps that follow each other, and when one subject does without them.

    Attributes:
        steps: Slot and calculation, in order.
        guard: Slot of a set of few records; where it is empty, the steps are left out. -1 for steps
            that are always needed.
        empty: What their results are then, by slot.
    """

    steps: tuple[tuple[int, Step], ...]
    guard: int = -1
    empty: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Unrolled:
    """The steps of a plan for a subject alone; the function is written when it is first needed.

    Attributes:
        stretches: All steps, in order.
        lines: Lines of those steps that have one, by slot.
        constants: What each slot holds before a run; nothing where a step fills it.
    """

    stretches: Sequence[Stretch]
    lines: Mapping[int, Line]
    constants: Sequence[int | bool | None]
    _function: Callable[[Frame], None] | None = field(
        init=False, repr=False, compare=False, default=None
    )

    def run(self, frame: Frame) -> None:
        """Fill the slots of a run over one subject."""
        if self._function is None:
            self._function = _Writer(self).function()
        self._function(frame)


# Private functions and classes ------------------------------------------------

_WORDS: Final[Mapping[str, Any]] = {"Few": Few, "MISSING": MISSING, "column": np.ndarray}
_BEGINNING: Final = (
    "def run(frame):",
    "    slots, inputs, memory = frame.slots, frame.inputs, frame.memory",
    "    few = frame.population.few",
)


class _Writer:
    def __init__(self, steps: Unrolled) -> None:
        self._steps = steps
        self._words: dict[str, Any] = dict(_WORDS)
        # Slots whose value is in a local variable: of all that follows, or of one stretch.
        self._always: set[int] = set()
        self._here: set[int] = set()

    def function(self) -> Callable[[Frame], None]:
        text = [*_BEGINNING]
        for stretch in self._steps.stretches:
            text.extend(self._stretch(stretch))
        # Nothing of the text comes from outside the engine, see `Line`.
        exec(compile("\n".join(text), "<unrolled plan>", "exec"), self._words)  # noqa: S102
        made: Callable[[Frame], None] = self._words["run"]
        return made

    def _stretch(self, stretch: Stretch) -> list[str]:
        if not stretch.steps:
            return []
        if stretch.guard < 0:
            lines = [
                f"    {text}" for slot, step in stretch.steps for text in self._step(slot, step)
            ]
            self._always |= self._here
            self._here.clear()
            return lines
        # An empty set of few records is the number 0; a column is none, and a truth neither.
        guard = self._read(stretch.guard)
        lines = [f"    if type({guard}) is not int or {guard}:"]
        lines += [
            f"        {text}" for slot, step in stretch.steps for text in self._step(slot, step)
        ]
        self._here.clear()
        if stretch.empty:
            lines.append("    else:")
            lines += [f"        slots[{slot}] = {value}" for slot, value in stretch.empty]
        return lines

    def _step(self, slot: int, step: Step) -> list[str]:
        name, line = f"step{slot}", self._steps.lines.get(slot)
        target = f"slots[{slot}] = cell{slot} ="
        if line is None or line.when:
            self._words[name] = step
        called = f"{target} {name}(frame)"
        if line is None:
            text = [called]
        else:
            cells = [self._read(one) for one in line.slots]
            text = [one.format(*cells) for one in (*line.before, f"{target} {line.value}")]
            if line.when:
                text = [
                    f"if {line.when.format(*cells)}:",
                    *(f"    {one}" for one in text),
                    "else:",
                    f"    {called}",
                ]
        self._here.add(slot)
        return text

    def _read(self, slot: int) -> str:
        constant = self._steps.constants[slot]
        if constant is not None:
            return f"({constant})"
        return f"cell{slot}" if slot in self._always or slot in self._here else f"slots[{slot}]"
