"""Small risk data and models trained on them, made once for all tests of a process."""

from functools import lru_cache

import numpy as np

from services.scoring.commands.risk.risk_ports import ModelFiles
from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.boosting import BoostingOptions
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.features import FEATURE_SET, FEATURES
from services.scoring.risk.reader import FileModelReader
from services.scoring.risk.training import Trained, TrainingOptions, train

PLAIN = (
    RiskFeature(name="violations", meaning="violations", adverse=True, logarithmic=True),
    RiskFeature(name="accidents", meaning="accidents", adverse=True),
    RiskFeature(name="age", meaning="age; may be missing"),
)
ROUNDS = 40


def nothing(*_: object) -> None:
    """Let nobody know how far it has come."""


def plain_data(rows: int = 3000, *, seed: int = 7) -> RiskData:
    """Draw rows whose rate rises with violations and accidents; groups have four years each."""
    generator = np.random.default_rng(seed)
    violations = generator.poisson(2.0, rows).astype(float)
    accidents = generator.poisson(0.3, rows).astype(float)
    age = np.where(generator.random(rows) < 0.2, np.nan, generator.uniform(0, 30, rows))
    exposure = generator.uniform(0.5, 2.0, rows)
    rate = 0.1 * np.exp(0.4 * np.log1p(violations) + 0.5 * accidents)
    return RiskData(
        feature_set="plain",
        features=PLAIN,
        values=np.column_stack([violations, accidents, age]),
        events=generator.poisson(rate * exposure).astype(float),
        exposure=exposure,
        groups=np.arange(rows) // 4,
        periods=2020 + np.arange(rows) % 4,
        comparators={"violations alone": violations},
        classes={"class": (violations > 2).astype(np.int64)},
        target="events in the year",
        exposure_unit="year",
        source="drawn",
    )


def options(*, seed: int = 1, name: str = "plain") -> TrainingOptions:
    """Give options of a training that takes no time."""
    return TrainingOptions(
        name=name,
        boosting=BoostingOptions(seed=seed, num_threads=1, rounds_max=ROUNDS, leaves=6),
        knowledge="recorded",
        more={"split": {"train_until": 2022, "held_out_share": 0.3}},
    )


@lru_cache
def trained_plain() -> Trained:
    """Give a small model of three features."""
    return train(plain_data(), options(), advance=nothing)


@lru_cache
def trained_enterprise(seed: int = 1) -> Trained:
    """Give a small model of the features of enterprises; another seed gives another model."""
    generator = np.random.default_rng(seed)
    rows = 3000
    columns = [
        generator.poisson(1.5, rows).astype(float)
        if one.adverse
        else generator.integers(0, 2, rows).astype(float)
        for one in FEATURES
    ]
    names = [one.name for one in FEATURES]
    headcount = generator.integers(5, 500, rows).astype(float)
    columns[names.index("headcount")] = headcount
    columns[names.index("age_years")] = generator.uniform(0, 30, rows)
    rate = 0.002 * np.exp(
        0.5 * np.log1p(columns[names.index("violations_12m")])
        + 0.5 * columns[names.index("accidents_12m")]
    )
    data = RiskData(
        feature_set=FEATURE_SET,
        features=FEATURES,
        values=np.column_stack(columns),
        events=generator.poisson(rate * headcount).astype(float),
        exposure=headcount,
        groups=np.arange(rows) // 2,
        periods=2022 + np.arange(rows) % 2,
        target="accidents in the year after the day",
        exposure_unit="person-year",
        source="drawn",
    )
    return train(data, options(seed=seed, name="accident-frequency"), advance=nothing)


def plain_reader() -> FileModelReader:
    """Read models of the three features."""
    return FileModelReader({"plain": PLAIN}, num_threads=1)


def changed(files: ModelFiles, **parts: bytes) -> ModelFiles:
    """Give files of which some are others."""
    whole = {"manifest": files.manifest, "trees": files.trees, "linear": files.linear}
    return ModelFiles(**{**whole, **parts})
