"""The trees of a LightGBM text model, read from the text itself and not through LightGBM.

So what is checked is what is kept, and checking needs nothing but NumPy.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.scoring.domain.risk_errors import RiskModelDamagedError

_HEAD_END: Final = "Tree=0"
_TREES_END: Final = "end of trees"
_TREE: Final = re.compile(r"^Tree=(\d+)$", re.MULTILINE)
_MISSING_SHIFT: Final = 2
_MISSING_MASK: Final = 3


class Missing:
    """What a split does with missing values; the numbers are LightGBM's."""

    NONE: Final = 0
    ZERO: Final = 1
    NAN: Final = 2


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One split.

    Attributes:
        feature: Position of the feature.
        threshold: Values up to it go left.
        categorical: Whether it splits by sets of codes instead.
        default_left: Where missing values go.
        missing: What counts as missing, see `Missing`.
        left: Position of the left child; below zero a leaf, see `leaf_of`.
        right: Position of the right child, likewise.
    """

    feature: int
    threshold: float
    categorical: bool
    default_left: bool
    missing: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree; one without splits is a single leaf.

    Attributes:
        nodes: Splits; the first is the root.
        leaves: Outputs of the leaves.
        linear: Whether leaves hold linear models instead of numbers.
    """

    nodes: tuple[TreeNode, ...]
    leaves: tuple[float, ...]
    linear: bool


@dataclass(frozen=True, slots=True)
class TreeModel:
    """A LightGBM model as far as its predictions go.

    Attributes:
        feature_names: Names of the features, in the order of the columns.
        objective: What it was trained for.
        trees: Its trees; a prediction is the sum of their outputs.
    """

    feature_names: tuple[str, ...]
    objective: str
    trees: tuple[Tree, ...]


def leaf_of(child: int) -> int | None:
    """Give the leaf that a child stands for; none if it is a split."""
    return ~child if child < 0 else None


def read_trees(content: bytes) -> TreeModel:
    """Read a text model.

    Raises:
        RiskModelDamagedError: It is none, or a part of it is missing.
    """
    try:
        text = content.decode("utf-8")
        head, body = text[: text.index(_HEAD_END)], text[text.index(_HEAD_END) :]
        pairs = _pairs(head)
        trees = tuple(_trees(body[: body.index(_TREES_END)]))
        model = TreeModel(tuple(pairs["feature_names"].split(" ")), pairs["objective"], trees)
    except (ValueError, KeyError, IndexError) as error:
        raise RiskModelDamagedError(
            "the text of the trees cannot be read; train or copy the model again"
        ) from error
    if pairs.get("num_tree_per_iteration") != "1" or "average_output" in head.splitlines():
        raise RiskModelDamagedError("the trees are not those of one sum for each row")
    return model


# Private functions -----------------------------------------------------------


def _pairs(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _trees(text: str) -> Iterator[Tree]:
    starts = list(_TREE.finditer(text))
    ends = [*(one.start() for one in starts[1:]), len(text)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if int(start[1]) != number:
            raise ValueError("a tree is missing")
        yield _tree(_pairs(text[start.end() : end]))


def _tree(pairs: Mapping[str, str]) -> Tree:
    leaves = tuple(map(float, pairs["leaf_value"].split()))
    linear = pairs.get("is_linear", "0") != "0"
    if int(pairs["num_leaves"]) != len(leaves):
        raise ValueError("a leaf is missing")
    if len(leaves) == 1:
        return Tree((), leaves, linear)
    columns = [
        list(map(int, pairs[name].split()))
        for name in ("split_feature", "decision_type", "left_child", "right_child")
    ]
    thresholds = map(float, pairs["threshold"].split())
    nodes = tuple(
        TreeNode(
            feature=feature,
            threshold=threshold,
            categorical=bool(decision & 1),
            default_left=bool(decision & 2),
            missing=decision >> _MISSING_SHIFT & _MISSING_MASK,
            left=left,
            right=right,
        )
        for feature, decision, left, right, threshold in zip(*columns, thresholds, strict=True)
    )
    return _whole(Tree(nodes, leaves, linear))


def _whole(tree: Tree) -> Tree:
    """Make sure that every split and every leaf hangs in the tree exactly once."""
    children = sorted(child for node in tree.nodes for child in (node.left, node.right))
    expected = [*range(-len(tree.leaves), 0), *range(1, len(tree.nodes))]
    if children != expected:
        raise ValueError("the tree is no tree")
    return tree
