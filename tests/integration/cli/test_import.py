"""The import of files, end to end, against a credit service in memory."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.integration.cli.fake_credit_service import FakeCreditService, serving

MAPPING = """\
title: Decisions of a town
kind: penalty
subject:
  local_identity: {scheme: test.name, value: {column: name}}
enterprise:
  name: {column: name}
  fields: {constant: [work_safety]}
header:
  field: {constant: work_safety}
  authority: {constant: 样例局}
  document_number: {column: number}
  event_date: {column: day, formats: [YYYYMMDD]}
body:
  sanctions: {constant: [other]}
  content: {column: content}
"""

ROWS = 95


@pytest.fixture
def service() -> FakeCreditService:
    """Give a credit service in memory, not serving yet."""
    return FakeCreditService()


@pytest.fixture
def target(service: FakeCreditService) -> Iterator[str]:
    """Serve it, and give its address."""
    with serving(service) as address:
        yield address


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """Write the mapping of the test's files."""
    path = tmp_path / "town.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a file of good rows, two for each enterprise."""
    path = tmp_path / "file.csv"
    lines = [f"样厂{number // 2},{number}号,202401{number % 28 + 1:02},x" for number in range(ROWS)]
    path.write_text("\n".join(["name,number,day,content", *lines]), encoding="utf-8")
    return path


def run_import(file: Path, mapping: Path, target: str, *options: str) -> Result:
    """Run the command."""
    arguments = ["import", str(file), "--mapping", str(mapping), "--target", target, *options]
    return CliRunner().invoke(app, ["--caller", "tester", *arguments])


def test_a_file_is_stored_whole(
    service: FakeCreditService, target: str, file: Path, mapping: Path
) -> None:
    """Every row is stored, and the summary says so."""
    result = run_import(file, mapping, target)

    assert result.exit_code == 0, result.output
    assert len(service.stored) == ROWS
    assert "95 stored, 0 unchanged, 0 refused; 48 enterprises registered" in result.output
    assert service.callers == ["tester"]


def test_a_second_import_changes_nothing_and_says_so(
    service: FakeCreditService, target: str, file: Path, mapping: Path
) -> None:
    """The same rows are answered as unchanged."""
    run_import(file, mapping, target)
    before = dict(service.stored)
    result = run_import(file, mapping, target)

    assert result.exit_code == 0
    assert service.stored == before
    assert "0 stored, 95 unchanged, 0 refused; 0 enterprises registered" in result.output


def test_an_import_that_broke_off_is_continued_by_the_same_command(
    service: FakeCreditService, target: str, file: Path, mapping: Path
) -> None:
    """In the end the store is as if it had never broken off."""
    service.break_after_rows = 40
    broken = run_import(file, mapping, target)
    stored_before = len(service.stored)
    service.break_after_rows = None
    continued = run_import(file, mapping, target)

    assert broken.exit_code == 1
    assert "UNAVAILABLE: the server is going away" in broken.output
    assert "Run the same command again" in broken.output
    assert 40 <= stored_before < ROWS
    assert continued.exit_code == 0
    assert len(service.stored) == ROWS
    assert f"{ROWS - stored_before} stored, {stored_before} unchanged" in continued.output


def test_without_a_server_the_message_says_what_to_do(file: Path, mapping: Path) -> None:
    """Nothing listens on port 1 of loopback."""
    result = run_import(file, mapping, "127.0.0.1:1")

    assert result.exit_code == 1
    assert "UNAVAILABLE" in result.output
    assert "safetycredit up" in result.output
    assert "Traceback" not in result.output


