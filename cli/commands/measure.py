"""``safetycredit measure``: the catalogue of measures, and what departments did with them."""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.enumerations import member
from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import AsOfOption, FieldOption, LimitOption, day, field, instant
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.measure_service_pb2 import (
    GetMeasureStatisticsRequest,
    ListMeasureReportsRequest,
    ListMeasureReportsResponse,
    ListMeasuresRequest,
    Measure,
    MeasureOutcome,
    MeasureReport,
    ReportMeasureRequest,
)

app = typer.Typer(no_args_is_help=True)

KindOption = Annotated[str, typer.Option("--kind", help="blacklist or redlist. Default: both.")]
OUTCOMES = "applied, refused or lifted"


@app.command("list")
@grouped
def list_measures(
    *,
    kind: KindOption = "",
    of: FieldOption = None,
    allowed: Annotated[
        bool, typer.Option("--allowed", help="Only what a decision of the day may use.")
    ] = False,
    as_of: AsOfOption = None,
    answer: AnswerOptions,
) -> None:
    """List the catalogue of measures with basis and edition, as it stands on a day.

    Example: safetycredit measure list --kind blacklist --allowed
    """
    request = ListMeasuresRequest(
        kind=member(kind, ListKind, "kind"), field=field(of), allowed=allowed, as_of=day(as_of)
    )
    with answer.session.measures(answer.target) as client:
        found = client.call(client.stub.ListMeasures, request)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("code", "list", "措施", "measure", "basis", "editions", "allowed"),
        map(_measure_row, found.measures),
    )
    print_pairs([("as of", day_text(found.as_of)), ("edition in force", found.edition)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """Why, by which document, and when."""

    reason: Annotated[str, typer.Option(help="Why it was refused.")] = ""
    document: Annotated[str, typer.Option(help="Number of its document.")] = ""
    date: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Day of it. Default: today.")
    ] = None


@app.command()
@grouped
def report(
    entry_id: Annotated[str, typer.Argument(metavar="ENTRY", help="Such as l-100001.")],
    measure: Annotated[str, typer.Argument(metavar="MEASURE", help="Code of the catalogue.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help=OUTCOMES)],
    *,
    said: ReportOptions,
    answer: AnswerOptions,
) -> None:
    """Report what your department did with a measure of an entry; say who you are by --authority.

    Example: safetycredit measure report l-100001 more_inspections applied
    """
    request = ReportMeasureRequest(
        request_id=str(uuid4()),
        entry_id=entry_id,
        measure=measure,
        outcome=member(outcome, MeasureOutcome, "outcome"),
        reason=said.reason,
        document_number=said.document,
        date=day(said.date),
    )
    with answer.session.measures(answer.target) as client:
        found = client.call(client.stub.ReportMeasure, request)
    if answer.json:
        print_json(found)
        return
    output().print("reported before; nothing changed" if found.repeated else "reported")
    print_table(_REPORT_COLUMNS, [_report_row(found.report)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilterOptions:
    """Which reports are wanted."""

    entry_id: Annotated[str, typer.Option("--entry", help="Such as l-100001.")] = ""
    measure: Annotated[str, typer.Option(help="Code of the catalogue.")] = ""
    department: Annotated[str, typer.Option(help="Who reported, whole name.")] = ""
    outcome: Annotated[str, typer.Option(help=OUTCOMES)] = ""


@app.command()
@grouped
def reports(*, wanted: ReportFilterOptions, reading: ReadOptions, limit: LimitOption = 50) -> None:
    """List what departments reported of the measures of entries.

    Example: safetycredit measure reports --entry l-100001
    """
    with reading.answer.session.measures(reading.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListMeasureReportsResponse:
            request = ListMeasureReportsRequest(
                entry_id=wanted.entry_id,
                measure=wanted.measure,
                department=wanted.department,
                outcome=member(wanted.outcome, MeasureOutcome, "outcome"),
                as_of=day(reading.as_of),
                known_at=instant(reading.known_at),
                page_size=page_size,
                page_token=page_token,
                token=reading.token,
            )
            return client.call(client.stub.ListMeasureReports, request)

        found = read_pages(page, lambda one: len(one.reports), limit=limit)
    if reading.answer.json:
        print_json(found)
        return
    print_table(_REPORT_COLUMNS, map(_report_row, found.reports))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def statistics(*, kind: KindOption = "", of: FieldOption = None, reading: ReadOptions) -> None:
    """Count by measure and department: carried, applied, refused, lifted, open after removal.

    Example: safetycredit measure statistics --kind blacklist
    """
    request = GetMeasureStatisticsRequest(
        kind=member(kind, ListKind, "kind"),
        field=field(of),
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.measures(reading.answer.target) as client:
        found = client.call(client.stub.GetMeasureStatistics, request)
    if reading.answer.json:
        print_json(found)
        return
    print_table(
        ("measure", "carried", "unreported", "department", "applied", "refused", "lifted", "open"),
        [
            row
            for totals in found.measures
            for row in (
                (totals.measure, str(totals.carrying), str(totals.unreported), "", "", "", "", ""),
                *(
                    (
                        "",
                        "",
                        "",
                        one.department,
                        str(one.applied),
                        str(one.refused),
                        str(one.lifted),
                        str(one.open_after_removal),
                    )
                    for one in totals.departments
                ),
            )
        ],
        numbers=(1, 2, 4, 5, 6, 7),
    )


# Private functions -----------------------------------------------------------

_REPORT_COLUMNS = ("report", "entry", "measure", "department", "outcome", "day", "reason")


def _measure_row(measure: Measure) -> tuple[str, ...]:
    return (
        measure.code,
        code(ListKind.DESCRIPTOR, measure.kind),
        measure.wording.zh,
        measure.wording.en,
        "; ".join(f"{one.instrument} {one.article}" for one in measure.basis),
        ", ".join(one.edition for one in measure.editions),
        "yes" if measure.allowed else "no",
    )


def _report_row(report: MeasureReport) -> tuple[str, ...]:
    return (
        report.report_id,
        report.entry_id,
        report.measure,
        report.department,
        code(MeasureOutcome.DESCRIPTOR, report.outcome),
        day_text(report.date),
        report.reason,
    )
