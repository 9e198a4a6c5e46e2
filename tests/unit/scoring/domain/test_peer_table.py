"""Tables of peers written down: equal tables have equal bytes, and come back as they were."""

from array import array
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.peer_table import (
    GroupKey,
    PeerGroup,
    packed,
    read_table,
    table_bytes,
    table_digest,
    unpacked,
)

INT64 = st.integers(-(2**63), 2**63 - 1)
GROUPS = st.dictionaries(
    st.tuples(INT64, INT64),
    st.dictionaries(INT64, st.integers(1, 10**12), max_size=4),
    max_size=3,
)


def group(values: dict[int, int]) -> PeerGroup:
    """Give a group by how many peers have each value."""
    ordered = sorted(values.items())
    return PeerGroup(
        array("q", [value for value, _ in ordered]), array("q", [count for _, count in ordered])
    )


def table(groups: dict[GroupKey, dict[int, int]]) -> dict[GroupKey, PeerGroup]:
    """Give the groups of one place."""
    return {key: group(values) for key, values in groups.items()}


@given(places=st.dictionaries(st.sampled_from(["ahead_of", "位次", "rank"]), GROUPS, max_size=3))
def test_table_comes_back_as_it_was(places: dict[str, dict[GroupKey, dict[int, int]]]) -> None:
    """Nothing is lost on the way to the store, whatever the numbers."""
    groups = {name: table(one) for name, one in places.items()}

    content = table_bytes(groups)

    assert read_table(unpacked(packed(content))) == groups
    assert table_bytes(dict(reversed(groups.items()))) == content


def test_bytes_are_those_of_the_format() -> None:
    """Mark, length of the names, names, then little-endian numbers: so any machine agrees."""
    numbers = [2, 1, 1, 110105, 2, 70, 90, 1, 2]
    expected = b"SCPT1" + (2).to_bytes(8, "little") + b"up"
    expected += b"".join(number.to_bytes(8, "little") for number in numbers)

    content = table_bytes({"up": {(110105,): group({70: 1, 90: 2})}})

    assert content == expected
    assert table_digest(content) == sha256(expected).hexdigest()


def test_peers_of_a_group_are_counted() -> None:
    """Each value counts as often as there are peers with it."""
    assert group({70: 1, 90: 2}).size == 3
    assert group({}).size == 0
