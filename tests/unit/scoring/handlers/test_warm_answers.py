"""Answers kept in memory: when one is good, and when it is not any more."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services.common.errors import Category, SafetyCreditError
from services.common.tokens import StorePoint
from services.scoring.commands.ports import Changes
from services.scoring.handlers import warm_answers
from services.scoring.handlers.answer_parts import CivilDays
from services.scoring.handlers.warm_answers import WarmAnswer, WarmAnswers

STORE = "a" * 32


class GoneError(SafetyCreditError):
    """The store cannot be reached."""

    reason = "GONE"
    category = Category.UNAVAILABLE


class FakePoints:
    """A store that is written about by the test; implements `FreshPoints`."""

    def __init__(self) -> None:
        """Begin at revision 1."""
        self.store_id = STORE
        self.written: list[frozenset[int]] = [frozenset(), frozenset()]
        self.asked: list[tuple[int, int]] = []
        self.before_changes: Callable[[], None] = lambda: None

    def write(self, *subjects: int) -> None:
        """Write about subjects."""
        self.written.append(frozenset(subjects))

    def point(self) -> StorePoint:
        """Give the last point."""
        return StorePoint(self.store_id, len(self.written) - 1, datetime(2025, 6, 1, tzinfo=UTC))

    async def fresh_point(self) -> StorePoint:
        """Give the last point."""
        return self.point()

    def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Changes:
        """Give who was written about."""
        self.before_changes()
        point = self.point()
        self.asked.append((since.revision, at_least.revision))
        found = frozenset().union(*self.written[since.revision + 1 : point.revision + 1])
        return Changes(None if len(found) > limit else found, point)


@pytest.fixture
def points() -> FakePoints:
    """Give a store that stands at revision 1."""
    return FakePoints()


@pytest.fixture
async def warm(points: FakePoints) -> WarmAnswers:
    """Keep answers about the store."""
    answers = WarmAnswers(points, bytes_max=4000)
    await answers.point()
    return answers


def answer(subject_id: int, revision: int, size: int = 3) -> WarmAnswer:
    """Make an answer."""
    return WarmAnswer(subject_id, revision, b"x" * size)


async def test_an_answer_is_good_until_its_subject_is_written_about(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """A write about another leaves it good, one about its own subject does not."""
    warm.keep(b"q", answer(7, 1))
    points.write(8)
    await warm.point()
    assert warm.find(b"q") == answer(7, 1)
    points.write(7)

    point = await warm.point()

    assert point.revision == 3
    assert warm.find(b"q") is None
    assert points.asked == [(1, 2), (2, 3)]


async def test_an_answer_made_before_a_write_and_kept_after_it_is_not_good(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """Another call may learn of the write while the answer is being made."""
    points.write(7)
    await warm.point()

    warm.keep(b"q", answer(7, 1))

    assert warm.find(b"q") is None


async def test_an_answer_from_after_the_point_waits_for_it(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """An answer that has seen more than the point says must not be given with that point."""
    points.write(8)
    warm.keep(b"q", answer(7, 2))
    assert warm.find(b"q") is None

    await warm.point()

    assert warm.find(b"q") == answer(7, 2)


async def test_too_many_changes_make_everything_forgotten(
    warm: WarmAnswers, points: FakePoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the limit subjects are remembered one by one; beyond it all answers go."""
    monkeypatch.setattr(warm_answers, "CHANGED_MAX", 2)
    warm.keep(b"q", answer(7, 1))
    points.write(1, 2)
    await warm.point()
    assert warm.find(b"q") is not None
    points.write(3)
    await warm.point()
    assert warm.find(b"q") is None
    warm.keep(b"q", answer(7, 3))
    points.write(1, 2, 3)

    await warm.point()

    assert warm.find(b"q") is None


