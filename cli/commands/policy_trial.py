"""``safetycredit policy simulate`` and ``shadow``: try a policy before it is issued."""

import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.client.connection import Client
from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    IndustryOption,
    JsonOption,
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


def simulate(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="A policy file, or several that belong together."),
    ] = None,
    *,
    proposal: Annotated[str, typer.Option("--proposal", help="A proposal instead.")] = "",
    policy: Annotated[str, typer.Option("--policy", help="A policy that exists instead.")] = "",
    policy_version: Annotated[str, typer.Option("--policy-version", help="Its version.")] = "",
    follow: Annotated[
        str, typer.Option("--follow", help="A simulation that was started before.")
    ] = "",
    restart: Annotated[
        str, typer.Option("--restart", help="A simulation that was interrupted.")
    ] = "",
    against: Annotated[
        str, typer.Option("--against", help="Policy to compare with. Default: its own.")
    ] = "",
    division: DivisionOption = "",
    industry: IndustryOption = "",
    of: FieldOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    affected: Annotated[
        int, typer.Option("--affected", min=1, max=200, help="Most affected to show.")
    ] = 10,
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Folder for a report: HTML and a chart."),
    ] = None,
    lang: LanguageOption = Language.ZH,
    request_id: RequestIdOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Try a policy on the stored population; nothing else changes.

    Prints how many enterprises go from which result to which, who enters and leaves lists, what
    premiums do, and who moves most by which clause. Ctrl-C leaves the simulation running.

    Example: safetycredit policy simulate grade.yaml --division 110105 --out report
    """
    named = (bool(files), bool(proposal), bool(policy), bool(follow), bool(restart))
    if sum(named) != 1:
        raise typer.BadParameter(
            "name one policy: FILE, --proposal or --policy; or a simulation: --follow or --restart"
        )
    if bool(policy) != bool(policy_version):
        raise typer.BadParameter("give --policy and --policy-version together")
    name = PolicyVersionName(policy_id=policy, version=policy_version) if policy else None
    contents = [read_file(file) for file in files or ()]
    with session_of(ctx).policies(target) as client, naming(files or ()):
        if restart:
            restarting = RestartSimulationRequest(simulation_id=restart)
            found = client.call(client.stub.RestartSimulation, restarting).simulation
        elif follow:
            following = GetSimulationRequest(simulation_id=follow)
            found = client.call(client.stub.GetSimulation, following).simulation
        else:
            request = StartSimulationRequest(
                content=contents[0] if contents else None,
                further_contents=contents[1:],
                proposal_id=proposal or None,
                version=name,
                live_policy_id=against,
                division=division,
                industry=industry,
                field=field(of),
                as_of=day(as_of),
                known_at=instant(known_at),
                affected_max=affected,
                request_id=request_id or new_request_id(),
            )
            found = client.call(client.stub.StartSimulation, request).simulation
        found = _followed(client, found)
    if json:
        print_json(found)
    else:
        print_simulation(found, lang)
    if out is not None and found.impacts:
        # Drawing needs a library that takes a while to load.
        from cli.display.simulation_report import write_report  # noqa: PLC0415 -- see above.

        for path in write_report(found, out, lang):
            messages().print(plain(f"written: {path}"))
    if found.state != SimulationState.SIMULATION_STATE_DONE:
        raise typer.Exit(EXIT_UNFINISHED)


def simulations(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    policy: Annotated[str, typer.Option("--policy", help="One policy. Default: all.")] = "",
    cancel: Annotated[str, typer.Option("--cancel", help="Cancel this one.")] = "",
    limit: LimitOption = 20,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List simulations, the latest first; or cancel one.

    Example: safetycredit policy simulations --cancel sim-1
    """
    with session_of(ctx).policies(target) as client:
        if cancel:
            client.call(client.stub.CancelSimulation, CancelSimulationRequest(simulation_id=cancel))

        def page(page_size: int, page_token: str) -> ListSimulationsResponse:
            request = ListSimulationsRequest(
                policy_id=policy, page_size=page_size, page_token=page_token
            )
            return client.call(client.stub.ListSimulations, request)

        answer = read_pages(page, lambda found: len(found.simulations), limit=limit)
    if json:
        print_json(answer)
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
            for one in answer.simulations
        ],
        numbers=(5, 6),
    )
    tell_rest(output(), answer.next_page_token)


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
def report(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    proposal: ProposalArgument,
    *,
    examples: Annotated[
        int, typer.Option("--examples", min=1, max=100, help="Most examples to show.")
    ] = 10,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print where a shadow run and the live policy agree, and where not.

    Example: safetycredit policy shadow report pp-100001 --lang en
    """
    request = GetShadowReportRequest(proposal_id=proposal, examples_max=examples)
    with session_of(ctx).policies(target) as client:
        answer = client.call(client.stub.GetShadowReport, request)
    if json:
        print_json(answer)
        return
    print_shadow(answer.report, lang)


# Private functions -----------------------------------------------------------


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
