"""Numbers at which a result may change, carried down to the amounts of which it is worked out."""

from decimal import Decimal
from typing import Final

import pytest

from services.engine.building import compile_policy
from services.engine.days import day_number
from services.engine.edges import edges_of
from tests.unit.engine.test_monotone import codes, policy_of
from tests.unit.engine.test_policies import VOCABULARY

FINES: Final = """    indicators:
      fines:
        records: penalty
        window: {last: {months: 12}}
        measure: {sum: OF}
        unit: UNIT
        SOURCE
      n: {records: penalty, window: {last: {months: 12}}, measure: count, unit: penalty, SOURCE}
    values:
      unused: {is: 500, unit: fen, SOURCE}
      amount: {is: IS, unit: UNIT, if_none: 0, SOURCE}
    totals:
      score: {unit: point, places: 2, start: 100, combine: sum, at_least: 0, SOURCE}
    rules:
      - id: E-1
        when: {amount: {at_least: 1, below: 5}}
        add: {to: score, amount: -20}
        WORDING
        SOURCE
      - id: E-5
        when: {amount: {at_least: 5, below: 10}}
        add: {to: score, amount: -35}
        WORDING
        SOURCE
      - id: E-10
        when: {amount: {at_least: 10END}}
        add: {to: score, amount: -45}
        WORDING
        SOURCE
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: {score: {at_least: 60}}}
        - {grade: C, when: true}
      beyond: clamp
      SOURCE
    score: score
"""
WAN: Final = "{round: {multiply: [fines, 0.000001]}, places: 2, rounding: down}"


def text(expression: str, end: str = "", of: str = "fine_fen") -> str:
    """Write a policy with points off from 1, 5 and 10 of an amount on, the last up to an end."""
    unit = "fen" if of == "fine_fen" else "award"
    found = FINES.replace("IS", expression).replace("END", end).replace("OF", of)
    return found.replace("UNIT", unit).replace("unit: fen, if_none", "unit: award, if_none")


@pytest.mark.parametrize(
    ("expression", "of"),
    [
        pytest.param(WAN, "fine_fen", id="ten-thousands"),
        pytest.param("{divide: [fines, 1000000], places: 2, rounding: down}", "fine_fen",
                     id="divided"),
        pytest.param("{multiply: [0.001, {multiply: [fines, 0.001]}]}", "fine_fen", id="twice"),
        pytest.param("{add: [{multiply: [fines, 0.000001]}, 0]}", "fine_fen", id="within-a-sum"),
        pytest.param("{if: {fines: 0}, then: 0, else: {multiply: [fines, 0.000001]}}", "fine_fen",
                     id="chosen"),
        pytest.param("fines", "{multiply: [fine_fen, 0.000001]}", id="of-each-record"),
    ],
)  # fmt: skip
def test_slip_beyond_an_amount_that_is_worked_out_is_found(expression: str, of: str) -> None:
    """From 500,000 yuan on nothing is taken off: the gravest fines have the best grade."""
    assert codes(policy_of(text(expression, ", below: 50", of))) == ["not-monotone"]
    assert codes(policy_of(text(expression, "", of))) == []


TOTAL: Final = """      t: {unit: UNIT, places: 6, start: START, combine: COMBINE, SOURCE}
    rules:
      - {id: E-0, when: {fines: {above: 0}}, add: {to: t, amount: AMOUNT}, WORDING, SOURCE}
"""
TABLE: Final = """    tables:
      wan:
        keys: [fines]
        outputs: {other: fen, found: fen}
        rows: [{fines: {below: 10}, other: fines, found: 0}]
        otherwise: [fines, {multiply: [fines, 0.000001]}]
        SOURCE
    values:
"""


def through_total(amount: str, start: str = "0", combine: str = "sum", end: str = "") -> str:
    """Write the same policy with the amount in a total, to which a rule adds what is said."""
    total = TOTAL.replace("START", start).replace("COMBINE", combine).replace("AMOUNT", amount)
    return text("t", end).replace("    rules:\n", total.replace("UNIT", "fen"), 1)


