"""Options and arguments that several commands share, and how their texts are read."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final, cast

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from cli.client.connection import Session
from cli.importing.targets import code_numbers
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import LocalIdentity, SubjectRef
from services.common.clock import CIVIL_ZONE

PAGE_ROWS_MAX: Final = 1000
"""Most rows that the services put on one page."""

CREDIT_CODE_LENGTH: Final = 18

TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="HOST:PORT", help="Server to call, instead of the configured."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        help="Credit code, identifier such as e-100001, or SCHEME:VALUE of a local identity.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="Civil day asked for. Default: today."),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="INSTANT",
        help="Instant of knowledge, ISO 8601; without a zone in Asia/Shanghai."
        " Default: the store's last write.",
    ),
]
TokenOption = Annotated[
    str, typer.Option("--token", help="Token of a write that the answer must include.")
]
FieldOption = Annotated[
    str | None,
    typer.Option(
        "--field",
        help="work_safety, fire, housing_construction, transport or special_equipment.",
    ),
]
DivisionOption = Annotated[
    str,
    typer.Option("--division", metavar="CODE", help="Six digits; 110000 is all of Beijing."),
]
IndustryOption = Annotated[
    str, typer.Option("--industry", metavar="CODE", help="GB/T 4754, such as C or C26.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Most rows to print.")]

_LOCAL: Final = re.compile(r"(?P<scheme>[a-z0-9.-]{1,64}):(?P<value>.+)", re.DOTALL)


def session_of(ctx: typer.Context) -> Session:
    """Give what the global options say."""
    session = ctx.obj
    assert isinstance(session, Session), "the program's callback makes it"
    return session


def subject(text: str) -> SubjectRef:
    """Read who is meant."""
    text = text.strip()
    if re.fullmatch(r"e-\d+", text):
        return SubjectRef(enterprise_id=text)
    if re.fullmatch(r"p-\d+", text):
        return SubjectRef(person_id=text)
    if found := _LOCAL.fullmatch(text):
        return SubjectRef(
            local_identity=LocalIdentity(scheme=found["scheme"], value=found["value"])
        )
    return SubjectRef(credit_code=text)


def day(text: str | None) -> Date | None:
    """Read a civil day; none if none was given."""
    if text is None:
        return None
    found = civil_day(text)
    return Date(year=found.year, month=found.month, day=found.day)


def civil_day(text: str) -> date:
    """Read a civil day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day has no zone.
    except ValueError as error:
        raise typer.BadParameter(f"write the day as 2024-05-31 instead of {text}") from error


def instant(text: str | None) -> Timestamp | None:
    """Read an instant; none if none was given."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"write the instant as 2024-05-31T12:00:00+08:00 instead of {text}"
        ) from error
    if found.tzinfo is None:
        found = found.replace(tzinfo=CIVIL_ZONE)
    message = Timestamp()
    message.FromDatetime(found.astimezone(UTC))
    return message


def field(text: str | None) -> Field:
    """Read a field by its code."""
    known = code_numbers(Field.DESCRIPTOR)
    if text is None:
        return Field.FIELD_UNSPECIFIED
    if text not in known:
        names = ", ".join(name for name, number in known.items() if number)
        raise typer.BadParameter(f"{text} is no field; write one of {names}")
    return cast("Field", known[text])
