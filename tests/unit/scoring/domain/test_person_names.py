"""Names of officials that are one person's, however they are written."""

import pytest

from services.scoring.domain.person_names import same_name


@pytest.mark.parametrize(
    "other",
    ["赵一", "赵 一", "赵\u3000一 ", "赵\u200b一", "赵·一", "赵\u3164一"],
    ids=["same", "blank", "wide-blank", "without-width", "dot", "filler"],
)
def test_blanks_and_signs_make_no_other_person(other: str) -> None:
    """Whoever reads the ledger reads one name."""
    assert same_name("赵一", other)


def test_width_and_capitals_make_no_other_person() -> None:
    """ＺＨＡＯ in wide capitals is Zhao."""
    assert same_name("Zhao Yi", "ＺＨＡＯ　ＹＩ")


@pytest.mark.parametrize("other", ["赵二", "赵", "一赵", "赵一一"])
def test_other_letters_are_another_person(other: str) -> None:
    """One letter more, less, or elsewhere."""
    assert not same_name("赵一", other)
