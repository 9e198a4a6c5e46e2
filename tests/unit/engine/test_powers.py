"""Powers and roots, exact to the last digit and rounded once, as stated."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.errors import NumberTooLargeError, PolicyRefusedError
from services.engine.numbers import MISSING
from services.engine.policy_file import read_policy
from services.engine.powers import powers
from tests.unit.engine.holding import cases_of, compiled, hold, problems, written
from tests.unit.engine.test_checking import codes as found
from tests.unit.engine.test_schema import VALIDATOR, parsed

ROOTS = written("""\
    inputs:
      number: {from: request, unit: ratio, places: 2, if_missing: unknown}
      times: {from: request, unit: time, if_missing: unknown}
    values:
      root:
        is: {power: [number, 0.5], places: 3, rounding: half_up}
        if_none: -1
        unit: ratio
        SOURCE
      faded: {is: {power: [0.9, times], places: 4, rounding: down}, if_none: 0, unit: ratio, SOURCE}
    outputs:
      root: {is: root, unit: ratio, places: 3}
      faded: {is: faded, unit: ratio, places: 4}
""")


def test_powers_are_worked_out_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A root of 2 is 1.414, of 0.25 a half; a negative or missing number has the word for it."""
    cases = cases_of("""\
  - {name: two, as_of: 2024-06-01, inputs: {number: 2, times: 0}, expect: {root: 1.414, faded: 1}}
  - {name: quarter, as_of: 2024-06-01, inputs: {number: 0.25, times: 1}, expect: {root: 0.5, faded: 0.9}}
  - {name: zero, as_of: 2024-06-01, inputs: {number: 0, times: 3}, expect: {root: 0, faded: 0.729}}
  - {name: negative, as_of: 2024-06-01, inputs: {number: -0.01, times: 5}, expect: {root: -1, faded: 0.5904}}
  - {name: backwards, as_of: 2024-06-01, inputs: {times: -1}, expect: {root: -1, faded: 1.1111}}
  - {name: nothing, as_of: 2024-06-01, expect: {root: -1, faded: 0}}
""")  # noqa: E501 -- a case a line.

    hold(compiled(ROOTS), cases, monkeypatch)


@pytest.mark.parametrize(
    ("number", "rounding", "expected"),
    [
        # The root of 2.25 is 1.5 without a rest, of 2.24 1.4966…, of 2.26 1.5033….
        pytest.param(225, "down", 1, id="tie-down"),
        pytest.param(225, "up", 2, id="tie-up"),
        pytest.param(225, "half_up", 2, id="tie-half-up"),
        pytest.param(225, "half_even", 2, id="tie-to-even-above"),
        pytest.param(625, "half_even", 2, id="tie-to-even-below"),
        pytest.param(625, "half_up", 3, id="tie-away-from-zero"),
        pytest.param(224, "half_up", 1, id="below"),
        pytest.param(226, "half_even", 2, id="above"),
        pytest.param(400, "up", 2, id="whole-is-not-rounded-up"),
        pytest.param(401, "up", 3, id="a-little-more-is"),
    ],
)
def test_root_is_rounded_once(number: int, rounding: str, expected: int) -> None:
    """Each mode takes the exact root, on which side of the middle it really lies."""
    assert powers(number, 5, scales=(2, 1), places=0, rounding=rounding) == expected


@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [
        pytest.param(-3, 3, -27, id="odd-power-of-a-negative"),
        pytest.param(-3, 2, 9, id="even-power-of-a-negative"),
        pytest.param(0, 0, 1, id="nothing-to-the-nothing"),
        pytest.param(0, -1, MISSING, id="zero-turned-over"),
        pytest.param(4, -1, 0, id="a-quarter-rounded-down"),
        pytest.param(2, 62, 1 << 62, id="largest-power-of-two"),
    ],
)
def test_whole_powers(base: int, exponent: int, expected: int) -> None:
    """Whole powers multiply, negative ones divide, and zero cannot be divided by."""
    assert powers(base, exponent, scales=(0, 0), places=0, rounding="down") == expected


