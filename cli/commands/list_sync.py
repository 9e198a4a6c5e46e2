"""``safetycredit list export`` and its siblings: the published lists, for who keeps copies."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast
from uuid import uuid4

import typer
from rich.progress import Progress

from cli.commands.enterprise import tell_rest
from cli.commands.option_groups import AnswerOptions, ListOptions, grouped
from cli.commands.options import (
    DivisionOption,
    FieldOption,
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
from cli.mirror.export_file import ExportDamagedError, exporting
from cli.mirror.feed import DivisionUnknownError
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind, RemovalReason
from safetycredit.type.v1.field_pb2 import Field

_DIGEST_SHOWN = 16
_MINUTE_SECONDS = 60


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOptions:
    """Which lists, and whose entries of them."""

    kind: KindOption = Kind.BLACKLIST
    of: FieldOption = None
    division: DivisionOption = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """Where to go on."""

    cursor: CursorOption = ""
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the empty list.")] = (
        False
    )


@grouped
def export(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option("--to", help="File to write, one entry a line, as JSON.")],
    scope: ScopeOptions,
    token: TokenOption = "",
    target: TargetOption = None,
) -> None:
    """Write every entry of the published lists into a file, at one version each.

    What comes is held against the digests of the service, and only then takes the place of the
    file. Ends with the cursor from which safetycredit list changes goes on. A copy that stays right
    is kept by safetycredit mirror.

    Example: safetycredit list export --list blacklist --field work_safety --to blacklist.jsonl
    """
    request = pb.ExportListRequest(
        kind=kind_number(scope.kind), field=field(scope.of), division=scope.division, token=token
    )
    cursor = ""
    with (
        session_of(ctx).list_sync(target) as client,
        exporting(to) as file,
        Progress(console=messages(), transient=True) as progress,
    ):
        for message in client.stub.ExportList(request, metadata=client.metadata):
            if message.division_unknown:
                raise DivisionUnknownError(scope.division)
            if message.HasField("begin"):
                file.begin(message.begin)
                name = code(Field.DESCRIPTOR, message.begin.field)
                task = progress.add_task(name, total=message.begin.entry_count)
            if message.entries:
                file.add(message.entries)
                progress.advance(task, len(message.entries))
            if message.HasField("end"):
                file.end(message.end)
            cursor = message.cursor or cursor
        if not cursor:
            raise ExportDamagedError("the export ended before its end", advice="Try again.")
    _print_states(file.states)
    print_pairs([("file", str(to)), ("cursor", cursor)])


@grouped
def changes(
    *,
    scope: ScopeOptions,
    start: StartOptions,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Changes a page.")] = 100,
    token: TokenOption = "",
    answer: AnswerOptions,
) -> None:
    """Print the changes of the lists after a cursor, and the next cursor.

    Example: safetycredit list changes --list blacklist --from-start
    """
    request = pb.ListChangesRequest(
        kind=kind_number(scope.kind),
        field=field(scope.of),
        division=scope.division,
        cursor=start.cursor,
        from_start=start.from_start,
        page_size=limit,
        token=token,
    )
    with answer.session.list_sync(answer.target) as client:
        page = client.call(client.stub.ListChanges, request)
    if answer.json:
        print_json(page)
        return
    for delta in page.deltas:
        _print_changes(delta)
    _print_states([delta.state for delta in page.deltas])
    print_pairs([("more", "yes" if page.more else "no"), ("cursor", page.cursor)])


@grouped
def watch(
    *,
    scope: ScopeOptions,
    start: StartOptions,
    heartbeat: Annotated[
        int, typer.Option("--heartbeat", min=1, max=60, help="Longest silence, in seconds.")
    ] = 15,
    answer: AnswerOptions,
) -> None:
    """Print changes as they are committed, and a heartbeat when there are none; end with Ctrl-C.

    Example: safetycredit list watch --list blacklist --from-start
    """
    request = pb.WatchListRequest(
        kind=kind_number(scope.kind),
        field=field(scope.of),
        division=scope.division,
        cursor=start.cursor,
        from_start=start.from_start,
        heartbeat_seconds=heartbeat,
    )
    with answer.session.list_sync(answer.target) as client:
        for message in client.stub.WatchList(request, metadata=client.metadata):
            if answer.json:
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


@grouped
def digest(*, scope: ScopeOptions, token: TokenOption = "", answer: AnswerOptions) -> None:
    """Print where the published lists stand: version, entries, digest.

    Example: safetycredit list digest --list blacklist
    """
    request = pb.GetListDigestRequest(
        kind=kind_number(scope.kind), field=field(scope.of), division=scope.division, token=token
    )
    with answer.session.list_sync(answer.target) as client:
        found = client.call(client.stub.GetListDigest, request)
    if answer.json:
        print_json(found)
        return
    _print_states([one.state for one in found.digests], whole=True)
    for one in found.digests:
        if one.HasField("shrink_warning"):
            _print_warning(one)


@grouped
def subscribers(
    *,
    kind: KindOption = Kind.BLACKLIST,
    of: FieldOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    answer: AnswerOptions,
) -> None:
    """List who holds which version of which list, and how far each lags behind.

    Example: safetycredit list subscribers --list blacklist
    """
    with answer.session.list_sync(answer.target) as client:

        def page(page_size: int, page_token: str) -> pb.ListSubscribersResponse:
            request = pb.ListSubscribersRequest(
                kind=kind_number(kind),
                field=field(of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListSubscribers, request)

        found = read_pages(page, lambda one: len(one.subscriptions), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("subscriber", "field", "division", "holds", "list is at", "behind for", "acknowledged"),
        [
            (
                one.subscriber,
                code(Field.DESCRIPTOR, one.field),
                one.division or "all",
                str(one.held_version),
                str(one.head_version),
                _lag(one.lag_seconds, beyond=one.lag_beyond_limit),
                instant_text(one.acknowledge_time),
            )
            for one in found.subscriptions
        ],
        numbers=(3, 4, 5),
    )
    for lag in found.lags:
        if lag.behind_count:
            output().print(
                plain(
                    f"{code(Field.DESCRIPTOR, lag.field)}: {lag.behind_count} of"
                    f" {lag.subscription_count} behind, by {lag.versions_behind_max} versions and"
                    f" {_lag(lag.lag_seconds_max, beyond=lag.lag_beyond_limit)} at most"
                )
            )
    tell_rest(output(), found.next_page_token)


@grouped
def end_subscription(
    *,
    scope: ScopeOptions,
    subscriber: Annotated[
        str, typer.Option("--subscriber", help="Whose; another's by operators. Default: yours.")
    ] = "",
    answer: AnswerOptions,
) -> None:
    """End a subscription: a copy that is switched off, or was kept of another division.

    Who it was acknowledged by is in safetycredit list subscribers. Nothing is reported as overdue
    there any more, so end only what nobody uses.

    Example: safetycredit list end-subscription --list blacklist --field fire --division 110000
    """
    request = pb.EndListSubscriptionRequest(
        request_id=uuid4().hex,
        kind=kind_number(scope.kind),
        field=field(scope.of),
        division=scope.division,
        subscriber=subscriber,
    )
    with answer.session.list_sync(answer.target) as client:
        found = client.call(client.stub.EndListSubscription, request)
    if answer.json:
        print_json(found)
        return
    print_pairs([("held last", str(found.held_version)), ("token", found.point.token)])


@grouped
def overdue(
    *, kind: KindOption = Kind.BLACKLIST, of: FieldOption = None, listing: ListOptions
) -> None:
    """List removed entries that a subscriber still holds after the period for it.

    Example: safetycredit list overdue --list blacklist
    """
    with listing.answer.session.list_sync(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> pb.ListOverdueRemovalsResponse:
            request = pb.ListOverdueRemovalsRequest(
                kind=kind_number(kind),
                field=field(of),
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListOverdueRemovals, request)

        found = read_pages(page, lambda one: len(one.removals), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_table(
        ("subscriber", "field", "holds", "entry", "removed at", "why", "was due"),
        [_overdue_row(one) for one in found.removals],
        numbers=(2, 4),
        title=f"due within {found.period_working_days} working days of publication",
    )
    tell_rest(output(), found.next_page_token)


@grouped
def compact(*, answer: AnswerOptions) -> None:
    """Drop superseded changes that are older than the retention.

    Needs the role operator: safetycredit --roles operator list compact

    Example: safetycredit list compact --json
    """
    request = pb.CompactListsRequest(request_id=uuid4().hex)
    with answer.session.list_sync(answer.target) as client:
        found = client.call(client.stub.CompactLists, request)
    if answer.json:
        print_json(found)
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
            for one in found.lists
        ],
        numbers=(2, 3),
    )


def confirmer(confirmation: pb.ShrinkConfirmation) -> str:
    """Write who looked at what the law took off a list."""
    return f"{confirmation.confirmer} {confirmation.authority}".rstrip()


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``safetycredit list``."""
    for command in (
        export,
        changes,
        watch,
        digest,
        subscribers,
        end_subscription,
        overdue,
        compact,
    ):
        app.command()(command)


# Private functions -----------------------------------------------------------


def _lag(seconds: int, *, beyond: bool) -> str:
    """Write how long something has been behind; empty if it is not."""
    if not seconds:
        return ""
    minutes, _ = divmod(seconds, _MINUTE_SECONDS)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02} h" + (" LATE" if beyond else "")


def _print_warning(digest: pb.ListDigest) -> None:
    warning = digest.shrink_warning
    if warning.HasField("confirm_time"):
        call, advice = "seen", f"confirmed {instant_text(warning.confirm_time)}"
    else:
        call = "LOOK AT"
        advice = (
            "such removals are not held back, so see whether a fault did it, and say what you"
            " found: safetycredit list confirm-shrinking"
        )
    output().print(
        plain(
            f"{call} {code(Field.DESCRIPTOR, digest.state.field)}: {warning.removals_in_window}"
            f" entries left by law within a day up to version {warning.version}"
            f" ({instant_text(warning.publish_time)}), {warning.entry_count} remained; {advice}"
        )
    )
    for one in warning.confirmations:
        output().print(plain(f"  {instant_text(one.confirm_time)} {confirmer(one)}: {one.finding}"))


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
