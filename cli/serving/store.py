"""The store before the servers start: migrated if it is the embedded one, else only looked at."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cli.errors import CliError
from services.common.database import Database
from services.common.engines import sqlite_path
from services.common.schema import SchemaState, SchemaStatus, migrate, schema_status
from services.common.settings import Settings

_MARK: Final = "sample-loading.json"


class SchemaNotCurrentError(CliError):
    """A store that somebody named is not at this program's schema."""

    reason = "SCHEMA_NOT_CURRENT"


def migrate_store(settings: Settings) -> tuple[SchemaStatus, SchemaStatus]:
    """Bring the store to this program's schema.

    Returns:
        Its state before and after.

    Raises:
        SchemaNewerError: The store belongs to a newer program.
    """
    database = Database(settings.database_url, options=settings.database_options)
    try:
        if settings.default_store:
            sqlite_path(database.url).parent.mkdir(parents=True, exist_ok=True)
        before = schema_status(database)
        migrate(database)
        return before, schema_status(database)
    finally:
        database.close()


def prepare_store(settings: Settings, *, migrate_named: bool) -> None:
    """Make sure that the store has this program's schema.

    Only the embedded default store is migrated without being asked: a store that
    somebody named may serve other programs, too.

    Raises:
        SchemaNotCurrentError: A named store has another schema.
    """
    if settings.default_store or migrate_named:
        migrate_store(settings)
        return
    database = Database(settings.database_url, options=settings.database_options)
    try:
        status = schema_status(database)
    finally:
        database.close()
    if status.state is not SchemaState.AT_HEAD:
        raise SchemaNotCurrentError(
            f"the store's schema is {status.current or 'missing'}, and this program needs"
            f" {status.head}",
            advice="Migrate it: safetycredit migrate (or at the start: safetycredit up --migrate)",
            current=status.current,
            head=status.head,
        )


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Which sample is loaded.

    Attributes:
        seed: What it is made from.
        until: Its last day.
        enterprises: How many.
    """

    seed: int
    until: date
    enterprises: int


@dataclass(frozen=True, slots=True)
class SampleMark:
    """Notes beside the default store which sample is being loaded.

    A load that was interrupted is finished with the same sample, also on a later
    day; without the note a half-loaded store would pass for a full one.
    """

    path: Path

    @classmethod
    def beside(cls, settings: Settings) -> "SampleMark":
        """Give the mark of the default store."""
        assert settings.default_store, "nobody else's store gets a sample"
        database = Database(settings.database_url, options=settings.database_options)
        try:
            return cls(sqlite_path(database.url).parent / _MARK)
        finally:
            database.close()

    def read(self) -> SamplePlan | None:
        """Say which sample is being loaded; none if none is."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            until = date.fromisoformat(content["until"])
            return SamplePlan(int(content["seed"]), until, int(content["enterprises"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, plan: SamplePlan) -> None:
        """Note that a sample is being loaded."""
        content = {
            "seed": plan.seed,
            "until": plan.until.isoformat(),
            "enterprises": plan.enterprises,
        }
        self.path.write_text(json.dumps(content), encoding="utf-8")

    def remove(self) -> None:
        """Note that it is loaded."""
        self.path.unlink(missing_ok=True)
