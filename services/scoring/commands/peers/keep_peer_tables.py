"""Make the day's tables of peers in the background: once a civil day for every policy that asks.

Which policies are in force is looked at again and again, so a policy that is published today has
its table within moments. Where no policy asks for peers, nothing is read and nothing is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.identity import Caller, Role
from services.scoring.commands.peers.making import MakePeerTables, asking
from services.scoring.commands.peers.peer_table_ports import PeerTableLease, PeerTableStore
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import Store

METHOD: Final = "safetycredit.scoring.KeepPeerTables"
CALLER: Final = Caller(identity="system", roles=frozenset({Role.OPERATOR}))


@dataclass(frozen=True, slots=True)
class KeepPeerTables:
    """Makes the tables of a day that are not there yet.

    Attributes:
        store: Where facts are stored.
        tables: Where tables are kept.
        lease: Lets one replica at a time work.
        library: The policies.
        clock: Tells which day it is.
    """

    store: Store
    tables: PeerTableStore
    lease: PeerTableLease
    library: PolicyLibrary
    clock: Clock

    def __call__(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Make the tables of today of every policy in force.

        Args:
            stopped: Asked between two stretches of the population.
        """
        if not self.library.ask_for_peers:
            return
        day = today(self.clock)
        library = self.library.now()
        wanted = [
            library.named("", one.policy.policy_id, version="", as_of=day)
            for one in library.versions
            if one.plan.needs.peers and one.in_force(day)
        ]
        self.make(library, wanted, as_of=day, stopped=stopped)

    def make(
        self,
        library: PolicyLibrary,
        wanted: Sequence[PinnedVersion],
        *,
        as_of: date,
        stopped: Callable[[], bool],
    ) -> bool:
        """Make the tables of a day that versions lack.

        Args:
            library: The policies, among them those wanted.
            wanted: The versions.
            as_of: The day.
            stopped: Asked between two stretches of the population.

        Returns:
            Whether any table was recorded.
        """
        lacking = [one for one in wanted if any(_old(each, as_of) for each in asking([one]))]
        if not lacking:
            return False
        lease = self.lease.claim()
        if lease is None:
            return False
        try:
            made = MakePeerTables(self.store)(
                library,
                lacking,
                self.store.point(),
                as_of=as_of,
                going=lambda: not stopped() and self.lease.renew(lease),
            )
            if made is None:
                return False
            with self.tables.write(caller=CALLER, method=METHOD) as write:
                # Another replica may have been at it, or a regulator.
                missing = [one for one in made if not write.recorded(one.rules, as_of)]
                stamps = [write.add(one) for one in missing]
                if stamps:
                    write.commit()
        finally:
            self.lease.release(lease)
        for stamp in stamps:
            _log.info(
                "peer_table_made",
                policy_id=stamp.policy_id,
                version=stamp.version,
                as_of=as_of.isoformat(),
                revision=stamp.revision,
                digest=stamp.digest,
            )
        return bool(stamps)


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _old(pinned: PinnedVersion, day: date) -> bool:
    return pinned.peers is None or pinned.peers.stamp.as_of != day
