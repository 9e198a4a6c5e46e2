"""``safetycredit import``: a file of records, by mapping, into the credit service."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import grpc
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.client.failures import failure_of_call, failure_of_error
from cli.commands.option_groups import grouped
from cli.commands.options import TargetOption, session_of
from cli.display.console import messages, output, plain, print_failure, print_table
from cli.errors import EXIT_ROWS_REFUSED, EXIT_UNFINISHED
from cli.importing.mapping_files import built_in_names, read_mapping
from cli.importing.report import Report, Tally, open_report
from cli.importing.run import ImportPlan, prepare_import, run_import
from cli.importing.stream import ImportStream
from services.common.errors import SafetyCreditError

_PLAIN_SECONDS: Final = 5.0
"""House decision: how often progress is told where there is no terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingOptions:
    """How the columns of a file are read."""

    mapping: Annotated[
        str | None,
        typer.Option("--mapping", "-m", metavar="NAME|FILE", help="Built-in name, or a YAML file."),
    ] = None
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Use a constant in the mapping, e.g. header.field=fire. May be repeated.",
        ),
    ] = None
    list_mappings: Annotated[
        bool, typer.Option("--list-mappings", help="List the built-in mappings and stop.")
    ] = False


@grouped
def import_file(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="CSV, gzipped CSV or XLSX.")
    ] = None,
    *,
    by: MappingOptions,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="CSV", help="Write refused rows here, with reasons."),
    ] = None,
    target: TargetOption = None,
) -> None:
    """Import a file of records by a mapping.

    Every row is judged alone: a bad one is refused with its reason, and the others
    are stored. Importing a file again changes nothing; an import that broke off is
    continued by the same command.

    Exit code: 0 all rows stored or unchanged, 3 rows were refused, 1 not finished.

    Examples:
      safetycredit import penalties.xlsx --mapping penalty-publication --report refused.csv

      safetycredit import tw.csv.gz -m tw-osh

      safetycredit import fire.csv -m ./mine.yaml --set header.field=fire
    """
    if by.list_mappings:
        show_mappings()
        return
    if file is None or by.mapping is None:
        raise typer.BadParameter("name the file and its mapping: import FILE --mapping NAME")
    plan = prepare_import(file, read_mapping(by.mapping, _overrides(by.overrides or ())))
    tally = Tally()
    with session_of(ctx).credit(target) as client, open_report(report) as report_file:
        stream = ImportStream(client.stub, client.metadata)
        finished = _run_in_words(plan, stream, tally=tally, report=report_file)
    if report is not None:
        output().print(plain(f"refused rows, one by one: {report}"))
    if not finished:
        _explain_continuation(tally)
        raise typer.Exit(EXIT_UNFINISHED)
    if tally.refused:
        raise typer.Exit(EXIT_ROWS_REFUSED)


def show_mappings() -> None:
    """Print the mappings that come with the program."""
    rows = [(name, read_mapping(name).mapping.title) for name in built_in_names()]
    print_table(("mapping", "for"), rows)


# Private functions -----------------------------------------------------------


def _overrides(texts: list[str] | tuple[()]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        path, equals, value = text.partition("=")
        if not (path and equals):
            raise typer.BadParameter(f"write --set PATH=VALUE instead of --set {text}")
        pairs.append((path.strip(), value.strip()))
    return pairs


def _run_in_words(plan: ImportPlan, stream: ImportStream, *, tally: Tally, report: Report) -> bool:
    """Run an import, tell what became of it, and say whether it came to its end."""
    started = time.monotonic()
    finished = False
    try:
        _run(plan, stream, tally=tally, report=report)
        finished = True
    except grpc.RpcError as error:
        print_failure(failure_of_call(error))
    except SafetyCreditError as error:
        print_failure(failure_of_error(error))
    except KeyboardInterrupt:
        messages().print("interrupted")
    _summarise(tally, stream, seconds=time.monotonic() - started)
    return finished


def _run(plan: ImportPlan, stream: ImportStream, *, tally: Tally, report: Report) -> None:
    if not sys.stderr.isatty():
        run_import(plan, stream, tally=tally, report=report, progress=_PlainProgress())
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Progress(*columns, console=messages()) as bar:
        task = bar.add_task("importing", total=None, counts="")
        started = time.monotonic()

        def show(counts: Tally, fraction: float | None) -> None:
            rate = counts.rows / max(time.monotonic() - started, 1e-3)
            # The file is read ahead of the answers, so the end comes with the last one.
            bar.update(
                task,
                total=1.0 if fraction is not None else None,
                completed=fraction or 0.0,
                counts=f"{counts.rows:,} rows, {rate:,.0f}/s, {counts.refused.total():,} refused",
            )

        run_import(plan, stream, tally=tally, report=report, progress=show)


class _PlainProgress:
    """Tells progress in lines, now and then."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()

    def __call__(self, tally: Tally, fraction: float | None) -> None:
        now = time.monotonic()
        if now - self._told < _PLAIN_SECONDS:
            return
        self._told = now
        part = "" if fraction is None else f" ({fraction:.0%} of the file read)"
        rate = tally.rows / (now - self._started)
        messages().print(f"{tally.rows:,} rows{part}, {rate:,.0f} rows/s")


def _summarise(tally: Tally, stream: ImportStream, *, seconds: float) -> None:
    refused = tally.refused.total()
    counts = [
        f"{tally.stored:,} stored",
        f"{tally.unchanged:,} unchanged",
        f"{refused:,} refused",
    ]
    if tally.skipped:
        counts.append(f"{tally.skipped.total():,} skipped")
    rate = f"{tally.rows / seconds:,.0f} rows/s" if seconds > 0 else ""
    console = output()
    console.print(
        f"{tally.rows:,} rows in {seconds:.1f} s ({rate}): {', '.join(counts)};"
        f" {stream.enterprise_count:,} enterprises registered"
    )
    rows = [
        (reason, f"{count:,}", _examples(tally, reason))
        for reason, count in tally.refused.most_common()
    ]
    if rows:
        print_table(("refused because", "rows", "for example"), rows, numbers=(1,))
    for reason, count in tally.skipped.most_common():
        console.print(plain(f"skipped, as the mapping says: {count:,} rows {reason}"))


def _examples(tally: Tally, reason: str) -> str:
    return "\n".join(
        f"row {one.row_number} {one.document_number}: {one.message}".replace(" :", ":")
        for one in tally.examples[reason]
    )


def _explain_continuation(tally: Tally) -> None:
    last = f"up to row {tally.last_row_number:,}" if tally.rows else "no row"
    messages().print(
        f"The import did not finish: {last} has its answer. Run the same command again: rows"
        " that are stored already are answered as unchanged, and nothing is stored twice."
    )
