"""One trial from rows to report: split, train, compare, write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.baseline import ClassRates, RateCurve
from services.scoring.risk.boosting import BoostingOptions
from services.scoring.risk.bundle import write_files
from services.scoring.risk.dataset import FloatColumn, RiskData, split_rows
from services.scoring.risk.evaluation import (
    BASELINE,
    CONSTANT,
    MODEL,
    Evaluation,
    evaluate_rates,
)
from services.scoring.risk.plots import draw_plots
from services.scoring.risk.reader import RiskModel
from services.scoring.risk.report import Report, write_report
from services.scoring.risk.training import Trained, TrainingOptions, train

HELD_OUT_DEFAULT: Final = 0.3
"""House decision: share of the groups that are never learned from."""

Advance = Callable[[str, int], None]
"""Told which piece of work went on, and by how many steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOptions:
    """How a model is trained and tried.

    Attributes:
        name: What the model is for.
        title: Title of the report.
        train_until: Last year of the training periods.
        held_out_share: Share of the groups that are never learned from.
        replicates: Draws behind the intervals.
        boosting: How trees are grown.
        knowledge: Which rule told what was known then.
    """

    name: str
    title: str
    train_until: int
    held_out_share: float = HELD_OUT_DEFAULT
    replicates: int
    boosting: BoostingOptions
    knowledge: str = "as the data file gives it"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial gave.

    Attributes:
        trained: The model with its files.
        evaluations: By the name of the rows they were tried on; the first is the strict one.
    """

    trained: Trained
    evaluations: Mapping[str, Evaluation]


def try_model(
    data: RiskData, options: TrialOptions, *, given: Trained | None = None, advance: Advance
) -> Trial:
    """Train on earlier periods and try on later ones.

    Args:
        data: The rows.
        options: How.
        given: A model that was trained before, with the same split; none to train one.
        advance: Told of every tree and every draw.

    Raises:
        RiskDataTooFewError: A side of the split is empty, or has too few events.
        RiskModelNotMonotoneError: LightGBM did not keep its constraints.
    """
    split = split_rows(
        data,
        train_until=options.train_until,
        held_out_share=options.held_out_share,
        seed=options.boosting.seed,
    )
    if not split.train.any() or not split.test.any():
        raise RiskDataTooFewError(
            f"the years are {data.periods.min()}–{data.periods.max()}: with training until"
            f" {options.train_until} one side is empty; name another year",
            train_until=options.train_until,
            first=int(data.periods.min()),
            last=int(data.periods.max()),
        )
    learned, tested = data.rows(split.train), data.rows(split.test)
    trained = given or train(
        learned, _training_options(data, options), advance=lambda n: advance("training", n)
    )
    ways = _Ways(learned, trained.model)
    strict, rest = _names_of(data, options)
    evaluations = {
        strict: _tried(tested, ways, options, what=f"trying on {strict}", advance=advance)
    }
    if split.later.sum() > split.test.sum():
        later = data.rows(split.later)
        evaluations[rest] = _tried(later, ways, options, what=f"trying on {rest}", advance=advance)
    return Trial(trained, evaluations)


def write_trial(folder: Path, data: RiskData, trial: Trial, *, title: str) -> None:
    """Write the model's files into ``model``, and the report beside them."""
    write_files(folder / "model", trial.trained.files)
    first = next(iter(trial.evaluations.values()))
    write_report(
        folder,
        Report(
            title=title,
            model=trial.trained.model,
            evaluations=trial.evaluations,
            notes=data.limits,
            source=data.source,
            plots=draw_plots(first, trial.trained.model),
        ),
    )


# Private functions -----------------------------------------------------------


class _Ways:
    """Every way of rating, fitted to the rows of training alone."""

    def __init__(self, learned: RiskData, model: RiskModel) -> None:
        self._model = model
        self._base = float(learned.events.sum() / learned.exposure.sum())
        self._curves = {
            name: RateCurve(column, learned) for name, column in learned.comparators.items()
        }
        self._classes = {
            name: ClassRates(column, learned) for name, column in learned.classes.items()
        }

    def rates(self, data: RiskData) -> dict[str, FloatColumn]:
        return {
            MODEL: self._model.rates(data.values),
            BASELINE: self._model.linear.rates(data.values),
            **{name: one.rates(data.comparators[name]) for name, one in self._curves.items()},
            **{name: one.rates(data.classes[name]) for name, one in self._classes.items()},
            CONSTANT: np.full(data.size, self._base),
        }


def _training_options(data: RiskData, options: TrialOptions) -> TrainingOptions:
    more: dict[str, Any] = {
        "split": {
            "train_until": options.train_until,
            "held_out_share": options.held_out_share if data.grouped else 0.0,
        }
    }
    return TrainingOptions(
        name=options.name, boosting=options.boosting, knowledge=options.knowledge, more=more
    )


def _names_of(data: RiskData, options: TrialOptions) -> tuple[str, str]:
    first, last = options.train_until + 1, int(data.periods.max())
    years = f"{first}" if first == last else f"{first}–{last}"
    if not data.grouped or options.held_out_share == 0:
        return f"{years}, all rows", ""
    return (
        f"{years}, groups never learned from",
        f"{years}, all groups, as a model in use meets them",
    )


def _tried(
    data: RiskData, ways: _Ways, options: TrialOptions, *, what: str, advance: Advance
) -> Evaluation:
    return evaluate_rates(
        data,
        ways.rates(data),
        replicates=options.replicates,
        seed=options.boosting.seed,
        advance=lambda n: advance(what, n),
    )
