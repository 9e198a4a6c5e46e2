"""Rates, quotes and statements from the command line, against the running system."""

import csv
import json
import re
from pathlib import Path

import pytest

from cli.sample.stories import BY_NAME
from tests.integration.cli.running_system import System
from tests.integration.cli.test_commands import Runner, run

__all__ = ["run"]

pytestmark = pytest.mark.timeout(120)

PLAN = ("--policy", "cn.beijing.xicheng.insurance-rate")
JIA = ("--authority", "示例甲财产保险股份有限公司", "--roles", "insurer")


def code(story: str) -> str:
    """Give the credit code of a story."""
    return BY_NAME[story].credit_code


def test_a_rate_shows_what_it_used_and_its_bounds(run: Runner) -> None:
    """The worksheet, the grade with its policy, the bounds of country and city."""
    said = run.right("rate", "recommend", code("clean"), "--headcount", "100", *PLAN)

    assert "cn.beijing.grade.work-safety" in said
    assert "cn.insurance-rate-bounds.premium_min" in said
    assert "request.limit_per_person" in said


def test_plans_are_shown_side_by_side(run: Runner) -> None:
    """Every story is in Beijing; where no plan is filed the refusal says what to do."""
    found = run("rate", "compare", code("clean"), "--headcount", "100")

    assert found.exit_code in {0, 4}
    assert "insurer" in found.output or "POLICY_NOT_IN_FORCE" in found.output


def test_a_file_is_rated_in_one_stream(run: Runner, tmp_path: Path) -> None:
    """Rows in the order of the file, each with its rate or its refusal."""
    rows = tmp_path / "rows.csv"
    rows.write_text(
        f"subject,insured_headcount,limit_per_person\n{code('clean')},100,400000\n"
        f"91110000600037341L,5,\n{code('two-penalties')},100,1\n"
    )
    to = tmp_path / "rates.csv"

    said = run.right("rate", "batch", str(rows), "--to", str(to), *PLAN)

    assert "1 rated, 2 refused" in said
    with to.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert [row["refusal"].split(":")[0] for row in found] == [
        "",
        "SUBJECT_UNKNOWN",
        "LIMIT_PER_PERSON_REFUSED",
    ]
    assert found[0]["premium"].endswith(" CNY")


def test_a_plain_list_of_codes_is_rated_too(run: Runner, tmp_path: Path) -> None:
    """One code a line needs no header; an empty file, and none, are refused in words."""
    rows = tmp_path / "codes.txt"
    rows.write_text(f"{code('clean')}\n{code('two-penalties')}\n")
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")

    said = run.right("rate", "batch", str(rows), *PLAN)
    nothing = run("rate", "batch", str(empty))
    missing = run("rate", "batch", str(tmp_path / "missing.csv"))

    assert "2 rated, 0 refused" in said
    assert "ROWS_MALFORMED" in nothing.output
    assert "ROWS_MALFORMED" in missing.output


def test_a_quote_is_kept_shown_and_confirmed(run: Runner) -> None:
    """An insurer quotes, shows and confirms; a second policy on it is refused."""
    kept = run.right(*JIA, "rate", "quote", code("clean"), "--headcount", "100", "--json", *PLAN)
    quote_id = json.loads(kept)["quote"]["quote_id"]

    shown = run.right(*JIA, "rate", "show", quote_id)
    bound = run.right(*JIA, "rate", "confirm", quote_id, "甲-1")
    again = run(*JIA, "rate", "confirm", quote_id, "甲-2")
    foreign = run("--authority", "乙", "--roles", "insurer", "rate", "show", quote_id)
    deviations = run("rate", "deviations")

    assert quote_id in shown
    assert "bound" in bound
    assert "QUOTE_ALREADY_BOUND" in again.output
    assert "QUOTE_UNKNOWN" in foreign.output
    assert deviations.exit_code == 0


def test_a_statement_is_issued_verified_and_withdrawn(
    run: Runner, system: System, tmp_path: Path
) -> None:
    """A bank verifies the file with the public keys alone; a change is found, and a withdrawal."""
    statement, keys = tmp_path / "statement.jws", tmp_path / "keys.json"
    grade = ("--policy", "cn.shandong.liaocheng.grade")
    run.right("statement", "keys", "--to", str(keys))
    said = run.right("statement", "issue", code("clean"), "--to", str(statement), *grade)
    run.right("statement", "keys", "--to", str(keys))
    statement_id = re.findall(r"[0-9a-f-]{36}", said)[0]

    verified = run.right("statement", "verify", str(statement), "--keys", str(keys))
    text = statement.read_text()
    altered = tmp_path / "altered.jws"
    altered.write_text(text.replace(text[100], "A" if text[100] != "A" else "B", 1))
    refused = run("statement", "verify", str(altered), "--keys", str(keys))
    expired = run("statement", "verify", str(statement), "--keys", str(keys), "--at", "2999-01-01")
    before = run.right("statement", "status", statement_id)
    run.right("statement", "withdraw", statement_id, "--reason", "更正")
    after = run.right("statement", "status", statement_id)

    assert statement_id in verified
    assert "expires" in verified
    assert refused.exit_code == 1
    assert "STATEMENT_" in refused.output
    assert "STATEMENT_EXPIRED" in expired.output
    assert "valid" in before
    assert "withdrawn" in after
    assert "更正" in after
    assert (system.folder / "var" / "safetycredit.statement_keys.json").exists()
