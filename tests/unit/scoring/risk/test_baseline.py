"""The readable baseline, and the simple ways of rating that a model must beat."""

import json

import numpy as np
import pytest

from services.scoring.risk.baseline import ClassRates, RateCurve, fit_linear
from services.scoring.risk.linear import LinearModel, transformed
from services.scoring.risk.manifest import write_json
from tests.fakes.risk_models import PLAIN, plain_data


def test_the_baseline_finds_what_was_drawn() -> None:
    """The rows were drawn with 0.4 for the logarithm of violations and 0.5 for accidents."""
    model = fit_linear(plain_data(20_000))

    weights = model.weights / model.spreads
    assert weights[0] == pytest.approx(0.4, abs=0.05)
    assert weights[1] == pytest.approx(0.5, abs=0.05)
    assert weights[2] == pytest.approx(0.0, abs=0.01)
    assert model.falling() == ()


def test_its_level_is_right_where_it_learned() -> None:
    """Expected events add up to what happened, exposure counted."""
    data = plain_data()

    expected = float(fit_linear(data).rates(data.values) @ data.exposure)

    assert expected == pytest.approx(float(data.events.sum()), rel=0.01)


def test_it_is_read_as_it_was_written() -> None:
    """JSON holds every digit."""
    data = plain_data()
    model = fit_linear(data)

    again = LinearModel.of(json.loads(write_json(model.document())), PLAIN)

    np.testing.assert_array_equal(again.rates(data.values), model.rates(data.values))


def test_a_missing_value_stands_at_the_centre() -> None:
    """Nothing known is neither good nor bad."""
    model = fit_linear(plain_data())
    missing, centre = np.array([[1.0, 0.0, np.nan]]), np.array([[1.0, 0.0, model.centres[2]]])

    assert model.rates(missing) == pytest.approx(model.rates(centre))


def test_logarithms_are_taken_where_they_are_meant() -> None:
    """Of the value and one: zero stays zero."""
    columns = transformed(np.array([[0.0, 2.0, 3.0], [np.e - 1, 2.0, np.nan]]), PLAIN)

    assert columns[:, 0].tolist() == pytest.approx([0.0, 1.0])
    assert columns[0, 1:].tolist() == [2.0, 3.0]


def test_a_curve_rises_with_its_measure() -> None:
    """Violations alone tell something here."""
    data = plain_data()

    rates = RateCurve(data.values[:, 0], data).rates(np.array([0.0, 1.0, 10.0]))

    assert (np.diff(rates) > 0).all()


def test_a_class_is_believed_by_its_experience() -> None:
    """Class 1: 10 expected of 10, 30 came: (30+10)/(10+10) = 2; an unknown class gets the mean."""
    data = plain_data(40)
    data.exposure[:] = 1.0
    data.events[:] = np.where(np.arange(40) < 10, 3.0, 1 / 3)
    classes = (np.arange(40) < 10).astype(np.int64)

    rates = ClassRates(classes, data).rates(np.array([1, 0, 9]))

    # 40 events in 40 rows are 1 a row; class 0 had 10 of 30 expected: (10+10)/(30+10) = 0.5.
    assert rates.tolist() == pytest.approx([2.0, 0.5, 1.0])
