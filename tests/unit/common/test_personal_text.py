"""Persons in free texts: found however they are written, and nothing else."""

import pytest

from services.common.personal_text import PersonInTextError, PersonsInText

NUMBER = "11010519491231002X"
"""The example of GB 11643-1999."""

PERSONS = PersonsInText(
    {"欧阳样测丙", "王小明", "安全", "Li Na", "赵"}, {"王小明餐饮店", "北京市朝阳区应急管理局"}
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("欧阳样测丙瞒报", "欧＊瞒报", id="name"),
        pytest.param("由 王 小\u3000明 负责", "由 王＊ 负责", id="with-blanks"),
        pytest.param("买王·小-明", "买王＊", id="with-dots-and-dashes"),
        pytest.param("王小明餐饮店的王小明", "王小明餐饮店的王＊", id="beside-an-enterprise"),
        pytest.param("安全瞒报", "安＊瞒报", id="a-name-that-is-a-word"),
        pytest.param("LI-NA 违法", "L＊ 违法", id="latin"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, masked: str) -> None:
    """Found, refused by the field alone, and masked in its place."""
    with pytest.raises(PersonInTextError) as error:
        PERSONS.require_none({"basis": "办法第二条", "cause": text})

    assert PERSONS.named_in(text)
    assert PERSONS.hidden(text) == masked
    assert error.value.facts == {"field": "cause", "found": "name"}
    assert str(error.value).startswith("cause names a person")
    assert "有关人员" in str(error.value)
    assert not PERSONS.named_in(str(error.value))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("王小明餐饮店瞒报", id="within-an-enterprise"),
        pytest.param("违反安全生产法", id="within-a-word-of-law"),
        pytest.param("王小\n有关人员", id="a-part"),
        pytest.param("赵某", id="one-character-is-a-word"),
        pytest.param("Berlina", id="within-a-latin-word"),
        pytest.param("王，小明", id="across-a-comma"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_name_passes(text: str) -> None:
    """Nothing is refused, and nothing masked."""
    PERSONS.require_none({"cause": text})

    assert PERSONS.hidden(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param(f"身份证{NUMBER}号", "身份证110105********002X号", id="bare"),
        pytest.param("11010519491231002x", "110105********002X", id="small-x"),
        pytest.param("110105 19491231 002X", "110105********002X", id="with-blanks"),
        pytest.param("110105-1949-1231-002X", "110105********002X", id="with-dashes"),
        pytest.param("１１０１０５１９４９１２３１００２Ｘ", "110105********002X", id="wide"),
        pytest.param("第2 110105194912310021X号", "第2 110105194912310021X号", id="eighteen-not"),
        pytest.param("440524188001010014", "440524********0014", id="an-old-one"),
        pytest.param(f"7{NUMBER}", "7110105********002X", id="within-a-longer-run"),
    ],
)
def test_a_valid_identity_number_is_found_in_every_form(text: str, masked: str) -> None:
    """Eighteen places with a right check character, whatever stands between or around them."""
    refused = text != masked

    assert PERSONS.hidden(text) == masked
    if refused:
        with pytest.raises(PersonInTextError) as error:
            PersonsInText(()).require_none({"reason": text})
        assert error.value.facts == {"field": "reason", "found": "identity_number"}
        assert "002" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("110105194912310020", id="check-character-wrong"),
        pytest.param("110105194902310026", id="no-such-birthday"),
        pytest.param("160105194912310029", id="no-such-province"),
        pytest.param("110105210012310021", id="not-born-yet"),
        pytest.param("11010519491231002", id="seventeen"),
        pytest.param("91110000600037341L", id="credit-code"),
        pytest.param("110105********002X", id="masked"),
        pytest.param("2025-01-10 2025-03-01 1200", id="days"),
        pytest.param("京应急罚〔2025〕1号", id="document"),
    ],
)
def test_what_is_no_identity_number_passes(text: str) -> None:
    """A number that nobody can have is none."""
    PERSONS.require_none({"cause": text})

    assert PERSONS.hidden(text) == text
