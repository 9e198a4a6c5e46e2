"""``safetycredit sample``: the invented population."""

import time
from datetime import date
from typing import Annotated

import typer
from rich.progress import Progress as Bar

from cli.client.connection import Client
from cli.commands.options import TargetOption, civil_day, session_of
from cli.display.console import messages, output, print_table
from cli.sample.load import Loaded, load_sample
from cli.sample.population import (
    ENTERPRISES_DEFAULT,
    ENTERPRISES_MAX,
    ENTERPRISES_MIN,
    SEED_DEFAULT,
    Sample,
    make_sample,
)
from cli.sample.stories import STORIES
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from services.common.clock import SystemClock, today

app = typer.Typer(no_args_is_help=True)


@app.command()
def load(
    ctx: typer.Context,
    *,
    enterprises: Annotated[
        int, typer.Option(min=ENTERPRISES_MIN, max=ENTERPRISES_MAX, help="How many to invent.")
    ] = ENTERPRISES_DEFAULT,
    seed: Annotated[
        int, typer.Option(min=0, max=10**9, help="The same seed makes the same population.")
    ] = SEED_DEFAULT,
    until: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Last day of the history. Default: today."),
    ] = None,
    target: TargetOption = None,
) -> None:
    """Load invented enterprises with five years of history.

    Loading the same sample again changes nothing.

    Example: safetycredit sample load --enterprises 200 --seed 7
    """
    last_day = _last_day(until)
    sample = make_sample(seed=seed, until=last_day, enterprises=enterprises)
    with session_of(ctx).credit(target) as client:
        started = time.monotonic()
        loaded = load_with_progress(client, sample)
    describe(loaded, seconds=time.monotonic() - started)


@app.command()
def stories() -> None:
    """List the enterprises of the sample that are there to be looked at."""
    rows = [(story.credit_code, story.name, story.telling) for story in STORIES]
    print_table(("credit code", "story", "what one should see"), rows)


def load_with_progress(client: Client[CreditServiceStub], sample: Sample) -> Loaded:
    """Load a sample, and show how far it has come where there is a terminal."""
    console = messages()
    if not console.is_terminal:
        return load_sample(client, sample, lambda _answered, _total: None)
    with Bar(console=console) as bar:
        task = bar.add_task("loading the sample", total=len(sample.records))
        return load_sample(
            client, sample, lambda answered, _total: bar.update(task, completed=answered)
        )


def describe(loaded: Loaded, *, seconds: float) -> None:
    """Print what a load did."""
    output().print(
        f"sample: {loaded.enterprises:,} enterprises registered, {loaded.stored:,} records stored,"
        f" {loaded.unchanged:,} unchanged, in {seconds:.1f} s"
    )


# Private functions -----------------------------------------------------------


def _last_day(text: str | None) -> date:
    present = today(SystemClock())
    if text is None:
        return present
    day = civil_day(text)
    if day > present:
        raise typer.BadParameter("a history cannot end after today")
    return day
