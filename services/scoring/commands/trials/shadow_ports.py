"""What shadow runs are made of, and what their commands need of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.common.errors import Category, SafetyCreditError
from services.scoring.commands.trials.comparing import ShortResult


class ShadowNotStartedError(SafetyCreditError):
    """A proposal never ran in the shadow."""

    reason = "SHADOW_NOT_STARTED"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A file of a proposal, whose comparison is kept by itself.

    Attributes:
        proposal_id: The proposal.
        position: Place of the file in it, from 1.
    """

    proposal_id: int
    position: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowStanding:
    """How far the comparison of a shadow run has come.

    Attributes:
        start_revision: Revision of the start that it belongs to.
        digest: Digest of both sides; empty while a round is not whole.
        live_version: Live version; empty for none.
        as_of: Day that it is for; none before the first round.
        revision: Revision that it stands at.
        comparisons: Comparisons made since the start.
    """

    start_revision: int
    digest: str = ""
    live_version: str = ""
    as_of: date | None = None
    revision: int = 0
    comparisons: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowResult:
    """The two results of one subject.

    Attributes:
        subject_id: The enterprise.
        movement: Number of how it moves from live to shadow; 0 where both agree.
        live: Live result.
        candidate: The shadow's result.
        valid_until_date: First day on which either would change; none when never.
    """

    subject_id: int
    movement: int
    live: ShortResult
    candidate: ShortResult
    valid_until_date: date | None


@dataclass(frozen=True, slots=True)
class ShadowTally:
    """What the kept results add up to.

    Attributes:
        cells: Subjects by their two results.
        differing: Subjects with different ones.
    """

    cells: Mapping[tuple[ShortResult, ShortResult], int]
    differing: int


class Shadows(Protocol):
    """Keeps the comparisons of shadow runs; one replica at a time works on each."""

    def standing(self, file: ComparedFile) -> ShadowStanding | None:
        """Say how far a comparison has come; nothing before its first round."""
        ...

    def claim(self, file: ComparedFile, start_revision: int) -> str | None:
        """Take the work on a comparison; nothing if another has it.

        A comparison that belongs to an earlier start is dropped.
        """
        ...

    def put(
        self,
        file: ComparedFile,
        lease: str,
        rows: Sequence[ShadowResult],
        *,
        others: Sequence[int],
        standing: ShadowStanding,
    ) -> bool:
        """Keep results, each in the place of the one of its subject; say whether to go on.

        Args:
            file: The file.
            lease: From `claim`.
            rows: The results.
            others: Subjects that have none, perhaps not any more.
            standing: Up to where the comparison has come with these.
        """
        ...

    def release(self, file: ComparedFile, lease: str) -> None:
        """Give the work back."""
        ...

    def due(self, file: ComparedFile, by: date, *, limit: int) -> Sequence[int]:
        """Give subjects whose results may change by a day through time alone."""
        ...

    def tally(self, file: ComparedFile) -> ShadowTally:
        """Add the kept results up."""
        ...

    def differing(self, file: ComparedFile, *, each: int, limit: int) -> Sequence[int]:
        """Give subjects whose results differ, a few of each pair of results."""
        ...
