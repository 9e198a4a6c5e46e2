"""``safetycredit risk`` without a server: public data files, and what is imported when."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.fakes.mine_files import write_quarters, write_years
from tests.fakes.risk_models import trained_enterprise


def run(*arguments: str) -> tuple[int, str]:
    """Run the command, and give its exit code and everything it printed."""
    result = CliRunner().invoke(app, ["risk", *arguments])
    return result.exit_code, result.output


def test_both_forms_are_evaluated_into_folders_of_their_own(tmp_path: Path) -> None:
    """With intervals, limits told, and every file of the report; splits are options."""
    quarters = write_quarters(tmp_path / "q.csv.gz", mines=120)
    years = write_years(tmp_path / "y.csv", rows=800)
    out = tmp_path / "out"

    code, told = run(
        "evaluate", "--data", str(quarters), "--data", str(years), "--out", str(out),
        "--replicates", "5", "--seed", "3",
    )  # fmt: skip

    assert code == 0, told
    assert "trained until 2008, tried on 2009–2011, groups never learned from" in told
    assert "trained until 2014, tried on 2015, all rows" in told
    assert "The file names no mine" in told
    for form in ("mine-quarters", "mine-years"):
        for name in ("report.html", "model-card.md", "figures.json", "model/manifest.json"):
            assert (out / form / name).is_file()


def test_a_column_with_another_heading_is_named(tmp_path: Path) -> None:
    """Without the name the refusal says which one is missing."""
    path = write_quarters(tmp_path / "q.csv", mines=3)
    text = path.read_text(encoding="utf-8").replace("viol_quantity", "citations")
    path.write_text(text, encoding="utf-8")
    out = str(tmp_path / "out")

    code, told = run("evaluate", "--data", str(path), "--out", out)
    named, why = run(
        "evaluate", "--data", str(path), "--out", out, "--column", "viol_quantity=citations"
    )

    assert (code, named) == (1, 1)
    assert "RISK_DATA_COLUMNS" in told
    assert "viol_quantity" in told
    # Three mines have too few events to learn from, which is another matter.
    assert "RISK_DATA_TOO_FEW" in why


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["evaluate", "--out", "x"], id="no-data"),
        pytest.param(["evaluate", "--data", "x", "--out", "y", "--column", "z"], id="no-heading"),
        pytest.param(["evaluate", "--data", "x", "--out", "y", "--held-out", "1"], id="all-out"),
        pytest.param(["train", "--out", "x", "--until", "2999-01-01"], id="future"),
        pytest.param(["train", "--out", "x", "--knowledge", "guessed"], id="no-rule"),
        pytest.param(["validate", "m-1"], id="no-document"),
    ],
)
def test_a_wrong_use_ends_with_exit_code_2(arguments: list[str]) -> None:
    """The message says what would be right."""
    code, told = run(*arguments)

    assert code == 2
    assert "Traceback" not in told


def test_features_are_listed() -> None:
    """With what they mean and which are adverse."""
    code, told = run("features")

    assert code == 0
    assert "violations_12m" in told
    assert "deaths by accidents in 36 months" in told


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """Before anybody is called."""
    code, told = run("register", str(tmp_path), "--document", "1")

    assert code == 1
    assert "RISK_MODEL_DAMAGED" in told


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """Neither the command line nor the server waits for LightGBM and its kin at the start."""
    # Made ready here, so that a failure to import would not go unseen.
    assert trained_enterprise().files.trees
    program = (
        "import sys, cli.main, services.scoring.main;"
        "print(sorted({'lightgbm', 'sklearn', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"
