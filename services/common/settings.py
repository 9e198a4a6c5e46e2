"""Settings of both servers and of the command line: this one place.

Each is read from the environment variable ``SAFETYCREDIT_<NAME>``. The reference
in the documentation and ``safetycredit config`` are both printed from here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from services.common.engines import DatabaseOptions, store_url
from services.common.errors import Category, SafetyCreditError

PREFIX: Final = "SAFETYCREDIT_"
"""What every setting's environment variable begins with."""

DEVELOPMENT_FOLDER: Final = Path("var")
"""Where the default store and its development key live; never committed."""

_MASK: Final = "********"


class SettingError(SafetyCreditError):
    """A setting has a value that cannot be used."""

    reason = "SETTING_INVALID"
    category = Category.INVALID


class Settings(BaseModel):
    """Everything that can be set from outside, with its default.

    A plain model, filled by `load_settings` alone: nothing is read from the
    environment behind a caller's back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    database_url: str = Field(
        default=f"sqlite:///{DEVELOPMENT_FOLDER}/safetycredit.db",
        repr=False,  # It may hold a password.
        description="The store: sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )
    credit_listen: str = Field(
        default="127.0.0.1:50051",
        description="Address and port of the credit service; loopback only.",
    )
    scoring_listen: str = Field(
        default="127.0.0.1:50052",
        description="Address and port of the scoring service; loopback only.",
    )
    policies_dir: Path = Field(
        default=Path("policies"),
        description="Folder of the policy files and of the vocabulary.",
    )
    id_key: SecretStr | None = Field(
        default=None,
        description=(
            "Key for identity numbers: 32 bytes in base64. Every store but the default one"
            " needs this or the file."
        ),
    )
    id_key_file: Path | None = Field(
        default=None,
        description="File that holds the key for identity numbers, in base64.",
    )
    statement_key_file: Path | None = Field(
        default=None,
        description=(
            "File with the keys of credit statements. Every store but the default one needs it to"
            " issue them; safetycredit statement rotate-key makes it."
        ),
    )
    statement_validity_days: int = Field(
        default=30,
        ge=1,
        le=3660,
        description="Days for which a credit statement may be relied on.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="Form of the log lines; auto is console on a terminal, else json.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Least important log line that is written; calls are logged at info.",
    )
    worker_threads: int = Field(
        default=8,
        ge=1,
        le=256,
        description="Threads for commands, and database connections beside them.",
    )
    concurrent_calls_max: int = Field(
        default=2000,
        ge=1,
        description="Calls at once; one more is refused with RESOURCE_EXHAUSTED.",
    )
    message_bytes_max: int = Field(
        default=4 * 2**20,
        ge=2**10,
        le=2**30,
        description="Largest message in bytes, in either direction.",
    )
    page_size_max: int = Field(
        default=1000, ge=1, le=10_000, description="Most rows that one page may hold."
    )
    page_size_default: int = Field(
        default=100, ge=1, le=10_000, description="Rows of a page if a request names none."
    )
    drain_seconds: float = Field(
        default=10.0,
        ge=0,
        description="How long a stopping server lets running calls finish.",
    )
    health_seconds: float = Field(
        default=2.0,
        gt=0,
        description="Interval between two looks at the schema and at readiness.",
    )
    keepalive_seconds: float = Field(
        default=60.0,
        ge=10,
        description="Interval of the pings that keep idle connections open.",
    )
    busy_seconds: float = Field(
        default=10.0,
        gt=0,
        description="How long a call waits for a connection or for another writer.",
    )
    token_wait_seconds: float = Field(
        default=1.0,
        ge=0,
        description="How long a read waits for a replica to reach its token.",
    )
    list_shrink_percent: int = Field(
        default=10,
        ge=0,
        le=100,
        description="Share of a list that may go within a day without a second approval.",
    )
    list_shrink_exempt_below: int = Field(
        default=50,
        ge=0,
        description="Lists with fewer entries may shrink without a second approval.",
    )
    list_retention_days: int | None = Field(
        default=None,
        ge=1,
        description=(
            "How long superseded changes of the lists are kept for subscribers, instead of the"
            " number in list-sync.yaml."
        ),
    )
    list_compaction: bool = Field(
        default=True,
        description="Whether superseded changes past that age are dropped in the background.",
    )
    list_poll_seconds: float = Field(
        default=0.02,
        gt=0,
        le=5,
        description="Interval at which a server that is watched looks for new changes.",
    )

    @field_validator("database_url")
    @classmethod
    def _supported_store(cls, text: str) -> str:
        try:
            store_url(text)
        except SafetyCreditError as error:
            raise ValueError(error.message) from error
        return text

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.id_key is not None and self.id_key_file is not None:
            message = f"set {PREFIX}ID_KEY or {PREFIX}ID_KEY_FILE, not both"
            raise ValueError(message)
        if self.page_size_default > self.page_size_max:
            message = f"{PREFIX}PAGE_SIZE_DEFAULT must not exceed {PREFIX}PAGE_SIZE_MAX"
            raise ValueError(message)
        return self

    @property
    def default_store(self) -> bool:
        """Say whether nobody named a store, so that the embedded one is used."""
        return "database_url" not in self.model_fields_set

    @property
    def database_options(self) -> DatabaseOptions:
        """Give what a `Database` needs to know."""
        return DatabaseOptions(
            connections_max=self.worker_threads,
            busy_seconds=self.busy_seconds,
            token_wait_seconds=self.token_wait_seconds,
        )


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is in force.

    Attributes:
        variable: Name of the environment variable.
        value: Value in force, secrets masked; empty if unset.
        default: Value if the variable is not set.
        changed: Whether somebody set it.
        description: What it is for, one sentence.
    """

    variable: str
    value: str
    default: str
    changed: bool
    description: str


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: Instead of the process's own; for tests.

    Raises:
        SettingError: A value cannot be used, or a variable with our prefix is
            none of ours; names the variable.
    """
    variables = os.environ if environment is None else environment
    values: dict[str, str] = {}
    for variable, value in variables.items():
        if not variable.startswith(PREFIX) or variable.startswith(_FOREIGN_PREFIXES):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in Settings.model_fields:
            raise SettingError(
                f"{variable} is no setting; see safetycredit config", variable=variable
            )
        # Shells and containers often pass a variable that is not set as an empty one.
        if value:
            values[name] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _setting_error(error) from error


def describe_settings(settings: Settings) -> tuple[SettingRow, ...]:
    """List every setting as it is in force, secrets masked."""
    return tuple(
        SettingRow(
            variable=PREFIX + name.upper(),
            value=_shown(getattr(settings, name)),
            default=_shown(field.default),
            changed=name in settings.model_fields_set,
            description=_description(field),
        )
        for name, field in Settings.model_fields.items()
    )


# Private functions -----------------------------------------------------------

_FOREIGN_PREFIXES: Final = (f"{PREFIX}TEST_", f"{PREFIX}CLIENT_")
"""What the tests, and the client side of the command line, read for themselves."""


def _setting_error(error: ValidationError) -> SettingError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return SettingError(message)
    variable = PREFIX + str(first["loc"][0]).upper()
    return SettingError(f"{variable}: {message[0].lower()}{message[1:]}", variable=variable)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return _MASK
    text = str(value)
    if "://" in text:
        try:
            return make_url(text).render_as_string(hide_password=True)
        except ArgumentError:
            return _MASK
    return text


def _description(field: FieldInfo) -> str:
    assert field.description, "every setting is described"
    return field.description
