"""What the commands that issue policies need of the world."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol

from services.common.errors import Category, FieldViolation, InvalidInputError, SafetyCreditError
from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.engine.errors import Problem
from services.engine.language import Policy
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.policies.recorded_levels import RecordedAccidents
from services.scoring.domain.proposal import Proposal, Step

CANDIDATE_FILE = "policy.yaml"
"""Name by which problems call the candidate, the first of several."""

CASES_FILE = "policy.cases.yaml"
"""Name by which problems call its golden cases."""


def candidate_name(position: int) -> str:
    """Give the name by which problems call a file of several; the first has position 0."""
    return CANDIDATE_FILE if position == 0 else f"policy-{position + 1}.yaml"


def cases_name(position: int) -> str:
    """Give the name by which problems call the golden cases of a file of several."""
    return CASES_FILE if position == 0 else f"policy-{position + 1}.cases.yaml"


def exists_otherwise(version: str) -> str:
    """Say what to do where a version of that name exists with other content."""
    return (
        f"version {version!r} exists with other content; leave it as it was published and give the"
        " new text a name of its own. To end it before its own end, say so in the new version with"
        f" replaces: {{version: {version!r}, source: …}}, or repeals: where nothing takes its place"
    )


class PolicyRejectedError(InvalidInputError):
    """A candidate has mistakes; carries every one."""

    reason = "POLICY_REFUSED"


class PolicyVersionExistsError(SafetyCreditError):
    """A version of that name exists with other content."""

    reason = "POLICY_VERSION_EXISTS"
    category = Category.CONFLICT


class PolicyAddsNothingError(SafetyCreditError):
    """A file has no version that does not exist already."""

    reason = "POLICY_ADDS_NOTHING"
    category = Category.PRECONDITION


class PolicyTimeConflictError(SafetyCreditError):
    """Versions would overlap, or leave a gap."""

    reason = "POLICY_TIME_CONFLICT"
    category = Category.PRECONDITION


class PolicyOutOfScopeError(SafetyCreditError):
    """A caller may not issue policies of that division or field."""

    reason = "POLICY_OUT_OF_SCOPE"
    category = Category.DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedFile:
    """What looking at one file gave.

    Attributes:
        name: Name by which problems call it.
        policy: The policy, complete with all that it extends.
        digest: SHA-256 of the file's bytes.
        added: The versions that it adds, compiled, by start; none where that failed.
        clashing: Versions that exist with other content.
    """

    name: str
    policy: Policy
    digest: str
    added: tuple[CompiledVersion, ...] = ()
    clashing: tuple[str, ...] = ()

    @property
    def latest(self) -> CompiledVersion | None:
        """Give the latest version added that is law itself; none where all only repeal."""
        return next((one for one in reversed(self.added) if not one.version.repeal), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReview:
    """What looking at a candidate gave: one file, or several that come into force together.

    Attributes:
        problems: Problems and warnings, in order of file and place.
        files: The files in order; none if any of them could not be read.
        versions_checked: Number of versions checked.
        cases_tried: Number of golden cases tried.
    """

    problems: tuple[Problem, ...]
    files: tuple[ReviewedFile, ...] = ()
    versions_checked: int = 0
    cases_tried: int = 0

    @property
    def policy(self) -> Policy | None:
        """Give the policy of the first file; none if any could not be read."""
        return self.files[0].policy if self.files else None

    @property
    def added(self) -> tuple[CompiledVersion, ...]:
        """Give the versions that the files add, compiled, file by file."""
        return tuple(one for file in self.files for one in file.added)

    @property
    def clashing(self) -> tuple[str, ...]:
        """Give the names of versions that exist with other content."""
        return tuple(name for file in self.files for name in file.clashing)

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        """Give the problems that are no warnings."""
        return tuple(one for one in self.problems if not one.warning)

    def require_usable(self) -> tuple[ReviewedFile, ...]:
        """Refuse a candidate that may not be used; give its files.

        Raises:
            PolicyVersionExistsError: A version exists with other content.
            PolicyRejectedError: It has mistakes.
            PolicyAddsNothingError: All of its versions exist.
        """
        for file in self.files:
            if file.clashing:
                raise PolicyVersionExistsError(
                    exists_otherwise(file.clashing[0]),
                    policy_id=file.policy.policy_id,
                    versions=",".join(file.clashing),
                )
        return self.require_readable()

    def require_readable(self) -> tuple[ReviewedFile, ...]:
        """Refuse a candidate that cannot be evaluated; give its files.

        Raises:
            PolicyRejectedError: It has mistakes.
            PolicyAddsNothingError: All versions of a file exist.
        """
        if self.mistakes or not self.files:
            raise PolicyRejectedError(map(_violation, self.mistakes))
        for file in self.files:
            if not file.added:
                raise PolicyAddsNothingError(
                    f"every version of {file.policy.policy_id} exists; add a version",
                    policy_id=file.policy.policy_id,
                )
        return self.files


@dataclass(frozen=True, slots=True)
class PolicyBytes:
    """The exact bytes of a policy file and of its golden cases, whatever they are."""

    content: bytes
    cases: bytes = b""

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the policy file."""
        return sha256(self.content).hexdigest()


