"""Dry runs over loopback: what a candidate would do, and that nothing else changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from sqlalchemy import inspect, text

from services.common.database import Database
from services.engine.errors import NumberTooLargeError
from services.scoring.commands.background import Stopping
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk, grade_cases, grade_file
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import LIST, POLICIES

MARCH = date(2025, 3, 1)
AUTUMN = Date(year=2025, month=9, day=1)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OWN_TABLES = {"simulations", "simulation_changes", "simulation_files"}
QUEUED, RUNNING, DONE, CANCELLED, INTERRUPTED, FAILED = range(1, 7)
ENTERED = 1
WORSE = 4


def run_waiting(replica: ScoringServer) -> None:
    """Do the background work that waits, here and now."""
    work = replica.trials[0]
    while work.once():
        pass


@contextmanager
def small_stretches(monkeypatch: pytest.MonkeyPatch, size: int) -> Iterator[None]:
    """Let a stretch of the population hold few subjects."""
    with monkeypatch.context() as patched:
        patched.setattr("services.scoring.commands.trials.run_simulations.STRETCH", size)
        yield


def tables(database: Database) -> dict[str, list[Any]]:
    """Read every table but the simulations' own."""
    with database.inspect() as connection:
        names = set(inspect(connection).get_table_names()) - OWN_TABLES
        return {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))  # noqa: S608 -- names of our own tables.
            for name in names
        }


def population(facts: FactWriter) -> list[int]:
    """Record four enterprises: clean, one penalty, two penalties, and one elsewhere."""
    numbers = [facts.enterprise(headcount=100) for _ in range(3)]
    numbers.append(facts.enterprise(division=320613))
    for number, penalties in zip(numbers, (0, 1, 2, 1), strict=True):
        for _ in range(penalties):
            facts.record("penalty", number, MARCH)
    return numbers


async def simulated(desk: PolicyDesk, replica: ScoringServer, **fields: Any) -> Any:  # noqa: ANN401 -- the simulation.
    """Start a dry run, let it run, and give it."""
    fields = {"content": grade_file(), "as_of": AUTUMN, **fields}
    started = await desk.call("StartSimulation", **fields)
    run_waiting(replica)
    answer = await desk.call("GetSimulation", simulation_id=started.simulation.simulation_id)
    return answer.simulation


