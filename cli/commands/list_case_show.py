"""``safetycredit list case show`` and ``list``: cases with their ledgers."""

from dataclasses import dataclass
from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.list_steps import CaseArgument
from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import (
    FieldOption,
    KnownAtOption,
    LimitOption,
    day,
    field,
    instant,
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


@grouped
def show(
    case_id: CaseArgument,
    *,
    full_names: Annotated[
        bool, typer.Option("--full-names", help="Persons' names in full; every reading is noted.")
    ] = False,
    party: Annotated[
        str, typer.Option("--party", metavar="ID", help="Party for which a portal asks.")
    ] = "",
    reading: ReadOptions,
) -> None:
    """Print a case with its ledger (台账) and what may be done next.

    Example: safetycredit list case show c-100001
    """
    request = GetListCaseRequest(
        case_id=case_id,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
        full_names=full_names,
        party_subject_id=party,
    )
    with reading.answer.session.lists(reading.answer.target) as client:
        found = client.call(client.stub.GetListCase, request)
    if reading.answer.json:
        print_json(found)
        return
    print_case(found.list_case)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilterOptions:
    """Which cases are wanted."""

    state: Annotated[str, typer.Option("--state", help="Such as notified or listed.")] = ""
    authority: Annotated[str, typer.Option(help="Authority that collects or decides.")] = ""
    of: FieldOption = None


@grouped
def list_cases(
    code: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT]", help="Party of the case.")
    ] = None,
    *,
    wanted: CaseFilterOptions,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    answer: AnswerOptions,
) -> None:
    """List cases.

    Example: safetycredit list case list --state notified
    """
    states = code_numbers(ListCaseState.DESCRIPTOR)
    if wanted.state and wanted.state not in states:
        raise typer.BadParameter(f"{wanted.state} is no state; write one of {', '.join(states)}")
    with answer.session.lists(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListListCasesResponse:
            request = ListListCasesRequest(
                field=field(wanted.of),
                state=cast("ListCaseState", states.get(wanted.state, 0)),
                authority=wanted.authority,
                subject=subject(code) if code else None,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListListCases, request)

        found = read_pages(page, lambda one: len(one.list_cases), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(CASE_COLUMNS, map(case_row, found.list_cases))
    tell_rest(output(), found.next_page_token)
