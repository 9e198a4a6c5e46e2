"""Schemes that are not in the books go in as data: written, checked and tried without new code."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.cases import read_cases
from services.engine.checking import CheckContext, check_policy
from services.engine.policy_file import read_policy
from services.engine.scales import scales_of
from tests.unit.engine.holding import compiled, hold
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_schema import VALIDATOR, parsed

FOLDER = Path(__file__).parent / "schemes"
NAMES = (
    "annual-return",
    "clean-policy-years",
    "colours",
    "credibility",
    "driver-points",
    "driver-shares",
    "experience-rating",
    "grade-runs",
    "group-members",
    "inspection-items",
    "key-personnel",
    "key-supervision",
    "repeat-offences",
    "payroll-by-class",
    "scorecard",
    "shared-responsibility",
    "site-scores",
    "smoothing",
    "trade-mean",
)


@pytest.mark.parametrize("name", NAMES)
def test_scheme_gives_what_its_text_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case holds alone, together, in any order, and until the day that is said."""
    plan = compiled((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    cases = read_cases((FOLDER / f"{name}.cases.yaml").read_bytes(), name, VOCABULARY).cases

    hold(plan, cases, monkeypatch)


@pytest.mark.parametrize("name", NAMES)
def test_scheme_passes_every_check(name: str) -> None:
    """Nothing is wrong with it, monotony included, and an editor takes it as right."""
    content = (FOLDER / f"{name}.yaml").read_bytes()
    policy = read_policy(content, f"{name}.yaml")
    context = CheckContext(
        vocabulary=VOCABULARY,
        ladders=scales_of(policy.policy_id, policy.versions[0]),
        ended={},
        today=date(2026, 11, 22),
    )

    assert [str(one) for one in check_policy(policy, context)] == []
    assert [one.message for one in VALIDATOR.iter_errors(parsed(content.decode()))] == []
