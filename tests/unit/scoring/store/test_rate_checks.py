"""Rate policies side by side: which are refused before anybody is rated by them."""

from pathlib import Path

import pytest

from services.engine.errors import PolicyRefusedError
from services.scoring.store.policies import load_policies
from tests.fakes.rate_policies import CHAOYANG, bounds, filed_plan
from tests.fakes.scoring_policies import write_policies


def codes(folder: Path, files: dict[str, str]) -> set[str]:
    """Give the codes of the problems that policies have beside those of the tests."""
    write_policies(folder, {**CHAOYANG, **files})
    try:
        load_policies(folder)
    except PolicyRefusedError as error:
        return {problem.code for problem in error.problems}
    return set()


def second(plan: str) -> str:
    """Give a plan another identifier."""
    return plan.replace("policy: cn.test.plan.", "policy: cn.test.second.", 1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(second(filed_plan("jia")), {"rate-plan-ambiguous"}, id="same-insurer"),
        pytest.param(second(filed_plan("")), {"rate-plan-ambiguous"}, id="same-place"),
        pytest.param(second(filed_plan("bing")), set(), id="another-insurer"),
        pytest.param(second(filed_plan("jia", division="110101")), set(), id="another-place"),
        pytest.param(
            second(filed_plan("jia"))
            .replace("start_date: 2020-01-01", "start_date: 2019-01-01")
            .replace("end_date: null", "end_date: 2020-01-01"),
            set(),
            id="ended-before",
        ),
        pytest.param(
            second(filed_plan("jia"))
            .replace("start_date: 2020-01-01", "start_date: 2019-01-01")
            .replace("end_date: null", "end_date: 2020-01-02"),
            {"rate-plan-ambiguous"},
            id="a-day-too-late",
        ),
        pytest.param(
            second(filed_plan("jia")).replace("field: work_safety", "field: fire"),
            set(),
            id="another-field",
        ),
    ],
)
def test_two_plans_of_one_insurer_for_one_place_are_refused(
    tmp_path: Path, content: str, expected: set[str]
) -> None:
    """No day may have two plans of one insurer, or of no insurer, for one place and field."""
    assert codes(tmp_path, {"cn.more/second.yaml": content}) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "unit: CNY, places: 2, if_missing", "unit: CNY, places: 1, if_missing", id="told"
        ),
        pytest.param("base_premium: {from", "mood: {from", id="unknown-input"),
        pytest.param("ratio, places: 6", "ratio, places: 4", id="decimals"),
        pytest.param(
            "premium_min: {is: premium_min", "lowest: {is: premium_min", id="unknown-output"
        ),
    ],
)
def test_bounds_that_do_not_fit_are_refused(tmp_path: Path, old: str, new: str) -> None:
    """Bounds are told and say amounts in the units that all plans share."""
    content = bounds("110106", least="0.50")
    if "mood" in new:
        content = content.replace("multiply: [base_premium", "multiply: [mood")

    assert "rate-bounds" not in codes(tmp_path / "right", {"cn.more/b.yaml": content})
    assert old in content
    assert "rate-bounds" in codes(tmp_path / "wrong", {"cn.more/b.yaml": content.replace(old, new)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "kind: rate\ninsurance: work_safety_liability\n", "kind: obligation\n", id="kind"
        ),
        pytest.param("insurer: jia", "insurer: jia\nrole: bounds", id="bounds"),
        pytest.param("insurer: jia", "insurer: jia\nrole: judge", id="role"),
    ],
)
def test_only_a_plan_is_filed(tmp_path: Path, old: str, new: str) -> None:
    """An insurer files plans: no bounds, and nothing of another kind."""
    found = codes(tmp_path, {"cn.more/x.yaml": second(filed_plan("jia")).replace(old, new)})

    assert found & {"insurer", "unknown-word"}
