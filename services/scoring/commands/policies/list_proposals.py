"""List proposals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.common.tokens import MalformedPageTokenError, PageScope, StorePoint
from services.scoring.commands.policies.issuing_ports import (
    ProposalFilter,
    ProposalReading,
    ProposalStore,
)
from services.scoring.commands.policies.proposal_standpoint import ProposalStandpoint, proposals_at
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.proposal import Proposal

_BATCH: Final = 200
_PARTS: Final = len(("revision", "recorded time", "proposal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsWanted:
    """Which proposals are wanted.

    Attributes:
        policy_id: Policy; empty for all.
        state: Number of the state; 0 for all.
    """

    policy_id: str = ""
    state: int = 0


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A page of proposals.

    Attributes:
        proposals: Proposals, the latest first.
        next_token: Token of the next page; empty on the last.
        point: Point of the store at which all pages stand.
    """

    proposals: tuple[Proposal, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListProposals:
    """Lists proposals, the latest first.

    Attributes:
        store: Where proposals are kept.
    """

    store: ProposalStore

    def __call__(
        self, wanted: ProposalsWanted, standpoint: ProposalStandpoint, page: PageRequest
    ) -> ProposalPage:
        """Give a page.

        Raises:
            MalformedPageTokenError: The page token is damaged.
            SafetyCreditError: It belongs to another filter, or as `proposals_at` says.
        """
        scope = PageScope(page.method, page.filter_bytes, self.store.point().store_id)
        kept, before = _position(scope, page.token) if page.token else (None, None)
        if kept is not None:
            standpoint = ProposalStandpoint(known_at=kept, token=standpoint.token)
        with proposals_at(self.store, standpoint) as (reading, point):
            found = _found(reading, wanted, point.revision, before=before, limit=page.size + 1)
        shown = found[: page.size]
        token = ""
        if len(found) > page.size:
            last = shown[-1].proposal_id
            token = scope.encode((point.revision, point.recorded_time.isoformat(), last))
        return ProposalPage(tuple(shown), token, point)


# Private functions -----------------------------------------------------------


def _found(
    reading: ProposalReading,
    wanted: ProposalsWanted,
    revision: int,
    *,
    before: int | None,
    limit: int,
) -> list[Proposal]:
    """Read until enough proposals are in the state wanted; the state is no column."""
    found: list[Proposal] = []
    while len(found) < limit:
        batch = ProposalFilter(policy_id=wanted.policy_id, before=before, limit=_BATCH)
        proposals = reading.proposals.listed(batch, revision)
        found.extend(one for one in proposals if wanted.state in {0, int(one.state)})
        if len(proposals) < _BATCH:
            break
        before = proposals[-1].proposal_id
    return found[:limit]


def _position(scope: PageScope, text: str) -> tuple[datetime, int]:
    parts = scope.decode(text)
    if len(parts) == _PARTS and isinstance(parts[2], int):
        try:
            known_at = datetime.fromisoformat(str(parts[1]))
        except ValueError:
            known_at = None
        if known_at is not None and known_at.tzinfo is not None:
            return known_at, parts[2]
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
