"""``safetycredit list case show`` and ``list``: cases with their ledgers."""

from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.list_steps import CaseArgument
from cli.commands.options import (
    AsOfOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_table
from cli.display.list_cases import CASE_COLUMNS, case_row, print_case
from cli.importing.targets import code_numbers
from safetycredit.scoring.v1.list_case_pb2 import ListCaseState
from safetycredit.scoring.v1.list_service_pb2 import (
    GetListCaseRequest,
    ListListCasesRequest,
    ListListCasesResponse,
)


def add_to(app: typer.Typer) -> None:
    """Add both commands to a group."""
    app.command()(show)
    app.command("list")(list_cases)


def show(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    full_names: Annotated[
        bool, typer.Option("--full-names", help="Persons' names in full; every reading is noted.")
    ] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print a case with its ledger (台账) and what may be done next.

    Example: safetycredit list case show c-100001
    """
    request = GetListCaseRequest(
        case_id=case_id,
        as_of=day(as_of),
        known_at=instant(known_at),
        token=token,
        full_names=full_names,
    )
    with session_of(ctx).lists(target) as client:
        found = client.call(client.stub.GetListCase, request)
    if json:
        print_json(found)
        return
    print_case(found.list_case)


def list_cases(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT]", help="Party of the case.")
    ] = None,
    *,
    state: Annotated[str, typer.Option("--state", help="Such as notified or listed.")] = "",
    authority: Annotated[str, typer.Option(help="Authority that collects or decides.")] = "",
    of: FieldOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List cases.

    Example: safetycredit list case list --state notified
    """
    states = code_numbers(ListCaseState.DESCRIPTOR)
    if state and state not in states:
        raise typer.BadParameter(f"{state} is no state; write one of {', '.join(states)}")
    with session_of(ctx).lists(target) as client:

        def page(page_size: int, page_token: str) -> ListListCasesResponse:
            request = ListListCasesRequest(
                field=field(of),
                state=cast("ListCaseState", states.get(state, 0)),
                authority=authority,
                subject=subject(code) if code else None,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListListCases, request)

        found = read_pages(page, lambda one: len(one.list_cases), limit=limit)
    if json:
        print_json(found)
        return
    print_table(CASE_COLUMNS, map(case_row, found.list_cases))
    tell_rest(output(), found.next_page_token)
