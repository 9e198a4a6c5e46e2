"""Identifiers as people and systems see them: a letter for what it is, and a number."""

from collections.abc import Mapping
from typing import Final

ENTERPRISE: Final = "e"
PERSON: Final = "p"
RECORD: Final = "r"
LISTING: Final = "l"
PREDICTION: Final = "rp"
ROLE: Final = "o"
MEMBERSHIP: Final = "g"

_LETTERS: Final[Mapping[str, str]] = {
    "listing": LISTING,
    "risk_prediction": PREDICTION,
    "role": ROLE,
    "membership": MEMBERSHIP,
}
"""Letters of what policies read like records, and what is none, by kind in the vocabulary."""

_NUMBER_MAX: Final = 2**63 - 1
"""Largest number that a store keeps."""


def name_of(letter: str, number: int) -> str:
    """Write an identifier, for example ``r-100001``."""
    return f"{letter}-{number}"


def record_name_of(kind: str, number: int) -> str:
    """Write the identifier of what a policy read as a record of a kind; a fact's by default."""
    return name_of(_LETTERS.get(kind, RECORD), number)


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
