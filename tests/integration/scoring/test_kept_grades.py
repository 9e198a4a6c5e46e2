"""Grades that are kept: the same as evaluated ones, whatever happened in between."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.database import Database
from services.common.engines import writing_engine
from services.scoring.commands.grades.list_credit_grades import (
    GradePage,
    GradesWanted,
    ListCreditGrades,
)
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import GradesStanding, KeptGrade
from services.scoring.commands.standpoint import PageRequest, Standpoint
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.store.kept_grades import LeaseLostError, SqlKeptGrades
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_facts import FactWriter, empty
from tests.fakes.scoring_histories import Step, histories, write

POLICY = "cn.test.grade"
TODAY = date(2025, 6, 1)
NOON = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
PAGE = PageRequest(method="test", filter_bytes=b"", size=1000, token="")
STANDING = GradesStanding(version="one", digest="0" * 64, as_of=TODAY, revision=3)


@pytest.fixture
def kept(database: Database) -> Iterator[SqlKeptGrades]:
    """Write grades into the store under test."""
    grades = SqlKeptGrades(database)
    yield grades
    grades.close()


@pytest.fixture
def refresh(
    store: SqlStore, kept: SqlKeptGrades, library: PolicyLibrary, clock: FixedClock
) -> RefreshGrades:
    """Bring kept grades up to date."""
    return RefreshGrades(store, kept, library, clock)


def bring_up_to_date(refresh: RefreshGrades, day: date = TODAY) -> bool:
    """Bring the grades of the test's policy up to date."""
    pinned = refresh.library.named("grade", POLICY, version="", as_of=day)
    return refresh.bring_up_to_date(pinned, day)


def standing(store: SqlStore) -> GradesStanding | None:
    """Say up to where the grades of the test's policy are right."""
    with store.read() as reading:
        return reading.grades.standing(POLICY)


def page(
    refresh: RefreshGrades, wanted: GradesWanted, as_of: date, *, evaluated: bool
) -> GradePage:
    """List grades, from those that are kept or by evaluation."""
    # A version named explicitly is never answered from kept grades.
    pinned = refresh.library.named("grade", POLICY, version="", as_of=as_of)
    version = pinned.compiled.version.version if evaluated else ""
    named = GradesWanted(
        policy_id=POLICY, version=version, enterprises=wanted.enterprises, grades=wanted.grades
    )
    command = ListCreditGrades(refresh.store, refresh.library, refresh)
    return command(named, Standpoint(as_of=as_of), PAGE)


def without_until(found: GradePage) -> list[tuple[object, ...]]:
    """Leave out the end of the version, which a version named explicitly has not."""
    return [
        (one.subject, one.status, one.grade, one.rank, one.score, one.missing)
        for one in found.grades
    ]


filters = st.builds(
    GradesWanted,
    policy_id=st.just(POLICY),
    enterprises=st.sampled_from(
        [EnterpriseFilter(), EnterpriseFilter(division="110000"), EnterpriseFilter(industry="G")]
    ),
    grades=st.sampled_from([(), ("A",), ("B", "C"), ("suspended",), ("suspended", "A", "A")]),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=histories(), after=histories(8), days=st.integers(0, 60), wanted=filters)
def test_kept_grades_are_those_that_evaluation_gives(
    database: Database,
    store: SqlStore,
    kept: SqlKeptGrades,
    library: PolicyLibrary,
    before: list[Step],
    after: list[Step],
    days: int,
    wanted: GradesWanted,
) -> None:
    """After any writes and any days, kept grades equal grades evaluated from the facts."""
    empty(database)
    clock = FixedClock(NOON)
    refresh = RefreshGrades(store, kept, library, clock)
    hand = FactWriter(database)
    enterprises, records = write(hand, before)
    assert bring_up_to_date(refresh)
    clock.advance(timedelta(days=days))
    for step in after:
        step(hand, enterprises, records)
    day = TODAY + timedelta(days=days)
    assert bring_up_to_date(refresh, day)

    found = page(refresh, wanted, day, evaluated=False)

    now = standing(store)
    assert now is not None
    assert (now.revision, now.as_of) == (hand.point().revision, day)
    assert without_until(found) == without_until(page(refresh, wanted, day, evaluated=True))
    assert [one.valid_until_date for one in found.grades] == [
        one.valid_until_date
        for one in page_by_instant(refresh, wanted, day, hand.point().recorded_time).grades
    ]


def page_by_instant(
    refresh: RefreshGrades, wanted: GradesWanted, as_of: date, known_at: datetime
) -> GradePage:
    """Evaluate a page: without a standing there are no kept grades to use."""
    lease = refresh.kept.claim(POLICY)
    assert lease is not None
    refresh.kept.begin_anew(POLICY, lease)
    refresh.kept.release(POLICY, lease)
    command = ListCreditGrades(refresh.store, refresh.library, refresh)
    return command(wanted, Standpoint(as_of=as_of, known_at=known_at), PAGE)


