"""Places among peers over loopback: by the table of the day, and for ever the same."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date
from typer.testing import CliRunner

from cli.main import app
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.server import running
from services.scoring.commands.ports import GradesStanding, Scan
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.peer_fixtures import BY_TABLE, CARD, NO_TABLE, WATCH, Town
from tests.integration.scoring.policy_fixtures import serving

APRIL = date(2025, 4, 1)
TODAY = Date(year=2025, month=6, day=1)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def standing(peer_server: ScoringServer) -> GradesStanding:
    """Say up to where the kept grades of the scorecard are right."""
    with peer_server.freshness.refresh.store.read() as reading:
        found = reading.grades.standing(CARD)
    assert found is not None, "they have been brought up to date"
    return found


def kept_grades(peer_server: ScoringServer) -> dict[str, str]:
    """Give the rows as they are kept."""
    with peer_server.freshness.refresh.store.read() as reading:
        at = Viewpoint(reading.point.revision, date(2025, 6, 1))
        rows = reading.grades.page(CARD, Scan(limit=100), at, grades={})
    return {f"e-{row.subject_id}": row.grade for row in rows if row.grade}


def wire(answer: Any) -> bytes:  # noqa: ANN401 -- the answer.
    """Give the bytes of an answer."""
    content: bytes = answer.SerializeToString(deterministic=True)
    return content


def place_line(answer: Any) -> str:  # noqa: ANN401 -- the answer.
    """Give what an explanation says of the place among peers."""
    (line,) = [one for one in answer.lines if one.rule_id == "ahead_of.peers"]
    text: str = line.wording.en
    return text


async def test_places_are_read_off_the_table_of_the_day(
    town: Town, peer_server: ScoringServer
) -> None:
    """Without a table the file's word holds; with one, alone, in a batch and in a list alike."""
    before = await town.grade("a")
    without = (await town.listed(), await town.batch())
    peer_server.peers.keep()

    answers = {name: await town.grade(name) for name in NO_TABLE}

    assert (before.grade.grade, without) == ("good", (NO_TABLE, NO_TABLE))
    assert [one.missing for one in before.basis.peer_tables] == [True]
    assert place_line(before).startswith("no table of peers yet")
    assert {name: one.grade.grade for name, one in answers.items()} == BY_TABLE
    assert (await town.listed(), await town.batch()) == (BY_TABLE, BY_TABLE)
    # Of 70, 90, 90 and 100 in Chaoyang three are less than a's, one is less than b's.
    said = {name: place_line(one).split(";")[0] for name, one in answers.items()}
    assert said == {
        "a": "above 75 percent of 4 peers",
        "b": "above 25 percent of 4 peers",
        "c": "above 25 percent of 4 peers",
        "d": "above 0 percent of 4 peers",
        "e": "above 0 percent of 1 peers",
    }
    (table,) = answers["a"].basis.peer_tables
    assert (table.policy.policy_id, table.as_of, table.missing) == (CARD, TODAY, False)
    assert table.revision == town.facts.point().revision - 1
    assert f"revision {table.revision}, {table.digest[:12]}" in place_line(answers["a"])


async def test_an_answer_is_given_again_whatever_follows(
    town: Town, peer_server: ScoringServer, clock: FixedClock
) -> None:
    """At its known-at an answer has the table that was newest then, to the byte."""
    none = await town.grade("a")
    peer_server.peers.keep()
    first = await town.grade("a")
    for _ in range(2):
        town.facts.record("penalty", town.numbers["a"], APRIL)
    # 80 in the table of 70, 90, 90 and 100.
    moved = await town.grade("a")
    clock.advance(timedelta(minutes=1))
    await town.ask("ComputePeerTable", policy_id=CARD)
    # 90 in the table of 70, 80, 90 and 90.
    raised = await town.grade("b")
    # The next day has no table yet: yesterday's is taken, and named.
    clock.advance(timedelta(days=1))
    next_day = await town.grade("b")
    peer_server.peers.keep()
    renewed = await town.grade("b")

    given = (none, first, moved)
    again = [await town.grade("a", as_of=TODAY, known_at=one.basis.point.known_at) for one in given]

    assert [one.grade.grade for one in given] == ["good", "excellent", "good"]
    assert [wire(one) for one in again] == [wire(one) for one in given]
    assert (moved.grade.grade, raised.grade.grade) == ("good", "excellent")
    assert place_line(moved).startswith("above 25 percent of 4 peers")
    assert place_line(raised).startswith("above 50 percent of 4 peers")
    assert moved.basis.peer_tables == first.basis.peer_tables
    assert next_day.basis.peer_tables == raised.basis.peer_tables
    # Nothing is different on the next day but the day and the revision.
    (old,), (new,) = raised.basis.peer_tables, renewed.basis.peer_tables
    assert (new.as_of.day, new.digest) == (2, old.digest)
    assert new.revision > old.revision


