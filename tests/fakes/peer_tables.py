"""Tables of peers in memory, beside the facts in memory; and a library that follows both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.scoring.commands.peers.making import MadeTable
from services.scoring.commands.peers.tabled_libraries import TabledLibraries
from services.scoring.commands.policies.live_library import LivePolicyLibrary, Publication
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.peer_table import Groups, TableStamp
from tests.fakes.scoring_store import STORE_ID, FakeStore


@dataclass
class FakePeerTables:
    """Keeps tables; implements `PeerTableStore`, `PeerTableLog` and `Publications`.

    Attributes:
        facts: The store that takes the revisions.
        stamps: Stamps of the tables, in the order of recording.
        values: Their values.
        asked: How often the log was asked.
    """

    facts: FakeStore
    stamps: list[TableStamp] = field(default_factory=list)
    values: dict[int, Groups] = field(default_factory=dict)
    asked: int = 0

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator["FakePeerWriting"]:
        """Begin a write."""
        del caller, method
        yield FakePeerWriting(self)

    def since(self, table_id: int, *, at_least: int) -> tuple[Sequence[TableStamp], int]:
        """Give the tables after one."""
        self.asked += 1
        known = self.facts.point().revision
        assert known >= at_least, "nobody asks for what is not written yet"
        return [one for one in self.stamps if one.table_id > table_id], known

    def groups(self, table_id: int) -> Groups:
        """Give the values of a table."""
        return self.values[table_id]

    def library(self, folder: PolicyLibrary) -> LivePolicyLibrary:
        """Give a folder's policies with these tables."""
        return LivePolicyLibrary(
            folder, NothingPublished(self.facts), NothingJoined(), TabledLibraries(self)
        )


class FakePeerWriting:
    """A write transaction; implements `PeerTableWriting`, without request identifiers."""

    def __init__(self, tables: FakePeerTables) -> None:
        """Write nothing yet."""
        self._tables = tables
        self._added: list[tuple[TableStamp, Groups]] = []
        before = tables.facts.point()
        self.point = StorePoint(
            STORE_ID, before.revision + 1, before.recorded_time + timedelta(microseconds=1)
        )

    def recorded(self, rules_digest: str, as_of: date) -> bool:
        """Say whether there is a table of these rules for a day."""
        return any(
            (one.rules_digest, one.as_of) == (rules_digest, as_of) for one in self._tables.stamps
        )

    def add(self, table: MadeTable) -> TableStamp:
        """Record a table."""
        number = self.point.revision * 10 + len(self._added)
        self._added.append((table.stamp(number, self.point), table.groups))
        return self._added[-1][0]

    def commit(self) -> None:
        """Take the revision, and keep what was added."""
        self._tables.facts.times.append(self.point.recorded_time)
        for stamp, groups in self._added:
            self._tables.stamps.append(stamp)
            self._tables.values[stamp.table_id] = groups

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Know no request."""
        del request_id, digest
        return None

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Forget every request."""


@dataclass
class FakeLease:
    """A lease; implements `PeerTableLease`.

    Attributes:
        free: Whether nobody else holds it.
        held: Whether it was taken and not given back.
        stretches: How often it may be held on before another takes it.
    """

    free: bool = True
    held: bool = False
    stretches: int = 1000

    def claim(self) -> str | None:
        """Take it, unless another holds it."""
        self.held = self.free
        return "lease" if self.free else None

    def renew(self, lease: str) -> bool:
        """Hold it on while it may be."""
        assert lease == "lease", "only the holder holds it on"
        self.stretches -= 1
        return self.stretches > 0

    def release(self, lease: str) -> None:
        """Give it back."""
        assert lease == "lease", "only the holder gives it back"
        self.held = False


@dataclass
class NothingPublished:
    """A store without publications; implements `Publications`."""

    facts: FakeStore

    def revision(self) -> int:
        """Give the revision of the last write."""
        return self.facts.point().revision

    def since(self, edition: int, *, at_least: int) -> tuple[Sequence[Publication], int]:
        """Tell of none."""
        del edition
        return (), at_least


class NothingJoined:
    """Joins nothing; implements `PublicationJoining`."""

    def without(self, library: PolicyLibrary, published: Sequence[Publication]) -> PolicyLibrary:
        """Leave the library as it is."""
        assert not published, "nothing was published"
        return library

    def with_publication(self, library: PolicyLibrary, published: Publication) -> PolicyLibrary:
        """Never be asked."""
        raise AssertionError(published, library)
