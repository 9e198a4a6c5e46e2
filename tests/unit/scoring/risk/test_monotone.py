"""The check of the trees: sound, exact for a tree, and not fooled by LightGBM's own flag."""

from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.risk_errors import RiskModelNotMonotoneError
from services.scoring.risk.monotone import find_falls, require_monotone
from services.scoring.risk.trees import Missing, Tree, TreeModel, TreeNode, read_trees
from tests.fakes.risk_models import PLAIN, trained_plain

NAMES = ("a", "b", "c", "d", "e")


def grown(**parameters: Any) -> TreeModel:  # noqa: ANN401 -- LightGBM's own parameters.
    """Grow trees on rows whose rate falls with ``b`` where ``c`` is high."""
    generator = np.random.default_rng(0)
    values = generator.poisson(2.0, (5000, 5)).astype(float)
    values[:, 4] = np.where(generator.random(5000) < 0.3, np.nan, generator.normal(size=5000))
    rate = np.exp(-1 + 0.1 * values[:, 0] - 0.1 * values[:, 1] * (values[:, 2] > 2))
    booster = lightgbm.train(
        {
            "objective": "poisson",
            "verbosity": -1,
            "seed": 1,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            **parameters,
        },
        lightgbm.Dataset(values, generator.poisson(rate), feature_name=list(NAMES)),
        20,
    )
    return read_trees(booster.model_to_string().encode())


def split(feature: int, threshold: float, left: int, right: int, **more: Any) -> TreeNode:  # noqa: ANN401 -- fields of a node.
    """Make a split."""
    fields = {"categorical": False, "default_left": False, "missing": Missing.NONE, **more}
    return TreeNode(feature=feature, threshold=threshold, left=left, right=right, **fields)


def model(*nodes: TreeNode, leaves: tuple[float, ...], linear: bool = False) -> TreeModel:
    """Make a model of one tree over the features ``x`` and ``y``."""
    return TreeModel(("x", "y"), "poisson", (Tree(nodes, leaves, linear),))


@pytest.mark.parametrize("method", ["basic", "intermediate"])
def test_trees_that_were_held_to_rise_pass(method: str) -> None:
    """LightGBM's two plainer methods keep their word."""
    trees = grown(monotone_constraints=[1, 1, 1, 1, 0], monotone_constraints_method=method)

    require_monotone(trees, NAMES[:4])
    assert list(find_falls(trees, NAMES[:4])) == []


def test_the_flag_alone_is_not_trusted() -> None:
    """LightGBM's finest method sets the same flag, and its trees fall all the same."""
    trees = grown(monotone_constraints=[1, 1, 1, 1, 0], monotone_constraints_method="advanced")

    with pytest.raises(RiskModelNotMonotoneError):
        require_monotone(trees, NAMES[:4])


def test_a_model_without_constraints_is_refused() -> None:
    """The refusal names the tree, the split and the feature."""
    with pytest.raises(RiskModelNotMonotoneError) as error:
        require_monotone(grown(), ["b"])

    assert error.value.facts["feature"] == "b"
    assert set(error.value.facts) == {"tree", "node", "feature"}


def test_what_is_not_adverse_may_fall() -> None:
    """Only adverse features are looked at."""
    trees = model(split(0, 1.0, -1, -2), leaves=(2.0, 1.0))

    assert list(find_falls(trees, ["y"])) == []
    assert [fall.feature for fall in find_falls(trees, ["x"])] == ["x"]


def test_equal_outputs_do_not_fall() -> None:
    """A prediction that stays is monotone."""
    trees = model(split(0, 1.0, -1, -2), leaves=(1.0, 1.0))

    assert list(find_falls(trees, ["x"])) == []


