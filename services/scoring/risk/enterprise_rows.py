"""Rows of enterprises out of the store: what was known at the end of a day, and the year after it.

A row is an enterprise on one of several days, a year apart. Features are read at the revision that
the store stood at by the end of the day; accidents of the year after it as they are known now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.common.errors import SafetyCreditError
from services.engine.days import add_months, day_date, day_number
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import Chunk, FactNeeds, Scan
from services.scoring.commands.risk.risk_ports import FeatureSet, RiskReading, RiskStore
from services.scoring.commands.risk.risk_scoring import ANNOUNCED
from services.scoring.commands.risk.risk_standpoint import point_then
from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.risk.dataset import FloatColumn, RiskData

TARGET: Final = "accidents in the year after the day"
EXPOSURE_UNIT: Final = "person-year"

_STRETCH: Final = 20_000
_MONTHS: Final = 12
_GRADE: Final = "grade"
_NOT_YET: Final = "POLICY_NOT_IN_FORCE"
_LIMITS: Final = (
    (
        "Exposure is the headcount on the day times one year: leavers, joiners and enterprises that"
        " close within the year are not followed."
    ),
    "An enterprise whose headcount is not known has no exposure and is left out.",
    "Accidents of the last year may still be recorded late, so its rate may be too low.",
)
_RECORDED: Final = (
    "Features rest on what the store had recorded by the end of each day; what was recorded later,"
    " or corrected later, is not in them."
)
_BACKLOADED: Final = (
    "Features rest on what is known NOW, counting a record from the day on which it was made"
    " public: the store was filled later than its facts, so what was really known then cannot be"
    " told. This flatters the model."
)

Advance = Callable[[int], None]
"""Told how many enterprises were read since it was told last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsWanted:
    """Which rows are wanted.

    Attributes:
        until: Day up to which accidents are counted; the last row's day is a year before it.
        years: Days before that, a year apart, the last one included.
        knowledge: Rule of what was known then, `risk_scoring.RECORDED` or ``ANNOUNCED``.
        grade_policy: Grade policy to compare with; empty for none.
    """

    until: date
    years: int
    knowledge: str
    grade_policy: str = ""


def enterprise_rows(
    store: RiskStore,
    features: FeatureSet,
    library: PolicyLibrary,
    wanted: RowsWanted,
    *,
    advance: Advance,
) -> RiskData:
    """Read rows of all enterprises.

    Args:
        store: Where facts are stored.
        features: What is read of each enterprise.
        library: The policies, for the grade to compare with.
        wanted: Which rows.
        advance: Told of enterprises that were read.

    Raises:
        RiskDataTooFewError: Nothing had been recorded by any of the days.
        SafetyCreditError: There is no such grade policy.
    """
    end = day_number(wanted.until)
    days = [day_date(add_months(end, -_MONTHS * back)) for back in range(wanted.years, 0, -1)]
    with store.read() as reading:
        reader = _RowReader(reading, features, library, wanted)
        parts = [part for day in days for part in reader.rows(day, advance)]
        point = reading.point
    if not parts:
        raise _nothing_known(wanted, days[-1])
    grades = {"grade": np.concatenate([part.ranks for part in parts])} if reader.graded else {}
    values = np.concatenate([part.values for part in parts])
    at = {one.name: place for place, one in enumerate(features.features)}
    return RiskData(
        feature_set=features.name,
        features=features.features,
        values=values,
        events=np.concatenate([part.events for part in parts]),
        exposure=np.concatenate([part.exposure for part in parts]),
        groups=np.concatenate([part.groups for part in parts]),
        periods=np.concatenate([part.periods for part in parts]),
        comparators={
            "violations in 12 months alone": values[:, at["violations_12m"]],
            "size alone (headcount)": values[:, at["headcount"]],
        },
        classes={f"grade alone ({wanted.grade_policy})": ranks for ranks in grades.values()},
        target=TARGET,
        exposure_unit=EXPOSURE_UNIT,
        source=f"the store {point.store_id} at revision {point.revision}, days {days[0]} to"
        f" {days[-1]}",
        limits=(_BACKLOADED if wanted.knowledge == ANNOUNCED else _RECORDED, *_LIMITS),
    )


