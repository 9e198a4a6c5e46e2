"""``safetycredit person``: responsible persons, and their roles in enterprises.

An identity number is never an argument: arguments stay in the history of the shell, and everyone on
the machine can see those of a running command. It is asked for, or read from a file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

import typer

from cli.commands.enumerations import member
from cli.commands.option_groups import AnswerOptions, grouped
from cli.commands.options import KnownAtOption, SubjectArgument, TokenOption, day, instant, subject
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.forms import FormError, read_form
from cli.display.persons import (
    ROLE_COLUMNS,
    ROLE_KINDS,
    describe_person,
    describe_role,
    role_row,
)
from safetycredit.credit.v1.credit_service_pb2 import (
    AssignRoleRequest,
    AssignRoleResponse,
    EndRoleRequest,
    EndRoleResponse,
    GetPersonRequest,
    RegisterPersonRequest,
)
from safetycredit.credit.v1.person_pb2 import RoleKind

app = typer.Typer(no_args_is_help=True)

PersonArgument = Annotated[str, typer.Argument(metavar="PERSON", help="Such as p-100001.")]
RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="Such as o-100001.")]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", help=", ".join(f"{code} ({term})" for code, term in ROLE_KINDS.items()) + "."
    ),
]
FromOption = Annotated[
    str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day, not in the future.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until-before",
        metavar="YYYY-MM-DD",
        help="Day after the last day. Default: the role lasts.",
    ),
]
EndOption = Annotated[
    str, typer.Option("--until-before", metavar="YYYY-MM-DD", help="Day after the last day.")
]

_FORM: Final = frozenset({"name", "identity_number", "request_id"})
_ADVICE: Final = "safetycredit person register --help shows one."


@app.command()
@grouped
def register(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="YAML or JSON; - is standard input. Default: ask for both."
        ),
    ] = None,
    *,
    answer: AnswerOptions,
) -> None:
    """Register a responsible person (责任人员) under the identity number (居民身份证号码).

    Name and number are asked for; the number does not show while it is typed. Neither can be given
    on the command line, because the history of the shell would keep it. Who has many writes each to
    a file or to standard input:

      name: 卫样例

      identity_number: "11010519001231908X"

    The number is stored encrypted and is never shown whole again. A number that is known already
    gives the person whom it was registered for.

    Example: safetycredit person register

    Example: safetycredit person register person.yaml
    """
    request = _asked() if file is None else _read(file)
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.RegisterPerson, request)
    if answer.json:
        print_json(found)
        return
    output().print("registered before; nothing changed" if found.repeated else "registered")
    print_pairs([*describe_person(found.person), ("token", found.point.token)])


@app.command()
@grouped
def get(
    person_id: PersonArgument,
    *,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    answer: AnswerOptions,
) -> None:
    """Print a person with all roles, oldest first.

    Names are whole for a regulator only; of the identity number a regulator and an auditor see the
    first six and the last four characters, everyone else nothing.

    Example: safetycredit person get p-100001
    """
    request = GetPersonRequest(person_id=person_id, known_at=instant(known_at), token=token)
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.GetPerson, request)
    if answer.json:
        print_json(found)
        return
    print_pairs(describe_person(found.person))
    if found.person.roles:
        print_table(ROLE_COLUMNS, map(role_row, found.person.roles), title="任职 roles")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOptions:
    """What a role is, and how long it lasts."""

    kind: KindOption
    start: FromOption
    until_before: UntilOption = None


@app.command()
@grouped
def assign(
    person_id: PersonArgument,
    enterprise: SubjectArgument,
    *,
    role: RoleOptions,
    answer: AnswerOptions,
) -> None:
    """Record that a person has a role (任职) in an enterprise from a day on.

    Example: safetycredit person assign p-100001 e-100001 --kind principal --from 2024-05-31
    """
    request = AssignRoleRequest(
        request_id=uuid4().hex,
        person_id=person_id,
        enterprise=subject(enterprise),
        kind=member(role.kind, RoleKind, "kind of role"),
        start_date=day(role.start),
        end_date=day(role.until_before),
    )
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.AssignRole, request)
    _print_role("assigned", found, answer)


@app.command()
@grouped
def end(role_id: RoleArgument, *, until_before: EndOption, answer: AnswerOptions) -> None:
    """End a role (离任); that it lasted stays known, and counts for the days on which it did.

    Example: safetycredit person end o-100001 --until-before 2025-06-01
    """
    request = EndRoleRequest(request_id=uuid4().hex, role_id=role_id, end_date=day(until_before))
    with answer.session.credit(answer.target) as client:
        found = client.call(client.stub.EndRole, request)
    _print_role("ended", found, answer)


# Private functions -----------------------------------------------------------


def _asked() -> RegisterPersonRequest:
    """Ask for the person; on standard error, so that standard output is the answer alone."""
    name = typer.prompt("name (姓名)", err=True)
    number = typer.prompt("identity number (身份证号码), not shown", hide_input=True, err=True)
    return RegisterPersonRequest(
        request_id=uuid4().hex, name=name.strip(), identity_number=number.strip()
    )


def _read(file: Path) -> RegisterPersonRequest:
    """Read the person from a file; a refusal names fields, and never what they hold."""
    content = read_form(file, private=True)
    if unknown := content.keys() - _FORM:
        raise FormError(
            f"{file} holds {', '.join(sorted(map(str, unknown)))} beside name and identity_number",
            advice=_ADVICE,
        )
    # Without quotes YAML takes a number that ends in a digit for an integer.
    texts = {key: str(one) if type(one) is int else one for key, one in content.items()}
    if wrong := sorted(key for key, one in texts.items() if not isinstance(one, str)):
        raise FormError(f"{file} should hold a text as {', '.join(wrong)}", advice=_ADVICE)
    texts.setdefault("request_id", uuid4().hex)
    return RegisterPersonRequest(**texts)


def _print_role(
    done: str, found: AssignRoleResponse | EndRoleResponse, answer: AnswerOptions
) -> None:
    if answer.json:
        print_json(found)
        return
    output().print(done)
    print_pairs([*describe_role(found.role), ("token", found.point.token)])
