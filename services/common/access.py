"""Who may call what: the rows of ``access.yaml``, checked against the services."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

import yaml
from google.protobuf.descriptor import ServiceDescriptor
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.common.errors import Category, SafetyCreditError
from services.common.identity import Caller, Role
from services.common.portals import is_bound, unfit_rule

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

    def __init__(
        self,
        services: Mapping[str, Mapping[str, frozenset[str]]],
        about: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
    ) -> None:
        """Take the rows.

        Args:
            services: Roles by service and method.
            about: Fields of a request that say whom it is about, by service and method, for what
                portals may call; none by default.
        """
        self._services = services
        self._about = about or {}

    @classmethod
    def load(cls, path: Path = ACCESS_FILE) -> Self:
        """Read the table.

        Raises:
            AccessTableError: The file is malformed or names an unknown role.
        """
        try:
            document = _Document.model_validate(
                yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            )
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
            },
            document.about,
        )

    def roles(self, service: str, method: str) -> frozenset[str]:
        """Give the roles that may call an RPC; none if it has no row."""
        return self._services.get(service, {}).get(method, frozenset())

    def about(self, service: str, method: str) -> tuple[str, ...]:
        """Give the fields of a request of which the first that is given says whom it is about."""
        return self._about.get(service, {}).get(method, ())

    def binds_portals(self, services: Iterable[ServiceDescriptor]) -> bool:
        """Say whether any of the services may be called by portals, and not by everybody."""
        return any(
            is_bound(self.roles(service.full_name, method.name))
            for service in services
            for method in service.methods
        )

    def require_rows(self, services: Iterable[ServiceDescriptor]) -> None:
        """Refuse services whose methods and rows differ, in either direction.

        Raises:
            AccessTableError: Names every RPC without a row and every row without
                an RPC; or every RPC that portals may call without a rule that says
                whom a request is about, and every rule that is not needed.
        """
        services = list(services)
        self._require_about(services)
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

    def _require_about(self, services: Iterable[ServiceDescriptor]) -> None:
        wrong: list[str] = []
        for service in services:
            name = service.full_name
            bound = {
                one.name: one for one in service.methods if is_bound(self.roles(name, one.name))
            }
            for method, descriptor in bound.items():
                problem = unfit_rule(descriptor, self.about(name, method))
                if problem:
                    wrong.append(f"{name}/{method}: {problem}")
            needless = sorted(self._about.get(name, {}).keys() - bound.keys())
            wrong += [f"{name}/{method}: no rule is needed" for method in needless]
        if wrong:
            raise AccessTableError(
                f"mend {ACCESS_FILE.name}, about: {'; '.join(wrong)}", wrong="; ".join(wrong)
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
    about: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