def test_a_reader_brings_small_changes_up_to_date_itself(
    store: SqlStore, facts: FactWriter, refresh: RefreshGrades
) -> None:
    """A page read after a write uses kept grades that have just learnt of it."""
    number = facts.enterprise()
    bring_up_to_date(refresh)
    facts.record("penalty", number, date(2025, 5, 1))

    found = page(refresh, GradesWanted(policy_id=POLICY), TODAY, evaluated=False)

    assert [(one.grade, str(one.score)) for one in found.grades] == [("B", "89.5")]
    now = standing(store)
    assert now is not None
    assert now.revision == facts.point().revision


def test_a_reader_leaves_a_policy_that_was_never_evaluated_to_the_worker(
    store: SqlStore, facts: FactWriter, refresh: RefreshGrades
) -> None:
    """The page is right without kept grades, and none are made on the way."""
    facts.enterprise()

    found = page(refresh, GradesWanted(policy_id=POLICY), TODAY, evaluated=False)

    assert [one.grade for one in found.grades] == ["A"]
    assert standing(store) is None


def test_while_another_holds_the_lease_nothing_is_written(
    store: SqlStore, facts: FactWriter, refresh: RefreshGrades, kept: SqlKeptGrades
) -> None:
    """A reader and a second worker leave the work to the one who has it, and answer rightly."""
    number = facts.enterprise()
    bring_up_to_date(refresh)
    before = standing(store)
    facts.record("penalty", number, date(2025, 5, 1))
    lease = kept.claim(POLICY)

    assert not bring_up_to_date(refresh)
    found = page(refresh, GradesWanted(policy_id=POLICY), TODAY, evaluated=False)

    assert lease is not None
    assert standing(store) == before
    assert [one.grade for one in found.grades] == ["B"]
    kept.release(POLICY, lease)
    assert bring_up_to_date(refresh)


def test_a_lease_ends_by_itself_and_its_late_holder_does_no_harm(
    kept: SqlKeptGrades, store: SqlStore, clock: FixedClock
) -> None:
    """After 60 seconds another takes over; a write by the first is refused whole."""
    late = kept.claim(POLICY)
    clock.advance(timedelta(seconds=59))
    assert kept.claim(POLICY) is None
    clock.advance(timedelta(seconds=1))
    taken = kept.claim(POLICY)
    assert late is not None
    assert taken is not None

    with pytest.raises(LeaseLostError):
        kept.put(POLICY, late, rows=(), standing=STANDING)
    with pytest.raises(LeaseLostError):
        kept.begin_anew(POLICY, late)

    kept.release(POLICY, late)
    assert standing(store) is None
    kept.put(POLICY, taken, rows=(), standing=STANDING)
    assert standing(store) == STANDING


def test_a_sign_of_life_prolongs_a_lease(kept: SqlKeptGrades, clock: FixedClock) -> None:
    """Every write under a lease gives it another 60 seconds."""
    lease = kept.claim(POLICY)
    assert lease is not None
    clock.advance(timedelta(seconds=59))
    kept.put(POLICY, lease, rows=())
    clock.advance(timedelta(seconds=59))

    assert kept.claim(POLICY) is None


def test_grades_take_the_place_of_earlier_ones(
    kept: SqlKeptGrades, store: SqlStore, facts: FactWriter
) -> None:
    """One enterprise has one grade of a policy; other policies keep their own."""
    number = facts.enterprise()
    row = KeptGrade(
        subject_id=number, status=1, grade="A", rank=1, score=900, valid_until_date=TODAY
    )
    later = KeptGrade(
        subject_id=number, status=2, grade="", rank=0, score=None, valid_until_date=None
    )
    lease, other = kept.claim(POLICY), kept.claim("other")
    assert lease is not None
    assert other is not None

    kept.put(POLICY, lease, rows=[row])
    kept.put("other", other, rows=[row])
    kept.put(POLICY, lease, rows=[later])

    with store.read() as reading:
        assert reading.grades.due(POLICY, TODAY, limit=9) == []
        assert reading.grades.due("other", TODAY - timedelta(days=1), limit=9) == []
        assert reading.grades.due("other", TODAY, limit=9) == [number]


def test_a_busy_writer_does_not_hold_a_reader_up(
    database: Database, facts: FactWriter, refresh: RefreshGrades
) -> None:
    """While a writer of facts has the store, a page is evaluated instead of waited for."""
    number = facts.enterprise()
    bring_up_to_date(refresh)
    facts.record("penalty", number, date(2025, 5, 1))
    engine = writing_engine(database.url, database.options)

    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE store SET revision = revision")
        connection.exec_driver_sql("DELETE FROM leases")
        found = page(refresh, GradesWanted(policy_id=POLICY), TODAY, evaluated=False)

    engine.dispose()
    assert [one.grade for one in found.grades] == ["B"]
