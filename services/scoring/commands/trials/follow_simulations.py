"""Look after dry runs: get, list, cancel, restart, and list whom they moved."""

from dataclasses import dataclass

from services.common.tokens import MalformedPageTokenError, PageScope
from services.scoring.commands.standpoint import PageRequest
from services.scoring.commands.trials.simulation_ports import (
    SIMULATION,
    ChangeFilter,
    Simulation,
    SimulationEndedError,
    SimulationFilter,
    SimulationNotDoneError,
    Simulations,
    SimulationState,
    SimulationUnknownError,
    SubjectChange,
)
from services.scoring.domain.identifiers import name_of


@dataclass(frozen=True, slots=True)
class SimulationPage:
    """A page of simulations without their results, the latest first."""

    simulations: tuple[Simulation, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of subjects whose result changed, in order of their numbers."""

    changes: tuple[SubjectChange, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class GetSimulation:
    """Gets a simulation with its result.

    Attributes:
        simulations: Where they are kept.
    """

    simulations: Simulations

    def __call__(self, simulation_id: int) -> Simulation:
        """Get it.

        Raises:
            SimulationUnknownError: There is no such simulation.
        """
        found = self.simulations.get(simulation_id)
        if found is None:
            name = name_of(SIMULATION, simulation_id)
            raise SimulationUnknownError(f"there is no simulation {name}", simulation_id=name)
        return found


@dataclass(frozen=True, slots=True)
class ListSimulations:
    """Lists simulations.

    Attributes:
        simulations: Where they are kept.
    """

    simulations: Simulations

    def __call__(self, *, policy_id: str, state: int, page: PageRequest) -> SimulationPage:
        """Give a page.

        Raises:
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another filter.
        """
        scope = PageScope(page.method, page.filter_bytes, SIMULATION)
        before = _number(scope, page.token) if page.token else None
        found = self.simulations.listed(
            SimulationFilter(policy_id=policy_id, state=state, before=before, limit=page.size + 1)
        )
        shown = tuple(found[: page.size])
        more = len(found) > page.size
        return SimulationPage(shown, scope.encode((shown[-1].simulation_id,)) if more else "")


@dataclass(frozen=True, slots=True)
class ListSimulatedChanges:
    """Lists the subjects whose result a simulation changed.

    Attributes:
        get: Gets the simulation.
        simulations: Where they are kept.
    """

    get: GetSimulation
    simulations: Simulations

    def __call__(
        self, simulation_id: int, *, policy_id: str, movement: int, page: PageRequest
    ) -> ChangePage:
        """Give a page.

        Raises:
            SimulationUnknownError: There is no such simulation.
            SimulationNotDoneError: It is not done.
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another filter.
        """
        simulation = self.get(simulation_id)
        if simulation.state is not SimulationState.DONE:
            raise SimulationNotDoneError(
                f"the simulation is {simulation.state.name.lower()}; wait until it is done",
                state=simulation.state.name.lower(),
            )
        scope = PageScope(page.method, page.filter_bytes, SIMULATION)
        wanted = ChangeFilter(
            policy_id=policy_id or simulation.request.policy_id,
            movement=movement,
            after=_number(scope, page.token) if page.token else 0,
            limit=page.size + 1,
        )
        found = self.simulations.changes(simulation_id, wanted)
        shown = tuple(found[: page.size])
        more = len(found) > page.size
        return ChangePage(shown, scope.encode((shown[-1].subject_id,)) if more else "")


@dataclass(frozen=True, slots=True)
class CancelSimulation:
    """Cancels a simulation that waits or runs.

    Attributes:
        get: Gets the simulation.
        simulations: Where they are kept.
    """

    get: GetSimulation
    simulations: Simulations

    def __call__(self, simulation_id: int) -> Simulation:
        """Cancel it.

        Raises:
            SimulationUnknownError: There is no such simulation.
            SimulationEndedError: It has ended otherwise.
        """
        self.get(simulation_id)
        self.simulations.cancel(simulation_id)
        after = self.get(simulation_id)
        if after.state is not SimulationState.CANCELLED:
            raise _ended(after)
        return after


@dataclass(frozen=True, slots=True)
class RestartSimulation:
    """Starts a simulation again that did not come to its end.

    Attributes:
        get: Gets the simulation.
        simulations: Where they are kept.
    """

    get: GetSimulation
    simulations: Simulations

    def __call__(self, simulation_id: int) -> Simulation:
        """Restart it.

        Raises:
            SimulationUnknownError: There is no such simulation.
            SimulationEndedError: It is done.
            SimulationActiveError: The policy has another that waits or runs.
        """
        self.get(simulation_id)
        restarted = self.simulations.restart(simulation_id)
        after = self.get(simulation_id)
        if not restarted and not after.state.active:
            raise _ended(after)
        return after


# Private functions -----------------------------------------------------------


def _ended(simulation: Simulation) -> SimulationEndedError:
    state = simulation.state.name.lower()
    return SimulationEndedError(f"the simulation is {state}; start another", state=state)


def _number(scope: PageScope, text: str) -> int:
    parts = scope.decode(text)
    if len(parts) == 1 and isinstance(parts[0], int) and parts[0] >= 0:
        return parts[0]
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
