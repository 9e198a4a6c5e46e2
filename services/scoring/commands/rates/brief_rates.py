"""Rates of a population without their reasons, as columns of whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import NO_DATA, RESULT
from services.engine.numbers import MISSING
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.rates.rate_bounds import (
    BOUND_FACTOR_PLACES,
    BOUND_OUTPUTS,
    PREMIUM_MAX,
    PREMIUM_MIN,
    BoundColumns,
    Column,
)
from services.scoring.commands.rates.rating import RatedColumns
from services.scoring.commands.rates.worksheet import (
    BASE_PREMIUM,
    FACTOR,
    FACTOR_MAX,
    FACTOR_MIN,
    PREMIUM,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedColumns:
    """What one bounds policy says, by position; `MISSING` where it says nothing."""

    version: CompiledVersion
    factor_min: list[int]
    factor_max: list[int]
    premium_min: list[int]
    premium_max: list[int]
    binding: list[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefColumns:
    """Rates of a population as columns of whole numbers; `MISSING` where there is none.

    Attributes:
        plain: Whether there is a rate at a position, and nothing was refused; of any other position
            only `RatedColumns.rate` can say what is the matter.
        premium: Premium after all bounds, in fen.
        factor: Factor after all bounds, with the plan's decimals where it is the plan's own.
        factor_places: Decimals of the factor.
        premium_min: Lowest premium that the bounds allow.
        premium_max: Highest one.
        outputs: Every result of the plan.
        bounds: What each bounds policy says.
        valid_until: First day on which facts alone may change it.
        rounding: How premiums were rounded.
    """

    plain: list[bool]
    premium: list[int]
    factor: list[int]
    factor_places: list[int]
    premium_min: list[int]
    premium_max: list[int]
    outputs: Mapping[str, list[int]]
    bounds: tuple[BoundedColumns, ...]
    valid_until: list[int]
    rounding: str


def brief_columns(rated: RatedColumns) -> BriefColumns:
    """Read the rates of a population out at once."""
    run = rated.evaluation
    size = run.size
    none = np.full(size, MISSING, dtype=np.int64)
    outputs = {name: run.output(name) for name in run.plan.outputs}
    plain = np.array(rated.states) == RESULT
    plain &= ~np.array(rated.refused)
    for name in (BASE_PREMIUM, PREMIUM):
        if name in outputs:
            plain &= outputs[name] > 0
    if FACTOR in outputs:
        plain &= outputs[FACTOR] != MISSING
    plain &= np.full(size, PREMIUM in outputs)
    found = [_Bounding(one, size) for one in rated.bounds]
    for one in found:
        plain &= one.states != NO_DATA
    lows, highs = ([one.columns[name] for one in found] for name in (PREMIUM_MIN, PREMIUM_MAX))
    low, high = _highest(lows, none), _lowest(highs, none)
    plain &= (low == MISSING) | (high == MISSING) | (low <= high)
    premium = outputs.get(PREMIUM, none)
    places = run.plan.outputs[FACTOR].places if FACTOR in outputs else 0
    factor = outputs.get(FACTOR, none)
    least = _highest([one.columns[FACTOR_MIN] for one in found], none)
    most = _lowest([one.columns[FACTOR_MAX] for one in found], none)
    plain &= (least == MISSING) | (most == MISSING) | (least <= most)
    own = np.where(factor == MISSING, 0, factor) * 10 ** (BOUND_FACTOR_PLACES - places)
    held = _clamped(own, least, most)
    changed = (held != own) & (factor != MISSING)
    return BriefColumns(
        plain=plain.tolist(),
        premium=_clamped(premium, low, high).tolist(),
        factor=np.where(changed, held, factor).tolist(),
        factor_places=np.where(changed, BOUND_FACTOR_PLACES, places).tolist(),
        premium_min=low.tolist(),
        premium_max=high.tolist(),
        outputs={name: column.tolist() for name, column in outputs.items()},
        bounds=tuple(one.read(premium, own, factor != MISSING) for one in found),
        valid_until=rated.valid_until,
        rounding=rated.rounding,
    )


# Private functions and classes ------------------------------------------------


class _Bounding:
    """What one bounds policy gave, as columns of NumPy."""

    def __init__(self, bounds: BoundColumns, size: int) -> None:
        self.pinned = bounds.pinned
        self.states = np.array(bounds.states)
        none = np.full(size, MISSING, dtype=np.int64)
        applies = self.states == RESULT
        self.columns = {
            name: np.where(applies, np.array(bounds.columns[name]), none)
            if name in bounds.columns
            else none
            for name in BOUND_OUTPUTS
        }

    def read(self, premium: Column, factor: Column, floats: NDArray[np.bool_]) -> BoundedColumns:
        binding = _clamped(premium, self.columns[PREMIUM_MIN], self.columns[PREMIUM_MAX]) != premium
        least, most = self.columns[FACTOR_MIN], self.columns[FACTOR_MAX]
        binding |= floats & (_clamped(factor, least, most) != factor)
        return BoundedColumns(
            version=self.pinned.compiled,
            binding=binding.tolist(),
            **{name: column.tolist() for name, column in self.columns.items()},
        )


def _highest(columns: list[Column], none: Column) -> Column:
    # The missing value is the least number, so that it loses by itself.
    highest: Column = np.maximum.reduce([none, *columns])
    return highest


def _lowest(columns: list[Column], none: Column) -> Column:
    most = np.iinfo(np.int64).max
    lowest = np.minimum.reduce(
        [np.full_like(none, most), *(np.where(one == MISSING, most, one) for one in columns)]
    )
    return np.where(lowest == most, MISSING, lowest)


def _clamped(values: Column, low: Column, high: Column) -> Column:
    held = np.where((low != MISSING) & (values < low), low, values)
    return np.where((high != MISSING) & (held > high), high, held)
