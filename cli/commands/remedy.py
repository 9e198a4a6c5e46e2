"""``safetycredit remedy``: objections, credit repair, and how long a penalty is published."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import uuid4

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.enumerations import member
from cli.commands.options import (
    AsOfOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    TokenOption,
    day,
    instant,
    session_of,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.remedies import (
    DUE_COLUMNS,
    REMEDY_COLUMNS,
    STEP_COLUMNS,
    describe_publication,
    describe_remedy,
    due_row,
    remedy_row,
    step_row,
)
from cli.errors import CliError
from safetycredit.credit.v1.remedy_service_pb2 import (
    AcceptRepairRequest,
    ApplyForRepairRequest,
    DecideObjectionRequest,
    DecideRepairRequest,
    Evidence,
    FileObjectionRequest,
    GetPublicationRequest,
    GetRemedyRequest,
    ListRemediesRequest,
    ListRemediesResponse,
    Remedy,
    WithdrawRepairRequest,
)

app = typer.Typer(no_args_is_help=True)

TargetArgument = Annotated[
    str, typer.Argument(metavar="RECORD_OR_ENTRY", help="Such as r-100001 or l-100001.")
]
RemedyArgument = Annotated[str, typer.Argument(metavar="REMEDY", help="Such as m-100001.")]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Day of it. Default: today.")
]
DocumentOption = Annotated[str, typer.Option(help="Number of the written decision.")]
ReasonsOption = Annotated[str, typer.Option(help="Reasons.")]
EvidenceOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--evidence",
        metavar="FILE",
        help="A file; only its digest and its name are sent. May be repeated.",
    ),
]


class EvidenceUnreadableError(CliError):
    """A file that is to be evidence cannot be read."""

    reason: ClassVar[str] = "EVIDENCE_UNREADABLE"


@app.command("object")
def file_objection(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    target_id: TargetArgument,
    *,
    ground: Annotated[str, typer.Option(help="Why it is wrong.")],
    evidence: EvidenceOption = None,
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """File an objection (异议) to a record or to an entry of a list.

    Example: safetycredit remedy object r-100001 --ground 处罚金额有误
    """
    request = FileObjectionRequest(
        request_id=str(uuid4()),
        target_id=target_id,
        ground=ground,
        evidence=_evidence(evidence),
        date=day(date),
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.FileObjection, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def decide_objection(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    remedy_id: RemedyArgument,
    *,
    outcome: Annotated[str, typer.Option(help="revoke, revise, correct_entry or reject.")],
    document: DocumentOption,
    reasons: ReasonsOption,
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Decide an objection; only the authority that made the decision objected to may.

    Example: safetycredit remedy decide-objection m-1 --outcome reject --document 1号 --reasons 无误
    """
    request = DecideObjectionRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        outcome=member(outcome, DecideObjectionRequest.Outcome, "outcome"),
        document_number=document,
        reasons=reasons,
        date=day(date),
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.DecideObjection, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def apply(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    target_id: TargetArgument,
    *,
    commitment: Annotated[str, typer.Option(help="The public commitment (信用承诺), in words.")],
    evidence: EvidenceOption = None,
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Apply for the repair (信用修复) of a penalty or of a blacklist entry.

    Example: safetycredit remedy apply r-100001 --commitment 承诺守法 --evidence receipt.pdf
    """
    request = ApplyForRepairRequest(
        request_id=str(uuid4()),
        target_id=target_id,
        commitment=commitment,
        evidence=_evidence(evidence),
        date=day(date),
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.ApplyForRepair, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def accept(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    remedy_id: RemedyArgument,
    *,
    decline: Annotated[
        str, typer.Option(metavar="REASONS", help="Decline it (不予受理) for these reasons.")
    ] = "",
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Accept an application for repair (受理), or decline it.

    Example: safetycredit remedy accept m-100001
    """
    request = AcceptRepairRequest(
        request_id=str(uuid4()), remedy_id=remedy_id, declined_reasons=decline, date=day(date)
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.AcceptRepair, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def decide(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    remedy_id: RemedyArgument,
    *,
    document: DocumentOption,
    refuse: Annotated[
        str, typer.Option(metavar="REASONS", help="Refuse it for these reasons.")
    ] = "",
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Grant a repair, or refuse it; granting ends the publication of a penalty.

    Example: safetycredit remedy decide m-100001 --document 修决1号
    """
    outcome = DecideRepairRequest.OUTCOME_REFUSE if refuse else DecideRepairRequest.OUTCOME_GRANT
    request = DecideRepairRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        outcome=outcome,
        document_number=document,
        reasons=refuse,
        date=day(date),
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.DecideRepair, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def withdraw(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    remedy_id: RemedyArgument,
    *,
    document: DocumentOption,
    reasons: ReasonsOption,
    date: DateOption = None,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Withdraw a repair that was obtained by deceit: publication and its term begin again.

    Example: safetycredit remedy withdraw m-100001 --document 撤决1号 --reasons 凭证系伪造
    """
    request = WithdrawRepairRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        document_number=document,
        reasons=reasons,
        date=day(date),
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.WithdrawRepair, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command()
def get(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    remedy_id: RemedyArgument,
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print an objection or a repair with every step, and what is due at whom.

    Example: safetycredit remedy get m-100001
    """
    request = GetRemedyRequest(
        remedy_id=remedy_id, as_of=day(as_of), known_at=instant(known_at), token=token
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.GetRemedy, request)
    print_json(answer) if json else _show(answer.remedy)


@app.command("list")
def list_remedies(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    authority: Annotated[str, typer.Option(help="At whom they lie, whole name.")] = "",
    about: Annotated[str, typer.Option(help="Record or entry, such as r-100001.")] = "",
    state: Annotated[str, typer.Option(help="Such as applied or granted.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Only what waits for an authority.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List objections and repairs: what is due, what is overdue, at whom.

    Example: safetycredit remedy list --overdue
    """
    with session_of(ctx).remedies(target) as client:

        def page(page_size: int, page_token: str) -> ListRemediesResponse:
            request = ListRemediesRequest(
                authority=authority,
                target_id=about,
                state=member(state, Remedy.State, "state"),
                open=due,
                overdue=overdue,
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
                token=token,
            )
            return client.call(client.stub.ListRemedies, request)

        answer = read_pages(page, lambda found: len(found.remedies), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(REMEDY_COLUMNS, map(remedy_row, answer.remedies))
    tell_rest(output(), answer.next_page_token)


@app.command()
def publication(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="A penalty, r-100001.")],
    *,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print how long a penalty is published, and its notice of repair (信用修复告知书).

    Example: safetycredit remedy publication r-100001 --as-of 2026-06-01
    """
    request = GetPublicationRequest(
        record_id=record_id, as_of=day(as_of), known_at=instant(known_at), token=token
    )
    with session_of(ctx).remedies(target) as client:
        answer = client.call(client.stub.GetPublication, request)
    if json:
        print_json(answer)
        return
    print_pairs(describe_publication(answer.publication))


# Private functions -----------------------------------------------------------


def _show(remedy: Remedy) -> None:
    print_pairs(describe_remedy(remedy))
    print_table(STEP_COLUMNS, map(step_row, remedy.steps), title="steps")
    if remedy.due:
        print_table(DUE_COLUMNS, map(due_row, remedy.due), title="due")


def _evidence(files: list[Path] | None) -> list[Evidence]:
    found: list[Evidence] = []
    for file in files or ():
        try:
            digest = sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise EvidenceUnreadableError(
                f"{file} cannot be read: {error.strerror}",
                advice="Name a file; its digest is sent, the file stays here.",
                file=file,
            ) from error
        found.append(Evidence(sha256=digest, title=file.name))
    return found
