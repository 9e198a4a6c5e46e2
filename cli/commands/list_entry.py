"""``safetycredit list entry``, ``redlist`` and ``deadlines``: entries, and what is due."""

from typing import Annotated, cast

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.list_case import InputOption, PolicyOption, answers
from cli.commands.list_steps import (
    ApprovalOption,
    AttachOption,
    DateOption,
    DocumentOption,
    EntryArgument,
    PersonOption,
    ReasonOption,
    RemarkOption,
    document,
    opinion,
    take,
)
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.list_cases import DEADLINE_COLUMNS, ENTRY_COLUMNS, deadline_row, entry_row
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
def apply_for_redlist(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: SubjectArgument,
    *,
    policy: PolicyOption,
    person: PersonOption,
    of: FieldOption = None,
    inputs: InputOption = None,
    number: DocumentOption = "",
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Apply for a redlist; every condition is checked by rule, with the evidence kept.

    Example: safetycredit list redlist apply e-100001 --policy cn.x --input y=0 --person 李四
    """
    take(
        ctx,
        "ApplyForRedlist",
        json=json,
        target=target,
        subject=subject(code),
        policy_id=policy,
        field=field(of),
        inputs=answers(inputs),
        document=document(person, number, date, attach=attach, remark=remark),
    )


@entries.command()
def show(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
    *,
    full_names: Annotated[
        bool, typer.Option("--full-names", help="A person's name in full; every reading is noted.")
    ] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print an entry.

    Example: safetycredit list entry show l-100001
    """
    request = GetListEntryRequest(
        entry_id=entry_id,
        as_of=day(as_of),
        known_at=instant(known_at),
        token=token,
        full_names=full_names,
    )
    with session_of(ctx).lists(target) as client:
        found = client.call(client.stub.GetListEntry, request)
    if json:
        print_json(found)
        return
    entry = found.entry.entry
    print_pairs(
        [
            *zip(ENTRY_COLUMNS, entry_row(found.entry), strict=True),
            ("in force", "yes" if found.listed else "no"),
            ("case", found.entry.case_id),
            ("decided by", entry.authority),
            ("cause", entry.cause),
            ("basis", entry.basis),
            ("measures", " ".join(entry.measure_codes)),
        ]
    )


@entries.command("list")
def list_entries(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code: Annotated[str | None, typer.Argument(metavar="[SUBJECT]", help="Who is listed.")] = None,
    *,
    kind: KindOption = "",
    of: FieldOption = None,
    division: DivisionOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List the entries in force on a day.

    Example: safetycredit list entry list --list blacklist --division 110105
    """
    with session_of(ctx).lists(target) as client:

        def page(page_size: int, page_token: str) -> ListListEntriesResponse:
            request = ListListEntriesRequest(
                list=_kind(kind),
                field=field(of),
                division=division,
                subject=subject(code) if code else None,
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListListEntries, request)

        found = read_pages(page, lambda one: len(one.entries), limit=limit)
    if json:
        print_json(found)
        return
    print_table(ENTRY_COLUMNS, map(entry_row, found.entries))
    tell_rest(output(), found.next_page_token)


@entries.command("apply")
def apply_early(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
    *,
    person: PersonOption,
    number: DocumentOption = "",
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Record an application for early removal (提前移出), with what proves its conditions.

    Example: safetycredit list entry apply l-100001 --person 李四
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(ctx, "ApplyForEarlyRemoval", json=json, target=target, entry_id=entry_id, document=note)


@entries.command()
def accept(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
    *,
    agree: Annotated[bool, typer.Option("--accept/--refuse", help="Accept it, or not.")] = True,
    reason: ReasonOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Accept an application for early removal (受理), or refuse to.

    Example: safetycredit list entry accept l-100001 --person 钱二 --document 受理1号
    """
    take(
        ctx,
        "AcceptEarlyRemoval",
        json=json,
        target=target,
        entry_id=entry_id,
        opinion=opinion(agree),
        reason=reason,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@entries.command()
def decide(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
    *,
    agree: Annotated[bool, typer.Option("--grant/--refuse", help="Grant it, or not.")],
    reason: ReasonOption = "",
    approval: ApprovalOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Grant early removal or refuse it; conditions and exclusions are checked.

    Example: safetycredit list entry decide l-100001 --grant --person 周五 --document 移出1号
    """
    take(
        ctx,
        "DecideEarlyRemoval",
        json=json,
        target=target,
        entry_id=entry_id,
        opinion=opinion(agree),
        reason=reason,
        approval=approval,
        document=document(person, number, date, attach=attach, remark=remark),
    )


@entries.command()
def withdraw(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
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
    """Withdraw an early removal obtained by deceit: the entry is restored.

    Example: safetycredit list entry withdraw l-1 --reason 伪造 --person 周五 --document 撤销1号
    """
    note = document(person, number, date, attach=attach, remark=remark)
    take(
        ctx,
        "WithdrawEarlyRemoval",
        json=json,
        target=target,
        entry_id=entry_id,
        reason=reason,
        document=note,
    )


@entries.command()
def correct(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    entry_id: EntryArgument,
    *,
    reason: ReasonOption,
    approval: ApprovalOption = "",
    person: PersonOption,
    number: DocumentOption,
    date: DateOption = None,
    attach: AttachOption = None,
    remark: RemarkOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Correct an entry whose basis fell (更正): it never counted.

    Example: safetycredit list entry correct l-1 --reason 复议撤销 --person 周五 --document 复议1号
    """
    take(
        ctx,
        "CorrectListEntry",
        json=json,
        target=target,
        entry_id=entry_id,
        reason=reason,
        approval=approval,
        document=document(person, number, date, attach=attach, remark=remark),
    )


def deadlines(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    authority: Annotated[str, typer.Option("--at", help="Authority at which it is due.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Due before this day.")
    ] = None,
    kind: KindOption = "",
    of: FieldOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List what is due in the cases, what is overdue, and at whom.

    Example: safetycredit list deadlines --overdue
    """
    with session_of(ctx).lists(target) as client:

        def page(page_size: int, page_token: str) -> ListDeadlinesResponse:
            request = ListDeadlinesRequest(
                list=_kind(kind),
                field=field(of),
                authority=authority,
                overdue=overdue,
                due_before=day(before),
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListDeadlines, request)

        found = read_pages(page, lambda one: len(one.deadlines), limit=limit)
    if json:
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
