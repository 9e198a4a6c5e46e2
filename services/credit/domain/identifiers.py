"""Identifiers as people and systems see them: a letter for what it is, and a number."""

from typing import Final

ENTERPRISE: Final = "e"
PERSON: Final = "p"
RECORD: Final = "r"
ROLE: Final = "o"
MEMBERSHIP: Final = "g"

_NUMBER_MAX: Final = 2**63 - 1
"""Largest number that a store keeps."""


def name_of(letter: str, number: int) -> str:
    """Write an identifier, for example ``r-100001``."""
    return f"{letter}-{number}"


def number_of(letter: str, text: str) -> int | None:
    """Read an identifier; nothing if the text is none of this letter."""
    head, dash, digits = text.partition("-")
    if head != letter or not dash or not (digits.isascii() and digits.isdigit()):
        return None
    # One number has one name; long digits are refused before they cost anything.
    if digits.startswith("0") or len(digits) > len(str(_NUMBER_MAX)):
        return None
    number = int(digits)
    return number if number <= _NUMBER_MAX else None
