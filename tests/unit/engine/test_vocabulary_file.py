"""The vocabulary is held to its form: numbers of their own, and nothing that is not there."""

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.vocabulary import parse_vocabulary
from tests.unit.engine.test_policies import ROOT

SHIPPED = (ROOT / "vocabulary.yaml").read_text(encoding="utf-8")
OLD = "    hazard_not_removed: {number: 7,"
NEW = "    of_our_own: {number: 777, zh: 自定义, en: of our own}\n"
TYPED = "      commuting: {type: flag, zh: 上下班途中, en: commuting}\n"
DEATHS = "      deaths: {type: number"


def found(old: str, new: str) -> list[str]:
    """Change the shipped vocabulary and read it; give the problems as ``line:column:code``."""
    assert old in SHIPPED
    start = SHIPPED[: SHIPPED.index(old)].count("\n") + 1
    try:
        parse_vocabulary(SHIPPED.replace(old, new, 1).encode())
    except PolicyRefusedError as error:
        return [f"+{one.line - start}:{one.column}:{one.code}" for one in error.problems]
    return []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(OLD, NEW + OLD, [], id="new-code"),
        pytest.param(
            OLD, NEW.replace("777", "7") + OLD, ["+1:34:duplicate-number"], id="number-of-another"
        ),
        pytest.param(
            OLD, NEW.replace(", en: of our own", "") + OLD, ["+0:17:missing-en"], id="no-english"
        ),
        pytest.param(
            OLD, NEW.replace("number: 777, ", "") + OLD, ["+0:17:missing-number"], id="no-number"
        ),
        pytest.param(OLD, NEW.replace("777", "'7'") + OLD, ["+0:26:syntax"], id="text"),
        pytest.param(OLD, NEW.replace("777", "32768") + OLD, ["+0:26:number"], id="too-large"),
        pytest.param(OLD, NEW.replace("777", "32767") + OLD, [], id="just-not-too-large"),
        pytest.param(DEATHS, TYPED + DEATHS, ["+0:18:not-stored"], id="new-attribute"),
        pytest.param(
            DEATHS, TYPED.replace("type: flag, ", "") + DEATHS, ["+0:18:missing-type"], id="no-type"
        ),
        pytest.param(
            DEATHS, TYPED.replace("flag", "truth") + DEATHS, ["+0:25:unknown-word"], id="type"
        ),
        pytest.param(
            "codes: severity, zh: 情节", "codes: severitie, zh: 情节", ["+0:37:unknown-word"],
            id="codes-that-are-not-there",
        ),
        pytest.param("[severity, haz", "[severitie, haz", ["+0:11:unknown-word"], id="ordered"),
        pytest.param("  violation: {}", "  violatio: {}", ["+0:13:unknown-word"], id="adverse"),
        pytest.param(
            "{outcome: rejected}", "{outcome: reject}", ["+0:28:unknown-word"], id="adverse-code"
        ),
        pytest.param(
            "{outcome: rejected}", "{outcom: rejected}", ["+0:27:unknown-word"],
            id="adverse-attribute",
        ),
        pytest.param("  fen: {zh: ", "  fen: {zhh: ", ["+0:8:missing-zh", "+0:14:unknown-key"],
                     id="unit"),
        pytest.param("zh: 未分级, en", "zh: '', en", ["+0:34:syntax"], id="empty-title"),
        pytest.param("zh: 未分级, en", "zh: 5, en", ["+0:34:syntax"], id="title-of-digits"),
        pytest.param("  B: {first: 6, last: 12", "  B: {first: 12, last: 12", [],
                     id="one-division"),
        pytest.param("  B: {first: 6, last: 12", "  B: {first: 12, last: 11", ["+0:24:number"],
                     id="section-that-ends-before-it-begins"),
        pytest.param("  B: {first: 6, last: 12", "  B: {first: 5, last: 12", ["+0:14:number"],
                     id="section-within-another"),
    ],
)  # fmt: skip
def test_vocabulary_says_what_it_must(old: str, new: str, expected: list[str]) -> None:
    """Two codes of one number would be one, and a kind that is not there speaks against nobody."""
    assert found(old, new) == expected


def test_numbers_of_a_set_of_codes_fit_its_bits() -> None:
    """A set of codes is kept in 31 bits; a role of a person could have number 30 and not 31."""
    old = "  role_kind:\n"
    new = old + "    of_our_own: {{number: {}, zh: 自定义, en: of our own}}\n"

    assert found(old, new.format(30)) == ["+1:17:not-stored"]
    assert found(old, new.format(31)) == ["+1:26:number"]


def test_message_names_a_free_number() -> None:
    """The violations have numbers up to 24."""
    with pytest.raises(PolicyRefusedError, match="from 25 on"):
        parse_vocabulary(SHIPPED.replace(OLD, NEW.replace("777", "7") + OLD, 1).encode())
