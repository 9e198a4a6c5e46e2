"""Splits by time and group, and the digest of what is learned from."""

import numpy as np

from services.scoring.risk.dataset import group_positions, split_rows
from tests.fakes.risk_models import plain_data


def test_no_group_and_no_year_is_on_both_sides() -> None:
    """What is tried on was never seen: neither its year nor its enterprise."""
    data = plain_data()

    split = split_rows(data, train_until=2021, held_out_share=0.3, seed=1)

    assert split.train.any()
    assert split.test.any()
    assert data.periods[split.train].max() == 2021
    assert data.periods[split.test].min() == 2022
    assert not set(data.groups[split.train]) & set(data.groups[split.test])
    assert (split.later == (data.periods > 2021)).all()


def test_without_groups_time_alone_splits() -> None:
    """Rows that nobody's name is on cannot be held apart."""
    data = plain_data()

    split = split_rows(data, train_until=2022, held_out_share=0.0, seed=1)

    assert (split.test == (data.periods == 2023)).all()
    assert (split.train == (data.periods <= 2022)).all()


def test_a_group_keeps_its_place() -> None:
    """More rows, or another order, move nobody to the other side; another seed does."""
    groups = np.arange(500)

    places = group_positions(groups, 1)
    turned = group_positions(groups[::-1].copy(), 1)[::-1]
    more = group_positions(np.arange(1000), 1)[:500]

    assert (places == turned).all()
    assert (places == more).all()
    assert (places != group_positions(groups, 2)).all()
    assert 0.2 < float((places < 0.3).mean()) < 0.4


def test_rows_keep_everything_in_step() -> None:
    """Some of the rows are rows of every column."""
    data = plain_data()
    some = data.rows(np.arange(data.size) < 3)

    assert some.size == 3
    assert some.values.tolist()[0] == data.values.tolist()[0]
    assert some.comparators["violations alone"].size == 3
    assert some.classes["class"].size == 3
    assert some.names == data.names
