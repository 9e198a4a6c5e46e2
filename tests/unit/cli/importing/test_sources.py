"""Files as rows: encodings, compression, workbooks, and damaged files."""

import gzip
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from cli.importing.mapping_schema import FileFormat
from cli.importing.sources import FileUnreadableError, SourceRow, open_source
from cli.importing.workbooks import cell_text

TRADITIONAL = str.maketrans("称额厂", "稱額廠")
TEXT = "名称,金额\n甲厂,1\n乙厂,2\n"


def rows_of(path: Path, form: FileFormat | None = None) -> tuple[list[str], list[SourceRow]]:
    """Read a file whole: its header and its rows."""
    with open_source(path, form or FileFormat()) as source:
        return source.header, list(source.rows())


@pytest.mark.parametrize(
    ("encoding", "encodings"),
    [
        pytest.param("utf-8", ["utf-8-sig", "gb18030"], id="utf-8"),
        pytest.param("utf-8-sig", ["utf-8-sig", "gb18030"], id="utf-8-with-mark"),
        pytest.param("gb18030", ["utf-8-sig", "gb18030"], id="gb18030"),
        pytest.param("gbk", ["utf-8-sig", "gb18030"], id="gbk-is-a-part-of-gb18030"),
        pytest.param("big5", ["utf-8-sig", "big5"], id="big5"),
        pytest.param("utf-16", ["utf-16"], id="utf-16"),
    ],
)
def test_the_encoding_is_found_among_those_of_the_mapping(
    tmp_path: Path, encoding: str, encodings: list[str]
) -> None:
    """The first encoding that the file fits is used."""
    text = TEXT.translate(TRADITIONAL) if encoding == "big5" else TEXT
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))

    header, rows = rows_of(path, FileFormat(encodings=encodings))

    assert header == text.splitlines()[0].split(",")
    assert [row.cells[1] for row in rows] == ["1", "2"]
    assert [row.fault for row in rows] == ["", ""]


def test_one_broken_byte_costs_one_row(tmp_path: Path) -> None:
    """It neither changes the encoding of the file nor loses another row."""
    lines = [f"甲厂{number},{number}\n".encode() for number in range(50)]
    lines[20] = b"\xe7\x94,20\n"
    path = tmp_path / "file.csv"
    path.write_bytes("名称,金额\n".encode() + b"".join(lines))

    _, rows = rows_of(path)

    assert [row.number for row in rows if row.fault] == [22]
    assert rows[21].cells == ["甲厂21", "21"]


def test_a_gzipped_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    """What a file is stands in its first bytes."""
    path = tmp_path / "file.csv"
    path.write_bytes(gzip.compress(TEXT.encode()))

    header, rows = rows_of(path)

    assert header == ["名称", "金额"]
    assert [row.cells[0] for row in rows] == ["甲厂", "乙厂"]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    """The header is row 1; blank rows are counted and left out."""
    path = tmp_path / "file.csv"
    path.write_text("a,b\n1,2\n\n,\n3,4\n", encoding="utf-8")

    _, rows = rows_of(path)

    assert [(row.number, row.cells) for row in rows] == [(2, ["1", "2"]), (5, ["3", "4"])]


def test_the_header_may_stand_below_a_title(tmp_path: Path) -> None:
    """``header_row`` says where."""
    path = tmp_path / "file.csv"
    path.write_text("a list of something\n\na,b\n1,2\n", encoding="utf-8")

    header, rows = rows_of(path, FileFormat(header_row=3))

    assert header == ["a", "b"]
    assert [row.number for row in rows] == [4]


@pytest.mark.parametrize(
    ("line", "faulty"),
    [
        pytest.param("1", True, id="too-few-cells"),
        pytest.param("1,2,3", True, id="too-many-cells"),
        pytest.param("1,2,,", False, id="empty-cells-behind"),
        pytest.param('"1,2', True, id="quotation-mark-not-closed"),
    ],
)
def test_a_row_that_does_not_fit_the_header_carries_a_fault(
    tmp_path: Path, line: str, *, faulty: bool
) -> None:
    """Cells are never moved to other columns."""
    path = tmp_path / "file.csv"
    path.write_text(f"a,b\n{line}\n8,9\n", encoding="utf-8")

    _, rows = rows_of(path)

    assert bool(rows[0].fault) is faulty
    assert rows[1].cells == ["8", "9"]


def test_a_truncated_gzip_file_gives_its_rows_and_then_its_fault(tmp_path: Path) -> None:
    """The rows before the damage are good."""
    text = "a,b\n" + "".join(f"{number},x{number * 7919 % 10007}\n" for number in range(60_000))
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(text.encode())[:-20_000])
    rows: list[int] = []

    with open_source(path, FileFormat()) as source, pytest.raises(FileUnreadableError) as error:
        rows.extend(row.number for row in source.rows())

    assert "breaks off" in error.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xlsx", id="old-excel"),
        pytest.param(b"PK\x03\x04nothing", "workbook", id="broken-workbook"),
        pytest.param(b"\x1f\x8bnothing", "gzip", id="broken-gzip"),
        pytest.param(b"", "header", id="empty"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """The refusal says what the file is or lacks."""
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(FileUnreadableError, match=words):
        rows_of(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """There is nothing to read."""
    with pytest.raises(FileUnreadableError, match="cannot be read"):
        rows_of(tmp_path / "none.csv")


def test_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    """Days become ISO dates, numbers their digits, short rows are filled up."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "day", "fine", "note"])
    sheet.append([" 甲厂 ", datetime(2024, 5, 31), 0.1 + 0.2, None])  # noqa: DTZ001 -- cells have no zone.
    sheet.append([None, None, None, None])
    sheet.append(["乙厂", "2024/6/1", 12])
    path = tmp_path / "file.xlsx"
    book.save(path)

    header, rows = rows_of(path)

    assert header == ["name", "day", "fine", "note"]
    assert [(row.number, row.cells) for row in rows] == [
        (2, ["甲厂", "2024-05-31", "0.3", ""]),
        (4, ["乙厂", "2024/6/1", "12", ""]),
    ]


def test_a_sheet_is_chosen_by_its_name(tmp_path: Path) -> None:
    """Another than the first; an unknown one is refused with the known ones."""
    book = openpyxl.Workbook()
    book.create_sheet("处罚").append(["a"])
    path = tmp_path / "file.xlsx"
    book.save(path)

    assert rows_of(path, FileFormat(sheet="处罚"))[0] == ["a"]
    with pytest.raises(FileUnreadableError, match="处罚"):
        rows_of(path, FileFormat(sheet="奖励"))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param(12.0, "12", id="whole-number"),
        pytest.param(1.15, "1.15", id="fraction"),
        pytest.param(0.000001, "0.000001", id="small-fraction"),
        pytest.param(True, "true", id="flag"),
        pytest.param(date(2024, 5, 31), "2024-05-31", id="day"),
        pytest.param(datetime(2024, 5, 31, 8, 5), "2024-05-31 08:05:00", id="day-and-time"),  # noqa: DTZ001 -- cells have no zone.
    ],
)
def test_a_cell_is_written_as_a_csv_file_would(cell: object, text: str) -> None:
    """What a spreadsheet shows is what is read."""
    assert cell_text(cell) == text
