"""``safetycredit policy versions``, ``diff`` and ``reasons``."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    day,
    field,
    instant,
    session_of,
)
from cli.commands.paging import read_pages
from cli.commands.policy import kind_of
from cli.commands.policy_files import read_file
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import policy_name, source_text, wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.display.wording import instant as instant_text
from safetycredit.scoring.v1.policy_proposal_pb2 import (
    PolicyDifference,
    PolicyVersionRecord,
    ProposalStep,
    ReasonEffect,
)
from safetycredit.scoring.v1.policy_service_pb2 import (
    DiffPolicyVersionsRequest,
    ListPolicyVersionsRequest,
    ListPolicyVersionsResponse,
    ListReasonCodesRequest,
    ListReasonCodesResponse,
    PolicyVersionName,
    ReasonCode,
)


def versions(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="[POLICY]", help="Default: all.")] = "",
    *,
    known_at: KnownAtOption = None,
    limit: LimitOption = 100,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List every version ever, with who approved and published it.

    Example: safetycredit policy versions cn.shandong.liaocheng.grade
    """
    with session_of(ctx).policies(target) as client:

        def page(page_size: int, page_token: str) -> ListPolicyVersionsResponse:
            request = ListPolicyVersionsRequest(
                policy_id=policy,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListPolicyVersions, request)

        answer = read_pages(page, lambda found: len(found.versions), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(
        ("policy", "version", "from", "to", "origin", "published", "approved by", "digest"),
        [_version_row(one) for one in answer.versions],
    )
    tell_rest(output(), answer.next_page_token)


def diff(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="POLICY")],
    earlier: Annotated[str, typer.Argument(metavar="VERSION")],
    later: Annotated[
        str, typer.Argument(metavar="[LATER]", help="The later version of the same policy.")
    ] = "",
    *,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A policy file instead."),
    ] = None,
    proposal: Annotated[str, typer.Option("--proposal", help="A proposal instead.")] = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Say what differs between two versions, part by part.

    Example: safetycredit policy diff cn.serious-dishonesty-list 2023-11-01 --file list.yaml
    """
    if sum((bool(later), file is not None, bool(proposal))) != 1:
        raise typer.BadParameter("name one later version: LATER, --file or --proposal")
    request = DiffPolicyVersionsRequest(
        from_version=PolicyVersionName(policy_id=policy, version=earlier),
        to_version=PolicyVersionName(policy_id=policy, version=later) if later else None,
        proposal_id=proposal or None,
        content=None if file is None else read_file(file),
    )
    with session_of(ctx).policies(target) as client:
        answer = client.call(client.stub.DiffPolicyVersions, request)
    if json:
        print_json(answer)
        return
    print_pairs(
        [
            ("from", policy_name(answer.from_version)),
            ("to", policy_name(answer.to_version)),
            ("differences", str(len(answer.differences))),
        ]
    )
    print_table(
        ("", "what differs", "clause"),
        [
            (
                code(PolicyDifference.Kind.DESCRIPTOR, one.kind),
                wording(one.sentence, lang),
                source_text(one.new_source if one.HasField("new_source") else one.old_source),
            )
            for one in answer.differences
        ],
    )


def reasons(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    policy: Annotated[str, typer.Argument(metavar="[POLICY]", help="Default: all.")] = "",
    *,
    kind: Annotated[str | None, typer.Option(help="Such as grade, list or rate.")] = None,
    of: FieldOption = None,
    division: DivisionOption = "",
    as_of: AsOfOption = None,
    limit: LimitOption = 100,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List the reasons that explanations give, the weightiest first.

    Example: safetycredit policy reasons cn.shandong.liaocheng.grade --lang en
    """
    with session_of(ctx).policies(target) as client:

        def page(page_size: int, page_token: str) -> ListReasonCodesResponse:
            request = ListReasonCodesRequest(
                policy_id=policy,
                kind=kind_of(kind),
                field=field(of),
                division=division,
                as_of=day(as_of),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListReasonCodes, request)

        answer = read_pages(page, lambda found: len(found.reasons), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(
        ("reason", "policy", "effect", "size", "what it says", "clause"),
        [
            (
                one.rule_id,
                policy_name(one.policy),
                code(ReasonEffect.DESCRIPTOR, one.effect),
                _size(one),
                wording(one.wording, lang),
                source_text(one.source),
            )
            for one in answer.reasons
        ],
        numbers=(3,),
    )
    tell_rest(output(), answer.next_page_token)


# Private functions -----------------------------------------------------------


def _version_row(one: PolicyVersionRecord) -> tuple[str, ...]:
    approvers = [step.caller for step in one.steps if step.kind == ProposalStep.KIND_APPROVED]
    return (
        one.ref.policy_id,
        one.ref.version,
        day_text(one.start_date),
        day_text(one.end_date),
        code(PolicyVersionRecord.Origin.DESCRIPTOR, one.origin),
        instant_text(one.publish_time),
        ", ".join(approvers),
        one.ref.digest[:12],
    )


def _size(one: ReasonCode) -> str:
    if one.target:
        return one.target
    if one.unbounded:
        return f"any {one.unit}"
    return f"{one.size.value} {one.unit}".strip() if one.HasField("size") else ""
