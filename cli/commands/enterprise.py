"""``safetycredit enterprise``: register, look up and search enterprises."""

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console

from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    IndustryOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.enterprises import describe_enterprise, enterprise_row, version_row
from cli.display.forms import fill, read_form
from safetycredit.credit.v1.credit_service_pb2 import (
    GetEnterpriseRequest,
    RegisterEnterpriseRequest,
    SearchEnterprisesRequest,
    SearchEnterprisesResponse,
)

app = typer.Typer(no_args_is_help=True)

_COLUMNS = ("enterprise", "identity", "name", "division", "industry", "fields", "state")


@app.command()
def get(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: SubjectArgument,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    history: Annotated[bool, typer.Option("--history", help="Print every period.")] = False,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print one enterprise, as it was on a day.

    Example: safetycredit enterprise get 91110105YY000001X9 --history
    """
    request = GetEnterpriseRequest(
        subject=subject(code),
        as_of=day(as_of),
        known_at=instant(known_at),
        with_history=history,
        token=token,
    )
    with session_of(ctx).credit(target) as client:
        answer = client.call(client.stub.GetEnterprise, request)
    if json:
        print_json(answer)
        return
    print_pairs(describe_enterprise(answer.enterprise))
    if answer.enterprise.history:
        print_table(
            ("from", "to", "name", "division", "state", "document", "recorded", "superseded"),
            map(version_row, answer.enterprise.history),
        )


@app.command()
def search(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="Part of the name, present or past.")] = "",
    code: Annotated[str, typer.Option(help="Credit code, whole.")] = "",
    division: DivisionOption = "",
    industry: IndustryOption = "",
    of: FieldOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 20,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Search enterprises; every condition given must hold.

    Example: safetycredit enterprise search --division 110105 --industry C
    """
    session = session_of(ctx)

    with session.credit(target) as client:

        def page(page_size: int, page_token: str) -> SearchEnterprisesResponse:
            request = SearchEnterprisesRequest(
                name_contains=name,
                credit_code=code,
                division=division,
                industry=industry,
                field=field(of),
                page_size=page_size,
                page_token=page_token,
                as_of=day(as_of),
                known_at=instant(known_at),
            )
            return client.call(client.stub.SearchEnterprises, request)

        answer = read_pages(page, lambda found: len(found.enterprises), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(_COLUMNS, map(enterprise_row, answer.enterprises))
    tell_rest(output(), answer.next_page_token)


@app.command()
def register(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON.")],
    *,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Register an enterprise from a file.

    The file holds the fields of RegisterEnterpriseRequest, for example:

      identity: {credit_code: 91110105YY000001X9}

      profile: {name: 北京样例有限公司, division: "110105", fields: [work_safety]}

    Example: safetycredit enterprise register enterprise.yaml
    """
    request = RegisterEnterpriseRequest()
    fill(request, read_form(file))
    request.request_id = request.request_id or uuid4().hex
    with session_of(ctx).credit(target) as client:
        answer = client.call(client.stub.RegisterEnterprise, request)
    if json:
        print_json(answer)
        return
    output().print("registered before" if answer.repeated else "registered")
    print_pairs([*describe_enterprise(answer.enterprise), ("token", answer.point.token)])


def tell_rest(console: Console, next_page_token: str) -> None:
    """Say that there are more rows than were printed."""
    if next_page_token:
        console.print("… and more: raise --limit")
