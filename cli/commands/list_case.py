"""``safetycredit list case``: the procedure of the lists, step by step."""

import re
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.commands.list_case_show import add_to
from cli.commands.list_steps import (
    ApprovalOption,
    CaseArgument,
    PartyOption,
    PartyStepOptions,
    ReasonOption,
    StepOptions,
    opinion,
)
from cli.commands.option_groups import grouped
from cli.commands.options import FieldOption, SubjectArgument, day, field, subject
from safetycredit.scoring.v1.list_service_pb2 import ChosenTerm, InputAnswer

_TERM = re.compile(r"(?:([^\s=]+)\s*=\s*)?([0-9]{1,6})\s*([a-z_]+)")

app = typer.Typer(no_args_is_help=True)
add_to(app)

InputOption = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="NAME=NUMBER", help="What the policy asks. May be repeated."),
]
PolicyOption = Annotated[str, typer.Option("--policy", help="List policy.")]
CauseOption = Annotated[str, typer.Option(help="事由.")]
BasisOption = Annotated[str, typer.Option(help="依据.")]
MeasuresOption = Annotated[str, typer.Option(help="管理措施提示.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateOptions:
    """Under which policy a case is opened, and on what."""

    policy: PolicyOption
    of: FieldOption = None
    records: Annotated[
        list[str] | None, typer.Option("--record", help="Nominate on this record. May be repeated.")
    ] = None
    persons: Annotated[
        list[str] | None, typer.Option("--with", help="Person to be listed too, such as p-100001.")
    ] = None
    inputs: InputOption = None
    cause: Annotated[str, typer.Option("--cause", help="Why, for a nomination.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOptions:
    """What a notice says."""

    cause: CauseOption = ""
    basis: BasisOption = ""
    measures: MeasuresOption = ""
    rights: Annotated[str, typer.Option(help="依法享有的权利.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOptions:
    """What a written decision says."""

    cause: CauseOption = ""
    basis: BasisOption = ""
    measures: MeasuresOption = ""
    codes: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            help="Code of a measure; each who is listed carries one. May be repeated."
            " See: safetycredit measure list.",
        ),
    ] = None
    repair: Annotated[str, typer.Option(help="信用修复条件和程序.")] = ""
    remedies: Annotated[str, typer.Option(help="救济途径.")] = ""
    parties: Annotated[
        list[str] | None, typer.Option("--party", help="Party that is listed. Default: all.")
    ] = None
    listing_date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="列入时间, up to the last day to publish it. Default: the day of the decision.",
        ),
    ] = None
    terms: Annotated[
        list[str] | None,
        typer.Option(
            "--term",
            metavar="[PARTY=]NUMBER UNIT",
            help="管理期限 within the clause's range, in its unit: '2 year', or 'p-1=18 month' for"
            " one party. May be repeated.",
        ),
    ] = None
    term_reason: Annotated[
        str, typer.Option(help="裁量理由: why a term was chosen; needed with --term.")
    ] = ""


@app.command("open")
@grouped
def open_case(code: SubjectArgument, *, candidate: CandidateOptions, step: StepOptions) -> None:
    """Open a case (采集): a rule finds the candidate, or you nominate on records.

    Example: safetycredit list case open e-100001 --policy cn.x --person 赵一 --document 立案1号
    """
    step.take(
        "OpenListCase",
        subject=subject(code),
        policy_id=candidate.policy,
        field=field(candidate.of),
        record_ids=candidate.records,
        person_ids=candidate.persons,
        inputs=answers(candidate.inputs),
        cause=candidate.cause,
    )


@app.command()
@grouped
def report(
    case_id: CaseArgument,
    *,
    to: Annotated[str, typer.Option("--to", help="Authority that is to decide.")],
    step: StepOptions,
) -> None:
    """Report a case to the authority that decides (报送).

    Example: safetycredit list case report c-100001 --to 区应急局 --person 赵一 --document 报送1号
    """
    step.take("ReportListCase", case_id=case_id, addressee=to)


@app.command()
@grouped
def notify(
    case_id: CaseArgument, *, notice: NoticeOptions, party: PartyOption = "", step: StepOptions
) -> None:
    """Record that the notice was served (告知); the period for statements begins.

    The policy says which contents it must have.

    Example: safetycredit list case notify c-100001 --cause 瞒报 --person 钱二 --document 告知1号
    """
    step.take(
        "NotifyListCase",
        case_id=case_id,
        party_subject_id=party,
        cause=notice.cause,
        basis=notice.basis,
        measures=notice.measures,
        rights=notice.rights,
    )


@app.command()
@grouped
def statement(
    case_id: CaseArgument,
    *,
    text: Annotated[str, typer.Option("--text", help="What the party says.")] = "",
    waived: Annotated[
        bool, typer.Option("--waived", help="The party waives the rest of the period.")
    ] = False,
    party: PartyOption = "",
    step: PartyStepOptions,
) -> None:
    """Record a statement or defence (陈述、申辩), or that it is waived.

    Example: safetycredit list case statement c-100001 --text 处罚过重 --person 钱二
    """
    step.take(
        "RecordStatement", case_id=case_id, party_subject_id=party, statement=text, waived=waived
    )


@app.command()
@grouped
def answer(
    case_id: CaseArgument,
    *,
    text: Annotated[str, typer.Option("--text", help="What came of the examination.")],
    step: StepOptions,
) -> None:
    """Record how the statements were answered (复核答复).

    Example: safetycredit list case answer c-100001 --text 不予采纳 --person 钱二 --document 复核1号
    """
    step.take("AnswerStatement", case_id=case_id, answer=text)


@app.command("ask-hearing")
@grouped
def ask_hearing(case_id: CaseArgument, *, party: PartyOption = "", step: PartyStepOptions) -> None:
    """Record that a party asks for a hearing (申请听证), where the list provides for one.

    No review begins before the hearing was held, or the party waives it (statement --waived).

    Example: safetycredit list case ask-hearing c-100001 --party e-100001 --person 钱二
    """
    step.take("AskForHearing", case_id=case_id, party_subject_id=party)


@app.command("hold-hearing")
@grouped
def hold_hearing(
    case_id: CaseArgument,
    *,
    outcome: Annotated[str, typer.Option("--outcome", help="What came of it, in short.")],
    party: PartyOption = "",
    step: StepOptions,
) -> None:
    """Record that the hearing was held (听证); the document is its minutes (听证笔录).

    The person who presides is another than who collected or reported the case.

    Example: safetycredit list case hold-hearing c-1 --outcome 维持 --person 吴七 --document 笔录1号
    """
    step.take("HoldHearing", case_id=case_id, party_subject_id=party, outcome=outcome)


@app.command()
@grouped
def review(
    case_id: CaseArgument,
    *,
    of: FieldOption,
    agree: Annotated[bool, typer.Option("--agree/--disagree", help="What it says.")],
    reason: ReasonOption = "",
    step: StepOptions,
) -> None:
    """Record the opinion of your department in the joint review (会审).

    The department is who you call for: --authority, before the command.

    Example: safetycredit list case review c-1 --field fire --agree --person 孙三 --document 会审1号
    """
    step.take(
        "ReviewListCase", case_id=case_id, field=field(of), opinion=opinion(agree), reason=reason
    )


@app.command()
@grouped
def approve(
    case_id: CaseArgument,
    *,
    agree: Annotated[bool, typer.Option("--agree/--reject", help="Approve, or reject.")] = True,
    reason: ReasonOption = "",
    step: StepOptions,
) -> None:
    """Approve the proposal (报批); somebody else than who proposed it does.

    Who you are is said before the command: --caller.

    Example: safetycredit list case approve c-100001 --person 周五 --document 审批1号
    """
    step.take("ApproveListCase", case_id=case_id, opinion=opinion(agree), reason=reason)


@app.command()
@grouped
def announce(case_id: CaseArgument, *, step: StepOptions) -> None:
    """Record that a proposed redlist entry was announced for objections (公示).

    Example: safetycredit list case announce c-100001 --person 周五 --document 公示1号
    """
    step.take("AnnounceListCase", case_id=case_id)


@app.command()
@grouped
def decide(case_id: CaseArgument, *, decision: DecisionOptions, step: StepOptions) -> None:
    """Record the written decision (决定).

    The policy says which contents it must have; what is missing is named.

    Example: safetycredit list case decide c-100001 --cause 瞒报 --person 周五 --document 列入1号
    """
    step.take(
        "DecideListCase",
        case_id=case_id,
        cause=decision.cause,
        basis=decision.basis,
        measures=decision.measures,
        measure_codes=decision.codes,
        repair=decision.repair,
        remedies=decision.remedies,
        party_subject_ids=decision.parties,
        listing_date=day(decision.listing_date),
        terms=chosen_terms(decision.terms),
        term_reason=decision.term_reason,
    )


@app.command()
@grouped
def serve(case_id: CaseArgument, *, party: PartyOption = "", step: StepOptions) -> None:
    """Record that the decision was served (送达).

    Example: safetycredit list case serve c-100001 --person 钱二 --document 送达1号
    """
    step.take("ServeDecision", case_id=case_id, party_subject_id=party)


@app.command()
@grouped
def publish(case_id: CaseArgument, *, approval: ApprovalOption = "", step: StepOptions) -> None:
    """Publish the entries and push them to the subscribers (公布、推送).

    Example: safetycredit list case publish c-100001 --person 周五 --document 公告1号
    """
    step.take("PublishListCase", case_id=case_id, approval=approval)


@app.command()
@grouped
def close(case_id: CaseArgument, *, reason: ReasonOption, step: StepOptions) -> None:
    """Close a case without an entry (终止).

    Example: safetycredit list case close c-100001 --reason 撤销 --person 周五 --document 终止1号
    """
    step.take("CloseListCase", case_id=case_id, reason=reason)


def chosen_terms(texts: list[str] | None) -> list[ChosenTerm]:
    """Read the terms that are chosen, each for one party or, without one, for all others."""
    found: list[ChosenTerm] = []
    for text in texts or ():
        read = _TERM.fullmatch(text.strip())
        if read is None:
            raise typer.BadParameter(f"write '2 year' or 'p-1=18 month' instead of {text}")
        party, number, unit = read.groups(default="")
        found.append(ChosenTerm(party_subject_id=party, value=int(number), unit=unit))
    return found


def answers(texts: list[str] | None) -> list[InputAnswer]:
    """Read what was answered to the policy's questions."""
    found: list[InputAnswer] = []
    for text in texts or ():
        name, _, value = text.partition("=")
        if not name or not value:
            raise typer.BadParameter(f"write NAME=NUMBER, or NAME=WORD, instead of {text}")
        number = value.lstrip("-").isdigit()
        answer = {"value": int(value)} if number else {"code": value}
        found.append(InputAnswer(name=name, **answer))
    return found
