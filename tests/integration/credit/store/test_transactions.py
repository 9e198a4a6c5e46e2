"""Transactions of the store's ports, in memory and on both databases."""

from datetime import timedelta

import pytest

from services.common.errors import SafetyCreditError
from services.common.idempotency import RequestIdReusedError
from services.credit.commands.ports import (
    Store,
)
from services.credit.commands.registration import new_enterprise
from tests.fakes.clock import FixedClock
from tests.fakes.credit_facts import (
    DATONG,
    HUAWEI,
    LIU,
    PROFILE,
    START,
    registered,
)


def test_an_uncommitted_write_leaves_nothing(store: Store) -> None:
    """No row, no revision."""
    with store.write(caller=LIU, method="register") as write:
        write.enterprises.register([new_enterprise(write, HUAWEI, PROFILE, start_date=START)])

    with store.read() as reading:
        assert reading.enterprises.resolve([HUAWEI], revision=1) == {}
    assert store.point().revision == 0


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    """An error inside undoes everything before it."""

    def fail() -> None:
        with store.write(caller=LIU, method="register") as write:
            write.enterprises.register([new_enterprise(write, HUAWEI, PROFILE, start_date=START)])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()

    assert store.point().revision == 0
    assert registered(store) > 0


def test_a_snapshot_does_not_move(store: Store) -> None:
    """What is committed meanwhile is not seen."""
    with store.read() as reading:
        before = reading.point
        registered(store)
        revision = reading.point.revision
        found = reading.enterprises.resolve([HUAWEI], revision=revision)

    assert (before.revision, found) == (0, {})
    assert store.point().revision == 1


def test_a_write_sees_what_it_wrote(store: Store) -> None:
    """Within the transaction its own revision is the present."""
    with store.write(caller=LIU, method="register") as write:
        file = new_enterprise(write, HUAWEI, PROFILE, start_date=START)
        write.enterprises.register([file])

        found = write.enterprises.files([file.enterprise_id], revision=write.point.revision)

    assert found == {file.enterprise_id: file}


def test_identifiers_are_unique_and_ascend(store: Store) -> None:
    """Those of a later write are larger."""
    taken = []
    for _ in range(2):
        with store.write(caller=LIU, method="test") as write:
            taken += [write.new_id() for _ in range(3)]
            write.commit()

    assert taken == sorted(set(taken))


def test_the_point_of_an_instant_is_the_write_before_it(store: Store, clock: FixedClock) -> None:
    """An instant between two writes knows the first."""
    registered(store)
    first = store.point()
    clock.advance(timedelta(hours=2))
    registered(store, DATONG)

    with store.read() as reading:
        assert reading.point_at(first.recorded_time + timedelta(hours=1)) == first
        assert reading.point_at(clock.now()) == store.point() == reading.point
        with pytest.raises(SafetyCreditError):
            reading.point_at(clock.now() + timedelta(seconds=1))


def test_the_first_answer_is_remembered(store: Store) -> None:
    """For its caller, method and body alone."""
    with store.write(caller=LIU, method="record") as write:
        assert write.recall(request_id="1", digest=b"a") is None
        write.remember(request_id="1", digest=b"a", response=b"answer")
        write.commit()

    with store.write(caller=LIU, method="record") as write:
        assert write.recall(request_id="1", digest=b"a") == b"answer"
        assert write.recall(request_id="2", digest=b"a") is None
        with pytest.raises(RequestIdReusedError):
            write.recall(request_id="1", digest=b"b")
    with (
        store.write(caller=LIU, method="revoke") as write,
        pytest.raises(RequestIdReusedError),
    ):
        write.recall(request_id="1", digest=b"a")
