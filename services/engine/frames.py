"""One run of a plan: its columns, its inputs and the results of its steps so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from services.engine.numbers import MISSING, Cell, least
from services.engine.peers import PeerTable
from services.engine.population import Population

Slots = list[Any]
"""Results of the steps so far: columns of subjects or records, or plain whole numbers."""


Earlier = Callable[[int], Mapping[str, Any]]
"""Gives the inputs that a plan had on an earlier day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run stands in, besides its facts and inputs.

    Attributes:
        peers: Tables of peers by name of the input, pinned.
        earlier: Gives the inputs of an earlier day, for last period's result.
        back: How many periods before the one asked for this run lies.
    """

    peers: Mapping[str, PeerTable] = field(default_factory=dict)
    earlier: Earlier | None = None
    back: int = 0


PLAIN: Final = Setting()
"""A run of its own, without peers."""


@dataclass(slots=True)
class Frame:
    """One run of a plan.

    Attributes:
        population: The columns.
        as_of: The day asked for, as a number.
        inputs: Columns or whole numbers of the inputs that come with the question.
        slots: Results of the steps.
        setting: What the run stands in.
        before: Runs of the same plan on earlier days, by day, as far as they were asked for.
        memory: What plans that run over one subject on this day worked out, and share; none in a
            larger population.
    """

    population: Population
    as_of: int
    inputs: Mapping[str, Any]
    slots: Slots
    setting: Setting = PLAIN
    before: dict[int, Any] = field(default_factory=dict)
    memory: dict[str, Any] | None = None

    def single(self, values: Any) -> Cell:  # noqa: ANN401 -- a column or a whole number.
        """Give a column as it is, and that of a population of one as a plain number."""
        if isinstance(values, np.ndarray) and self.population.size == 1:
            number = int(values.item())
            return MISSING if number == least(values) else number
        return values


Step = Callable[[Frame], Any]
"""Calculates one slot from the ones before it."""
