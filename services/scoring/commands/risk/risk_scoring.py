"""From features to predictions: exact numbers out of a model's floating ones, rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.population import Population
from services.scoring.commands.risk.risk_ports import FeatureSet, LoadedModel
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject

ANNOUNCED: Final = "announced"
"""Rule of what was known then: a record counts from the day on which it was made public."""

RECORDED: Final = "recorded"
"""Rule of what was known then: what the store had recorded by the end of the day."""

RELATIVITY_HUNDREDTHS_MAX: Final = 100_000
"""House limit: beyond a thousand times the base rate a relativity says nothing more."""

_RATE_PLACES: Final = 9
_EXPECTED_PLACES: Final = 6
_LOG_PLACES: Final = 6
_VALUE_PLACES: Final = 4


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature adds to a prediction.

    Attributes:
        feature: Name of the feature.
        value: Its value; none where it is not known.
        amount: What it adds to the logarithm of the relativity.
        adverse: Whether the prediction never falls as it rises.
    """

    feature: str
    value: Amount | None
    amount: Amount
    adverse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model foretells of one enterprise.

    Attributes:
        subject: The enterprise.
        relativity: Rate over the base rate.
        rate: Expected events for a unit of exposure.
        expected: Expected events in the year; none where the exposure is not known.
        credibility: How far the relativity is to be believed, 0 to 1.
        contributions: The largest first; empty unless asked for.
        base_amount: What all enterprises share of the logarithm.
        log_relativity: Logarithm of the relativity; contributions and base add up to it exactly.
    """

    subject: Subject
    relativity: Amount
    rate: Amount
    expected: Amount | None
    credibility: Amount
    contributions: tuple[Contribution, ...]
    base_amount: Amount | None
    log_relativity: Amount


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model gives for a population, by position.

    Attributes:
        values: float64[n, k], the features.
        logarithms: float64[n], of the relativity.
        exposure: float64[n], of a year; 0 where it is not known.
        relativity_hundredths: int64[n].
        credibility_hundredths: int64[n], 0 to 100.
    """

    values: NDArray[np.float64]
    logarithms: NDArray[np.float64]
    exposure: NDArray[np.float64]
    relativity_hundredths: NDArray[np.int64]
    credibility_hundredths: NDArray[np.int64]


def score_population(
    model: LoadedModel, features: FeatureSet, population: Population, as_of: date
) -> Scores:
    """Ask a model about a population on a day."""
    summary = model.summary
    values = features.values(population, as_of, announced=summary.knowledge == ANNOUNCED)
    logarithms = model.logarithms(values) if population.size else np.zeros(0)
    relativities = np.clip(np.exp(logarithms) * 100.0, 1.0, RELATIVITY_HUNDREDTHS_MAX)
    known = features.experience(population, as_of) * summary.base_rate
    credibility = known / (known + summary.credibility_events)
    return Scores(
        values=values,
        logarithms=logarithms,
        exposure=features.exposure(population),
        relativity_hundredths=np.floor(relativities + 0.5).astype(np.int64),
        credibility_hundredths=np.floor(credibility * 100.0).astype(np.int64),
    )


def predictions_of(
    model: LoadedModel, scores: Scores, subjects: Sequence[Subject], *, contributions: bool
) -> list[Prediction]:
    """Give the predictions of subjects, in the order of the scores.

    Args:
        model: The model that gave the scores.
        scores: A row for each subject.
        subjects: The subjects.
        contributions: Whether to say what every feature adds.
    """
    added = model.contributions(scores.values) if contributions and subjects else None
    return [
        _prediction(model, scores, place, subject=subject, added=added)
        for place, subject in enumerate(subjects)
    ]


# Private functions -----------------------------------------------------------


def _prediction(
    model: LoadedModel,
    scores: Scores,
    place: int,
    *,
    subject: Subject,
    added: NDArray[np.float64] | None,
) -> Prediction:
    logarithm = _rounded(float(scores.logarithms[place]), _LOG_PLACES)
    rate = model.summary.base_rate * float(np.exp(scores.logarithms[place]))
    exposure = float(scores.exposure[place])
    lines = () if added is None else _contributions(model, scores.values[place], added[place])
    # What is left is shared by all: so the lines add up to the logarithm to the last digit.
    rest = logarithm.number - sum(one.amount.number for one in lines)
    return Prediction(
        subject=subject,
        relativity=Amount(int(scores.relativity_hundredths[place]), 2),
        rate=_rounded(rate, _RATE_PLACES),
        expected=_rounded(rate * exposure, _EXPECTED_PLACES) if exposure > 0 else None,
        credibility=Amount(int(scores.credibility_hundredths[place]), 2),
        contributions=lines,
        base_amount=None if added is None else Amount(rest, _LOG_PLACES),
        log_relativity=logarithm,
    )


def _contributions(
    model: LoadedModel, values: NDArray[np.float64], added: NDArray[np.float64]
) -> tuple[Contribution, ...]:
    lines = [
        Contribution(
            feature=one.name,
            value=None if np.isnan(value) else _rounded(value, _VALUE_PLACES),
            amount=_rounded(amount, _LOG_PLACES),
            adverse=one.adverse,
        )
        for one, value, amount in zip(
            model.summary.features, values.tolist(), added[:-1].tolist(), strict=True
        )
    ]
    return tuple(sorted(lines, key=lambda line: -abs(line.amount.number)))


def _rounded(number: float, places: int) -> Amount:
    return Amount(floor(number * 10**places + 0.5), places)
