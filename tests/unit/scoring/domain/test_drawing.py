"""Drawing by lot: the share rounded up, the same draw for the same seed."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.amount import Amount
from services.scoring.domain.drawing import drawn, drawn_count


@pytest.mark.parametrize(
    ("share", "size", "count"),
    [
        pytest.param(Amount(0, 0), 100, 0, id="nothing"),
        pytest.param(Amount(10, 0), 100, 10, id="exact"),
        pytest.param(Amount(10, 0), 101, 11, id="a-part-of-one-is-one"),
        pytest.param(Amount(10, 0), 1, 1, id="a-class-of-one"),
        pytest.param(Amount(25, 1), 40, 1, id="two-and-a-half-percent"),
        pytest.param(Amount(100, 0), 7, 7, id="all"),
        pytest.param(Amount(150, 0), 7, 7, id="never-more-than-all"),
        pytest.param(Amount(50, 0), 0, 0, id="an-empty-class"),
    ],
)
def test_drawn_count_rounds_up(share: Amount, size: int, count: int) -> None:
    """The share of a class is rounded up, so that no class is spared."""
    assert drawn_count(share, size) == count


def test_drawn_takes_the_smallest_lots() -> None:
    """A lot is the SHA-256 of the seed, a zero byte and the number, as anybody may work out."""
    lots = {number: sha256(b"seed\0%d" % number).digest() for number in (3, 5, 8, 13)}
    expected = sorted(sorted(lots, key=lambda number: lots[number])[:2])

    assert drawn("seed", [13, 8, 5, 3], 2) == expected


@given(
    seed=st.text(min_size=1, max_size=10),
    numbers=st.lists(st.integers(min_value=1, max_value=10**6), unique=True, max_size=40),
    count=st.integers(min_value=0, max_value=40),
)
def test_drawn_hangs_on_nobody_else(seed: str, numbers: list[int], count: int) -> None:
    """Order makes no difference, and who is drawn stays drawn when somebody undrawn leaves."""
    chosen = drawn(seed, numbers, count)
    others = [number for number in numbers if number not in chosen]

    assert drawn(seed, list(reversed(numbers)), count) == chosen
    assert len(chosen) == min(count, len(numbers))
    if others:
        assert drawn(seed, [number for number in numbers if number != others[0]], count) == chosen
