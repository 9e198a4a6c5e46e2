"""Alembic's entry: runs migrations on the connection it is given.

``services.common.schema`` passes an open connection under its lock. Alembic's own
command line (``alembic revision --autogenerate``) has none and opens the store of
the settings.
"""

import importlib
import pkgutil
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import models
from models.metadata import Base, UtcInstant
from services.common.database import Database
from services.common.schema import altering, ensure_store_row
from services.common.settings import load_settings


def run(connection: Connection) -> None:
    """Run what was asked for on a connection whose transaction is the caller's."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite alters hardly anything; a batch copies the table instead.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(kind: str, item: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our own column types out, so that migrations need no models."""
    if kind == "type" and isinstance(item, UtcInstant):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")'
    return False


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(load_settings().database_url)
    with altering(database) as opened:
        run(opened)
        ensure_store_row(opened, database.clock.now())
    database.close()
