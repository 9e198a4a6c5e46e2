"""Putting the service of tables of peers together, and what makes them in the background."""

from collections.abc import Callable
from dataclasses import dataclass

from safetycredit.scoring.v1 import peer_table_service_pb2
from services.common.calls import ServedService
from services.common.status import meant_error
from services.scoring.commands.background import BackgroundWork, Stopping
from services.scoring.commands.peers.compute_peer_table import ComputePeerTable
from services.scoring.commands.peers.get_peer_table import GetPeerTable
from services.scoring.commands.peers.keep_peer_tables import KeepPeerTables
from services.scoring.handlers.peer_table_messages import PeerTableMessages
from services.scoring.handlers.peer_table_service import PeerTableHandlers
from services.scoring.serving.policies import PolicyIssuing
from services.scoring.store.peer_tables import (
    SqlPeerTableLease,
    SqlPeerTableLog,
    SqlPeerTableStore,
)
from services.scoring.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class PeerKeeping:
    """What keeps tables of peers.

    Attributes:
        keep: Makes the day's tables.
        work: Does so in the background.
        lease: Lets one replica at a time do that.
    """

    keep: KeepPeerTables
    work: BackgroundWork
    lease: SqlPeerTableLease

    def close(self) -> None:
        """Close every connection."""
        self.lease.close()


def peer_keeping(store: SqlStore, issuing: PolicyIssuing, ready: Callable[[], None]) -> PeerKeeping:
    """Find out what it takes to keep tables of peers."""
    database = store.database
    lease = SqlPeerTableLease(database)
    tables = SqlPeerTableStore(database)
    keep = KeepPeerTables(store, tables, lease, issuing.library, database.clock)

    def make(stopping: Stopping) -> bool:
        keep(stopping)
        return False

    return PeerKeeping(keep, BackgroundWork("peer-tables", make, ready, meant_error), lease)


def peer_table_service(store: SqlStore, issuing: PolicyIssuing) -> ServedService:
    """Serve tables of peers."""
    library, database = issuing.library, store.database
    handlers = PeerTableHandlers(
        ComputePeerTable(store, SqlPeerTableStore(database), library),
        GetPeerTable(store, SqlPeerTableLog(database), library),
        PeerTableMessages(issuing.reading.vocabulary.code_numbers),
    )
    return ServedService(
        peer_table_service_pb2.DESCRIPTOR.services_by_name["PeerTableService"], handlers.by_name()
    )
