"""Where grades are kept, over a store in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.scoring.commands.ports import GradesStanding, KeptGrade
from tests.fakes.scoring_store import FakeStore


@dataclass(slots=True)
class FakeKeptGrades:
    """Writes grades to a fake store; implements `KeptGrades`.

    Attributes:
        store: Where they are kept.
        held: Leases in force by policy.
        puts: How many grades each write had.
        before_put: Called before each write; to interfere.
    """

    store: FakeStore
    held: dict[str, str] = field(default_factory=dict)
    puts: list[int] = field(default_factory=list)
    before_put: Callable[[], None] = lambda: None

    def claim(self, policy_id: str) -> str | None:
        """Take the lease of a policy; nothing if another holds it."""
        if policy_id in self.held:
            return None
        self.held[policy_id] = "lease"
        return "lease"

    def begin_anew(self, policy_id: str, lease: str) -> None:
        """Say that a policy's grades are right nowhere."""
        assert self.held[policy_id] == lease
        self.store.standings.pop(policy_id, None)

    def put(
        self,
        policy_id: str,
        lease: str,
        *,
        rows: Sequence[KeptGrade],
        standing: GradesStanding | None = None,
    ) -> None:
        """Write grades in the place of those of the same enterprises."""
        self.before_put()
        assert self.held[policy_id] == lease
        self.puts.append(len(rows))
        for row in rows:
            self.store.kept[policy_id, row.subject_id] = row
        if standing is not None:
            self.store.standings[policy_id] = standing

    def release(self, policy_id: str, lease: str) -> None:
        """Give the lease back."""
        if self.held.get(policy_id) == lease:
            del self.held[policy_id]
