"""The day on which a record first got into the store, as policies read it."""

from datetime import UTC, date, datetime

from services.common.database import Database
from services.engine.days import day_number
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.ports import FactNeeds, Scan
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.test_related_facts import role

FACT = date(2025, 5, 20)
AS_OF = date(2025, 7, 1)
PRINCIPAL = 2
NEEDS = FactNeeds(records={"penalty": frozenset({"event_date", "entry_date", "fine_fen"})})


def entered(store: SqlStore) -> list[tuple[int, int]]:
    """Give fine and day of entry of every penalty, in the order of their identifiers."""
    with store.read() as reading:
        at = Viewpoint(reading.point.revision, AS_OF)
        chunk = reading.facts.chunk(Scan(limit=9), NEEDS, at)
    columns = chunk.population.records["penalty"].columns
    return list(zip(columns["fine_fen"].tolist(), columns["entry_date"].tolist(), strict=True))


def test_a_day_of_entry_is_that_of_shanghai_and_of_the_first_edition(
    database: Database, store: SqlStore, facts: FactWriter, clock: FixedClock
) -> None:
    """One microsecond parts 15 from 16 January; a correction in March changes the fine alone."""
    midnight = datetime(2025, 6, 15, 16, 0, tzinfo=UTC)
    enterprise = facts.enterprise()
    clock.advance(midnight - clock.now() - (midnight.resolution))
    late = facts.record("penalty", enterprise, FACT, fine_fen=1)
    assert database.point().recorded_time < midnight
    clock.advance(midnight.resolution)
    facts.record("penalty", enterprise, FACT, fine_fen=2)
    clock.advance(datetime(2025, 6, 30, tzinfo=UTC) - clock.now())
    facts.revise(late, fine_fen=3)

    found = entered(store)

    assert found == [(3, day_number(date(2025, 6, 15))), (2, day_number(date(2025, 6, 16)))]


def test_what_no_record_of_the_credit_service_is_has_a_day_of_entry_too(
    database: Database, facts: FactWriter, vocabulary: Vocabulary, clock: FixedClock
) -> None:
    """A role has the day on which it was recorded, not the day from which it holds."""
    enterprise, person = facts.enterprise(), facts.person()
    clock.advance(datetime(2025, 6, 9, tzinfo=UTC) - clock.now())
    role(facts, person, enterprise, PRINCIPAL, date(2024, 1, 1))
    store = SqlStore(database, FactColumns(vocabulary, database.dialect))
    needs = FactNeeds(records={"role": frozenset({"event_date", "entry_date"})})

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, AS_OF)
        roles = reading.facts.chunk(Scan(limit=9), needs, at).population.records["role"]

    assert roles.columns["event_date"].tolist() == [day_number(date(2024, 1, 1))]
    assert roles.columns["entry_date"].tolist() == [day_number(date(2025, 6, 9))]
