"""``safetycredit peers``: tables of peers, by which ranks and percentiles are read off."""

from collections.abc import Iterable
from typing import Annotated, Final
from uuid import uuid4

import typer

from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import AsOfOption, day, instant
from cli.display.console import messages, output, print_json, print_pairs, print_table
from cli.display.explanations import policy_name
from cli.display.wording import day as day_text
from cli.display.wording import instant as instant_text
from safetycredit.scoring.v1.peer_table_service_pb2 import (
    ComputePeerTableRequest,
    GetPeerTableRequest,
    PeerPlace,
    PeerTable,
)

COMPUTE_SECONDS: Final = 600
"""House decision: time for a table of a million enterprises, many times over."""

GROUPS_SHOWN: Final = 20

app = typer.Typer(no_args_is_help=True)

PolicyArgument = Annotated[
    str, typer.Argument(metavar="POLICY", help="Such as cn.example.scorecard.")
]


@app.command()
@grouped
def show(
    policy_id: PolicyArgument,
    *,
    version: Annotated[str, typer.Option(help="Version. Default: the one in force.")] = "",
    reading: ReadOptions,
) -> None:
    """Print the table of peers that answers take: when it was made, and how large its groups are.

    Example: safetycredit peers show cn.example.scorecard --as-of 2026-11-22
    """
    request = GetPeerTableRequest(
        policy_id=policy_id,
        policy_version=version,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.peers(reading.answer.target) as client:
        answer = client.call(client.stub.GetPeerTable, request)
    if reading.answer.json:
        print_json(answer)
        return
    _print_table(answer.table)


@app.command()
@grouped
def compute(
    policy_id: PolicyArgument, *, as_of: AsOfOption = None, answering: AnswerOptions
) -> None:
    """Compute a policy's table of peers now; the service makes one a day by itself.

    Example: safetycredit peers compute cn.example.scorecard
    """
    request = ComputePeerTableRequest(
        request_id=str(uuid4()), policy_id=policy_id, as_of=day(as_of)
    )
    with (
        answering.session.peers(answering.target) as client,
        messages().status("looking at everybody"),
    ):
        answer = client.call(client.stub.ComputePeerTable, request, seconds=COMPUTE_SECONDS)
    if answering.json:
        print_json(answer)
        return
    for table in answer.tables:
        _print_table(table)


# Private functions -----------------------------------------------------------


def _print_table(table: PeerTable) -> None:
    ref = table.ref
    print_pairs(
        [
            ("policy", policy_name(ref.policy)),
            ("as of", day_text(ref.as_of)),
            ("facts up to revision", str(ref.revision)),
            ("known at", instant_text(ref.known_at)),
            ("recorded at", instant_text(table.recorded_time)),
            ("digest", ref.digest),
        ]
    )
    for place in table.places:
        output().print(f"{place.input}: {place.measure} among {place.peer_count} peers")
        print_table(
            (*(place.among or ("everybody",)), "peers"),
            _rows(place),
            numbers=(max(len(place.among), 1),),
        )
        if place.group_count > GROUPS_SHOWN:
            output().print(f"{GROUPS_SHOWN} largest of {place.group_count} groups; --json has more")


def _rows(place: PeerPlace) -> Iterable[tuple[str, ...]]:
    return [
        (*(group.values or ("all",)), str(group.peer_count))
        for group in place.groups[:GROUPS_SHOWN]
    ]
