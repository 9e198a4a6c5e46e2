"""Amounts with their units, in Chinese where the vocabulary has a word."""

from collections.abc import Mapping
from functools import cache

from services.common.settings import load_settings
from services.engine.review import VOCABULARY_FILE
from services.engine.vocabulary import parse_vocabulary


def amount(value: str, unit: str, language: str) -> str:
    """Write an amount with its unit, as ``-10 分`` or ``-10 point``.

    Args:
        value: The number as it came.
        unit: Unit as policies name it; empty for none.
        language: ``zh`` or ``en``.
    """
    word = _chinese().get(unit, unit) if language == "zh" and unit else unit
    return f"{value} {word}".strip()


# Private functions -----------------------------------------------------------


@cache
def _chinese() -> Mapping[str, str]:
    """Give the Chinese of units; none where the folder of the policies is not at hand."""
    path = load_settings().policies_dir / VOCABULARY_FILE
    return parse_vocabulary(path.read_bytes()).units if path.is_file() else {}
