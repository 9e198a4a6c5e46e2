"""Compute a table of peers now, for a day that a regulator names."""

from dataclasses import dataclass
from datetime import date

from services.common.deadline import check_deadline
from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.peers.making import MakePeerTables
from services.scoring.commands.peers.peer_table_ports import PeerTableStore, PeerTableWriting
from services.scoring.commands.policies.issuing_ports import require_scope
from services.scoring.commands.policies.policy_library import (
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Store
from services.scoring.domain.peer_table import (
    Groups,
    PolicyWithoutPeersError,
    TableStamp,
)


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table, with what it takes to describe it.

    Attributes:
        compiled: Version whose values it holds.
        stamp: What tells it from every other.
        groups: Its values.
    """

    compiled: CompiledVersion
    stamp: TableStamp
    groups: Groups


@dataclass(frozen=True, slots=True)
class ComputedTables:
    """Tables that were recorded together.

    Attributes:
        tables: The tables in the order in which they rest on each other; the last is the policy's.
        point: Where the store stands with them.
    """

    tables: tuple[DescribedTable, ...]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ComputePeerTable:
    """Makes and records a policy's table, and those of the policies that it takes in.

    Attributes:
        store: Where facts are stored.
        tables: Where tables are kept.
        library: The policies.
    """

    store: Store
    tables: PeerTableStore
    library: PolicyLibrary

    def __call__(
        self, call: WriteCall[ComputedTables], policy_id: str, *, as_of: date | None
    ) -> Answer:
        """Compute it.

        Args:
            call: Who asks.
            policy_id: The policy.
            as_of: Day that the values are for; none for today.

        Raises:
            PolicyUnknownError: There is no such policy.
            PolicyNotInForceError: It is not in force on the day.
            PolicyWithoutPeersError: It asks for no place among peers.
            PolicyOutOfScopeError: Its division or field is out of the caller's reach.
            InvalidInputError: The day has not come.
            SafetyCreditError: The caller's deadline has passed.
        """
        day = as_of or call.today
        if day > call.today:
            raise InvalidInputError(
                [FieldViolation("as_of", "DATE_IN_FUTURE", "give today or an earlier day")]
            )
        first = self._answered(call)
        if first is not None:
            return first
        point = self.store.point()
        library = self.library.at(point.revision)
        pinned = library.named("", policy_id, version="", as_of=day)
        require_peers(pinned)
        policy = pinned.compiled.policy
        require_scope(call.caller, division=policy.division, field_code=policy.field)
        # Made before the store is locked: it takes as long as the population is large.
        made = MakePeerTables(self.store)(library, [pinned], point, as_of=day, going=_going)
        assert made is not None, "the deadline raises instead of stopping"

        def work(write: PeerTableWriting) -> ComputedTables:
            recorded = [DescribedTable(one.compiled, write.add(one), one.groups) for one in made]
            return ComputedTables(tuple(recorded), write.point)

        return write_once(self.tables, call, work)

    # Private methods -------------------------------------------------------------

    def _answered(self, call: WriteCall[ComputedTables]) -> Answer | None:
        """Give the first answer to a repeated request, without making anything."""
        with self.tables.write(caller=call.caller, method=call.method) as write:
            first = write.recall(request_id=call.request_id, digest=call.digest)
        return None if first is None else Answer(first, repeated=True)


def require_peers(pinned: PinnedVersion) -> None:
    """Refuse a policy that asks for no place among peers.

    Raises:
        PolicyWithoutPeersError: It asks for none.
    """
    if not pinned.plan.needs.peers:
        raise PolicyWithoutPeersError(
            f"{pinned.policy_id} {pinned.compiled.version.version} asks for no place among peers",
            policy_id=pinned.policy_id,
        )


# Private functions -----------------------------------------------------------


def _going() -> bool:
    check_deadline()
    return True
