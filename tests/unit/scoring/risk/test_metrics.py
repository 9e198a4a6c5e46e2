"""Measures worked out by hand."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.risk.metrics import Ranking, deviance_terms


def test_deviance_is_that_of_poisson() -> None:
    """2·(y·ln(y/μ) − (y − μ)): nothing expected and nothing come is 2μ, met exactly is 0."""
    terms = deviance_terms(np.array([0.0, 2.0, 3.0]), np.array([0.5, 2.0, 1.0]))

    assert terms.tolist() == pytest.approx([1.0, 0.0, 2 * (3 * log(3) - 2)])


def test_gini_of_a_perfect_order() -> None:
    """Four equal rows, all events in the highest: the area under the curve is 1/8."""
    score, events = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, 0.0, 5.0])

    assert Ranking(score).gini(np.ones(4), events) == pytest.approx(1 - 2 / 8)
    assert Ranking(-score).gini(np.ones(4), events) == pytest.approx(-(1 - 2 / 8))


def test_equal_scores_tell_nothing() -> None:
    """One rate for all has a Gini of 0, wherever the events stand in the file."""
    ranking = Ranking(np.full(4, 7.0))

    assert ranking.gini(np.ones(4), np.array([0.0, 0.0, 0.0, 5.0])) == pytest.approx(0.0)


def test_gini_counts_by_share() -> None:
    """The higher row has a quarter of the exposure and half of the events.

    The curve goes through (3/4, 1/2): below it lie 3/16 and 3/16.
    """
    gini = Ranking(np.array([1.0, 2.0])).gini(np.array([3.0, 1.0]), np.array([2.0, 2.0]))

    assert gini == pytest.approx(1 - 2 * (3 / 16 + 3 / 16))


def test_without_events_there_is_no_gini() -> None:
    """Nothing happened, so nothing can be ranked."""
    assert np.isnan(Ranking(np.array([1.0, 2.0])).gini(np.ones(2), np.zeros(2)))


def test_deciles_are_tenths_of_the_exposure() -> None:
    """Ten equal rows are one each; a row with half of the exposure stands in the middle of it."""
    score = np.arange(10.0)
    heavy = np.array([1.0, 1.0, 2.0])

    assert Ranking(score).deciles(np.ones(10)).tolist() == list(range(10))
    assert Ranking(np.arange(3.0)).deciles(heavy).tolist() == [1, 3, 7]


def test_equal_scores_share_a_decile() -> None:
    """Ties are never torn apart."""
    score = np.array([1.0] * 8 + [2.0, 3.0])

    assert Ranking(score).deciles(np.ones(10)).tolist() == [4] * 8 + [8, 9]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=2, max_size=30))
def test_repeating_rows_is_weighting_them(rows: list[tuple[int, int]]) -> None:
    """A row drawn twice by the bootstrap counts as one with twice the weight."""
    score = np.array([float(one) for one, _ in rows])
    events = (np.arange(len(rows)) % 3 + 1).astype(np.float64)
    weights = np.array([float(one) for _, one in rows])
    weights[0] += 1.0
    drawn = np.repeat(np.arange(len(rows)), weights.astype(int))

    weighted = Ranking(score).gini(weights, events * weights)
    repeated = Ranking(score[drawn]).gini(np.ones(drawn.size), events[drawn])

    assert weighted == pytest.approx(repeated)
