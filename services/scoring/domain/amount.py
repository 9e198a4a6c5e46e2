"""Exact numbers with decimals, without floating point."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number of ``10**-places`` of a unit.

    Attributes:
        number: The whole number.
        places: Decimals, at least 0.
    """

    number: int
    places: int

    @classmethod
    def of(cls, number: int | None, places: int) -> Self | None:
        """Give the amount, or nothing where there is no number."""
        return None if number is None else cls(number, places)

    def __str__(self) -> str:
        """Write the amount exactly, without needless zeros: ``-0.1``, ``90``."""
        if not self.places:
            return str(self.number)
        sign = "-" if self.number < 0 else ""
        whole, rest = divmod(abs(self.number), 10**self.places)
        decimals = f"{rest:0{self.places}d}".rstrip("0")
        return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
