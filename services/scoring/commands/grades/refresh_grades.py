"""Keep grades: evaluate only what was written about, or is due through time alone.

Grades are kept for today at the store's last write. Whoever reads them asks up to where they are
right, so work that is half done is never seen. A policy whose digest is new is evaluated anew from
the first enterprise to the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import structlog

from services.common.clock import Clock, today
from services.common.errors import Category, SafetyCreditError
from services.scoring.commands.answers import GradeColumns
from services.scoring.commands.choosing import GRADE
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import (
    Chunk,
    GradesStanding,
    KeptGrade,
    KeptGrades,
    Reading,
    Scan,
    Store,
)
from services.scoring.domain.errors import PolicyNotInForceError, PolicyUnknownError
from services.scoring.domain.viewpoint import Viewpoint

BATCH: Final = 5_000
"""House decision: grades written at once; a writer of facts waits no longer than for these."""

AT_ONCE_MAX: Final = 2_000
"""House decision: enterprises that a reader evaluates itself before it reads."""

AFFECTED_MAX: Final = 100_000
"""House decision: with more enterprises to look at, all are evaluated anew."""


@dataclass(frozen=True, slots=True)
class RefreshGrades:
    """Brings kept grades up to date.

    Attributes:
        store: Where facts are stored.
        kept: Where grades are kept.
        library: The policies.
        clock: Tells which day it is.
    """

    store: Store
    kept: KeptGrades
    library: PolicyLibrary
    clock: Clock

    def before_reading(self, policy_id: str, as_of: date) -> None:
        """Bring one policy's grades up to date if that is soon done; else leave them.

        Args:
            policy_id: The policy; an unknown one is for the reader to refuse.
            as_of: Day that the reader asks for.
        """
        if as_of != today(self.clock):
            return
        try:
            pinned = self.library.named(GRADE, policy_id, version="", as_of=as_of)
        except (PolicyUnknownError, PolicyNotInForceError):
            return
        self.catch_up(pinned, as_of, affected_max=AT_ONCE_MAX)

    def bring_up_to_date(
        self,
        pinned: PinnedVersion,
        as_of: date,
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Bring one policy's grades up to date, whatever it takes.

        Args:
            pinned: The version in force.
            as_of: Today.
            stopped: Asked between two batches; work that is stopped begins anew next time.

        Returns:
            Whether they are; not if another replica is at work on them, or this was stopped.
        """
        if self.catch_up(pinned, as_of, affected_max=AFFECTED_MAX):
            return True
        return self._under_lease(
            pinned, lambda lease: self._everything(pinned, as_of, lease, stopped=stopped)
        ) and self.catch_up(pinned, as_of, affected_max=AFFECTED_MAX)

    def catch_up(self, pinned: PinnedVersion, as_of: date, *, affected_max: int) -> bool:
        """Evaluate what was written about or is due since the grades were right.

        Returns:
            Whether they are right now; not if they have to be evaluated anew, if more than
            ``affected_max`` enterprises are affected, or if another is at work on them.
        """
        with self.store.read() as reading:
            standing = reading.grades.standing(pinned.policy_id)
            if standing is None or not _continues(standing, pinned, as_of):
                return False
            if (standing.revision, standing.as_of) == (reading.point.revision, as_of):
                return True
        return self._under_lease(
            pinned, lambda lease: self._affected(pinned, as_of, lease, affected_max=affected_max)
        )

    # Private methods -------------------------------------------------------------

    def _under_lease(self, pinned: PinnedVersion, work: Callable[[str], bool]) -> bool:
        """Do work that needs the lease; say whether it was done."""
        try:
            lease = self.kept.claim(pinned.policy_id)
            if lease is None:
                return False
            try:
                return work(lease)
            finally:
                self.kept.release(pinned.policy_id, lease)
        except SafetyCreditError as error:
            if error.category not in _PASSING:
                raise
            # Another writer is busy, or has taken over: kept grades can wait, readers do not.
            return False

    def _affected(
        self, pinned: PinnedVersion, as_of: date, lease: str, *, affected_max: int
    ) -> bool:
        with self.store.read() as reading:
            standing = reading.grades.standing(pinned.policy_id)
            if standing is None or not _continues(standing, pinned, as_of):
                return False
            affected = _affected(reading, standing, pinned, as_of=as_of, limit=affected_max)
            if affected is None:
                return False
            at = Viewpoint(reading.point.revision, as_of)
            now = _standing(pinned, at)
            if len(affected) <= BATCH:
                chunk = reading.facts.chunk_of(affected, pinned.needs, at)
                rows = _graded(reading, chunk, pinned=pinned, at=at)
        if len(affected) <= BATCH:
            self.kept.put(pinned.policy_id, lease, rows=rows, standing=now)
        else:
            self._in_batches(pinned, lease, affected=affected, at=at)
        return True

    def _in_batches(
        self, pinned: PinnedVersion, lease: str, *, affected: Sequence[int], at: Viewpoint
    ) -> None:
        # Between two batches some grades are newer than others: none may be taken for right.
        self.kept.begin_anew(pinned.policy_id, lease)
        for first in range(0, len(affected), BATCH):
            with self.store.read() as reading:
                part = affected[first : first + BATCH]
                chunk = reading.facts.chunk_of(part, pinned.needs, at)
                rows = _graded(reading, chunk, pinned=pinned, at=at)
            self.kept.put(pinned.policy_id, lease, rows=rows)
        self.kept.put(pinned.policy_id, lease, rows=(), standing=_standing(pinned, at))

    def _everything(
        self, pinned: PinnedVersion, as_of: date, lease: str, *, stopped: Callable[[], bool]
    ) -> bool:
        with self.store.read() as reading:
            standing = reading.grades.standing(pinned.policy_id)
            at = Viewpoint(reading.point.revision, as_of)
        if standing == _standing(pinned, at):
            return True
        self.kept.begin_anew(pinned.policy_id, lease)
        after, count, full = 0, 0, True
        while full:
            if stopped():
                return False
            with self.store.read() as reading:
                scan = Scan(after=after, limit=BATCH, everybody=True)
                chunk = reading.facts.chunk(scan, pinned.needs, at)
                rows = _graded(reading, chunk, pinned=pinned, at=at)
            if rows:
                self.kept.put(pinned.policy_id, lease, rows=rows)
                after, count = rows[-1].subject_id, count + len(rows)
            full = len(rows) == BATCH
        self.kept.put(pinned.policy_id, lease, rows=(), standing=_standing(pinned, at))
        _log.info("grades_evaluated_anew", policy_id=pinned.policy_id, enterprises=count)
        return True


