"""Quarters of mines: what is counted, and from which side of the turn of the year."""

from pathlib import Path

import numpy as np
import pytest

from services.scoring.domain.risk_errors import RiskDataColumnsError, RiskDataTooFewError
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.mine_quarters import quarter_rows
from services.scoring.risk.tables import read_table
from tests.fakes.mine_files import QUARTER_HEADINGS, write_lines


def rows_of(tmp_path: Path, *lines: str) -> RiskData:
    """Make rows out of lines in the order of the headings."""
    path = write_lines(tmp_path / "quarters.csv", [QUARTER_HEADINGS, *lines])
    return quarter_rows(read_table(path))


def features(data: RiskData, row: int) -> dict[str, float]:
    """Give the features of a row by name."""
    return dict(zip(data.names, data.values[row].tolist(), strict=True))


def test_the_past_is_counted_up_to_the_turn_of_the_year(tmp_path: Path) -> None:
    """Of 2002 only that somebody died in two quarters is used; of 2000 and 2001 everything."""
    data = rows_of(
        tmp_path,
        "7,2000,1,1,10,4,0,1,3",
        "7,2000,2,1,0,0,0,0,5",
        "7,2001,3,1,2,1,0,0,6",
        "7,2001,4,1,0,0,0,0,1",
        "7,2002,1,1,99,99,1,0,99",
        "7,2002,2,1,0,0,0,1,99",
        "7,2002,4,1,0,0,0,0,99",
    )

    assert data.periods.tolist() == [2001, 2002]
    assert data.events.tolist() == [0.0, 2.0]
    assert data.exposure.tolist() == [0.5, 0.75]
    assert data.groups.tolist() == [7, 7]
    assert features(data, 1) == {
        "violations_1y": 7.0,
        "violations_last_quarter": 1.0,
        # 15 in four quarters worked are 15 a year of work.
        "violations_3y": 15.0,
        "days_lost_1y": 2.0,
        "days_lost_3y": 12.0,
        "days_restricted_1y": 1.0,
        "days_restricted_3y": 5.0,
        "injured_quarters_3y": 2.0,
        "grave_events_1y": 0.0,
        "grave_events_3y": 1.0,
        "quarters_1y": 2.0,
        "quarters_3y": 4.0,
    }


def test_what_comes_later_changes_nothing_before(tmp_path: Path) -> None:
    """The row of 2001 is the same whatever 2001 and 2002 bring."""
    lines = ["7,2000,1,1,1,1,0,0,3", "7,2001,1,1,0,0,0,0,3", "7,2002,1,1,0,0,0,0,3"]
    worse = ["7,2000,1,1,1,1,0,0,3", "7,2001,1,1,9,9,1,1,9", "7,2002,1,1,9,9,1,1,9"]

    first, second = rows_of(tmp_path, *lines), rows_of(tmp_path, *worse)

    assert features(first, 0) == features(second, 0)
    assert first.events.tolist() != second.events.tolist()


def test_a_mine_counts_only_where_it_worked_before_and_after(tmp_path: Path) -> None:
    """Without a past there is nothing to tell from, without a present nothing to tell."""
    data = rows_of(tmp_path, "1,2000,1,1,0,0,0,0,1", "1,2001,1,1,0,0,0,0,1", "2,2001,1,1,0,0,0,0,1")

    assert data.groups.tolist() == [1]


def test_three_years_are_three_years(tmp_path: Path) -> None:
    """A death four years ago is forgotten."""
    lines = [f"1,{year},1,1,0,0,{int(year == 2000)},0,0" for year in range(2000, 2005)]

    grave = [features(rows_of(tmp_path, *lines), row)["grave_events_3y"] for row in range(4)]

    assert grave == [1.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("1,2001,1,1,0,0,0,0,x", "row 2: viol_quantity", id="no-number"),
        pytest.param("1,2001,1,1,0,0,0,0,", "row 2: viol_quantity", id="empty"),
        pytest.param("1,2001,1,1,0,0,0,0,-1", "row 2: viol_quantity", id="below-zero"),
        pytest.param("1,2001,1,1,0,0,0,0,inf", "row 2: viol_quantity", id="endless"),
        pytest.param("1,2001,1.5,1,0,0,0,0,0", "row 2: quarter", id="no-whole-number"),
        pytest.param("1,2000,1,1,0,0,0,0,5", "quarter 1 of 2000 twice", id="twice"),
        pytest.param("1,2001,1,1,0,0,0,0", "row 2: 8 cells", id="short-row"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(tmp_path: Path, line: str, told: str) -> None:
    """The refusal says which row and column."""
    with pytest.raises(RiskDataColumnsError) as error:
        rows_of(tmp_path, "1,2000,1,1,0,0,0,0,0", line)

    assert told in error.value.message


def test_one_year_foretells_nothing(tmp_path: Path) -> None:
    """A year must follow."""
    with pytest.raises(RiskDataTooFewError):
        rows_of(tmp_path, "1,2000,1,1,0,0,0,0,0", "1,2000,2,1,0,0,0,0,0")


def test_the_size_of_a_mine_is_not_told(tmp_path: Path) -> None:
    """The report must say so."""
    data = rows_of(tmp_path, "1,2000,1,1,0,0,0,0,0", "1,2001,2,1,0,0,0,0,0")

    assert any("size" in one for one in data.limits)
    assert not np.isnan(data.values).any()
