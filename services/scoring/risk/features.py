"""Features of enterprises, made of the columns that plans run over.

Every feature looks back from the end of a day. What was recorded later does not stand in the
columns, because they are read at the revision of that moment; what happened later is left out here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import UNKNOWN_DAY, day_number, first_within
from services.engine.population import IntColumn, Population, RecordColumns, is_missing
from services.engine.vocabulary import industry_range
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.dataset import FloatColumn

FEATURE_SET: Final = "enterprise"

_YEAR: Final = 12
_LOOKBACK: Final = 36
_DAYS_A_YEAR: Final = 365.25
_YUAN: Final = 100.0

_INDUSTRIES: Final = {
    "mining": ("B",),
    "manufacturing": ("C",),
    "chemicals": ("C25", "C26"),
    "construction": ("E",),
    "transport": ("G",),
}

FEATURES: Final = (
    RiskFeature(name="headcount", meaning="employees; how big it is", logarithmic=True),
    RiskFeature(name="age_years", meaning="years since its founding", logarithmic=True),
    *(
        RiskFeature(name=f"industry_{name}", meaning=f"whether its industry is {', '.join(codes)}")
        for name, codes in _INDUSTRIES.items()
    ),
    RiskFeature(
        name="standardised",
        meaning="whether a standardisation level (安全生产标准化) holds on the day",
    ),
    RiskFeature(name="inspections_12m", meaning="inspections in 12 months", logarithmic=True),
    RiskFeature(
        name="violations_12m",
        meaning="violations in 12 months",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="violations_36m",
        meaning="violations in 36 months",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="serious_violations_36m",
        meaning="serious violations in 36 months",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="open_violations",
        meaning="violations of 36 months without an accepted rectification",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="penalties_12m", meaning="penalties in 12 months", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="penalties_36m", meaning="penalties in 36 months", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="fines_36m", meaning="fines in 36 months, in yuan", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="hazards_36m", meaning="hazards found in 36 months", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="major_hazards_36m",
        meaning="major hazards found in 36 months",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="open_hazards",
        meaning="hazards of 36 months not yet removed",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="accidents_12m", meaning="accidents in 12 months", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="accidents_36m", meaning="accidents in 36 months", adverse=True, logarithmic=True
    ),
    RiskFeature(
        name="deaths_36m",
        meaning="deaths by accidents in 36 months",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="reports_36m",
        meaning="reports (12350) found true in 36 months",
        adverse=True,
        logarithmic=True,
    ),
)

_NEEDS: Final = FactNeeds(
    attributes=frozenset({"headcount", "founding_date", "industry"}),
    records={
        "inspection": frozenset({"publish_date"}),
        "violation": frozenset({"publish_date", "severity", "closed_date"}),
        "penalty": frozenset({"publish_date", "fine_fen"}),
        "hazard": frozenset({"publish_date", "level", "closed_date"}),
        "accident": frozenset({"publish_date", "deaths"}),
        "report": frozenset({"publish_date", "finding"}),
        "honour": frozenset({"publish_date", "honour_kind", "end_date"}),
    },
)
_EMPTY: Final = np.zeros(0, dtype=np.int64)
_NO_RECORDS: Final = RecordColumns(_EMPTY, _EMPTY, {})


@dataclass(frozen=True, slots=True)
class EnterpriseFeatures:
    """The features of enterprises; implements `FeatureSet`.

    Attributes:
        codes: Numbers of code words, by code set.
    """

    codes: Mapping[str, Mapping[str, int]]

    @property
    def name(self) -> str:
        """Give the name of the list."""
        return FEATURE_SET

    @property
    def features(self) -> tuple[RiskFeature, ...]:
        """Give the features in order."""
        return FEATURES

    @property
    def needs(self) -> FactNeeds:
        """Say which facts they are made of."""
        return _NEEDS

    def values(
        self, population: Population, as_of: date, *, announced: bool = False
    ) -> NDArray[np.float64]:
        """Give the features of a population on a day."""
        look = _Look(population, day_number(as_of), self.codes, announced)
        columns = _profile(look) | _records(look)
        return np.column_stack([columns[one.name] for one in FEATURES])

    def exposure(self, population: Population) -> FloatColumn:
        """Give the person-years of one year; 0 where the headcount is not known."""
        return np.nan_to_num(_number(population.attributes["headcount"]))

    def experience(self, population: Population, as_of: date) -> FloatColumn:
        """Give the person-years that the features tell of, as far as the enterprise existed."""
        age = _age(population, day_number(as_of))
        years = np.clip(np.nan_to_num(age), 0.0, _LOOKBACK / _YEAR)
        return self.exposure(population) * years

    def events(self, population: Population, start: date, end: date) -> FloatColumn:
        """Count the accidents of each subject on ``[start, end)``."""
        records = population.records.get("accident", _NO_RECORDS)
        if not records.subjects.size:
            return np.zeros(population.size)
        days = records.columns["event_date"]
        inside = (days >= day_number(start)) & (days < day_number(end))
        return _counted(population, records, inside)


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """A population seen from the end of a day."""

    population: Population
    as_of: int
    codes: Mapping[str, Mapping[str, int]]
    announced: bool

    def count(
        self, kind: str, months: int, where: Callable[[Any], NDArray[np.bool_]] | None = None
    ) -> FloatColumn:
        """Count the records of a kind in a window, for each subject."""
        return self.total(kind, months, where=where)

    def total(
        self,
        kind: str,
        months: int,
        *,
        where: Callable[[Any], NDArray[np.bool_]] | None = None,
        of: str = "",
    ) -> FloatColumn:
        """Add an attribute of the records up, or count them where none is named."""
        records = self.population.records.get(kind, _NO_RECORDS)
        if not records.subjects.size:
            return np.zeros(self.population.size)
        inside = self._inside(records.columns, months)
        if where is not None:
            inside &= where(records.columns)
        amounts = np.nan_to_num(_number(records.columns[of])) if of else None
        return _counted(self.population, records, inside, amounts)

    def open(self, columns: Any) -> NDArray[np.bool_]:  # noqa: ANN401 -- columns of records by name.
        """Select what was not closed by the end of the day."""
        closed = columns["closed_date"]
        found: NDArray[np.bool_] = (closed == UNKNOWN_DAY) | (closed > self.as_of)
        return found

    def holds(self, columns: Any) -> NDArray[np.bool_]:  # noqa: ANN401 -- columns of records by name.
        """Select standardisation levels that hold on the day."""
        end = columns["end_date"]
        wanted = self.code("honour_kind", "standardisation")
        holding = (end == UNKNOWN_DAY) | (end > self.as_of)
        found: NDArray[np.bool_] = (columns["honour_kind"] == wanted) & holding
        return found

    def code(self, codes: str, name: str) -> int:
        """Give the number of a code."""
        return self.codes[codes][name]

    def _inside(self, columns: Mapping[str, IntColumn], months: int) -> NDArray[np.bool_]:
        days = columns["event_date"]
        inside = days <= self.as_of
        if months:
            inside &= days >= first_within(self.as_of, "months", months)
        if self.announced:
            published = columns["publish_date"]
            inside &= (published == UNKNOWN_DAY) | (published <= self.as_of)
        return inside


def _profile(look: _Look) -> dict[str, FloatColumn]:
    attributes = look.population.attributes
    industry = attributes["industry"]
    columns = {
        "headcount": _number(attributes["headcount"]),
        "age_years": _age(look.population, look.as_of),
        "standardised": np.minimum(look.count("honour", 0, look.holds), 1.0),
    }
    for name, codes in _INDUSTRIES.items():
        ranges = [industry_range(code) for code in codes]
        found = np.zeros(look.population.size, dtype=np.bool_)
        for first, after in ranges:
            found |= (industry >= first) & (industry < after)
        columns[f"industry_{name}"] = found.astype(np.float64)
    return columns


def _records(look: _Look) -> dict[str, FloatColumn]:
    serious = look.code("severity", "serious")
    major = look.code("hazard_level", "major")
    confirmed = look.code("finding", "confirmed")
    return {
        "inspections_12m": look.count("inspection", _YEAR),
        "violations_12m": look.count("violation", _YEAR),
        "violations_36m": look.count("violation", _LOOKBACK),
        "serious_violations_36m": look.count(
            "violation", _LOOKBACK, lambda columns: columns["severity"] == serious
        ),
        "open_violations": look.count("violation", _LOOKBACK, look.open),
        "penalties_12m": look.count("penalty", _YEAR),
        "penalties_36m": look.count("penalty", _LOOKBACK),
        "fines_36m": look.total("penalty", _LOOKBACK, of="fine_fen") / _YUAN,
        "hazards_36m": look.count("hazard", _LOOKBACK),
        "major_hazards_36m": look.count(
            "hazard", _LOOKBACK, lambda columns: columns["level"] == major
        ),
        "open_hazards": look.count("hazard", _LOOKBACK, look.open),
        "accidents_12m": look.count("accident", _YEAR),
        "accidents_36m": look.count("accident", _LOOKBACK),
        "deaths_36m": look.total("accident", _LOOKBACK, of="deaths"),
        "reports_36m": look.count(
            "report", _LOOKBACK, lambda columns: columns["finding"] == confirmed
        ),
    }


def _age(population: Population, as_of: int) -> FloatColumn:
    founded = _number(population.attributes["founding_date"])
    return np.maximum(0.0, (as_of - founded) / _DAYS_A_YEAR)


def _number(column: IntColumn) -> FloatColumn:
    """Give a column as numbers; what is missing is not a number."""
    found: FloatColumn = np.where(is_missing(column), np.nan, column.astype(np.float64))
    return found


def _counted(
    population: Population,
    records: RecordColumns,
    inside: NDArray[np.bool_],
    amounts: FloatColumn | None = None,
) -> FloatColumn:
    found = np.bincount(
        records.subjects[inside],
        None if amounts is None else amounts[inside],
        minlength=population.size,
    )
    return found.astype(np.float64)
