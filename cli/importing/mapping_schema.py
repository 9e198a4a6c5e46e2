"""Shape of a mapping file; what its parts mean stands in docs and in the built-in ones."""

import codecs
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cli.importing.dates import Partial

Unit = Literal["fen", "yuan", "wan_yuan", "yi_yuan"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError(
            f"{name!r} is no encoding; write utf-8-sig, gb18030, big5 or utf-16"
        ) from error
    return name


def _one_or_more(value: Any) -> Any:  # noqa: ANN401 -- what a YAML file holds is not known yet.
    return [value] if isinstance(value, str) else value


def _plain_text(value: Any) -> Any:  # noqa: ANN401 -- what a YAML file holds is not known yet.
    """Take numbers and days as the texts that they were written as."""
    if isinstance(value, bool) or value is None:
        raise ValueError("put it in quotes: YAML takes it for true, false or nothing")
    return value if isinstance(value, str) else str(value)


def _text_or_list(value: Any) -> Any:  # noqa: ANN401 -- what a YAML file holds is not known yet.
    if isinstance(value, bool):
        return "true" if value else "false"
    return [_plain_text(item) for item in value] if isinstance(value, list) else _plain_text(value)


def _table(value: Any) -> Any:  # noqa: ANN401 -- what a YAML file holds is not known yet.
    if not isinstance(value, dict):
        return value
    return {_plain_text(key): _text_or_list(code) for key, code in value.items()}


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


Columns = Annotated[list[str], BeforeValidator(_one_or_more), Field(min_length=1)]
"""Name of a column, or several names of which the first present is taken."""

Constant = Annotated[str | list[str], BeforeValidator(_text_or_list)]


class Rule(_Part):
    """Where one value comes from, and how it is read."""

    column: Columns | None = None
    template: str | None = None
    constant: Constant | None = None
    optional: bool = False
    default: Constant | None = None
    characters: tuple[int, int] | None = None
    cut: Annotated[int, Field(ge=1)] | None = None
    table: str | None = None
    match: Literal["exact", "contains", "words"] | None = None
    unmatched: Annotated[str, BeforeValidator(_text_or_list)] | None = None
    split: str | None = None
    formats: Annotated[list[str], BeforeValidator(_one_or_more)] | None = None
    partial: Partial | None = None
    unit: Unit | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        sources = [self.column, self.template, self.constant]
        if sum(source is not None for source in sources) != 1:
            raise ValueError("give exactly one of column, template and constant")
        if self.constant is not None and (self.default is not None or self.optional):
            raise ValueError("a constant needs neither default nor optional")
        if self.table is None and (self.match or self.unmatched is not None):
            raise ValueError("match and unmatched need a table")
        if self.characters and not 1 <= self.characters[0] <= self.characters[1]:
            raise ValueError("characters names the first and the last one, counted from 1")
        return self


class FileFormat(_Part):
    """How the file itself is written."""

    encodings: Annotated[
        list[Annotated[str, AfterValidator(_known_encoding)]],
        BeforeValidator(_one_or_more),
        Field(min_length=1),
    ] = ["utf-8-sig", "gb18030"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    nothing: list[Annotated[str, BeforeValidator(_plain_text)]] = []


class LocalIdentity(_Part):
    """An identity in a scheme of its own, for subjects without a credit code."""

    scheme: str
    value: Rule


class Subject(_Part):
    """Whom a row is about: the credit code if there is one, else the local identity."""

    credit_code: Rule | None = None
    local_identity: LocalIdentity | None = None

    @model_validator(mode="after")
    def _given(self) -> Self:
        if self.credit_code is None and self.local_identity is None:
            raise ValueError("give credit_code, local_identity or both")
        return self


class Condition(_Part):
    """Rows that are not imported."""

    column: Columns
    values: list[Annotated[str, BeforeValidator(_plain_text)]] | None = None
    matching: Annotated[str, AfterValidator(_expression)] | None = None
    optional: bool = False
    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
    message: str

    @model_validator(mode="after")
    def _given(self) -> Self:
        if (self.values is None) == (self.matching is None):
            raise ValueError("give either values or matching")
        return self


class Mapping(_Part):
    """A mapping: how the rows of one kind of file become records."""

    title: str
    documentation: str = ""
    file: FileFormat = FileFormat()
    kind: Literal[
        "inspection",
        "violation",
        "penalty",
        "rectification",
        "hazard",
        "accident",
        "honour",
        "report",
        "insurance_policy",
        "endorsement",
        "claim",
        "insurance_payment",
        "prevention_plan",
        "prevention_service",
    ]
    subject: Subject
    enterprise: dict[str, Rule] | None = None
    header: dict[str, Rule]
    body: dict[str, Rule]
    tables: dict[str, Annotated[dict[str, str | list[str]], BeforeValidator(_table)]] = {}
    skip: list[Condition] = []
    refuse: list[Condition] = []
