"""``safetycredit list export`` and its siblings: the published lists, for who keeps copies."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import uuid4

import typer
from google.protobuf.json_format import MessageToJson
from rich.progress import Progress

from cli.commands.enterprise import tell_rest
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
)
from cli.commands.paging import read_pages
from cli.display.console import messages, output, plain, print_json, print_pairs, print_table
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.display.wording import instant as instant_text
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind, RemovalReason
from safetycredit.type.v1.field_pb2 import Field

_DIGEST_SHOWN = 16


class Kind(StrEnum):
    """The kinds of lists, as people write them."""

    BLACKLIST = "blacklist"
    REDLIST = "redlist"


KindOption = Annotated[Kind, typer.Option("--list", help="Which kind of list.")]
CursorOption = Annotated[
    str, typer.Option("--cursor", help="Where to go on, from an export or a page before.")
]


def kind_number(kind: Kind) -> ListKind:
    """Give the number of a kind."""
    return cast("ListKind", ListKind.Value(f"LIST_KIND_{kind.name}"))


def export(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option("--to", help="File to write, one entry a line, as JSON.")],
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    division: DivisionOption = "",
    token: TokenOption = "",
    target: TargetOption = None,
) -> None:
    """Write every entry of the published lists into a file, at one version each.

    Ends with the cursor from which safetycredit list changes goes on. A copy that stays right is
    kept by safetycredit mirror.

    Example: safetycredit list export --list blacklist --field work_safety --to blacklist.jsonl
    """
    request = pb.ExportListRequest(
        kind=kind_number(kind), field=field(of), division=division, token=token
    )
    states: list[pb.ListState] = []
    cursor = ""
    with (
        session_of(ctx).list_sync(target) as client,
        to.open("w", encoding="utf-8") as file,
        Progress(console=messages(), transient=True) as progress,
    ):
        for message in client.stub.ExportList(request, metadata=client.metadata):
            if message.HasField("begin"):
                name = code(Field.DESCRIPTOR, message.begin.field)
                task = progress.add_task(name, total=message.begin.entry_count)
            for entry in message.entries:
                file.write(_line(entry))
            if message.entries:
                progress.advance(task, len(message.entries))
            if message.HasField("end"):
                states.append(message.end)
            cursor = message.cursor or cursor
    _print_states(states)
    print_pairs([("file", str(to)), ("cursor", cursor)])


def changes(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    division: DivisionOption = "",
    cursor: CursorOption = "",
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the empty list.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Changes a page.")] = 100,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print the changes of the lists after a cursor, and the next cursor.

    Example: safetycredit list changes --list blacklist --from-start
    """
    request = pb.ListChangesRequest(
        kind=kind_number(kind),
        field=field(of),
        division=division,
        cursor=cursor,
        from_start=from_start,
        page_size=limit,
        token=token,
    )
    with session_of(ctx).list_sync(target) as client:
        page = client.call(client.stub.ListChanges, request)
    if json:
        print_json(page)
        return
    for delta in page.deltas:
        _print_changes(delta)
    _print_states([delta.state for delta in page.deltas])
    print_pairs([("more", "yes" if page.more else "no"), ("cursor", page.cursor)])


def watch(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    division: DivisionOption = "",
    cursor: CursorOption = "",
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the empty list.")
    ] = False,
    heartbeat: Annotated[
        int, typer.Option("--heartbeat", min=1, max=60, help="Longest silence, in seconds.")
    ] = 15,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print changes as they are committed, and a heartbeat when there are none; end with Ctrl-C.

    Example: safetycredit list watch --list blacklist --from-start
    """
    request = pb.WatchListRequest(
        kind=kind_number(kind),
        field=field(of),
        division=division,
        cursor=cursor,
        from_start=from_start,
        heartbeat_seconds=heartbeat,
    )
    with session_of(ctx).list_sync(target) as client:
        for message in client.stub.WatchList(request, metadata=client.metadata):
            if json:
                print_json(message)
            elif message.HasField("delta"):
                _print_changes(message.delta)
                _print_states([message.delta.state])
            else:
                versions = ", ".join(
                    f"{code(Field.DESCRIPTOR, state.field)} {state.version}"
                    for state in message.states
                )
                time = instant_text(message.send_time)
                output().print(plain(f"{time} nothing new; {versions}"))


def digest(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    division: DivisionOption = "",
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print where the published lists stand: version, entries, digest.

    Example: safetycredit list digest --list blacklist
    """
    request = pb.GetListDigestRequest(
        kind=kind_number(kind), field=field(of), division=division, token=token
    )
    with session_of(ctx).list_sync(target) as client:
        answer = client.call(client.stub.GetListDigest, request)
    if json:
        print_json(answer)
        return
    _print_states([one.state for one in answer.digests], whole=True)


