"""``safetycredit record``: look at records, add, revise and revoke them."""

from pathlib import Path
from typing import Annotated, Any, cast
from uuid import uuid4

import typer
from google.protobuf.message import Message

from cli.client.connection import Client
from cli.commands.enterprise import tell_rest
from cli.commands.options import (
    AsOfOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
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


@app.command("list")
def list_records(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: Annotated[
        str | None,
        typer.Argument(metavar="[SUBJECT]", help="Credit code, identifier or SCHEME:VALUE."),
    ] = None,
    *,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="Such as penalty. May be repeated.")
    ] = None,
    of: FieldOption = None,
    authority: Annotated[str, typer.Option(help="Name of the issuing authority.")] = "",
    document: Annotated[str, typer.Option(help="Document number, whole.")] = "",
    since: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First day.")] = None,
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Day after the last.")
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List records, oldest first.

    Example: safetycredit record list 91110105YY000001X9 --kind penalty
    """
    with session_of(ctx).credit(target) as client:

        def page(page_size: int, page_token: str) -> ListRecordsResponse:
            request = ListRecordsRequest(
                subject=subject(code) if code else None,
                kinds=[_kind(one) for one in kinds or ()],
                field=field(of),
                authority=authority,
                document_number=document,
                event_start_date=day(since),
                event_end_date=day(before),
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
                token=token,
            )
            return client.call(client.stub.ListRecords, request)

        answer = read_pages(page, lambda found: len(found.records), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(RECORD_COLUMNS, map(record_row, answer.records))
    tell_rest(output(), answer.next_page_token)


@app.command()
def get(
    ctx: typer.Context,
    record_id: RecordArgument,
    *,
    known_at: KnownAtOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print a record with all its editions.

    Example: safetycredit record get r-100001
    """
    with session_of(ctx).credit(target) as client:
        answer = client.call(
            client.stub.GetRecord,
            GetRecordRequest(record_id=record_id, known_at=instant(known_at)),
        )
    if json:
        print_json(answer)
        return
    print_pairs(describe_record(answer.record))
    print_table(EDITION_COLUMNS, map(edition_row, answer.editions))


@app.command()
def example(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(BODIES)}.")],
) -> None:
    """Print a file that ``record add`` takes, to begin one's own with.

    Example: safetycredit record example penalty > penalty.yaml
    """
    if kind not in EXAMPLES:
        raise typer.BadParameter(f"{kind} is no kind; write one of {', '.join(EXAMPLES)}")
    typer.echo(EXAMPLES[kind], nl=False)


@app.command()
def add(
    ctx: typer.Context,
    file: FormArgument,
    *,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
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
    with session_of(ctx).credit(target) as client:
        answer = client.call(getattr(client.stub, name), request)
    if json:
        print_json(answer)
        return
    output().print("recorded before; nothing changed" if answer.repeated else "recorded")
    print_pairs([*describe_record(answer.record), ("token", answer.point.token)])


@app.command()
def revise(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    record_id: RecordArgument,
    file: FormArgument,
    *,
    reason: ReasonOption,
    document: DocumentOption,
    edition: EditionOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Replace a record by a new edition; the earlier one stays in its history.

    The file holds ``header`` and the body, as for ``record add``, both whole.

    Example: safetycredit record revise r-100001 new.yaml --reason 更正 --document 更正1号
    """
    content = read_form(file)
    body = {kind: content.pop(kind) for kind in BODIES if kind in content}
    request = ReviseRecordRequest(reason=reason, document_number=document)
    _fill_identified(request, {**content, "body": body})
    request.record_id = record_id
    with session_of(ctx).credit(target) as client:
        request.edition = edition or _latest(client, record_id).edition
        answer = client.call(client.stub.ReviseRecord, request)
    if json:
        print_json(answer)
        return
    output().print("revised before; nothing changed" if answer.repeated else "revised")
    print_pairs([*describe_record(answer.record), ("token", answer.point.token)])


@app.command()
def revoke(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    record_id: RecordArgument,
    *,
    reason: ReasonOption,
    document: DocumentOption,
    edition: EditionOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Revoke a record: it never counted, for any day, once that is known.

    Example: safetycredit record revoke r-100001 --reason 复议撤销 --document 京行复1号
    """
    with session_of(ctx).credit(target) as client:
        request = RevokeRecordRequest(
            request_id=uuid4().hex,
            record_id=record_id,
            edition=edition or _latest(client, record_id).edition,
            reason=reason,
            document_number=document,
        )
        answer = client.call(client.stub.RevokeRecord, request)
    if json:
        print_json(answer)
        return
    output().print("revoked before; nothing changed" if answer.repeated else "revoked")
    print_pairs([*describe_record(answer.record), ("token", answer.point.token)])


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
