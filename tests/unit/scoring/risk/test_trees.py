"""Reading LightGBM's text: the same trees as LightGBM's own, or a named refusal."""

import numpy as np
import pytest

from services.scoring.domain.risk_errors import RiskModelDamagedError
from services.scoring.risk.boosting import Trees
from services.scoring.risk.trees import Missing, Tree, leaf_of, read_trees
from tests.fakes.risk_models import plain_data, trained_plain


def output(tree: Tree, row: list[float]) -> float:
    """Walk a tree the plain way, as LightGBM documents it."""
    place = 0 if tree.nodes else -1
    while (leaf := leaf_of(place)) is None:
        node = tree.nodes[place]
        value = row[node.feature]
        if np.isnan(value):
            left = node.default_left if node.missing == Missing.NAN else node.threshold >= 0
        else:
            left = value <= node.threshold
        place = node.left if left else node.right
    return tree.leaves[leaf]


def test_trees_are_those_that_predict() -> None:
    """Walking the trees that were read gives what LightGBM predicts, missing values included."""
    files = trained_plain().files
    values = plain_data(200, seed=3).values

    model = read_trees(files.trees)
    walked = [sum(output(tree, row) for tree in model.trees) for row in values.tolist()]

    assert model.feature_names == ("violations", "accidents", "age")
    assert model.objective == "poisson"
    assert np.isnan(values).any()
    np.testing.assert_allclose(walked, Trees(files.trees).logarithms(values), atol=1e-9)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"Tree=0\n", b"Tree=9\n", id="no-first-tree"),
        pytest.param(b"Tree=1\n", b"Tree=2\n", id="a-tree-is-missing"),
        pytest.param(b"end of trees", b"end", id="cut-off"),
        pytest.param(b"leaf_value=", b"leaf=", id="no-leaves"),
        pytest.param(b"num_leaves=6", b"num_leaves=7", id="a-leaf-is-missing"),
        pytest.param(b"objective=poisson\n", b"", id="no-objective"),
        pytest.param(
            b"num_tree_per_iteration=1", b"num_tree_per_iteration=3", id="several-classes"
        ),
        pytest.param(b"label_index=0", b"average_output", id="a-mean-and-no-sum"),
        pytest.param(b"tree\n", b"\xff\xfe\n", id="no-text"),
    ],
)
def test_a_damaged_text_is_refused(old: bytes, new: bytes) -> None:
    """Whatever is missing or broken, the model is refused by name."""
    text = trained_plain().files.trees
    assert old in text

    with pytest.raises(RiskModelDamagedError):
        read_trees(text.replace(old, new, 1))


def test_a_tree_that_is_no_tree_is_refused() -> None:
    """A child that hangs in two places, or a circle, is no tree."""
    text = trained_plain().files.trees
    start = text.index(b"left_child=") + len(b"left_child=")
    end = text.index(b"\n", start)
    circle = b" ".join([b"0"] * len(text[start:end].split()))

    with pytest.raises(RiskModelDamagedError):
        read_trees(text[:start] + circle + text[end:])