def test_bad_rows_are_reported_and_lose_no_good_one(
    service: FakeCreditService, target: str, mapping: Path, tmp_path: Path
) -> None:
    """What the mapping refuses and what the service refuses stand in one report, in order."""
    file = tmp_path / "mixed.csv"
    file.write_text(
        "name,number,day,content\n"
        "甲,1号,20240101,x\n"
        "乙,2号,20240199,x\n"
        "丙,3号,20240103,x\n"
        '"丁,4号,20240104,x\n'
        ",5号,20240105,x\n"
        "己,6号,20240106,x\n"
        "甲,1号,20240101,another\n"
        "庚,7号,昨天,x\n",
        encoding="utf-8",
    )
    service.refused = {"3号": "DATE_IN_FUTURE"}
    report = tmp_path / "report.csv"
    result = run_import(file, mapping, target, "--report", str(report))

    assert result.exit_code == 3
    assert [number for _, number, _ in service.stored] == ["1号", "6号"]
    with report.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["row_number"], row["reason"], row["document_number"]) for row in rows] == [
        ("3", "DATE_UNREADABLE", "2号"),
        ("4", "DATE_IN_FUTURE", "3号"),
        ("5", "ROW_UNREADABLE", ""),
        ("6", "SUBJECT_MISSING", "5号"),
        ("8", "RECORD_DIFFERS", "1号"),
        ("9", "DATE_UNREADABLE", "7号"),
    ]
    assert rows[0]["fields"] == "header.event_date"
    assert {row["outcome"] for row in rows} == {"refused"}
    assert "2 stored, 0 unchanged, 6 refused" in result.output
    assert "DATE_UNREADABLE" in result.output


def test_a_file_without_the_columns_of_the_mapping_is_refused_before_anything_is_sent(
    service: FakeCreditService, target: str, mapping: Path, tmp_path: Path
) -> None:
    """All missing columns are named at once."""
    file = tmp_path / "other.csv"
    file.write_text("name,content\n甲,x\n", encoding="utf-8")
    result = run_import(file, mapping, target)

    assert result.exit_code == 1
    assert "COLUMNS_MISSING: the file lacks these columns: number, day" in result.output
    assert service.callers == []


def test_gzipped_files_and_workbooks_are_the_same_rows(
    target: str, mapping: Path, tmp_path: Path
) -> None:
    """What was stored from one form is unchanged from the other."""
    zipped = tmp_path / "file.csv.gz"
    zipped.write_bytes(gzip.compress("name,number,day,content\n甲,1号,20240101,x\n".encode()))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "number", "day", "content"])
    sheet.append(["甲", "1号", 20240101, "x"])
    workbook = tmp_path / "file.xlsx"
    book.save(workbook)

    assert "1 stored, 0 unchanged" in run_import(zipped, mapping, target).output
    assert "0 stored, 1 unchanged" in run_import(workbook, mapping, target).output


def test_a_file_that_breaks_off_keeps_the_rows_before(
    service: FakeCreditService, target: str, mapping: Path, tmp_path: Path
) -> None:
    """The damage is named, and the exit code says that the import did not finish."""
    numbers = range(8_000)
    text = "\n".join(f"厂{n * 7919 % 10007},{n}号,20240101,{n * n}" for n in numbers)
    file = tmp_path / "cut.csv.gz"
    file.write_bytes(gzip.compress(f"name,number,day,content\n{text}\n".encode())[:-12_000])
    service.batch_rows = 500
    result = run_import(file, mapping, target)

    assert result.exit_code == 1
    assert "FILE_UNREADABLE" in result.output
    assert 500 < len(service.stored) < len(numbers)


def test_the_sheet_of_refusals_names_what_was_skipped(
    target: str, mapping: Path, file: Path
) -> None:
    """Rows that a mapping leaves out are counted apart and are no refusals."""
    mapping.write_text(
        MAPPING
        + "skip:\n  - {column: number, matching: '^[0-8]号$', reason: TOO_SMALL, message: small}\n",
        encoding="utf-8",
    )
    result = run_import(file, mapping, target)

    assert result.exit_code == 0
    assert "86 stored, 0 unchanged, 0 refused, 9 skipped" in result.output
    assert "9 rows TOO_SMALL" in result.output
