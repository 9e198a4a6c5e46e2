"""``safetycredit list approve-shrinking`` and ``confirm-shrinking``: lists that shrink much.

What people decide waits for the approval of a second person. What the law removes by itself does
not wait; somebody looks at it afterwards, and says what was found.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import typer

from cli.commands.list_sync import Kind, confirmer, kind_number
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import field
from cli.display.console import print_json, print_pairs
from cli.display.wording import instant as instant_text
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb

OneKindOption = Annotated[Kind, typer.Option("--list", "-l", help="Which kind of list.")]
OneFieldOption = Annotated[str, typer.Option("--field", help="Field of the list.")]
RequestIdOption = Annotated[str, typer.Option("--request-id", help="Default: a new one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkingOptions:
    """What may go, and by which document."""

    kind: OneKindOption
    of: OneFieldOption
    removals: Annotated[int, typer.Option("--removals", min=1, help="Entries that may go.")]
    document: Annotated[str, typer.Option("--document", help="Number of the document.")]


@grouped
def approve_shrinking(
    *, approved: ShrinkingOptions, request_id: RequestIdOption = "", answer: AnswerOptions
) -> None:
    """Approve, as a second person, that one publication takes many entries off a list.

    Whoever publishes needs the approval of another person: safetycredit --caller NAME names it.

    Example: safetycredit list approve-shrinking -l redlist --field fire --document D --removals 9
    """
    request = pb.ApproveListShrinkingRequest(
        request_id=request_id or uuid4().hex,
        kind=kind_number(approved.kind),
        field=field(approved.of),
        removals_max=approved.removals,
        document_number=approved.document,
    )
    with answer.session.list_sync(answer.target) as client:
        found = client.call(client.stub.ApproveListShrinking, request)
    if answer.json:
        print_json(found)
        return
    print_pairs([("approval", found.approval_id), ("token", found.point.token)])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOptions:
    """Which warning was looked at, and what was found."""

    kind: OneKindOption
    of: OneFieldOption
    version: Annotated[
        int, typer.Option("--version", min=1, help="Version that the list is warned of.")
    ]
    finding: Annotated[str, typer.Option("--finding", help="What you found.")]


@grouped
def confirm_shrinking(
    *, seen: SeenOptions, request_id: RequestIdOption = "", answer: AnswerOptions
) -> None:
    """Confirm that you looked at what the law took off a list (到期移出、更正、不再符合条件).

    Such removals are not held back. Where they are strikingly many safetycredit list digest says
    so, with the version, until a regulator says what was found. That stays on record.

    Example: safetycredit list confirm-shrinking -l redlist --field fire --version 7 --finding 属实
    """
    request = pb.ConfirmShrinkWarningRequest(
        request_id=request_id or uuid4().hex,
        kind=kind_number(seen.kind),
        field=field(seen.of),
        version=seen.version,
        finding=seen.finding,
    )
    with answer.session.list_sync(answer.target) as client:
        found = client.call(client.stub.ConfirmShrinkWarning, request)
    if answer.json:
        print_json(found)
        return
    print_pairs(
        [
            ("confirmed", instant_text(found.confirmation.confirm_time)),
            ("by", confirmer(found.confirmation)),
            ("finding", found.confirmation.finding),
            ("token", found.point.token),
        ]
    )


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``safetycredit list``."""
    app.command("approve-shrinking")(approve_shrinking)
    app.command("confirm-shrinking")(confirm_shrinking)
