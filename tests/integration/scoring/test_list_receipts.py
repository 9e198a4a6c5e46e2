"""ListSyncService over the wire: receipts, approvals, compaction."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.list_feed import ListAcknowledgementRow
from services.common.database import Database
from services.scoring.domain.list_digest import EMPTY_LIST
from services.scoring.domain.list_entry import RemovalReason as DecidedReason
from services.scoring.domain.list_shrinking import ShrinkLimits
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    WORK_SAFETY,
    ListSyncClient,
    caller,
    publish,
)
from tests.fakes.scoring_client import RefusedError

SUBSCRIBER = caller("housing-department", "subscriber")
OTHER = caller("transport-department", "subscriber")
REGULATOR = caller("regulator", "regulator")
OPERATOR = caller("operator", "operator")


# Receipts ------------------------------------------------------------------------


async def acknowledge(
    lists: ListSyncClient,
    state: Any,  # noqa: ANN401 -- a state.
    number: str,
    **given: Any,  # noqa: ANN401 -- any field.
) -> Any:  # noqa: ANN401 -- a response.
    """Acknowledge a state as the subscriber, unless told otherwise."""
    fields = {
        "by": SUBSCRIBER,
        "request_id": number,
        "kind": state.kind,
        "field": state.field,
        "version": state.version,
        "digest": state.digest,
        **given,
    }
    return await lists.call("AcknowledgeList", **fields)


async def test_an_acknowledgement_is_kept_and_shown(
    database: Database, lists: ListSyncClient
) -> None:
    """It is seen who holds which version; a repeat says so, and an earlier day shows what was."""
    publish(database, [entry(1)])
    first = (await lists.export(field=WORK_SAFETY))[-1].end
    one = await acknowledge(lists, first, "a-1")
    publish(database, [entry(2)])
    second = (await lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(lists, second, "a-2")
    await acknowledge(lists, second, "a-3", by=OTHER)
    again = await acknowledge(lists, second, "a-2")

    now = await lists.call("ListSubscribers", kind=BLACK, by=REGULATOR)
    then = await lists.call("ListSubscribers", kind=BLACK, known_at=one.point.known_at)

    assert [(x.subscriber, x.held_version, x.head_version) for x in now.subscriptions] == [
        ("housing-department", 2, 2),
        ("transport-department", 2, 2),
    ]
    assert [(x.subscriber, x.held_version, x.head_version) for x in then.subscriptions] == [
        ("housing-department", 1, 1)
    ]
    assert (one.repeated, again.repeated, again.head_version) == (False, True, 2)


async def test_subscribers_are_paged(embedded: Database, embedded_lists: ListSyncClient) -> None:
    """Pages follow each other, known at the revision of the first."""
    publish(embedded, [entry(1)])
    state = (await embedded_lists.export(field=WORK_SAFETY))[-1].end
    for number in range(3):
        by = caller(f"subscriber-{number}", "subscriber")
        await acknowledge(embedded_lists, state, "a-1", by=by)
    wanted: dict[str, Any] = {"kind": BLACK, "page_size": 2}

    first = await embedded_lists.call("ListSubscribers", **wanted)
    await acknowledge(embedded_lists, state, "a-2", by=caller("subscriber-9", "subscriber"))
    second = await embedded_lists.call(
        "ListSubscribers", **wanted, page_token=first.next_page_token
    )

    names = [one.subscriber for page in (first, second) for one in page.subscriptions]
    assert names == ["subscriber-0", "subscriber-1", "subscriber-2"]
    assert second.next_page_token == ""
    assert [one.subscription_count for one in first.lags] == [3]
    assert not second.lags


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        pytest.param(
            {"digest": b"x" * 32}, "FAILED_PRECONDITION", "DIGEST_MISMATCH", id="wrong-digest"
        ),
        pytest.param({"version": 9}, "OUT_OF_RANGE", "LIST_VERSION_UNKNOWN", id="no-such-version"),
        pytest.param({"digest": b"x"}, "INVALID_ARGUMENT", "INVALID_INPUT", id="no-digest"),
        pytest.param({"request_id": ""}, "INVALID_ARGUMENT", "INVALID_INPUT", id="no-request-id"),
        pytest.param(
            {"by": caller("auditor", "auditor")},
            "PERMISSION_DENIED",
            "ACCESS_DENIED",
            id="auditors-hold-nothing",
        ),
    ],
)
async def test_a_wrong_acknowledgement_is_refused(
    embedded: Database,
    embedded_lists: ListSyncClient,
    given: dict[str, Any],
    code: str,
    reason: str,
) -> None:
    """Nobody acknowledges what the list never was."""
    publish(embedded, [entry(1)])
    state = (await embedded_lists.export(field=WORK_SAFETY))[-1].end

    with pytest.raises(RefusedError) as refused:
        await acknowledge(embedded_lists, state, "a-1", **given)

    assert (refused.value.code, refused.value.reason) == (code, reason)


async def test_one_request_identifier_stands_for_one_request(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """A request identifier that is used for another acknowledgement is refused."""
    publish(embedded, [entry(1)])
    state = (await embedded_lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(embedded_lists, state, "a-1")

    with pytest.raises(RefusedError) as refused:
        await acknowledge(embedded_lists, state, "a-1", version=0, digest=EMPTY_LIST)

    assert (refused.value.code, refused.value.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")


async def test_a_removed_entry_that_is_still_held_is_overdue_after_three_working_days(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """Removed on Sunday 2025-06-01, due on Thursday 5 June, overdue on the 6th.

    Monday 2 June 2025 is the last day off of the Dragon Boat Festival (31 May to 2 June), so the
    working days are 3, 4 and 5 June.
    """
    publish(database, [entry(1), entry(2)])
    held = (await lists.export(field=WORK_SAFETY))[-1].end
    for by in (SUBSCRIBER, OTHER):
        await acknowledge(lists, held, "a-1", by=by)
    publish(database, [removal(1, reason=DecidedReason.CORRECTED, document_number="正〔2025〕1号")])
    current = (await lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(lists, current, "a-2", by=OTHER)
    clock.advance(timedelta(days=4))
    asked = {"kind": BLACK, "field": WORK_SAFETY}

    last_day = await lists.call("ListOverdueRemovals", **asked, by=REGULATOR)
    clock.advance(timedelta(days=1))
    overdue = await lists.call("ListOverdueRemovals", **asked, by=REGULATOR)
    own = await lists.call("ListOverdueRemovals", **asked, by=SUBSCRIBER)
    others = await lists.call("ListOverdueRemovals", **asked, by=OTHER)

    assert list(last_day.removals) == []
    (one,) = overdue.removals
    assert (one.subscription.subscriber, one.subscription.held_version) == ("housing-department", 1)
    assert (one.removal.entry_id, one.removal.document_number) == ("l-1", "正〔2025〕1号")
    due = one.due_date
    assert date(due.year, due.month, due.day) == date(2025, 6, 5)
    assert (one.removal_version, one.due_date_provisional) == (2, False)
    assert overdue.period_working_days == 3
    assert own.removals == overdue.removals
    assert list(others.removals) == []


async def test_only_what_a_subscriber_holds_and_should_not_is_overdue(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """What came and went since, what is back, and what is outside the view is not overdue."""
    publish(embedded, [entry(1), entry(2), entry(3, division=120101)])
    view = {"field": WORK_SAFETY, "division": "110000"}
    held = (await embedded_lists.export(**view))[-1].end
    await acknowledge(embedded_lists, held, "a-1", division="110000")
    publish(embedded, [entry(4)])
    publish(embedded, [removal(1), removal(2), removal(3), removal(4)])
    publish(embedded, [entry(1, cause="改")])
    clock.advance(timedelta(days=30))

    page = await embedded_lists.call("ListOverdueRemovals", kind=BLACK)

    assert [one.removal.entry_id for one in page.removals] == ["l-2"]
    assert page.removals[0].subscription.division == "110000"


async def test_overdue_removals_are_paged(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """Pages of two go through three removals of each of two subscribers, each once."""
    publish(embedded, [entry(number) for number in (1, 2, 3)])
    held = (await embedded_lists.export(field=WORK_SAFETY))[-1].end
    for by in (SUBSCRIBER, OTHER):
        await acknowledge(embedded_lists, held, "a-1", by=by)
    for number in (1, 2, 3):
        publish(embedded, [removal(number)])
    clock.advance(timedelta(days=30))

    found: list[tuple[str, str]] = []
    token, pages = "", 0
    while token or not pages:
        page = await embedded_lists.call(
            "ListOverdueRemovals", kind=BLACK, page_size=2, page_token=token
        )
        found += [(one.subscription.subscriber, one.removal.entry_id) for one in page.removals]
        token, pages = page.next_page_token, pages + 1

    assert found == [
        (who, f"l-{number}")
        for who in ("housing-department", "transport-department")
        for number in (1, 2, 3)
    ]


async def test_a_copy_from_below_the_floor_is_overdue_as_a_whole(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """What was removed since cannot be told any more, so the subscriber is told to load again."""
    publish(embedded, [entry(1)])
    held = (await embedded_lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(embedded_lists, held, "a-1")
    publish(embedded, [removal(1)])
    clock.advance(timedelta(days=401))
    await embedded_lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    page = await embedded_lists.call("ListOverdueRemovals", kind=BLACK)

    (one,) = page.removals
    assert (one.HasField("removal"), one.removal_version) == (False, 2)


async def test_nobody_is_told_to_take_off_what_it_never_held(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """Of removals that were dropped only those hear whose copies may hold one of them.

    The list has l-1 and l-2 of 110105 and l-3 of 120101; l-1 goes, l-2 changes, l-4 comes.
    """
    nothing = caller("had-nothing", "subscriber")
    views = {
        "": caller("whole", "subscriber"),
        "110000": caller("lost-one", "subscriber"),
        "120000": caller("lost-none", "subscriber"),
        "310000": caller("never-had-any", "subscriber"),
    }
    empty = (await lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(lists, empty, "a-1", by=nothing)
    publish(database, [entry(1), entry(2), entry(3, division=120101)])
    for division, by in views.items():
        held = (await lists.export(field=WORK_SAFETY, division=division))[-1].end
        await acknowledge(lists, held, "a-1", by=by, division=division)
    publish(database, [removal(1), entry(2, cause="改")])
    publish(database, [entry(4)])
    expected = {("whole", "l-1"), ("lost-one", "l-1")}
    clock.advance(timedelta(days=401))

    before = await overdue(lists)
    await lists.call("CompactLists", by=OPERATOR, request_id="c-1")
    after = await overdue(lists)

    assert before == expected
    assert after == {(subscriber, "") for subscriber, _ in expected}
    publish(database, [removal(3)])
    clock.advance(timedelta(days=30))
    # What goes after the floor is told by name, also to who stands below it.
    assert await overdue(lists) == after | {("lost-none", "l-3"), ("whole", "l-3")}


async def test_removals_after_the_floor_are_paged_behind_what_stands_for_those_before(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """Held are l-1 to l-4; up to the floor l-1 goes, l-2 changes and l-5 comes; then 2, 3, 5 go.

    Nobody held l-5, which came later; l-4 stays.
    """
    lists = embedded_lists
    publish(embedded, [entry(number) for number in (1, 2, 3, 4)])
    held = (await lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(lists, held, "a-1")
    for change in (removal(1), entry(2, cause="改"), entry(5)):
        publish(embedded, [change])
    clock.advance(timedelta(days=401))
    await lists.call("CompactLists", by=OPERATOR, request_id="c-1")
    publish(embedded, [removal(2), removal(3), removal(5)])
    clock.advance(timedelta(days=30))

    found: list[tuple[int, str]] = []
    token, pages = "", 0
    while token or not pages:
        page = await lists.call("ListOverdueRemovals", kind=BLACK, page_size=1, page_token=token)
        found += [(one.removal_version, one.removal.entry_id) for one in page.removals]
        token, pages = page.next_page_token, pages + 1

    assert found[0] == (2, "")
    assert sorted(found[1:]) == [(5, "l-2"), (5, "l-3")]
    assert pages == 3


@pytest.mark.parametrize("removed", [False, True], ids=["changed-alone", "one-removed"])
async def test_entries_that_changed_are_not_taken_for_removed(
    database: Database, lists: ListSyncClient, clock: FixedClock, *, removed: bool
) -> None:
    """As long as they stand as that version left them; with one that went, somebody is asked."""
    publish(database, [entry(1), entry(2)])
    held = (await lists.export(field=WORK_SAFETY))[-1].end
    await acknowledge(lists, held, "a-1")
    publish(database, [removal(1) if removed else entry(1, cause="改"), entry(2, cause="改")])
    publish(database, [entry(3)])
    clock.advance(timedelta(days=401))

    await lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    subscriber = ("housing-department", "")
    assert await overdue(lists) == ({subscriber} if removed else set())


async def test_a_count_that_was_not_kept_is_asked_for_again(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """Of a view acknowledged before counts were kept nobody knows; it says so once more."""
    publish(embedded, [entry(1), entry(3, division=120101)])
    held = (await embedded_lists.export(field=WORK_SAFETY, division="120000"))[-1].end
    await acknowledge(embedded_lists, held, "a-1", division="120000")
    forget = update(ListAcknowledgementRow).values(entry_count=None)
    with embedded.write(caller=OPERATOR, method="test") as write:
        write.connection.execute(forget)
        write.commit()
    again = await acknowledge(embedded_lists, held, "a-2", division="120000")
    publish(embedded, [removal(1)])
    clock.advance(timedelta(days=401))
    await embedded_lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    found = await overdue(embedded_lists)
    with embedded.write(caller=OPERATOR, method="test") as write:
        write.connection.execute(forget)
        write.commit()

    assert (again.repeated, found) == (False, set())
    assert await overdue(embedded_lists) == {("housing-department", "")}


async def overdue(lists: ListSyncClient) -> set[tuple[str, str]]:
    """Give who has which removal to apply, by name where there is one."""
    page = await lists.call("ListOverdueRemovals", kind=BLACK)
    return {(one.subscription.subscriber, one.removal.entry_id) for one in page.removals}


# Operators and approvers -----------------------------------------------------------


async def test_compaction_drops_what_is_older_than_the_retention(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """After 401 days superseded changes go, the list stays as it is, and a repeat says so."""
    publish(database, [entry(1), entry(2)])
    publish(database, [entry(1, cause="改"), removal(2)])
    before = await lists.export(field=WORK_SAFETY)
    clock.advance(timedelta(days=401))

    done = await lists.call("CompactLists", by=OPERATOR, request_id="c-1")
    again = await lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    (one,) = done.lists
    # The first states of both entries, and the tombstone.
    assert (one.field, one.floor_version, one.dropped_changes) == (1, 2, 3)
    assert (again.repeated, again.lists) == (True, done.lists)
    after = await lists.export(field=WORK_SAFETY)
    assert [message.entries for message in after] == [message.entries for message in before]
    assert after[-1].end == before[-1].end


async def test_another_person_lets_a_list_shrink(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """The approval of another person, with a document, lets one publication through."""
    publish(embedded, [entry(number) for number in range(1, 21)])
    changes = [removal(number) for number in range(1, 11)]
    limits = ShrinkLimits(share_percent=10, exempt_below=10)
    wish = {
        "request_id": "s-1",
        "kind": BLACK,
        "field": WORK_SAFETY,
        "removals_max": 10,
        "document_number": "批〔2025〕1号",
    }

    approval = await embedded_lists.call("ApproveListShrinking", by=REGULATOR, **wish)
    again = await embedded_lists.call("ApproveListShrinking", by=REGULATOR, **wish)

    assert (again.repeated, again.approval_id) == (True, approval.approval_id)
    versions = publish(embedded, changes, limits=limits, approval=approval.approval_id)
    assert versions == {BLACKLIST: 2}


async def test_an_approver_acts_within_its_fields(embedded_lists: ListSyncClient) -> None:
    """A regulator of another field approves nothing here."""
    fire = caller("fire", "regulator")
    fire = type(fire)(identity="fire", roles=fire.roles, fields=frozenset({"fire"}))

    with pytest.raises(RefusedError) as refused:
        await embedded_lists.call(
            "ApproveListShrinking",
            by=fire,
            request_id="s-1",
            kind=BLACK,
            field=WORK_SAFETY,
            removals_max=10,
            document_number="批〔2025〕1号",
        )

    assert (refused.value.code, refused.value.reason) == ("PERMISSION_DENIED", "OUT_OF_SCOPE")


@pytest.mark.parametrize(
    ("method", "fields", "violations"),
    [
        pytest.param("GetListDigest", {}, {"kind": "REQUIRED"}, id="no-kind"),
        pytest.param(
            "GetListDigest",
            {"kind": BLACK, "division": "11"},
            {"division": "DIVISION_MALFORMED"},
            id="no-division",
        ),
        pytest.param(
            "GetListBuckets",
            {"kind": BLACK, "buckets": [4096], "after_entries": -1},
            {
                "field": "REQUIRED",
                "buckets": "NUMBER_OUT_OF_RANGE",
                "after_entries": "NUMBER_TOO_SMALL",
            },
            id="no-field-and-no-bucket",
        ),
        pytest.param(
            "ListChanges",
            {"kind": BLACK, "cursor": "c", "from_start": True},
            {"from_start": "CONTRADICTION"},
            id="two-beginnings",
        ),
        pytest.param(
            "ApproveListShrinking",
            {"kind": BLACK},
            {
                "request_id": "REQUIRED",
                "field": "REQUIRED",
                "removals_max": "NUMBER_TOO_SMALL",
                "document_number": "REQUIRED",
            },
            id="nothing-is-approved",
        ),
    ],
)
async def test_a_wrong_request_is_told_every_wrong_field(
    embedded_lists: ListSyncClient, method: str, fields: dict[str, Any], violations: dict[str, str]
) -> None:
    """One refusal names each wrong field with its reason."""
    with pytest.raises(RefusedError) as refused:
        await embedded_lists.call(method, **fields)

    assert refused.value.reason == "INVALID_INPUT"
    assert refused.value.violations == violations


@pytest.mark.parametrize("version", [3, 1], ids=["never-was", "cannot-be-read-any-more"])
async def test_buckets_of_a_version_that_cannot_be_read_are_refused(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock, version: int
) -> None:
    """Neither a version to come nor one below the floor is answered from another."""
    publish(embedded, [entry(1)])
    publish(embedded, [entry(1, cause="改")])
    clock.advance(timedelta(days=401))
    await embedded_lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    with pytest.raises(RefusedError) as refused:
        await embedded_lists.call(
            "GetListBuckets", kind=BLACK, field=WORK_SAFETY, version=version, buckets=[1]
        )

    assert (refused.value.code, refused.value.reason) == ("OUT_OF_RANGE", "LIST_VERSION_UNKNOWN")
