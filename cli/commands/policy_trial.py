"""``safetycredit policy simulate`` and ``shadow``: try a policy before it is issued."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.client.connection import Client
from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    IndustryOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    day,
    field,
    instant,
    session_of,
)
from cli.commands.paging import read_pages
from cli.commands.policy_files import naming, read_file
from cli.commands.policy_issue import (
    ProposalArgument,
    RequestIdOption,
    describe_proposal,
    new_request_id,
)
from cli.display.console import messages, output, plain, print_json, print_table
from cli.display.simulations import print_shadow, print_simulation
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.errors import EXIT_UNFINISHED
from safetycredit.scoring.v1.policy_service_pb2 import (
    CancelSimulationRequest,
    GetShadowReportRequest,
    GetSimulationRequest,
    ListSimulationsRequest,
    ListSimulationsResponse,
    PolicyVersionName,
    RestartSimulationRequest,
    StartShadowRequest,
    StartSimulationRequest,
    StopShadowRequest,
)
from safetycredit.scoring.v1.policy_service_pb2_grpc import PolicyServiceStub
from safetycredit.scoring.v1.policy_simulation_pb2 import Simulation, SimulationState

shadow_app = typer.Typer(no_args_is_help=True)

_LOOK_SECONDS: Final = 0.3
_WAITING: Final = frozenset(
    {SimulationState.SIMULATION_STATE_QUEUED, SimulationState.SIMULATION_STATE_RUNNING}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedOptions:
    """What is tried: a policy that is named in one way, or a simulation that was started before."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="A policy file, or several that belong together."),
    ] = None
    proposal: Annotated[str, typer.Option("--proposal", help="A proposal instead.")] = ""
    policy: Annotated[str, typer.Option("--policy", help="A policy that exists instead.")] = ""
    policy_version: Annotated[str, typer.Option("--policy-version", help="Its version.")] = ""
    follow: Annotated[
        str, typer.Option("--follow", help="A simulation that was started before.")
    ] = ""
    restart: Annotated[
        str, typer.Option("--restart", help="A simulation that was interrupted.")
    ] = ""

    def require_one(self) -> None:
        """Refuse none, more than one, and half a version."""
        named = (self.files, self.proposal, self.policy, self.follow, self.restart)
        if sum(map(bool, named)) != 1:
            raise typer.BadParameter(
                "name one policy: FILE, --proposal or --policy;"
                " or a simulation: --follow or --restart"
            )
        if bool(self.policy) != bool(self.policy_version):
            raise typer.BadParameter("give --policy and --policy-version together")

    def version(self) -> PolicyVersionName | None:
        """Give the version of a policy that exists; none if something else is tried."""
        if not self.policy:
            return None
        return PolicyVersionName(policy_id=self.policy, version=self.policy_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOptions:
    """On whom a policy is tried and when, and with what it is compared."""

    against: Annotated[
        str, typer.Option("--against", help="Policy to compare with. Default: its own.")
    ] = ""
    division: DivisionOption = ""
    industry: IndustryOption = ""
    of: FieldOption = None
    as_of: AsOfOption = None
    known_at: KnownAtOption = None
    affected: Annotated[
        int, typer.Option("--affected", min=1, max=200, help="Most affected to show.")
    ] = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOptions:
    """How a simulation is shown, and the folder that a report of it goes to."""

    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Folder for a report: HTML and a chart."),
    ] = None
    lang: LanguageOption = Language.ZH


@grouped
def simulate(
    *,
    tried: TriedOptions,
    trial: TrialOptions,
    shown: PrintOptions,
    request_id: RequestIdOption = "",
    answer: AnswerOptions,
) -> None:
    """Try a policy on the stored population; nothing else changes.

    Prints how many enterprises go from which result to which, who enters and leaves lists, what
    premiums do, and who moves most by which clause. Ctrl-C leaves the simulation running.

    Example: safetycredit policy simulate grade.yaml --division 110105 --out report
    """
    tried.require_one()
    request = _asked(tried, trial, request_id or new_request_id())
    with answer.session.policies(answer.target) as client, naming(tried.files or ()):
        found = _followed(client, _begun(client, request))
    if answer.json:
        print_json(found)
    else:
        print_simulation(found, shown.lang)
    if shown.out is not None and found.impacts:
        _write_report(found, shown.out, shown.lang)
    if found.state != SimulationState.SIMULATION_STATE_DONE:
        raise typer.Exit(EXIT_UNFINISHED)


