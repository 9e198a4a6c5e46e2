"""Credit codes: what passes and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from services.common.credit_codes import NumberRefusedError, checked_credit_code

RIGHT = [
    "91350100M000100Y43",  # The example of GB 32100 itself.
    "914403001922038216",
    "9144030071526726XG",
    "91330100799655058B",
    "91110108551385082Q",
    "91440300192317458F",
    "91440400192548256N",
    "91440606722473344C",
    "91440300192181490G",
    "91440300100012316L",
    "9144030010001686XA",
    "91100000100003962T",
    "9111000071093123XX",
    "91100000710931483R",
    "91110000710925462X",
    "91110000802100433B",
]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def code_of(prefix: str, body: str) -> str:
    """Write a code that is right: eight characters, eight of the body, both checks."""
    total = sum(int(one, 36) * weight for one, weight in zip(body, WEIGHTS, strict=True))
    organisation = body + "0X987654321"[total % 11]
    start = prefix + organisation
    return start + uscc.calc_check_digit(start)


@pytest.mark.parametrize("code", RIGHT)
def test_codes_of_real_enterprises_pass(code: str) -> None:
    """Both check characters of published codes are right (regulations.md §4.5)."""
    assert checked_credit_code(code) == code


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("92320602", id="individual-trader-of-an-abolished-division"),
        pytest.param("93110105", id="farmers-cooperative"),
        pytest.param("11110000", id="government"),
        pytest.param("N2320613", id="rural-collective"),
        pytest.param("Y1999999", id="division-that-never-was"),
    ],
)
def test_department_and_division_are_not_looked_up(prefix: str) -> None:
    """Only the check characters can be wrong; an abolished division is none of them."""
    code = code_of(prefix, "MA1X2Y3Z".replace("Z", "5"))

    assert checked_credit_code(code) == code


def test_lower_case_is_made_upper_case() -> None:
    """A code has one spelling in the store."""
    assert checked_credit_code("9144030071526726xg") == "9144030071526726XG"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("91350100M000100Y4Z", "CREDIT_CODE_MALFORMED", id="letter-z"),
        pytest.param("91350100M000100Y44", "CREDIT_CODE_CHECK_WRONG", id="last-character"),
        pytest.param("91350100I000100Y43", "CREDIT_CODE_MALFORMED", id="letter-i"),
        pytest.param("91350100O000100Y43", "CREDIT_CODE_MALFORMED", id="letter-o"),
        pytest.param("91350100S000100Y43", "CREDIT_CODE_MALFORMED", id="letter-s"),
        pytest.param("91350100V000100Y43", "CREDIT_CODE_MALFORMED", id="letter-v"),
        pytest.param("91350100M000100Y4", "CREDIT_CODE_MALFORMED", id="17-characters"),
        pytest.param("91350100M000100Y433", "CREDIT_CODE_MALFORMED", id="19-characters"),
        pytest.param("", "CREDIT_CODE_MALFORMED", id="empty"),
        pytest.param("91350100M000100Y4３", "CREDIT_CODE_MALFORMED", id="full-width-digit"),
        pytest.param("9135O100M000100Y43", "CREDIT_CODE_MALFORMED", id="letter-in-the-division"),
        pytest.param(" 91350100M000100Y43", "CREDIT_CODE_MALFORMED", id="leading-space"),
        pytest.param("911100007109354549", "CREDIT_CODE_CHECK_WRONG", id="typed-from-memory"),
        pytest.param("91100000100010433L", "CREDIT_CODE_CHECK_WRONG", id="typed-from-memory-too"),
    ],
)
def test_wrong_codes_are_refused(code: str, reason: str) -> None:
    """Each refusal has its reason, and does not repeat the code."""
    with pytest.raises(NumberRefusedError) as error:
        checked_credit_code(code)

    assert error.value.reason == reason
    assert not code or code not in str(error.value)


def test_the_check_within_the_code_is_held_too() -> None:
    """A right 18th character does not excuse a wrong 17th (GB 11714)."""
    start = "91350100M000100Y5"
    code = start + uscc.calc_check_digit(start)

    with pytest.raises(NumberRefusedError, match="17th"):
        checked_credit_code(code)


@given(st.text(alphabet=ALPHABET, min_size=10, max_size=10))
def test_the_check_agrees_with_another_implementation(tail: str) -> None:
    """Whatever passes here passes python-stdnum, which knows the outer check alone."""
    code = "91110105" + tail
    try:
        passed = checked_credit_code(code) == code
    except NumberRefusedError:
        passed = False

    assert not passed or uscc.is_valid(code)


@given(
    body=st.text(alphabet=ALPHABET, min_size=8, max_size=8),
    place=st.integers(0, 17),
    character=st.sampled_from(ALPHABET),
)
def test_one_wrong_character_never_passes(body: str, place: int, character: str) -> None:
    """The checks were made to find a single slip, wherever it is."""
    code = code_of("91110105", body)
    slipped = code[:place] + character + code[place + 1 :]

    assert checked_credit_code(code) == code
    if slipped != code:
        with pytest.raises(NumberRefusedError):
            checked_credit_code(slipped)


def test_each_character_matters() -> None:
    """Any other digit or letter in any place is found."""
    right = RIGHT[1]
    codes = {
        right[:place] + other + right[place + 1 :] for place in range(18) for other in ALPHABET
    }

    assert {code for code in codes if passes(code)} == {right}


def test_a_department_with_a_letter_is_right() -> None:
    """N is the farming department (农业); of all endings of a code exactly one is right."""
    endings = (first + second for first in "0123456789X" for second in ALPHABET)

    assert sum(passes(f"N2110105MA000001{ending}") for ending in endings) == 1


def passes(code: str) -> bool:
    """Say whether a code is right."""
    try:
        return checked_credit_code(code) == code
    except NumberRefusedError:
        return False