@pytest.mark.parametrize(("base", "exponent"), [(2, 63), (1, 1001)])
def test_power_beyond_64_bits_is_refused(base: int, exponent: int) -> None:
    """Nothing goes round the end of the range, and nobody waits for a power without end."""
    with pytest.raises(NumberTooLargeError):
        powers(base, exponent, scales=(0, 0), places=0, rounding="down")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 10**9), st.integers(0, 300)), min_size=1, max_size=6),
    st.sampled_from(["up", "down", "half_up", "half_even"]),
)
def test_one_equals_many(pairs: list[tuple[int, int]], rounding: str) -> None:
    """A column gives what each of its numbers gives alone, to the last digit."""
    bases, exponents = np.array(pairs, dtype=np.int64).T

    together = powers(bases, exponents, scales=(4, 2), places=2, rounding=rounding)

    assert together.dtype == np.int64
    assert together.tolist() == [
        powers(base, exponent, scales=(4, 2), places=2, rounding=rounding)
        for base, exponent in pairs
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**12), st.integers(1, 300))
def test_power_lies_between_its_roundings(base: int, exponent: int) -> None:
    """Rounded down and raised again it is not above the number; one unit more is above it."""
    try:
        found = powers(base, exponent, scales=(4, 2), places=3, rounding="down")
    except NumberTooLargeError:
        return

    by = Fraction(exponent, 100)
    low, high = Fraction(found, 1000), Fraction(found + 1, 1000)
    number = Fraction(base, 10**4)
    assert low**by.denominator <= number**by.numerator < high**by.denominator


def test_root_is_the_one_of_the_decimal_library() -> None:
    """Forty digits of another library's root, cut, are the same ten decimals."""
    with localcontext() as context:
        context.prec = 40
        expected = int((Decimal(1) / Decimal(1082)).sqrt() * 10**10)

    found = powers(10**17 // 1082, 5, scales=(17, 1), places=10, rounding="down")

    assert found == expected


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(
            ", places: 3, rounding: half_up", ", places: 3", "missing-rounding", id="mode"
        ),
        pytest.param(", places: 3,", ",", "missing-places", id="places"),
        pytest.param("[number, 0.5]", "[number]", "syntax", id="one-operand"),
    ],
)
def test_power_says_how_it_is_rounded(old: str, new: str, code: str) -> None:
    """Without decimals and mode it is refused, where it stands."""
    wrong = ROOTS.replace(old, new, 1)
    assert wrong != ROOTS

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(wrong.encode(), "policy.yaml")

    assert [(one.line, one.code) for one in refused.value.problems] == [(17, code)]
    assert not VALIDATOR.is_valid(parsed(wrong))
    assert VALIDATOR.is_valid(parsed(ROOTS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("[number, 0.5]", "[number, 0.125]", id="three-decimals"),
        pytest.param("[0.9, times]", "[0.9, number]", id="decimals-of-a-name"),
    ],
)
def test_power_is_whole_or_written_down(old: str, new: str) -> None:
    """What a root is, the file itself says."""
    assert [one.rsplit(":", 1)[1] for one in problems(ROOTS.replace(old, new))] == ["exponent"]


def test_power_without_value_needs_a_word() -> None:
    """The root of what may be negative has no value; whoever counts on it says what holds then."""
    banded = """\
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {root: {at_least: 1}}}
        - {grade: B, when: true}
      SOURCE
""".replace("SOURCE", "source: {article: 第二条, confidence: assumed}")
    silent = (ROOTS + banded).replace("        if_none: -1\n", "")
    never_negative = silent.replace("[number, 0.5]", "[{max: [0, number]}, 0.5]")

    assert "missing-if-none" in found(silent)
    assert "missing-if-none" not in found(ROOTS + banded)
    assert "missing-if-none" not in found(never_negative)


def test_power_has_no_unit_of_money() -> None:
    """To the power of a fine means one thing in fen and another in yuan."""
    wrong = ROOTS.replace("times: {from: request, unit: time", "times: {from: request, unit: fen")

    assert "unit" in found(wrong)
    assert "unit" not in found(ROOTS)
