"""Answers from memory: as right as answers from the store, with writers at work."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.store_state import RevisionRow, StoreRow
from services.common.database import Database
from services.common.engines import writing_engine
from services.common.tokens import StorePoint
from services.scoring.handlers.warm_answers import WarmAnswer, WarmAnswers
from services.scoring.main import ScoringServer
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}


async def grade(client: ScoringClient, **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Ask for the grade of the test's enterprise."""
    return await client.call("GetCreditGrade", **{"subject": SUBJECT, **fields})


async def test_a_write_between_two_reads_is_seen_by_the_second(
    client: ScoringClient, built: ScoringServer, facts: FactWriter
) -> None:
    """A warm answer is given again only until its enterprise is written about."""
    number = facts.enterprise(credit_code=CODE)
    cold = await grade(client)
    warm = await grade(client)
    penalty = facts.record("penalty", number, date(2025, 1, 1))
    after = await grade(client)
    facts.revise(penalty, event_date=date(2020, 1, 1))
    revised = await grade(client)
    facts.change(number, date(2025, 1, 1), kind=3)
    moved = await grade(client)

    assert warm == cold
    assert len(built.warm._answers) == 1  # noqa: SLF001 -- what is kept is the point of the test.
    assert [one.grade.grade for one in (cold, after, revised, moved)] == ["A", "B", "A", ""]
    assert moved.basis.point.revision == facts.point().revision


