"""Years of mines with hours worked (MSHA): injuries with a real exposure.

A row is a mine and a year. The file names no mine, so nothing of the past can be tied to the
present: the features say what kind of mine it is, and how big.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.dataset import FloatColumn, RiskData
from services.scoring.risk.tables import TextTable

FEATURE_SET: Final = "mine-years"

_SHARES: Final = (
    "underground",
    "surface",
    "strip",
    "auger",
    "culm_bank",
    "dredge",
    "other_surface",
    "shop_yard",
    "mill_prep",
    "office",
)
_COMMODITIES: Final = ("Coal", "Metal", "Nonmetal", "Sand & gravel", "Stone")
_TYPES: Final = ("Mill", "Sand & gravel", "Surface", "Underground")

COLUMNS: Final = (
    "year",
    "commodity",
    "type_of_mine",
    "seam_height",
    "avg_emp_total",
    "emp_hrs_total",
    *(f"pct_hrs_{name}" for name in _SHARES),
    "num_injuries",
)
"""Columns that a file must have."""

FEATURES: Final = (
    RiskFeature(
        name="employees", meaning="average number of employees in the year", logarithmic=True
    ),
    RiskFeature(
        name="hours_per_employee", meaning="hours worked by an employee in the year, in thousands"
    ),
    RiskFeature(name="seam_height", meaning="height of the seam in inches, 0 where there is none"),
    *(
        RiskFeature(name=f"share_{name}", meaning=f"share of the hours: {name.replace('_', ' ')}")
        for name in _SHARES
    ),
    *(
        RiskFeature(name=f"commodity_{name.split()[0].lower()}", meaning=f"whether it is {name}")
        for name in _COMMODITIES
    ),
    *(
        RiskFeature(name=f"type_{name.split()[0].lower()}", meaning=f"whether the mine is {name}")
        for name in _TYPES
    ),
)

_HOURS_OF_EXPOSURE: Final = 200_000.0
"""Hours of a hundred people in a year, as injury rates are usually given for."""

_SEAM_UNKNOWN: Final = 9000.0
_THOUSAND: Final = 1000.0
_LIMITS: Final = (
    (
        "The file names no mine: the years cannot be held apart by mine, and nothing of a mine's"
        " past is known, so no feature here is adverse and the check of the trees has nothing to"
        " forbid."
    ),
    (
        "Each mine stands once in a year, so drawing rows of the test years again is drawing mines"
        " where the test is one year."
    ),
    (
        "Hours and their shares are those of the year itself, as an insured would declare them;"
        " this is rating by declared exposure, not foretelling."
    ),
    (
        "Most of what can be told about counts is size: hours alone (one rate for all) rank them"
        " nearly as well as the model. Only the Gini of the rate takes size out."
    ),
    (
        "The state of the mine at the year's end (for example closed by the authority) is left"
        " out: it may be the consequence of an injury."
    ),
)


def year_rows(table: TextTable) -> RiskData:
    """Make rows out of a file of mine-years.

    Raises:
        RiskDataColumnsError: A column holds something else than numbers.
        RiskDataTooFewError: No row has hours.
    """
    hours, injuries = table.numbers("emp_hrs_total"), table.wholes("num_injuries")
    # Without hours there is no exposure, and with it no rate.
    kept = hours > 0
    if not kept.any():
        raise RiskDataTooFewError(f"{table.name} has no row with hours", file=table.name)
    years = table.wholes("year")[kept]
    classes = _class_numbers(table)[kept]
    employees = table.numbers("avg_emp_total")[kept]
    return RiskData(
        feature_set=FEATURE_SET,
        features=FEATURES,
        values=_values(table, hours)[kept],
        events=injuries[kept].astype(np.float64),
        exposure=hours[kept] / _HOURS_OF_EXPOSURE,
        groups=np.arange(int(kept.sum()), dtype=np.int64),
        periods=years,
        comparators={"employees alone": employees},
        classes={"class rate by commodity and type": classes},
        target="injuries in the year",
        exposure_unit="200,000 hours",
        source=f"{table.name}: {table.size:,} mine-years, {years.min()}–{years.max()}",
        files=table.files,
        grouped=False,
        limits=_LIMITS,
    )


# Private functions -----------------------------------------------------------


def _values(table: TextTable, hours: FloatColumn) -> NDArray[np.float64]:
    employees, seam = table.numbers("avg_emp_total"), table.numbers("seam_height")
    commodity = np.array(table.columns["commodity"])
    kind = np.array(table.columns["type_of_mine"])
    with np.errstate(divide="ignore", invalid="ignore"):
        an_employee = np.where(employees > 0, hours / employees / _THOUSAND, np.nan)
    return np.column_stack(
        [
            employees,
            an_employee,
            np.where(seam >= _SEAM_UNKNOWN, np.nan, seam),
            *(table.numbers(f"pct_hrs_{name}") for name in _SHARES),
            *(commodity == name for name in _COMMODITIES),
            *(kind == name for name in _TYPES),
        ]
    ).astype(np.float64)


def _class_numbers(table: TextTable) -> NDArray[np.int64]:
    names = [
        f"{commodity}/{kind}"
        for commodity, kind in zip(
            table.columns["commodity"], table.columns["type_of_mine"], strict=True
        )
    ]
    known = sorted(set(names))
    # Classes keep their number while the trades that there are stay the same.
    numbers = {name: place for place, name in enumerate(known)}
    return np.array([numbers[name] for name in names], dtype=np.int64)
