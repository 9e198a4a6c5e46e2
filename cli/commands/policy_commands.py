"""The commands of ``safetycredit policy`` that issue, try and look up policies."""

import typer

from cli.commands.policy_issue import (
    approve,
    proposal_,
    proposals,
    propose,
    publish,
    withdraw,
)
from cli.commands.policy_look import diff, reasons, versions
from cli.commands.policy_trial import shadow_app, simulate, simulations


def add_to(app: typer.Typer) -> None:
    """Add them to the commands about policies."""
    app.command()(propose)
    app.command()(approve)
    app.command()(publish)
    app.command()(withdraw)
    app.command()(proposals)
    app.command("proposal")(proposal_)
    app.command()(simulate)
    app.command()(simulations)
    app.command()(versions)
    app.command()(diff)
    app.command()(reasons)
    app.add_typer(shadow_app, name="shadow", help="Run a proposal beside the live policy.")
