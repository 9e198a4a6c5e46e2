"""``safetycredit insurance`` and ``prevention`` against the running system."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.display.examples import EXAMPLES
from cli.main import app
from cli.sample.insurance import INSURERS
from cli.sample.stories import BY_NAME
from tests.integration.cli.running_system import System

pytestmark = pytest.mark.timeout(120)

CLEAN = BY_NAME["clean"].credit_code
PERIOD = ("--from", "2026-03-01", "--to", "2026-04-01")
CODE = INSURERS[0].insurer.credit_code


@pytest.fixture(autouse=True)
def _settings(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in system.environment.items():
        if name.startswith("SAFETYCREDIT_"):
            monkeypatch.setenv(name, value)


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(app, arguments)
    assert "Traceback" not in result.output
    return result


def right(*arguments: str) -> str:
    """Run a command that must succeed, and give what it printed."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_obligation_is_printed_with_its_clause() -> None:
    """What an enterprise is said to do may change its class."""
    plain = json.loads(right("insurance", "obligation", CLEAN, "--json"))
    english = right(
        "insurance", "obligation", CLEAN, "--activity", "hazardous_chemicals", "--lang", "en"
    )

    assert plain["obligation_class"] == "OBLIGATION_CLASS_ENCOURAGED"
    assert "compulsory" in english
    assert "应急〔2025〕27号" in english


def test_the_clean_one_is_well_insured() -> None:
    """Its cover is shown, and nothing is wrong with it."""
    output = right("insurance", "cover", CLEAN)

    assert INSURERS[0].insurer.mark in output
    assert "what is wrong" not in output


def test_obligations_and_findings_are_listed() -> None:
    """Filters narrow both lists."""
    owed = right("insurance", "obligations", "--class", "compulsory", "--limit", "2")
    found = json.loads(right("insurance", "findings", "--kind", "uninsured", "--json"))

    assert "compulsory" in owed
    assert "encouraged" not in owed
    assert found["enterprises"]
    assert all(
        "COVER_FINDING_KIND_UNINSURED" in [each["kind"] for each in one["findings"]]
        for one in found["enterprises"]
    )
    assert "enterprise" in right("insurance", "findings", "--division", "110105")


def test_participation_is_drawn_as_a_curve() -> None:
    """A row for each month, and a curve below."""
    output = right("insurance", "participation", "--by-division", "--division", "110105")

    assert output.count("110105") == 14
    assert "→" in output


def test_an_evaluation_goes_from_a_recorded_policy_to_the_public(tmp_path: Path) -> None:
    """Evaluated, disputed, rejected, published: then everybody finds it."""
    form = tmp_path / "policy.yaml"
    text = EXAMPLES["insurance_policy"].replace(
        "  event_date: 2026-03-10\n", '  event_date: 2026-03-10\n  division: "110102"\n'
    )
    form.write_text(text, encoding="utf-8")
    right("record", "add", str(form))

    right("prevention", "progress", "110102", *PERIOD, "--insurer", CODE)
    evaluated = json.loads(
        right("prevention", "evaluate", "110102", *PERIOD, "--insurer", CODE, "--json")
    )
    number = evaluated["evaluations"][0]["evaluation_id"]
    early = run("prevention", "publish", number, "--document", "公1号")
    paper = ("--reason", "漏计", "--document", "异1号")
    disputed = right("prevention", "dispute", number, *paper)
    right("prevention", "decide", number, "--reject", *paper)
    right("prevention", "publish", number, "--document", "公1号")
    seen = right("--roles", "public", "prevention", "list", "--insurer", CODE)
    shown = right("--roles", "public", "prevention", "get", number)

    assert early.exit_code != 0
    assert "DISPUTE_PERIOD_RUNNING" in early.output
    assert "disputed" in disputed
    assert number in seen
    assert "published" in shown
    assert "异1号" not in shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(
            ("prevention", "evaluate", "110105", *PERIOD), "POLICY_NOT_IN_FORCE", id="no-policy"
        ),
        pytest.param(("prevention", "get", "v-1"), "EVALUATION_UNKNOWN", id="no-evaluation"),
        pytest.param(("insurance", "cover", "e-1"), "SUBJECT_UNKNOWN", id="nobody"),
    ],
)
def test_a_refusal_ends_in_words(arguments: tuple[str, ...], reason: str) -> None:
    """The reason and what to do, and an exit code."""
    result = run(*arguments)

    assert result.exit_code != 0
    assert reason in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("insurance", "findings", "--kind", "rumour"), id="no-kind"),
        pytest.param(("insurance", "obligations", "--class", "voluntary"), id="no-class"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(arguments: tuple[str, ...]) -> None:
    """Exit code 2, as for every wrong use."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert "write one of" in result.output
