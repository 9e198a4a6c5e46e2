"""The Makefile: it explains itself, and says plainly what it lacks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make in a folder and keep what it prints."""
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_help_lists_every_public_target() -> None:
    """A target that is declared is a target that is explained."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    declared = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())

    result = make("help")

    assert result.returncode == 0
    assert set(re.findall(r"^  (\S+) +\S", result.stdout, re.MULTILINE)) == declared


@pytest.mark.parametrize("target", ["setup", "run"])
def test_make_asks_for_a_newer_python(tmp_path: Path, target: str) -> None:
    """With an interpreter that is too old, one sentence says what to do."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    old_python = tmp_path / "old-python"
    # What the Makefile runs to ask for the version fails, as it would on Python 3.10.
    old_python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old_python.chmod(0o755)

    result = make(target, f"PYTHON={old_python}", folder=tmp_path)

    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_what_developers_run() -> None:
    """The script of CI is a plain `make test`, and may be executed."""
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test </dev/null")
