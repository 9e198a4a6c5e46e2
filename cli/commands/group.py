"""``safetycredit group``: which enterprises belong to which group (企业集团)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import typer

from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import SubjectArgument, day, subject
from cli.display.console import output, print_json, print_pairs
from cli.display.enterprises import describe_membership
from safetycredit.credit.v1.credit_service_pb2 import (
    JoinGroupRequest,
    JoinGroupResponse,
    LeaveGroupRequest,
    LeaveGroupResponse,
)

app = typer.Typer(no_args_is_help=True)

GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="The enterprise that heads it, named as any other.")
]
MembershipArgument = Annotated[str, typer.Argument(metavar="MEMBERSHIP", help="Such as g-100001.")]
FromOption = Annotated[
    str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day, not in the future.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until-before",
        metavar="YYYY-MM-DD",
        help="Day after the last day. Default: the membership lasts.",
    ),
]
EndOption = Annotated[
    str, typer.Option("--until-before", metavar="YYYY-MM-DD", help="Day after the last day.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOptions:
    """What says that it is so."""

    document: Annotated[str, typer.Option(help="Number of the document that says so.")]
    issued_by: Annotated[str, typer.Option(help="Authority that issued or registered it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodOptions:
    """How long a membership lasts."""

    start: FromOption
    until_before: UntilOption = None


@app.command()
@grouped
def join(
    member: SubjectArgument,
    group: GroupArgument,
    *,
    period: PeriodOptions,
    basis: DocumentOptions,
    answer: AnswerOptions,
) -> None:
    """Record that an enterprise belongs to a group (成员单位) from a day on.

    Example: safetycredit group join e-2 e-1 --from 2024-05-31 --document 集1号 --issued-by 国资委
    """
    request = JoinGroupRequest(
        request_id=uuid4().hex,
        group=subject(group),
        member=subject(member),
        start_date=day(period.start),
        end_date=day(period.until_before),
        document_number=basis.document,
        authority=basis.issued_by,
    )
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.JoinGroup, request)
    _print_membership("joined", found, answer)


@app.command()
@grouped
def leave(
    membership_id: MembershipArgument,
    *,
    until_before: EndOption,
    basis: DocumentOptions,
    answer: AnswerOptions,
) -> None:
    """End a membership; that it lasted stays known, and counts for the days on which it did.

    Example: safetycredit group leave g-1 --until-before 2025-06-01 --document 2 --issued-by 国资委
    """
    request = LeaveGroupRequest(
        request_id=uuid4().hex,
        membership_id=membership_id,
        end_date=day(until_before),
        document_number=basis.document,
        authority=basis.issued_by,
    )
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.LeaveGroup, request)
    _print_membership("left", found, answer)


# Private functions -----------------------------------------------------------


def _print_membership(
    done: str, found: JoinGroupResponse | LeaveGroupResponse, answer: AnswerOptions
) -> None:
    if answer.json:
        print_json(found)
        return
    output().print(done)
    print_pairs([*describe_membership(found.membership), ("token", found.point.token)])
