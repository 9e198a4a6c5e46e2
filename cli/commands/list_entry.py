"""``safetycredit list entry``, ``redlist`` and ``deadlines``: entries, and what is due."""

from dataclasses import dataclass
from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.list_case import InputOption, PolicyOption, answers
from cli.commands.list_steps import (
    ApprovalOption,
    EntryArgument,
    PartyStepOptions,
    ReasonOption,
    StepOptions,
    opinion,
)
from cli.commands.option_groups import ListOptions, ReadOptions, grouped
from cli.commands.options import (
    DivisionOption,
    FieldOption,
    SubjectArgument,
    day,
    field,
    instant,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.list_cases import (
    DEADLINE_COLUMNS,
    ENTRY_COLUMNS,
    deadline_row,
    entry_row,
    term_text,
)
from cli.importing.targets import code_numbers
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.list_service_pb2 import (
    GetListEntryRequest,
    ListDeadlinesRequest,
    ListDeadlinesResponse,
    ListListEntriesRequest,
    ListListEntriesResponse,
)

entries = typer.Typer(no_args_is_help=True)
redlist = typer.Typer(no_args_is_help=True)

KindOption = Annotated[str, typer.Option("--list", help="blacklist or redlist. Default: both.")]


@redlist.command("apply")
@grouped
def apply_for_redlist(
    code: SubjectArgument,
    *,
    policy: PolicyOption,
    of: FieldOption = None,
    inputs: InputOption = None,
    step: PartyStepOptions,
) -> None:
    """Apply for a redlist; every condition is checked by rule, with the evidence kept.

    Example: safetycredit list redlist apply e-100001 --policy cn.x --input y=0 --person 李四
    """
    step.take(
        "ApplyForRedlist",
        subject=subject(code),
        policy_id=policy,
        field=field(of),
        inputs=answers(inputs),
    )


@entries.command()
@grouped
def show(
    entry_id: EntryArgument,
    *,
    full_names: Annotated[
        bool, typer.Option("--full-names", help="A person's name in full; every reading is noted.")
    ] = False,
    reading: ReadOptions,
) -> None:
    """Print an entry.

    Example: safetycredit list entry show l-100001
    """
    request = GetListEntryRequest(
        entry_id=entry_id,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
        full_names=full_names,
    )
    with reading.answer.session.lists(reading.answer.target) as client:
        found = client.call(client.stub.GetListEntry, request)
    if reading.answer.json:
        print_json(found)
        return
    entry = found.entry.entry
    print_pairs(
        [
            *zip(ENTRY_COLUMNS, entry_row(found.entry), strict=True),
            ("in force", "yes" if found.listed else "no"),
            ("term", term_text(found.term)),
            ("case", found.entry.case_id),
            ("decided by", entry.authority),
            ("cause", entry.cause),
            ("basis", entry.basis),
            ("measures", " ".join(entry.measure_codes)),
        ]
    )


@entries.command("list")
@grouped
def list_entries(
    code: Annotated[str | None, typer.Argument(metavar="[SUBJECT]", help="Who is listed.")] = None,
    *,
    kind: KindOption = "",
    of: FieldOption = None,
    division: DivisionOption = "",
    listing: ListOptions,
) -> None:
    """List the entries in force on a day.

    Example: safetycredit list entry list --list blacklist --division 110105
    """
    with listing.answer.session.lists(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListListEntriesResponse:
            request = ListListEntriesRequest(
                list=_kind(kind),
                field=field(of),
                division=division,
                subject=subject(code) if code else None,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListListEntries, request)

        found = read_pages(page, lambda one: len(one.entries), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(ENTRY_COLUMNS, map(entry_row, found.entries))
    tell_rest(output(), found.next_page_token)


@entries.command("apply")
@grouped
def apply_early(entry_id: EntryArgument, *, step: PartyStepOptions) -> None:
    """Record an application for early removal (提前移出), with what proves its conditions.

    Example: safetycredit list entry apply l-100001 --person 李四
    """
    step.take("ApplyForEarlyRemoval", entry_id=entry_id)


@entries.command()
@grouped
def accept(
    entry_id: EntryArgument,
    *,
    agree: Annotated[bool, typer.Option("--accept/--refuse", help="Accept it, or not.")] = True,
    reason: ReasonOption = "",
    step: StepOptions,
) -> None:
    """Accept an application for early removal (受理), or refuse to.

    Example: safetycredit list entry accept l-100001 --person 钱二 --document 受理1号
    """
    step.take("AcceptEarlyRemoval", entry_id=entry_id, opinion=opinion(agree), reason=reason)


@entries.command()
@grouped
def decide(
    entry_id: EntryArgument,
    *,
    agree: Annotated[bool, typer.Option("--grant/--refuse", help="Grant it, or not.")],
    reason: ReasonOption = "",
    approval: ApprovalOption = "",
    step: StepOptions,
) -> None:
    """Grant early removal or refuse it; conditions and exclusions are checked.

    By the document of a credit repair that was granted (--document), nobody need have applied.

    Example: safetycredit list entry decide l-100001 --grant --person 周五 --document 移出1号
    """
    step.take(
        "DecideEarlyRemoval",
        entry_id=entry_id,
        opinion=opinion(agree),
        reason=reason,
        approval=approval,
    )


@entries.command()
@grouped
def withdraw(entry_id: EntryArgument, *, reason: ReasonOption, step: StepOptions) -> None:
    """Withdraw an early removal obtained by deceit: the entry is restored.

    Example: safetycredit list entry withdraw l-1 --reason 伪造 --person 周五 --document 撤销1号
    """
    step.take("WithdrawEarlyRemoval", entry_id=entry_id, reason=reason)


@entries.command()
@grouped
def correct(
    entry_id: EntryArgument,
    *,
    reason: ReasonOption,
    approval: ApprovalOption = "",
    step: StepOptions,
) -> None:
    """Correct an entry whose basis fell (更正): it never counted.

    While its basis stands, give the document by which somebody else upheld an objection to it.

    Example: safetycredit list entry correct l-1 --reason 复议撤销 --person 周五 --document 复议1号
    """
    step.take("CorrectListEntry", entry_id=entry_id, reason=reason, approval=approval)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOptions:
    """Which deadlines are wanted."""

    authority: Annotated[str, typer.Option("--at", help="Authority at which it is due.")] = ""
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Due before this day.")
    ] = None
    kind: KindOption = ""
    of: FieldOption = None
    party: Annotated[
        str | None,
        typer.Option("--subject", metavar="SUBJECT", help="Party; a portal names its own."),
    ] = None


@grouped
def deadlines(*, due: DueOptions, listing: ListOptions) -> None:
    """List what is due in the cases, what is overdue, and at whom.

    Example: safetycredit list deadlines --overdue
    """
    with listing.answer.session.lists(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListDeadlinesResponse:
            request = ListDeadlinesRequest(
                list=_kind(due.kind),
                field=field(due.of),
                authority=due.authority,
                overdue=due.overdue,
                due_before=day(due.before),
                subject=subject(due.party) if due.party else None,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListDeadlines, request)

        found = read_pages(page, lambda one: len(one.deadlines), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(DEADLINE_COLUMNS, map(deadline_row, found.deadlines))
    tell_rest(output(), found.next_page_token)


# Private functions -----------------------------------------------------------


def _kind(text: str) -> ListKind:
    kinds = code_numbers(ListKind.DESCRIPTOR)
    if text and text not in kinds:
        raise typer.BadParameter(f"{text} is no list; write blacklist or redlist")
    return cast("ListKind", kinds.get(text, 0))