async def test_an_answer_from_before_what_was_forgotten_is_not_good(
    warm: WarmAnswers, points: FakePoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody remembers who was written about before the floor."""
    monkeypatch.setattr(warm_answers, "CHANGED_MAX", 0)
    points.write(7)
    await warm.point()

    warm.keep(b"late", answer(7, 1))
    warm.keep(b"fresh", answer(7, 2))

    assert warm.find(b"late") is None
    assert warm.find(b"fresh") is not None


async def test_another_store_makes_everything_forgotten(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """A store that was replaced has nothing to do with the answers about the other."""
    warm.keep(b"q", answer(7, 1))
    points.store_id = "b" * 32

    point = await warm.point()

    assert point.store_id == "b" * 32
    assert warm.find(b"q") is None


async def test_a_store_put_back_makes_everything_forgotten(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """A store restored to an earlier state has lost what answers may rest on."""
    points.write(8)
    await warm.point()
    warm.keep(b"q", answer(7, 2))
    points.written.pop()

    point = await warm.point()

    assert point.revision == 1
    assert warm.find(b"q") is None


async def test_memory_is_bounded_and_the_least_used_goes(warm: WarmAnswers) -> None:
    """Three answers of a kilobyte fit into 4,000 bytes with their overhead, a fourth does not."""
    for name in (b"1", b"2"):
        warm.keep(name, answer(7, 1, 1200))
    warm.find(b"1")

    warm.keep(b"3", answer(7, 1, 1200))

    assert warm.find(b"2") is None
    assert warm.find(b"1") is not None
    assert warm.find(b"3") is not None


async def test_an_answer_larger_than_all_memory_is_not_kept(warm: WarmAnswers) -> None:
    """It makes room for itself and goes too."""
    warm.keep(b"1", answer(7, 1, 5000))

    assert warm.find(b"1") is None
    warm.keep(b"2", answer(7, 1, 10))
    assert warm.find(b"2") is not None


async def test_a_failure_to_learn_reaches_all_who_wait_and_the_next_call_tries_again(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """Nothing is given while nobody knows what was written."""
    warm.keep(b"q", answer(7, 1))
    points.write(7)

    def gone() -> None:
        raise GoneError("gone")

    points.before_changes = gone
    found = await asyncio.gather(*(warm.point() for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in found] == [GoneError] * 3
    points.before_changes = lambda: None

    point = await warm.point()

    assert point.revision == 2
    assert warm.find(b"q") is None


async def test_a_caller_who_goes_away_does_not_stop_the_others(
    warm: WarmAnswers, points: FakePoints
) -> None:
    """The first of two is cancelled; the second still learns what was written."""
    points.write(7)
    first = asyncio.ensure_future(warm.point())
    second = asyncio.ensure_future(warm.point())
    await asyncio.sleep(0)
    first.cancel()

    point = await second

    assert point.revision == 2
    assert len(points.asked) == 1


async def test_one_call_makes_an_answer_for_all_that_ask_meanwhile(warm: WarmAnswers) -> None:
    """The others wait, and find it; when nobody makes it there is nothing to wait for."""
    assert not await warm.made_by_another(b"q")
    with warm.making(b"q"):
        waiting = [asyncio.ensure_future(warm.made_by_another(b"q")) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)
        warm.keep(b"q", answer(7, 1))

    assert await asyncio.gather(*waiting) == [True, True, True]
    assert warm.find(b"q") == answer(7, 1)
    assert not await warm.made_by_another(b"q")


async def test_an_answer_that_fails_lets_the_others_go(warm: WarmAnswers) -> None:
    """Who waited is told so, finds nothing, and makes the answer itself."""
    waiting: list[asyncio.Future[bool]] = []

    async def fail() -> None:
        with warm.making(b"q"):
            waiting.append(asyncio.ensure_future(warm.made_by_another(b"q")))
            await asyncio.sleep(0)
            raise GoneError("gone")

    with pytest.raises(GoneError):
        await fail()

    assert await waiting[0]
    assert warm.find(b"q") is None
    assert not await warm.made_by_another(b"q")


async def test_a_second_maker_does_not_end_the_first_ones_wait(warm: WarmAnswers) -> None:
    """Who waits, waits for the first; a second that did not wait makes its own in peace."""
    with warm.making(b"q"):
        with warm.making(b"q"):
            pass
        waiting = asyncio.ensure_future(warm.made_by_another(b"q"))
        await asyncio.sleep(0)
        assert not waiting.done()

    assert await waiting


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param((31, 16, 0), (1, 15, 59), True, id="both-ends-of-a-day"),
        pytest.param((31, 15, 59), (31, 16, 0), False, id="midnight"),
        pytest.param((1, 16, 0), (1, 15, 59), False, id="backwards"),
    ],
)
def test_days_begin_at_midnight_in_shanghai(
    first: tuple[int, int, int], second: tuple[int, int, int], *, same: bool
) -> None:
    """16:00 UTC is midnight in Shanghai."""
    days = CivilDays()

    def key(moment: tuple[int, int, int]) -> bytes:
        day, hour, minute = moment
        return days.key(datetime(2025, 5 if day == 31 else 6, day, hour, minute, tzinfo=UTC))

    assert (key(first) == key(second)) == same
