"""``safetycredit person`` against the running system: what a person types, and what comes back."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from tests.integration.cli.test_commands import Runner, run

__all__ = ["run"]

pytestmark = pytest.mark.timeout(120)

# Division 110105, born on 31 December 1900, orders from 901, check characters by GB 11643:
# nobody alive has them.
ASKED, FILED, WORKING, SHOWN = (
    "11010519001231908X",
    "110105190012319012",
    "110105190012319020",
    "110105190012319039",
)
WRONG = "110105190012319013"


def asked(name: str, number: str) -> Result:
    """Register a person as somebody at a terminal does."""
    return CliRunner().invoke(app, ["person", "register"], input=f"{name}\n{number}\n")


def filed(folder: Path, number: str, *, name: str = "卫样例") -> str:
    """Write the file of a person with a number as YAML takes it, and give its path."""
    path = folder / "person.yaml"
    path.write_text(f"name: {name}\nidentity_number: {number}\n", encoding="utf-8")
    return str(path)


def identifier(prefix: str, output: str) -> str:
    """Give the identifier that an answer names."""
    found = re.search(rf"{prefix}-\d+", output)
    assert found is not None, output
    return found[0]


@pytest.fixture
def enterprise(run: Runner, tmp_path: Path) -> str:
    """Register an enterprise in which a person can have a role; give its identifier."""
    path = tmp_path / "enterprise.yaml"
    path.write_text(
        "identity: {local_identity: {scheme: test.number, value: roles}}\n"
        "profile: {name: 样例任职作坊, division: '110105', fields: [work_safety]}\n"
        "start_date: 2020-01-01\n",
        encoding="utf-8",
    )
    return identifier("e", run.right("enterprise", "register", str(path)))


def test_who_is_asked_for_a_person_sees_the_number_nowhere(run: Runner) -> None:
    """Neither while it is typed nor in the answer; the same number gives the same person."""
    del run  # Its settings name the running system.
    first = asked("卫样例", ASKED)
    again = asked("卫样例", ASKED.lower())

    assert first.exit_code == again.exit_code == 0
    assert "\nregistered\n" in first.stdout
    assert "\nregistered before; nothing changed\n" in again.stdout
    assert identifier("p", first.stdout) == identifier("p", again.stdout)
    assert ASKED not in first.output
    assert "110105********908X" in first.stdout


def test_a_file_or_standard_input_gives_a_person_too(run: Runner, tmp_path: Path) -> None:
    """A number that YAML takes for an integer is the same number; another name is refused."""
    path = filed(tmp_path, FILED)
    first = json.loads(run.right("person", "register", path, "--json"))
    piped = CliRunner().invoke(
        app, ["person", "register", "-", "--json"], input=Path(path).read_bytes()
    )
    other = run("person", "register", filed(tmp_path, FILED, name="王样例"))

    assert first["person"]["masked_identity_number"] == "110105********9012"
    assert json.loads(piped.stdout)["repeated"] is True
    assert json.loads(piped.stdout)["person"] == first["person"]
    assert other.exit_code == 4
    assert "PERSON_DIFFERS" in other.output
    assert FILED not in other.output


@pytest.mark.parametrize(
    ("text", "exit_code", "reason"),
    [
        pytest.param(
            f"name: 卫样例\nidentity_number: {WRONG}\n",
            4,
            "identity_number: IDENTITY_NUMBER_CHECK_WRONG",
            id="wrong-check-character",
        ),
        pytest.param("name: 卫样例\n", 4, "identity_number: REQUIRED", id="without-a-number"),
        pytest.param(
            f"name: 卫样例\nidentity_number: '{WRONG}\n", 1, "FORM_INVALID", id="open-quotes"
        ),
        pytest.param(
            f"name: 卫样例\nnumber: '{WRONG}'\n", 1, "number beside name and", id="unknown-name"
        ),
        pytest.param(
            f"name: 卫样例\nidentity_number: ['{WRONG}']\n",
            1,
            "should hold a text as identity_number",
            id="no-text",
        ),
    ],
)
def test_a_refusal_does_not_repeat_the_number(
    run: Runner, tmp_path: Path, text: str, exit_code: int, reason: str
) -> None:
    """It says what is wrong in the file, and stays fit for a log."""
    path = tmp_path / "person.yaml"
    path.write_text(text, encoding="utf-8")

    refused = run("person", "register", str(path))

    assert refused.exit_code == exit_code
    assert reason in refused.output
    assert WRONG not in refused.output


def test_a_role_is_assigned_shown_and_ended(run: Runner, tmp_path: Path, enterprise: str) -> None:
    """It overlaps no other of its kind there; the day after the last day is its end."""
    person = identifier("p", run.right("person", "register", filed(tmp_path, WORKING)))
    role = ("person", "assign", person, enterprise, "--kind", "principal", "--from")
    assigned = run.right(*role, "2024-05-31")
    before = json.loads(run.right("person", "get", person, "--json"))
    again = run(*role, "2025-01-01")
    unknown = run("person", "assign", person, enterprise, "--kind", "guard", "--from", "2024-05-31")
    role_id = identifier("o", assigned)
    ended = run.right("person", "end", role_id, "--until-before", "2025-06-01")
    twice = run("person", "end", role_id, "--until-before", "2025-07-01")
    next_one = run(*role, "2025-06-01")
    shown = run.right("person", "get", person)
    known_before = run.right("person", "get", person, "--known-at", before["point"]["known_at"])

    assert re.search(r"^kind +principal 主要负责人\s*$", assigned, re.MULTILINE)
    assert again.exit_code == twice.exit_code == 4
    assert "ROLE_OVERLAPS" in again.output
    assert "legal_representative, principal" in unknown.output
    assert re.search(r"^until before +2025-06-01\s*$", ended, re.MULTILINE)
    assert "ROLE_ENDED" in twice.output
    assert next_one.exit_code == 0
    assert "任职 roles" in shown
    assert shown.count(enterprise) == 2
    assert "2025-06-01" not in known_before


@pytest.mark.parametrize(
    ("role", "name", "number"),
    [
        pytest.param("regulator", "卫样例", "110105********9039", id="regulator"),
        pytest.param("auditor", "卫＊", "110105********9039", id="auditor"),
        pytest.param("recorder", "卫＊", "", id="recorder"),
    ],
)
def test_a_caller_sees_of_a_person_what_its_role_allows(
    run: Runner, tmp_path: Path, *, role: str, name: str, number: str
) -> None:
    """Names are a regulator's alone, masked numbers its own and an auditor's."""
    person = identifier("p", run.right("person", "register", filed(tmp_path, SHOWN)))

    shown = run.right("--roles", role, "person", "get", person)

    assert re.search(rf"^name +{name}\s*$", shown, re.MULTILINE)
    assert SHOWN not in shown
    assert ("110105" in shown) is bool(number)
    assert number in shown


def test_who_may_not_see_persons_is_refused(run: Runner) -> None:
    """An insurer has no business with them, whoever they are."""
    denied = run("--roles", "insurer", "person", "get", "p-1")
    nobody = run("person", "get", "p-1")

    assert "ACCESS_DENIED" in denied.output
    assert "SUBJECT_UNKNOWN" in nobody.output
    assert denied.exit_code == nobody.exit_code == 4
