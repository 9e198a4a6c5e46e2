"""``safetycredit record``: look at records, add, revise and revoke them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import uuid4

import typer
from google.protobuf.message import Message

from cli.client.connection import Client
from cli.commands.enterprise import tell_rest
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
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.examples import EXAMPLES
from cli.display.forms import FormError, fill, read_form
from cli.display.records import (
    EDITION_COLUMNS,
    RECORD_COLUMNS,
    describe_record,
    edition_row,
    record_row,
)
from cli.importing.targets import BODIES, code_numbers
from safetycredit.credit.v1 import credit_service_pb2
from safetycredit.credit.v1.credit_service_pb2 import (
    GetRecordRequest,
    ListRecordsRequest,
    ListRecordsResponse,
    ReviseRecordRequest,
    RevokeRecordRequest,
)
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.record_pb2 import Record, RecordKind

app = typer.Typer(no_args_is_help=True)

RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="Such as r-100001.")]
FormArgument = Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON.")]
EditionOption = Annotated[
    int | None, typer.Option(min=1, help="Edition that you have seen. Default: the latest.")
]
ReasonOption = Annotated[str, typer.Option(help="Why.")]
DocumentOption = Annotated[str, typer.Option(help="Number of the document that orders it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilterOptions:
    """Which records are wanted."""

    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="Such as penalty. May be repeated.")
    ] = None
    of: FieldOption = None
    authority: Annotated[str, typer.Option(help="Name of the issuing authority.")] = ""
    document: Annotated[str, typer.Option(help="Document number, whole.")] = ""
    since: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First day.")] = None
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Day after the last.")
    ] = None


@app.command("list")
@grouped
def list_records(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[SUBJECT]", help="Credit code, identifier or SCHEME:VALUE."),
    ] = None,
    *,
    wanted: RecordFilterOptions,
    reading: ReadOptions,
    limit: LimitOption = 50,
) -> None:
    """List records, oldest first.

    Example: safetycredit record list 91110105YY000001X9 --kind penalty
    """
    with reading.answer.session.credit(reading.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListRecordsResponse:
            request = ListRecordsRequest(
                subject=subject(code) if code else None,
                kinds=[_kind(one) for one in wanted.kinds or ()],
                field=field(wanted.of),
                authority=wanted.authority,
                document_number=wanted.document,
                event_start_date=day(wanted.since),
                event_end_date=day(wanted.before),
                as_of=day(reading.as_of),
                known_at=instant(reading.known_at),
                page_size=page_size,
                page_token=page_token,
                token=reading.token,
            )
            return client.call(client.stub.ListRecords, request)

        found = read_pages(page, lambda one: len(one.records), limit=limit)
    if reading.answer.json:
        print_json(found)
        return
    print_table(RECORD_COLUMNS, map(record_row, found.records))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def get(
    record_id: RecordArgument, *, known_at: KnownAtOption = None, answer: AnswerOptions
) -> None:
    """Print a record with all its editions.

    Example: safetycredit record get r-100001
    """
    with answer.session.credit(answer.target) as client:
        found = client.call(
            client.stub.GetRecord, GetRecordRequest(record_id=record_id, known_at=instant(known_at))
        )
    if answer.json:
        print_json(found)
        return
    print_pairs(describe_record(found.record))
    print_table(EDITION_COLUMNS, map(edition_row, found.editions))


@app.command()
def example(kind: Annotated[str, typer.Argument(help=f"One of {', '.join(BODIES)}.")]) -> None:
    """Print a file that ``record add`` takes, to begin one's own with.

    Example: safetycredit record example penalty > penalty.yaml
    """
    if kind not in EXAMPLES:
        raise typer.BadParameter(f"{kind} is no kind; write one of {', '.join(EXAMPLES)}")
    typer.echo(EXAMPLES[kind], nl=False)


@app.command()
@grouped
def add(file: FormArgument, *, answer: AnswerOptions) -> None:
    """Add a record from a file.

    The file holds the fields of the request, such as RecordPenaltyRequest. Days may
    be written as 2024-05-31 and amounts in yuan as 30000.00.

    Example: safetycredit record add penalty.yaml
    """
    content = read_form(file)
    kinds = [kind for kind in BODIES if kind in content]
    if len(kinds) != 1:
        raise FormError(
            f"{file} should hold header and exactly one of {', '.join(BODIES)}",
            advice="safetycredit record example penalty prints one.",
        )
    name = f"Record{BODIES[kinds[0]].name}"
    request = getattr(credit_service_pb2, f"{name}Request")()
    _fill_identified(request, content)
    with answer.session.credit(answer.target) as client:
        found = client.call(getattr(client.stub, name), request)
    if answer.json:
        print_json(found)
        return
    output().print("recorded before; nothing changed" if found.repeated else "recorded")
    print_pairs([*describe_record(found.record), ("token", found.point.token)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionOptions:
    """Why a record is corrected, and which edition."""

    reason: ReasonOption
    document: DocumentOption
    edition: EditionOption = None


@app.command()
@grouped
def revise(
    record_id: RecordArgument,
    file: FormArgument,
    *,
    correction: CorrectionOptions,
    answer: AnswerOptions,
) -> None:
    """Replace a record by a new edition; the earlier one stays in its history.

    The file holds ``header`` and the body, as for ``record add``, both whole.

    Example: safetycredit record revise r-100001 new.yaml --reason 更正 --document 更正1号
    """
    content = read_form(file)
    body = {kind: content.pop(kind) for kind in BODIES if kind in content}
    request = ReviseRecordRequest(reason=correction.reason, document_number=correction.document)
    _fill_identified(request, {**content, "body": body})
    request.record_id = record_id
    with answer.session.credit(answer.target) as client:
        request.edition = correction.edition or _latest(client, record_id).edition
        found = client.call(client.stub.ReviseRecord, request)
    if answer.json:
        print_json(found)
        return
    output().print("revised before; nothing changed" if found.repeated else "revised")
    print_pairs([*describe_record(found.record), ("token", found.point.token)])


@app.command()
@grouped
def revoke(
    record_id: RecordArgument, *, correction: CorrectionOptions, answer: AnswerOptions
) -> None:
    """Revoke a record: it never counted, for any day, once that is known.

    Example: safetycredit record revoke r-100001 --reason 复议撤销 --document 京行复1号
    """
    with answer.session.credit(answer.target) as client:
        request = RevokeRecordRequest(
            request_id=uuid4().hex,
            record_id=record_id,
            edition=correction.edition or _latest(client, record_id).edition,
            reason=correction.reason,
            document_number=correction.document,
        )
        found = client.call(client.stub.RevokeRecord, request)
    if answer.json:
        print_json(found)
        return
    output().print("revoked before; nothing changed" if found.repeated else "revoked")
    print_pairs([*describe_record(found.record), ("token", found.point.token)])


# Private functions -----------------------------------------------------------


def _kind(text: str) -> RecordKind:
    known = code_numbers(RecordKind.DESCRIPTOR)
    if text not in BODIES:
        raise typer.BadParameter(f"{text} is no kind; write one of {', '.join(BODIES)}")
    return cast("RecordKind", known[text])


def _fill_identified(request: Message, content: dict[str, Any]) -> None:
    """Fill a write's request, and name the call if the file does not."""
    content.setdefault("request_id", content.pop("requestId", uuid4().hex))
    fill(request, content)


def _latest(client: Client[CreditServiceStub], record_id: str) -> Record:
    return client.call(client.stub.GetRecord, GetRecordRequest(record_id=record_id)).record
