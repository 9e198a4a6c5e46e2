"""Whether trees really never fall when an adverse feature rises: looked up in the trees themselves.

The check is sound: what it passes is monotone for every pair of rows there can be. Two rows that
differ in one feature alone take the same way through a tree down to a split on that feature, and
from there the lower one goes left and the higher one right. So a tree is monotone in the feature if
at every split on it no output on the left is above one on the right. Where that does not hold for
the whole subtrees, as LightGBM's finer methods allow, the leaves are compared pair by pair; only
those count that two such rows can reach, whose boxes meet in every other feature. A sum of
monotone trees is monotone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf

from services.scoring.domain.risk_errors import RiskModelNotMonotoneError
from services.scoring.risk.trees import Missing, Tree, TreeModel, leaf_of


@dataclass(frozen=True, slots=True)
class Fall:
    """A place where a prediction may fall as a feature rises.

    Attributes:
        tree: Position of the tree.
        node: Position of the split in it.
        feature: Name of the feature.
        why: What is wrong there.
    """

    tree: int
    node: int
    feature: str
    why: str


def require_monotone(model: TreeModel, adverse: Iterable[str]) -> None:
    """Refuse a model whose prediction may fall when an adverse feature rises.

    Args:
        model: The trees.
        adverse: Names of the adverse features.

    Raises:
        RiskModelNotMonotoneError: Names the first place.
    """
    fall = next(find_falls(model, adverse), None)
    if fall is not None:
        raise RiskModelNotMonotoneError(
            f"{fall.why} at node {fall.node} of tree {fall.tree}, which splits on {fall.feature};"
            " train with monotone constraints on every adverse feature",
            tree=fall.tree,
            node=fall.node,
            feature=fall.feature,
        )


def find_falls(model: TreeModel, adverse: Iterable[str]) -> Iterator[Fall]:
    """Find every split at which a prediction may fall as an adverse feature rises."""
    wanted = {model.feature_names.index(name) for name in adverse if name in model.feature_names}
    for number, tree in enumerate(model.trees):
        if tree.linear:
            yield Fall(number, 0, "any", "leaves hold linear models")
            continue
        boxes = dict(_boxes(tree))
        for position, node in enumerate(tree.nodes):
            if node.feature in wanted:
                why = _fault(tree, position, boxes)
                if why:
                    yield Fall(number, position, model.feature_names[node.feature], why)


# Private functions -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Side:
    """Values of one feature that reach a place: those in ``(above, up_to]``, and missing ones."""

    above: float = -inf
    up_to: float = inf
    missing: bool = True

    def meets(self, other: "_Side") -> bool:
        """Say whether some value reaches both places."""
        both = max(self.above, other.above) < min(self.up_to, other.up_to)
        return both or (self.missing and other.missing)


_Box = Mapping[int, _Side]
"""Sides by feature; a feature that is not there takes every value."""

_EVERY = _Side()


def _fault(tree: Tree, position: int, boxes: Mapping[int, _Box]) -> str:
    """Say what is wrong with a split on an adverse feature; nothing if it never lets a sum fall."""
    node = tree.nodes[position]
    if node.categorical:
        return "codes are compared instead of numbers"
    if node.missing != Missing.NONE:
        # An adverse feature is never missing, so a split that expects that is not understood.
        return "missing values take a way of their own"
    left, right = list(_leaves(tree, node.left)), list(_leaves(tree, node.right))
    if max(tree.leaves[one] for one in left) <= min(tree.leaves[one] for one in right):
        return ""
    for low in left:
        for high in right:
            if tree.leaves[low] > tree.leaves[high] and _reachable(
                boxes[low], boxes[high], node.feature
            ):
                return f"{tree.leaves[low]} on the left is above {tree.leaves[high]} on the right"
    return ""


def _reachable(first: _Box, second: _Box, but: int) -> bool:
    """Say whether two rows that differ in one feature alone can reach both boxes."""
    return all(
        side.meets(second.get(feature, _EVERY)) for feature, side in first.items() if feature != but
    )


def _leaves(tree: Tree, child: int) -> Iterator[int]:
    stack = [child]
    while stack:
        one = stack.pop()
        leaf = leaf_of(one)
        if leaf is not None:
            yield leaf
        else:
            stack += [tree.nodes[one].left, tree.nodes[one].right]


def _boxes(tree: Tree) -> Iterator[tuple[int, _Box]]:
    """Give the box of every leaf; never smaller than it is."""
    stack: list[tuple[int, dict[int, _Side]]] = [(0 if tree.nodes else -1, {})]
    while stack:
        place, box = stack.pop()
        leaf = leaf_of(place)
        if leaf is not None:
            yield leaf, box
            continue
        node = tree.nodes[place]
        if node.categorical or node.missing == Missing.ZERO:
            # Which values go where is not followed: both children keep the whole box.
            stack += [(node.left, box), (node.right, box)]
            continue
        side = box.get(node.feature, _EVERY)
        # Without a way of their own missing values count as zero.
        to_left = node.default_left if node.missing == Missing.NAN else node.threshold >= 0
        low = replace(side, up_to=min(side.up_to, node.threshold), missing=side.missing and to_left)
        high = replace(
            side, above=max(side.above, node.threshold), missing=side.missing and not to_left
        )
        stack += [
            (node.left, {**box, node.feature: low}),
            (node.right, {**box, node.feature: high}),
        ]
