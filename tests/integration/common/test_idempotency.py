"""Repeated requests: the first answer, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from models.store_state import RequestRow
from services.common.database import Database
from services.common.idempotency import (
    AnsweredRequest,
    RequestIdReusedError,
    body_digest,
    recall_answer,
    remember_answer,
)
from services.common.identity import Caller

LIU = Caller(identity="liu", roles=frozenset({"recorder"}))
WANG = Caller(identity="wang", roles=frozenset({"recorder"}))


def answer(
    database: Database,
    body: bytes = b"body",
    *,
    caller: Caller = LIU,
    method: str = "a.B/C",
    request_id: str = "r-1",
) -> AnsweredRequest:
    """Serve a write as a command does; its answer names the revision it took."""
    digest = body_digest(body)
    with database.write(caller=caller, method=method) as write:
        first = recall_answer(write, request_id=request_id, digest=digest)
        if first is not None:
            return first
        response = b"revision %d" % write.revision
        remember_answer(write, request_id=request_id, digest=digest, response=response)
        write.commit()
        return AnsweredRequest(response, write.revision)


def test_a_repeat_gets_the_first_answer(database: Database) -> None:
    """The same request again gives the same answer and takes no revision."""
    first = answer(database)

    assert answer(database) == first == AnsweredRequest(b"revision 1", 1)
    assert database.point().revision == 1


@pytest.mark.parametrize(
    ("body", "method"),
    [
        pytest.param(b"other body", "a.B/C", id="another-body"),
        pytest.param(b"body", "a.B/D", id="another-method"),
    ],
)
def test_a_reused_request_id_is_a_conflict(database: Database, body: bytes, method: str) -> None:
    """An id that stands for one request cannot stand for another."""
    answer(database)

    with pytest.raises(RequestIdReusedError) as error:
        answer(database, body, method=method)

    assert error.value.facts == {"request_id": "r-1", "first_method": "a.B/C", "method": method}
    assert database.point().revision == 1


def test_request_ids_belong_to_their_caller(database: Database) -> None:
    """Two callers may happen upon the same id."""
    answer(database)

    assert answer(database, caller=WANG).revision == 2


def test_equal_requests_at_once_are_answered_once(database: Database, database_url: str) -> None:
    """Of equal requests at once, to two servers, one writes and all get its answer."""
    other = Database(database_url, options=database.options)
    start = Barrier(4)

    def race(number: int) -> AnsweredRequest:
        start.wait()
        return answer(database if number % 2 else other)

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(race, range(4)))
    other.close()

    with database.read() as read:
        kept = read.connection.execute(select(func.count()).select_from(RequestRow)).scalar_one()
    assert answers == {AnsweredRequest(b"revision 1", 1)}
    assert (kept, database.point().revision) == (1, 1)
