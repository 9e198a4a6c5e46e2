"""``safetycredit remedy``: objections, credit repair, and how long a penalty is published."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import uuid4

import typer
from google.protobuf.message import Message

from cli.commands.enterprise import tell_rest
from cli.commands.enumerations import member
from cli.commands.option_groups import AnswerOptions, ListOptions, ReadOptions, grouped
from cli.commands.options import TokenOption, day, instant
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
    ExtendRepairRequest,
    FileObjectionRequest,
    GetPublicationRequest,
    GetRemedyRequest,
    ListRemediesRequest,
    ListRemediesResponse,
    Remedy,
    ShareResultRequest,
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
ProofOption = Annotated[
    list[Path],
    typer.Option(
        "--evidence",
        metavar="FILE",
        help="Proof; only its digest and its name are sent. At least one, may be repeated.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """What every step of an objection or a repair is given: its day, and how to answer."""

    date: DateOption = None
    answer: AnswerOptions


class EvidenceUnreadableError(CliError):
    """A file that is to be evidence cannot be read."""

    reason: ClassVar[str] = "EVIDENCE_UNREADABLE"


@app.command("object")
@grouped
def file_objection(
    target_id: TargetArgument,
    *,
    ground: Annotated[str, typer.Option(help="Why it is wrong.")],
    evidence: EvidenceOption = None,
    step: StepOptions,
) -> None:
    """File an objection (异议) to a record or to an entry of a list.

    Example: safetycredit remedy object r-100001 --ground 处罚金额有误
    """
    request = FileObjectionRequest(
        request_id=str(uuid4()),
        target_id=target_id,
        ground=ground,
        evidence=_evidence(evidence),
        date=day(step.date),
    )
    _send("FileObjection", request, step.answer)


@app.command()
@grouped
def decide_objection(
    remedy_id: RemedyArgument,
    *,
    outcome: Annotated[str, typer.Option(help="revoke, revise, correct_entry or reject.")],
    document: DocumentOption,
    reasons: ReasonsOption,
    step: StepOptions,
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
        date=day(step.date),
    )
    _send("DecideObjection", request, step.answer)


@app.command()
@grouped
def apply(
    target_id: TargetArgument,
    *,
    commitment: Annotated[str, typer.Option(help="The public commitment (信用承诺), in words.")],
    evidence: ProofOption,
    step: StepOptions,
) -> None:
    """Apply for the repair (信用修复) of a penalty or of a blacklist entry.

    Example: safetycredit remedy apply r-100001 --commitment 承诺守法 --evidence receipt.pdf
    """
    request = ApplyForRepairRequest(
        request_id=str(uuid4()),
        target_id=target_id,
        commitment=commitment,
        evidence=_evidence(evidence),
        date=day(step.date),
    )
    _send("ApplyForRepair", request, step.answer)


@app.command()
@grouped
def accept(
    remedy_id: RemedyArgument,
    *,
    decline: Annotated[
        str, typer.Option(metavar="REASONS", help="Decline it (不予受理) for these reasons.")
    ] = "",
    step: StepOptions,
) -> None:
    """Accept an application for repair (受理), or decline it.

    Example: safetycredit remedy accept m-100001
    """
    request = AcceptRepairRequest(
        request_id=str(uuid4()), remedy_id=remedy_id, declined_reasons=decline, date=day(step.date)
    )
    _send("AcceptRepair", request, step.answer)


@app.command()
@grouped
def decide(
    remedy_id: RemedyArgument,
    *,
    document: DocumentOption,
    refuse: Annotated[
        str, typer.Option(metavar="REASONS", help="Refuse it for these reasons.")
    ] = "",
    step: StepOptions,
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
        date=day(step.date),
    )
    _send("DecideRepair", request, step.answer)


@app.command()
@grouped
def extend(
    remedy_id: RemedyArgument,
    *,
    document: Annotated[str, typer.Option(help="Number of the notice of the extension.")],
    reasons: ReasonsOption,
    told: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Day on which the applicant was told. Default: that day."
        ),
    ] = None,
    step: StepOptions,
) -> None:
    """Extend the period for the decision on a repair, once, and within it (延长办理期限).

    Example: safetycredit remedy extend m-100001 --document 延告1号 --reasons 需现场核查
    """
    request = ExtendRepairRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        document_number=document,
        reasons=reasons,
        date=day(step.date),
        told_date=day(told),
    )
    _send("ExtendRepair", request, step.answer)


@app.command()
@grouped
def share(
    remedy_id: RemedyArgument,
    *,
    systems: Annotated[str, typer.Option(help="Systems that the result was passed on to.")],
    document: Annotated[str, typer.Option(help="Number of the document or batch.")] = "",
    step: StepOptions,
) -> None:
    """Note that the result of an objection or a repair was passed on (共享、反馈).

    Example: safetycredit remedy share m-100001 --systems 全国信用信息共享平台、信用中国
    """
    request = ShareResultRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        systems=systems,
        document_number=document,
        date=day(step.date),
    )
    _send("ShareResult", request, step.answer)


@app.command()
@grouped
def withdraw(
    remedy_id: RemedyArgument,
    *,
    document: DocumentOption,
    reasons: ReasonsOption,
    step: StepOptions,
) -> None:
    """Withdraw a repair that was obtained by deceit: publication and its term begin again.

    Example: safetycredit remedy withdraw m-100001 --document 撤决1号 --reasons 凭证系伪造
    """
    request = WithdrawRepairRequest(
        request_id=str(uuid4()),
        remedy_id=remedy_id,
        document_number=document,
        reasons=reasons,
        date=day(step.date),
    )
    _send("WithdrawRepair", request, step.answer)


@app.command()
@grouped
def get(remedy_id: RemedyArgument, *, reading: ReadOptions) -> None:
    """Print an objection or a repair with every step, and what is due at whom.

    Example: safetycredit remedy get m-100001
    """
    request = GetRemedyRequest(
        remedy_id=remedy_id,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    _send("GetRemedy", request, reading.answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyFilterOptions:
    """Which objections and repairs are wanted."""

    authority: Annotated[str, typer.Option(help="At whom they lie, whole name.")] = ""
    about: Annotated[str, typer.Option(help="Record or entry, such as r-100001.")] = ""
    state: Annotated[str, typer.Option(help="Such as applied or granted.")] = ""
    due: Annotated[bool, typer.Option("--due", help="Only what waits for an authority.")] = False
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False


@app.command("list")
@grouped
def list_remedies(
    *, wanted: RemedyFilterOptions, token: TokenOption = "", listing: ListOptions
) -> None:
    """List objections and repairs: what is due, what is overdue, at whom.

    Example: safetycredit remedy list --overdue
    """
    with listing.answer.session.remedies(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListRemediesResponse:
            request = ListRemediesRequest(
                authority=wanted.authority,
                target_id=wanted.about,
                state=member(wanted.state, Remedy.State, "state"),
                open=wanted.due,
                overdue=wanted.overdue,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
                token=token,
            )
            return client.call(client.stub.ListRemedies, request)

        found = read_pages(page, lambda one: len(one.remedies), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(REMEDY_COLUMNS, map(remedy_row, found.remedies))
    tell_rest(output(), found.next_page_token)


@app.command()
@grouped
def publication(
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="A penalty, r-100001.")],
    *,
    reading: ReadOptions,
) -> None:
    """Print how long a penalty is published, and its notice of repair (信用修复告知书).

    Example: safetycredit remedy publication r-100001 --as-of 2026-06-01
    """
    request = GetPublicationRequest(
        record_id=record_id,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.remedies(reading.answer.target) as client:
        found = client.call(client.stub.GetPublication, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs(describe_publication(found.publication))


# Private functions -----------------------------------------------------------


def _send(method: str, request: Message, answer: AnswerOptions) -> None:
    """Send what is asked or done about a remedy, and print the remedy after it."""
    with answer.session.remedies(answer.target) as client:
        found: Any = client.call(getattr(client.stub, method), request)
    if answer.json:
        print_json(found)
        return
    remedy = found.remedy
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
