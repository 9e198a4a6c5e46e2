"""ListSyncService over the wire: exports, changes, cursors, digests."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import insert

from models.enterprises import EnterpriseRow, EnterpriseVersionRow
from safetycredit.scoring.v1.list_entry_pb2 import RemovalReason
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.database import Database
from services.common.server import running
from services.scoring.domain.list_digest import EMPTY_LIST, bucket_of, list_digest
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_entry import RemovalReason as DecidedReason
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, REDLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    WORK_SAFETY,
    ListSyncClient,
    caller,
    changed,
    cursor_of,
    ids,
    list_sync_client,
    publish,
)
from tests.fakes.scoring_client import RefusedError

OPERATOR = caller("operator", "operator")
SUBSCRIBER = caller("housing-department", "subscriber")


# Exports and changes -------------------------------------------------------------


async def test_an_export_sends_every_list_of_its_kind_at_one_version(
    database: Database, lists: ListSyncClient
) -> None:
    """Without a field each field's list comes by itself, an empty one with the stated digest."""
    publish(database, [entry(1), entry(2), entry(3, list_key=REDLIST)])
    publish(database, [removal(2)])

    messages = await lists.export()

    begins = [message.begin for message in messages if message.HasField("begin")]
    ends = [message.end for message in messages if message.HasField("end")]
    assert begins == ends
    assert [(one.field, one.version, one.entry_count) for one in begins] == [
        (1, 2, 1),
        (2, 0, 0),
        (3, 0, 0),
        (4, 0, 0),
        (5, 0, 0),
    ]
    assert {one.digest for one in begins[1:]} == {EMPTY_LIST}
    assert ids(messages) == ["l-1"]
    assert messages[0].point.revision == 2


async def test_an_export_stays_at_its_version_while_others_publish(
    database: Database, lists: ListSyncClient
) -> None:
    """More entries than are read at once, and a publication in the middle of the export."""
    publish(database, [entry(number) for number in range(1, 1501)])
    messages = []
    async for message in lists.stream("ExportList", kind=BLACK, field=WORK_SAFETY):
        if message.HasField("begin"):
            publish(database, [removal(1), entry(1500, cause="改"), entry(2000)])
        messages.append(message)

    assert len(ids(messages)) == 1500
    assert set(ids(messages)) == {f"l-{number}" for number in range(1, 1501)}
    assert messages[-1].end.version == 2
    page = await lists.call(
        "ListChanges", kind=BLACK, field=WORK_SAFETY, cursor=messages[-1].cursor
    )
    assert sorted(name for _, _, name in changed(page.deltas[0])) == ["l-1", "l-1500", "l-2000"]


async def test_changes_come_in_pages_that_tell_where_the_list_stands(
    database: Database, lists: ListSyncClient
) -> None:
    """A page ends at a version, names its digest, and says that there is more."""
    publish(database, [entry(1)])
    publish(database, [removal(1, reason=DecidedReason.EARLY, document_number="移〔2025〕1号")])

    first = await lists.call(
        "ListChanges", kind=BLACK, field=WORK_SAFETY, from_start=True, page_size=1
    )
    second = await lists.call(
        "ListChanges", kind=BLACK, field=WORK_SAFETY, cursor=first.cursor, page_size=1
    )
    third = await lists.call("ListChanges", kind=BLACK, field=WORK_SAFETY, cursor=second.cursor)

    assert changed(first.deltas[0]) == [(1, "entry", "l-1")]
    assert (first.more, first.deltas[0].state.version, first.deltas[0].head_version) == (True, 1, 2)
    assert changed(second.deltas[0]) == [(2, "removal", "l-1")]
    tombstone = second.deltas[0].changes[0].removal
    assert tombstone.reason == RemovalReason.REMOVAL_REASON_EARLY
    assert tombstone.document_number == "移〔2025〕1号"
    assert (second.more, second.deltas[0].state.digest) == (False, EMPTY_LIST)
    assert (changed(third.deltas[0]), third.cursor) == ([], second.cursor)


