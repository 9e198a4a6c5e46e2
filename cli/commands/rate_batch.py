"""``safetycredit rate batch``: rates of many enterprises in one stream."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Final

import typer
from rich.progress import Progress

from cli.client.connection import Client
from cli.commands.option_groups import grouped
from cli.commands.options import AsOfOption, KnownAtOption, TargetOption, day, instant, session_of
from cli.commands.options import subject as subject_of
from cli.commands.rate_options import (
    TRANSACTIONS,
    CoverStartOption,
    PlanOptions,
    Transaction,
    TransactionOption,
    limit_of,
    rate_input,
)
from cli.display.console import messages, output, plain, print_table
from cli.display.explanations import policy_name
from cli.display.wording import code, money
from cli.display.wording import day as day_text
from cli.errors import CliError
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.rate_service_pb2 import (
    BatchRate,
    BatchRateItem,
    BatchRateTerms,
    BatchRecommendRatesRequest,
)
from safetycredit.scoring.v1.rate_service_pb2_grpc import RateServiceStub

ROWS_OF_A_MESSAGE: Final = 1000
"""Most enterprises that the service takes in a message."""

ROWS_SHOWN: Final = 50
"""House decision: more than a screen is asked for as a file."""

COLUMNS: Final = (
    "subject",
    "result",
    "base premium",
    "factor",
    "premium",
    "plan",
    "holds until",
    "refusal",
)
_SUBJECT: Final = "subject"
_HEADCOUNT: Final = "insured_headcount"
_LIMIT: Final = "limit_per_person"
_STREAM_SECONDS: Final = 600.0

Row = dict[str, str]


class RowsMalformedError(CliError):
    """A file has no enterprises to be rated."""

    reason = "ROWS_MALFORMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOptions:
    """What the rates of all enterprises have in common."""

    plan: PlanOptions
    transaction: TransactionOption = Transaction.NEW
    cover_start: CoverStartOption = None
    as_of: AsOfOption = None
    known_at: KnownAtOption = None

    def written(self) -> BatchRateTerms:
        """Write them for the service."""
        return BatchRateTerms(
            policy_id=self.plan.policy,
            insurer=self.plan.insurer,
            transaction_kind=TRANSACTIONS[self.transaction],
            cover_start_date=day(self.cover_start),
            as_of=day(self.as_of),
            known_at=instant(self.known_at),
        )


@grouped
def batch(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            dir_okay=False,
            help="CSV with a column subject, and insured_headcount, limit_per_person or inputs"
            " of the plan; or one credit code a line.",
        ),
    ],
    *,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="CSV to write all results to.")
    ] = None,
    terms: TermsOptions,
    target: TargetOption = None,
) -> None:
    """Recommend rates for many enterprises at one point of the store.

    Example: safetycredit rate batch enterprises.csv --to rates.csv
    """
    rows = _rows(file)
    with session_of(ctx).rates(target) as client, Progress(console=messages()) as bar:
        task = bar.add_task("rating", total=len(rows))
        results = _rated(client, terms.written(), rows, lambda count: bar.advance(task, count))
    lines = [(row[_SUBJECT], *_cells(result)) for row, result in zip(rows, results, strict=True)]
    if to is None:
        print_table(COLUMNS, lines[:ROWS_SHOWN], numbers=(2, 3, 4))
        if len(lines) > ROWS_SHOWN:
            output().print(plain(f"and {len(lines) - ROWS_SHOWN} more; write all with --to FILE"))
    else:
        with to.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *lines])
    refused = sum(bool(result.error_reason) for result in results)
    output().print(plain(f"{len(results) - refused} rated, {refused} refused"))


# Private functions -----------------------------------------------------------


def _rows(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(_read(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RowsMalformedError(f"{file} cannot be read as CSV", file=file) from error
    if not rows:
        raise RowsMalformedError(f"{file} names no enterprise", file=file)
    return rows


def _read(stream: IO[str]) -> Iterator[Row]:
    table = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    if not table or _SUBJECT not in table[0]:
        return iter([{_SUBJECT: row[0].strip()} for row in table])
    header = [name.strip() for name in table[0]]
    return iter([_named(header, row) for row in table[1:]])


def _named(header: Sequence[str], row: Sequence[str]) -> Row:
    return {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}


def _rated(
    client: Client[RateServiceStub],
    terms: BatchRateTerms,
    rows: Sequence[Row],
    progress: Callable[[int], Any],
) -> list[BatchRate]:
    results: list[BatchRate] = []
    answers = client.stub.BatchRecommendRates(
        _messages(terms, rows), metadata=client.metadata, timeout=_STREAM_SECONDS
    )
    for answer in answers:
        results += answer.results
        progress(len(answer.results))
    return results


def _messages(terms: BatchRateTerms, rows: Sequence[Row]) -> Iterator[BatchRecommendRatesRequest]:
    first: BatchRateTerms | None = terms
    for start in range(0, len(rows), ROWS_OF_A_MESSAGE):
        items = [_item(row) for row in rows[start : start + ROWS_OF_A_MESSAGE]]
        yield BatchRecommendRatesRequest(terms=first, items=items)
        first = None


def _item(row: Row) -> BatchRateItem:
    headcount = row.get(_HEADCOUNT)
    if headcount is not None and not headcount.isdecimal():
        raise RowsMalformedError(
            f"{row.get(_SUBJECT)}: write the headcount as a whole number", value=headcount
        )
    own = {_SUBJECT, _HEADCOUNT, _LIMIT}
    return BatchRateItem(
        subject=subject_of(row.get(_SUBJECT, "")),
        insured_headcount=None if headcount is None else int(headcount),
        limit_per_person=limit_of(row.get(_LIMIT)),
        inputs=[rate_input(name, value) for name, value in row.items() if name not in own],
    )


def _cells(result: BatchRate) -> tuple[str, ...]:
    rate = result.rate.recommendation
    return (
        code(ResultStatus.DESCRIPTOR, rate.status),
        money(rate.base_premium),
        rate.factor.value,
        money(rate.premium),
        policy_name(result.rate.basis.policy),
        day_text(rate.valid_until_date),
        f"{result.error_reason}: {result.error_message}" if result.error_reason else "",
    )
