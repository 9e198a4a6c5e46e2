"""``safetycredit mirror``: a copy of the published lists that is kept exactly right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from json import dumps
from pathlib import Path
from typing import Annotated, Final

import typer
from google.protobuf.json_format import MessageToDict
from google.type.date_pb2 import Date

from cli.commands.list_sync import ScopeOptions, kind_number
from cli.commands.mirror_subjects import subjects_of
from cli.commands.option_groups import grouped
from cli.commands.options import JsonOption, TargetOption, field, session_of
from cli.display.console import messages, output, plain, print_pairs, print_table
from cli.display.wording import code
from cli.display.wording import day as day_text
from cli.mirror.feed import GrpcFeed, Mirrored
from cli.mirror.keeping import Mirror
from cli.mirror.lookup import Found, look_up, verify
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry, ListKind
from safetycredit.type.v1.field_pb2 import Field
from services.common.clock import CIVIL_ZONE

app = typer.Typer(no_args_is_help=True)

FileOption = Annotated[
    Path, typer.Option("--from", "--to", "--file", metavar="FILE", help="The copy.")
]

_MINUTE: Final = timedelta(minutes=1)
_DEFAULT: Final = Path("safetycredit-mirror.db")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingOptions:
    """How a copy is kept."""

    once: Annotated[bool, typer.Option("--once", help="End as soon as the copy is right.")] = False
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Load the lists also where another store's are, or what is no copy; that is kept"
            " as FILE.old, or FILE.old.1 where something is kept already.",
        ),
    ] = False


@app.command()
@grouped
def run(
    ctx: typer.Context,
    *,
    to: FileOption = _DEFAULT,
    scope: ScopeOptions,
    keeping: KeepingOptions,
    target: TargetOption = None,
) -> None:
    """Keep a copy of the published lists right, in a SQLite file, until it is told to end.

    It verifies the digest after every application, repairs what differs or loads the lists anew,
    waits longer the more often something fails, goes on after a kill at any point, and
    acknowledges what it holds. The service knows a copy by the caller's identity (--caller): give
    each of several copies its own, or it is told of the newest alone.

    Example: safetycredit mirror run --to blacklist.db --list blacklist
    """
    mirrored = Mirrored(kind_number(scope.kind), field(scope.of), scope.division)
    with session_of(ctx).list_sync(target) as client:
        mirror = Mirror(
            path=to,
            feed=GrpcFeed(client, mirrored),
            mirrored=mirrored,
            replace=keeping.replace,
            tell=lambda text: messages().print(plain(text)),
        )
        try:
            mirror.run(once=keeping.once)
        except KeyboardInterrupt:
            messages().print("ended; the copy stays as it is")
    _print_standing(look_up(to))


@app.command()
def check(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Credit codes, or identifiers such as e-100001."),
    ] = None,
    *,
    codes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="More of them, one a line; - is standard input."),
    ] = None,
    file: FileOption = _DEFAULT,
    json: JsonOption = False,
) -> None:
    """Say whether subjects are on the lists of a copy, and how old the copy is; needs no network.

    Every entry of the copy is digested once before it answers, so a damaged one never does; a
    million entries take some seconds, however many codes are asked for. With --json there is one
    object for one CODE, and one a line for several or for --codes. Persons who are listed in a case
    of an enterprise stand apart (related_entries): they do not make the enterprise listed.

    The exit code is 0 when every code was answered, whoever is on a list; 1 when none was, because
    one is malformed, or the copy is missing or damaged; 2 when no code was given.

    Example: safetycredit mirror check 91110106YY0000095M --from blacklist.db

    Example: safetycredit mirror check --codes suppliers.txt --from blacklist.db --json
    """
    wanted = subjects_of(subjects or (), codes)
    if not wanted:
        empty = "" if codes is None else f"; there is none in {codes}"
        raise typer.BadParameter(f"give at least one CODE, or --codes FILE{empty}")
    found = look_up(file, *wanted)
    today = datetime.now(CIVIL_ZONE).date()
    if json:
        whole = codes is None and len(wanted) == 1
        for subject in wanted:
            answer = _answer(subject, found, today)
            typer.echo(dumps(answer, ensure_ascii=False, indent=2 if whole else None))
        return
    for subject in wanted:
        _print_entries(subject, found, today)
    output().print(plain(_scope(found)))
    output().print(plain(_age(found)))


@app.command()
def status(
    *,
    file: FileOption = _DEFAULT,
    verified: Annotated[
        bool, typer.Option("--verify", help="Digest every entry anew, which takes seconds.")
    ] = False,
) -> None:
    """Print where a copy stands, and how old it is; needs no network.

    Example: safetycredit mirror status --from blacklist.db --verify
    """
    _print_standing(look_up(file))
    if verified:
        verify(file)
        output().print("verified: every entry is what the digests say")


# Private functions -----------------------------------------------------------


def _print_entries(subject: str, found: Found, today: date) -> None:
    if not found.entries[subject]:
        kind = code(ListKind.DESCRIPTOR, found.mirrored.kind)
        output().print(plain(f"{subject} is on no {kind} of this copy"))
    for entry in found.entries[subject]:
        _print_entry(entry, f"{entry.name} {entry.credit_code or entry.subject_id}", today)
    if found.related[subject]:
        output().print(plain(f"persons who are listed in a case of {subject}, and not itself:"))
    for entry in found.related[subject]:
        _print_entry(entry, f"{entry.name} {entry.subject_id}", today)


def _print_entry(entry: ListEntry, who: str, today: date) -> None:
    print_pairs(
        [
            (_standing(entry, today), who),
            ("number", entry.masked_identity_number),
            ("list", code(ListKind.DESCRIPTOR, entry.kind)),
            ("field", code(Field.DESCRIPTOR, entry.field)),
            ("from", day_text(entry.start_date)),
            ("until before", day_text(entry.end_date)),
            ("by", f"{entry.authority} {entry.document_number}"),
            ("cause", entry.cause),
            ("basis", entry.basis),
            ("measures", ", ".join(entry.measure_codes)),
            ("entry", entry.entry_id),
        ]
    )


def _standing(entry: ListEntry, today: date) -> str:
    """Say how an entry stands on a day: a copy holds what was published, whatever its dates."""
    if _day(entry.start_date) > today:
        return "to be listed"
    return "listed" if today < _day(entry.end_date) else "term over"


def _day(day: Date) -> date:
    return date(day.year, day.month, day.day) if day.year else date.max


def _answer(wanted: str, found: Found, today: date) -> dict[str, object]:
    mirrored, entries = found.mirrored, found.entries[wanted]
    return {
        "subject": wanted,
        "kind": code(ListKind.DESCRIPTOR, mirrored.kind),
        "field": code(Field.DESCRIPTOR, mirrored.field) or None,
        "division": mirrored.division or None,
        "listed": any(_standing(entry, today) == "listed" for entry in entries),
        "entries": _written(entries),
        "related_entries": _written(found.related[wanted]),
        "lists": [
            {
                "kind": code(ListKind.DESCRIPTOR, mirrored.kind),
                "field": code(Field.DESCRIPTOR, number),
                "version": held.version,
                "entry_count": held.entry_count,
                "digest": held.digest.hex(),
            }
            for number, held in found.lists.items()
        ],
        "confirm_time": found.confirm_time.isoformat(),
    }


def _written(entries: Sequence[ListEntry]) -> list[dict[str, object]]:
    return [MessageToDict(entry, preserving_proto_field_name=True) for entry in entries]


def _print_standing(found: Found) -> None:
    print_table(
        ("list", "field", "version", "entries", "digest"),
        [
            (
                code(ListKind.DESCRIPTOR, found.mirrored.kind),
                code(Field.DESCRIPTOR, number),
                str(held.version),
                str(held.entry_count),
                held.digest.hex(),
            )
            for number, held in found.lists.items()
        ],
        numbers=(2, 3),
        title=f"division {found.mirrored.division}" if found.mirrored.division else "",
    )
    if empty := _emptiness(found):
        output().print(plain(empty))
    output().print(plain(_age(found)))


def _scope(found: Found) -> str:
    """Say whose entries a copy holds: of anybody else it knows nothing."""
    scope = f"this copy holds: {found.mirrored}"
    partial = found.mirrored.field or found.mirrored.division
    if not partial:
        return scope
    said = f"{scope} alone; it knows nothing of others"
    return f"{said}; {empty}" if (empty := _emptiness(found)) else said


def _emptiness(found: Found) -> str:
    """Say that a copy of a division has nobody: nobody may have been meant by its number."""
    if not found.mirrored.division or any(held.entry_count for held in found.lists.values()):
        return ""
    return (
        f"it has no entry at all, so see whether {found.mirrored.division} is the division that is"
        " meant"
    )


def _age(found: Found) -> str:
    age = datetime.now(UTC) - found.confirm_time
    time = found.confirm_time.astimezone(CIVIL_ZONE).isoformat(timespec="seconds")
    if age < -_MINUTE:
        return (
            f"the service confirmed this copy at {time}, which lies in the future: a clock is"
            " wrong, and how old the copy is cannot be said"
        )
    minutes = max(age, timedelta()) // _MINUTE
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d"] * bool(days) + [f"{hours} h"] * bool(days or hours) + [f"{minutes} min"]
    return f"the service confirmed this copy {' '.join(parts)} ago, at {time}"
