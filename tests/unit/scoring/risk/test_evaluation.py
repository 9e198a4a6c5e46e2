"""Trying ways of rating: values by hand, intervals from a seed, groups drawn whole."""

import numpy as np
import pytest

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.evaluation import CONSTANT, MODEL, Evaluation, evaluate_rates
from tests.fakes.risk_models import PLAIN, nothing, plain_data


def rows(events: list[float], exposure: list[float], groups: list[int]) -> RiskData:
    """Make rows without features worth the name."""
    size = len(events)
    return RiskData(
        feature_set="plain",
        features=PLAIN,
        values=np.zeros((size, 3)),
        events=np.array(events),
        exposure=np.array(exposure),
        groups=np.array(groups),
        periods=np.full(size, 2023),
        target="",
        exposure_unit="",
        source="",
    )


def tried(data: RiskData, rates: list[float], *, seed: int = 1, replicates: int = 20) -> Evaluation:
    """Try rates beside one rate for all."""
    base = float(data.events.sum() / data.exposure.sum())
    ways = {MODEL: np.array(rates), CONSTANT: np.full(data.size, base)}
    return evaluate_rates(data, ways, replicates=replicates, seed=seed, advance=nothing)


def test_measures_are_those_of_the_rows() -> None:
    """Six events where 2·1 + 2·2 = 6 were expected; one rate for all explains nothing."""
    data = rows([1.0, 5.0], [2.0, 2.0], [1, 2])

    measures = tried(data, [1.0, 2.0]).measures

    assert measures[MODEL].calibration.value == pytest.approx(1.0)
    assert measures[MODEL].gini_rate.value == pytest.approx(1 - 2 * (1 / 24 + 7 / 24))
    assert measures[CONSTANT].explained.value == pytest.approx(0.0)
    assert measures[CONSTANT].gini_rate.value == pytest.approx(0.0)
    # Equal rates: a tenth of the exposure has a tenth of the events.
    assert measures[CONSTANT].top_share.value == pytest.approx(0.1)


def test_differences_are_those_of_the_measures() -> None:
    """Model less the other, and its interval from the same draws."""
    data = plain_data(400)
    rates = 0.1 * np.exp(0.4 * np.log1p(data.values[:, 0]))

    evaluation = tried(data, rates.tolist())
    difference = evaluation.differences[CONSTANT].gini_rate

    assert difference.value == pytest.approx(evaluation.measures[MODEL].gini_rate.value)
    assert difference.low < difference.value < difference.high


def test_a_seed_gives_the_same_intervals_again() -> None:
    """Another seed gives others."""
    data = plain_data(400)
    rates = (0.1 * np.exp(0.4 * np.log1p(data.values[:, 0]))).tolist()

    first = tried(data, rates).measures[MODEL].gini_rate
    again = tried(data, rates).measures[MODEL].gini_rate
    other = tried(data, rates, seed=2).measures[MODEL].gini_rate

    assert first == again
    assert first.value == other.value
    assert (first.low, first.high) != (other.low, other.high)


def test_groups_are_drawn_whole() -> None:
    """Rows that always come together tell less than rows that come alone."""
    data = plain_data(800)
    rates = np.full(data.size, 0.2).tolist()
    together = rows(data.events.tolist(), data.exposure.tolist(), (np.arange(800) // 40).tolist())
    alone = rows(data.events.tolist(), data.exposure.tolist(), list(range(800)))
    # Forty rows of a group share their fate here.
    together.events[:] = alone.events[:] = np.repeat([0.0, 1.0] * 10, 40)

    wide = tried(together, rates, replicates=200).measures[MODEL].calibration
    narrow = tried(alone, rates, replicates=200).measures[MODEL].calibration

    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_deciles_hold_every_row_once() -> None:
    """Rows, exposure, events and expected events of the tenths add up to the whole."""
    data = plain_data(1000)
    rates = 0.1 * np.exp(0.4 * np.log1p(data.values[:, 0] + 1e-3 * np.arange(1000)))

    deciles = tried(data, rates.tolist()).deciles[MODEL]

    assert [one.number for one in deciles] == list(range(1, 11))
    assert sum(one.rows for one in deciles) == 1000
    assert sum(one.events for one in deciles) == pytest.approx(data.events.sum())
    assert sum(one.expected for one in deciles) == pytest.approx(float(rates @ data.exposure))
    for one in deciles:
        assert one.calibration.low <= one.calibration.value <= one.calibration.high


@pytest.mark.parametrize(
    ("events", "groups"),
    [
        pytest.param([0.0, 0.0], [1, 2], id="no-event"),
        pytest.param([1.0, 1.0], [1, 1], id="one-group"),
    ],
)
def test_too_little_to_try_on_is_refused(events: list[float], groups: list[int]) -> None:
    """Without an event, or with one group alone, there is nothing to say."""
    data = rows(events, [1.0, 1.0], groups)
    ways = {MODEL: np.ones(2), CONSTANT: np.ones(2)}

    with pytest.raises(RiskDataTooFewError):
        evaluate_rates(data, ways, replicates=2, seed=1, advance=nothing)
