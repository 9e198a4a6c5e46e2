"""What the commands need of the world.

Facts are read at a viewpoint: what was known at a revision, seen from a day. Grades that were kept
are derived; whoever reads them asks first up to where they are right.
"""

from collections.abc import Awaitable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.common.tokens import StorePoint, StoreToken
from services.engine.population import Population
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class FactNeeds:
    """Which facts an evaluation reads.

    Attributes:
        attributes: Attributes of the subjects.
        records: Attributes of the records, by kind.
    """

    attributes: frozenset[str] = frozenset()
    records: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Which stretch of the subjects is wanted, in order of their numbers.

    Attributes:
        wanted: Filters on enterprises.
        after: Number of the subject before the first.
        limit: Subjects at most.
        everybody: Whether to give enterprises that have no period on the day too; no filter then.
        persons: Whether to give persons too, whatever the filters.
    """

    wanted: EnterpriseFilter = field(default_factory=EnterpriseFilter)
    after: int = 0
    limit: int
    everybody: bool = False
    persons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of subjects as columns.

    Attributes:
        subject_ids: int64[n], ascending.
        population: Their columns, in that order.
        persons: bool[n], who of them is a person.
    """

    subject_ids: NDArray[np.int64]
    population: Population
    persons: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGrade:
    """A grade as kept.

    Attributes:
        subject_id: The enterprise.
        status: 1 for a result, 2 for no data, 3 for not applicable.
        grade: Grade, or status outside the ladder; empty when none.
        rank: Place on the ladder, 0 for none.
        score: Whole number of the policy's smallest unit; none when there is none.
        valid_until_date: First day on which it would change; none when never.
    """

    subject_id: int
    status: int
    grade: str
    rank: int
    score: int | None
    valid_until_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesStanding:
    """Up to where the kept grades of one policy are right.

    Attributes:
        version: Version evaluated.
        digest: Digest of everything that the evaluation rests on besides facts.
        as_of: Day they are for.
        revision: Revision they stand at.
    """

    version: str
    digest: str
    as_of: date
    revision: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Which subjects were written about.

    Attributes:
        subject_ids: Their numbers; none if there are more than were asked for.
        point: Point up to which they were looked for.
    """

    subject_ids: frozenset[int] | None
    point: StorePoint


@dataclass(frozen=True, slots=True)
class Publicity:
    """What the publication of a penalty hangs on besides the law.

    Attributes:
        withdrawn: Days on which repairs of it were withdrawn, in order.
        last_date: Last day of publication that the authority itself gave; none for none.
    """

    withdrawn: tuple[date, ...]
    last_date: date | None


class SubjectReads(Protocol):
    """Finds subjects."""

    def find(self, refs: Collection[SubjectRef], at: Viewpoint) -> Mapping[SubjectRef, Subject]:
        """Find the subjects that references name; unknown ones are left out."""
        ...

    def by_number(self, subject_ids: Collection[int], at: Viewpoint) -> Mapping[int, Subject]:
        """Find enterprises and persons by their numbers; unknown ones are left out."""
        ...

    def changes_on(
        self, subject_ids: Collection[int], attributes: Collection[str], at: Viewpoint
    ) -> Mapping[int, date]:
        """Give the days of `Subject.changes_on` for those enterprises that have one."""
        ...


class FactReads(Protocol):
    """Reads facts into columns."""

    def population(
        self, subjects: Sequence[Subject], needs: FactNeeds, at: Viewpoint
    ) -> Population:
        """Give the columns of subjects, in their order; all differ."""
        ...

    def chunk(self, scan: Scan, needs: FactNeeds, at: Viewpoint) -> Chunk:
        """Give the columns of a stretch of the subjects."""
        ...

    def chunk_of(
        self,
        subject_ids: Collection[int],
        needs: FactNeeds,
        at: Viewpoint,
        *,
        persons: bool = False,
    ) -> Chunk:
        """Give the columns of those of the numbers that are enterprises, or persons if wanted."""
        ...

    def changed(self, revision: int, until: int, *, limit: int) -> frozenset[int] | None:
        """Give the subjects written about after one revision and up to another.

        Returns:
            Their numbers; nothing if there are more than ``limit``.
        """
        ...

    def publicity(self, record_ids: Collection[int], at: Viewpoint) -> Mapping[int, Publicity]:
        """Give what the publication of penalties hangs on, by record."""
        ...


@dataclass(frozen=True, slots=True)
class Redlisting:
    """An entry of a redlist with what it rests on.

    Attributes:
        held: The entry.
        answers: What the applicant answered, by name of the input.
    """

    held: HeldEntry
    answers: Mapping[str, int]

    @property
    def subject_id(self) -> int:
        """Give the number of the subject."""
        return self.held.entry.subject_id


class ListedReads(Protocol):
    """Reads the entries of the lists."""

    def in_force(
        self, subject_ids: Collection[int], at: Viewpoint
    ) -> Mapping[int, tuple[HeldEntry, ...]]:
        """Give the entries that count on a day, by subject; subjects without one are left out.

        They are given as they are shown: persons who are known by now are masked in their texts.
        """
        ...

    def redlistings(self, subject_ids: Collection[int], at: Viewpoint) -> Sequence[Redlisting]:
        """Give the entries of redlists that count on a day, with what was answered for them."""
        ...


class GradeReads(Protocol):
    """Reads the grades that were kept."""

    def standing(self, policy_id: str) -> GradesStanding | None:
        """Say up to where they are right; nothing while they are not."""
        ...

    def due(self, policy_id: str, by: date, *, limit: int) -> Sequence[int]:
        """Give enterprises whose grade may change by a day through time alone."""
        ...

    def page(
        self, policy_id: str, scan: Scan, at: Viewpoint, *, grades: Mapping[str, int]
    ) -> Sequence[KeptGrade]:
        """Give kept grades of the enterprises wanted, in order of their numbers.

        Args:
            policy_id: The policy.
            scan: Enterprises wanted.
            at: Where the filters look from.
            grades: Place on the ladder by grade wanted, 0 outside it; empty for all.
        """
        ...


class Reading(Protocol):
    """A consistent snapshot."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant.

        Raises:
            SafetyCreditError: The instant lies in the future, or before the first write.
        """
        ...

    @property
    def subjects(self) -> SubjectReads:
        """Find subjects."""
        ...

    @property
    def facts(self) -> FactReads:
        """Read facts."""
        ...

    @property
    def grades(self) -> GradeReads:
        """Read the grades that were kept."""
        ...

    @property
    def listed(self) -> ListedReads:
        """Read the entries of the lists."""
        ...


class Store(Protocol):
    """The store, as scoring reads it."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[Reading]:
        """Open a snapshot.

        Raises:
            SafetyCreditError: This replica has not reached the token in time.
        """
        ...


