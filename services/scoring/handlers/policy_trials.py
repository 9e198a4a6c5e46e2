"""The calls of PolicyService that try a policy out: simulations and shadow runs."""

from collections.abc import Callable
from dataclasses import dataclass

from safetycredit.scoring.v1 import policy_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.idempotency import body_digest
from services.common.write_calls import response_of, write_call
from services.scoring.commands.trials.follow_simulations import (
    CancelSimulation,
    GetSimulation,
    ListSimulatedChanges,
    ListSimulations,
    RestartSimulation,
)
from services.scoring.commands.trials.get_shadow_report import GetShadowReport
from services.scoring.commands.trials.simulation_ports import StartedBy
from services.scoring.commands.trials.start_simulation import SimulationWanted, StartSimulation
from services.scoring.commands.trials.steer_shadow import StartShadow, StopShadow
from services.scoring.handlers.issuing_messages import (
    shadow_started_message,
    shadow_stopped_message,
)
from services.scoring.handlers.issuing_rules import (
    GetShadowReportRules,
    ListSimulatedChangesRules,
    ListSimulationsRules,
    ShadowRules,
    SimulationRules,
    StartSimulationRules,
    page_wanted,
)
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.trial_messages import (
    change_message,
    shadow_message,
    simulation_message,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationHandlers:
    """Answers the calls about dry runs.

    Attributes:
        start: Starts one.
        get: Gets one.
        list_all: Lists them.
        changes: Lists whom one moved.
        cancel: Cancels one.
        restart: Restarts one.
        wake: Tells the background work that there is some.
        limits: How many rows a page holds.
    """

    start: StartSimulation
    get: GetSimulation
    list_all: ListSimulations
    changes: ListSimulatedChanges
    cancel: CancelSimulation
    restart: RestartSimulation
    wake: Callable[[], None]
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "StartSimulation": self.start_simulation,
            "GetSimulation": self.get_simulation,
            "ListSimulations": self.list_simulations,
            "ListSimulatedChanges": self.list_simulated_changes,
            "CancelSimulation": self.cancel_simulation,
            "RestartSimulation": self.restart_simulation,
        }

    async def start_simulation(
        self, request: pb.StartSimulationRequest, context: CallContext
    ) -> pb.StartSimulationResponse:
        """Start a dry run."""
        rules = StartSimulationRules.read(request)
        by = StartedBy(
            caller=context.caller.identity,
            request_id=rules.request_id,
            digest=body_digest(request.SerializeToString(deterministic=True)),
        )
        wanted = SimulationWanted(
            candidate=rules.candidate(),
            live_policy_id=rules.live_policy_id,
            wanted=rules.filter(),
            affected_max=rules.affected_max,
        )
        started = await context.run_command(self.start, by, wanted, rules.standpoint(context.clock))
        self.wake()
        return pb.StartSimulationResponse(
            simulation=simulation_message(started.simulation), repeated=started.repeated
        )

    async def get_simulation(
        self, request: pb.GetSimulationRequest, context: CallContext
    ) -> pb.GetSimulationResponse:
        """Get a dry run."""
        rules = SimulationRules.read(request)
        found = await context.run_command(self.get, rules.simulation_id)
        return pb.GetSimulationResponse(simulation=simulation_message(found))

    async def list_simulations(
        self, request: pb.ListSimulationsRequest, context: CallContext
    ) -> pb.ListSimulationsResponse:
        """List dry runs."""
        rules = ListSimulationsRules.read(request, self.limits)
        page = await context.run_command(
            self.list_all,
            policy_id=rules.policy_id,
            state=rules.state,
            page=page_wanted(request, rules, method=context.method),
        )
        return pb.ListSimulationsResponse(
            simulations=[simulation_message(one) for one in page.simulations],
            next_page_token=page.next_token,
        )

    async def list_simulated_changes(
        self, request: pb.ListSimulatedChangesRequest, context: CallContext
    ) -> pb.ListSimulatedChangesResponse:
        """List whom a dry run moved."""
        rules = ListSimulatedChangesRules.read(request, self.limits)
        page = await context.run_command(
            self.changes,
            rules.simulation_id,
            policy_id=rules.policy_id,
            movement=rules.movement,
            page=page_wanted(request, rules, method=context.method),
        )
        return pb.ListSimulatedChangesResponse(
            changes=[change_message(one) for one in page.changes],
            next_page_token=page.next_token,
        )

    async def cancel_simulation(
        self, request: pb.CancelSimulationRequest, context: CallContext
    ) -> pb.CancelSimulationResponse:
        """Cancel a dry run."""
        rules = SimulationRules.read(request)
        found = await context.run_command(self.cancel, rules.simulation_id)
        return pb.CancelSimulationResponse(simulation=simulation_message(found))

    async def restart_simulation(
        self, request: pb.RestartSimulationRequest, context: CallContext
    ) -> pb.RestartSimulationResponse:
        """Restart a dry run."""
        rules = SimulationRules.read(request)
        found = await context.run_command(self.restart, rules.simulation_id)
        self.wake()
        return pb.RestartSimulationResponse(simulation=simulation_message(found))


@dataclass(frozen=True, slots=True)
class ShadowHandlers:
    """Answers the calls about shadow runs.

    Attributes:
        start: Starts one.
        stop: Stops one.
        report: Reports what one showed.
    """

    start: StartShadow
    stop: StopShadow
    report: GetShadowReport

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "StartShadow": self.start_shadow,
            "StopShadow": self.stop_shadow,
            "GetShadowReport": self.get_shadow_report,
        }

    async def start_shadow(self, request: pb.StartShadowRequest, context: CallContext) -> Response:
        """Start a shadow run."""
        rules = ShadowRules.read(request)
        call = write_call(request, context, shadow_started_message)
        answer = await context.run_command(self.start, call, rules.proposal_id)
        return response_of(answer, pb.StartShadowResponse)

    async def stop_shadow(self, request: pb.StopShadowRequest, context: CallContext) -> Response:
        """Stop a shadow run."""
        rules = ShadowRules.read(request)
        call = write_call(request, context, shadow_stopped_message)
        answer = await context.run_command(self.stop, call, rules.proposal_id)
        return response_of(answer, pb.StopShadowResponse)

    async def get_shadow_report(
        self, request: pb.GetShadowReportRequest, context: CallContext
    ) -> pb.GetShadowReportResponse:
        """Report what a shadow run showed."""
        rules = GetShadowReportRules.read(request)
        found = await context.run_command(
            self.report, rules.proposal_id, examples_max=rules.examples_max
        )
        return pb.GetShadowReportResponse(report=shadow_message(found))