def cells(impact: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401 -- the impact.
    """Give a matrix in short."""
    return [(one.live.label, one.candidate.label, one.subjects) for one in impact.matrix]


async def test_a_dry_run_shows_who_moves_and_writes_nothing_else(
    desk: PolicyDesk,
    replica: ScoringServer,
    facts: FactWriter,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Grades migrate, the list takes in, premiums rise; every other table stays as it was."""
    clean, one, two, elsewhere = population(facts)
    before = tables(database)

    with small_stretches(monkeypatch, 3):
        found = await simulated(desk, replica)

    grade, listed, rate = found.impacts
    # One penalty: 89.5 is B, 50 is C. Two: 79 is B, 0 is C.
    assert (found.state, found.subjects_done, found.subjects_total) == (DONE, 4, 4)
    assert [impact.policy_id for impact in found.impacts] == [
        "cn.test.grade",
        "cn.test.list",
        "cn.test.rate",
    ]
    assert cells(grade) == [("A", "A", 1), ("B", "C", 3)]
    assert (grade.live.version, grade.candidate.version) == ("two", "three")
    assert (listed.entered, listed.left, listed.changed) == (3, 0, 3)
    assert [each.subject_id for each in listed.most_affected] == [
        f"e-{number}" for number in (one, two, elsewhere)
    ]
    assert tables(database) == before
    # A factor of 1.00 on 100 × 33.33 becomes 1.25; below 50 points 1.35.
    premiums = {each.subject_id: each.candidate_premium for each in rate.most_affected}
    assert premiums[f"e-{one}"] == Money(currency_code="CNY", units=4166, nanos=250_000_000)
    assert premiums[f"e-{two}"] == Money(currency_code="CNY", units=4499, nanos=550_000_000)
    # The rate is Beijing's: the enterprise elsewhere is none of its.
    assert sum(band.enterprises for band in rate.premium.bands) == rate.premium.enterprises == 3
    moved = next(each for each in grade.most_affected if each.subject_id == f"e-{two}")
    assert (moved.live_score.value, moved.candidate_score.value) == ("79", "0")
    lines = {line.rule_id: line for line in moved.lines}
    assert lines["T-PENALTIES"].live_amount.value == "-21"
    assert lines["T-PENALTIES"].candidate_amount.value == "-100"
    assert lines["T-PENALTIES"].source.article == "第五条"
    assert clean not in {int(each.subject_id[2:]) for each in grade.most_affected}


@ONE_DATABASE
async def test_a_dry_run_looks_at_a_part_of_the_population(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Division, industry and field narrow it; changed subjects are listed page by page."""
    population(facts)
    found = await simulated(desk, replica, division="110000", affected_max=1)
    fields = {"simulation_id": found.simulation_id, "policy_id": "cn.test.list", "page_size": 1}

    page = await desk.call("ListSimulatedChanges", **fields)
    rest = await desk.call("ListSimulatedChanges", page_token=page.next_page_token, **fields)
    graded = await desk.call(
        "ListSimulatedChanges", simulation_id=found.simulation_id, movement=WORSE
    )
    better = await desk.call("ListSimulatedChanges", simulation_id=found.simulation_id, movement=3)

    assert cells(found.impacts[0]) == [("A", "A", 1), ("B", "C", 2)]
    assert len(found.impacts[0].most_affected) == 1
    assert [one.movement for one in (*page.changes, *rest.changes)] == [ENTERED, ENTERED]
    assert rest.next_page_token == ""
    assert [(one.live.label, one.candidate.label) for one in graded.changes] == [("B", "C")] * 2
    assert not better.changes


async def test_a_city_s_list_is_tried_on_persons_unless_a_filter_leaves_them_out(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """An enterprise and a person with a major penalty would be on a list that Beijing makes."""
    facts.record("penalty", facts.enterprise(), MARCH, major=True)
    person = facts.person()
    facts.record("penalty", person, MARCH, person=True, major=True)
    text = LIST.lstrip().replace("policy: cn.test.list", "policy: cn.test.beijing.list")
    content = text.replace('division: "000000"', 'division: "110000"').encode()

    found = await simulated(desk, replica, content=content)
    narrowed = await simulated(desk, replica, content=content, division="110105")

    changes = await desk.call("ListSimulatedChanges", simulation_id=found.simulation_id)
    (impact,) = found.impacts
    (part,) = narrowed.impacts
    assert (found.subjects_done, found.subjects_total, impact.subjects) == (2, 2, 2)
    assert (impact.entered, impact.persons_left_out) == (2, 0)
    assert changes.changes[1].subject_id == f"p-{person}"
    assert (narrowed.subjects_done, narrowed.subjects_total, part.subjects) == (1, 1, 1)
    assert (part.entered, part.persons_left_out) == (1, 1)


@pytest.mark.parametrize(
    ("limit", "kept", "truncated"),
    [
        pytest.param(4, 4, False, id="every-change-fits"),
        pytest.param(3, 3, True, id="one-too-many"),
    ],
)
@ONE_DATABASE
async def test_a_dry_run_says_where_it_keeps_fewer_changes_than_it_counts(
    desk: PolicyDesk,
    replica: ScoringServer,
    facts: FactWriter,
    monkeypatch: pytest.MonkeyPatch,
    limit: int,
    kept: int,
    truncated: bool,  # noqa: FBT001 -- a case.
) -> None:
    """Two of Nantong go from B to C: two changes of grades, and two of the list."""
    for _ in range(2):
        facts.record("penalty", facts.enterprise(headcount=100, division=320613), MARCH)
    monkeypatch.setattr("services.scoring.commands.trials.run_simulations.CHANGES_MAX", limit)

    with small_stretches(monkeypatch, 1):
        found = await simulated(desk, replica)

    listed = [
        len((await desk.call("ListSimulatedChanges", simulation_id=found.simulation_id,
                             policy_id=impact.policy_id)).changes)
        for impact in found.impacts
    ]  # fmt: skip
    again = await desk.call("ListSimulations")
    assert sum(impact.changed for impact in found.impacts) == 4
    assert (found.changes_kept, found.changes_truncated, sum(listed)) == (kept, truncated, kept)
    assert again.simulations[0].changes_truncated is truncated


@ONE_DATABASE
async def test_a_dry_run_keeps_to_its_revision(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Facts and policies that come after the start do not enter it."""
    population(facts)
    started = await desk.call("StartSimulation", content=grade_file(), as_of=AUTUMN)
    facts.record("penalty", facts.enterprise(), MARCH)
    await desk.issue(grade_file(), grade_cases())

    run_waiting(replica)
    answer = await desk.call("GetSimulation", simulation_id=started.simulation.simulation_id)

    assert answer.simulation.impacts[0].subjects == 4
    assert answer.simulation.impacts[0].live.version == "two"


async def test_one_dry_run_of_a_policy_waits_or_runs_at_a_time(desk: PolicyDesk) -> None:
    """Another is refused until the first is cancelled; the same request starts none anew."""
    fields: dict[str, Any] = {"content": grade_file(), "request_id": "once"}
    first = await desk.call("StartSimulation", **fields)

    again = await desk.call("StartSimulation", **fields)
    with pytest.raises(RefusedError) as active:
        await desk.call("StartSimulation", content=grade_file())
    with pytest.raises(RefusedError) as reused:
        await desk.call("StartSimulation", content=grade_file(penalty="-1"), request_id="once")
    number = first.simulation.simulation_id
    cancelled = await desk.call("CancelSimulation", simulation_id=number)
    second = await desk.call("StartSimulation", content=grade_file())

    assert (first.repeated, again.repeated) == (False, True)
    assert again.simulation == first.simulation
    assert active.value.reason == "SIMULATION_ACTIVE"
    assert reused.value.reason == "REQUEST_ID_REUSED"
    assert cancelled.simulation.state == CANCELLED
    assert second.simulation.state == QUEUED


async def test_a_dry_run_that_is_cut_off_is_marked_and_can_be_restarted(
    desk: PolicyDesk,
    replica: ScoringServer,
    facts: FactWriter,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that stops says so at once; one that dies is found out when its lease ends."""
    population(facts)
    started = await desk.call("StartSimulation", content=grade_file(), as_of=AUTUMN)
    number = started.simulation.simulation_id
    simulations = replica.issuing.simulations
    states = []
    with small_stretches(monkeypatch, 2):
        stopping = Stopping()
        stopping.stop()
        replica.trials[0].work(stopping)
    stopped = (await desk.call("GetSimulation", simulation_id=number)).simulation
    states.append(stopped.state)
    restarted = await desk.call("RestartSimulation", simulation_id=number)
    states.append(restarted.simulation.state)
    # A server takes it, and dies.
    claimed = simulations.claim()
    assert claimed is not None
    states.append((await desk.call("GetSimulation", simulation_id=number)).simulation.state)
    clock.advance(timedelta(seconds=61))
    states.append((await desk.call("GetSimulation", simulation_id=number)).simulation.state)
    # The late server's work is refused, and does no harm.
    again = await desk.call("RestartSimulation", simulation_id=number)
    late = simulations.progress(claimed, 4, (), truncated=False)
    run_waiting(replica)
    done = (await desk.call("GetSimulation", simulation_id=number)).simulation

    assert stopped.subjects_done == 2
    assert states == [INTERRUPTED, QUEUED, RUNNING, INTERRUPTED]
    assert again.simulation.state == QUEUED
    assert not late
    assert (done.state, cells(done.impacts[0])) == (DONE, [("A", "A", 1), ("B", "C", 3)])


@ONE_DATABASE
async def test_a_cancelled_dry_run_stops_at_its_next_stretch(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """Whoever cancels need not wait; one that is done stays done."""
    population(facts)
    started = await desk.call("StartSimulation", content=grade_file(), as_of=AUTUMN)
    number = started.simulation.simulation_id
    claimed = replica.issuing.simulations.claim()
    assert claimed is not None
    await desk.call("CancelSimulation", simulation_id=number)
    going_on = replica.issuing.simulations.progress(claimed, 1, (), truncated=False)
    await desk.call("RestartSimulation", simulation_id=number)
    run_waiting(replica)

    with pytest.raises(RefusedError) as cancelled:
        await desk.call("CancelSimulation", simulation_id=number)
    with pytest.raises(RefusedError) as restarted:
        await desk.call("RestartSimulation", simulation_id=number)

    assert not going_on
    assert cancelled.value.reason == restarted.value.reason == "SIMULATION_ENDED"


@ONE_DATABASE
async def test_an_edited_version_and_a_version_to_come_are_tried_alike(
    desk: PolicyDesk, replica: ScoringServer, facts: FactWriter
) -> None:
    """A name that is taken may be tried with another text; a proposal and a version too."""
    population(facts)
    edited = await simulated(desk, replica, content=grade_file(version="two"))
    proposal = await desk.propose(grade_file(), grade_cases())
    proposed = await desk.call("StartSimulation", proposal_id=proposal.proposal_id, as_of=AUTUMN)
    run_waiting(replica)
    existing = await desk.call(
        "StartSimulation",
        version={"policy_id": "cn.test.grade", "version": "two"},
        live_policy_id="cn.test.grade",
    )
    run_waiting(replica)
    listed = await desk.call("ListSimulations", policy_id="cn.test.grade", state=DONE)
    results = [
        (await desk.call("GetSimulation", simulation_id=one.simulation_id)).simulation
        for one in listed.simulations
    ]

    assert cells(edited.impacts[0]) == [("A", "A", 1), ("B", "C", 3)]
    assert [one.version for one in results] == ["two", "three", "two"]
    assert cells(results[1].impacts[0]) == cells(edited.impacts[0])
    # Of the first of June both versions say the same of everybody.
    assert results[0].impacts[0].changed == 0
    assert proposed.simulation.digest == proposal.digest
    assert existing.simulation.live_policy_id == "cn.test.grade"
    assert not listed.simulations[0].impacts


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("GetSimulation", {"simulation_id": "sim-9"}, "SIMULATION_UNKNOWN", "get"),
    ("CancelSimulation", {"simulation_id": "sim-9"}, "SIMULATION_UNKNOWN", "cancel"),
    ("StartSimulation", {}, "INVALID_INPUT", "nothing-named"),
    ("StartSimulation", {"content": b"a: 1"}, "POLICY_REFUSED", "no-policy"),
    (
        "StartSimulation",
        {"version": {"policy_id": "cn.test.grade", "version": "nine"}},
        "POLICY_UNKNOWN",
        "no-version",
    ),
    (
        "StartSimulation",
        {"content": grade_file(), "live_policy_id": "cn.nobody"},
        "POLICY_UNKNOWN",
        "no-live-policy",
    ),
    ("StartSimulation", {"proposal_id": "pp-9"}, "PROPOSAL_UNKNOWN", "no-proposal"),
    (
        "StartSimulation",
        {"content": (POLICIES / "cn/accident-level.yaml").read_bytes()},
        "POLICY_NOT_SIMULATED",
        "law-of-single-records",
    ),
]


@ONE_DATABASE
async def test_every_refusal_has_its_reason(desk: PolicyDesk) -> None:
    """What is not there or wrong is refused with its own reason."""
    for method, fields, reason, name in REFUSED:
        with pytest.raises(RefusedError) as error:
            await desk.call(method, **fields)

        assert error.value.reason == reason, name


@ONE_DATABASE
async def test_what_a_dry_run_has_not_found_yet_is_not_listed(desk: PolicyDesk) -> None:
    """Changes are listed once all of them are known."""
    started = await desk.call("StartSimulation", content=grade_file())

    with pytest.raises(RefusedError) as error:
        await desk.call("ListSimulatedChanges", simulation_id=started.simulation.simulation_id)

    assert (error.value.code, error.value.reason) == ("FAILED_PRECONDITION", "SIMULATION_NOT_DONE")


@ONE_DATABASE
async def test_a_dry_run_that_cannot_be_evaluated_says_why(
    desk: PolicyDesk,
    replica: ScoringServer,
    facts: FactWriter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A refusal of the evaluation is the simulation's; the server goes on."""
    population(facts)
    started = await desk.call("StartSimulation", content=grade_file(), as_of=AUTUMN)

    def refuse(*_: object, **__: object) -> None:
        raise NumberTooLargeError("a calculation left the 64-bit range")

    with monkeypatch.context() as patched:
        patched.setattr("services.scoring.commands.trials.run_simulations.Comparison", refuse)
        run_waiting(replica)
    number = started.simulation.simulation_id
    failed = (await desk.call("GetSimulation", simulation_id=number)).simulation
    await desk.call("RestartSimulation", simulation_id=number)
    run_waiting(replica)
    done = (await desk.call("GetSimulation", simulation_id=number)).simulation

    assert (failed.state, failed.failure_reason) == (FAILED, "NUMBER_TOO_LARGE")
    assert (done.state, done.failure_reason) == (DONE, "")
