"""Get the table of peers that a question stands on: when it was made, and how many peers it has."""

from dataclasses import dataclass
from typing import Protocol

from services.common.tokens import StorePoint
from services.scoring.commands.peers.compute_peer_table import DescribedTable, require_peers
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.peer_table import Groups, PeerTableMissingError


class TableValues(Protocol):
    """Reads the values of tables."""

    def groups(self, table_id: int) -> Groups:
        """Give the values of a table."""
        ...


@dataclass(frozen=True, slots=True)
class GetPeerTable:
    """Finds the table that an answer on both axes of time takes.

    Attributes:
        store: Where facts are stored.
        values: Reads the values of tables.
        library: The policies.
    """

    store: Store
    values: TableValues
    library: PolicyLibrary

    def __call__(
        self, policy_id: str, version: str, standpoint: Standpoint
    ) -> tuple[DescribedTable, StorePoint]:
        """Find it.

        Args:
            policy_id: The policy.
            version: Version of it; empty for the one in force.
            standpoint: Where the question stands.

        Raises:
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: It is not in force on the day.
            PolicyWithoutPeersError: It asks for no place among peers.
            PeerTableMissingError: There was no table for the day by then.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (_, point):
            library = self.library.at(point.revision)
            pinned = library.named("", policy_id, version=version, as_of=as_of)
        require_peers(pinned)
        if pinned.peers is None:
            raise PeerTableMissingError(
                f"there was no table of peers of {policy_id} for {as_of} by then; compute one",
                policy_id=policy_id,
                as_of=as_of,
            )
        stamp = pinned.peers.stamp
        return DescribedTable(pinned.compiled, stamp, self.values.groups(stamp.table_id)), point
