"""``safetycredit statement``: signed credit statements, and their keys."""

import json as json_format
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import (
    AsOfOption,
    FieldOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    field,
    session_of,
    subject,
)
from cli.display.console import output, plain, print_json, print_pairs
from cli.display.explanations import policy_name
from cli.display.wording import code, instant
from cli.display.wording import day as day_text
from cli.errors import CliError
from safetycredit.scoring.v1.credit_statement_service_pb2 import (
    CreditStatement,
    GetCreditStatementStatusRequest,
    GetCreditStatementStatusResponse,
    IssueCreditStatementRequest,
    ListStatementKeysRequest,
    WithdrawCreditStatementRequest,
)
from services.common.clock import CIVIL_ZONE
from services.common.statement_keys import StatementKeys, key_set
from services.common.statement_verifying import VerifiedStatement, verify_statement

app = typer.Typer(no_args_is_help=True)

_TEXT_BYTES_MAX: Final = 2**16
"""House limit: a statement has about two thousand characters."""

IdentifierArgument = Annotated[
    str, typer.Argument(metavar="STATEMENT", help="Identifier, as it stands in the statement.")
]
RequestIdOption = Annotated[
    str,
    typer.Option(
        "--request-id", help="Identifier of the request, so that a repeat changes nothing."
    ),
]


class StatementFileError(CliError):
    """A file has no statement, or no keys."""

    reason = "STATEMENT_FILE_UNREADABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOptions:
    """What the statement is about."""

    of: FieldOption = None
    policy: Annotated[str, typer.Option("--policy", help="Grade policy. Default: the local.")] = ""
    as_of: AsOfOption = None
    token: TokenOption = ""


@app.command()
@grouped
def issue(
    code_text: SubjectArgument,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write it to.")],
    wanted: StatementOptions,
    request_id: RequestIdOption = "",
    answer: AnswerOptions,
) -> None:
    """Issue a signed statement of an enterprise's grade and lists, for a bank or an insurer.

    Example: safetycredit statement issue 91110105YY000001X9 --to statement.jws
    """
    request = IssueCreditStatementRequest(
        request_id=request_id or f"{uuid4()}",
        subject=subject(code_text),
        field=field(wanted.of),
        policy_id=wanted.policy,
        as_of=day(wanted.as_of),
        token=wanted.token,
    )
    with answer.session.statements(answer.target) as client:
        found = client.call(client.stub.IssueCreditStatement, request)
    to.write_text(found.signed_statement + "\n", encoding="ascii")
    if answer.json:
        print_json(found)
        return
    print_pairs([*_stated(found.statement), ("written to", str(to))])


@app.command()
def verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="The statement.")],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys",
            metavar="FILE",
            help="Public keys, as statement keys writes them. Default: this server's own.",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", help="Instant. Default: now.")
    ] = None,
) -> None:
    """Verify a statement without a network: what it states, until when, by which key.

    It ends with 0 only if the signature is right, the key known, and the time not over. Whether it
    was withdrawn only the server knows: ask safetycredit statement status.

    Example: safetycredit statement verify statement.jws --keys keys.json
    """
    text = _read(file)
    known = _key_set(ctx) if keys is None else _keys(keys)
    statement = verify_statement(text, known, now=_instant(at))
    print_pairs(_claims(statement))


@app.command()
@grouped
def status(statement_id: IdentifierArgument, *, answer: AnswerOptions) -> None:
    """Ask whether a statement is valid, expired or withdrawn.

    Example: safetycredit statement status 0b9f2f60-5a0c-4c1c-9d0b-2f3c8a1e7d55
    """
    request = GetCreditStatementStatusRequest(statement_id=statement_id)
    with answer.session.statements(answer.target) as client:
        found = client.call(client.stub.GetCreditStatementStatus, request)
    if answer.json:
        print_json(found)
        return
    states = GetCreditStatementStatusResponse.State.DESCRIPTOR
    print_pairs(
        [
            ("statement", found.statement_id),
            ("state", code(states, found.state)),
            ("issued", instant(found.issue_time)),
            ("expires", instant(found.expiry_time)),
            ("key", found.key_id),
            ("withdrawn", instant(found.withdraw_time)),
            ("because", found.withdraw_reason),
        ]
    )


