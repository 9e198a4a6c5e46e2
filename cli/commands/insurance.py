"""``safetycredit insurance``: who must insure, who has, and what is wrong with the cover."""

from dataclasses import dataclass
from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, ListOptions, ReadOptions, grouped
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    IndustryOption,
    KnownAtOption,
    SubjectArgument,
    day,
    instant,
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
@grouped
def obligation(
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
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Say whether an enterprise must insure, and why.

    Example: safetycredit insurance obligation 91110105YY000001X9 --activity large_events
    """
    request = GetInsuranceObligationRequest(
        subject=subject(code_text),
        policy_id=policy,
        activities=[_stated(one) for one in activities or ()],
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.insurance(reading.answer.target) as client:
        found = client.call(client.stub.GetInsuranceObligation, request)
    if reading.answer.json:
        print_json(found)
        return
    floor = found.limit_per_person_floor
    print_pairs(
        [
            ("enterprise", found.enterprise_id),
            ("class", class_text(found.obligation_class)),
            ("floor per person", money(floor) if found.HasField("limit_per_person_floor") else ""),
            ("changes on", day_text(found.valid_until_date)),
            *describe_basis(found.basis),
        ]
    )
    print_lines(found.lines, language=lang)


@app.command()
@grouped
def obligations(
    *,
    classes: ClassesOption = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    listing: ListOptions,
) -> None:
    """List what enterprises owe.

    Example: safetycredit insurance obligations --division 110105 --class compulsory
    """
    with listing.answer.session.insurance(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListObligationsResponse:
            request = ListObligationsRequest(
                classes=_classes(classes),
                division=division,
                industry=industry,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListObligations, request)

        found = read_pages(page, lambda one: len(one.obligations), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(OBLIGATION_COLUMNS, map(obligation_row, found.obligations), numbers=(4,))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def cover(
    code_text: SubjectArgument, *, reading: ReadOptions, lang: LanguageOption = Language.ZH
) -> None:
    """Show the covers in force, endorsements applied, and what is wrong with them.

    Example: safetycredit insurance cover 91110105YY000001X9 --as-of 2026-06-01
    """
    request = GetCoverRequest(
        subject=subject(code_text),
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.insurance(reading.answer.target) as client:
        found = client.call(client.stub.GetCover, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs(
        [
            ("enterprise", found.enterprise_id),
            ("class", class_text(found.obligation_class)),
            ("insured persons", str(found.insured_headcount)),
            *describe_basis(found.basis),
        ]
    )
    if found.covers:
        print_table(COVER_COLUMNS, map(cover_row, found.covers), numbers=(6, 7, 8, 9, 10))
    if found.findings:
        rows = [finding_row(one, lang) for one in found.findings]
        print_table(FINDING_COLUMNS, rows, title="what is wrong", numbers=(2, 3))


@app.command()
@grouped
def findings(
    *,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Such as uninsured or lapsed. May be repeated."),
    ] = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    listing: ListOptions,
) -> None:
    """List the enterprises whose cover is wrong: 应投未投, 未全员, 未足额, 脱保 and the like.

    Example: safetycredit insurance findings --division 110105 --kind uninsured
    """
    with listing.answer.session.insurance(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListCoverFindingsResponse:
            request = ListCoverFindingsRequest(
                kinds=[_kind(one) for one in kinds or ()],
                division=division,
                industry=industry,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListCoverFindings, request)

        found = read_pages(page, lambda one: len(one.enterprises), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(FOUND_COLUMNS, map(found_row, found.enterprises))
    tell_rest(output(), found.next_page_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationOptions:
    """Which months, classes and enterprises are counted, and what is told apart."""

    since: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="A day of the first month. Default: a year ago."),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="A day of the last month. Default: this one."),
    ] = None
    classes: ClassesOption = None
    division: DivisionOption = ""
    industry: IndustryOption = ""
    by_division: Annotated[bool, typer.Option("--by-division", help="Tell divisions apart.")] = (
        False
    )
    by_industry: Annotated[bool, typer.Option("--by-industry", help="Tell sections apart.")] = False


@app.command()
@grouped
def participation(
    *,
    wanted: ParticipationOptions,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    answer: AnswerOptions,
) -> None:
    """Count who must insure and who does, month by month, with a curve.

    Example: safetycredit insurance participation --division 110000 --by-division
    """
    request = GetParticipationRequest(
        first_month=day(wanted.since),
        last_month=day(wanted.until),
        classes=_classes(wanted.classes),
        division=wanted.division,
        industry=wanted.industry,
        by_division=wanted.by_division,
        by_industry=wanted.by_industry,
        as_of=day(as_of),
        known_at=instant(known_at),
    )
    with answer.session.insurance(answer.target) as client:
        found = client.call(client.stub.GetParticipation, request)
    if answer.json:
        print_json(found)
        return
    rows = map(participation_row, found.participations)
    print_table(PARTICIPATION_COLUMNS, rows, numbers=(3, 4, 5, 6))
    print_pairs(curves(found.participations), title="participation over time")


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
