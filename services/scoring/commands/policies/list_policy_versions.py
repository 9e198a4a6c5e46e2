"""List every version that ever was, with who brought it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.common.tokens import MalformedPageTokenError, PageScope, StorePoint
from services.scoring.commands.policies.issuing_ports import ProposalStore, PublishedVersion
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.policies.proposal_standpoint import ProposalStandpoint, proposals_at
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.errors import PolicyUnknownError
from services.scoring.domain.proposal import Step, StepKind

_STEPS: Final = frozenset({StepKind.PROPOSED, StepKind.APPROVED, StepKind.PUBLISHED})
_PARTS: Final = len(("recorded time", "position"))


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A version, and how it came to be served.

    Attributes:
        compiled: The version.
        published: Its publication; none for a version of the folder.
        steps: The proposal, its approvals and its publication.
    """

    compiled: CompiledVersion
    published: PublishedVersion | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A page of versions by policy and start.

    Attributes:
        records: The versions.
        next_token: Token of the next page; empty on the last.
        point: Point of the store at which all pages stand.
    """

    records: tuple[VersionRecord, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListPolicyVersions:
    """Lists versions of the folder and published ones.

    Attributes:
        store: Where proposals are kept.
        library: The policies.
    """

    store: ProposalStore
    library: PolicyLibrary

    def __call__(
        self, policy_id: str, standpoint: ProposalStandpoint, page: PageRequest
    ) -> VersionPage:
        """Give a page.

        Raises:
            PolicyUnknownError: There is no such policy.
            MalformedPageTokenError: The page token is damaged.
            SafetyCreditError: It belongs to another filter, or as `proposals_at` says.
        """
        scope = PageScope(page.method, page.filter_bytes, self.store.point().store_id)
        first = 0
        if page.token:
            known_at, first = _position(scope, page.token)
            standpoint = ProposalStandpoint(known_at=known_at, token=standpoint.token)
        with proposals_at(self.store, standpoint) as (reading, point):
            published = {
                (one.policy_id, one.version): one
                for one in reading.proposals.published(point.revision)
            }
            versions = self._versions(policy_id, point.revision)
            shown = versions[first : first + page.size]
            records = []
            for one in shown:
                found = published.get((one.policy.policy_id, one.version.version))
                steps: tuple[Step, ...] = ()
                if found is not None:
                    proposal = reading.proposals.get(found.proposal_id, point.revision)
                    steps = proposal.steps if proposal is not None else ()
                kept = tuple(step for step in steps if step.kind in _STEPS)
                records.append(VersionRecord(one, found, kept))
        token = ""
        if len(versions) > first + page.size:
            token = scope.encode((point.recorded_time.isoformat(), first + page.size))
        return VersionPage(tuple(records), token, point)

    # Private methods -------------------------------------------------------------

    def _versions(self, policy_id: str, revision: int) -> tuple[CompiledVersion, ...]:
        library = self.library.at(revision)
        if not policy_id:
            return library.versions
        found = library.of_policy(policy_id)
        if not found:
            raise PolicyUnknownError(f"no policy is called {policy_id}", policy_id=policy_id)
        return found


# Private functions -----------------------------------------------------------


def _position(scope: PageScope, text: str) -> tuple[datetime, int]:
    parts = scope.decode(text)
    if len(parts) == _PARTS and isinstance(parts[1], int) and parts[1] >= 0:
        try:
            known_at = datetime.fromisoformat(str(parts[0]))
        except ValueError:
            known_at = None
        if known_at is not None and known_at.tzinfo is not None:
            return known_at, parts[1]
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
