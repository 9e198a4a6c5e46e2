"""Dry runs in memory: started by the command, run by the worker, over the store in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, cast

from services.common.errors import SafetyCreditError
from services.scoring.commands.policies.issuing_ports import ProposalStore
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import FactNeeds, Scan
from services.scoring.commands.standpoint import Standpoint
from services.scoring.commands.trials.run_simulations import RunSimulations
from services.scoring.commands.trials.simulation_ports import (
    Claimed,
    PolicyImpact,
    Simulation,
    SimulationRequest,
    SimulationState,
    StartedBy,
    StartedOnce,
    SubjectChange,
)
from services.scoring.commands.trials.start_simulation import (
    CandidateNamed,
    Candidates,
    SimulationWanted,
    StartSimulation,
)
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint
from services.scoring.store.candidates import CandidateReader
from services.scoring.store.policies import load_vocabulary
from tests.fakes.scoring_policies import POLICIES
from tests.fakes.scoring_store import FakeStore

READER = CandidateReader(load_vocabulary(POLICIES), {})
EVERYBODY = 10**6


@dataclass
class OneSimulation:
    """Keeps one dry run; implements what is asked of `Simulations`, and `Counting`."""

    store: FakeStore
    request: SimulationRequest | None = None
    waiting: bool = False
    done: int = 0
    changes: list[SubjectChange] = field(default_factory=list)
    impacts: dict[str, PolicyImpact] = field(default_factory=dict)

    def recall(self, _by: StartedBy) -> None:
        """Know of no earlier request."""

    def start(self, by: StartedBy, request: SimulationRequest) -> StartedOnce:
        """Queue it."""
        self.request, self.waiting = request, True
        return StartedOnce(self._simulation(by.caller), repeated=False)

    def claim(self) -> Claimed | None:
        """Take it once."""
        claimed = Claimed(self._simulation(""), "lease") if self.waiting else None
        self.waiting = False
        return claimed

    def progress(
        self, _claimed: Claimed, done: int, changes: Sequence[SubjectChange], *, truncated: bool
    ) -> bool:
        """Keep all; go on."""
        assert not truncated
        self.done = done
        self.changes += changes
        return True

    def finish(self, _claimed: Claimed, impacts: Sequence[PolicyImpact]) -> bool:
        """Keep the result."""
        self.impacts = {one.policy_id: one for one in impacts}
        return True

    def fail(self, _claimed: Claimed, error: SafetyCreditError) -> NoReturn:
        """Let the test see why."""
        raise AssertionError(error.reason) from error

    def interrupt(self, _claimed: Claimed) -> None:
        """Let the worker raise what went wrong."""

    def subjects(self, wanted: EnterpriseFilter, at: Viewpoint, *, persons: bool) -> int:
        """Count by reading."""
        scan = Scan(wanted=wanted, limit=EVERYBODY, persons=persons)
        with self.store.read() as reading:
            there = reading.facts.chunk(scan, FactNeeds(), at)
        return int(there.subject_ids.size)

    def persons(self, at: Viewpoint) -> int:
        """Count those who are registered."""
        return sum(row.recorded <= at.revision for row in self.store.persons.values())

    def _simulation(self, caller: str) -> Simulation:
        assert self.request is not None
        return Simulation(
            simulation_id=1,
            request=self.request,
            state=SimulationState.RUNNING,
            caller=caller,
            subjects_done=self.done,
            request_time=self.request.known_at,
            end_time=None,
        )


def dry_run(
    store: FakeStore,
    library: PolicyLibrary,
    standpoint: Standpoint,
    *contents: bytes,
    **wanted: Any,  # noqa: ANN401 -- fields of a filter, or the live policy.
) -> OneSimulation:
    """Start a dry run of files, let it run, and give what came of it."""
    simulations: Any = OneSimulation(store)
    candidates = Candidates(cast("ProposalStore", None), READER)
    start = StartSimulation(store, library, candidates, simulations, simulations)
    start(
        StartedBy(caller="liu", request_id="1", digest=b""),
        SimulationWanted(
            candidate=CandidateNamed(contents=contents),
            live_policy_id=wanted.pop("live_policy_id", ""),
            wanted=replace(EnterpriseFilter(), **wanted),
            affected_max=9,
        ),
        standpoint,
    )
    run = RunSimulations(store, library, READER, simulations, simulations, lambda _: None)
    assert run(lambda _: False)
    found: OneSimulation = simulations
    return found
