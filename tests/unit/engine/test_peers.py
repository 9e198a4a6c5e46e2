"""A place among peers: counted by hand, and the same for one and for many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.numbers import MISSING
from services.engine.peers import PLACES_AMONG, PeerTable, peer_table

TABLE = PeerTable({(1,): [10, 20, 20, 40], (2,): [5]})


@pytest.mark.parametrize(
    ("value", "rank", "percentile"),
    [
        pytest.param(40, 1, 7500, id="greatest"),
        pytest.param(20, 2, 2500, id="two-alike-share-a-place"),
        pytest.param(10, 4, 0, id="smallest"),
        pytest.param(30, 2, 7500, id="nobody-has-it"),
        pytest.param(41, 1, 10000, id="above-all"),
        pytest.param(MISSING, MISSING, MISSING, id="unknown"),
    ],
)
def test_place_is_counted(value: int, rank: int, percentile: int) -> None:
    """The rank is one more than those with more; the percentage is of those with less."""
    assert TABLE.places("rank", value, [1]) == rank
    assert TABLE.places("percentile", value, [1]) == percentile


def test_group_without_peers_has_no_place() -> None:
    """Nobody stands beside a subject of a group that the table does not have."""
    assert TABLE.places("rank", 10, [3]) == MISSING
    assert PeerTable({}, everybody=[1, 2]).places("count", 10, [3]) == 2


@pytest.mark.parametrize("measure", PLACES_AMONG)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from([MISSING, -5, 0, 3, 7]), st.integers(0, 2)),
        min_size=1,
        max_size=15,
    )
)
def test_column_gives_everybody_what_each_alone_gets(
    measure: str, pairs: list[tuple[int, int]]
) -> None:
    """A population is put into a table; one and many are read off it alike."""
    values, groups = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    table = peer_table(values, [groups])

    together = table.places(measure, values, [groups])

    assert together.tolist() == [table.places(measure, value, [group]) for value, group in pairs]
    assert sum(len(peers) for peers in table.groups.values()) == sum(
        value != MISSING for value, _ in pairs
    )


def test_everybody_is_one_group_where_nothing_is_in_common() -> None:
    """Without anything in common all subjects are peers."""
    table = peer_table(np.array([3, 1, 2]), [])

    assert table.groups == {(): [1, 2, 3]}
    assert table.places("rank", np.array([3, 2]), []).tolist() == [1, 2]
