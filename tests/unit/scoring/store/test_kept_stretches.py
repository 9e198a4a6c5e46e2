"""Stretches that are kept for the next subscriber: never more than so many bytes, never wrong."""

from dataclasses import replace

import pytest

from services.scoring.commands.list_sync.list_feed_ports import ExportPage
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListState, ListView
from services.scoring.store.kept_stretches import KeptStretches

STATE = ListState(ListView(ListKey(ListKind.BLACKLIST, 1)), 5, 10, b"\x01" * 32)
PAGE = ExportPage([b"x" * 8912], (0, 7))
"""8,912 bytes of entries, 64 for their object and 1,024 for the page: 10,000."""


def test_a_stretch_is_found_by_its_state_and_place() -> None:
    """Another place, version or digest is something else: a restored store may have had both."""
    kept = KeptStretches(100_000)
    kept.keep(STATE, None, PAGE)

    assert kept.find(STATE, None) is PAGE
    assert kept.find(STATE, (0, 7)) is None
    assert kept.find(replace(STATE, version=6), None) is None
    assert kept.find(replace(STATE, digest=b"\x02" * 32), None) is None


def test_the_one_used_longest_ago_goes_when_there_is_no_room() -> None:
    """Three have room; the fourth takes the place of the second, as the first was asked for."""
    kept = KeptStretches(30_000)
    for bucket in range(3):
        kept.keep(STATE, (0, bucket), PAGE)
    kept.find(STATE, (0, 0))

    kept.keep(STATE, (0, 3), PAGE)

    assert [kept.find(STATE, (0, bucket)) is PAGE for bucket in range(4)] == [
        True,
        False,
        True,
        True,
    ]
    assert kept.size == 30_000


@pytest.mark.parametrize(
    ("bytes_max", "size"),
    [pytest.param(10_000, 10_000, id="just-fits"), pytest.param(9_999, 0, id="one-byte-too-many")],
)
def test_a_stretch_that_has_no_room_is_not_kept(bytes_max: int, size: int) -> None:
    """Both sides of the limit; the list of ten entries, about 4,500 bytes, has room in both."""
    kept = KeptStretches(bytes_max)

    kept.keep(STATE, None, PAGE)

    assert kept.size == size


@pytest.mark.parametrize(
    ("entry_count", "size"),
    [pytest.param(44, 10_000, id="list-fits"), pytest.param(45, 0, id="list-does-not")],
)
def test_no_stretch_of_a_list_without_room_is_kept(entry_count: int, size: int) -> None:
    """44 entries take about 19,800 bytes, 45 take 20,250: each stretch would drive out another."""
    kept = KeptStretches(20_000)

    kept.keep(replace(STATE, entry_count=entry_count), None, PAGE)

    assert kept.size == size


def test_what_is_kept_twice_is_counted_once() -> None:
    """Two subscribers may have read the same at the same moment."""
    kept = KeptStretches(100_000)

    for _ in range(2):
        kept.keep(STATE, None, PAGE)

    assert kept.size == 10_000
