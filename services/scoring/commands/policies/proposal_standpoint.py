"""Where proposals are read: at an instant of knowledge, behind a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.policies.issuing_ports import ProposalReading, ProposalStore
from services.scoring.domain.errors import KnownAtBeforeTokenError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalStandpoint:
    """The place on the axis of knowledge that a caller wants to read at.

    Attributes:
        known_at: Instant of knowledge; none for the last write.
        token: Token of a write that the answer must include; empty for none.
    """

    known_at: datetime | None = None
    token: str = ""


@contextmanager
def proposals_at(
    store: ProposalStore, standpoint: ProposalStandpoint
) -> Iterator[tuple[ProposalReading, StorePoint]]:
    """Open a snapshot and find the point to read at.

    Raises:
        KnownAtBeforeTokenError: The instant lies before the token's write.
        SafetyCreditError: The token is damaged or another store's, or the instant has no point.
    """
    token = None
    if standpoint.token:
        token = StoreToken.decode(standpoint.token, store_id=store.point().store_id)
    with store.read(at_least=token) as reading:
        point = reading.point
        if standpoint.known_at is not None:
            point = reading.point_at(standpoint.known_at)
        if token is not None and point.revision < token.revision:
            raise KnownAtBeforeTokenError(
                "ask for a known-at at or after the write of the token, or send no token",
                token_revision=token.revision,
            )
        yield reading, point
