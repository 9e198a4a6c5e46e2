"""Who the command line says that it is, while callers are believed on loopback."""

import getpass
from typing import Final

from services.common.identity import EVERYTHING, Caller, Role

ROLES_DEFAULT: Final = ",".join(
    sorted([Role.REGULATOR, Role.RECORDER, Role.INSURER, Role.AUDITOR, Role.POLICY_OFFICER])
)
"""House decision: on loopback one person plays every part that the commands need."""

CLIENT_PREFIX: Final = "SAFETYCREDIT_CLIENT_"
"""What the variables begin with that only the command line reads."""

CLIENT_VARIABLES: Final = (
    (f"{CLIENT_PREFIX}CALLER", "cli:<user>", "Who the commands say that they are."),
    (f"{CLIENT_PREFIX}ROLES", ROLES_DEFAULT, "Roles of the commands, separated by commas."),
    (f"{CLIENT_PREFIX}AUTHORITY", "", "Authority that the commands act for."),
    (f"{CLIENT_PREFIX}DIVISIONS", EVERYTHING, "Divisions that the commands may write in."),
    (f"{CLIENT_PREFIX}FIELDS", EVERYTHING, "Fields that the commands may write in."),
    (f"{CLIENT_PREFIX}SUBJECT", "", "Whom the commands are a portal of; * is many."),
    (f"{CLIENT_PREFIX}ON_BEHALF_OF", "", "For whom a portal of many calls."),
)
"""Variable, default and purpose of each."""


def default_identity() -> str:
    """Name the person at the keyboard, as the operating system does."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        # In a container the user may have a number and no name.
        return "cli:unknown"


def make_caller(
    identity: str,
    roles: str,
    *,
    authority: str = "",
    divisions: str = EVERYTHING,
    fields: str = EVERYTHING,
) -> Caller:
    """Make the caller out of what was typed; lists are separated by commas."""
    return Caller(
        identity=identity,
        roles=_names(roles),
        authority=authority,
        divisions=_names(divisions),
        fields=_names(fields),
    )


# Private functions -----------------------------------------------------------


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip()))