@ONE_DATABASE
async def test_a_policy_takes_in_places_of_another(town: Town, peer_server: ScoringServer) -> None:
    """The other's table is made first; ranks among everybody leave out who has no value."""
    peer_server.peers.keep()

    found = {name: await town.watched(name) for name in "abcde"}
    nobody = await town.ask("GetSupervision", subject=town.subject("f"), policy_id=WATCH)
    answer = await town.ask("GetSupervision", subject=town.subject("a"), policy_id=WATCH)
    table = await town.ask("GetPeerTable", policy_id=WATCH)

    # Excellent stands for 1000 points; the headcounts of the others are 20, 20, 5 and 40.
    assert {name: one["points"] for name, one in found.items()} == {
        "a": "1000",
        "b": "20",
        "c": "20",
        "d": "5",
        "e": "40",
    }
    assert {name: one["place"] for name, one in found.items()} == {
        "a": "1",
        "b": "3",
        "c": "3",
        "d": "5",
        "e": "2",
    }
    assert {one["everybody"] for one in found.values()} == {"5"}
    # 1,085 of five.
    assert {one["average"] for one in found.values()} == {"217"}
    assert nobody.result.missing_inputs == ["headcount"]
    assert [one.policy.policy_id for one in answer.basis.peer_tables] == [CARD, WATCH]
    said = {one.rule_id: one.wording.en.split(";")[0] for one in answer.lines}
    source = answer.basis.peer_tables[0]
    assert said == {
        "ahead_of.peers": "table of peers of 2025-06-01, facts up to revision "
        f"{source.revision}, {source.digest[:12]}",
        "place.peers": "place 1 among 5 peers",
        "everybody.peers": "5 peers",
        "average.peers": "mean of 5 peers 217",
    }
    # Who has no place among them has the same mean beside it.
    assert [one.wording.zh.split("；")[0] for one in nobody.lines[1:]] == [
        "在同类中没有位次",
        "在同类中没有位次",
        "同类5家的平均值为217",
    ]
    assert [(one.input, one.peer_count, one.group_count) for one in table.table.places] == [
        ("average", 5, 1),
        ("everybody", 5, 1),
        ("place", 5, 1),
    ]


async def test_a_kept_grade_is_stale_once_there_is_a_new_table(
    town: Town, peer_server: ScoringServer
) -> None:
    """The rows kept under no table, or an older one, are never taken for right."""
    peer_server.freshness.once()
    under_none = standing(peer_server)
    kept_first = kept_grades(peer_server)
    more = peer_server.peers.work.once()
    between = await town.listed()
    peer_server.freshness.once()
    under_table = standing(peer_server)

    after = await town.listed()

    assert (town.named(kept_first), between, after) == (NO_TABLE, BY_TABLE, BY_TABLE)
    assert town.named(kept_grades(peer_server)) == BY_TABLE
    assert not more
    assert under_none.digest != under_table.digest
    assert under_table.revision == town.facts.point().revision


@ONE_DATABASE
async def test_a_table_is_computed_and_looked_at(town: Town) -> None:
    """A regulator computes it, once for a request; its groups are counted, nobody is named."""
    with pytest.raises(RefusedError) as missing:
        await town.ask("GetPeerTable", policy_id=CARD)
    request = {"policy_id": CARD, "request_id": "first"}
    computed = await town.ask("ComputePeerTable", **request)
    repeated = await town.ask("ComputePeerTable", **request)
    with pytest.raises(RefusedError) as reused:
        await town.ask("ComputePeerTable", policy_id=WATCH, request_id="first")

    found = await town.ask("GetPeerTable", policy_id=CARD)

    assert missing.value.reason == "PEER_TABLE_MISSING"
    assert reused.value.reason == "REQUEST_ID_REUSED"
    assert (computed.repeated, repeated.repeated) == (False, True)
    assert list(repeated.tables) == list(computed.tables) == [found.table]
    assert found.table.recorded_revision == computed.point.revision
    assert computed.point.revision == town.facts.point().revision
    (place,) = found.table.places
    assert (place.input, place.measure) == ("ahead_of", "percentile")
    assert list(place.among) == ["division"]
    assert [(list(one.values), one.peer_count) for one in place.groups] == [
        (["110105"], 4),
        (["110102"], 1),
    ]


