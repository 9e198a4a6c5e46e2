"""Rows of enterprises out of the store: what was known then, and the year after it."""

from datetime import date, timedelta

import pytest

from services.common.database import Database
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.errors import PolicyUnknownError
from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.enterprise_rows import RowsWanted, enterprise_rows
from services.scoring.risk.features import EnterpriseFeatures
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.risk_store import SqlRiskStore
from tests.fakes.clock import FixedClock
from tests.fakes.risk_models import nothing
from tests.fakes.scoring_facts import FactWriter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

UNTIL = date(2026, 6, 1)


@pytest.fixture
def rows(database: Database, vocabulary: Vocabulary, library: PolicyLibrary) -> "Rows":
    """Read rows of the store under test."""
    return Rows(database, vocabulary, library)


class Rows:
    """Reads rows of a store."""

    def __init__(self, database: Database, vocabulary: Vocabulary, library: PolicyLibrary) -> None:
        """Read with these words and policies."""
        self.store = SqlRiskStore(database, FactColumns(vocabulary, database.dialect))
        self.features = EnterpriseFeatures(vocabulary.code_numbers)
        self.library = library

    def read(self, *, knowledge: str = "recorded", years: int = 2, grade: str = "") -> RiskData:
        """Read the rows of two days, a year apart."""
        wanted = RowsWanted(until=UNTIL, years=years, knowledge=knowledge, grade_policy=grade)
        return enterprise_rows(self.store, self.features, self.library, wanted, advance=nothing)


def feature(data: RiskData, name: str) -> list[float]:
    """Give a column of features."""
    values: list[float] = data.values[:, data.names.index(name)].tolist()
    return values


def test_what_is_recorded_after_the_day_does_not_change_the_features(
    rows: Rows, facts: FactWriter, clock: FixedClock
) -> None:
    """A violation of May 2025 that was recorded in July 2025 is unknown on 1 June 2025.

    Corrections are later knowledge too: a record of before, revoked in July, still stands in June.
    """
    number = facts.enterprise(headcount=10)
    revoked = facts.record("violation", number, date(2025, 4, 1))
    before = rows.read(years=1)
    clock.advance(timedelta(days=40))
    for _ in range(5):
        facts.record("violation", number, date(2025, 5, 1))
    facts.revoke(revoked)

    after = rows.read(years=1)

    assert feature(before, "violations_12m") == [1.0]
    assert after.values.tolist() == before.values.tolist()


def test_events_are_those_of_the_year_after_the_day_as_known_now(
    rows: Rows, facts: FactWriter, clock: FixedClock
) -> None:
    """The day itself belongs to the past, the same day next year to the year after it."""
    number = facts.enterprise(headcount=10)
    clock.advance(timedelta(days=400))
    for day in (date(2025, 6, 1), date(2025, 6, 2), date(2026, 6, 1), date(2026, 6, 2)):
        facts.record("accident", number, day)

    data = rows.read(years=1)

    # Both accidents of the year were recorded later; the one of the day itself was, too.
    assert data.events.tolist() == [2.0]
    assert feature(data, "accidents_12m") == [0.0]
    assert data.exposure.tolist() == [10.0]
    assert data.periods.tolist() == [2025]
    assert data.groups.tolist() == [number]


def test_a_store_that_was_filled_later_needs_the_other_rule(
    rows: Rows, facts: FactWriter, clock: FixedClock
) -> None:
    """Nothing was known then; by what was made public there are rows, and the report says so."""
    clock.advance(timedelta(days=300))
    number = facts.enterprise(headcount=10)
    facts.record("violation", number, date(2025, 3, 1), publish_date=date(2025, 7, 1))
    facts.record("violation", number, date(2025, 3, 1), publish_date=date(2025, 4, 1))

    with pytest.raises(RiskDataTooFewError) as error:
        rows.read()
    announced = rows.read(knowledge="announced")

    assert "'announced'" in error.value.message
    assert feature(announced, "violations_12m") == [0.0, 1.0]
    assert "flatters" in announced.limits[0]


def test_who_has_no_headcount_has_no_exposure(rows: Rows, facts: FactWriter) -> None:
    """And is left out, as the report says."""
    known = facts.enterprise(headcount=10)
    facts.enterprise(headcount=None)

    assert rows.read(years=1).groups.tolist() == [known]


def test_nobody_is_too_few(rows: Rows, facts: FactWriter) -> None:
    """By either rule."""
    facts.enterprise(headcount=None)

    for knowledge in ("recorded", "announced"):
        with pytest.raises(RiskDataTooFewError):
            rows.read(knowledge=knowledge)


def test_the_grade_of_the_day_stands_beside(rows: Rows, facts: FactWriter) -> None:
    """Grade A is rank 1; a policy that nobody knows is refused."""
    facts.enterprise(headcount=10)

    data = rows.read(years=1, grade="cn.test.grade")
    with pytest.raises(PolicyUnknownError):
        rows.read(years=1, grade="cn.test.nothing")

    assert {name: one.tolist() for name, one in data.classes.items()} == {
        "grade alone (cn.test.grade)": [1]
    }
    assert set(data.comparators) == {"violations in 12 months alone", "size alone (headcount)"}
