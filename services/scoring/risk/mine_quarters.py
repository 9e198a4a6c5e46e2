"""Quarters of mines (MSHA): violations and lost days of the past, deaths and disabilities to come.

A row is a mine and a calendar year in which it worked; the features are what its earlier quarters
say, the events are the quarters of the year in which somebody died or was disabled for life.
Quarters and not people are counted, so that one disaster does not outweigh a decade.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_errors import RiskDataColumnsError, RiskDataTooFewError
from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.dataset import FloatColumn, RiskData
from services.scoring.risk.tables import TextTable

FEATURE_SET: Final = "mine-quarters"
COLUMNS: Final = (
    "mine_id",
    "year",
    "quarter",
    "num_days_lost",
    "num_days_restrict",
    "num_death",
    "num_dis",
    "viol_quantity",
)
"""Columns that a file must have."""

FEATURES: Final = (
    RiskFeature(
        name="violations_1y",
        meaning="violations cited in the year before",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="violations_last_quarter",
        meaning="violations cited in the last quarter worked of the year before",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="violations_3y",
        meaning="violations cited in the three years before, for a year of work",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="days_lost_1y",
        meaning="working days lost by injuries in the year before",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="days_lost_3y",
        meaning="working days lost in the three years before, for a year of work",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="days_restricted_1y",
        meaning="days of restricted work after injuries in the year before",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="days_restricted_3y",
        meaning="days of restricted work in the three years before, for a year of work",
        adverse=True,
        logarithmic=True,
    ),
    RiskFeature(
        name="injured_quarters_3y",
        meaning="quarters with lost days in the three years before, for a year of work",
        adverse=True,
    ),
    RiskFeature(
        name="grave_events_1y",
        meaning="quarters with a death or a permanent disability in the year before",
        adverse=True,
    ),
    RiskFeature(
        name="grave_events_3y",
        meaning="quarters with a death or a permanent disability in the three years before",
        adverse=True,
    ),
    RiskFeature(name="quarters_1y", meaning="quarters worked in the year before"),
    RiskFeature(name="quarters_3y", meaning="quarters worked in the three years before"),
)

_QUARTERS_A_YEAR: Final = 4
_YEARS_BACK: Final = 3
_LIMITS: Final = (
    (
        "The file has neither hours nor employees: exposure is the share of the year in which the"
        " mine worked, so the size of a mine is not taken out of its rate."
    ),
    (
        "Large mines are inspected more and have more people who can be hurt, so violations and"
        " lost days stand for size as well as for care; how much of the ranking is size cannot be"
        " told from this file."
    ),
    (
        "Of size the file tells only for how many quarters a mine has worked; the points score to"
        " beat is house-made: 1 for a violation, 5 for a quarter with lost days, 40 for a quarter"
        " with a death or disability last year and 20 for an older one."
    ),
    (
        "Exposure of the year to come is the quarters worked in it, which nobody knows beforehand;"
        " only the features are what was known at the turn of the year."
    ),
    (
        "Days of decisions are not in the file: a violation counts from the quarter in which it"
        " stands, although some became final only later."
    ),
)


def quarter_rows(table: TextTable) -> RiskData:
    """Make rows of mines and years out of a file of quarters.

    Raises:
        RiskDataColumnsError: A column holds something else than whole numbers, or a mine has a
            quarter twice.
        RiskDataTooFewError: The file spans less than two years.
    """
    columns = {name: table.wholes(name) for name in COLUMNS}
    _require_once(table, columns)
    mines, mine = np.unique(columns["mine_id"], return_inverse=True)
    first, last = int(columns["year"].min()), int(columns["year"].max())
    if last == first:
        raise RiskDataTooFewError(
            f"{table.name} has the year {first} only; there is nothing to foretell", file=table.name
        )
    grids = _grids(columns, mine, shape=(mines.size, last - first + 1))
    years = [_rows_of_year(grids, place) for place in range(1, last - first + 1)]
    places = np.concatenate([one[0] for one in years])
    values = np.concatenate([one[1] for one in years])
    periods = np.concatenate([np.full(one[0].size, first + i) for i, one in enumerate(years, 1)])
    return RiskData(
        feature_set=FEATURE_SET,
        features=FEATURES,
        values=values,
        events=grids["grave"][places, periods - first],
        exposure=grids["worked"][places, periods - first] / _QUARTERS_A_YEAR,
        groups=mines[places],
        periods=periods,
        comparators=_comparators(values),
        target="quarters with a death or a permanent disability in the year to come",
        exposure_unit="mine-year",
        source=f"{table.name}: {table.size:,} quarters of {mines.size:,} mines, {first}–{last}",
        files=table.files,
        limits=_LIMITS,
    )


# Private functions -----------------------------------------------------------


def _require_once(table: TextTable, columns: Mapping[str, NDArray[np.int64]]) -> None:
    """Refuse a mine that has a quarter twice, as in files that overlap."""
    key = np.stack([columns["mine_id"], columns["year"], columns["quarter"]])
    order = np.lexsort(key[::-1])
    twice = (np.diff(key[:, order]) == 0).all(axis=0)
    if twice.any():
        row = int(order[1:][twice][0])
        mine, year, quarter = key[:, row].tolist()
        raise RiskDataColumnsError(
            f"{table.name}: mine {mine} has quarter {quarter} of {year} twice; take one out",
            file=table.name,
            mine_id=mine,
            year=year,
            quarter=quarter,
        )


def _grids(
    columns: Mapping[str, NDArray[np.int64]], mine: NDArray[np.intp], *, shape: tuple[int, int]
) -> dict[str, FloatColumn]:
    """Add the quarters up: float64[mines, years] by measure, and the last quarter's violations."""
    year = columns["year"] - columns["year"].min()
    cells = mine * shape[1] + year

    def added(what: NDArray[Any]) -> FloatColumn:
        grid = np.bincount(cells, what.astype(np.float64), shape[0] * shape[1])
        return grid.astype(np.float64).reshape(shape)

    grave = columns["num_death"] + columns["num_dis"] > 0
    order = np.lexsort((columns["quarter"], cells))
    last = np.zeros(shape[0] * shape[1], dtype=np.float64)
    # Of several writes to one place the last stands: that of the last quarter.
    last[cells[order]] = columns["viol_quantity"][order]
    return {
        "violations": added(columns["viol_quantity"]),
        "lost": added(columns["num_days_lost"]),
        "restricted": added(columns["num_days_restrict"]),
        "injured": added(columns["num_days_lost"] > 0),
        "grave": added(grave),
        "worked": added(np.ones(cells.size, dtype=np.bool_)),
        "last": last.reshape(shape),
    }


