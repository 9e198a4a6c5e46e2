"""LightGBM: boosted trees for Poisson counts with exposure, monotone in every adverse feature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from services.scoring.risk.dataset import FloatColumn, RiskData, group_positions

Advance = Callable[[int], None]
"""Told how many steps of a long piece of work were done since it was told last."""

ROUNDS_MAX: Final = 600
"""House limit: trees of a model, so that its text fits into one message."""

_PATIENCE: Final = 40
_VALIDATION_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostingOptions:
    """How trees are grown.

    Attributes:
        seed: Of everything that is drawn.
        num_threads: Threads; one by default, since the number stands in the text of the model and
            its digest must not hang on the machine.
        rounds_max: Most trees.
        leaves: Most leaves of a tree.
    """

    seed: int
    num_threads: int = 1
    rounds_max: int = ROUNDS_MAX
    leaves: int = 16

    def parameters(self, data: RiskData) -> dict[str, Any]:
        """Give LightGBM's parameters."""
        return {
            "objective": "poisson",
            "monotone_constraints": [int(one.adverse) for one in data.features],
            # The finer "advanced" is not monotone: `monotone` finds falls in its trees.
            "monotone_constraints_method": "basic",
            "learning_rate": 0.04,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 50,
            "lambda_l2": 10.0,
            "feature_fraction": 0.8,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            # Keeps a single disaster from steering a tree.
            "poisson_max_delta_step": 0.7,
            "seed": self.seed,
            "num_threads": self.num_threads,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


def grow(data: RiskData, base_rate: float, options: BoostingOptions, *, advance: Advance) -> bytes:
    """Grow trees on rows; as many as serve rows of groups that were kept aside, then on all.

    Args:
        data: Rows to learn from.
        base_rate: Overall rate; the trees learn the logarithm of what differs from it.
        options: How.
        advance: Told of every tree, of both passes.

    Returns:
        The model as LightGBM's text.
    """
    rounds = _rounds(data, base_rate, options, advance=advance)
    booster = lightgbm.train(
        options.parameters(data),
        _dataset(data, base_rate),
        num_boost_round=rounds,
        callbacks=[_counting(advance)],
    )
    return str(booster.model_to_string()).encode()


class Trees:
    """Grown trees, ready to be asked."""

    def __init__(self, content: bytes, *, num_threads: int = 0) -> None:
        """Read LightGBM's text.

        Args:
            content: The text.
            num_threads: Threads of a prediction; 0 for all that there are.
        """
        self._booster = lightgbm.Booster(model_str=content.decode())
        self._options: dict[str, Any] = {"num_threads": num_threads}

    def logarithms(self, values: NDArray[np.float64]) -> FloatColumn:
        """Give for each row the logarithm of its rate over the base rate."""
        found: Any = self._booster.predict(values, raw_score=True, **self._options)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give for each row what each feature adds to that logarithm, and last what all share."""
        found: Any = self._booster.predict(values, pred_contrib=True, **self._options)
        return np.asarray(found, dtype=np.float64)

    def gains(self) -> FloatColumn:
        """Give how much each feature took off the deviance in training."""
        return np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)


# Private functions -----------------------------------------------------------


def _dataset(data: RiskData, base_rate: float, reference: Any = None) -> lightgbm.Dataset:  # noqa: ANN401 -- LightGBM's own.
    return lightgbm.Dataset(
        data.values,
        label=data.events,
        init_score=np.log(data.exposure * base_rate),
        feature_name=list(data.names),
        reference=reference,
        params={"verbosity": -1},
        free_raw_data=True,
    )


def _rounds(data: RiskData, base_rate: float, options: BoostingOptions, *, advance: Advance) -> int:
    """Find how many trees serve rows of groups that are not learned from."""
    aside = group_positions(data.groups, options.seed + 1) < _VALIDATION_SHARE
    if not data.events[aside].sum() or not data.events[~aside].sum():
        return options.rounds_max // 4
    learned = _dataset(data.rows(~aside), base_rate)
    booster = lightgbm.train(
        options.parameters(data),
        learned,
        num_boost_round=options.rounds_max,
        valid_sets=[_dataset(data.rows(aside), base_rate, learned)],
        callbacks=[
            lightgbm.early_stopping(_PATIENCE, verbose=False),
            _counting(advance),
        ],
    )
    return max(1, booster.best_iteration)


def _counting(advance: Advance) -> Callable[[Any], None]:
    def told(environment: Any) -> None:  # noqa: ANN401 -- LightGBM's own.
        del environment
        advance(1)

    return told
