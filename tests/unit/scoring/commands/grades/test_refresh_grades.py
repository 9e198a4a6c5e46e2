"""Keeping grades: what is evaluated again, and what is never taken for right."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.common.errors import Category, SafetyCreditError
from services.scoring.commands.grades import refresh_grades
from services.scoring.commands.grades.keep_grades_fresh import KeepGradesFresh
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.policies.policy_library import PolicyLibrary
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_kept_grades import FakeKeptGrades
from tests.fakes.scoring_store import FakeStore

TODAY = date(2025, 6, 1)
POLICY = "cn.test.grade"


class BusyError(SafetyCreditError):
    """Somebody else writes."""

    reason = "BUSY"
    category = Category.UNAVAILABLE


class BrokenError(SafetyCreditError):
    """Something is wrong for good."""

    reason = "BROKEN"
    category = Category.INVALID


@pytest.fixture
def kept(store: FakeStore) -> FakeKeptGrades:
    """Keep grades in memory."""
    return FakeKeptGrades(store)


@pytest.fixture
def refresh(
    store: FakeStore, kept: FakeKeptGrades, library: PolicyLibrary, clock: FixedClock
) -> RefreshGrades:
    """Bring grades up to date."""
    return RefreshGrades(store, kept, library, clock)


def bring(refresh: RefreshGrades, day: date = TODAY) -> bool:
    """Bring the grades of the test's policy up to date."""
    pinned = refresh.library.named("grade", POLICY, version="", as_of=day)
    return refresh.bring_up_to_date(pinned, day)


def grades(store: FakeStore) -> list[str]:
    """Give the grades that are kept, by enterprise."""
    return [row.grade for _, row in sorted(store.kept.items())]