@grouped
def simulations(
    *,
    policy: Annotated[str, typer.Option("--policy", help="One policy. Default: all.")] = "",
    cancel: Annotated[str, typer.Option("--cancel", help="Cancel this one.")] = "",
    limit: LimitOption = 20,
    answer: AnswerOptions,
) -> None:
    """List simulations, the latest first; or cancel one.

    Example: safetycredit policy simulations --cancel sim-1
    """
    with answer.session.policies(answer.target) as client:
        if cancel:
            client.call(client.stub.CancelSimulation, CancelSimulationRequest(simulation_id=cancel))

        def page(page_size: int, page_token: str) -> ListSimulationsResponse:
            request = ListSimulationsRequest(
                policy_id=policy, page_size=page_size, page_token=page_token
            )
            return client.call(client.stub.ListSimulations, request)

        found = read_pages(page, lambda one: len(one.simulations), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("simulation", "policy", "version", "day", "state", "done", "of", "by"),
        [
            (
                one.simulation_id,
                one.policy_id,
                one.version,
                day_text(one.as_of),
                code(SimulationState.DESCRIPTOR, one.state),
                str(one.subjects_done),
                str(one.subjects_total),
                one.caller,
            )
            for one in found.simulations
        ],
        numbers=(5, 6),
    )
    tell_rest(output(), found.next_page_token)


@shadow_app.command()
def start(
    ctx: typer.Context,
    proposal: ProposalArgument,
    *,
    lang: LanguageOption = Language.ZH,
    target: TargetOption = None,
) -> None:
    """Let a proposal run beside the live policy; no answer ever changes.

    Example: safetycredit policy shadow start pp-100001
    """
    request = StartShadowRequest(proposal_id=proposal, request_id=new_request_id())
    with session_of(ctx).policies(target) as client:
        answer = client.call(client.stub.StartShadow, request)
    describe_proposal(answer.proposal, lang)


@shadow_app.command()
def stop(
    ctx: typer.Context,
    proposal: ProposalArgument,
    *,
    lang: LanguageOption = Language.ZH,
    target: TargetOption = None,
) -> None:
    """Stop a shadow run; its report stays.

    Example: safetycredit policy shadow stop pp-100001
    """
    request = StopShadowRequest(proposal_id=proposal, request_id=new_request_id())
    with session_of(ctx).policies(target) as client:
        answer = client.call(client.stub.StopShadow, request)
    describe_proposal(answer.proposal, lang)


@shadow_app.command()
@grouped
def report(
    proposal: ProposalArgument,
    *,
    examples: Annotated[
        int, typer.Option("--examples", min=1, max=100, help="Most examples to show.")
    ] = 10,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Print where a shadow run and the live policy agree, and where not.

    Example: safetycredit policy shadow report pp-100001 --lang en
    """
    request = GetShadowReportRequest(proposal_id=proposal, examples_max=examples)
    with answer.session.policies(answer.target) as client:
        found = client.call(client.stub.GetShadowReport, request)
    if answer.json:
        print_json(found)
        return
    print_shadow(found.report, lang)


# Private functions -----------------------------------------------------------

_Asked: TypeAlias = StartSimulationRequest | GetSimulationRequest | RestartSimulationRequest


def _asked(tried: TriedOptions, trial: TrialOptions, request_id: str) -> _Asked:
    """Say what a simulation begins with: itself, where it was started before, or a policy."""
    if tried.restart:
        return RestartSimulationRequest(simulation_id=tried.restart)
    if tried.follow:
        return GetSimulationRequest(simulation_id=tried.follow)
    contents = [read_file(file) for file in tried.files or ()]
    return StartSimulationRequest(
        content=contents[0] if contents else None,
        further_contents=contents[1:],
        proposal_id=tried.proposal or None,
        version=tried.version(),
        live_policy_id=trial.against,
        division=trial.division,
        industry=trial.industry,
        field=field(trial.of),
        as_of=day(trial.as_of),
        known_at=instant(trial.known_at),
        affected_max=trial.affected,
        request_id=request_id,
    )


def _begun(client: Client[PolicyServiceStub], request: _Asked) -> Simulation:
    """Start a simulation, or go on with one."""
    match request:
        case StartSimulationRequest():
            return client.call(client.stub.StartSimulation, request).simulation
        case GetSimulationRequest():
            return client.call(client.stub.GetSimulation, request).simulation
        case RestartSimulationRequest():
            return client.call(client.stub.RestartSimulation, request).simulation


def _followed(client: Client[PolicyServiceStub], simulation: Simulation) -> Simulation:
    """Wait for a simulation, with a bar; whoever does not want to wait presses Ctrl-C."""
    request = GetSimulationRequest(simulation_id=simulation.simulation_id)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=messages(), transient=True) as progress:
            bar = progress.add_task("evaluating", total=simulation.subjects_total or None)
            while simulation.state in _WAITING:
                progress.update(bar, completed=simulation.subjects_done)
                time.sleep(_LOOK_SECONDS)
                simulation = client.call(client.stub.GetSimulation, request).simulation
    except KeyboardInterrupt:
        messages().print(
            plain(
                f"{simulation.simulation_id} goes on; look at it again with:"
                f" safetycredit policy simulate --follow {simulation.simulation_id}"
            )
        )
        raise typer.Exit(EXIT_UNFINISHED) from None
    return simulation


def _write_report(simulation: Simulation, folder: Path, language: Language) -> None:
    # Drawing needs a library that takes a while to load.
    from cli.display.simulation_report import write_report  # noqa: PLC0415 -- see above.

    for path in write_report(simulation, folder, language):
        messages().print(plain(f"written: {path}"))
