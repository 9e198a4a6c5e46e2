"""What dry runs of policies are made of, and what their commands need of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Protocol

from services.common.errors import Category, SafetyCreditError
from services.engine.language import Source
from services.scoring.commands.trials.comparing import MovedLine, Movement, ShortResult
from services.scoring.domain.amount import Amount
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

SIMULATION = "sim"
"""Letters of the identifiers of simulations."""


class SimulationState(IntEnum):
    """Where a simulation stands."""

    QUEUED = 1
    RUNNING = 2
    DONE = 3
    CANCELLED = 4
    INTERRUPTED = 5
    FAILED = 6

    @property
    def active(self) -> bool:
        """Say whether it waits or runs."""
        return self in {SimulationState.QUEUED, SimulationState.RUNNING}


class PolicyNotSimulatedError(SafetyCreditError):
    """A policy says nothing of an enterprise by itself, so that a dry run would show no effect."""

    reason = "POLICY_NOT_SIMULATED"
    category = Category.PRECONDITION


class SimulationUnknownError(SafetyCreditError):
    """There is no such simulation."""

    reason = "SIMULATION_UNKNOWN"
    category = Category.NOT_FOUND


class SimulationActiveError(SafetyCreditError):
    """A policy has an active simulation; one runs at a time."""

    reason = "SIMULATION_ACTIVE"
    category = Category.PRECONDITION


class SimulationEndedError(SafetyCreditError):
    """A simulation has ended."""

    reason = "SIMULATION_ENDED"
    category = Category.PRECONDITION


class SimulationNotDoneError(SafetyCreditError):
    """A simulation has no result."""

    reason = "SIMULATION_NOT_DONE"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRequest:
    """What a simulation is about.

    Attributes:
        policy_id: Policy of the candidate.
        version: Version of the candidate.
        digest: SHA-256 of its bytes.
        contents: Its bytes, file by file; none for a version that exists.
        further_policy_ids: Policies of the second file and later ones.
        live_policy_id: Policy to compare with.
        at: Revision that it reads, and day that it is for.
        known_at: Instant of that revision.
        wanted: Which enterprises.
        affected_max: Most affected subjects wanted for each policy.
        subjects_total: Subjects to evaluate.
    """

    policy_id: str
    version: str
    digest: str
    contents: tuple[bytes, ...]
    further_policy_ids: tuple[str, ...] = ()
    live_policy_id: str
    at: Viewpoint
    known_at: datetime
    wanted: EnterpriseFilter
    affected_max: int
    subjects_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedSubject:
    """A subject that a candidate moves.

    Attributes:
        subject_id: Its identifier, for example ``e-100001``.
        credit_code: Its credit code; empty where it has none.
        name: Its name; a person's is masked.
        movement: How it moved.
        live: Result by the live policy.
        candidate: Result with the candidate in its place.
        scores: Scores both ways.
        premiums_fen: Premiums both ways.
        lines: Lines that differ.
    """

    subject_id: str
    credit_code: str
    name: str
    movement: Movement
    live: ShortResult
    candidate: ShortResult
    scores: tuple[Amount | None, Amount | None]
    premiums_fen: tuple[int | None, int | None]
    lines: tuple[MovedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumBand:
    """Premiums whose change lies in a band.

    Attributes:
        change_min_bp: Least change in basis points, included; none for the lowest band.
        change_max_bp: Greatest change, excluded; none for the highest.
        enterprises: How many.
        live_fen: Their premiums together by the live policy.
        candidate_fen: Their premiums together with the candidate in its place.
    """

    change_min_bp: int | None
    change_max_bp: int | None
    enterprises: int
    live_fen: int
    candidate_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LackingInput:
    """An input without which a policy gives no result.

    Attributes:
        name: Its name in the policy.
        subjects: Subjects that lack it.
        asked: Whether it comes with the question, so that no stored fact can tell it.
    """

    name: str
    subjects: int
    asked: bool


@dataclass(frozen=True, slots=True)
class UnmetCondition:
    """A condition of a redlist that a subject does not meet.

    Attributes:
        name: Its name in the policy.
        source: Its clause.
    """

    name: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RedlistLoss:
    """An entry in force on a redlist that the candidate's conditions would break.

    Attributes:
        subject_id: Identifier of the subject, for example ``e-100001``.
        credit_code: Its credit code; empty where it has none.
        name: Its name; a person's is masked.
        entry_id: Number of the entry.
        start_date: First day of the entry.
        end_date: Day after its last; none while that is open.
        unmet: Conditions of the candidate that do not hold.
    """

    subject_id: str
    credit_code: str
    name: str
    entry_id: int
    start_date: date
    end_date: date | None
    unmet: tuple[UnmetCondition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedlistImpact:
    """What a candidate would do to the entries in force on its redlist.

    Attributes:
        entries: Entries looked at: of cases by the live policy or the candidate's own.
        lost: Entries that its conditions would break, and those of the live version do not.
        undecided: Entries of which only the live version can tell, for lack of an answer or data.
        losses: Some of those lost, by their numbers.
    """

    entries: int
    lost: int
    undecided: int
    losses: tuple[RedlistLoss, ...]


@dataclass(frozen=True, slots=True)
class AnsweredElsewhere:
    """Subjects of a policy's place for whom a more local policy answers, unless one is named.

    Attributes:
        policy_id: The more local policy.
        version: Its version.
        subjects: How many.
        changed: Of these, whose result differs where the policy itself is named.
    """

    policy_id: str
    version: str
    subjects: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyImpact:
    """What a candidate does to the results of one policy.

    Attributes:
        policy_id: The policy.
        live: Version and digest of the live version; none where none is in force.
        candidate: Version and digest of what is evaluated in its place.
        subjects: Subjects that count: all but those for whom a more local policy answers.
        changed: Subjects whose result differs.
        movements: Subjects by how they moved.
        matrix: Subjects by their results both ways.
        premiums: Bands of the change of premiums; none for a policy that is no rate.
        affected: Subjects that move most.
        undecided: Subjects without a result on the candidate's side, for lack of data: whether
            they change cannot be told.
        lacking: What they lack.
        redlist: Entries in force; none for a policy that is no redlist.
        elsewhere: Subjects counted nowhere else, for whom a more local policy answers.
        persons_left_out: Persons whom the caller's filter leaves out; 0 for what is no list.
    """

    policy_id: str
    live: tuple[str, str] | None
    candidate: tuple[str, str]
    subjects: int
    changed: int
    movements: Mapping[Movement, int]
    matrix: Mapping[tuple[ShortResult, ShortResult], int]
    premiums: tuple[PremiumBand, ...] | None
    affected: tuple[AffectedSubject, ...]
    undecided: int = 0
    lacking: tuple[LackingInput, ...] = ()
    redlist: RedlistImpact | None = None
    elsewhere: tuple[AnsweredElsewhere, ...] = ()
    persons_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A dry run as it stands.

    Attributes:
        simulation_id: Its number.
        request: What it is about.
        state: Where it stands.
        caller: Who started it.
        subjects_done: Subjects evaluated so far.
        request_time: When it was asked for.
        end_time: When it ended; none until then.
        failure_reason: Stable reason of a failure; empty for none.
        failure_message: What went wrong.
        changes_kept: Changed subjects that are kept, of all policies together.
        changes_truncated: Whether more changed.
        impacts: Results; empty until it is done, and in lists.
    """

    simulation_id: int
    request: SimulationRequest
    state: SimulationState
    caller: str
    subjects_done: int
    request_time: datetime
    end_time: datetime | None
    failure_reason: str = ""
    failure_message: str = ""
    changes_kept: int = 0
    changes_truncated: bool = False
    impacts: tuple[PolicyImpact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectChange:
    """A subject whose result changed.

    Attributes:
        policy_id: Policy whose result changed.
        subject_id: Number of the enterprise or person.
        person: Whether it is a person.
        movement: How it moved.
        live: Result by the live policy.
        candidate: Result with the candidate in its place.
    """

    policy_id: str
    subject_id: int
    person: bool
    movement: Movement
    live: ShortResult
    candidate: ShortResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which changed subjects are wanted.

    Attributes:
        policy_id: Policy whose results are asked for.
        movement: Number of how they moved; 0 for any way.
        after: Number of the subject before the first.
        limit: How many at most.
    """

    policy_id: str
    movement: int = 0
    after: int = 0
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationFilter:
    """Which simulations are wanted.

    Attributes:
        policy_id: Policy of the candidate; empty for all.
        state: Number of the state; 0 for all.
        before: Number of the simulation after the first wanted; none for the latest.
        limit: How many at most.
    """

    policy_id: str = ""
    state: int = 0
    before: int | None = None
    limit: int


@dataclass(frozen=True, slots=True)
class StartedOnce:
    """A simulation that a request started, now or before."""

    simulation: Simulation
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedBy:
    """Who starts a simulation, once however often the request is sent.

    Attributes:
        caller: Identity of the caller.
        request_id: The caller's own identifier of the request.
        digest: Digest of the request.
    """

    caller: str
    request_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """A simulation that this server is to run.

    Attributes:
        simulation: It.
        lease: Proof that nobody else runs it.
    """

    simulation: Simulation
    lease: str


class Simulations(Protocol):
    """Keeps simulations; several replicas may look for work, and one runs each."""

    def recall(self, by: StartedBy) -> Simulation | None:
        """Give the simulation that a request started; none if it is new.

        Raises:
            RequestIdReusedError: The identifier stands for another request.
        """
        ...

    def start(self, by: StartedBy, request: SimulationRequest) -> StartedOnce:
        """Queue a simulation, unless the request did before.

        Raises:
            SimulationActiveError: The policy has one that waits or runs.
            RequestIdReusedError: The identifier stands for another request.
        """
        ...

    def get(self, simulation_id: int) -> Simulation | None:
        """Get one with its result; none if there is no such one."""
        ...

    def listed(self, wanted: SimulationFilter) -> Sequence[Simulation]:
        """List them without results, the latest first."""
        ...

    def changes(self, simulation_id: int, wanted: ChangeFilter) -> Sequence[SubjectChange]:
        """List subjects whose result changed, in order of their numbers."""
        ...

    def cancel(self, simulation_id: int) -> bool:
        """Cancel one that waits or runs; say whether it did."""
        ...

    def restart(self, simulation_id: int) -> bool:
        """Queue one again that was interrupted, cancelled or failed; say whether it did.

        Raises:
            SimulationActiveError: The policy has another that waits or runs.
        """
        ...

    def claim(self) -> Claimed | None:
        """Take the next that waits; mark those whose server has gone; nothing if none waits."""
        ...

    def progress(
        self, claimed: Claimed, done: int, changes: Sequence[SubjectChange], *, truncated: bool
    ) -> bool:
        """Keep how far it has come; say whether to go on.

        Args:
            claimed: The simulation.
            done: Subjects evaluated so far.
            changes: Changed subjects to keep, besides those kept before.
            truncated: Whether some changed that are not kept, now or before.
        """
        ...

    def finish(self, claimed: Claimed, impacts: Sequence[PolicyImpact]) -> bool:
        """Keep the result; say whether it was still wanted."""
        ...

    def fail(self, claimed: Claimed, error: SafetyCreditError) -> None:
        """Keep why it failed."""
        ...

    def interrupt(self, claimed: Claimed) -> None:
        """Mark that this server stops before the end."""
        ...


class Counting(Protocol):
    """Counts subjects."""

    def subjects(self, wanted: EnterpriseFilter, at: Viewpoint, *, persons: bool) -> int:
        """Say how many subjects there are.

        Args:
            wanted: Filters on enterprises.
            at: Where from.
            persons: Whether persons count too, whatever the filters.
        """
        ...

    def persons(self, at: Viewpoint) -> int:
        """Say how many persons there are."""
        ...