def subscribers(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List who holds which version of which list.

    Example: safetycredit list subscribers --list blacklist
    """
    with session_of(ctx).list_sync(target) as client:

        def page(page_size: int, page_token: str) -> pb.ListSubscribersResponse:
            request = pb.ListSubscribersRequest(
                kind=kind_number(kind),
                field=field(of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListSubscribers, request)

        answer = read_pages(page, lambda found: len(found.subscriptions), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(
        ("subscriber", "field", "division", "holds", "list is at", "acknowledged"),
        [
            (
                one.subscriber,
                code(Field.DESCRIPTOR, one.field),
                one.division or "all",
                str(one.held_version),
                str(one.head_version),
                instant_text(one.acknowledge_time),
            )
            for one in answer.subscriptions
        ],
        numbers=(3, 4),
    )
    tell_rest(output(), answer.next_page_token)


def overdue(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List removed entries that a subscriber still holds after the period for it.

    Example: safetycredit list overdue --list blacklist
    """
    with session_of(ctx).list_sync(target) as client:

        def page(page_size: int, page_token: str) -> pb.ListOverdueRemovalsResponse:
            request = pb.ListOverdueRemovalsRequest(
                kind=kind_number(kind),
                field=field(of),
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListOverdueRemovals, request)

        answer = read_pages(page, lambda found: len(found.removals), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(
        ("subscriber", "field", "holds", "entry", "removed at", "why", "was due"),
        [_overdue_row(one) for one in answer.removals],
        numbers=(2, 4),
        title=f"due within {answer.period_working_days} working days of publication",
    )
    tell_rest(output(), answer.next_page_token)


def approve_shrinking(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    kind: Annotated[Kind, typer.Option("--list", "-l", help="Which kind of list.")],
    of: Annotated[str, typer.Option("--field", help="Field of the list.")],
    removals: Annotated[int, typer.Option("--removals", min=1, help="Entries that may go.")],
    document: Annotated[str, typer.Option("--document", help="Number of the document.")],
    request_id: Annotated[str, typer.Option("--request-id", help="Default: a new one.")] = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Approve, as a second person, that one publication takes many entries off a list.

    Whoever publishes needs the approval of another person: safetycredit --caller NAME names it.

    Example: safetycredit list approve-shrinking -l redlist --field fire --document D --removals 9
    """
    request = pb.ApproveListShrinkingRequest(
        request_id=request_id or uuid4().hex,
        kind=kind_number(kind),
        field=field(of),
        removals_max=removals,
        document_number=document,
    )
    with session_of(ctx).list_sync(target) as client:
        answer = client.call(client.stub.ApproveListShrinking, request)
    if json:
        print_json(answer)
        return
    print_pairs([("approval", answer.approval_id), ("token", answer.point.token)])


def compact(ctx: typer.Context, *, json: JsonOption = False, target: TargetOption = None) -> None:
    """Drop superseded changes that are older than the retention.

    Needs the role operator: safetycredit --roles operator list compact

    Example: safetycredit list compact --json
    """
    request = pb.CompactListsRequest(request_id=uuid4().hex)
    with session_of(ctx).list_sync(target) as client:
        answer = client.call(client.stub.CompactLists, request)
    if json:
        print_json(answer)
        return
    print_table(
        ("list", "field", "changes from version", "dropped"),
        [
            (
                code(ListKind.DESCRIPTOR, one.kind),
                code(Field.DESCRIPTOR, one.field),
                str(one.floor_version),
                str(one.dropped_changes),
            )
            for one in answer.lists
        ],
        numbers=(2, 3),
    )


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``safetycredit list``."""
    for command in (export, changes, watch, digest, subscribers, overdue, compact):
        app.command()(command)
    app.command("approve-shrinking")(approve_shrinking)


# Private functions -----------------------------------------------------------


def _line(entry: Any) -> str:  # noqa: ANN401 -- any message.
    written = MessageToJson(
        entry, preserving_proto_field_name=True, ensure_ascii=False, indent=None
    )
    return f"{written}\n"


def _print_states(states: list[pb.ListState], *, whole: bool = False) -> None:
    print_table(
        ("list", "field", "version", "entries", "digest"),
        [
            (
                code(ListKind.DESCRIPTOR, state.kind),
                code(Field.DESCRIPTOR, state.field),
                str(state.version),
                str(state.entry_count),
                state.digest.hex() if whole else state.digest.hex()[:_DIGEST_SHOWN],
            )
            for state in states
        ],
        numbers=(2, 3),
    )


def _print_changes(delta: pb.ListDelta) -> None:
    rows = []
    for change in delta.changes:
        if change.HasField("entry"):
            entry = change.entry
            what = (entry.entry_id, entry.credit_code, entry.name, "listed", entry.document_number)
        else:
            removal = change.removal
            reason = code(RemovalReason.DESCRIPTOR, removal.reason)
            what = (removal.entry_id, "", "", f"off: {reason}", removal.document_number)
        rows.append((str(change.version), *what))
    if rows:
        field_code = code(Field.DESCRIPTOR, delta.state.field)
        headings = ("version", "entry", "credit code", "name", "what", "document")
        print_table(headings, rows, title=field_code, numbers=(0,))


def _overdue_row(one: pb.OverdueRemoval) -> tuple[str, ...]:
    reason = code(RemovalReason.DESCRIPTOR, one.removal.reason)
    moving = " (may move)" if one.due_date_provisional else ""
    return (
        one.subscription.subscriber,
        code(Field.DESCRIPTOR, one.subscription.field),
        str(one.subscription.held_version),
        one.removal.entry_id or "all since its version",
        str(one.removal_version),
        reason or "too old to say: it must load the list again",
        day_text(one.due_date) + moving,
    )
