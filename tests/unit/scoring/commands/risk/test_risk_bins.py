"""Bins of training, and how far a population has moved from them."""

from math import log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.commands.risk.risk_bins import count_bins, make_bins, stability_index


def test_a_column_is_cut_at_its_tenths() -> None:
    """A hundred numbers: nine cuts, ten bins of ten, and none missing."""
    bins = make_bins(np.arange(100.0))

    assert len(bins.edges) == 9
    assert bins.shares == pytest.approx((0.1,) * 10 + (0.0,))


def test_equal_cuts_are_one() -> None:
    """Mostly zeros: one bin below the first cut above zero, not five empty ones."""
    bins = make_bins(np.array([0.0] * 85 + [1.0] * 15))

    assert bins.edges == (1.0,)
    assert bins.shares == pytest.approx((0.85, 0.15, 0.0))


def test_missing_values_have_a_bin_of_their_own() -> None:
    """A quarter is not known."""
    bins = make_bins(np.array([1.0, 2.0, 3.0, nan]))

    assert bins.shares[-1] == 0.25
    assert count_bins(bins, np.array([nan, nan, 9.0]))[-1] == 2.0


def test_the_index_is_that_of_the_formula() -> None:
    """From half and half to a quarter and three: (0.25)(ln 1.5) + (−0.25)(ln 0.5)."""
    index = stability_index(np.array([0.5, 0.5]), np.array([0.25, 0.75]))

    assert index == pytest.approx(0.25 * log(1.5) - 0.25 * log(0.5))


def test_the_same_population_has_not_moved() -> None:
    """The values of training themselves."""
    values = np.array([0.0, 0.0, 1.0, 5.0, nan, 7.0])
    bins = make_bins(values)

    present = count_bins(bins, values) / values.size

    assert stability_index(np.array(bins.shares), present) == 0.0


@settings(max_examples=50)
@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=30),
    st.lists(st.floats(-20, 20), min_size=1, max_size=30),
)
def test_every_value_is_in_one_bin_and_the_index_is_no_less_than_zero(
    first: list[float], second: list[float]
) -> None:
    """Whatever comes later, also beyond what training saw."""
    bins = make_bins(np.array(first))

    counts = count_bins(bins, np.array(second))

    assert counts.sum() == len(second)
    assert sum(bins.shares) == pytest.approx(1.0)
    assert stability_index(np.array(bins.shares), counts / len(second)) >= 0.0