def test_leaves_that_no_two_rows_can_reach_do_not_count() -> None:
    """Left of x the tree splits on y at 5, right of x at 5 too: low and high y never meet."""
    trees = model(
        split(0, 1.0, 1, 2),
        split(1, 5.0, -1, -2),
        split(1, 5.0, -3, -4),
        leaves=(0.0, 10.0, 1.0, 11.0),
    )

    # The greatest output on the left, 10, is above the least on the right, 1; both need another y.
    assert list(find_falls(trees, ["x"])) == []


def test_leaves_that_two_rows_can_reach_count() -> None:
    """With the split on y at 6 on the right, a row with y in (5, 6] falls from 10 to 1."""
    trees = model(
        split(0, 1.0, 1, 2),
        split(1, 5.0, -1, -2),
        split(1, 6.0, -3, -4),
        leaves=(0.0, 10.0, 1.0, 11.0),
    )

    assert [(fall.node, fall.feature) for fall in find_falls(trees, ["x"])] == [(0, "x")]


def test_missing_values_of_other_features_can_meet() -> None:
    """The boxes of y do not meet, but a row without y goes left here and there: from 5 to 1."""
    trees = model(
        split(0, 1.0, 1, 2),
        split(1, 5.0, -1, -2, missing=Missing.NAN, default_left=False),
        split(1, 5.0, -3, -4, missing=Missing.NAN, default_left=True),
        leaves=(0.0, 5.0, 1.0, 6.0),
    )

    assert [fall.node for fall in find_falls(trees, ["x"])] == [0]


@pytest.mark.parametrize(
    ("trees", "why"),
    [
        pytest.param(
            model(split(0, 1.0, -1, -2, categorical=True), leaves=(0.0, 1.0)), "codes", id="codes"
        ),
        pytest.param(
            model(split(0, 1.0, -1, -2, missing=Missing.NAN), leaves=(0.0, 1.0)),
            "missing",
            id="missing-values",
        ),
        pytest.param(
            model(split(0, 1.0, -1, -2, missing=Missing.ZERO), leaves=(0.0, 1.0)),
            "missing",
            id="zero-as-missing",
        ),
        pytest.param(
            model(split(1, 1.0, -1, -2), leaves=(0.0, 1.0), linear=True), "linear", id="linear"
        ),
    ],
)
def test_what_cannot_be_told_is_refused(trees: TreeModel, why: str) -> None:
    """Splits that order nothing, and leaves that are no numbers, are no proof."""
    (fall,) = find_falls(trees, ["x"])

    assert why in fall.why


@settings(max_examples=60)
@given(
    st.lists(st.floats(-2, 2), min_size=4, max_size=4),
    st.floats(0, 4),
    st.floats(0, 4),
    st.floats(0, 4),
)
def test_the_check_is_right_about_every_small_tree(
    leaves: list[float], first: float, second: float, third: float
) -> None:
    """A tree passes if and only if no pair of rows on a fine grid falls."""
    nodes = (split(0, first, 1, 2), split(1, second, -1, -2), split(0, third, -3, -4))
    trees = model(*nodes, leaves=(leaves[0], leaves[1], leaves[2], leaves[3]))
    edges = sorted({first, second, third})
    points = [-1.0, *(point for edge in edges for point in (edge, edge + 1e-6)), 9.0]

    def output(x: float, y: float) -> float:
        if x <= first:
            return leaves[0] if y <= second else leaves[1]
        return leaves[2] if x <= third else leaves[3]

    falls = any(
        output(high, y) < output(low, y)
        for y in points
        for low in points
        for high in points
        # A leaf that no row reaches may hold anything; the check may refuse it all the same.
        if low <= high
    )
    if falls:
        assert list(find_falls(trees, ["x"]))
    elif third > first:
        assert list(find_falls(trees, ["x"])) == []


def test_what_training_gives_is_monotone() -> None:
    """The project's own training passes its own check."""
    adverse = [one.name for one in PLAIN if one.adverse]

    trees = read_trees(trained_plain().files.trees)

    assert list(find_falls(trees, adverse)) == []
