"""The commands that try and issue policies, against the running system and its sample."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.sample.stories import BY_NAME
from tests.integration.cli.running_system import ROOT, System

pytestmark = pytest.mark.timeout(120)

LIAOCHENG = "cn.shandong.liaocheng.grade"
FILE = ROOT / "policies/cn.shandong/liaocheng-grade.yaml"


@pytest.fixture(autouse=True)
def _settings(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the settings of the running system."""
    for name, value in system.environment.items():
        if name.startswith("SAFETYCREDIT_"):
            monkeypatch.setenv(name, value)


def right(*arguments: str) -> str:
    """Run a command that must succeed, and give what it printed."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def wrong(*arguments: str) -> tuple[int, str]:
    """Run a command that must be refused; give its exit code and what it printed."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """Write a version to come of the grades of Liaocheng, with its case."""
    text = FILE.read_text(encoding="utf-8")
    name = re.search(r'version: "([^"]+)"', text)
    start = re.search(r"start_date: (\S+)", text)
    assert name
    assert start
    path = tmp_path / "grade.yaml"
    path.write_text(
        text.replace(f'version: "{name[1]}"', 'version: "2031"', 1).replace(
            f"start_date: {start[1]}", "start_date: 2031-01-01", 1
        ),
        encoding="utf-8",
    )
    return path


def test_a_candidate_is_tried_on_the_sample(candidate: Path, tmp_path: Path) -> None:
    """The same law under another name moves nobody; the report is written."""
    out = tmp_path / "report"

    arguments = ("policy", "simulate", str(candidate), "--out", str(out))
    nobody = right(*arguments)
    pages = list(out.iterdir())
    printed = right(*arguments, "--division", "110000")
    listed = right("policy", "simulations")

    # The sample has nobody in Liaocheng, so there is nothing to draw.
    assert re.search(r"changed +0 of 0", nobody)
    assert [path.suffix for path in pages] == [".html"]
    assert re.search(r"changed +0 of [1-9]", printed)
    assert {path.suffix for path in out.iterdir()} == {".html", ".png"}
    assert "done" in listed


def test_a_candidate_is_proposed_and_its_steps_are_shown(candidate: Path) -> None:
    """Without a case for it a version is not proposed; with one it is, and may be withdrawn."""
    code, refused = wrong("policy", "propose", str(candidate))
    cases = candidate.with_name("grade.cases.yaml")
    cases.write_text(
        f"policy: {LIAOCHENG}\ncases:\n"
        "  - name: not applicable without anything\n"
        "    as_of: 2031-06-01\n"
        "    subject: {}\n"
        "    records: []\n"
        "    expect: {state: no_data}\n"
        "    source: {article: 第一条}\n",
        encoding="utf-8",
    )

    proposed = right("--caller", "liu", "policy", "propose", str(candidate))
    number = re.search(r"pp-\d+", proposed)
    assert number
    own = wrong(
        "--caller", "liu", "policy", "approve", number[0], "--file", str(candidate),
        "--document", "批1",
    )  # fmt: skip
    approved = right(
        "--caller", "wang", "policy", "approve", number[0], "--file", str(candidate),
        "--document", "批1",
    )  # fmt: skip
    listed = right("policy", "proposals", "--state", "proposed")
    text = right("policy", "proposal", number[0], "--text")
    changed = right("policy", "diff", LIAOCHENG, "2013-06-24", "--proposal", number[0])
    withdrawn = right("policy", "withdraw", number[0], "--note", "only tried")

    assert (code, "WITHOUT_CASES" in refused) == (4, True)
    assert (own[0], "APPROVER_IS_PROPOSER" in own[1]) == (4, True)
    assert "wang" in approved
    assert number[0] in listed
    assert text.encode() == candidate.read_bytes()
    assert "2031-01-01" in changed
    assert "withdrawn" in withdrawn


def test_two_files_are_proposed_and_withdrawn_as_one(candidate: Path, tmp_path: Path) -> None:
    """A mistake is named with its file; both files are told, and approved by one digest."""
    blacklist = "cn.tianjin.municipal-blacklist"
    text = (ROOT / "policies/cn.tianjin/municipal-blacklist.yaml").read_text(encoding="utf-8")
    # The first version alone, without an end: those after it extend it.
    text = "".join(re.split(r"(?m)^(?=  - version:)", text)[:2])
    text = re.sub(r"(?m)^    end_date: .*$", "    end_date: null", text)
    name = re.search(r'version: "([^"]+)"', text)
    start = re.search(r"start_date: (\S+)", text)
    assert name
    assert start
    second = tmp_path / "list.yaml"
    text = text.replace(f'version: "{name[1]}"', 'version: "2031"', 1)
    second.write_text(
        text.replace(f"start_date: {start[1]}", "start_date: 2031-01-01", 1), encoding="utf-8"
    )
    case = "cases:\n  - {{name: nothing, as_of: 2031-06-01, records: [], expect: {expect}}}\n"
    for policy, path, expect in (
        (LIAOCHENG, candidate, "{state: no_data}"),
        (blacklist, second, "{grade: A}"),
    ):
        cases = path.with_name(path.name.replace(".yaml", ".cases.yaml"))
        cases.write_text(f"policy: {policy}\n" + case.format(expect=expect), encoding="utf-8")
    files = (str(candidate), str(second))
    code, refused = wrong("--caller", "liu", "policy", "propose", *files)
    cases.write_text(f"policy: {blacklist}\n" + case.format(expect="{rules: []}"), encoding="utf-8")

    proposed = right("--caller", "liu", "policy", "propose", *files)
    number = re.search(r"pp-\d+", proposed)
    assert number
    looked_at = ("--file", files[0], "--file", files[1], "--document", "批1")
    approved = right("--caller", "wang", "policy", "approve", number[0], *looked_at)
    withdrawn = right("policy", "withdraw", number[0], "--note", "only tried")

    assert code == 4
    assert "list.cases.yaml:3:5: CASE_FAILED" in refused.replace("\n", "")
    assert LIAOCHENG in proposed
    assert blacklist in proposed
    assert "wang" in approved
    assert "withdrawn" in withdrawn


def test_versions_reasons_and_outlook_are_printed() -> None:
    """Each in the language asked for, with its clause."""
    code = BY_NAME["overdue-hazard"].credit_code

    versions = right("policy", "versions", LIAOCHENG)
    reasons = right("policy", "reasons", LIAOCHENG, "--lang", "en")
    outlook = right("grade", "outlook", code, "--policy", LIAOCHENG)

    assert "folder" in versions
    assert "G1-" in reasons
    assert "整改事故隐患" in outlook


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["policy", "simulate"], id="nothing-to-simulate"),
        pytest.param(["policy", "simulate", "--policy", "x"], id="no-version"),
        pytest.param(["policy", "diff", "x", "y"], id="nothing-to-compare-with"),
        pytest.param(["policy", "approve", "pp-1", "--document", "x"], id="no-digest"),
        pytest.param(["policy", "proposals", "--state", "lost"], id="no-state"),
    ],
)
def test_a_wrong_use_ends_with_exit_code_2(arguments: list[str]) -> None:
    """The message says what would be right."""
    assert wrong(*arguments)[0] == 2


def test_a_file_that_is_not_there_is_named() -> None:
    """Nothing is sent."""
    code, printed = wrong("policy", "propose", "no-such-file.yaml")

    assert (code, "POLICY_FILE_UNREADABLE" in printed) == (1, True)