def _rows_of_year(
    grids: Mapping[str, FloatColumn], year: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Give the mines that worked in a year and in the one before, and what was known of them."""
    worked = grids["worked"]
    places = np.flatnonzero((worked[:, year] > 0) & (worked[:, year - 1] > 0))
    window = slice(max(0, year - _YEARS_BACK), year)

    def one(name: str) -> FloatColumn:
        last: FloatColumn = grids[name][places, year - 1]
        return last

    def three(name: str) -> FloatColumn:
        total: FloatColumn = grids[name][places, window].sum(axis=1)
        return total

    a_year = three("worked") / _QUARTERS_A_YEAR
    known = {
        "violations_1y": one("violations"),
        "violations_last_quarter": one("last"),
        "violations_3y": three("violations") / a_year,
        "days_lost_1y": one("lost"),
        "days_lost_3y": three("lost") / a_year,
        "days_restricted_1y": one("restricted"),
        "days_restricted_3y": three("restricted") / a_year,
        "injured_quarters_3y": three("injured") / a_year,
        "grave_events_1y": one("grave"),
        "grave_events_3y": three("grave"),
        "quarters_1y": one("worked"),
        "quarters_3y": three("worked"),
    }
    return places, np.column_stack([known[feature.name] for feature in FEATURES])


def _comparators(values: NDArray[np.float64]) -> dict[str, FloatColumn]:
    """Give the simple measures; the points are the house's own, in the manner of grade schemes."""
    known = {feature.name: values[:, place] for place, feature in enumerate(FEATURES)}
    points = (
        known["violations_1y"]
        + 5 * known["injured_quarters_3y"]
        + 40 * known["grave_events_1y"]
        + 20 * (known["grave_events_3y"] - known["grave_events_1y"])
    )
    return {
        "violations last year alone": known["violations_1y"],
        "points score, house-made": points,
        "quarters worked (size proxy)": known["quarters_3y"],
    }
