"""Options that the commands about rates share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import typer
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from cli.display.forms import money_of_text
from safetycredit.scoring.v1.rate_service_pb2 import RateInput, TransactionKind

_DECIMAL: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Transaction(StrEnum):
    """Kind of an insurance transaction."""

    NEW = "new"
    RENEWAL = "renewal"
    ENDORSEMENT = "endorsement"


PolicyOption = Annotated[
    str, typer.Option("--policy", help="Rate plan. Default: the plan of the place.")
]
PolicyVersionOption = Annotated[
    str, typer.Option("--policy-version", help="Version. Default: the one in force.")
]
InsurerOption = Annotated[
    str, typer.Option("--insurer", help="Insurer whose filed plan is wanted.")
]
TransactionOption = Annotated[
    Transaction, typer.Option(help="New business, a renewal or an endorsement.")
]
CoverStartOption = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="First day of cover. Default: the rating day."),
]
HeadcountOption = Annotated[
    int | None, typer.Option(help="Employees to insure. Default: the enterprise's.")
]
LimitPerPersonOption = Annotated[
    str | None, typer.Option(metavar="YUAN", help="Limit for death and disability.")
]
InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME=VALUE",
        help="A further input of the plan, such as underwriter_factor=0.95. May be repeated.",
    ),
]

TRANSACTIONS: Final = {
    Transaction.NEW: TransactionKind.TRANSACTION_KIND_NEW,
    Transaction.RENEWAL: TransactionKind.TRANSACTION_KIND_RENEWAL,
    Transaction.ENDORSEMENT: TransactionKind.TRANSACTION_KIND_ENDORSEMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Which rate plan."""

    policy: PolicyOption = ""
    insurer: InsurerOption = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverOptions:
    """What is to be insured."""

    transaction: TransactionOption = Transaction.NEW
    cover_start: CoverStartOption = None
    headcount: HeadcountOption = None
    limit_per_person: LimitPerPersonOption = None
    given: InputOption = None


def limit_of(text: str | None) -> Money | None:
    """Read a limit per person; none if none was given."""
    if text is None:
        return None
    try:
        return money_of_text(text)
    except ValueError as error:
        raise typer.BadParameter(f"write the limit in yuan, 400000, instead of {text}") from error


def inputs(texts: Iterable[str] | None) -> list[RateInput]:
    """Read further inputs of a plan."""
    return [_input(text) for text in texts or ()]


def rate_input(name: str, value: str) -> RateInput:
    """Give an input; what is neither a number nor a day is a code word."""
    if _DECIMAL.fullmatch(value):
        return RateInput(name=name, decimal=Decimal(value=value))
    if _DAY.fullmatch(value):
        year, month, day = map(int, value.split("-"))
        return RateInput(name=name, day=Date(year=year, month=month, day=day))
    return RateInput(name=name, code=value)


# Private functions -----------------------------------------------------------


def _input(text: str) -> RateInput:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise typer.BadParameter(f"write the input as underwriter_factor=0.95 instead of {text}")
    return rate_input(name.strip(), value.strip())
