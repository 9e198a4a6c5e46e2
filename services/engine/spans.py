"""Spans of numbers that something can be, and arithmetic on them.

A span holds every value that there can be, and perhaps more: what lies outside it is impossible,
what lies inside is only not excluded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor

from services.engine.days import day_number
from services.engine.errors import NumberTooLargeError
from services.engine.language import Literal, Operation
from services.engine.powers import power


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Values that something can have.

    Attributes:
        low: Nothing is below it; none where nobody knows such a number.
        high: Nothing is above it; none where nobody knows such a number.
        lacking: Whether it may be missing.
        rests_on: Inputs and kinds of records that it is made from.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    lacking: bool = False
    rests_on: frozenset[str] = frozenset()

    @property
    def constant(self) -> Fraction | None:
        """Give its only value; nothing where it may have several, or none."""
        return self.low if self.low == self.high and not self.lacking else None


def exactly(number: int) -> Extent:
    """Give the extent of one number."""
    return Extent(low=Fraction(number), high=Fraction(number))


def union(extents: Iterable[Extent]) -> Extent:
    """Give the extent of one of several, anything for none."""
    several = tuple(extents)
    if not several:
        return Extent()
    lows = [one.low for one in several if one.low is not None]
    highs = [one.high for one in several if one.high is not None]
    return Extent(
        low=min(lows) if len(lows) == len(several) else None,
        high=max(highs) if len(highs) == len(several) else None,
        lacking=any(one.lacking for one in several),
        rests_on=_rests_on(several),
    )


def both(one: Extent, other: Extent) -> Extent:
    """Narrow one extent down to another."""
    lows = [end for end in (one.low, other.low) if end is not None]
    highs = [end for end in (one.high, other.high) if end is not None]
    return replace(
        one,
        low=max(lows, default=None),
        high=min(highs, default=None),
        rests_on=one.rests_on | other.rests_on,
    )


def limits_of(comparator: str, operands: Sequence[Extent]) -> Extent:
    """Give what a comparison with some operands lets of a name."""
    given = replace(union(operands), lacking=False)
    match comparator:
        case "is" | "in":
            return given
        case "at_least" | "above" | "on_or_after" | "after":
            return replace(given, high=None)
        case "at_most" | "below" | "on_or_before" | "before":
            return replace(given, low=None)
        case _:
            return Extent()


def written(literal: Literal) -> Extent:
    """Give the extent of a number, truth or day written in the file; anything for a word."""
    value = literal.value
    if isinstance(value, str):
        return Extent()
    number = Fraction(day_number(value)) if isinstance(value, date) else Fraction(value)
    return Extent(low=number, high=number)


def summed(of: Extent) -> Extent:
    """Give the extent of a sum of any number of terms, none of them too."""
    return replace(opened(of), lacking=False)


def opened(of: Extent) -> Extent:
    """Take the ends away but for those at zero."""
    low = Fraction(0) if never_negative(of.low) else None
    high = Fraction(0) if never_positive(of.high) else None
    return replace(of, low=low, high=high)


def rounded(of: Extent, places: int) -> Extent:
    """Widen an extent by what rounding to some decimals can do."""
    unit = Fraction(10) ** places
    low = None if of.low is None else Fraction(floor(of.low * unit)) / unit
    high = None if of.high is None else Fraction(ceil(of.high * unit)) / unit
    return replace(of, low=low, high=high)


def calculated(operation: Operation, operands: Sequence[Extent]) -> Extent:
    """Give the extent of arithmetic on operands of some extents."""
    match operation.operator:
        case "add":
            return added(operands)
        case "subtract":
            return added([operands[0], _negative(operands[1])])
        case "multiply":
            return multiplied(operands)
        case "round":
            return rounded(operands[0], operation.places)
        case "divide":
            return _divided(operands[0], operands[1], operation.places)
        case "power":
            return _raised(operands[0], operands[1], operation.places)
        case _:
            return extreme(operation.operator, operands)


def added(operands: Sequence[Extent]) -> Extent:
    """Give the extent of a sum."""
    lows = [one.low for one in operands if one.low is not None]
    highs = [one.high for one in operands if one.high is not None]
    return _joined(
        operands,
        sum(lows, Fraction(0)) if len(lows) == len(operands) else None,
        sum(highs, Fraction(0)) if len(highs) == len(operands) else None,
    )


def multiplied(operands: Sequence[Extent]) -> Extent:
    """Give the extent of a product."""
    found = operands[0]
    for one in operands[1:]:
        found = _product(found, one)
    return found


def never_negative(low: Fraction | None) -> bool:
    """Say whether what is not below an end is sure to be zero or more."""
    return low is not None and low >= 0


def never_positive(high: Fraction | None) -> bool:
    """Say whether what is not above an end is sure to be zero or less."""
    return high is not None and high <= 0


def extreme(operator: str, operands: Sequence[Extent]) -> Extent:
    """Give the extent of the greatest or the least of some numbers."""
    lows = [one.low for one in operands if one.low is not None]
    highs = [one.high for one in operands if one.high is not None]
    every_low, every_high = len(lows) == len(operands), len(highs) == len(operands)
    if operator == "max":
        return _joined(operands, max(lows, default=None), max(highs) if every_high else None)
    return _joined(operands, min(lows) if every_low else None, min(highs, default=None))


def always_raised(base: Extent, exponent: Extent) -> bool:
    """Say whether a power has a value wherever both numbers are known."""
    by = exponent.constant
    rooted = by is not None and by.denominator > 1
    if rooted and not never_negative(base.low):
        return False
    nonzero = _is_positive(base.low) or (base.high is not None and base.high < 0)
    return nonzero or never_negative(exponent.low)


# Private functions -----------------------------------------------------------


def _rests_on(extents: Sequence[Extent]) -> frozenset[str]:
    return frozenset[str]().union(*(one.rests_on for one in extents))


def _joined(operands: Sequence[Extent], low: Fraction | None, high: Fraction | None) -> Extent:
    lacking = any(one.lacking for one in operands)
    return Extent(low=low, high=high, lacking=lacking, rests_on=_rests_on(operands))


def _negative(of: Extent) -> Extent:
    low = None if of.high is None else -of.high
    return replace(of, low=low, high=None if of.low is None else -of.low)


def _product(one: Extent, other: Extent) -> Extent:
    ends = (one.low, one.high, other.low, other.high)
    if None not in ends:
        corners = [
            left * right
            for left in (one.low, one.high)
            for right in (other.low, other.high)
            if left is not None and right is not None
        ]
        return _joined((one, other), min(corners), max(corners))
    if never_negative(one.low) and never_negative(other.low):
        return _joined((one, other), Fraction(0), None)
    if never_positive(one.high) and never_positive(other.high):
        return _joined((one, other), Fraction(0), None)
    for left, right in ((one, other), (other, one)):
        # A number that is never negative, by one that is never positive.
        if never_negative(left.low) and never_positive(right.high):
            return _joined((one, other), None, Fraction(0))
    return _joined((one, other), None, None)


def _divided(numerator: Extent, divisor: Extent, places: int) -> Extent:
    found = _joined((numerator, divisor), None, None)
    by = divisor.constant
    if by:
        inverse = Extent(low=1 / by, high=1 / by)
        found = _joined((numerator, divisor), *_ends(_product(numerator, inverse)))
    elif never_negative(numerator.low) and never_negative(divisor.low):
        found = replace(found, low=Fraction(0))
    # A division by zero has no value.
    lacking = found.lacking or (not by and not _is_positive(divisor.low))
    return replace(rounded(found, places), lacking=lacking)


def _raised(base: Extent, exponent: Extent, places: int) -> Extent:
    found = _joined((base, exponent), None, None)
    by = exponent.constant
    if never_negative(base.low):
        low, high = Fraction(0), None
        if by is not None and by > 0:
            low = _power_end(base.low, by, places, "down") or low
            high = _power_end(base.high, by, places, "up")
        found = replace(found, low=low, high=high)
    return replace(found, lacking=found.lacking or not always_raised(base, exponent))


def _power_end(end: Fraction | None, by: Fraction, places: int, rounding: str) -> Fraction | None:
    """Give an end of a power; nothing where it is open, or beyond all numbers."""
    try:
        found = None if end is None else power(end, by, places, rounding)
    except NumberTooLargeError:
        return None
    return None if found is None else Fraction(found, 10**places)


def _is_positive(low: Fraction | None) -> bool:
    return low is not None and low > 0


def _ends(of: Extent) -> tuple[Fraction | None, Fraction | None]:
    return of.low, of.high