async def test_one_cursor_goes_through_the_lists_of_all_fields(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Each list keeps a place of its own in the cursor, also where a page had no room for it."""
    fire = ListKey(BLACKLIST.kind, 2)
    publish(embedded, [entry(1), entry(2, list_key=fire)])

    first = await embedded_lists.call("ListChanges", kind=BLACK, from_start=True, page_size=1)
    second = await embedded_lists.call("ListChanges", kind=BLACK, cursor=first.cursor)

    assert [changed(delta) for delta in first.deltas] == [[(1, "entry", "l-1")], [], [], [], []]
    assert first.more
    assert [changed(delta) for delta in second.deltas] == [[], [(1, "entry", "l-2")], [], [], []]
    assert not second.more


async def test_a_division_is_a_view_with_a_digest_of_its_own(
    database: Database, lists: ListSyncClient
) -> None:
    """Who leaves the division leaves the view, and a change elsewhere only moves the version."""
    view = {"kind": BLACK, "field": WORK_SAFETY, "division": "110000"}
    publish(
        database, [entry(1, division=110105), entry(2, division=120101), entry(3, division=None)]
    )
    exported = await lists.export(field=WORK_SAFETY, division="110000")
    alone = await lists.call("GetListDigest", **view)
    publish(database, [entry(2, division=120102)])
    publish(database, [entry(1, division=120101)])

    page = await lists.call("ListChanges", **view, cursor=exported[-1].cursor)

    assert ids(exported) == ["l-1"]
    assert exported[-1].end == alone.digests[0].state
    delta = page.deltas[0]
    assert changed(delta) == [(3, "removal", "l-1")]
    assert delta.changes[0].removal.reason == RemovalReason.REMOVAL_REASON_LEFT_VIEW
    assert (delta.state.version, delta.state.entry_count) == (3, 0)
    assert delta.state.digest == EMPTY_LIST


async def test_a_division_is_read_with_all_below_it_in_stretches(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """A view of more entries than are read at once is whole, and nothing else is in it."""
    places = {number: (110105, 110112, 120101)[number % 3] for number in range(1, 3001)}
    publish(embedded, [entry(number, division=place) for number, place in places.items()])

    exported = await embedded_lists.export(field=WORK_SAFETY, division="110000")

    inside = {f"l-{number}" for number, place in places.items() if place < 120000}
    assert len(ids(exported)) == exported[-1].end.entry_count == 2000
    assert set(ids(exported)) == inside


async def test_buckets_are_given_to_repair_a_part(
    database: Database, lists: ListSyncClient
) -> None:
    """Digests of all buckets show which differ; those are given whole, at an older version too."""
    wanted = {"kind": BLACK, "field": WORK_SAFETY}
    publish(database, [entry(1), entry(2)])
    publish(database, [entry(1, cause="改")])
    bucket = bucket_of("l-1")

    digests = await lists.call("GetListDigest", **wanted, with_buckets=True)
    now = await lists.call("GetListBuckets", **wanted, buckets=[bucket, (bucket + 1) % 4096])
    then = await lists.call("GetListBuckets", **wanted, buckets=[bucket], version=1)

    state = digests.digests[0].state
    assert list_digest(digests.digests[0].bucket_digests) == state.digest
    assert [(one.bucket, len(one.entries)) for one in now.buckets] == [
        (bucket, 1),
        ((bucket + 1) % 4096, 0),
    ]
    assert now.state == state
    assert now.buckets[0].entries[0].cause == "改"
    assert (then.state.version, then.buckets[0].entries[0].cause) == (1, "发生生产安全事故")
    page = await lists.call("ListChanges", **wanted, from_start=True)
    assert digests.cursor == page.cursor


async def test_buckets_that_do_not_fit_into_one_answer_are_left_to_the_next(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """The answer holds as many of the buckets asked for as it can, in their order."""
    publish(embedded, [entry(number, cause="长" * 15_000) for number in range(1, 61)])
    buckets = sorted({bucket_of(f"l-{number}") for number in range(1, 61)})

    answer = await embedded_lists.call(
        "GetListBuckets", kind=BLACK, field=WORK_SAFETY, buckets=buckets
    )

    given = [one.bucket for one in answer.buckets]
    assert 0 < len(given) < len(buckets)
    assert given == buckets[: len(given)]


async def test_a_bucket_that_fits_no_answer_is_sent_in_parts_to_who_says_so(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Fifty entries of 45 kB lie in one bucket: 2.25 MB, of which a part has at most 2 MiB.

    To who does not say so it is one answer, as ever.
    """
    bucket = bucket_of("l-1")
    numbers = list(islice((n for n in count(1) if bucket_of(f"l-{n}") == bucket), 50))
    publish(embedded, [entry(number, cause="长" * 15_000) for number in numbers])
    neighbour = (bucket + 1) % 4096
    wanted = {"kind": BLACK, "field": WORK_SAFETY, "buckets": [bucket, neighbour]}

    whole = await embedded_lists.call("GetListBuckets", **wanted)
    first = await embedded_lists.call("GetListBuckets", **wanted, after_entries=0)
    held = len(first.buckets[0].entries)
    rest = await embedded_lists.call("GetListBuckets", **wanted, after_entries=held)

    assert [(len(one.entries), one.more) for one in whole.buckets] == [(50, False)]
    assert [(one.bucket, one.more) for one in first.buckets] == [(bucket, True)]
    assert first.ByteSize() < 2**21 + 1000
    assert [(one.bucket, one.more) for one in rest.buckets] == [(bucket, False), (neighbour, False)]
    sent = [*first.buckets[0].entries, *rest.buckets[0].entries]
    assert [one.entry_id for one in sent] == [f"l-{number}" for number in numbers]


async def test_persons_are_masked_everywhere(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """An export shows a person's first character and a masked number, to everybody."""
    publish(embedded, [entry(1, person=True, name="张＊", identity_mask="110105********001X")])

    messages = await embedded_lists.export(by=SUBSCRIBER)

    found = [one for message in messages for one in message.entries]
    assert [(one.subject_id, one.name, one.masked_identity_number) for one in found] == [
        ("p-1001", "张＊", "110105********001X")
    ]


# Divisions -----------------------------------------------------------------------


def enter_enterprise(database: Database, division: int) -> None:
    """Enter an enterprise of a division, as the credit service does."""
    known = {"enterprise_id": 1, "recorded_revision": 1}
    with database.write(caller=SUBSCRIBER, method="test") as write:
        write.connection.execute(insert(EnterpriseRow).values(credit_code="9" * 18, **known))
        write.connection.execute(
            insert(EnterpriseVersionRow).values(
                row_id=1,
                name="企业",
                division=division,
                fields=0,
                kind=1,
                state=1,
                start_date=date(2025, 1, 1),
                document_number="",
                **known,
            )
        )
        write.commit()


@pytest.mark.parametrize(
    ("division", "unknown"),
    [
        pytest.param("110150", True, id="slip-in-the-code"),
        pytest.param("120000", True, id="other-province"),
        pytest.param("110105", False, id="of-an-entry"),
        pytest.param("110000", False, id="above-that-of-an-entry"),
        pytest.param("440300", False, id="of-an-enterprise"),
        pytest.param("", False, id="every-division"),
    ],
)
async def test_a_division_of_which_nothing_is_known_is_named_so(
    database: Database, lists: ListSyncClient, division: str, *, unknown: bool
) -> None:
    """Its list is empty, which clears nobody; one with an enterprise or an entry is known."""
    publish(database, [entry(1)])
    enter_enterprise(database, 440305)
    asked: dict[str, Any] = {"field": WORK_SAFETY, "division": division}

    messages = await lists.export(**asked)
    digest = await lists.call("GetListDigest", kind=BLACK, **asked)

    assert messages[0].division_unknown is digest.division_unknown is unknown
    assert not any(message.division_unknown for message in messages[1:])


# Cursors -------------------------------------------------------------------------


async def test_a_cursor_is_good_for_its_store_lists_and_division_alone(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Damaged or foreign cursors are refused by name, never answered from the start."""
    publish(embedded, [entry(1)])
    cursor = await cursor_of(embedded_lists, field=WORK_SAFETY)
    calls = [
        ({"kind": BLACK, "field": WORK_SAFETY, "cursor": cursor[:-2] + "xx"}, "CURSOR_MALFORMED"),
        ({"kind": BLACK, "field": WORK_SAFETY, "cursor": "rubbish"}, "CURSOR_MALFORMED"),
        ({"kind": BLACK, "cursor": cursor}, "CURSOR_FOREIGN"),
        ({"kind": 2, "field": WORK_SAFETY, "cursor": cursor}, "CURSOR_FOREIGN"),
        (
            {"kind": BLACK, "field": WORK_SAFETY, "division": "110000", "cursor": cursor},
            "CURSOR_FOREIGN",
        ),
        ({"kind": BLACK, "field": WORK_SAFETY}, "INVALID_INPUT"),
    ]

    for fields, reason in calls:
        with pytest.raises(RefusedError) as refused:
            await embedded_lists.call("ListChanges", **fields)

        assert (refused.value.code, refused.value.reason) == ("INVALID_ARGUMENT", reason)


def backup(database: Database, path: Path) -> Database:
    """Copy a store on SQLite as a backup does: the same store, as it stands now."""
    assert database.url.database is not None
    with (
        closing(sqlite3.connect(database.url.database)) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
    return Database(f"sqlite:///{path}", clock=database.clock)


async def test_a_store_that_was_set_back_is_noticed(
    embedded: Database, embedded_lists: ListSyncClient, tmp_path: Path
) -> None:
    """A cursor from a lost history is ahead at first, and diverges once versions are reused."""
    publish(embedded, [entry(1)])
    restored = backup(embedded, tmp_path / "restored.db")
    publish(embedded, [entry(2)])
    cursor = await cursor_of(embedded_lists, field=WORK_SAFETY)
    wanted = {"kind": BLACK, "field": WORK_SAFETY, "cursor": cursor}

    async with list_sync_client(restored) as client:
        with pytest.raises(RefusedError) as ahead:
            await client.call("ListChanges", **wanted)
        publish(restored, [entry(3)])
        with pytest.raises(RefusedError) as diverged:
            await client.call("ListChanges", **wanted)

    restored.close()
    assert (ahead.value.code, ahead.value.reason) == ("UNAVAILABLE", "CURSOR_AHEAD")
    assert (diverged.value.code, diverged.value.reason) == ("OUT_OF_RANGE", "CURSOR_DIVERGED")


@pytest.mark.parametrize("method", ["ListChanges", "WatchList"])
async def test_a_cursor_from_below_the_floor_is_told_where_to_begin_again(
    database: Database, lists: ListSyncClient, clock: FixedClock, method: str
) -> None:
    """It says floor, head, digest and when to load; the start is below the floor as well."""
    publish(database, [entry(1)])
    old = await cursor_of(lists, field=WORK_SAFETY)
    publish(database, [entry(1, cause="改")])
    floor = await cursor_of(lists, field=WORK_SAFETY)
    clock.advance(timedelta(days=401))
    publish(database, [entry(2)])
    await lists.call("CompactLists", by=OPERATOR, request_id="c-1")
    state = (await lists.export(field=WORK_SAFETY))[-1].end

    for start in ({"cursor": old}, {"from_start": True}):
        with pytest.raises(RefusedError) as refused:
            await first_of(lists, method, kind=BLACK, field=WORK_SAFETY, **start)

        assert (refused.value.code, refused.value.reason) == ("OUT_OF_RANGE", "CURSOR_TOO_OLD")
        facts = refused.value.facts
        assert (facts["floor_version"], facts["head_version"]) == ("2", "3")
        assert facts["head_digest"] == state.digest.hex()
        assert 1 <= int(facts["retry_after_seconds"]) <= 60
    answer = await first_of(lists, method, kind=BLACK, field=WORK_SAFETY, cursor=floor)
    delta = answer.deltas[0] if method == "ListChanges" else answer.delta
    assert changed(delta) == [(3, "entry", "l-2")]


async def first_of(lists: ListSyncClient, method: str, **fields: Any) -> Any:  # noqa: ANN401 -- any request and response.
    """Give the answer, or the first message of a stream."""
    if method == "ListChanges":
        return await lists.call(method, **fields)
    async for message in lists.stream(method, **fields):
        return message
    raise AssertionError("a watched list sends something")


async def test_the_scoring_server_serves_the_lists(built: ScoringServer) -> None:
    """The service is put together with the others, from the settings."""
    publish(built.database, [entry(1)])
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        client = ListSyncClient(ListSyncServiceStub(channel))
        messages = await client.export(by=SUBSCRIBER)
        overdue = await client.call("ListOverdueRemovals", kind=BLACK)

    assert ids(messages) == ["l-1"]
    assert overdue.period_working_days == 3