# Private functions and classes ------------------------------------------------


def _nothing_known(wanted: RowsWanted, day: date) -> RiskDataTooFewError:
    if wanted.knowledge == ANNOUNCED:
        return RiskDataTooFewError(
            f"no enterprise with a known headcount by {day}; register them first", day=day
        )
    return RiskDataTooFewError(
        f"nothing was known by the end of {day}: the store was filled later than that; train with"
        f" the knowledge rule {ANNOUNCED!r}, and say so wherever the model is shown",
        day=day,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Rows of a stretch of the enterprises on one day."""

    values: NDArray[np.float64]
    events: FloatColumn
    exposure: FloatColumn
    groups: NDArray[np.int64]
    periods: NDArray[np.int64]
    ranks: NDArray[np.int64]


class _RowReader:
    def __init__(
        self,
        reading: RiskReading,
        features: FeatureSet,
        library: PolicyLibrary,
        wanted: RowsWanted,
    ) -> None:
        self._reading = reading
        self._features = features
        self._library = library
        self._wanted = wanted
        self.graded = bool(wanted.grade_policy)

    def rows(self, day: date, advance: Advance) -> Iterator[_Part]:
        """Give the rows of a day; none if nothing was known by then."""
        announced = self._wanted.knowledge == ANNOUNCED
        point = self._reading.point if announced else point_then(self._reading, day)
        if point is None:
            return
        grade = self._grade(day)
        needs = self._features.needs
        if grade is not None:
            needs = _joined(needs, grade.needs)
        for chunk in self._chunks(Viewpoint(point.revision, day), needs):
            advance(chunk.subject_ids.size)
            part = self._part(chunk, day, grade, announced=announced)
            if part.events.size:
                yield part

    def _part(
        self, chunk: Chunk, day: date, grade: PinnedVersion | None, *, announced: bool
    ) -> _Part:
        features = self._features
        exposure = features.exposure(chunk.population)
        there = exposure > 0
        # The day itself belongs to the past, and the same day next year to the year after it.
        end = day_date(add_months(day_number(day), _MONTHS) + 1)
        start = day_date(day_number(day) + 1)
        # As known now: an accident that was recorded late happened all the same.
        later = self._reading.facts.chunk_of(
            chunk.subject_ids.tolist(),
            features.needs,
            Viewpoint(self._reading.point.revision, day),
        )
        ranks = np.zeros(chunk.subject_ids.size, dtype=np.int64)
        if grade is not None:
            ranks = np.asarray(evaluate(grade, chunk.population, day).evaluation.ranks())
        return _Part(
            values=features.values(chunk.population, day, announced=announced)[there],
            events=features.events(later.population, start, end)[there],
            exposure=exposure[there],
            groups=chunk.subject_ids[there],
            periods=np.full(int(there.sum()), day.year, dtype=np.int64),
            ranks=ranks.astype(np.int64)[there],
        )

    def _grade(self, day: date) -> PinnedVersion | None:
        """Find the version of the grade policy that was in force; none before there was one."""
        if not self._wanted.grade_policy:
            return None
        try:
            return self._library.named(_GRADE, self._wanted.grade_policy, version="", as_of=day)
        except SafetyCreditError as error:
            if error.reason != _NOT_YET:
                raise
            return None

    def _chunks(self, at: Viewpoint, needs: FactNeeds) -> Iterator[Chunk]:
        after = 0
        while True:
            scan = Scan(after=after, limit=_STRETCH)
            chunk = self._reading.facts.chunk(scan, needs, at)
            if chunk.subject_ids.size:
                yield chunk
            if chunk.subject_ids.size < _STRETCH:
                return
            after = int(chunk.subject_ids[-1])


def _joined(first: FactNeeds, second: FactNeeds) -> FactNeeds:
    kinds = {**first.records, **second.records}
    return replace(
        first,
        attributes=first.attributes | second.attributes,
        records={
            kind: first.records.get(kind, frozenset()) | second.records.get(kind, frozenset())
            for kind in kinds
        },
    )