@app.command()
@grouped
def withdraw(
    statement_id: IdentifierArgument,
    *,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; everybody may read it: nothing personal.")
    ],
    request_id: RequestIdOption = "",
    answer: AnswerOptions,
) -> None:
    """Withdraw a statement before it expires.

    Example: safetycredit statement withdraw 0b9f2f60-5a0c-4c1c-9d0b-2f3c8a1e7d55 --reason 更正
    """
    request = WithdrawCreditStatementRequest(
        request_id=request_id or f"{uuid4()}", statement_id=statement_id, reason=reason
    )
    with answer.session.statements(answer.target) as client:
        found = client.call(client.stub.WithdrawCreditStatement, request)
    if answer.json:
        print_json(found)
        return
    print_pairs([("statement", found.statement_id), ("withdrawn", instant(found.withdraw_time))])


@app.command()
def keys(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write them to.")],
    target: TargetOption = None,
) -> None:
    """Fetch the public keys, with which statements are verified without a network.

    Example: safetycredit statement keys --to keys.json
    """
    with session_of(ctx).statements(target) as client:
        answer = client.call(client.stub.ListStatementKeys, ListStatementKeysRequest())
    to.write_text(answer.jwks + "\n", encoding="utf-8")
    output().print(plain(f"{len(answer.keys)} keys written to {to}"))


@app.command()
def rotate_key(ctx: typer.Context) -> None:
    """Make a new signing key on this machine; what older ones signed can still be verified.

    A running server uses it from the next statement on. The file is the one that the setting
    SAFETYCREDIT_STATEMENT_KEY_FILE names.

    Example: safetycredit statement rotate-key
    """
    made = StatementKeys.of(session_of(ctx).settings).rotate(datetime.now(UTC))
    output().print(plain(f"the key {made.key_id} signs from now on"))


# Private functions -----------------------------------------------------------


def _stated(statement: CreditStatement) -> list[tuple[str, str]]:
    return [
        ("statement", statement.statement_id),
        ("enterprise", statement.credit_code or statement.enterprise_id),
        ("grade", statement.grade),
        ("by", policy_name(statement.grade_policy)),
        *(
            (f"list {policy_name(one.policy)}", one.standing.replace("_", " "))
            for one in statement.standings
        ),
        ("as of", day_text(statement.as_of)),
        ("known at", instant(statement.known_at)),
        ("issued", instant(statement.issue_time)),
        ("expires", instant(statement.expiry_time)),
        ("key", statement.key_id),
    ]


def _claims(statement: VerifiedStatement) -> list[tuple[str, str]]:
    claims = statement.claims
    policy = claims.get("grade_policy", {})
    return [
        ("valid", "yes"),
        ("statement", str(claims.get("jti", ""))),
        ("issuer", str(claims.get("iss", ""))),
        ("enterprise", str(claims.get("sub", ""))),
        ("grade", str(claims.get("grade", ""))),
        ("by", f"{policy.get('policy_id', '')} {policy.get('version', '')}".strip()),
        ("digest", str(policy.get("digest", ""))),
        *(
            (f"list {one.get('policy_id')}", str(one.get("standing", "")).replace("_", " "))
            for one in claims.get("lists", [])
        ),
        ("as of", str(claims.get("as_of", ""))),
        ("known at", str(claims.get("known_at", ""))),
        ("issued", statement.issue_time.astimezone(CIVIL_ZONE).isoformat()),
        ("expires", statement.expiry_time.astimezone(CIVIL_ZONE).isoformat()),
        ("key", statement.key_id),
    ]


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
        if len(content) > _TEXT_BYTES_MAX:
            raise StatementFileError(f"{file} is too long for a statement", file=file)
        return content.decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise StatementFileError(
            f"{file} cannot be read as a credit statement", file=file
        ) from error


def _key_set(ctx: typer.Context) -> dict[str, Any]:
    keys_at_hand = StatementKeys.of(session_of(ctx).settings).public()
    if not keys_at_hand:
        raise StatementFileError(
            "no public keys are at hand",
            advice="Fetch them with: safetycredit statement keys --to FILE, and give --keys FILE.",
        )
    found: dict[str, Any] = json_format.loads(key_set(keys_at_hand))
    return found


def _keys(file: Path) -> dict[str, Any]:
    try:
        found = json_format.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StatementFileError(f"{file} cannot be read as public keys", file=file) from error
    if not isinstance(found, dict):
        raise StatementFileError(f"{file} has no set of keys", file=file)
    return found


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"write the instant as 2024-05-31T12:00:00+08:00 instead of {text}"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=CIVIL_ZONE)