def test_the_first_time_everybody_is_evaluated(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """All enterprises have a grade, one without a period on the day too; persons have none."""
    number = store.enterprise()
    store.record("penalty", number, date(2025, 1, 1))
    store.enterprise(start_date=date(2030, 1, 1))
    store.person()

    assert bring(refresh)

    assert grades(store) == ["B", ""]
    assert kept.puts == [2, 0]
    assert store.standings[POLICY].revision == store.point().revision
    assert not kept.held


def test_later_only_those_written_about_are_evaluated(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """Of a hundred enterprises one was written about, and one row is written."""
    numbers = [store.enterprise() for _ in range(100)]
    bring(refresh)
    kept.puts.clear()
    store.record("penalty", numbers[40], date(2025, 1, 1))

    assert bring(refresh)

    assert kept.puts == [1]
    assert grades(store).count("B") == 1


def test_on_another_day_only_those_due_are_evaluated(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """The penalty leaves its window on the day itself; the day before nothing is due."""
    numbers = [store.enterprise() for _ in range(10)]
    store.record("penalty", numbers[3], date(2024, 6, 11))
    bring(refresh)
    kept.puts.clear()

    assert bring(refresh, date(2025, 6, 10))
    assert bring(refresh, date(2025, 6, 11))

    assert kept.puts == [0, 1]
    assert set(grades(store)) == {"A"}


def test_a_period_that_begins_makes_an_enterprise_due(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """Nothing is recorded on the day, and yet another kind of enterprise is graded."""
    number = store.enterprise()
    store.change(number, date(2025, 6, 5), kind=3)
    bring(refresh)
    kept.puts.clear()

    assert bring(refresh, date(2025, 6, 5))

    assert kept.puts == [1]
    assert grades(store) == [""]


def test_another_version_begins_from_the_first_enterprise(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """On 2025-07-01 the second version is in force, and every grade is evaluated anew."""
    for _ in range(3):
        store.enterprise()
    bring(refresh)
    kept.puts.clear()

    assert bring(refresh, date(2025, 7, 1))

    assert kept.puts == [3, 0]
    assert store.standings[POLICY].version == "two"


def test_a_clock_that_went_back_begins_anew(store: FakeStore, refresh: RefreshGrades) -> None:
    """Grades of a later day are not right for an earlier one."""
    store.enterprise()
    bring(refresh, date(2025, 6, 2))

    assert bring(refresh, TODAY)

    assert store.standings[POLICY].as_of == TODAY


def test_many_changes_are_written_in_batches_and_none_is_right_between(
    store: FakeStore,
    kept: FakeKeptGrades,
    refresh: RefreshGrades,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between two batches no standing says that the grades are right."""
    monkeypatch.setattr(refresh_grades, "BATCH", 2)
    numbers = [store.enterprise() for _ in range(5)]
    bring(refresh)
    kept.puts.clear()
    for number in numbers:
        store.record("penalty", number, date(2025, 1, 1))
    seen: list[bool] = []
    kept.before_put = lambda: seen.append(POLICY in store.standings)

    assert bring(refresh)

    assert kept.puts == [2, 2, 1, 0]
    assert seen == [False, False, False, False]
    assert grades(store) == ["B"] * 5


def test_writes_meanwhile_are_caught_up_with(
    store: FakeStore,
    kept: FakeKeptGrades,
    refresh: RefreshGrades,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All are evaluated at one revision; what was written since is evaluated after it."""
    monkeypatch.setattr(refresh_grades, "BATCH", 1)
    first = store.enterprise()
    store.enterprise()

    def write_once() -> None:
        kept.before_put = lambda: None
        store.record("penalty", first, date(2025, 1, 1))

    kept.before_put = write_once

    assert bring(refresh)

    assert grades(store) == ["B", "A"]
    assert store.standings[POLICY].revision == store.point().revision


def test_a_reader_does_small_work_only(
    store: FakeStore,
    kept: FakeKeptGrades,
    refresh: RefreshGrades,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Up to the limit a reader evaluates itself; one more is left to the worker."""
    monkeypatch.setattr(refresh_grades, "AT_ONCE_MAX", 2)
    numbers = [store.enterprise() for _ in range(3)]
    bring(refresh)
    kept.puts.clear()
    for number in numbers[:2]:
        store.record("penalty", number, date(2025, 1, 1))
    refresh.before_reading(POLICY, TODAY)
    assert kept.puts == [2]
    for number in numbers:
        store.record("penalty", number, date(2025, 1, 1))

    refresh.before_reading(POLICY, TODAY)

    assert kept.puts == [2]


@pytest.mark.parametrize(
    ("policy_id", "as_of"),
    [
        pytest.param(POLICY, date(2025, 5, 31), id="another-day"),
        pytest.param("cn.nothing", TODAY, id="unknown-policy"),
    ],
)
def test_a_reader_leaves_alone_what_is_not_kept(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades, policy_id: str, as_of: date
) -> None:
    """Grades are kept for today; what is wrong with a question is said by its answer."""
    store.enterprise()
    bring(refresh)
    kept.puts.clear()
    store.enterprise()

    refresh.before_reading(policy_id, as_of)

    assert kept.puts == []


def test_nothing_is_claimed_when_all_is_right(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """A standing at the last write for the day needs no lease and no write."""
    store.enterprise()
    bring(refresh)
    kept.held[POLICY] = "somebody"

    assert bring(refresh)


def test_a_busy_store_is_left_for_later_and_the_lease_given_back(
    store: FakeStore, kept: FakeKeptGrades, refresh: RefreshGrades
) -> None:
    """What passes by itself is no failure; anything else is."""
    store.enterprise()

    def busy() -> None:
        raise BusyError("busy")

    kept.before_put = busy
    assert not bring(refresh)
    assert not kept.held

    def broken() -> None:
        raise BrokenError("broken")

    kept.before_put = broken
    with pytest.raises(BrokenError):
        bring(refresh)
    assert not kept.held


def test_stopping_leaves_no_standing(store: FakeStore, refresh: RefreshGrades) -> None:
    """Work that is stopped between two batches begins anew next time."""
    store.enterprise()
    pinned = refresh.library.named("grade", POLICY, version="", as_of=TODAY)

    assert not refresh.bring_up_to_date(pinned, TODAY, stopped=lambda: True)

    assert POLICY not in store.standings


def test_the_worker_refreshes_every_grade_policy_in_force(
    store: FakeStore, refresh: RefreshGrades, clock: FixedClock
) -> None:
    """Lists and rates keep no grades; the version is that of the day."""
    store.enterprise()
    clock.advance(datetime(2025, 7, 1, tzinfo=UTC) - clock.now() + timedelta(hours=1))
    worker = KeepGradesFresh(refresh, ready=lambda: None, meant=lambda _: None)

    worker.once()

    assert {name: one.version for name, one in store.standings.items()} == {
        POLICY: "two",
        "cn.test.local.grade": "one",
    }


def test_the_worker_waits_while_the_store_cannot_be_used(
    store: FakeStore, refresh: RefreshGrades
) -> None:
    """A refusal is logged and tried again; a mistake is not hidden."""
    store.enterprise()

    def not_ready() -> None:
        raise BusyError("no schema yet")

    def meant(error: Exception) -> SafetyCreditError | None:
        return error if isinstance(error, BusyError) else None

    KeepGradesFresh(refresh, not_ready, meant).once()
    assert not store.standings

    def mistake() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        KeepGradesFresh(refresh, mistake, meant).once()


def test_the_worker_stops_when_told(refresh: RefreshGrades) -> None:
    """Told before it begins, it does nothing at all."""
    worker = KeepGradesFresh(refresh, ready=lambda: pytest.fail("worked"), meant=lambda _: None)
    worker.stop()

    worker.run()
