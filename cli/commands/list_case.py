"""``safetycredit list case``: the procedure of the lists, step by step."""

from typing import Annotated

import typer

from cli.commands.list_case_show import add_to
from cli.commands.list_steps import (
    ApprovalOption,
    AttachOption,
    CaseArgument,
    DateOption,
    DocumentOption,
    PartyOption,
    PersonOption,
    ReasonOption,
    RemarkOption,
    document,
    opinion,
    take,
)
from cli.commands.options import (
    FieldOption,
    JsonOption,
    SubjectArgument,
    TargetOption,
    day,
    field,
    subject,
)
from safetycredit.scoring.v1.list_service_pb2 import (
    InputAnswer,
)

app = typer.Typer(no_args_is_help=True)
add_to(app)

InputOption = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="NAME=NUMBER", help="What the policy asks. May be repeated."),
]
PolicyOption = Annotated[str, typer.Option("--policy", help="List policy.")]


@app.command("open")
def open_case(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: SubjectArgument,
    *,
    policy: PolicyOption,
    person: PersonOption,
    number: DocumentOption,
    of: FieldOption = None,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", help="Nominate on this record. May be repeated."),
    ] = None,
    persons: Annotated[
        list[str] | None,
        typer.Option("--with", help="Person to be listed too, such as p-100001."),
    ] = None,
    inputs: InputOption = None,
    cause: Annotated[str, typer.Option("--cause", help="Why, for a nomination.")] = "",
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Open a case (采集): a rule finds the candidate, or you nominate on records.

    Example: safetycredit list case open e-100001 --policy cn.x --person 赵一 --document 立案1号
    """
    take(
        ctx,
        "OpenListCase",
        json=json,
        target=target,
        subject=subject(code),
        policy_id=policy,
        field=field(of),
        record_ids=records,
        person_ids=persons,
        inputs=answers(inputs),
        cause=cause,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def report(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    to: Annotated[str, typer.Option("--to", help="Authority that is to decide.")],
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Report a case to the authority that decides (报送).

    Example: safetycredit list case report c-100001 --to 区应急局 --person 赵一 --document 报送1号
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(
        ctx,
        "ReportListCase",
        json=json,
        target=target,
        case_id=case_id,
        addressee=to,
        document=note,
    )


@app.command()
def notify(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    cause: Annotated[str, typer.Option(help="事由.")] = "",
    basis: Annotated[str, typer.Option(help="依据.")] = "",
    measures: Annotated[str, typer.Option(help="管理措施提示.")] = "",
    rights: Annotated[str, typer.Option(help="依法享有的权利.")] = "",
    party: PartyOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record that the notice was served (告知); the period for statements begins.

    The policy says which contents it must have.

    Example: safetycredit list case notify c-100001 --cause 瞒报 --person 钱二 --document 告知1号
    """
    take(
        ctx,
        "NotifyListCase",
        json=json,
        target=target,
        case_id=case_id,
        party_subject_id=party,
        cause=cause,
        basis=basis,
        measures=measures,
        rights=rights,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def statement(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    text: Annotated[str, typer.Option("--text", help="What the party says.")] = "",
    waived: Annotated[
        bool, typer.Option("--waived", help="The party waives the rest of the period.")
    ] = False,
    party: PartyOption = "",
    person: PersonOption,
    number: DocumentOption = "",
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record a statement or defence (陈述、申辩), or that it is waived.

    Example: safetycredit list case statement c-100001 --text 处罚过重 --person 钱二
    """
    take(
        ctx,
        "RecordStatement",
        json=json,
        target=target,
        case_id=case_id,
        party_subject_id=party,
        statement=text,
        waived=waived,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def answer(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    text: Annotated[str, typer.Option("--text", help="What came of the examination.")],
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record how the statements were answered (复核答复).

    Example: safetycredit list case answer c-100001 --text 不予采纳 --person 钱二 --document 复核1号
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(
        ctx,
        "AnswerStatement",
        json=json,
        target=target,
        case_id=case_id,
        answer=text,
        document=note,
    )


@app.command()
def review(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    of: FieldOption,
    agree: Annotated[bool, typer.Option("--agree/--disagree", help="What it says.")],
    reason: ReasonOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record the opinion of your department in the joint review (会审).

    The department is who you call for: --authority, before the command.

    Example: safetycredit list case review c-1 --field fire --agree --person 孙三 --document 会审1号
    """
    take(
        ctx,
        "ReviewListCase",
        json=json,
        target=target,
        case_id=case_id,
        field=field(of),
        opinion=opinion(agree),
        reason=reason,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def approve(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    agree: Annotated[bool, typer.Option("--agree/--reject", help="Approve, or reject.")] = True,
    reason: ReasonOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Approve the proposal (报批); somebody else than who proposed it does.

    Who you are is said before the command: --caller.

    Example: safetycredit list case approve c-100001 --person 周五 --document 审批1号
    """
    take(
        ctx,
        "ApproveListCase",
        json=json,
        target=target,
        case_id=case_id,
        opinion=opinion(agree),
        reason=reason,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def announce(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record that a proposed redlist entry was announced for objections (公示).

    Example: safetycredit list case announce c-100001 --person 周五 --document 公示1号
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(ctx, "AnnounceListCase", json=json, target=target, case_id=case_id, document=note)


@app.command()
def decide(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    cause: Annotated[str, typer.Option(help="事由.")] = "",
    basis: Annotated[str, typer.Option(help="依据.")] = "",
    measures: Annotated[str, typer.Option(help="管理措施提示.")] = "",
    codes: Annotated[
        list[str] | None,
        typer.Option("--measure", help="Code of a measure. May be repeated."),
    ] = None,
    repair: Annotated[str, typer.Option(help="信用修复条件和程序.")] = "",
    remedies: Annotated[str, typer.Option(help="救济途径.")] = "",
    parties: Annotated[
        list[str] | None, typer.Option("--party", help="Party that is listed. Default: all.")
    ] = None,
    listing_date: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="列入时间. Default: the day of the decision."),
    ] = None,
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record the written decision (决定).

    The policy says which contents it must have; what is missing is named.

    Example: safetycredit list case decide c-100001 --cause 瞒报 --person 周五 --document 列入1号
    """
    take(
        ctx,
        "DecideListCase",
        json=json,
        target=target,
        case_id=case_id,
        cause=cause,
        basis=basis,
        measures=measures,
        measure_codes=codes,
        repair=repair,
        remedies=remedies,
        party_subject_ids=parties,
        listing_date=day(listing_date),
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def serve(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    party: PartyOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record that the decision was served (送达).

    Example: safetycredit list case serve c-100001 --person 钱二 --document 送达1号
    """
    take(
        ctx,
        "ServeDecision",
        json=json,
        target=target,
        case_id=case_id,
        party_subject_id=party,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def publish(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    approval: ApprovalOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Publish the entries and push them to the subscribers (公布、推送).

    Example: safetycredit list case publish c-100001 --person 周五 --document 公告1号
    """
    take(
        ctx,
        "PublishListCase",
        json=json,
        target=target,
        case_id=case_id,
        approval=approval,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@app.command()
def close(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    case_id: CaseArgument,
    *,
    reason: ReasonOption,
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Close a case without an entry (终止).

    Example: safetycredit list case close c-100001 --reason 撤销 --person 周五 --document 终止1号
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(
        ctx,
        "CloseListCase",
        json=json,
        target=target,
        case_id=case_id,
        reason=reason,
        document=note,
    )


def answers(texts: list[str] | None) -> list[InputAnswer]:
    """Read what was answered to the policy's questions."""
    found: list[InputAnswer] = []
    for text in texts or ():
        name, _, value = text.partition("=")
        if not value.lstrip("-").isdigit():
            raise typer.BadParameter(f"write NAME=NUMBER instead of {text}")
        found.append(InputAnswer(name=name, value=int(value)))
    return found
