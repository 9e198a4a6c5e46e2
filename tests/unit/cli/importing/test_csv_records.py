"""Splitting of CSV text: quotation marks, and what a stray one may cost."""

import pytest

from cli.importing.csv_records import CsvRecords


def cells_of(text: str, width: int | None = 3, delimiter: str = ",") -> list[list[str]]:
    """Give the cells of every record."""
    records = CsvRecords(text.splitlines(keepends=True), delimiter)
    return [record.cells for record in records.read(width)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a,b,c\n", [["a", "b", "c"]], id="plain"),
        pytest.param(" a ,\u3000b,c \r\n", [["a", "b", "c"]], id="spaces-are-cut"),
        pytest.param('"a,1",b,c\n', [["a,1", "b", "c"]], id="delimiter-in-quotes"),
        pytest.param('"a ""x""",b,c\n', [['a "x"', "b", "c"]], id="doubled-quotes"),
        pytest.param('"a\nb",c,d\n', [["a\nb", "c", "d"]], id="two-lines-in-one-cell"),
        pytest.param("a,,\n", [["a", "", ""]], id="empty-cells"),
        pytest.param("a,b,c", [["a", "b", "c"]], id="no-line-end"),
    ],
)
def test_records_are_split_as_spreadsheets_write_them(text: str, expected: list[list[str]]) -> None:
    """Quoted cells may hold delimiters, quotation marks and line ends."""
    assert cells_of(text) == expected


def test_another_delimiter_is_followed() -> None:
    """Tabs separate as commas do."""
    assert cells_of("a,1\tb\tc\n", delimiter="\t") == [["a,1", "b", "c"]]


def test_an_unclosed_quotation_mark_costs_its_own_record_only() -> None:
    """The rows after it are read as if it were not there."""
    text = 'a,b,c\n"broken,b,c\nd,e,f\ng,h,i\n'
    records = list(CsvRecords(text.splitlines(keepends=True), ",").read(3))

    assert [record.whole for record in records] == [True, False, True, True]
    assert records[2].cells == ["d", "e", "f"]
    assert records[3].cells == ["g", "h", "i"]


def test_a_quotation_mark_inside_an_unquoted_cell_is_a_character() -> None:
    """Inches and minutes do not open a quotation."""
    assert cells_of('a,5" pipe,c\nd,e,f\n') == [["a", '5" pipe', "c"], ["d", "e", "f"]]


def test_two_broken_records_do_not_swallow_what_lies_between() -> None:
    """Two stray marks would close each other for a reader that trusts them."""
    text = '"x,b,c\nd,e,f\n"y,h,i\nj,k,l\n'
    records = list(CsvRecords(text.splitlines(keepends=True), ",").read(3))

    assert [record.cells for record in records if record.whole] == [
        ["d", "e", "f"],
        ["j", "k", "l"],
    ]
