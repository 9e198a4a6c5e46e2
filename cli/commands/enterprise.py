"""``safetycredit enterprise``: register, look up and search enterprises."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console

from cli.commands.option_groups import AnswerOptions, ListOptions, ReadOptions, grouped
from cli.commands.options import (
    DivisionOption,
    FieldOption,
    IndustryOption,
    LimitOption,
    SubjectArgument,
    day,
    field,
    instant,
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
@grouped
def get(
    code: SubjectArgument,
    *,
    reading: ReadOptions,
    history: Annotated[bool, typer.Option("--history", help="Print every period.")] = False,
) -> None:
    """Print one enterprise, as it was on a day.

    Example: safetycredit enterprise get 91110105YY000001X9 --history
    """
    request = GetEnterpriseRequest(
        subject=subject(code),
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        with_history=history,
        token=reading.token,
    )
    with reading.answer.session.credit(reading.answer.target) as client:
        found = client.call(client.stub.GetEnterprise, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs(describe_enterprise(found.enterprise))
    if found.enterprise.history:
        print_table(
            ("from", "to", "name", "division", "state", "document", "recorded", "superseded"),
            map(version_row, found.enterprise.history),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFilterOptions:
    """Which enterprises are wanted; every condition given must hold."""

    name: Annotated[str, typer.Option(help="Part of the name, present or past.")] = ""
    code: Annotated[str, typer.Option(help="Credit code, whole.")] = ""
    division: DivisionOption = ""
    industry: IndustryOption = ""
    of: FieldOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions(ListOptions):
    """What a search is given; a person reads fewer rows of it than of a list."""

    limit: LimitOption = 20


@app.command()
@grouped
def search(*, wanted: EnterpriseFilterOptions, listing: SearchOptions) -> None:
    """Search enterprises; every condition given must hold.

    Example: safetycredit enterprise search --division 110105 --industry C
    """
    with listing.answer.session.credit(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> SearchEnterprisesResponse:
            request = SearchEnterprisesRequest(
                name_contains=wanted.name,
                credit_code=wanted.code,
                division=wanted.division,
                industry=wanted.industry,
                field=field(wanted.of),
                page_size=page_size,
                page_token=page_token,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
            )
            return client.call(client.stub.SearchEnterprises, request)

        found = read_pages(page, lambda one: len(one.enterprises), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(_COLUMNS, map(enterprise_row, found.enterprises))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def register(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON.")],
    *,
    answer: AnswerOptions,
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
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.RegisterEnterprise, request)
    if answer.json:
        print_json(found)
        return
    output().print("registered before" if found.repeated else "registered")
    print_pairs([*describe_enterprise(found.enterprise), ("token", found.point.token)])


def tell_rest(console: Console, next_page_token: str) -> None:
    """Say that there are more rows than were printed."""
    if next_page_token:
        console.print("… and more: raise --limit")
