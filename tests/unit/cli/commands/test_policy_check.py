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
