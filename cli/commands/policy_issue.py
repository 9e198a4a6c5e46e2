"""``safetycredit policy propose`` and what follows: approve, publish, withdraw, proposals."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast
from uuid import uuid4

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import KnownAtOption, LimitOption, instant
from cli.commands.paging import read_pages
from cli.commands.policy_files import digest_of_paths, naming, read_policies
from cli.display.console import output, plain, print_json, print_pairs, print_table
from cli.display.explanations import wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.display.wording import instant as instant_text
from cli.importing.targets import code_numbers
from safetycredit.scoring.v1.policy_proposal_pb2 import (
    PolicyProblem,
    Proposal,
    ProposalState,
    ProposalStep,
)
from safetycredit.scoring.v1.policy_service_pb2 import (
    ApprovePolicyRequest,
    GetProposalRequest,
    ListProposalsRequest,
    ListProposalsResponse,
    ProposePolicyRequest,
    PublishPolicyRequest,
    WithdrawProposalRequest,
)

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…", help="A policy file; or several that are published together or not at all."
    ),
]
CasesOption = Annotated[
    Path | None,
    typer.Option(
        "--cases",
        help="Golden cases of one file. Default: the file beside each that ends in .cases.yaml.",
    ),
]
ProposalArgument = Annotated[
    str, typer.Argument(metavar="PROPOSAL", help="Identifier, such as pp-100001.")
]
DigestOption = Annotated[
    str,
    typer.Option(
        "--digest",
        help="SHA-256 of the bytes that you looked at; safetycredit policy proposal shows it.",
    ),
]
LookedAtOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        help="The file that you looked at, for its digest; of several each, in their order.",
    ),
]
DocumentOption = Annotated[str, typer.Option("--document", help="Document number behind it.")]
NoteOption = Annotated[str, typer.Option("--note", help="What others should know.")]
RequestIdOption = Annotated[
    str,
    typer.Option("--request-id", help="Identifier of the request. Default: a new one."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAtOptions:
    """Which bytes were looked at: their digest, or the files themselves."""

    digest: DigestOption = ""
    file: LookedAtOption = None

    def digested(self) -> str:
        """Give the digest of the bytes."""
        if bool(self.digest) == bool(self.file):
            raise typer.BadParameter(
                "give either --digest, or the file that you looked at as --file"
            )
        return digest_of_paths(self.file) if self.file else self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a step of a proposal is sent, and the proposal after it printed."""

    request_id: RequestIdOption = ""
    lang: LanguageOption = Language.ZH
    answer: AnswerOptions

    def identifier(self) -> str:
        """Give the identifier of the request: the one that was given, or a new one."""
        return self.request_id or new_request_id()


@grouped
def propose(
    files: FilesArgument,
    *,
    cases: CasesOption = None,
    document: DocumentOption = "",
    note: NoteOption = "",
    write: WriteOptions,
) -> None:
    """Propose a policy, so that two others can approve it.

    The file and its golden cases must check without mistakes. Several files are checked, approved
    and published as one: a ladder of grades together with the list and the rate that take it in.

    Example: safetycredit policy propose grade.yaml list.yaml rate.yaml --document 函1号
    """
    first, *further = read_policies(files, cases)
    request = ProposePolicyRequest(
        content=first.content,
        cases=first.cases,
        further_files=further,
        document_number=document,
        note=note,
        request_id=write.identifier(),
    )
    with write.answer.session.policies(write.answer.target) as client, naming(files, cases):
        found = client.call(client.stub.ProposePolicy, request)
    if write.answer.json:
        print_json(found)
        return
    print_problems(found.warnings)
    describe_proposal(found.proposal, write.lang)


@grouped
def approve(
    proposal: ProposalArgument,
    *,
    document: DocumentOption,
    looked_at: LookedAtOptions,
    note: NoteOption = "",
    write: WriteOptions,
) -> None:
    """Approve exactly the bytes that you looked at; the proposer cannot.

    Example:
      SAFETYCREDIT_CLIENT_CALLER=wang safetycredit policy approve pp-1 --file a.yaml --document 批1
    """
    request = ApprovePolicyRequest(
        proposal_id=proposal,
        digest=looked_at.digested(),
        document_number=document,
        note=note,
        request_id=write.identifier(),
    )
    with write.answer.session.policies(write.answer.target) as client:
        found = client.call(client.stub.ApprovePolicy, request)
    if write.answer.json:
        print_json(found)
        return
    describe_proposal(found.proposal, write.lang)


@grouped
def publish(
    proposal: ProposalArgument,
    *,
    document: DocumentOption,
    looked_at: LookedAtOptions,
    recorded_levels_kept: Annotated[
        bool,
        typer.Option(
            "--keep-recorded-levels",
            help="Publish though accidents on record have other levels by it; they are named.",
        ),
    ] = False,
    write: WriteOptions,
) -> None:
    """Publish what two others have approved; it is never edited afterwards.

    Example: safetycredit policy publish pp-100001 --file grade.yaml --document 发1号
    """
    request = PublishPolicyRequest(
        proposal_id=proposal,
        digest=looked_at.digested(),
        document_number=document,
        request_id=write.identifier(),
        recorded_levels_kept=recorded_levels_kept,
    )
    with write.answer.session.policies(write.answer.target) as client:
        found = client.call(client.stub.PublishPolicy, request)
    if write.answer.json:
        print_json(found)
        return
    describe_proposal(found.proposal, write.lang)
    print_pairs(
        [(f"published {one.version}", one.digest) for one in found.versions]
        + [("revision", str(found.point.revision))]
        + [("keeps its recorded level", name) for name in found.record_ids]
    )


