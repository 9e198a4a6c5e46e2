"""What the commands that take steps of a case share: the document, its evidence, the call."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from cli.commands.options import day, session_of
from cli.display.console import print_json
from cli.display.list_cases import print_written
from safetycredit.scoring.v1 import list_service_pb2
from safetycredit.scoring.v1.list_case_pb2 import Attachment, Opinion, StepDocument

_TITLE_CHARACTERS_MAX: Final = 200

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Such as c-100001.")]
EntryArgument = Annotated[str, typer.Argument(metavar="ENTRY", help="Such as l-100001.")]
PersonOption = Annotated[str, typer.Option("--person", help="Official who acts.")]
DocumentOption = Annotated[str, typer.Option("--document", help="Number of the document.")]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the step. Default: today."),
]
AttachOption = Annotated[
    list[str] | None,
    typer.Option(
        "--attach",
        metavar="[PROVES=]FILE",
        help="Evidence; its SHA-256 is sent, not the file. May be repeated.",
    ),
]
RemarkOption = Annotated[str, typer.Option("--remark", help="Remark for the ledger.")]
PartyOption = Annotated[
    str, typer.Option("--party", help="Party that it is about. Default: all that are left.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
ApprovalOption = Annotated[
    str, typer.Option("--approval", help="Second approval, where a list would shrink too much.")
]


def document(
    person: str,
    number: str,
    date: str | None,
    *,
    attach: Sequence[str] | None = None,
    remark: str = "",
) -> StepDocument:
    """Make what the ledger keeps of a step."""
    return StepDocument(
        person=person,
        document_number=number,
        date=day(date),
        attachments=[_attachment(text) for text in attach or ()],
        remark=remark,
    )


def opinion(agreed: bool) -> Opinion:  # noqa: FBT001 -- an option of a command.
    """Give an opinion."""
    return Opinion.OPINION_AGREE if agreed else Opinion.OPINION_DISAGREE


def take(
    ctx: typer.Context,
    method: str,
    *,
    json: bool,
    target: str | None,
    **fields: Any,  # noqa: ANN401 -- fields of the request.
) -> None:
    """Send a step and print the case after it."""
    request: Any = getattr(list_service_pb2, f"{method}Request")(request_id=uuid4().hex, **fields)
    with session_of(ctx).lists(target) as client:
        answer: Any = client.call(getattr(client.stub, method), request)
    if json:
        print_json(answer)
        return
    print_written(answer.list_case, repeated=answer.repeated, token=answer.point.token)


# Private functions -----------------------------------------------------------


def _attachment(text: str) -> Attachment:
    proves, equals, name = text.partition("=")
    path = Path(name if equals else text)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror or error}") from error
    return Attachment(
        sha256=sha256(content).hexdigest(),
        title=path.name[:_TITLE_CHARACTERS_MAX],
        proves=proves if equals else "",
    )
