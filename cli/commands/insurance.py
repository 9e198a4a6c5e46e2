"""``safetycredit insurance``: who must insure, who has, and what is wrong with the cover."""

from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    IndustryOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, print_lines
from cli.display.insurance import (
    COVER_COLUMNS,
    FINDING_COLUMNS,
    FOUND_COLUMNS,
    OBLIGATION_COLUMNS,
    PARTICIPATION_COLUMNS,
    class_text,
    cover_row,
    curves,
    finding_row,
    found_row,
    obligation_row,
    participation_row,
)
from cli.display.wording import day as day_text
from cli.display.wording import money
from cli.importing.targets import code_numbers
from safetycredit.scoring.v1.insurance_service_pb2 import (
    CoverFindingKind,
    GetCoverRequest,
    GetInsuranceObligationRequest,
    GetParticipationRequest,
    ListCoverFindingsRequest,
    ListCoverFindingsResponse,
    ListObligationsRequest,
    ListObligationsResponse,
    ObligationClass,
    StatedActivity,
)

app = typer.Typer(no_args_is_help=True)

ClassesOption = Annotated[
    list[str] | None,
    typer.Option("--class", help="compulsory, key, encouraged or none. May be repeated."),
]


@app.command()
def obligation(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    activities: Annotated[
        list[str] | None,
        typer.Option(
            "--activity",
            help="What it does besides what is declared, such as large_events; no-large_events"
            " denies it. May be repeated.",
        ),
    ] = None,
    policy: Annotated[
        str, typer.Option("--policy", help="Obligation policy. Default: the most local one.")
    ] = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Say whether an enterprise must insure, and why.

    Example: safetycredit insurance obligation 91110105YY000001X9 --activity large_events
    """
    request = GetInsuranceObligationRequest(
        subject=subject(code_text),
        policy_id=policy,
        activities=[_stated(one) for one in activities or ()],
        as_of=day(as_of),
        known_at=instant(known_at),
        token=token,
    )
    with session_of(ctx).insurance(target) as client:
        answer = client.call(client.stub.GetInsuranceObligation, request)
    if json:
        print_json(answer)
        return
    floor = answer.limit_per_person_floor
    print_pairs(
        [
            ("enterprise", answer.enterprise_id),
            ("class", class_text(answer.obligation_class)),
            ("floor per person", money(floor) if answer.HasField("limit_per_person_floor") else ""),
            ("changes on", day_text(answer.valid_until_date)),
            *describe_basis(answer.basis),
        ]
    )
    print_lines(answer.lines, language=lang)


@app.command()
def obligations(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    classes: ClassesOption = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List what enterprises owe.

    Example: safetycredit insurance obligations --division 110105 --class compulsory
    """
    with session_of(ctx).insurance(target) as client:

        def page(page_size: int, page_token: str) -> ListObligationsResponse:
            request = ListObligationsRequest(
                classes=_classes(classes),
                division=division,
                industry=industry,
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListObligations, request)

        answer = read_pages(page, lambda found: len(found.obligations), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(OBLIGATION_COLUMNS, map(obligation_row, answer.obligations), numbers=(4,))
    tell_rest(output(), answer.next_page_token)


@app.command()
def cover(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Show the covers in force, endorsements applied, and what is wrong with them.

    Example: safetycredit insurance cover 91110105YY000001X9 --as-of 2026-06-01
    """
    request = GetCoverRequest(
        subject=subject(code_text), as_of=day(as_of), known_at=instant(known_at), token=token
    )
    with session_of(ctx).insurance(target) as client:
        answer = client.call(client.stub.GetCover, request)
    if json:
        print_json(answer)
        return
    print_pairs(
        [
            ("enterprise", answer.enterprise_id),
            ("class", class_text(answer.obligation_class)),
            ("insured persons", str(answer.insured_headcount)),
            *describe_basis(answer.basis),
        ]
    )
    if answer.covers:
        print_table(COVER_COLUMNS, map(cover_row, answer.covers), numbers=(6, 7, 8, 9, 10))
    if answer.findings:
        rows = [finding_row(one, lang) for one in answer.findings]
        print_table(FINDING_COLUMNS, rows, title="what is wrong", numbers=(2, 3))


@app.command()
def findings(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Such as uninsured or lapsed. May be repeated."),
    ] = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List the enterprises whose cover is wrong: 应投未投, 未全员, 未足额, 脱保 and the like.

    Example: safetycredit insurance findings --division 110105 --kind uninsured
    """
    with session_of(ctx).insurance(target) as client:

        def page(page_size: int, page_token: str) -> ListCoverFindingsResponse:
            request = ListCoverFindingsRequest(
                kinds=[_kind(one) for one in kinds or ()],
                division=division,
                industry=industry,
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListCoverFindings, request)

        answer = read_pages(page, lambda found: len(found.enterprises), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(FOUND_COLUMNS, map(found_row, answer.enterprises))
    tell_rest(output(), answer.next_page_token)


@app.command()
def participation(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="A day of the first month. Default: a year ago."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="A day of the last month. Default: this one."),
    ] = None,
    classes: ClassesOption = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    by_division: Annotated[
        bool, typer.Option("--by-division", help="Tell divisions apart.")
    ] = False,
    by_industry: Annotated[
        bool, typer.Option("--by-industry", help="Tell sections apart.")
    ] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Count who must insure and who does, month by month, with a curve.

    Example: safetycredit insurance participation --division 110000 --by-division
    """
    request = GetParticipationRequest(
        first_month=day(since),
        last_month=day(until),
        classes=_classes(classes),
        division=division,
        industry=industry,
        by_division=by_division,
        by_industry=by_industry,
        as_of=day(as_of),
        known_at=instant(known_at),
    )
    with session_of(ctx).insurance(target) as client:
        answer = client.call(client.stub.GetParticipation, request)
    if json:
        print_json(answer)
        return
    rows = map(participation_row, answer.participations)
    print_table(PARTICIPATION_COLUMNS, rows, numbers=(3, 4, 5, 6))
    print_pairs(curves(answer.participations), title="participation over time")


# Private functions -----------------------------------------------------------


def _stated(text: str) -> StatedActivity:
    denied = text.startswith("no-")
    return StatedActivity(activity=text.removeprefix("no-"), stated=not denied)


def _classes(texts: list[str] | None) -> list[ObligationClass]:
    known = code_numbers(ObligationClass.DESCRIPTOR)
    for text in texts or ():
        if not known.get(text):
            names = ", ".join(name for name, number in known.items() if number)
            raise typer.BadParameter(f"{text} is no class; write one of {names}")
    return [cast("ObligationClass", known[text]) for text in texts or ()]


def _kind(text: str) -> CoverFindingKind:
    known = code_numbers(CoverFindingKind.DESCRIPTOR)
    if not known.get(text):
        names = ", ".join(name for name, number in known.items() if number)
        raise typer.BadParameter(f"{text} is no kind of finding; write one of {names}")
    return cast("CoverFindingKind", known[text])