async def test_a_write_about_another_moves_only_the_point(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The answer stays; the point that it names is the store's last, reproducible as such."""
    facts.enterprise(credit_code=CODE)
    cold = await grade(client, explain=True)
    other = facts.enterprise()
    facts.record("penalty", other, date(2025, 1, 1))

    warm = await grade(client, explain=True)
    again = await grade(client, explain=True, known_at=warm.basis.point.known_at)

    assert warm.grade == cold.grade
    assert warm.basis.policy == cold.basis.policy
    assert warm.basis.point.revision == facts.point().revision > cold.basis.point.revision
    assert again.SerializeToString() == warm.SerializeToString()


async def test_an_answer_as_known_at_an_instant_never_moves(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Asked again after writes about others, it still names the point of its instant."""
    facts.enterprise(credit_code=CODE)
    known_at = (await grade(client)).basis.point.known_at
    first = await grade(client, known_at=known_at)
    facts.enterprise()

    again = await grade(client, known_at=known_at)

    assert again == first
    assert again.basis.point.revision == 1


async def test_warm_and_cold_answers_have_the_same_bytes(
    client: ScoringClient, built: ScoringServer, facts: FactWriter
) -> None:
    """Where an answer came from cannot be seen."""
    facts.enterprise(credit_code=CODE)
    request = b"\n\x14\n\x12" + CODE.encode()

    cold = await client.raw("GetCreditGrade", request)
    warm = await client.raw("GetCreditGrade", request)
    built.warm._forget(0)  # noqa: SLF001 -- makes the next answer cold.
    cold_again = await client.raw("GetCreditGrade", request)

    assert cold == warm == cold_again


async def test_a_token_finds_the_answer_kept_without_one(
    client: ScoringClient, built: ScoringServer, facts: FactWriter
) -> None:
    """A token is no part of the question, and its write is in the answer."""
    number = facts.enterprise(credit_code=CODE)
    await grade(client)
    facts.record("penalty", number, date(2025, 1, 1))
    token = facts.point().token.encode()

    with_token = await grade(client, token=token)
    without = await grade(client)

    assert with_token.grade.grade == "B"
    assert with_token == without
    assert len(built.warm._answers) == 1  # noqa: SLF001 -- what is kept is the point of the test.


async def test_midnight_ends_every_answer_for_today(
    client: ScoringClient, facts: FactWriter, clock: FixedClock
) -> None:
    """Without a day a question is about today, which is another day after midnight, Shanghai."""
    number = facts.enterprise(credit_code=CODE)
    facts.record("penalty", number, date(2024, 6, 2))
    first = await grade(client)
    # It is noon; eleven hours and 59 minutes later it is still the same day.
    clock.advance(timedelta(hours=11, minutes=59))
    same_day = await grade(client)
    clock.advance(timedelta(minutes=1))
    next_day = await grade(client)

    assert [one.grade.grade for one in (first, same_day, next_day)] == ["B", "B", "A"]
    assert next_day.basis.as_of.day == 2


async def test_questions_that_differ_have_answers_of_their_own(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Field, day, version and explanation are part of the question."""
    facts.enterprise(credit_code=CODE, division=110105)

    answers = [
        await grade(client, **fields)
        for fields in (
            {},
            {"explain": True},
            {"field": 2},
            {"policy_id": "cn.test.grade", "policy_version": "two"},
            {"as_of": {"year": 2024, "month": 1, "day": 1}},
        )
        for _ in range(2)
    ]

    assert answers[::2] == answers[1::2]
    assert len({answer.SerializeToString() for answer in answers}) == 5


async def test_readers_with_tokens_always_see_their_own_writes(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Many readers and a writer at once: no answer is from before the token it was asked with."""
    numbers = [facts.enterprise() for _ in range(4)]

    async def write_and_read(turn: int) -> None:
        number = numbers[turn % 4]
        await asyncio.to_thread(facts.record, "penalty", number, date(2025, 1, 1))
        point = facts.point()
        answer = await client.call(
            "GetCreditGrade",
            subject={"enterprise_id": f"e-{number}"},
            token=point.token.encode(),
            explain=True,
        )
        assert answer.basis.point.revision >= point.revision
        known = await client.call(
            "GetCreditGrade",
            subject={"enterprise_id": f"e-{number}"},
            known_at=answer.basis.point.known_at,
            explain=True,
        )
        assert known == answer

    await asyncio.gather(*(write_and_read(turn) for turn in range(24)))


async def test_a_crowd_after_a_write_has_one_answer_made(
    client: ScoringClient, built: ScoringServer, facts: FactWriter
) -> None:
    """Fifty calls for one enterprise that was just written about all see the write."""
    number = facts.enterprise(credit_code=CODE)
    await grade(client)
    facts.record("penalty", number, date(2025, 1, 1))

    answers = await asyncio.gather(*(grade(client) for _ in range(50)))

    assert {answer.grade.grade for answer in answers} == {"B"}
    assert {answer.basis.point.revision for answer in answers} == {2}
    assert not built.warm._making  # noqa: SLF001 -- nobody is left waiting.


async def test_changes_are_learnt_once_for_all_that_wait(
    store: SqlStore, facts: FactWriter
) -> None:
    """A hundred calls after a write ask the store once what was written."""
    first = facts.enterprise()

    class Counting:
        asked = 0

        async def fresh_point(self) -> StorePoint:
            return await store.fresh_point()

        def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Any:  # noqa: ANN401 -- as the port.
            self.asked += 1
            return store.changes(since, at_least, limit=limit)

    points = Counting()
    warm = WarmAnswers(points)
    point = await warm.point()
    warm.keep(b"first", WarmAnswer(first, point.revision, b"1"))
    warm.keep(b"other", WarmAnswer(first + 1, point.revision, b"2"))
    facts.record("penalty", first, date(2025, 1, 1))

    found = await asyncio.gather(*(warm.point() for _ in range(100)))

    warm.close()
    assert {one.revision for one in found} == {2}
    assert points.asked == 1
    assert warm.find(b"first") is None
    assert warm.find(b"other") is not None


@pytest.mark.parametrize("later", [0, 1], ids=["the-same-revision", "a-later-one"])
async def test_a_store_put_back_keeps_no_answer_of_what_was_lost(
    database: Database, store: SqlStore, facts: FactWriter, later: int
) -> None:
    """A store may come to the same revision another way; nothing of before is good then."""
    first = facts.enterprise()
    facts.record("penalty", first, date(2025, 1, 1))
    warm = WarmAnswers(store)
    point = await warm.point()
    warm.keep(b"first", WarmAnswer(first, point.revision, b"1"))

    put_back(database, point.revision, timedelta(hours=1))
    for _ in range(later):
        facts.enterprise()
    moved = await warm.point()

    warm.close()
    assert moved.revision == point.revision + later
    assert warm.find(b"first") is None


def put_back(database: Database, revision: int, later: timedelta) -> None:
    """Make a revision another one of the same number: recorded later."""
    engine = writing_engine(database.url, database.options)
    with engine.begin() as connection:
        recorded = connection.scalars(select(StoreRow.recorded_time)).one() + later
        connection.execute(update(StoreRow).values(recorded_time=recorded))
        connection.execute(
            update(RevisionRow)
            .where(RevisionRow.revision == revision)
            .values(recorded_time=recorded)
        )
    engine.dispose()
