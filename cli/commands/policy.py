"""``safetycredit policy``: the law as data."""

from dataclasses import dataclass
from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import AsOfOption, DivisionOption, FieldOption, LimitOption, day, field
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import source_text, wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.importing.targets import code_numbers
from safetycredit.scoring.v1.policy_service_pb2 import (
    GetPolicyRequest,
    ListPoliciesRequest,
    ListPoliciesResponse,
    Policy,
    PolicyKind,
)
from safetycredit.type.v1.field_pb2 import Field

app = typer.Typer(no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFilterOptions:
    """Which policies are wanted."""

    kind: Annotated[str | None, typer.Option(help="Such as grade, list or rate.")] = None
    of: FieldOption = None
    division: DivisionOption = ""
    as_of: AsOfOption = None


@app.command("list")
@grouped
def list_policies(
    *,
    wanted: PolicyFilterOptions,
    limit: LimitOption = 100,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """List policies and their versions.

    Example: safetycredit policy list --kind grade
    """
    with answer.session.policies(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListPoliciesResponse:
            request = ListPoliciesRequest(
                kind=kind_of(wanted.kind),
                field=field(wanted.of),
                division=wanted.division,
                as_of=day(wanted.as_of),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListPolicies, request)

        found = read_pages(page, lambda one: len(one.policies), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("policy", "version", "kind", "division", "from", "to", "title"),
        [
            (
                one.ref.policy_id,
                one.ref.version,
                code(PolicyKind.DESCRIPTOR, one.kind),
                one.division,
                day_text(one.start_date),
                day_text(one.end_date),
                wording(one.title, lang),
            )
            for one in found.policies
        ],
    )
    tell_rest(output(), found.next_page_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOptions:
    """Which version."""

    version: Annotated[str, typer.Option(help="Default: the one in force.")] = ""
    as_of: AsOfOption = None


@app.command()
@grouped
def show(
    policy: Annotated[str, typer.Argument(metavar="POLICY")],
    *,
    which: VersionOptions,
    text: Annotated[bool, typer.Option("--text", help="Print the file itself.")] = False,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Print one version of a policy: where it comes from, its grades and rules.

    Example: safetycredit policy show cn.shandong.liaocheng.grade --text
    """
    request = GetPolicyRequest(policy_id=policy, version=which.version, as_of=day(which.as_of))
    with answer.session.policies(answer.target) as client:
        found = client.call(client.stub.GetPolicy, request)
    if answer.json:
        print_json(found)
    elif text:
        # The very bytes, whose digest the policy's references carry.
        typer.echo(found.content, nl=False)
    else:
        print_pairs(_describe(found.policy, lang))


def kind_of(text: str | None) -> PolicyKind:
    """Read a kind of policies; unspecified if none was given."""
    known = code_numbers(PolicyKind.DESCRIPTOR)
    if text is None:
        return PolicyKind.POLICY_KIND_UNSPECIFIED
    if text not in known:
        names = ", ".join(name for name, number in known.items() if number)
        raise typer.BadParameter(f"{text} is no kind; write one of {names}")
    return cast("PolicyKind", known[text])


# Private functions -----------------------------------------------------------


def _describe(policy: Policy, language: str) -> list[tuple[str, str]]:
    return [
        ("policy", policy.ref.policy_id),
        ("version", policy.ref.version),
        ("digest", policy.ref.digest),
        ("kind", code(PolicyKind.DESCRIPTOR, policy.kind)),
        ("title", wording(policy.title, language)),
        ("field", code(Field.DESCRIPTOR, policy.field)),
        ("division", policy.division),
        ("in force", f"{day_text(policy.start_date)} – {day_text(policy.end_date)}".strip()),
        ("source", source_text(policy.source)),
        ("grades", " ".join(policy.grades)),
        ("rules", " ".join(policy.rule_ids)),
    ]
