"""Policies are checked from the command line, without a server."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

POLICIES = Path(__file__).parents[4] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one policy and its cases."""
    place = tmp_path / "policies"
    (place / "cn").mkdir(parents=True)
    for name in ("vocabulary.yaml", "instruments.yaml"):
        shutil.copy(POLICIES / name, place)
    for path in (POLICIES / "cn").glob("accident-level*"):
        shutil.copy(path, place / "cn")
    return place


def test_right_policies_pass(folder: Path) -> None:
    """Nothing wrong is exit code 0 and a line of counts."""
    result = CliRunner().invoke(app, ["policy", "check", str(folder)])

    assert result.exit_code == 0, result.output
    assert "1 policies, 1 versions, 17 cases tried: 0 mistakes, 0 warnings" in result.output


def test_mistake_is_named_by_place(folder: Path) -> None:
    """A gap in a table is exit code 1 and a line with file, line, column and check."""
    path = folder / "cn" / "accident-level.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{at_least: 3, below: 10}", "{at_least: 4, below: 10}"), "utf-8")

    result = CliRunner().invoke(app, ["policy", "check", str(folder)])

    line = text[: text.index("keys: [deaths]")].count("\n") + 1
    assert result.exit_code == 1
    assert f"cn/accident-level.yaml:{line}:9: table-gap" in result.output


def test_folder_without_policies_is_named(tmp_path: Path) -> None:
    """Another folder is a clear error, not an empty success."""
    result = CliRunner().invoke(app, ["policy", "check", str(tmp_path)])

    assert result.exit_code != 0


def checked(folder: Path) -> list[str]:
    """Check a folder; give what is printed line by line, without its place on the machine."""
    result = CliRunner().invoke(app, ["policy", "check", str(folder)])
    lines = result.output.replace(f"{folder}/", "").splitlines()
    assert result.exit_code == (0 if len(lines) == 1 else 1)
    return lines[:-1]


def test_files_beside_the_policies_are_read_too(folder: Path) -> None:
    """The shipped working days and rules for copies are right."""
    for name in ("calendar.yaml", "list-sync.yaml", "README.md"):
        shutil.copy(POLICIES / name, folder)

    assert checked(folder) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(
            "calendar.yaml",
            "year_end: {open_from: 12-30, reason: x}\nyears:\n  - year: soon\n",
            [
                "calendar.yaml:3:5: form: years.1.holidays: this key is missing; add it",
                "calendar.yaml:3:5: form: years.1.notice: this key is missing; add it",
                (
                    "calendar.yaml:3:11: form: years.1.year: Input should be a valid integer,"
                    " unable to parse string as an integer"
                ),
            ],
            id="working-days",
        ),
        pytest.param(
            "calendar.yaml",
            "a: [",
            ["calendar.yaml:2:1: syntax: did not find expected node content"],
            id="no-yaml",
        ),
        pytest.param(
            "list-sync.yaml",
            "removal_periods: []\nrubbish: yes\n",
            [
                (
                    "list-sync.yaml:1:18: form: removal_periods: Tuple should have at least 1 item"
                    " after validation, not 0"
                ),
                (
                    "list-sync.yaml:2:10: form: rubbish: this key is not known here; correct or"
                    " remove it"
                ),
            ],
            id="rules-for-copies",
        ),
        pytest.param(
            "cn/x.yml",
            "a: [",
            ["cn/x.yml:1:1: file-not-read: nobody reads this file; name it <jurisdiction>/x.yaml"],
            id="file-that-nobody-reads",
        ),
    ],
)
def test_mistake_in_a_file_beside_the_policies_is_named(
    folder: Path, name: str, text: str, expected: list[str]
) -> None:
    """What a server would stop at when it starts is found before."""
    shutil.copy(POLICIES / "calendar.yaml", folder)
    (folder / name).write_text(text, "utf-8")

    assert checked(folder) == expected


def test_mistake_of_the_working_days_is_told_once(folder: Path) -> None:
    """The rules for copies count in working days, and are not to blame for them."""
    shutil.copy(POLICIES / "list-sync.yaml", folder)
    text = (POLICIES / "calendar.yaml").read_text(encoding="utf-8")
    (folder / "calendar.yaml").write_text(text + "rubbish: 1\n", "utf-8")

    (line,) = checked(folder)

    assert line.startswith("calendar.yaml:")
    assert line.endswith("form: rubbish: this key is not known here; correct or remove it")


def test_rules_for_copies_without_working_days_are_told(folder: Path) -> None:
    """No server starts with the one and without the other."""
    shutil.copy(POLICIES / "list-sync.yaml", folder)

    (line,) = checked(folder)

    assert line.startswith("list-sync.yaml:1:1: form: mend calendar.yaml:")