class KeptGrades(Protocol):
    """Writes derived grades; several replicas may try at once, and one does the work.

    Whoever holds a policy's lease writes its grades. Every write looks at the lease in its own
    transaction and fails once another holds it, so that a late one does no harm.
    """

    def claim(self, policy_id: str) -> str | None:
        """Take the lease of a policy; nothing if another holds it."""
        ...

    def begin_anew(self, policy_id: str, lease: str) -> None:
        """Drop a policy's grades, and that they were right."""
        ...

    def put(
        self,
        policy_id: str,
        lease: str,
        *,
        rows: Sequence[KeptGrade],
        standing: GradesStanding | None = None,
    ) -> None:
        """Write grades in the place of those of the same enterprises.

        Args:
            policy_id: The policy.
            lease: From `claim`.
            rows: The grades.
            standing: Up to where all grades of the policy are right with these; none while more
                must follow.

        Raises:
            LeaseLostError: Another holds the lease.
        """
        ...

    def release(self, policy_id: str, lease: str) -> None:
        """Give the lease back."""
        ...


class FreshPoints(Protocol):
    """Tells where the store stands now, and what changed on the way there."""

    def fresh_point(self) -> Awaitable[StorePoint]:
        """Give a point that was read after the call began."""
        ...

    def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Changes:
        """Give the subjects written about since a point; blocks.

        Args:
            since: Point known before.
            at_least: Point that the answer must have reached.
            limit: Subjects at most; more are not told one by one.
        """
        ...
