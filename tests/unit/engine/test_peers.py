"""A place among peers, and figures of theirs: by hand, and the same for one and for many."""

from collections.abc import Callable
from fractions import Fraction
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.cases import case_population, case_results
from services.engine.errors import NumberTooLargeError
from services.engine.frames import Setting
from services.engine.numbers import MISSING
from services.engine.peers import FIGURES_AMONG, PLACES_AMONG, Figure, PeerTable, peer_table
from tests.unit.engine.holding import cases_of, compiled, problems, written
from tests.unit.engine.test_policies import VOCABULARY

TABLE = PeerTable({(1,): [10, 20, 20, 40], (2,): [5]})


@pytest.mark.parametrize(
    ("value", "rank", "percentile"),
    [
        pytest.param(40, 1, 7500, id="greatest"),
        pytest.param(20, 2, 2500, id="two-alike-share-a-place"),
        pytest.param(10, 4, 0, id="smallest"),
        pytest.param(30, 2, 7500, id="nobody-has-it"),
        pytest.param(41, 1, 10000, id="above-all"),
        pytest.param(MISSING, MISSING, MISSING, id="unknown"),
    ],
)
def test_place_is_counted(value: int, rank: int, percentile: int) -> None:
    """The rank is one more than those with more; the percentage is of those with less."""
    assert TABLE.places("rank", value, [1]) == rank
    assert TABLE.places("percentile", value, [1]) == percentile


def test_group_without_peers_has_no_place() -> None:
    """Nobody stands beside a subject of a group that the table does not have."""
    assert TABLE.places("rank", 10, [3]) == MISSING
    assert PeerTable({}, everybody=[1, 2]).places("count", 10, [3]) == 2


@pytest.mark.parametrize("measure", PLACES_AMONG)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from([MISSING, -5, 0, 3, 7]), st.integers(0, 2)),
        min_size=1,
        max_size=15,
    )
)
def test_column_gives_everybody_what_each_alone_gets(
    measure: str, pairs: list[tuple[int, int]]
) -> None:
    """A population is put into a table; one and many are read off it alike."""
    values, groups = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    table = peer_table(values, [groups])

    together = table.places(measure, values, [groups])

    assert together.tolist() == [table.places(measure, value, [group]) for value, group in pairs]
    assert sum(len(peers) for peers in table.groups.values()) == sum(
        value != MISSING for value, _ in pairs
    )


def test_everybody_is_one_group_where_nothing_is_in_common() -> None:
    """Without anything in common all subjects are peers."""
    table = peer_table(np.array([3, 1, 2]), [])

    assert table.groups == {(): [1, 2, 3]}
    assert table.places("rank", np.array([3, 2]), []).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        # 90 / 4 = 22.5.
        pytest.param(Figure("mean", 0, 0, "half_up"), 23, id="mean-half-up"),
        pytest.param(Figure("mean", 0, 0, "half_even"), 22, id="mean-half-even"),
        pytest.param(Figure("mean", 0, 0, "down"), 22, id="mean-down"),
        pytest.param(Figure("mean", 0, 2, "down"), 2250, id="mean-with-two-decimals"),
        # The values have one decimal: 1.0, 2.0, 2.0 and 4.0 are 2.25 in the mean.
        pytest.param(Figure("mean", 1, 0, "up"), 3, id="mean-with-fewer-decimals"),
        pytest.param(Figure("mean", 1, 2, "up"), 225, id="mean-with-one-more"),
        pytest.param(Figure("median", 0, 0, "half_up"), 20, id="median"),
        pytest.param(Figure("sum", 0, 0, ""), 90, id="sum"),
        pytest.param(Figure("least", 0, 0, ""), 10, id="least"),
        pytest.param(Figure("greatest", 0, 0, ""), 40, id="greatest"),
    ],
)
def test_figure_is_worked_out(figure: Figure, expected: int) -> None:
    """Of 10, 20, 20 and 40; the same whatever the subject's own value is."""
    assert TABLE.figure(figure, [1]) == expected
    assert TABLE.figure(figure, [3]) == MISSING


def test_median_of_an_even_number_lies_half_way() -> None:
    """Between 20 and 25 lies 22.5."""
    table = PeerTable({(): [10, 20, 25, 40]})

    assert table.figure(Figure("median", 0, 1, "half_up"), []) == 225
    assert table.figure(Figure("median", 0, 0, "up"), []) == 23


