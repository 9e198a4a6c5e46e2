"""Versions of policies, compiled, and pinned for a day with the versions they take results from."""

from dataclasses import dataclass
from datetime import date

from services.engine.language import Policy, Version
from services.engine.plan import Plan
from services.scoring.commands.peers.pinned_tables import PinnedTable
from services.scoring.commands.ports import FactNeeds


@dataclass(frozen=True, slots=True, eq=False)
class CompiledVersion:
    """One version of a policy, ready to run.

    Attributes:
        policy: The policy.
        version: The version.
        plan: What it compiles to.
        field: Number of the policy's field; `EVERY_FIELD` for a policy of every field.
        fault: What keeps this program from evaluating what was published; empty for nothing.
        published: Digest under which it was published, if versions had none of their own then.
    """

    policy: Policy
    version: Version
    plan: Plan
    field: int
    fault: str = ""
    published: str = ""

    @property
    def digest(self) -> str:
        """Give what answers name it by, and have ever since it was published."""
        return self.published or self.version.digest

    def is_meant_by(self, digest: str) -> bool:
        """Say whether a digest that was kept names it.

        Before versions had digests of their own, that of the whole file was kept; it names the
        version as long as the file is as it was.
        """
        return digest in {self.digest, self.policy.file_digest}

    @property
    def division(self) -> int:
        """Give the division whose policy it is, as a number; 0 for the whole country."""
        return int(self.policy.division)

    def in_force(self, day: date) -> bool:
        """Say whether it is in force on a day; a repeal never is."""
        if self.version.repeal:
            return False
        end_date = self.version.end_date
        return self.version.start_date <= day and (end_date is None or day < end_date)


@dataclass(frozen=True, slots=True, eq=False)
class PinnedInput:
    """A result of another policy that a version takes in.

    Attributes:
        name: Name of the input.
        output: Which result: ``grade``, ``score``, ``status`` or a named output.
        places: Decimals that the input has.
        source: The other policy's version; none where none is in force.
        until: First day on which another version of it, or one at all, is in force; none for never.
    """

    name: str
    output: str
    places: int
    source: "PinnedVersion | None"
    until: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PinnedVersion:
    """A version that answers a question, with the versions it takes results from.

    Attributes:
        compiled: The version.
        inputs: What it takes in, each fixed for the day.
        until: First day after the one asked for on which other versions would answer; none when
            never.
        by_place: Whether the subject's division chose the policy.
        sources: All versions that it rests on, each after those it takes in itself.
        needs: Facts that it and all of them read.
        rules: Digest of the rules behind its values, however long they are in force.
        digest: Digest of everything that the answer rests on besides facts: rules, the days on
            which others follow, tables of peers.
        peers: Table by which its places among peers are read off; none while there is none.
        places: Versions among these that ask for places among peers, with their tables.
    """

    compiled: CompiledVersion
    inputs: tuple[PinnedInput, ...]
    until: date | None
    by_place: bool
    sources: tuple["PinnedVersion", ...]
    needs: FactNeeds
    rules: str
    digest: str
    peers: PinnedTable | None = None
    places: tuple[tuple[CompiledVersion, PinnedTable | None], ...] = ()

    @property
    def plan(self) -> Plan:
        """Give what the version compiles to."""
        return self.compiled.plan

    @property
    def policy_id(self) -> str:
        """Give the identifier of the policy."""
        return self.compiled.policy.policy_id

    @property
    def deciding(self) -> frozenset[str]:
        """Give the attributes of a subject whose change may change the answer."""
        return self.needs.attributes | {"division"} if self.by_place else self.needs.attributes