@grouped
def withdraw(
    proposal: ProposalArgument,
    *,
    note: Annotated[str, typer.Option("--note", help="Why.")],
    document: DocumentOption = "",
    write: WriteOptions,
) -> None:
    """Withdraw a proposal that is not published.

    Example: safetycredit policy withdraw pp-100001 --note "wrong start"
    """
    request = WithdrawProposalRequest(
        proposal_id=proposal,
        note=note,
        document_number=document,
        request_id=write.identifier(),
    )
    with write.answer.session.policies(write.answer.target) as client:
        found = client.call(client.stub.WithdrawProposal, request)
    if write.answer.json:
        print_json(found)
        return
    describe_proposal(found.proposal, write.lang)


@grouped
def proposal_(
    proposal: ProposalArgument,
    *,
    text: Annotated[
        bool, typer.Option("--text", help="Print the file itself, or every file.")
    ] = False,
    known_at: KnownAtOption = None,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Print a proposal with its steps.

    Example: safetycredit policy proposal pp-100001 --text > grade.yaml
    """
    request = GetProposalRequest(
        proposal_id=proposal, with_content=text, known_at=instant(known_at)
    )
    with answer.session.policies(answer.target) as client:
        found = client.call(client.stub.GetProposal, request)
    if answer.json:
        print_json(found)
    elif text:
        # The very bytes, whose digest approvers name; further files follow as documents.
        typer.echo(found.content, nl=False)
        for file in found.further_files:
            typer.echo(b"---\n" + file.content, nl=False)
    else:
        describe_proposal(found.proposal, lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilterOptions:
    """Which proposals are wanted."""

    policy: Annotated[str, typer.Option("--policy", help="One policy. Default: all.")] = ""
    state: Annotated[
        str | None, typer.Option(help="proposed, approved, published or withdrawn.")
    ] = None
    known_at: KnownAtOption = None


@grouped
def proposals(
    *,
    wanted: ProposalFilterOptions,
    limit: LimitOption = 50,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """List proposals, the latest first.

    Example: safetycredit policy proposals --state approved
    """
    with answer.session.policies(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListProposalsResponse:
            request = ListProposalsRequest(
                policy_id=wanted.policy,
                state=_state(wanted.state),
                known_at=instant(wanted.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListProposals, request)

        found = read_pages(page, lambda one: len(one.proposals), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("proposal", "policy", "versions", "from", "state", "approvals", "title"),
        [
            (
                one.proposal_id,
                "\n".join(file.policy_id for file in one.files) or one.policy_id,
                "\n".join(" ".join(file.versions) for file in one.files or [one]),
                day_text(one.start_date),
                code(ProposalState.DESCRIPTOR, one.state),
                str(sum(step.kind == ProposalStep.KIND_APPROVED for step in one.steps)),
                wording(one.title, lang),
            )
            for one in found.proposals
        ],
        numbers=(5,),
    )
    tell_rest(output(), found.next_page_token)


def new_request_id() -> str:
    """Make an identifier of a request."""
    return f"cli-{uuid4().hex}"


def print_problems(problems: list[PolicyProblem] | object) -> None:
    """Print problems, each in one line that editors understand."""
    for one in cast("list[PolicyProblem]", problems):
        word = "warning: " if one.warning else ""
        text = f"{one.file}:{one.line}:{one.column}: {word}{one.code}: {one.message}"
        output().print(plain(text), soft_wrap=True)


def describe_proposal(proposal: Proposal, language: str) -> None:
    """Print a proposal with its steps."""
    print_pairs(
        [
            ("proposal", proposal.proposal_id),
            ("policy", proposal.policy_id),
            ("versions", " ".join(proposal.versions)),
            ("title", wording(proposal.title, language)),
            ("in force from", day_text(proposal.start_date)),
            ("division", proposal.division),
            ("digest", proposal.digest),
            ("state", code(ProposalState.DESCRIPTOR, proposal.state)),
            ("shadow", "running" if proposal.shadowed else ""),
        ]
    )
    if proposal.files:
        print_table(
            ("file", "policy", "versions", "from", "division", "title", "digest"),
            [
                (
                    str(number),
                    one.policy_id,
                    " ".join(one.versions),
                    day_text(one.start_date),
                    one.division,
                    wording(one.title, language),
                    one.digest,
                )
                for number, one in enumerate(proposal.files, start=1)
            ],
        )
    print_table(
        ("step", "by", "authority", "document", "time", "note"),
        [
            (
                code(ProposalStep.Kind.DESCRIPTOR, step.kind),
                step.caller,
                step.authority,
                step.document_number,
                instant_text(step.step_time),
                step.note,
            )
            for step in proposal.steps
        ],
    )


# Private functions -----------------------------------------------------------


def _state(text: str | None) -> ProposalState:
    known = code_numbers(ProposalState.DESCRIPTOR)
    if text is None:
        return ProposalState.PROPOSAL_STATE_UNSPECIFIED
    if text not in known:
        names = ", ".join(name for name, number in known.items() if number)
        raise typer.BadParameter(f"{text} is no state; write one of {names}")
    return cast("ProposalState", known[text])
