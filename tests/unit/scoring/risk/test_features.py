"""Features of enterprises: which records count on a day, and that worse ones never lower a rate."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.vocabulary import Vocabulary
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.risk.features import FEATURES, EnterpriseFeatures
from services.scoring.risk.reader import RiskModel
from services.scoring.store.policies import load_vocabulary
from tests.fakes.clock import FixedClock
from tests.fakes.risk_models import trained_enterprise
from tests.fakes.scoring_policies import POLICIES
from tests.fakes.scoring_store import FakeStore

DAY = date(2025, 6, 1)
VOCABULARY: Vocabulary = load_vocabulary(POLICIES)
READ = EnterpriseFeatures(VOCABULARY.code_numbers)


def store_with(*records: tuple[str, date, dict[str, Any]], **profile: Any) -> tuple[FakeStore, int]:  # noqa: ANN401 -- as the tables have it.
    """Make a store with one enterprise and its records."""
    store = FakeStore(VOCABULARY, FixedClock())
    number = store.enterprise(**profile)
    for kind, day, body in records:
        store.record(kind, number, day, **body)
    return store, number


def features(store: FakeStore, number: int, *, announced: bool = False) -> dict[str, float]:
    """Read the features of an enterprise on the day, by name."""
    at = Viewpoint(store.point().revision, DAY)
    with store.read() as reading:
        subjects = [reading.by_number([number], at)[number]]
        population = reading.population(subjects, READ.needs, at)
    row = READ.values(population, DAY, announced=announced)[0].tolist()
    return {one.name: value for one, value in zip(FEATURES, row, strict=True)}


def of(*records: tuple[str, date, dict[str, Any]], announced: bool = False) -> dict[str, float]:
    """Read the features of an enterprise with these records."""
    return features(*store_with(*records), announced=announced)


@pytest.mark.parametrize(
    ("day", "year", "three"),
    [
        pytest.param(date(2025, 6, 1), 1, 1, id="the-day-itself"),
        pytest.param(date(2025, 6, 2), 0, 0, id="tomorrow"),
        pytest.param(date(2024, 6, 2), 1, 1, id="a-year-less-a-day"),
        pytest.param(date(2024, 6, 1), 0, 1, id="a-year"),
        pytest.param(date(2022, 6, 2), 0, 1, id="three-years-less-a-day"),
        pytest.param(date(2022, 6, 1), 0, 0, id="three-years"),
    ],
)
def test_windows_end_where_those_of_the_policies_do(day: date, year: int, three: int) -> None:
    """12 and 36 months back from the day, that day included."""
    found = of(("violation", day, {}), ("accident", day, {"deaths": 2}), ("penalty", day, {}))

    for kind in ("violations", "accidents", "penalties"):
        assert (found[f"{kind}_12m"], found[f"{kind}_36m"]) == (year, three)
    assert found["deaths_36m"] == 2 * three


def test_every_kind_is_counted_by_what_it_says() -> None:
    """Serious, major, confirmed and fined are told apart from the rest."""
    day = date(2025, 1, 1)

    found = of(
        ("violation", day, {"severity": 3}),
        ("violation", day, {"severity": 1}),
        ("penalty", day, {"fine_fen": 30_000_00}),
        ("hazard", day, {"level": 2}),
        ("hazard", day, {"level": 1}),
        ("report", day, {"finding": 1}),
        ("report", day, {"finding": 2}),
        ("inspection", day, {}),
    )

    assert (found["violations_12m"], found["serious_violations_36m"]) == (2, 1)
    assert found["fines_36m"] == 30_000
    assert (found["hazards_36m"], found["major_hazards_36m"]) == (2, 1)
    assert found["reports_36m"] == 1
    assert found["inspections_12m"] == 1
    assert (found["open_violations"], found["open_hazards"]) == (2, 2)


def test_what_was_rectified_by_the_day_is_not_open() -> None:
    """Accepted on the day itself is closed; accepted tomorrow is open still."""
    store, number = store_with()
    first = store.record("violation", number, date(2025, 1, 1))
    second = store.record("violation", number, date(2025, 1, 1))
    store.record("rectification", number, DAY, outcome=3, target_record_id=first)
    store.record("rectification", number, date(2025, 6, 2), outcome=3, target_record_id=second)

    found = features(store, number)

    assert (found["violations_12m"], found["open_violations"]) == (2, 1)


def test_a_record_that_was_not_made_public_yet_counts_only_by_the_other_rule() -> None:
    """By the rule "announced" the day of publication decides; without one, the day itself."""
    late = ("penalty", date(2025, 3, 1), {"publish_date": date(2025, 6, 2)})
    early = ("penalty", date(2025, 3, 1), {"publish_date": DAY})
    silent: tuple[str, date, dict[str, Any]] = ("penalty", date(2025, 3, 1), {})

    recorded = of(late, early, silent)
    announced = of(late, early, silent, announced=True)

    assert recorded["penalties_12m"] == 3
    assert announced["penalties_12m"] == 2


def test_the_profile_says_how_big_how_old_and_what() -> None:
    """Chemicals are manufacturing too; what is not known is missing, and never zero."""
    store, number = store_with(
        ("honour", date(2024, 1, 1), {"honour_kind": 1, "end_date": date(2025, 6, 2)}),
        headcount=None,
        industry="C2611",
        founding_date=date(2015, 6, 1),
    )

    found = features(store, number)

    assert np.isnan(found["headcount"])
    assert found["age_years"] == pytest.approx(10.0, abs=0.01)
    assert (found["industry_manufacturing"], found["industry_chemicals"]) == (1, 1)
    assert (found["industry_mining"], found["standardised"]) == (0, 1)


def test_a_level_that_has_ended_holds_no_more() -> None:
    """The day after the last one is out."""
    found = of(("honour", date(2024, 1, 1), {"honour_kind": 1, "end_date": DAY}))

    assert found["standardised"] == 0


def test_no_adverse_feature_is_ever_missing() -> None:
    """Without any record they are zero."""
    found = of()

    for one in FEATURES:
        if one.adverse:
            assert found[one.name] == 0


ADVERSE = st.tuples(
    st.sampled_from(["violation", "penalty", "hazard", "accident"]),
    st.integers(0, 1200).map(lambda back: date.fromordinal(DAY.toordinal() - back)),
    st.integers(1, 3),
)


@settings(max_examples=40)
@given(st.lists(ADVERSE, max_size=5), ADVERSE)
def test_one_more_adverse_record_never_lowers_a_prediction(
    records: list[tuple[str, date, int]], more: tuple[str, date, int]
) -> None:
    """From the record to the rate: adverse features rise, and the trees with them."""
    model: RiskModel = trained_enterprise().model

    def rate(facts: list[tuple[str, date, int]]) -> float:
        bodies = {"violation": "severity", "hazard": "level", "accident": "deaths"}
        drawn = [
            (kind, day, {bodies[kind]: min(grade, 2)} if kind in bodies else {"fine_fen": grade})
            for kind, day, grade in facts
        ]
        row = of(*drawn)
        return float(model.rates(np.array([[row[one.name] for one in FEATURES]]))[0])

    assert rate([*records, more]) >= rate(records)
