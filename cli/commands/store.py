"""``safetycredit migrate`` and ``safetycredit config``."""

import os

import typer

from cli.client.caller import CLIENT_VARIABLES
from cli.commands.options import session_of
from cli.display.console import output, plain, print_table
from cli.serving.store import migrate_store
from services.common.settings import describe_settings


def migrate(ctx: typer.Context) -> None:
    """Bring the configured store to this program's schema.

    Servers refuse to serve from any other. Run it once; more often does no harm.

    Example: SAFETYCREDIT_DATABASE_URL=postgresql://… safetycredit migrate
    """
    before, after = migrate_store(session_of(ctx).settings)
    if before.current == after.current:
        output().print(plain(f"the schema is {after.current} already; nothing changed"))
    else:
        output().print(plain(f"migrated from {before.current or 'nothing'} to {after.current}"))


def config(ctx: typer.Context) -> None:
    """Print every setting as it is in force, and where it comes from.

    Settings are environment variables. Secrets are masked.

    Example: SAFETYCREDIT_LOG_LEVEL=warning safetycredit config
    """
    rows = [
        (
            row.variable,
            row.value,
            "environment" if row.changed else "default",
            row.description,
        )
        for row in describe_settings(session_of(ctx).settings)
    ]
    rows.extend(
        (
            name,
            os.environ.get(name, default),
            "environment" if name in os.environ else "default",
            description,
        )
        for name, default, description in CLIENT_VARIABLES
    )
    print_table(("setting", "in force", "from", "what it is for"), rows)
