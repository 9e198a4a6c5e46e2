"""How a premium was rounded, in words."""

from datetime import date
from pathlib import Path

import pytest

from services.scoring.commands.rates.worksheet import rounding_of
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import ALL, RATE, write_policies

PREMIUM = "is: {round: {multiply: [base_premium, factor]}, places: 2, rounding: half_up}"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        pytest.param(PREMIUM, PREMIUM, "half_up to 0.01 CNY", id="rounded-value"),
        pytest.param(
            PREMIUM,
            "is: {round: {multiply: [base_premium, factor]}, places: 0, rounding: up}",
            "up to 1 CNY",
            id="whole-yuan",
        ),
        pytest.param(PREMIUM, "is: base_premium", "exact", id="nothing-to-round"),
        pytest.param(
            "premium: {is: premium, unit: CNY, places: 2}",
            "other: {is: premium, unit: CNY, places: 2}",
            "",
            id="no-premium",
        ),
    ],
)
def test_the_rounding_is_read_from_the_policy(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    """Mode and step come from the expression behind the premium."""
    texts = {**ALL, "cn.beijing/rate.yaml": _replaced(RATE, old, new)}
    library = load_policies(write_policies(tmp_path, texts))
    pinned = library.named("rate", "cn.test.rate", version="", as_of=date(2025, 6, 1))

    assert rounding_of(pinned.compiled.version) == text


def _replaced(text: str, old: str, new: str) -> str:
    """Replace the last occurrence, which is that of the outputs."""
    head, found, tail = text.rpartition(old)
    assert found
    return head + new + tail
