"""Years of mines with hours: exposure, and what a file without names cannot tell."""

from pathlib import Path

import numpy as np
import pytest

from services.scoring.domain.risk_errors import RiskDataColumnsError, RiskDataTooFewError
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.mine_years import year_rows
from services.scoring.risk.tables import read_table
from tests.fakes.mine_files import YEAR_HEADINGS, write_lines

DEEP = "2014,WV,Coal,x,60,Underground,Active,20,50000,0.9,0,0,0,0,0,0,0,0,0.1,3"
OPEN = "2013,AL,Stone,x,0,Surface,Active,0,4000,0,0,1,0,0,0,0,0,0,0,0"
IDLE = "2013,AL,Stone,x,9999,Surface,Active,1,0,0,0,1,0,0,0,0,0,0,0,0"


def rows_of(tmp_path: Path, *lines: str) -> RiskData:
    """Make rows out of lines."""
    return year_rows(read_table(write_lines(tmp_path / "years.csv", [YEAR_HEADINGS, *lines])))


def test_exposure_is_hours(tmp_path: Path) -> None:
    """50,000 hours are a quarter of 200,000; a mine without hours has no rate and is left out."""
    data = rows_of(tmp_path, DEEP, OPEN, IDLE)

    assert data.size == 2
    assert data.exposure.tolist() == [0.25, 0.02]
    assert data.events.tolist() == [3.0, 0.0]
    assert data.periods.tolist() == [2014, 2013]


def test_features_say_what_kind_of_mine_it_is(tmp_path: Path) -> None:
    """Coal, underground, 2,500 hours for each of 20; what cannot be divided is missing."""
    data = rows_of(tmp_path, DEEP, OPEN)
    first = dict(zip(data.names, data.values[0].tolist(), strict=True))

    assert first["employees"] == 20.0
    assert first["hours_per_employee"] == 2.5
    assert (first["seam_height"], first["share_underground"]) == (60.0, 0.9)
    assert (first["commodity_coal"], first["commodity_stone"]) == (1.0, 0.0)
    assert (first["type_underground"], first["type_sand"]) == (1.0, 0.0)
    assert np.isnan(data.values[1][data.names.index("hours_per_employee")])


def test_no_name_means_no_groups_and_nothing_adverse(tmp_path: Path) -> None:
    """The report must say so."""
    data = rows_of(tmp_path, DEEP, OPEN)

    assert not data.grouped
    assert not any(one.adverse for one in data.features)
    assert "names no mine" in data.limits[0]


def test_without_hours_there_is_nothing_to_learn(tmp_path: Path) -> None:
    """Every row idle."""
    with pytest.raises(RiskDataTooFewError):
        rows_of(tmp_path, IDLE)


def test_an_hour_that_is_no_number_is_named(tmp_path: Path) -> None:
    """The refusal says which row and column."""
    with pytest.raises(RiskDataColumnsError) as error:
        rows_of(tmp_path, DEEP, OPEN.replace(",4000,", ",many,"))

    assert "row 2: emp_hrs_total" in error.value.message
