"""Training: the same bytes from the same rows, and what it refuses."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.training import EVENTS_MIN, credibility_events, train
from tests.fakes.risk_models import nothing, options, plain_data, trained_plain


def data_with(events: NDArray[np.float64]) -> RiskData:
    """Give the plain rows with other events."""
    data = plain_data()
    data.events[:] = events
    return data


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    """Manifest, trees and baseline: all of them, byte for byte."""
    again = train(plain_data(), options(), advance=nothing)
    other = train(plain_data(), options(seed=2), advance=nothing)

    assert again.files == trained_plain().files
    assert other.files.trees != again.files.trees


def test_other_rows_have_another_digest() -> None:
    """One event more is other data."""
    data = plain_data()
    digest = data.digest()

    data.events[0] += 1

    assert data.digest() != digest


@pytest.mark.parametrize("events", [pytest.param(19, id="19"), pytest.param(20, id="20")])
def test_too_few_events_are_refused(events: int) -> None:
    """Nineteen events teach nothing; with twenty a model is made."""
    happened = np.zeros(plain_data().size)
    happened[:events] = 1.0
    data = data_with(happened)

    if events >= EVENTS_MIN:
        assert train(data, options(), advance=nothing).model.summary.events == events
        return
    with pytest.raises(RiskDataTooFewError) as error:
        train(data, options(), advance=nothing)
    assert error.value.facts["events"] == "19"


def test_exposure_counts() -> None:
    """Twice the exposure for the same events is half the base rate."""
    data = plain_data()
    base_rate = trained_plain().model.summary.base_rate

    assert base_rate == pytest.approx(data.events.sum() / data.exposure.sum())


def test_contributions_add_up_to_the_prediction() -> None:
    """What the features add, with what all share, is the logarithm of the relativity."""
    model, data = trained_plain().model, plain_data(100, seed=4)

    added = model.contributions(data.values)

    np.testing.assert_allclose(added.sum(axis=1), model.logarithms(data.values), atol=1e-9)


def test_more_of_what_is_adverse_never_lowers_the_rate() -> None:
    """The check of the trees says so; here it is looked at once from outside."""
    model, data = trained_plain().model, plain_data(300, seed=6)

    for column in (0, 1):
        for more in (1.0, 3.0, 50.0):
            worse = data.values.copy()
            worse[:, column] += more
            assert (model.rates(worse) >= model.rates(data.values)).all()


def test_credibility_falls_with_what_chance_alone_explains() -> None:
    """Groups that differ by chance alone are never believed; groups that differ are."""
    data = plain_data()
    chance = np.random.default_rng(1).poisson(np.full(data.size, 5.0)).astype(float)
    different = np.where(data.groups % 2 == 0, 2.0, 8.0)

    by_chance = credibility_events(data_with(chance), np.full(data.size, 5.0))
    by_nature = credibility_events(data_with(different), np.full(data.size, 5.0))

    assert by_chance == 100.0
    # Relative risks of 0.4 and 1.6 have a variance of 0.36; chance takes 1/20 off here.
    assert by_nature == pytest.approx(1 / (0.36 - 1 / 20), rel=0.01)
