"""Training: trees and baseline from the same rows, and everything that a manifest must say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.commands.risk.risk_bins import make_bins
from services.scoring.commands.risk.risk_ports import Bins, ModelFiles, ModelSummary
from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.baseline import fit_linear
from services.scoring.risk.boosting import Advance, BoostingOptions, Trees, grow
from services.scoring.risk.dataset import FloatColumn, RiskData
from services.scoring.risk.linear import LinearModel
from services.scoring.risk.manifest import (
    LINEAR_FILE,
    TREES_FILE,
    library_versions,
    manifest_bytes,
    write_json,
)
from services.scoring.risk.monotone import require_monotone
from services.scoring.risk.reader import RiskModel
from services.scoring.risk.trees import read_trees

EVENTS_MIN: Final = 20
"""House limit: below so many events nothing is learned that could be told from chance."""

_CREDIBILITY_MIN, _CREDIBILITY_MAX = 0.5, 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """How a model is trained.

    Attributes:
        name: What the model is for.
        boosting: How trees are grown.
        knowledge: Which rule told what was known then.
        more: What else the manifest is to say, as plain values.
    """

    name: str
    boosting: BoostingOptions
    knowledge: str
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with its files."""

    model: RiskModel
    files: ModelFiles


def train(data: RiskData, options: TrainingOptions, *, advance: Advance) -> Trained:
    """Train a model on rows.

    The same rows and options give the same bytes.

    Args:
        data: Rows to learn from.
        options: How.
        advance: Told of every tree.

    Raises:
        RiskDataTooFewError: There are too few events.
        RiskModelNotMonotoneError: LightGBM did not keep its constraints.
    """
    events = int(data.events.sum())
    if events < EVENTS_MIN:
        raise RiskDataTooFewError(
            f"{events} events in {data.size} rows of training, at least {EVENTS_MIN} are needed;"
            " take in more years or more subjects",
            events=events,
            rows=data.size,
            events_min=EVENTS_MIN,
        )
    base_rate = float(data.events.sum() / data.exposure.sum())
    text = grow(data, base_rate, options.boosting, advance=advance)
    require_monotone(read_trees(text), (one.name for one in data.features if one.adverse))
    linear, trees = fit_linear(data), Trees(text, num_threads=options.boosting.num_threads)
    logarithms = trees.logarithms(data.values)
    expected = base_rate * np.exp(logarithms) * data.exposure
    summary = ModelSummary(
        name=options.name,
        digest="",
        feature_set=data.feature_set,
        features=data.features,
        base_rate=base_rate,
        credibility_events=credibility_events(data, expected),
        target=data.target,
        exposure_unit=data.exposure_unit,
        training_start=int(data.periods.min()),
        training_end=int(data.periods.max()),
        rows=data.size,
        events=events,
        data_digest=data.digest(),
        seed=options.boosting.seed,
        libraries=library_versions(),
        knowledge=options.knowledge,
        reference=_reference(data, logarithms),
    )
    return _packed(summary, linear, trees, text=text, more=_more(data, options))


def credibility_events(data: RiskData, expected: FloatColumn) -> float:
    """Give the expected events at which a group's own experience would count half.

    By the method of moments: what the counts of groups vary more than chance would have them, as a
    variance of their relative risk about the model; its reciprocal is the constant of the
    credibility formula ``E / (E + K)``.
    """
    _, places = np.unique(data.groups, return_inverse=True)
    found, wanted = np.bincount(places, data.events), np.bincount(places, expected)
    excess = float(np.sum((found - wanted) ** 2) - np.sum(wanted))
    variance = excess / float(np.sum(wanted**2))
    if variance <= 1.0 / _CREDIBILITY_MAX:
        return _CREDIBILITY_MAX
    return max(_CREDIBILITY_MIN, 1.0 / variance)


# Private functions -----------------------------------------------------------


def _reference(data: RiskData, logarithms: NDArray[np.float64]) -> dict[str, Bins]:
    bins = {name: make_bins(data.values[:, place]) for place, name in enumerate(data.names)}
    return bins | {"": make_bins(logarithms)}


def _more(data: RiskData, options: TrainingOptions) -> dict[str, Any]:
    return {
        "source": data.source,
        "source_files": dict(data.files),
        "limits": list(data.limits),
        "parameters": options.boosting.parameters(data)
        | {"rounds_max": options.boosting.rounds_max},
        **options.more,
    }


def _packed(
    summary: ModelSummary,
    linear: LinearModel,
    trees: Trees,
    *,
    text: bytes,
    more: Mapping[str, Any],
) -> Trained:
    baseline = write_json(linear.document())
    manifest = manifest_bytes(summary, {TREES_FILE: text, LINEAR_FILE: baseline}, more)
    named = replace(summary, digest=sha256(manifest).hexdigest())
    files = ModelFiles(manifest=manifest, trees=text, linear=baseline)
    return Trained(RiskModel(named, linear, trees), files)
