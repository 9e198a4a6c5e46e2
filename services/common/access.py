"""Who may call what: the rows of ``access.yaml``, checked against the services."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

import yaml
from google.protobuf.descriptor import ServiceDescriptor
from pydantic import BaseModel, ConfigDict, ValidationError

from services.common.errors import Category, SafetyCreditError
from services.common.identity import Caller, Role

ACCESS_FILE: Final = Path(__file__).with_name("access.yaml")
"""The rows that the servers use."""


class AccessDeniedError(SafetyCreditError):
    """None of the caller's roles may call this RPC."""

    reason = "ACCESS_DENIED"
    category = Category.DENIED


class AccessTableError(SafetyCreditError):
    """The table of access is malformed, or does not fit the services."""

    reason = "ACCESS_TABLE_INVALID"
    category = Category.PRECONDITION


class AccessTable:
    """The roles that may call each RPC; nobody may call one without a row."""

    def __init__(self, services: Mapping[str, Mapping[str, frozenset[str]]]) -> None:
        """Take the rows: roles by service and method."""
        self._services = services

    @classmethod
    def load(cls, path: Path = ACCESS_FILE) -> Self:
        """Read the table.

        Raises:
            AccessTableError: The file is malformed or names an unknown role.
        """
        try:
            document = _Document.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise AccessTableError(f"mend {path.name}: {error}", file=path.name) from error
        if document.open != _OPEN_SERVICES:
            raise AccessTableError(
                f"mend {path.name}: open must be {', '.join(_OPEN_SERVICES)}", file=path.name
            )
        return cls(
            {
                service: {method: frozenset(map(str, roles)) for method, roles in rows.items()}
                for service, rows in document.services.items()
            }
        )

    def roles(self, service: str, method: str) -> frozenset[str]:
        """Give the roles that may call an RPC; none if it has no row."""
        return self._services.get(service, {}).get(method, frozenset())

    def require_rows(self, services: Iterable[ServiceDescriptor]) -> None:
        """Refuse services whose methods and rows differ, in either direction.

        Raises:
            AccessTableError: Names every RPC without a row and every row without
                an RPC.
        """
        missing: list[str] = []
        unknown: list[str] = []
        for service in services:
            methods = {method.name for method in service.methods}
            rows = set(self._services.get(service.full_name, {}))
            missing += [f"{service.full_name}/{name}" for name in sorted(methods - rows)]
            unknown += [f"{service.full_name}/{name}" for name in sorted(rows - methods)]
        if missing or unknown:
            raise AccessTableError(
                f"mend {ACCESS_FILE.name}: RPCs without a row: {', '.join(missing) or 'none'};"
                f" rows without an RPC: {', '.join(unknown) or 'none'}",
                missing=", ".join(missing),
                unknown=", ".join(unknown),
            )

    def service_names(self) -> frozenset[str]:
        """Give the full names of the services that have rows."""
        return frozenset(self._services)


def require_role(caller: Caller, roles: frozenset[str], method: str) -> None:
    """Refuse a caller that has none of the roles.

    Raises:
        AccessDeniedError: Names the roles that would do.
    """
    if caller.roles.isdisjoint(roles):
        raise AccessDeniedError(
            f"{method} needs one of the roles {', '.join(sorted(roles)) or 'of nobody'}",
            method=method,
            roles=",".join(sorted(roles)),
        )


# Private classes ---------------------------------------------------------------

# Stated in the file for whoever reads it; opening more takes more than a line there.
_OPEN_SERVICES: Final = ("grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection")


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    open: tuple[str, ...]
    services: Mapping[str, Mapping[str, tuple[Role, ...]]]