# Private functions -----------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_PASSING: Final = frozenset({Category.UNAVAILABLE, Category.ABORTED})


def _continues(standing: GradesStanding, pinned: PinnedVersion, as_of: date) -> bool:
    return standing.digest == pinned.digest and standing.as_of <= as_of


def _standing(pinned: PinnedVersion, at: Viewpoint) -> GradesStanding:
    return GradesStanding(
        version=pinned.compiled.version.version,
        digest=pinned.digest,
        as_of=at.as_of,
        revision=at.revision,
    )


def _affected(
    reading: Reading,
    standing: GradesStanding,
    pinned: PinnedVersion,
    *,
    as_of: date,
    limit: int,
) -> list[int] | None:
    """Give the enterprises to evaluate; nothing if they are more than the limit."""
    changed = reading.facts.changed(standing.revision, reading.point.revision, limit=limit)
    if changed is None:
        return None
    if as_of == standing.as_of:
        return sorted(changed)
    due = reading.grades.due(pinned.policy_id, as_of, limit=limit + 1)
    affected = changed.union(due)
    return None if len(affected) > limit else sorted(affected)


def _graded(
    reading: Reading, chunk: Chunk, *, pinned: PinnedVersion, at: Viewpoint
) -> list[KeptGrade]:
    numbers: list[int] = chunk.subject_ids.tolist()
    if not numbers:
        return []
    columns = GradeColumns(evaluate(pinned, chunk.population, at.as_of))
    changes = reading.subjects.changes_on(numbers, pinned.deciding, at)
    return [
        columns.kept(position, number, changes.get(number))
        for position, number in enumerate(numbers)
    ]
