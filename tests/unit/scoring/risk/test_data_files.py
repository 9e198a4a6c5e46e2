"""Files tell by their columns which form they have; later years go the same way."""

from pathlib import Path

import pytest

from services.scoring.domain.risk_errors import RiskDataColumnsError
from services.scoring.risk.data_files import LAYOUTS, last_training_year, read_data
from tests.fakes.mine_files import write_lines, write_quarters, write_years

QUARTERS, YEARS = LAYOUTS


def test_both_forms_are_known_by_their_columns(tmp_path: Path) -> None:
    """In whatever order they come, plain or compressed."""
    files = [
        write_years(tmp_path / "y.csv", rows=50),
        write_quarters(tmp_path / "q.csv.gz", mines=3),
    ]

    found = read_data(files)

    assert [layout.name for layout, _ in found] == ["mine-quarters", "mine-years"]


def test_files_of_one_form_are_read_as_one(tmp_path: Path) -> None:
    """Later years of the same mines follow the earlier ones."""
    early = write_quarters(tmp_path / "a.csv", mines=3, years=(2004, 2007))
    late = write_quarters(tmp_path / "b.csv", mines=3, years=(2008, 2011))

    ((_, data),) = read_data([late, early])

    assert (data.periods.min(), data.periods.max()) == (2005, 2011)
    assert set(data.files) == {"a.csv", "b.csv"}


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """Those of the form that fits best."""
    path = write_quarters(tmp_path / "q.csv", mines=3)
    text = path.read_text(encoding="utf-8").replace("viol_quantity", "citations")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RiskDataColumnsError) as error:
        read_data([path])

    assert error.value.facts["missing"] == "viol_quantity"
    assert error.value.facts["form"] == "mine-quarters"
    ((layout, _),) = read_data([path], {"viol_quantity": "Citations"})
    assert layout is QUARTERS


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        pytest.param((2004, 2011), 2008, id="goes-on-after-2008"),
        pytest.param((2004, 2008), 2007, id="ends-with-2008"),
        pytest.param((2012, 2016), 2015, id="later-years"),
    ],
)
def test_the_split_follows_the_data(tmp_path: Path, years: tuple[int, int], expected: int) -> None:
    """The form's own year where the data go on after it; else all but the last."""
    ((layout, data),) = read_data([write_quarters(tmp_path / "q.csv", mines=3, years=years)])

    assert last_training_year(layout, data) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n", b"\xff\xfe\x00", b"a\n1,2\n"],
    ids=["empty", "bare", "binary", "torn"],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    """By its name, without a traceback."""
    path = tmp_path / "x.csv"
    path.write_bytes(content)

    with pytest.raises(RiskDataColumnsError):
        read_data([path])


def test_a_broken_or_missing_file_is_refused(tmp_path: Path) -> None:
    """Neither gzip nor there."""
    broken = write_lines(tmp_path / "x.csv", ["a", "1"]).rename(tmp_path / "x.csv.gz")

    for path in (broken, tmp_path / "nowhere.csv"):
        with pytest.raises(RiskDataColumnsError):
            read_data([path])
