"""``safetycredit list``: where subjects stand with blacklists and redlists."""

from typing import Annotated

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import ListOptions, ReadOptions, grouped
from cli.commands.options import (
    DivisionOption,
    FieldOption,
    IndustryOption,
    SubjectArgument,
    day,
    field,
    instant,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, print_lines, wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.list_service_pb2 import (
    GetListStatusRequest,
    ListCandidatesRequest,
    ListCandidatesResponse,
    ListStanding,
    ListStatus,
)

app = typer.Typer(no_args_is_help=True)


@app.command()
@grouped
def status(
    code_text: SubjectArgument,
    *,
    of: FieldOption = None,
    policy: Annotated[str, typer.Option("--policy", help="One list. Default: all.")] = "",
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Print where a subject stands with every list, and why.

    Example: safetycredit list status 91110106YY0000095M --lang en
    """
    request = GetListStatusRequest(
        subject=subject(code_text),
        field=field(of),
        policy_id=policy,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.lists(reading.answer.target) as client:
        found = client.call(client.stub.GetListStatus, request)
    if reading.answer.json:
        print_json(found)
        return
    for one in found.statuses:
        print_pairs([*_describe(one), *describe_basis(one.basis)])
        if one.reasons:
            print_lines(one.reasons, language=lang, title="circumstances")


@app.command()
@grouped
def candidates(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The list's policy.")],
    *,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    listing: ListOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """List the candidates of a list; none of them is listed before due process ends.

    Example: safetycredit list candidates cn.serious-dishonesty-list
    """
    with listing.answer.session.lists(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListCandidatesResponse:
            request = ListCandidatesRequest(
                policy_id=policy,
                division=division,
                industry=industry,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListCandidates, request)

        found = read_pages(page, lambda one: len(one.candidates), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(
        ("subject", "credit code", "name", "because", "until"),
        [
            (
                one.subject_id,
                one.credit_code,
                one.name,
                "\n".join(f"{line.rule_id} {wording(line.wording, lang)}" for line in one.reasons),
                day_text(one.valid_until_date),
            )
            for one in found.candidates
        ],
    )
    print_pairs(describe_basis(found.basis))
    tell_rest(output(), found.next_page_token)


# Private functions -----------------------------------------------------------


def _describe(status: ListStatus) -> list[tuple[str, str]]:
    entry = status.entry.entry
    return [
        ("subject", f"{status.name} {status.credit_code or status.subject_id}"),
        ("standing", code(ListStanding.DESCRIPTOR, status.standing)),
        ("holds until", day_text(status.valid_until_date)),
        ("entry", entry.entry_id),
        ("decided by", f"{entry.authority} {entry.document_number}".strip()),
        ("listed from", day_text(entry.start_date)),
    ]