class CandidateReading(Protocol):
    """Looks at policy files that are not in force."""

    def review(
        self, files: Sequence[PolicyBytes], among: PolicyLibrary, *, today: date
    ) -> CandidateReview:
        """Check files that come into force together among the policies that exist, and try cases.

        Args:
            files: The files.
            among: The policies that exist.
            today: Civil day of the check.
        """
        ...

    def compile(self, contents: Sequence[bytes], among: PolicyLibrary) -> CandidateReview:
        """Read and compile files without further checks; a clashing version counts as added."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """A version as published.

    Attributes:
        policy_id: The policy.
        version: The version.
        digest: Digest that answers name.
        proposal_id: Proposal that has the bytes.
        revision: Revision that published it.
        recorded_time: Instant of that revision, UTC.
    """

    policy_id: str
    version: str
    digest: str
    proposal_id: int
    revision: int
    recorded_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilter:
    """Which proposals are wanted.

    Attributes:
        policy_id: Policy of any of their files; empty for all.
        before: Number of the proposal after the first wanted; none for the latest.
        limit: How many at most; none for all.
    """

    policy_id: str = ""
    before: int | None = None
    limit: int | None = None


class ProposalReads(Protocol):
    """Reads proposals as known at a revision."""

    def get(self, proposal_id: int, revision: int) -> Proposal | None:
        """Get one; none if it was not known."""
        ...

    def content(self, proposal_id: int) -> tuple[PolicyBytes, ...]:
        """Get the bytes of one, file by file; nothing if there is no such one."""
        ...

    def listed(self, wanted: ProposalFilter, revision: int) -> Sequence[Proposal]:
        """List them, the latest first."""
        ...

    def published(self, revision: int) -> Sequence[PublishedVersion]:
        """List every version published, in the order of publication."""
        ...


class ProposalReading(Protocol):
    """A consistent snapshot."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        ...

    @property
    def proposals(self) -> ProposalReads:
        """Read proposals."""
        ...


class ProposalWriting(OnceWriting, RecordedAccidents, Protocol):
    """A write transaction."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand."""
        ...

    @property
    def proposals(self) -> ProposalReads:
        """Read proposals, those of this transaction included."""
        ...

    def edition(self) -> int:
        """Give the revision of the last publication; 0 if there was none."""
        ...

    def propose(self, proposal: Proposal, files: Sequence[PolicyBytes]) -> Proposal:
        """Add a proposal, whose number is taken here, with its first step."""
        ...

    def add_step(self, proposal_id: int, step: Step) -> None:
        """Add a step."""
        ...

    def publish(
        self, proposal_id: int, versions: Sequence[CompiledVersion], *, parents: Sequence[bytes]
    ) -> None:
        """Add published versions, with the exact bytes of the files that they extend."""
        ...


class ProposalStore(Protocol):
    """The store of proposals and publications."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(
        self, *, at_least: StoreToken | None = None
    ) -> AbstractContextManager[ProposalReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[ProposalWriting]:
        """Begin a write; it is undone unless it is committed."""
        ...


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal after a write.

    Attributes:
        proposal: It.
        point: Point of the store that includes the write.
        problems: Warnings of the check, where one was made.
        versions: Versions that were published.
        record_ids: Accidents that keep a level which is another one by them.
    """

    proposal: Proposal
    point: StorePoint
    problems: tuple[Problem, ...] = ()
    versions: tuple[CompiledVersion, ...] = field(default=())
    record_ids: tuple[int, ...] = ()


def require_scope(caller: Caller, *, division: str, field_code: str) -> None:
    """Refuse whoever may not issue policies of a division and field.

    A policy of the whole country, or of every field, needs a caller whose reach is as wide.

    Raises:
        PolicyOutOfScopeError: The policy is out of the caller's reach.
    """
    division_within = caller.covers_division(division)
    if not (division_within and caller.covers_field(field_code or "*")):
        raise PolicyOutOfScopeError(
            "the policy's division and field must lie within what the caller may write",
            division=division,
            field=field_code or "all",
        )


# Private functions -----------------------------------------------------------


_NAME = re.compile(r"policy(?:-(\d+))?(\.cases)?\.yaml")


def _violation(problem: Problem) -> FieldViolation:
    found = _NAME.fullmatch(problem.file)
    name = "cases" if found and found[2] else "content"
    if found and found[1]:
        name = f"further_files[{int(found[1]) - 2}].{name}"
    return FieldViolation(
        f"{name}:{problem.line}:{problem.column}",
        problem.code.upper().replace("-", "_"),
        problem.message if found else str(problem),
    )
