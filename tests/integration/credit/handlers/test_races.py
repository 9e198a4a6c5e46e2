"""Callers at once: what must happen once happens once."""

# ruff: noqa: ANN401 -- requests, answers and their fields are of any type.

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_requests import (
    body,
    yuan,
)
from tests.fakes.credit_world import (
    World,
)


def test_one_document_is_stored_once_whoever_is_first(world: World) -> None:
    """Two clerks record the same document at the same time."""
    barrier = Barrier(4)

    def send() -> Any:
        barrier.wait()
        return world.credit(world.penalty())

    with ThreadPoolExecutor(4) as pool:
        answers = [one.result() for one in [pool.submit(send) for _ in range(4)]]

    assert sorted(one.repeated for one in answers) == [False, True, True, True]
    assert len({one.record.record_id for one in answers}) == 1
    listed = world.credit(service.ListRecordsRequest(subject=world.one))
    assert len(listed.records) == 1


def test_one_revision_wins(world: World) -> None:
    """Two clerks revise the same edition at the same time; one must read again."""
    record_id = world.stored(RecordKind.PENALTY)
    barrier = Barrier(2)

    def send(units: int) -> str:
        request = world.revision(
            record_id,
            body=record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(units))),
        )
        barrier.wait()
        try:
            world.credit(request)
        except RefusalError as error:
            return error.reason
        return ""

    with ThreadPoolExecutor(2) as pool:
        reasons = sorted(pool.map(send, (1, 2)))

    assert reasons == ["", "EDITION_OUTDATED"]
    editions = world.credit(service.GetRecordRequest(record_id=record_id)).editions
    assert len(editions) == 2


def test_equal_requests_at_once_have_one_answer(world: World) -> None:
    """A client that sends twice because it lost patience gets one record."""
    request = world.penalty()
    barrier = Barrier(2)

    def send(_: int) -> Any:
        barrier.wait()
        return world.credit(request)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(send, range(2))

    assert {first.repeated, second.repeated} == {False, True}
    assert first.record == second.record
    assert first.point == second.point
