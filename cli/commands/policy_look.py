"""``safetycredit policy versions``, ``diff`` and ``reasons``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import KnownAtOption, LimitOption, day, field, instant
from cli.commands.paging import read_pages
from cli.commands.policy import PolicyFilterOptions, kind_of
from cli.commands.policy_files import read_file
from cli.display.console import output, print_json, print_table
from cli.display.differences import print_differences
from cli.display.explanations import policy_name, source_text, wording
from cli.display.units import amount
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.display.wording import instant as instant_text
from safetycredit.scoring.v1.policy_proposal_pb2 import (
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


@grouped
def versions(
    policy: Annotated[str, typer.Argument(metavar="[POLICY]", help="Default: all.")] = "",
    *,
    known_at: KnownAtOption = None,
    limit: LimitOption = 100,
    answer: AnswerOptions,
) -> None:
    """List every version ever, with who approved and published it.

    Example: safetycredit policy versions cn.shandong.liaocheng.grade
    """
    with answer.session.policies(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListPolicyVersionsResponse:
            request = ListPolicyVersionsRequest(
                policy_id=policy,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListPolicyVersions, request)

        found = read_pages(page, lambda one: len(one.versions), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("policy", "version", "from", "to", "ends", "origin", "published", "approved by", "digest"),
        [_version_row(one) for one in found.versions],
    )
    tell_rest(output(), found.next_page_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterOptions:
    """With what an earlier version is compared."""

    later: Annotated[
        str, typer.Argument(metavar="[LATER]", help="The later version of the same policy.")
    ] = ""
    file: Annotated[Path | None, typer.Option("--file", help="A policy file instead.")] = None
    proposal: Annotated[str, typer.Option("--proposal", help="A proposal instead.")] = ""

    def require_one(self) -> None:
        """Refuse none, and more than one."""
        if sum((bool(self.later), self.file is not None, bool(self.proposal))) != 1:
            raise typer.BadParameter("name one later version: LATER, --file or --proposal")


@grouped
def diff(
    policy: Annotated[str, typer.Argument(metavar="POLICY")],
    earlier: Annotated[str, typer.Argument(metavar="VERSION")],
    *,
    other: LaterOptions,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Say what differs between two versions, part by part.

    Example: safetycredit policy diff cn.serious-dishonesty-list 2023-11-01 --file list.yaml
    """
    other.require_one()
    request = DiffPolicyVersionsRequest(
        from_version=PolicyVersionName(policy_id=policy, version=earlier),
        to_version=(
            PolicyVersionName(policy_id=policy, version=other.later) if other.later else None
        ),
        proposal_id=other.proposal or None,
        content=None if other.file is None else read_file(other.file),
    )
    with answer.session.policies(answer.target) as client:
        found = client.call(client.stub.DiffPolicyVersions, request)
    if answer.json:
        print_json(found)
        return
    print_differences(found, lang)


@grouped
def reasons(
    policy: Annotated[str, typer.Argument(metavar="[POLICY]", help="Default: all.")] = "",
    *,
    wanted: PolicyFilterOptions,
    limit: LimitOption = 100,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """List the reasons that explanations give, the weightiest first.

    Example: safetycredit policy reasons cn.shandong.liaocheng.grade --lang en
    """
    with answer.session.policies(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListReasonCodesResponse:
            request = ListReasonCodesRequest(
                policy_id=policy,
                kind=kind_of(wanted.kind),
                field=field(wanted.of),
                division=wanted.division,
                as_of=day(wanted.as_of),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListReasonCodes, request)

        found = read_pages(page, lambda one: len(one.reasons), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("reason", "policy", "effect", "size", "what it says", "clause"),
        [_reason_row(one, lang) for one in found.reasons],
        numbers=(3,),
    )
    tell_rest(output(), found.next_page_token)


# Private functions -----------------------------------------------------------


def _version_row(one: PolicyVersionRecord) -> tuple[str, ...]:
    approvers = [step.caller for step in one.steps if step.kind == ProposalStep.KIND_APPROVED]
    return (
        one.ref.policy_id,
        one.ref.version,
        day_text(one.start_date),
        day_text(one.end_date),
        _ends(one),
        code(PolicyVersionRecord.Origin.DESCRIPTOR, one.origin),
        instant_text(one.publish_time),
        ", ".join(approvers),
        one.ref.digest[:12],
    )


def _ends(one: PolicyVersionRecord) -> str:
    """Say which version one ends before that one's own end."""
    if not one.HasField("ends"):
        return ""
    return f"{'repeals' if one.ends.repeal else 'replaces'} {one.ends.version}"


def _reason_row(one: ReasonCode, language: str) -> tuple[str, ...]:
    return (
        one.rule_id,
        policy_name(one.policy),
        code(ReasonEffect.DESCRIPTOR, one.effect),
        _size(one, language),
        wording(one.wording, language),
        source_text(one.source),
    )


def _size(one: ReasonCode, language: str) -> str:
    if one.target:
        return one.target
    if one.unbounded:
        return amount("any", one.unit, language)
    return amount(one.size.value, one.unit, language) if one.HasField("size") else ""
