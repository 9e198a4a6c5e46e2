"""What the commands that take steps of a case share: the document, its evidence, the call."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from cli.commands.option_groups import AnswerOptions
from cli.commands.options import day
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
    str, typer.Option("--party", help="Party that it is about. Default: all left; a portal's own.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
ApprovalOption = Annotated[
    str, typer.Option("--approval", help="Second approval, where a list would shrink too much.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """What every step is given: its document, and how to answer."""

    person: PersonOption
    number: DocumentOption
    date: DateOption = None
    attach: AttachOption = None
    remark: RemarkOption = ""
    answer: AnswerOptions

    def document(self) -> StepDocument:
        """Make what the ledger keeps of the step."""
        return StepDocument(
            person=self.person,
            document_number=self.number,
            date=day(self.date),
            attachments=[_attachment(text) for text in self.attach or ()],
            remark=self.remark,
        )

    def take(self, method: str, **fields: Any) -> None:  # noqa: ANN401 -- fields of the request.
        """Send the step with its document, and print the case after it."""
        request: Any = getattr(list_service_pb2, f"{method}Request")(
            request_id=uuid4().hex, document=self.document(), **fields
        )
        with self.answer.session.lists(self.answer.target) as client:
            written: Any = client.call(getattr(client.stub, method), request)
        if self.answer.json:
            print_json(written)
            return
        print_written(written.list_case, repeated=written.repeated, token=written.point.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStepOptions(StepOptions):
    """What a step that a party takes is given: its paper need not have a number."""

    number: DocumentOption = ""


def opinion(agreed: bool) -> Opinion:  # noqa: FBT001 -- an option of a command.
    """Give an opinion."""
    return Opinion.OPINION_AGREE if agreed else Opinion.OPINION_DISAGREE


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
