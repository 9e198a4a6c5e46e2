"""ListSyncService over the wire: who is said to hold removed entries, and ends of subscriptions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.list_feed import ListChangeRow
from services.common.database import Database
from services.scoring.domain.list_encoding import encode_removal
from services.scoring.domain.list_entry import ListChange
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_sync_server import BLACK, WORK_SAFETY, ListSyncClient, caller, publish
from tests.fakes.scoring_client import RefusedError

SUBSCRIBER = caller("housing-department", "subscriber")
OTHER = caller("transport-department", "subscriber")
OPERATOR = caller("operator", "operator")
LIST: dict[str, Any] = {"kind": BLACK, "field": WORK_SAFETY}


async def hold(lists: ListSyncClient, *, division: str = "", number: str = "a-1") -> Any:  # noqa: ANN401 -- a response.
    """Acknowledge, as the subscriber, the list or a view of it as it stands."""
    state = (await lists.export(field=WORK_SAFETY, division=division))[-1].end
    return await lists.call(
        "AcknowledgeList",
        by=SUBSCRIBER,
        request_id=number,
        **LIST,
        division=division,
        version=state.version,
        digest=state.digest,
    )


async def held(lists: ListSyncClient, **given: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401 -- any field.
    """Give who holds which view at which version."""
    page = await lists.call("ListSubscribers", kind=BLACK, **given)
    return [(one.subscriber, one.division, one.held_version) for one in page.subscriptions]


# Removals that have been dropped ---------------------------------------------------


@pytest.mark.parametrize(
    ("publications", "version"),
    [
        pytest.param([[entry(4)], [entry(5), entry(6)]], None, id="additions-alone"),
        pytest.param(
            [[entry(1, cause="改")], [entry(1, cause="又改")]], None, id="one-change-a-version"
        ),
        pytest.param([[entry(1, cause="改"), entry(4)]], None, id="a-change-and-an-addition"),
        pytest.param([[entry(1, cause="改"), entry(2, cause="改")]], None, id="two-changes"),
        pytest.param(
            [[entry(number, cause=cause) for number in (1, 2)] for cause in ("改", "又改")],
            2,
            id="two-changes-twice",
        ),
        pytest.param([[removal(1)]], 2, id="a-removal"),
        pytest.param([[entry(4), entry(5)], [removal(1), entry(6)]], 3, id="a-removal-made-up-for"),
    ],
)
async def test_only_who_may_hold_a_removed_entry_is_reported_once_changes_are_dropped(
    embedded: Database,
    embedded_lists: ListSyncClient,
    clock: FixedClock,
    publications: list[list[ListChange]],
    version: int | None,
) -> None:
    """A removal is one change and one entry less; a version without room for it has none.

    Two entries that changed, and stand no more as that version left them, leave the same room as
    one that went: which it was cannot be told.
    """
    publish(embedded, [entry(1), entry(2), entry(3)])
    await hold(embedded_lists)
    for changes in publications:
        publish(embedded, changes)
    clock.advance(timedelta(days=401))
    await embedded_lists.call("CompactLists", by=OPERATOR, request_id="c-1")

    page = await embedded_lists.call("ListOverdueRemovals", kind=BLACK)

    found = [(one.removal_version, one.HasField("removal")) for one in page.removals]
    assert found == ([] if version is None else [(version, False)])


async def test_a_damaged_removal_is_reported_without_what_it_says(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """Nobody is told another document; that an entry went is told all the same."""
    publish(embedded, [entry(1)])
    await hold(embedded_lists)
    publish(embedded, [removal(1, document_number="移出1号")])
    damage = update(ListChangeRow).where(ListChangeRow.version == 2)
    wrong = encode_removal(removal(1, document_number="移出7号"))
    with embedded.write(caller=OPERATOR, method="test") as write:
        write.connection.execute(damage.values(body=wrong))
        write.commit()
    clock.advance(timedelta(days=30))

    page = await embedded_lists.call("ListOverdueRemovals", kind=BLACK)

    assert [(one.removal_version, one.HasField("removal")) for one in page.removals] == [(2, False)]


# Ends of subscriptions -------------------------------------------------------------


async def test_who_goes_over_to_another_view_ends_the_one_before(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """The view is no longer behind and nothing is overdue there; it is known what was before."""
    publish(database, [entry(1), entry(2)])
    await hold(lists, division="110000")
    before = await hold(lists, number="a-2")
    publish(database, [removal(1)])
    await hold(lists, number="a-3")
    wish = {"by": SUBSCRIBER, "request_id": "e-1", **LIST, "division": "110000"}

    ended = await lists.call("EndListSubscription", **wish)
    again = await lists.call("EndListSubscription", **wish)

    clock.advance(timedelta(days=30))
    overdue = await lists.call("ListOverdueRemovals", kind=BLACK)
    assert (ended.held_version, ended.repeated, again.repeated) == (1, False, True)
    assert await held(lists) == [("housing-department", "", 2)]
    assert list(overdue.removals) == []
    assert await held(lists, known_at=before.point.known_at) == [
        ("housing-department", "", 1),
        ("housing-department", "110000", 1),
    ]


async def test_a_subscription_that_ended_begins_anew_with_an_acknowledgement(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """The same version as before is a subscription again, and not said to be known."""
    publish(embedded, [entry(1)])
    await hold(embedded_lists)
    await embedded_lists.call("EndListSubscription", by=SUBSCRIBER, request_id="e-1", **LIST)

    done = await hold(embedded_lists, number="a-2")

    assert not done.repeated
    assert await held(embedded_lists) == [("housing-department", "", 1)]


async def test_an_operator_ends_the_subscription_of_software_that_is_gone(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """It names whose."""
    publish(embedded, [entry(1)])
    await hold(embedded_lists)

    await embedded_lists.call(
        "EndListSubscription",
        by=OPERATOR,
        request_id="e-1",
        **LIST,
        subscriber="housing-department",
    )

    assert await held(embedded_lists) == []


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        pytest.param(
            {"by": OTHER, "subscriber": "housing-department"},
            "PERMISSION_DENIED",
            "OUT_OF_SCOPE",
            id="another's",
        ),
        pytest.param({"by": OTHER}, "NOT_FOUND", "SUBSCRIPTION_UNKNOWN", id="nobody-of-the-name"),
        pytest.param({"division": "110000"}, "NOT_FOUND", "SUBSCRIPTION_UNKNOWN", id="other-view"),
        pytest.param({"field": 2}, "NOT_FOUND", "SUBSCRIPTION_UNKNOWN", id="other-list"),
        pytest.param({"request_id": ""}, "INVALID_ARGUMENT", "INVALID_INPUT", id="no-request-id"),
        pytest.param({"field": 0}, "INVALID_ARGUMENT", "INVALID_INPUT", id="no-field"),
        pytest.param(
            {"by": caller("auditor", "auditor")},
            "PERMISSION_DENIED",
            "ACCESS_DENIED",
            id="auditors-hold-nothing",
        ),
        pytest.param(
            {"request_id": "e-1", "subscriber": "housing-department"},
            "ALREADY_EXISTS",
            "REQUEST_ID_REUSED",
            id="another-request",
        ),
    ],
)
async def test_a_wrong_end_is_refused_and_ends_nothing(
    embedded: Database,
    embedded_lists: ListSyncClient,
    given: dict[str, Any],
    code: str,
    reason: str,
) -> None:
    """A subscription that ended is none either."""
    publish(embedded, [entry(1)])
    await hold(embedded_lists)
    wish = {"by": SUBSCRIBER, "request_id": "e-1", **LIST}
    await embedded_lists.call("EndListSubscription", **wish)
    await hold(embedded_lists, number="a-2")

    with pytest.raises(RefusedError) as refused:
        await embedded_lists.call("EndListSubscription", **{**wish, "request_id": "e-2", **given})

    assert (refused.value.code, refused.value.reason) == (code, reason)
    assert await held(embedded_lists) == [("housing-department", "", 1)]
