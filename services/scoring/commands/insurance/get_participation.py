"""Count who must insure and who does, by place, industry and month."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.common.tokens import StorePoint
from services.engine.days import day_number
from services.engine.population import Population
from services.scoring.commands.insurance.cover_scanning import all_chunks
from services.scoring.commands.insurance.covers import (
    COVER_NEEDS,
    count_covers,
    covers_of,
    joined_needs,
)
from services.scoring.commands.insurance.obligations import Obligations
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import FactNeeds, Reading, Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.insurance import ObligationClass, months_between
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

MONTHS_MAX: Final = 60
"""House limit: each month is a pass over the population."""

DISTRICT: Final = "division"
INDUSTRY: Final = "industry"
_LETTER_STEP: Final = 10_000
_BASIS_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipationQuestion:
    """What is counted.

    Attributes:
        first_month: A day of the first month.
        last_month: A day of the last month.
        classes: Who is obliged.
        wanted: Filters on enterprises.
        by_division: Whether divisions are told apart.
        by_industry: Whether sections of industry (门类) are told apart.
    """

    first_month: date
    last_month: date
    classes: frozenset[ObligationClass]
    wanted: EnterpriseFilter
    by_division: bool
    by_industry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """One cell.

    Attributes:
        month_start_date: First day of the month.
        as_of: Day on which was counted: the last of the month, or the day asked for.
        division: Division as a number; none where not told apart or not known.
        industry: Letter of the section; empty where not told apart or not known.
        obliged: Enterprises obliged.
        insured: Those of them with a cover in force.
        undecided: Enterprises of which nobody can say what they owe.
    """

    month_start_date: date
    as_of: date
    division: int | None
    industry: str
    obliged: int
    insured: int
    undecided: int

    @property
    def rate_bp(self) -> int | None:
        """Give the share of the insured in basis points, half up; none where nobody is obliged."""
        if not self.obliged:
            return None
        return (2 * self.insured * _BASIS_POINTS + self.obliged) // (2 * self.obliged)


@dataclass(frozen=True, slots=True)
class ParticipationAnswer:
    """Participation over time.

    Attributes:
        cells: By month, division and industry.
        as_of: Day asked for.
        point: Point of the store.
    """

    cells: tuple[Participation, ...]
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetParticipation:
    """Counts participation.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, question: ParticipationQuestion, standpoint: Standpoint
    ) -> ParticipationAnswer:
        """Count.

        Each month is seen from its last day, or from the day asked for if that comes first; what
        had been recorded is the same for all.

        Raises:
            SafetyCreditError: As `reading_at` says.
        """
        cells: list[Participation] = []
        with reading_at(self.store, standpoint) as (reading, point):
            obligations = Obligations(self.library.at(point.revision))
            for start in months_between(question.first_month, question.last_month):
                if start > standpoint.as_of:
                    break
                as_of = min(_last_day(start), standpoint.as_of)
                at = Viewpoint(point.revision, as_of)
                cells.extend(_month(reading, obligations, question, start=start, at=at))
        return ParticipationAnswer(tuple(cells), standpoint.as_of, point)


# Private functions -----------------------------------------------------------

# The industry is counted by even where no policy asks for it.
_COUNTED = joined_needs(COVER_NEEDS, FactNeeds(attributes=frozenset({DISTRICT, INDUSTRY})))


def _month(
    reading: Reading,
    obligations: Obligations,
    question: ParticipationQuestion,
    *,
    start: date,
    at: Viewpoint,
) -> list[Participation]:
    needs = joined_needs(obligations.needs, _COUNTED)
    day = day_number(at.as_of)
    counts: dict[tuple[int, int], NDArray[np.int64]] = {}
    for chunk in all_chunks(reading, needs, wanted=question.wanted, at=at):
        population = chunk.population
        owed = obligations.of(population, at.as_of).classes
        covers = count_covers(covers_of(population, day), day, size=population.size).covers
        obliged = np.isin(owed, list(question.classes))
        flags = np.stack(
            (obliged, obliged & (covers > 0), owed == ObligationClass.UNDECIDED), axis=1
        )
        keys, place = np.unique(_keys(population, question), axis=0, return_inverse=True)
        sums = np.zeros((len(keys), flags.shape[1]), dtype=np.int64)
        np.add.at(sums, place.reshape(-1), flags)
        for (division, industry), row in zip(keys.tolist(), sums, strict=True):
            key = (division, industry)
            counts[key] = counts[key] + row if key in counts else row
    return [
        Participation(
            month_start_date=start,
            as_of=at.as_of,
            division=division if division > 0 else None,
            industry=chr(ord("A") + industry - 1) if industry > 0 else "",
            obliged=int(row[0]),
            insured=int(row[1]),
            undecided=int(row[2]),
        )
        for (division, industry), row in sorted(counts.items())
    ]


def _keys(population: Population, question: ParticipationQuestion) -> NDArray[np.int64]:
    """Give int64[n, 2]: division and section of industry, 0 where not told apart or unknown."""
    keys = np.zeros((population.size, 2), dtype=np.int64)
    if question.by_division:
        keys[:, 0] = np.maximum(population.attributes[DISTRICT], 0)
    if question.by_industry:
        keys[:, 1] = np.maximum(population.attributes[INDUSTRY], 0) // _LETTER_STEP
    return keys


def _last_day(start: date) -> date:
    following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return following - timedelta(days=1)
