"""Libraries with their tables: at every revision the ones that were recorded by then."""

from datetime import date

from services.scoring.commands.peers.making import MakePeerTables
from services.scoring.commands.policies.policy_library import PolicyLibrary
from tests.fakes.peer_tables import FakePeerTables, FakePeerWriting
from tests.fakes.scoring_store import FakeStore

TODAY = date(2025, 6, 1)
CARD = "cn.test.scorecard"


def record(tables: FakePeerTables, library: PolicyLibrary) -> None:
    """Make the scorecard's table of today, and record it."""
    pinned = library.named("", CARD, version="", as_of=TODAY)
    make = MakePeerTables(tables.facts)
    (made,) = make(library, [pinned], tables.facts.point(), as_of=TODAY) or ()
    write = FakePeerWriting(tables)
    write.add(made)
    write.commit()


def test_library_of_a_revision_never_changes(
    store: FakeStore, tables: FakePeerTables, asking: PolicyLibrary
) -> None:
    """What was pinned at a revision is pinned there again, after later tables too."""
    live = tables.library(asking)
    store.enterprise()
    record(tables, live.now())
    first = store.point().revision
    store.enterprise(headcount=3)
    record(tables, live.now())
    last = store.point().revision

    pinned = {
        revision: live.at(revision).named("", CARD, version="", as_of=TODAY)
        for revision in (0, first - 1, first, last - 1, last)
    }

    numbers = [one.peers.stamp.recorded_revision if one.peers else None for one in pinned.values()]
    assert numbers == [None, None, first, first, last]
    assert pinned[0].digest == asking.named("", CARD, version="", as_of=TODAY).digest
    assert len({one.rules for one in pinned.values()}) == 1
    assert len({one.digest for one in pinned.values()}) == 3
    assert live.at(first) is live.at(last - 1)
    assert live.at(last).tables.revision == last


def test_store_is_not_asked_for_policies_without_peers(
    store: FakeStore, tables: FakePeerTables, library: PolicyLibrary, asking: PolicyLibrary
) -> None:
    """Where no policy asks, the library is the same and the log is left alone."""
    store.enterprise()

    plain = tables.library(library).now()

    assert not plain.ask_for_peers
    assert tables.asked == 0
    assert tables.library(asking).now().ask_for_peers
    assert tables.asked == 1


def test_values_are_opened_when_they_are_needed(
    store: FakeStore, tables: FakePeerTables, asking: PolicyLibrary
) -> None:
    """Each group has the values of its peers; one place is read off them."""
    live = tables.library(asking)
    for _ in range(3):
        store.enterprise()
    record(tables, live.now())

    peers = live.now().named("", CARD, version="", as_of=TODAY).peers

    assert peers is not None
    table = peers.open()["ahead_of"]
    assert {key: list(values) for key, values in table.groups.items()} == {
        (110105,): [100, 100, 100]
    }
    assert peers.open() is peers.open()
