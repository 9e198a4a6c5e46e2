"""``safetycredit group`` against the running system: what a person types, and what comes back."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.test_commands import Runner, run
from tests.integration.cli.test_person_commands import identifier

__all__ = ["run"]

pytestmark = pytest.mark.timeout(120)
DOCUMENT = ("--document", "集团1号", "--issued-by", "样例市场监管局")


def registered(run: Runner, folder: Path, name: str) -> str:
    """Register an enterprise from 2020 on; give its identifier."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"identity: {{local_identity: {{scheme: test.group, value: {name}}}}}\n"
        f"profile: {{name: 样例{name}, division: '110105', fields: [work_safety]}}\n"
        "start_date: 2020-01-01\n",
        encoding="utf-8",
    )
    return identifier("e", run.right("enterprise", "register", str(path)))


def test_a_member_joins_is_shown_and_leaves(run: Runner, tmp_path: Path) -> None:
    """Both enterprises show the membership; the end is on the day after the last."""
    group, member = (registered(run, tmp_path, name) for name in ("集团", "成员"))
    joined = run.right("group", "join", member, group, "--from", "2024-05-31", *DOCUMENT)
    membership = identifier("g", joined)
    again = run("group", "join", member, group, "--from", "2025-01-01", *DOCUMENT)
    circle = run("group", "join", group, member, "--from", "2025-01-01", *DOCUMENT)
    shown = run.right("enterprise", "get", member)
    left = run.right("group", "leave", membership, "--until-before", "2025-06-01", *DOCUMENT)
    of_group = run.right("enterprise", "get", group)
    answer = json.loads(run.right("enterprise", "get", group, "--json"))

    assert "样例市场监管局" in joined
    assert again.exit_code == circle.exit_code == 4
    assert "MEMBERSHIP_OVERLAPS" in again.output
    assert "safetycredit group leave" in again.output
    assert "MEMBERSHIP_CIRCLE" in circle.output
    assert f"{member} in {group} from 2024-05-31 ({membership})" in shown
    assert "2025-06-01" in left
    assert f"{member} in {group} from 2024-05-31 until before 2025-06-01" in of_group
    (found,) = answer["enterprise"]["memberships"]
    assert found["membership_id"] == membership
