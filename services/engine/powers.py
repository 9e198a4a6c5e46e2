"""Powers and roots of decimal numbers, exact until they are rounded once, as stated.

A number to the power of 0.5 is its square root. Whole numbers of any size carry the working, so the
last digit is right whatever was asked, and one and many get the same.
"""

from fractions import Fraction
from math import isqrt
from typing import Final

import numpy as np

from services.engine.errors import NumberTooLargeError
from services.engine.numbers import MISSING, Cell

EXPONENT_PLACES: Final = 2
"""House limit: decimals of an exponent, so that no root is beyond the hundredth."""

EXPONENT_MOST: Final = 1000
"""House limit: an exponent beyond it leaves 64 bits, or leaves nothing of the number."""


def powers(
    bases: Cell, exponents: Cell, *, scales: tuple[int, int], places: int, rounding: str
) -> Cell:
    """Raise numbers to powers, rounded once.

    Args:
        bases: Whole numbers of ``10**-scales[0]``.
        exponents: Whole numbers of ``10**-scales[1]``.
        scales: Decimals of both.
        places: Decimals of the result.
        rounding: As for `numbers.divide_rounded`.

    Returns:
        Whole numbers of ``10**-places``; `MISSING` for the root of a negative number, and for zero
        to a negative power, which have no value.

    Raises:
        NumberTooLargeError: A result leaves the 64-bit range, or an exponent is beyond reach.
    """

    def one(base: int, exponent: int) -> int:
        number = Fraction(base, 10 ** scales[0])
        found = power(number, Fraction(exponent, 10 ** scales[1]), places, rounding)
        return MISSING if found is None else found

    if isinstance(bases, int) and isinstance(exponents, int):
        return one(bases, exponents)
    wide = np.broadcast_arrays(bases, exponents)
    pairs = list(zip(*(column.tolist() for column in wide), strict=True))
    known = {pair: one(*pair) for pair in set(pairs)}
    return np.array([known[pair] for pair in pairs], dtype=np.int64)


def power(base: Fraction, exponent: Fraction, places: int, rounding: str) -> int | None:
    """Raise one number to a power.

    Args:
        base: The number.
        exponent: The power.
        places: Decimals of the result.
        rounding: As for `numbers.divide_rounded`.

    Returns:
        A whole number of ``10**-places``; nothing where there is no value.

    Raises:
        NumberTooLargeError: As for `powers`.
    """
    up, root = exponent.numerator, exponent.denominator
    if (base < 0 and root > 1) or (base == 0 and up < 0):
        return None
    if abs(exponent) > EXPONENT_MOST:
        raise NumberTooLargeError(f"a power is beyond {EXPONENT_MOST}; use a smaller one")
    negative = base < 0 and up % 2 == 1
    # What the result is the root of, its decimals taken in.
    whole: Fraction = abs(base) ** up * 10 ** (places * root)
    size = _rounded_root(whole, root, rounding)
    if size > -(MISSING + 1):
        raise NumberTooLargeError("a number is beyond 64-bit whole numbers; use larger units")
    return -size if negative else size


# Private functions -----------------------------------------------------------


def _rounded_root(of: Fraction, root: int, rounding: str) -> int:
    """Give a root of a number from zero, as a whole number."""
    floor = _whole_root(of.numerator // of.denominator, root)
    if floor**root == of or rounding == "down":
        return floor
    if rounding == "up":
        return floor + 1
    middle = Fraction(2 * floor + 1, 2) ** root
    if rounding == "half_even" and of == middle:
        return floor + floor % 2
    return floor + (of >= middle)


def _whole_root(number: int, root: int) -> int:
    """Give the greatest whole number whose power is not above a number from zero."""
    if root == 1:
        return number
    if root == 2:  # noqa: PLR2004 -- square roots are what schemes ask for.
        return isqrt(number)
    low, high = 0, 1 << (number.bit_length() // root + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= number else (low, middle)
    return low
