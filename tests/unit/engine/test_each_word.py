"""Numbers for each word of a set: asked of the caller, looked up, added up, and what is wrong."""

import pytest

from services.engine.building import compile_policy
from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from tests.unit.engine.holding import cases_of, compiled, hold, problems, written
from tests.unit.engine.test_checking import codes as checked
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_schema import VALIDATOR, parsed

PAYROLL = written("""\
    codes:
      work_class: {light: {zh: 轻, en: light}, heavy: {zh: 重, en: heavy}}
    inputs:
      payroll: {from: request, each: work_class, unit: CNY, if_missing: 0}
      heads: {from: request, each: work_class, unit: person, if_missing: no_data}
    tables:
      rates:
        keys: [work_class]
        outputs: {rate: percent, flat: CNY}
        rows:
          - {work_class: light, rate: 1, flat: 5}
          - {work_class: heavy, rate: 4, flat: 7}
        otherwise: no_data
        SOURCE
    values:
      premium:
        is: {sum: {multiply: [payroll, {lookup: rates}]}, each: work_class}
        unit: fen
        SOURCE
      flat:
        is:
          sum:
            if: {heads: {above: 0}, work_class: heavy}
            then: {lookup: rates, output: flat}
            else: 0
          each: work_class
        unit: CNY
        SOURCE
    outputs:
      premium: {is: premium, unit: fen}
      flat: {is: flat, unit: CNY}
""")


def test_each_class_counts_with_its_own_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 at 1 and 50 at 4 are 300; the flat amount is for heavy work of at least one."""
    cases = cases_of("""\
  - name: both
    as_of: 2024-06-01
    inputs: {payroll.light: 100, payroll.heavy: 50, heads.light: 3, heads.heavy: 1}
    expect: {premium: 300, flat: 7}
  - name: nobody at heavy work
    as_of: 2024-06-01
    inputs: {payroll.heavy: 1, heads.light: 3, heads.heavy: 0}
    expect: {premium: 4, flat: 0}
  - name: nobody says how many
    as_of: 2024-06-01
    inputs: {payroll.light: 100, heads.light: 3}
    expect: {state: no_data}
""")

    hold(compiled(PAYROLL), cases, monkeypatch)


def test_plan_asks_for_each_class_by_name() -> None:
    """The questions are plain ones, each with the name of its class."""
    plan = compiled(PAYROLL)

    assert plan.needs.requests == {"payroll.light", "payroll.heavy", "heads.light", "heads.heavy"}


def test_right_sums_are_right() -> None:
    """Nothing is wrong with what the others change, and an editor takes it as right."""
    assert set(checked(PAYROLL)) <= {"not-searched"}
    assert [one.message for one in VALIDATOR.iter_errors(parsed(PAYROLL))] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "          - {work_class: heavy, rate: 4, flat: 7}\n",
            "",
            "each",
            id="class-without-a-row",
        ),
        pytest.param("work_class: heavy, rate", "work_class: light, rate", "each", id="two-rows"),
        pytest.param(
            "work_class: heavy, rate", "work_class: hard, rate", "each", id="no-such-word"
        ),
        pytest.param("each: work_class, unit: CNY", "each: trade, unit: CNY", "each", id="no-set"),
        pytest.param("premium, unit: fen}", "payroll, unit: fen}", "unknown-name", id="not-summed"),
    ],
)
def test_wrong_sums_are_refused(old: str, new: str, expected: str) -> None:
    """Every class has one row, and what is asked for each class is used for each class."""
    wrong = PAYROLL.replace(old, new, 1)
    assert wrong != PAYROLL

    assert expected in {one.rsplit(":", 1)[1] for one in problems(wrong)}


def test_sum_over_a_set_that_is_not_there_is_refused() -> None:
    """Without any words there is nothing to add up."""
    wrong = written("    outputs: {a: {is: {sum: 1, each: work_class}, unit: CNY}}\n")

    assert problems(wrong) == ["0.yaml:12:each"]


@pytest.mark.parametrize(
    "wrong",
    [
        PAYROLL.replace(
            "from: request, each: work_class, unit: CNY", "from: subject, each: work_class"
        ),
        PAYROLL.replace(
            "{sum: {multiply: [payroll, {lookup: rates}]}, each: work_class}", "{sum: 1}"
        ),
    ],
    ids=["each-of-a-subject", "sum-without-each"],
)
def test_form_is_refused(wrong: str) -> None:
    """Only a request answers for each word, and a sum says of which set."""
    assert wrong != PAYROLL

    with pytest.raises(PolicyRefusedError):
        read_policy(wrong.encode(), "policy.yaml")


def test_district_has_rates_of_its_own() -> None:
    """A table that is replaced below counts in the sum that is taken over."""
    district = written("""\
    extends: {policy: cn.example.city, version: "1"}
    tables:
      rates:
        keys: [work_class]
        outputs: {rate: percent, flat: CNY}
        rows:
          - {work_class: any, rate: 2, flat: 0}
        otherwise: no_data
        SOURCE
""")
    plan = compiled(PAYROLL.replace("cn.example.construct", "cn.example.city"), district)
    (case,) = cases_of("""\
  - name: twice the payroll
    as_of: 2024-06-01
    inputs: {payroll.light: 100, payroll.heavy: 50, heads.light: 1, heads.heavy: 1}
    expect: {premium: 300, flat: 0}
""")

    hold(plan, (case,), pytest.MonkeyPatch())


def test_plain_version_is_compiled_as_it_stands() -> None:
    """Where nothing is asked for each word, nothing is written out."""
    text = written("    outputs: {a: {is: 1, unit: CNY}}\n")
    policy = read_policy(text.encode(), "policy.yaml")

    assert compile_policy(policy, policy.versions[0], VOCABULARY).version is policy.versions[0]
