"""What keeping tables of peers needs of the world."""

from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint
from services.scoring.commands.peers.making import MadeTable
from services.scoring.domain.peer_table import TableStamp


class PeerTableWriting(OnceWriting, Protocol):
    """A write transaction; undone unless committed."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand once this is committed."""
        ...

    def recorded(self, rules_digest: str, as_of: date) -> bool:
        """Say whether there is a table of these rules for a day."""
        ...

    def add(self, table: MadeTable) -> TableStamp:
        """Record a table."""
        ...


class PeerTableStore(Protocol):
    """Where tables are kept."""

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[PeerTableWriting]:
        """Begin a write, kept with its caller and method."""
        ...


class PeerTableLease(Protocol):
    """Lets one replica at a time make the day's tables."""

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        ...

    def renew(self, lease: str) -> bool:
        """Hold it on; say whether it is still held."""
        ...

    def release(self, lease: str) -> None:
        """Give it back."""
        ...