def test_figures_are_exact_beyond_64_bits() -> None:
    """Three values of nearly 2 to the 63rd have a mean, and no sum that anything could hold."""
    large = (1 << 63) - 1
    table = PeerTable({(1,): np.array([large - 3, large, large]), (2,): [-large, -large]})

    assert table.figure(Figure("mean", 0, 0, "down"), [1]) == large - 1
    assert table.figure(Figure("median", 0, 0, "down"), [2]) == -large
    with pytest.raises(NumberTooLargeError):
        table.figure(Figure("sum", 0, 0, ""), [1])
    with pytest.raises(NumberTooLargeError):
        table.figure(Figure("mean", 0, 1, "down"), [1])


@pytest.mark.parametrize("measure", FIGURES_AMONG)
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from([MISSING, -5, 0, 3, 7]) | st.integers(-99, 99), st.integers(0, 2)
        ),
        min_size=1,
        max_size=15,
    )
)
def test_figures_of_a_column_are_those_of_each_alone(
    measure: str, pairs: list[tuple[int, int]]
) -> None:
    """One and many get what arithmetic with fractions gives; who has no value gets it as well."""
    values, groups = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    table = peer_table(values, [groups])
    figure = Figure(measure, 0, 0, "down" if measure in {"mean", "median"} else "")

    together = table.figure(figure, [groups])

    assert together.tolist() == [table.figure(figure, [group]) for _, group in pairs]
    for (_, group), found in zip(pairs, together.tolist(), strict=True):
        peers = [Fraction(value) for value, other in pairs if other == group and value != MISSING]
        assert found == (int(_BY_HAND[measure](peers)) if peers else MISSING)


_BY_HAND: dict[str, Callable[[list[Fraction]], Fraction | int]] = {
    "mean": lambda peers: sum(peers, Fraction(0)) / len(peers),
    "median": median,
    "sum": sum,
    "least": min,
    "greatest": max,
}

MEANS = written("""\
    inputs:
      division: {from: subject, if_missing: no_data}
      headcount: {from: subject, if_missing: unknown}
      mean:
        from: peers
        attribute: mean
        of: headcount
        among: [division]
        places: 1
        rounding: half_up
        if_missing: unknown
      most: {from: peers, attribute: greatest, of: headcount, among: [], if_missing: unknown}
    rules:
      - id: M-LARGE
        when: {headcount: {above: mean}}
        set: {duty: trained}
        wording: {zh: 高于平均人数的, en: more than the mean}
        SOURCE
    outputs:
      mean: {is: mean, unit: person, places: 1}
      most: {is: most, unit: person}
""")


def test_table_of_a_population_gives_its_mean_to_each() -> None:
    """10, 21 and 21 have a mean of 17.3, who has no number too; 5 alone has 5."""
    plan = compiled(MEANS)
    subjects = [("110105", 10), ("110105", 21), ("110102", 5), ("110105", 21), ("110105", None)]
    cases = cases_of(
        "".join(
            f"  - {{name: {number}, as_of: 2024-06-01, expect: {{}}, subject:"
            f" {{division: '{division}'{f', headcount: {count}' if count else ''}}}}}\n"
            for number, (division, count) in enumerate(subjects)
        ).replace("name: ", "name: case ")
    )
    population, as_of = case_population(cases, plan, VOCABULARY), cases[0].as_of

    setting = Setting(peers=plan.run(population, as_of).peer_tables())

    together = plan.run(population, as_of, setting=setting)
    assert together.output("mean").tolist() == [173, 173, 50, 173, 173]
    assert together.output("most").tolist() == [21, 21, 21, 21, 21]
    assert [case_results(together, n)["rules"] for n in range(5)] == [
        [],
        ["M-LARGE"],
        [],
        ["M-LARGE"],
        [],
    ]
    for position, case in enumerate(cases):
        alone = plan.run(case_population([case], plan, VOCABULARY), as_of, setting=setting)
        assert case_results(alone, 0) == case_results(together, position)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("        places: 1\n", "", "missing-places", id="no-places"),
        pytest.param("        rounding: half_up\n", "", "missing-rounding", id="no-rounding"),
        pytest.param(
            "attribute: mean", "attribute: greatest", "unknown-key", id="nothing-to-round"
        ),
        pytest.param("attribute: mean", "attribute: average", "unknown-word", id="unknown"),
        pytest.param("of: headcount\n", "of: mean\n", "cycle", id="in-a-circle"),
        pytest.param("mean, unit: person, places: 1", "mean, unit: person", "rounding", id="shown"),
    ],
)
def test_figure_says_how_it_is_rounded(old: str, new: str, code: str) -> None:
    """A mean and a median say places and rounding, the others have neither."""
    assert MEANS.replace(old, new, 1) != MEANS
    assert {one.split(":")[2] for one in problems(MEANS.replace(old, new, 1))} == {code}
