"""Making tables: everybody that a policy applies to, each after what it rests on."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from services.scoring.commands.peers.making import MadeTable, MakePeerTables
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.policies import load_policies
from tests.fakes.peer_policies import PEERS
from tests.fakes.scoring_policies import write_policies
from tests.fakes.scoring_store import FakeStore

TODAY = date(2025, 6, 1)
MARCH = date(2025, 3, 1)
CHAOYANG, XICHENG = 110105, 110102

# The second place rests on the first, so it needs a round more.
NESTED = """
policy: cn.test.nested
kind: supervision
title: {zh: 测试位次, en: Test places}
documentation: Chaoyang's places by headcount, and places by those places from behind.
field: all
division: "110105"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 位次测试办法, confidence: assumed}
    inputs:
      headcount: {from: subject, if_missing: unknown}
      first: {from: peers, attribute: rank, of: headcount, among: [], if_missing: unknown}
      second: {from: peers, attribute: rank, of: behind, among: [], if_missing: unknown}
    values:
      behind:
        is: {subtract: [0, first]}
        unit: place
        source: {article: 第一条, confidence: assumed}
    outputs:
      first: {is: first, unit: place}
      second: {is: second, unit: place}
"""

# A list is about persons too, whatever the division.
PERSONS = """
policy: cn.test.persons
kind: list
list: blacklist
title: {zh: 测试人员名单, en: Test list of persons}
documentation: Who has the most penalties.
field: work_safety
division: "110105"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 人员测试办法, confidence: assumed}
    inputs:
      place: {from: peers, attribute: rank, of: penalties, among: [], unit: place, if_missing: 0}
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: PL-FIRST
        when: {place: 1}
        set: {status: candidate}
        wording: {zh: 处罚最多, en: the most penalties}
        source: {article: 第二条, confidence: assumed}
"""


@pytest.fixture(scope="module")
def various(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give policies that ask for places of all sorts."""
    files = {**PEERS, "cn.beijing/nested.yaml": NESTED, "cn.beijing/persons.yaml": PERSONS}
    folder: Path = tmp_path_factory.mktemp("various")
    return load_policies(write_policies(folder, files))


Make = Callable[[str], Mapping[str, MadeTable]]


@pytest.fixture
def make(store: FakeStore, various: PolicyLibrary) -> Make:
    """Make the tables of a policy, and of what it takes in, at the last write."""

    def made(policy_id: str) -> Mapping[str, MadeTable]:
        pinned = various.named("", policy_id, version="", as_of=TODAY)
        tables = MakePeerTables(store)(various, [pinned], store.point(), as_of=TODAY)
        return {one.compiled.policy.policy_id: one for one in tables or ()}

    return made


def shown(table: MadeTable) -> dict[str, dict[tuple[int, ...], dict[int, int]]]:
    """Give how many peers have each value, by place and group."""
    return {
        name: {
            key: dict(zip(group.values, group.counts, strict=True)) for key, group in groups.items()
        }
        for name, groups in table.groups.items()
    }


def test_groups_hold_those_that_the_policy_applies_to(store: FakeStore, make: Make) -> None:
    """Values are counted by division; others, and those not there yet, are nobody's peers."""
    penalised = store.enterprise()
    store.record("penalty", penalised, MARCH)
    for division in (CHAOYANG, CHAOYANG, XICHENG):
        store.enterprise(division=division)
    store.enterprise(kind=4)
    store.enterprise(start_date=date(2025, 6, 2))

    tables = make("cn.test.scorecard")

    assert shown(tables["cn.test.scorecard"]) == {
        "ahead_of": {(CHAOYANG,): {90: 1, 100: 2}, (XICHENG,): {100: 1}}
    }


def test_table_is_the_same_whatever_the_stretches(
    store: FakeStore, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at two at a time gives the bytes that looking at all at once gives."""
    for number in range(5):
        enterprise = store.enterprise(division=(CHAOYANG, XICHENG)[number % 2])
        for _ in range(number % 3):
            store.record("penalty", enterprise, MARCH)
    whole = make("cn.test.watch")

    monkeypatch.setattr("services.scoring.commands.peers.making.STRETCH", 2)
    parts = make("cn.test.watch")

    assert list(whole) == ["cn.test.scorecard", "cn.test.watch"]
    assert [one.content for one in parts.values()] == [one.content for one in whole.values()]


def test_source_comes_first_and_is_taken_in(store: FakeStore, make: Make) -> None:
    """Of two in a division the clean one is excellent by the scorecard's table: 1000 points."""
    store.enterprise(headcount=7)
    store.record("penalty", store.enterprise(headcount=9), MARCH)

    tables = make("cn.test.watch")

    everybody = {(): {9: 1, 1000: 1}}
    assert shown(tables["cn.test.watch"]) == dict.fromkeys(
        ("place", "everybody", "average"), everybody
    )


def test_place_by_a_place_needs_a_round_more(store: FakeStore, make: Make) -> None:
    """Ranks 1, 2 and 3 by headcount are turned round for the second place; others are elsewhere."""
    for headcount in (30, 10, 20):
        store.enterprise(headcount=headcount)
    store.enterprise(headcount=40, division=XICHENG)

    tables = make("cn.test.nested")

    assert shown(tables["cn.test.nested"]) == {
        "first": {(): {10: 1, 20: 1, 30: 1}},
        "second": {(): {-3: 1, -2: 1, -1: 1}},
    }


def test_lists_compare_persons_too(store: FakeStore, make: Make) -> None:
    """A person has no division, and is a peer in every one; enterprises elsewhere are not."""
    store.enterprise()
    store.enterprise(division=XICHENG)
    store.record("penalty", store.person(), MARCH, person=True)

    tables = make("cn.test.persons")

    assert shown(tables["cn.test.persons"]) == {"place": {(): {0: 1, 1: 1}}}


def test_nobody_is_nobodys_peer(make: Make) -> None:
    """Without enterprises a table has no groups."""
    assert shown(make("cn.test.scorecard")["cn.test.scorecard"]) == {"ahead_of": {}}


def test_work_stops_between_stretches(store: FakeStore, various: PolicyLibrary) -> None:
    """Whoever is told to stop gives no table."""
    store.enterprise()
    pinned = various.named("", "cn.test.scorecard", version="", as_of=TODAY)

    made = MakePeerTables(store)(various, [pinned], store.point(), as_of=TODAY, going=lambda: False)

    assert made is None
