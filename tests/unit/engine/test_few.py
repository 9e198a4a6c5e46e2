"""Sets of a few records say, record by record, what columns of numbers say."""

import operator
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.few import (
    Few,
    choose,
    combined,
    few_of,
    first_of,
    holding,
    positions,
    spread,
)
from services.engine.numbers import MISSING

LEAST = -128
COLUMNS = st.lists(st.integers(-3, 3), min_size=1, max_size=12)
PAIRS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=12)


def column(few: Few | int, size: int) -> list[int]:
    """Give the number of every record."""
    if not isinstance(few, Few):
        return [few] * size
    return [next(n for n, rows in few.items() if rows >> place & 1) for place in range(size)]


def rows_of(truths: Sequence[bool]) -> int:
    """Give the set of the records for which something holds."""
    return sum(1 << place for place, truth in enumerate(truths) if truth)


@given(values=COLUMNS)
def test_every_record_keeps_its_number(values: list[int]) -> None:
    """Nothing is lost on the way in, and the first record is the lowest bit."""
    few = few_of(values, LEAST)

    assert column(few, len(values)) == values


def test_missing_value_of_any_width_is_missing() -> None:
    """The least number of a narrow column stands for a value that nobody knows."""
    assert few_of([5, LEAST], LEAST) == {5: 0b01, MISSING: 0b10}


@given(pairs=PAIRS, constant=st.integers(-3, 3))
def test_functions_run_for_each_record(pairs: list[tuple[int, int]], constant: int) -> None:
    """A function over two columns and a number gives each record what it would get alone."""
    left, right = (few_of(values, LEAST) for values in zip(*pairs, strict=True))

    calculated = spread(lambda a, b, c: a * 10 + b + c, (left, right, constant))
    held = holding(operator.lt, (left, right))

    assert column(calculated, len(pairs)) == [a * 10 + b + constant for a, b in pairs]
    assert held == rows_of([a < b for a, b in pairs])


@given(values=COLUMNS, data=st.data())
def test_choice_is_made_for_each_record(values: list[int], data: st.DataObject) -> None:
    """By a set of records, some get one number and the others another."""
    truths = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    rows, few = rows_of(truths), few_of(values, LEAST)

    assert column(choose(rows, few, 9), len(values)) == [
        value if truth else 9 for value, truth in zip(values, truths, strict=True)
    ]
    assert positions(rows) == [place for place, truth in enumerate(truths) if truth]


@given(values=COLUMNS)
def test_first_test_that_holds_decides(values: list[int]) -> None:
    """Rows of a table are tried in order, a test of the subject's holds for every record."""
    few, rest = few_of(values, LEAST), few_of(values, LEAST)
    tests = [holding(lambda n: n > 1, (few,)), False, holding(lambda n: n > 0, (few,))]
    slots = [*tests, True, 100, 200, 300, 400]

    found = first_of([(0, 4), (1, 5), (2, 6)], slots, rest)
    settled = first_of([(0, 4), (1, 5), (2, 6), (3, 7)], slots, rest)

    assert found is not None
    assert settled is not None
    assert column(found, len(values)) == [100 if n > 1 else 300 if n > 0 else n for n in values]
    assert column(settled, len(values)) == [100 if n > 1 else 300 if n > 0 else 400 for n in values]


@pytest.mark.parametrize("tests", [[], [False]], ids=["no-rows", "none-holds"])
def test_what_stands_in_is_given_as_it_is(tests: list[bool]) -> None:
    """Where no test speaks of records, a plain number stays one."""
    slots = [*tests, 1]

    assert first_of([(place, len(tests)) for place in range(len(tests))], slots, 7) == 7


def test_columns_are_left_to_numpy() -> None:
    """A test that is a column has no first value for plain numbers."""
    assert first_of([(0, 1)], [np.array([True]), 1], 7) is None


def test_only_combinations_that_some_record_has_are_tried() -> None:
    """Two columns of three records have three combinations, not nine."""
    left, right = few_of([1, 2, 3], LEAST), few_of([4, 5, 6], LEAST)

    assert combined((left, right)) == [((1, 4), 1), ((2, 5), 2), ((3, 6), 4)]
