"""Where a dry run looks that several policies are tried in."""

import pytest

from services.scoring.commands.trials.start_simulation import common_division


@pytest.mark.parametrize(
    ("divisions", "expected"),
    [
        pytest.param(["110105"], "110105", id="one"),
        pytest.param(["110105", "110105"], "110105", id="the-same"),
        pytest.param(["110000", "110105"], "110000", id="a-province-and-its-district"),
        pytest.param(["110105", "110102"], "110100", id="two-districts"),
        pytest.param(["320612", "320600"], "320600", id="a-district-and-its-city"),
        pytest.param(["110105", "320612"], "000000", id="two-provinces"),
        pytest.param(["000000", "110105"], "000000", id="the-country-and-a-district"),
    ],
)
def test_a_dry_run_of_several_looks_where_all_of_them_lie(
    divisions: list[str], expected: str
) -> None:
    """The smallest division that has all of them."""
    assert common_division(divisions) == expected
