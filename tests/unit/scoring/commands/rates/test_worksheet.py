"""How a premium was rounded, in words, and how a factor came to stand at the plan's bound."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.cases import case_inputs, case_population, read_cases
from services.scoring.commands.rates.worksheet import output_wording, rounding_of, worksheet
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.scoring_policies import ALL, POLICIES, RATE, write_policies

PREMIUM = "is: {round: {multiply: [base_premium, factor]}, places: 2, rounding: half_up}"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        pytest.param(PREMIUM, PREMIUM, "half_up to 0.01 CNY", id="rounded-value"),
        pytest.param(
            PREMIUM,
            "is: {round: {multiply: [base_premium, factor]}, places: 0, rounding: up}",
            "up to 1 CNY",
            id="whole-yuan",
        ),
        pytest.param(PREMIUM, "is: base_premium", "exact", id="nothing-to-round"),
        pytest.param(
            "premium: {is: premium, unit: CNY, places: 2}",
            "other: {is: premium, unit: CNY, places: 2}",
            "",
            id="no-premium",
        ),
    ],
)
def test_the_rounding_is_read_from_the_policy(
    tmp_path: Path, old: str, new: str, text: str
) -> None:
    """Mode and step come from the expression behind the premium."""
    texts = {**ALL, "cn.beijing/rate.yaml": _replaced(RATE, old, new)}
    library = load_policies(write_policies(tmp_path, texts))
    pinned = library.named("rate", "cn.test.rate", version="", as_of=date(2025, 6, 1))

    assert rounding_of(pinned.compiled.version) == text


XICHENG = "cn.beijing.xicheng.insurance-rate"
CASE = """
policy: cn.beijing.xicheng.insurance-rate
cases:
  - name: held
    as_of: 2025-06-01
    subject: {{industry: C1810, founding_date: 2010-01-01, headcount: 50}}
    inputs: {{credit_grade: {grade}}}
    records: {records}
    expect: {{factor: 1}}
"""
LEVEL = (
    "[{{kind: honour, event_date: 2024-01-01, honour_kind: standardisation,"
    " standardisation_level: {}, end_date: 2027-01-01}}]"
)
WORST = (
    "[{kind: accident, event_date: 2025-01-01, level: extra_major, liability: liable},"
    " {kind: hazard, event_date: 2025-01-01, level: major, due_date: 2025-02-01}]"
)


@pytest.mark.parametrize(
    ("grade", "records", "lines"),
    [
        # 1 - 0.15, times 1 - 0.05 - 0.10 - 0.10.
        pytest.param(1, LEVEL.format(1), ["0.6375", "0.0125 九.3；下限未作规定"], id="floor"),
        # 1 - 0.10, times the same.
        pytest.param(1, LEVEL.format(2), ["0.6750"], id="just-above-the-floor"),
        # 1 + 0.20 + 0.10, times 1 + 0.40 + 0.20, at most 1.50.
        pytest.param(4, WORST, ["1.9500", "-0.1500 九.3；上限未作规定"], id="cap"),
    ],
)
def test_the_bound_of_a_plan_is_a_line_with_its_clause(
    grade: int, records: str, lines: list[str]
) -> None:
    """The product, and what the floor gives back or the cap takes away, add up to the factor."""
    pinned = load_policies(POLICIES).named("rate", XICHENG, version="", as_of=date(2025, 6, 1))
    words = CASE.format(grade=grade, records=records)
    vocabulary = load_vocabulary(POLICIES)
    (case,) = read_cases(words.encode(), "held.cases.yaml", vocabulary).cases
    population = case_population([case], pinned.plan, vocabulary)
    run = pinned.plan.run(population, case.as_of, case_inputs(pinned.plan, case))

    found = [line for line in worksheet(run, 0) if line.total == "factor"]

    assert [line.rule_id for line in found] == ["factor.start", "factor.bound"][: len(lines)]
    said = [f"{(line.amount or 0) / 10**4:.4f} {line.source.article}" for line in found]
    assert [one.removesuffix(" 九.3；先差别后浮动、相乘为假定") for one in said] == lines
    assert sum(line.amount or 0 for line in found) == int(run.output("factor")[0])
    assert found[0].wording.zh == "按公式计算"


def test_a_factor_is_called_one_in_chinese() -> None:
    """No result of a rate that has a field of its own shows its identifier to readers."""
    names = ("base_premium", "factor", "factor_min", "factor_max", "premium")

    assert not any(name in output_wording(name).zh for name in names)
    assert output_wording("inspections").zh == "计算结果：inspections"


def _replaced(text: str, old: str, new: str) -> str:
    """Replace the last occurrence, which is that of the outputs."""
    head, found, tail = text.rpartition(old)
    assert found
    return head + new + tail
