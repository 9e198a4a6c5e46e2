"""Code tables: exact words, words inside a text, and the rest."""

import pytest

from cli.importing.cells import CellError
from cli.importing.codes import compile_lookup
from cli.importing.mapping_schema import Rule

TABLE = {
    "警告": ["warning"],
    "罚款": ["fine"],
    "没收违法所得、没收非法财物": ["confiscation"],
    "没收": ["confiscation"],
    "责令停产停业": ["stop_production"],
    "并处": ["fine", "warning"],
}


def rule(**keys: object) -> Rule:
    """Make a rule over a column."""
    return Rule.model_validate({"column": "x", "table": "t", **keys})


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("罚款", ["fine"], id="one"),
        pytest.param("警告;罚款", ["warning", "fine"], id="semicolon"),
        pytest.param("罚款、警告", ["fine", "warning"], id="order-of-the-text"),
        pytest.param("罚款,罚款", ["fine"], id="none-twice"),
        pytest.param(
            "罚款；没收违法所得、没收非法财物", ["fine", "confiscation"], id="longest-word-first"
        ),
        pytest.param("警告（并处）", ["warning", "fine"], id="several-codes-of-one-word"),
    ],
)
def test_words_in_a_text_give_several_codes(text: str, codes: list[str]) -> None:
    """Every word of the table counts once, in the order of the text."""
    lookup = compile_lookup(rule(match="words"), TABLE)

    assert lookup(text) == codes


def test_what_is_left_over_is_refused_where_every_word_counts() -> None:
    """A sanction that the table does not know must not be lost."""
    lookup = compile_lookup(rule(match="words"), TABLE)

    with pytest.raises(CellError) as error:
        lookup("罚款,驱逐出境")

    assert error.value.reason == "CODE_UNKNOWN"


def test_what_is_left_over_means_what_the_mapping_says() -> None:
    """``unmatched`` stands for the rest, beside what was found."""
    lookup = compile_lookup(rule(match="words", unmatched="other"), TABLE)

    assert lookup("罚款,其它措施") == ["fine", "other"]
    assert lookup("罚款") == ["fine"]


def test_a_code_is_found_inside_a_name() -> None:
    """With ``contains`` the rest of the text is of no interest."""
    lookup = compile_lookup(rule(match="contains"), {"消防": ["fire"]})

    assert lookup("北京市朝阳区消防救援支队") == ["fire"]


def test_exact_words_are_split_where_the_mapping_says() -> None:
    """Unless told otherwise, a word must be the table's, whole."""
    lookup = compile_lookup(rule(split=";,"), TABLE)

    assert lookup("警告; 罚款") == ["warning", "fine"]
    with pytest.raises(CellError):
        lookup("警告罚款")


def test_without_a_table_the_text_is_the_code() -> None:
    """A file may hold the codes themselves."""
    lookup = compile_lookup(Rule.model_validate({"column": "x"}), None)

    assert lookup("fine") == ["fine"]
