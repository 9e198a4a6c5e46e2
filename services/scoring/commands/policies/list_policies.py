"""List policy versions."""

from dataclasses import dataclass
from datetime import date

from services.common.tokens import MalformedPageTokenError, PageScope
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.standpoint import PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesWanted:
    """Which versions are listed.

    Attributes:
        kind: Kind; empty for all.
        field: Number of the field; 0 for all.
        division: Division where they apply, as a number; none for all.
        as_of: Day on which they must be in force; none for all.
    """

    kind: str = ""
    field: int = 0
    division: int | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """A page of versions.

    Attributes:
        versions: Versions by identifier of the policy and start.
        next_token: Token of the next page; empty on the last.
    """

    versions: tuple[CompiledVersion, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class ListPolicies:
    """Lists the versions of all policies.

    Attributes:
        library: The policies.
    """

    library: PolicyLibrary

    def __call__(self, wanted: PoliciesWanted, page: PageRequest) -> PolicyPage:
        """Give a page.

        Raises:
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another filter, or the policies have changed.
        """
        library = self.library.now()
        scope = PageScope(page.method, page.filter_bytes, library.digest)
        first = _first(scope, page.token) if page.token else 0
        found = library.listed(
            wanted.kind, field=wanted.field, division=wanted.division, as_of=wanted.as_of
        )
        after = first + page.size
        more = after < len(found)
        return PolicyPage(found[first:after], scope.encode((after,)) if more else "")


# Private functions -----------------------------------------------------------


def _first(scope: PageScope, text: str) -> int:
    position = scope.decode(text)
    if len(position) == 1 and isinstance(position[0], int) and position[0] >= 0:
        return position[0]
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
