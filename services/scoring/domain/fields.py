"""The five fields, by their numbers on the wire."""

from typing import Final

FIELD_LABELS: Final = {
    1: "work_safety",
    2: "fire",
    3: "housing_construction",
    4: "transport",
    5: "special_equipment",
}
"""Code of each field, as in policies/vocabulary.yaml and in the scopes of callers."""


def fields_in(bits: int) -> tuple[int, ...]:
    """Give the numbers of the fields of a set, bit n for field number n."""
    return tuple(number for number in FIELD_LABELS if bits & 1 << number)


def bits_of(fields: tuple[int, ...]) -> int:
    """Give the set of some fields, bit n for field number n."""
    return sum(1 << number for number in set(fields))
