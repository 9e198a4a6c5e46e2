"""The risk model against LightGBM itself: scoring of a million rows, training on 360,000."""

from collections.abc import Iterator
from time import perf_counter
from typing import Final

import lightgbm
import numpy as np

from services.scoring.risk.boosting import BoostingOptions
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.features import FEATURE_SET, FEATURES
from services.scoring.risk.reader import FileModelReader
from services.scoring.risk.training import Trained, TrainingOptions, train

_TRAINING_ROWS: Final = 360_000
_SCORED_ROWS: Final = 1_000_000
_ROUNDS: Final = 3
_TRAINING_SECONDS_MAX: Final = 60
_RATIO_MAX: Final = 1.5


def run() -> Iterator[str]:
    """Measure, and give the lines of the report."""
    start = perf_counter()
    data = _rows(_TRAINING_ROWS, seed=1)
    drawn = perf_counter() - start
    start = perf_counter()
    trained = _trained(data)
    seconds = perf_counter() - start
    yield (
        f"risk: training on {_TRAINING_ROWS:,} rows of {len(FEATURES)} features, choice of the"
        f" number of trees, baseline and check of the trees included: {seconds:.1f} s (at most"
        f" {_TRAINING_SECONDS_MAX}; drawing the rows {drawn:.1f} s)"
    )
    yield from _scored(trained)


# Private functions -----------------------------------------------------------


def _rows(rows: int, *, seed: int) -> RiskData:
    generator = np.random.default_rng(seed)
    columns = {
        one.name: generator.poisson(0.7, rows).astype(np.float64)
        if one.adverse
        else generator.integers(0, 2, rows).astype(np.float64)
        for one in FEATURES
    }
    columns["headcount"] = np.exp(generator.normal(3.5, 1.2, rows)).round() + 1
    columns["age_years"] = generator.uniform(0, 40, rows)
    columns["fines_36m"] = np.where(
        columns["penalties_36m"] > 0, np.exp(generator.normal(10, 1, rows)), 0.0
    )
    logarithm = (
        0.4 * np.log1p(columns["violations_12m"])
        + 0.5 * np.log1p(columns["accidents_36m"])
        + 0.3 * columns["industry_construction"]
        - 0.1 * np.log(columns["headcount"])
    )
    return RiskData(
        feature_set=FEATURE_SET,
        features=FEATURES,
        values=np.column_stack([columns[one.name] for one in FEATURES]),
        events=generator.poisson(0.001 * np.exp(logarithm) * columns["headcount"]).astype(
            np.float64
        ),
        exposure=columns["headcount"],
        groups=np.arange(rows) // 3,
        periods=2022 + np.arange(rows) % 3,
        target="accidents",
        exposure_unit="person-year",
        source="drawn",
    )


def _trained(data: RiskData) -> Trained:
    options = TrainingOptions(
        name="benchmark",
        boosting=BoostingOptions(seed=1),
        knowledge="drawn",
        more={},
    )
    return train(data, options, advance=lambda _: None)


def _scored(trained: Trained) -> Iterator[str]:
    """Score through the checked model and through LightGBM's own batch predict, by turns."""
    model = FileModelReader({FEATURE_SET: FEATURES}, num_threads=2).loaded(trained.files)
    theirs = lightgbm.Booster(model_str=trained.files.trees.decode())
    values = _rows(_SCORED_ROWS, seed=2).values
    base = model.summary.base_rate
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(_ROUNDS):
        start = perf_counter()
        rates = model.rates(values)
        times["ours"].append(perf_counter() - start)
        start = perf_counter()
        expected = theirs.predict(values, num_threads=2)
        times["theirs"].append(perf_counter() - start)
        assert np.allclose(rates, base * np.asarray(expected)), "both ways must agree"
    ours, own = min(times["ours"]), min(times["theirs"])
    trees = theirs.num_trees()
    yield (
        f"risk: scoring {_SCORED_ROWS:,} rows by {trees} trees: {ours:.2f} s; LightGBM's own batch"
        f" predict {own:.2f} s; ratio {ours / own:.2f} (at most {_RATIO_MAX})"
    )