def through_table(end: str = "") -> str:
    """Write the same policy with the amount in the second column of a table."""
    found = text("{lookup: wan, output: found}", end).replace("    values:\n", TABLE, 1)
    return found.replace("otherwise: [fines, {", "otherwise: {other: fines, found: {").replace(
        "0.000001]}]\n", "0.000001]}}\n"
    )


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param(
            through_total("{multiply: [fines, 0.000001]}", end=", below: 50"),
            through_total("{multiply: [fines, 0.000001]}"),
            id="total",
        ),
        pytest.param(
            through_total("{multiply: [fines, 0.000001]}", "3", end=", below: 50"),
            through_total("{multiply: [fines, 0.000001]}", "3"),
            id="total-from-three-on",
        ),
        pytest.param(
            through_total("{multiply: [fines, 0.000001]}", "0", "max", ", below: 50"),
            through_total("{multiply: [fines, 0.000001]}", "0", "max"),
            id="greatest",
        ),
        pytest.param(through_table(", below: 50"), through_table(), id="table"),
        pytest.param(
            text("{power: [{multiply: [fines, 0.0000001]}, 2], places: 0, rounding: down}",
                 ", below: 50"),
            text("{power: [{multiply: [fines, 0.0000001]}, 2], places: 0, rounding: down}"),
            id="power",
        ),
    ],
)  # fmt: skip
def test_slip_beyond_what_a_total_a_table_or_a_power_gives_is_found(wrong: str, right: str) -> None:
    """From 50 of the amount on nothing is taken off, wherever the amount comes from."""
    assert codes(policy_of(wrong)) == ["not-monotone"]
    assert codes(policy_of(right)) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(through_total("{multiply: [fines, 2]}", "4"), [0.5, 3], id="sum"),
        pytest.param(
            through_total("fines", "2", "product, rounding: half_up"), [0.5, 2.5, 5], id="product"
        ),
        pytest.param(through_total("fines", "2", "max"), [1, 5, 10], id="greatest"),
        pytest.param(through_table(), [1_000_000, 5_000_000, 10_000_000, 10], id="table"),
    ],
)
def test_edges_of_what_adds_to_a_total(body: str, expected: list[float]) -> None:
    """A total compared with 1, 5 and 10: what a rule adds to where it starts, taken alone."""
    policy = policy_of(body)
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    edges = edges_of(plan, day_number(policy.versions[0].start_date))

    # The rules themselves ask for more than 0, which the table does not.
    assert edges.numbers_of("fines") - {0} == {Decimal(str(one)) for one in expected}


MEAN: Final = """    indicators:
      fines:
        records: penalty
        window: {last: {months: 12}}
        measure: MEASURE
        unit: fen
        SOURCE
      n: {records: penalty, window: {last: {months: 12}}, measure: count, unit: penalty, SOURCE}
    values:
      amount: {is: IS, unit: fen, if_none: 0, SOURCE}
    rules:
      - id: E-1
        when: {amount: {at_least: 100000}}
        set: {grade: B}
        WORDING
        SOURCE
    grade: {ladder: [A, B], start: [{grade: A, when: true}], beyond: clamp, SOURCE}
"""


@pytest.mark.parametrize(
    ("measure", "expression", "found"),
    [
        pytest.param(
            "{sum: fine_fen}",
            "{divide: [fines, n], places: 0, rounding: half_up}",
            ["not-monotone"],
            id="mean",
        ),
        pytest.param("{max: fine_fen}\n        if_none: 0", "fines", [], id="greatest"),
        pytest.param("{sum: fine_fen}", "fines", [], id="sum"),
    ],
)
def test_further_small_fine_lifts_a_mean_away(
    measure: str, expression: str, found: list[str]
) -> None:
    """A mean of 1,000 yuan is B; with 10 fen more it is 500, and the greatest as it was."""
    body = MEAN.replace("MEASURE", measure).replace("IS", expression)

    assert codes(policy_of(body)) == found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("fines", [1, 5, 10], id="itself"),
        pytest.param(WAN, [1_000_000, 5_000_000, 10_000_000], id="multiplied"),
        pytest.param("{divide: [fines, 4], places: 2, rounding: down}", [4, 20, 40], id="divided"),
        pytest.param("{divide: [100, fines], places: 2, rounding: down}", [10, 20, 100],
                     id="divisor"),
        pytest.param("{divide: [n, fines], places: 2, rounding: down}", [], id="of-a-count"),
        pytest.param("{divide: [fines, n], places: 2, rounding: up}", [1, 5, 10], id="by-a-count"),
        pytest.param("{subtract: [fines, 3]}", [4, 8, 13], id="minuend"),
        pytest.param("{subtract: [12, fines]}", [2, 7, 11], id="subtrahend"),
        pytest.param("{add: [fines, 4, unused]}", [], id="always-more"),
        pytest.param("{add: [fines, 4]}", [1, 6], id="sum"),
        pytest.param("{max: [fines, n]}", [1, 5, 10], id="greatest"),
        pytest.param("{power: [fines, 0.5], places: 0, rounding: down}", [1, 25, 100], id="root"),
        pytest.param("{power: [n, fines], places: 0, rounding: down}", [], id="power-of-a-count"),
        pytest.param("{power: [10, fines], places: 0, rounding: down}", [0, 1], id="exponent"),
    ],
)  # fmt: skip
def test_edges_of_what_a_value_is_worked_out_of(expression: str, expected: list[int]) -> None:
    """A value compared with 1, 5 and 10: what the fines are there, and so what a fine is."""
    policy = policy_of(text(expression))
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    edges = edges_of(plan, day_number(policy.versions[0].start_date))

    # A logarithm is no whole number; the numbers on both of its sides are tried, see `near`.
    assert {int(one) for one in edges.numbers_of("fines")} == set(expected)
    assert edges.numbers_of("fine_fen") == edges.numbers_of("fines")