@ONE_DATABASE
async def test_outlooks_lists_and_rates_stand_on_tables(
    town: Town, peer_server: ScoringServer
) -> None:
    """What looks ahead, finds candidates or rates names the table, and goes by it."""
    outlook = {"subject": town.subject("b"), "policy_id": CARD}
    candidates = {"policy_id": "cn.test.hindmost"}
    premium = {"subject": town.subject("a"), "policy_id": "cn.test.peer-rate"}
    questions = (
        ("GetGradeOutlook", outlook),
        ("ListCandidates", candidates),
        ("RecommendRate", premium),
    )
    before = [await town.ask(method, **fields) for method, fields in questions]
    peer_server.peers.keep()

    after = [await town.ask(method, **fields) for method, fields in questions]

    # Without its penalty b has 100 points, as a has, and is ahead of three of four.
    assert [one.grade for one in before[0].lifts if one.grade == "excellent"] == []
    assert "excellent" in [one.grade for one in after[0].lifts]
    # d of Chaoyang and e of Xicheng are ahead of nobody.
    assert list(before[1].candidates) == []
    last = {one.subject_id: one for one in after[1].candidates}
    assert set(town.named(dict.fromkeys(last, ""))) == {"d", "e"}
    for one in last.values():
        assert [reason.rule_id for reason in one.reasons] == ["H-LAST", "last.peers"]
    # 33.33 for each of ten employees; the excellent pay four fifths.
    premiums = [one.recommendation.premium for one in (before[2], after[2])]
    assert [(one.units, one.nanos) for one in premiums] == [(333, 300_000_000), (266, 640_000_000)]
    assert "ahead_of.peers" in [line.rule_id for line in after[2].worksheet]
    found = [one.basis.peer_tables for one in (*before, *after)]
    assert [one.missing for (one,) in found] == [True] * 3 + [False] * 3
    assert found[3] == found[5]


@ONE_DATABASE
async def test_commands_compute_and_show(
    peer_server: ScoringServer, facts: FactWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed is refused while there is no table; then it is computed, and shown."""
    monkeypatch.setenv("COLUMNS", "200")
    facts.enterprise()
    number = facts.enterprise(headcount=3)

    async with running(peer_server.settings, peer_server.plan) as served:
        target = ("--target", f"127.0.0.1:{served.port}")
        enterprise = f"e-{number}"
        commands = [
            ("peers", "show", CARD, *target),
            ("peers", "compute", CARD, *target),
            ("peers", "show", CARD, *target),
            ("grade", "get", enterprise, "--policy", CARD, "--explain", "--lang", "en", *target),
        ]
        results = [
            await asyncio.to_thread(CliRunner().invoke, app, ["--roles", "regulator", *one])
            for one in commands
        ]

    missing, computed, shown, grade = (one.output for one in results)
    assert [one.exit_code == 0 for one in results] == [False, True, True, True]
    assert "compute one" in missing
    for output in (computed, shown):
        assert "ahead_of: percentile among 2 peers" in output
        assert re.search(r"110105\W+2\b", output)
    assert "above 0 percent of 2 peers" in grade
    assert re.search(r"table of peers\W+cn.test.scorecard one: of 2025-06-01", grade)


WRONG: Sequence[tuple[dict[str, Any], str]] = (
    ({"policy_id": "cn.test.nothing"}, "POLICY_UNKNOWN"),
    ({"policy_id": "cn.test.grade"}, "POLICY_WITHOUT_PEERS"),
    ({"policy_id": CARD, "divisions": "1101"}, "POLICY_OUT_OF_SCOPE"),
    ({"policy_id": CARD, "as_of": Date(year=2010, month=1, day=1)}, "POLICY_NOT_IN_FORCE"),
    ({"policy_id": CARD, "as_of": Date(year=2025, month=6, day=2)}, "INVALID_INPUT"),
    ({"policy_id": ""}, "INVALID_INPUT"),
)


@ONE_DATABASE
async def test_wrong_questions_are_refused(peer_desk: PolicyDesk, facts: FactWriter) -> None:
    """Nothing is made for a policy without peers, out of reach, or of a day to come."""
    facts.enterprise()
    revision = facts.point().revision
    reasons = []

    for fields, _ in WRONG:
        with pytest.raises(RefusedError) as refused:
            await peer_desk.call("ComputePeerTable", roles="regulator", **fields)
        reasons.append(refused.value.reason)

    assert reasons == [reason for _, reason in WRONG]
    assert facts.point().revision == revision


@ONE_DATABASE
async def test_no_policy_with_peers_costs_nothing(
    replica: ScoringServer, facts: FactWriter
) -> None:
    """Where no policy asks for peers nothing is written, and no answer names a table."""
    number = facts.enterprise()
    revision = facts.point().revision

    replica.peers.keep()
    async with serving(replica) as caller:
        answer = await caller.call(
            "GetCreditGrade",
            roles="regulator",
            subject=SubjectRef(enterprise_id=f"e-{number}"),
            policy_id="cn.test.grade",
        )

    assert facts.point().revision == revision
    assert not answer.basis.peer_tables
