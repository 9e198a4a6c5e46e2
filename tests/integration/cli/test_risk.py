"""``safetycredit risk`` against the running system: a model's whole way, and what it foretells."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.sample.stories import BY_NAME
from services.scoring.risk.bundle import read_files, write_files
from tests.fakes.risk_models import trained_enterprise
from tests.integration.cli.running_system import System

pytestmark = pytest.mark.timeout(120)

CODE = BY_NAME["clean"].credit_code


@pytest.fixture
def settings(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the settings of the running system."""
    for name, value in system.environment.items():
        if name.startswith("SAFETYCREDIT_"):
            monkeypatch.setenv(name, value)


def run(*arguments: str, by: str = "chief", exit_code: int = 0) -> str:
    """Run a command as somebody, and give what it printed."""
    result = CliRunner().invoke(app, ["--caller", by, "risk", *arguments])
    assert "Traceback" not in result.output
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.mark.usefixtures("settings")
def test_a_model_goes_its_whole_way(tmp_path: Path) -> None:
    """Registered, validated, approved by two, in force; asked, kept, watched; retired."""
    write_files(tmp_path / "model", trained_enterprise().files)
    document = ("--document", "1")

    registered = run("register", str(tmp_path / "model"), *document, by="trainer")
    found = re.search(r"m-\d+", registered)
    assert found is not None
    model = found[0]
    own = run("validate", model, *document, by="trainer", exit_code=4)
    run("validate", model, *document, by="validator")
    run("approve", model, *document, by="first")
    run("approve", model, *document, by="second")
    run("in-force", model, *document)
    listed = run("list")
    shown = run("get", model, "--save", str(tmp_path / "saved"))
    one = run("predict", CODE)
    many = run("predict", CODE, "e-7")
    kept = run("keep")
    drift = run("drift", "--months", "2")
    told = json.loads(run("predict", CODE, "--json"))
    run("retire", model, *document)
    gone = run("predict", CODE, exit_code=4)

    assert "RISK_MODEL_FOUR_EYES" in own
    assert "in_force" in listed
    assert "violations_12m" in shown
    assert read_files(tmp_path / "saved") == trained_enterprise().files
    assert "(shared by all)" in one
    assert "no: named by cn.unnamed.risk-model-rate" in one
    assert "SUBJECT_UNKNOWN" in many
    assert re.search(r"(\d+) enterprises, \1 predictions kept", kept)
    assert "(score)" in drift
    assert told["basis"]["model_id"] == model
    assert "RISK_MODEL_NOT_IN_FORCE" in gone
