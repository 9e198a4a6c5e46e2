"""The program ``safetycredit``: its commands, its global options, its last words."""

from dataclasses import replace
from typing import Annotated, Any

import grpc
import typer
from typer.core import TyperGroup

from cli.client.caller import CLIENT_PREFIX, ROLES_DEFAULT, default_identity, make_caller
from cli.client.connection import Session
from cli.client.failures import failure_of_call, failure_of_error
from cli.commands import (
    enterprise,
    grade,
    group,
    insurance,
    list_case,
    list_entry,
    list_shrinking,
    list_sync,
    lists,
    mapping,
    measure,
    mirror,
    peers,
    person,
    policy,
    prevention,
    rate,
    record,
    remedy,
    risk,
    sample,
    statement,
    supervision,
)
from cli.commands.grade_outlook import outlook
from cli.commands.import_file import import_file
from cli.commands.policy_check import check as check_policies
from cli.commands.policy_commands import add_to as add_policy_commands
from cli.commands.store import config, migrate
from cli.commands.up import up
from cli.display.console import print_failure
from services.common.errors import SafetyCreditError
from services.common.identity import EVERYTHING


class Program(TyperGroup):
    """The commands; every refusal ends in words and an exit code, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 -- Typer's own types are not public.
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SafetyCreditError as error:
            failure = failure_of_error(error)
        except grpc.RpcError as error:
            failure = failure_of_call(error)
        print_failure(failure)
        raise typer.Exit(failure.exit_code)


app = typer.Typer(
    name="safetycredit",
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Work-safety credit of enterprises: records, grades, lists, rates.

    Begin with: safetycredit up
    """,
)


@app.callback()
def program(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    caller: Annotated[
        str, typer.Option(envvar=f"{CLIENT_PREFIX}CALLER", help="Who calls. Default: cli:<user>.")
    ] = "",
    roles: Annotated[
        str, typer.Option(envvar=f"{CLIENT_PREFIX}ROLES", help="Roles, separated by commas.")
    ] = ROLES_DEFAULT,
    authority: Annotated[
        str,
        typer.Option(
            envvar=f"{CLIENT_PREFIX}AUTHORITY", help="Authority that the caller acts for."
        ),
    ] = "",
    divisions: Annotated[
        str,
        typer.Option(
            envvar=f"{CLIENT_PREFIX}DIVISIONS", help="Divisions it may write in; * is all."
        ),
    ] = EVERYTHING,
    fields: Annotated[
        str, typer.Option(envvar=f"{CLIENT_PREFIX}FIELDS", help="Fields it may write in; * is all.")
    ] = EVERYTHING,
    subject: Annotated[
        str,
        typer.Option(
            envvar=f"{CLIENT_PREFIX}SUBJECT",
            help="As a portal: whom it is registered for, a credit code, e-… or p-…; * is many.",
        ),
    ] = "",
    on_behalf_of: Annotated[
        str,
        typer.Option(
            envvar=f"{CLIENT_PREFIX}ON_BEHALF_OF",
            help="As a portal of many: for whom it calls now.",
        ),
    ] = "",
) -> None:
    """Note who calls."""
    who = make_caller(
        caller or default_identity(),
        roles,
        authority=authority,
        divisions=divisions,
        fields=fields,
    )
    ctx.obj = Session(replace(who, subject=subject, on_behalf_of=on_behalf_of))


app.command()(up)
app.command()(migrate)
app.command()(config)
app.command("import")(import_file)
app.add_typer(mapping.app, name="mapping", help="Look at mappings, and check your own.")
app.add_typer(sample.app, name="sample", help="Load an invented population.")
app.add_typer(enterprise.app, name="enterprise", help="Register and look up enterprises.")
app.add_typer(group.app, name="group", help="Enterprise groups, and their members.")
app.add_typer(person.app, name="person", help="Responsible persons, and their roles.")
app.add_typer(record.app, name="record", help="List, add, revise and revoke records.")
app.add_typer(remedy.app, name="remedy", help="Objections, credit repair and publication.")
app.add_typer(measure.app, name="measure", help="Measures of the lists, and who applied them.")
app.add_typer(grade.app, name="grade", help="Credit grades with their reasons.")
list_sync.add_to(lists.app)
list_shrinking.add_to(lists.app)
lists.app.add_typer(list_case.app, name="case", help="Cases, step by step, with their ledger.")
lists.app.add_typer(list_entry.entries, name="entry", help="Entries, and how they leave a list.")
lists.app.add_typer(list_entry.redlist, name="redlist", help="Apply for a redlist.")
lists.app.command("deadlines")(list_entry.deadlines)
app.add_typer(lists.app, name="list", help="Standing with blacklists and redlists.")
app.add_typer(mirror.app, name="mirror", help="Keep a copy of the lists, and ask it.")
app.add_typer(rate.app, name="rate", help="Recommended insurance rates.")
app.add_typer(insurance.app, name="insurance", help="Who must insure, who has, what is wrong.")
app.add_typer(prevention.app, name="prevention", help="What insurers do for prevention.")
app.add_typer(risk.app, name="risk", help="Models of accident risk, and what they foretell.")
app.add_typer(statement.app, name="statement", help="Signed credit statements, and their keys.")
app.add_typer(
    supervision.app, name="supervision", help="How often to inspect, whom to draw, risk colours."
)
app.add_typer(peers.app, name="peers", help="Tables of peers, for ranks and percentiles.")
grade.app.command()(outlook)
policy.app.command("check")(check_policies)
add_policy_commands(policy.app)
app.add_typer(policy.app, name="policy", help="The law as data.")
