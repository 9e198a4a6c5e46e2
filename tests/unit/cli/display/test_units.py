"""Units in answers, in the language asked for."""

import re
from pathlib import Path

import pytest

from cli.display.units import amount
from services.engine.vocabulary import parse_vocabulary

POLICIES = Path(__file__).parents[4] / "policies"


@pytest.mark.parametrize(
    ("unit", "language", "text"),
    [
        pytest.param("point", "zh", "-10 分", id="chinese"),
        pytest.param("point", "en", "-10 point", id="english"),
        pytest.param("", "zh", "-10", id="no-unit"),
        pytest.param("furlong", "zh", "-10 furlong", id="unit-of-somebody-else"),
    ],
)
def test_unit_is_in_the_language_asked_for(unit: str, language: str, text: str) -> None:
    """A unit that the vocabulary lacks stays as the policy has it."""
    assert amount("-10", unit, language) == text


def test_every_unit_of_the_policies_has_a_chinese_word() -> None:
    """No explanation of a shipped policy mixes languages."""
    files = [path.read_text(encoding="utf-8") for path in POLICIES.glob("*/*.yaml")]
    units = {unit for text in files for unit in re.findall(r"\bunit: ([\w ]+?)\s*[,}\n]", text)}

    assert units - set(parse_vocabulary((POLICIES / "vocabulary.yaml").read_bytes()).units) == set()
