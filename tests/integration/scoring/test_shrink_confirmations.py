"""Confirming that somebody looked at what the law took off a list, over the wire."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.list_feed import ListShrinkConfirmationRow
from services.common.database import Database
from services.scoring.domain.list_shrinking import ShrinkLimits
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    WORK_SAFETY,
    ListSyncClient,
    caller,
    publish,
)
from tests.fakes.measure_server import listed
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter

REGULATOR = caller("regulator", "regulator")
CHIEF = caller("chief", "regulator")
SUBSCRIBER = caller("housing-department", "subscriber")
GUARDED = ShrinkLimits(share_percent=10, exempt_below=10)


def expire(database: Database, *numbers: int) -> None:
    """Let entries expire; beyond two of twenty the list is warned of."""
    gone = [removal(number) for number in numbers]
    publish(database, gone, limits=GUARDED, by_procedure=True)


def shrunk(database: Database) -> None:
    """List twenty entries, and let three of them expire: version 2 is warned of."""
    publish(database, [entry(number) for number in range(1, 21)])
    expire(database, 1, 2, 3)


async def confirm(lists: ListSyncClient, **given: Any) -> Any:  # noqa: ANN401 -- a response.
    """Confirm the warning of version 2 as the regulator, unless told otherwise."""
    fields: dict[str, Any] = {
        "by": REGULATOR,
        "request_id": "s-1",
        "kind": BLACK,
        "field": WORK_SAFETY,
        "version": 2,
        "finding": "到期移出，核对无误",
        **given,
    }
    return await lists.call("ConfirmShrinkWarning", **fields)


async def warning(lists: ListSyncClient, by: Any = REGULATOR) -> Any:  # noqa: ANN401 -- a caller, a message.
    """Give the warning of the list of work safety."""
    found = await lists.call("GetListDigest", by=by, kind=BLACK, field=WORK_SAFETY)
    assert found.digests[0].HasField("shrink_warning")
    return found.digests[0].shrink_warning


def kept(database: Database) -> int:
    """Count what is kept."""
    with database.read() as reading:
        count = reading.connection.execute(
            select(func.count()).select_from(ListShrinkConfirmationRow)
        ).scalar_one()
    return int(count)


async def test_who_looked_at_a_warning_is_kept_and_shown(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """Both who looked, first come first, each with the instant; a repeat adds nothing."""
    shrunk(database)
    before = await warning(lists)
    clock.advance(timedelta(hours=1))
    first = await confirm(lists)
    again = await confirm(lists)
    clock.advance(timedelta(hours=1))
    await confirm(lists, by=CHIEF, request_id="s-2", finding="同意")

    after = await warning(lists)

    assert (before.version, before.HasField("confirm_time")) == (2, False)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.confirmation == first.confirmation
    assert [(one.confirmer, one.finding) for one in after.confirmations] == [
        ("regulator", "到期移出，核对无误"),
        ("chief", "同意"),
    ]
    assert after.confirm_time == first.confirmation.confirm_time == first.point.known_at
    assert after.confirmations[1].confirm_time.seconds - after.confirm_time.seconds == 3600
    # The warning itself stays what it was.
    assert (after.removals_in_window, after.entry_count) == (3, 17)
    assert kept(database) == 2


async def test_a_later_warning_is_to_be_looked_at_anew(
    embedded: Database, embedded_lists: ListSyncClient, clock: FixedClock
) -> None:
    """One more within the day warns again; a day later one is below the share, and does not."""
    shrunk(embedded)
    await confirm(embedded_lists)
    clock.advance(timedelta(hours=1))
    expire(embedded, 4)
    anew = await warning(embedded_lists)
    await confirm(embedded_lists, request_id="s-2", version=3)
    clock.advance(timedelta(hours=25))
    expire(embedded, 5)

    last = await warning(embedded_lists)

    assert (anew.version, anew.HasField("confirm_time")) == (3, False)
    assert not anew.confirmations
    assert (last.version, len(last.confirmations)) == (3, 1)


async def test_subscribers_see_that_somebody_looked_and_not_who(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """The names of officials and what they found are for supervision alone."""
    shrunk(embedded)
    done = await confirm(embedded_lists)

    seen = await warning(embedded_lists, SUBSCRIBER)
    audited = await warning(embedded_lists, caller("auditor", "auditor"))

    assert seen.confirm_time == done.confirmation.confirm_time
    assert not seen.confirmations
    assert [one.confirmer for one in audited.confirmations] == ["regulator"]


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        pytest.param(
            {"version": 1}, "FAILED_PRECONDITION", "SHRINK_WARNING_DIFFERS", id="another-version"
        ),
        pytest.param(
            {"version": 3}, "FAILED_PRECONDITION", "SHRINK_WARNING_DIFFERS", id="not-yet-published"
        ),
        pytest.param(
            {"field": 2}, "FAILED_PRECONDITION", "SHRINK_WARNING_DIFFERS", id="a-list-without"
        ),
        pytest.param({"by": SUBSCRIBER}, "PERMISSION_DENIED", "ACCESS_DENIED", id="a-subscriber"),
        pytest.param(
            {
                "by": type(REGULATOR)(
                    identity="fire", roles=REGULATOR.roles, fields=frozenset({"fire"})
                )
            },
            "PERMISSION_DENIED",
            "OUT_OF_SCOPE",
            id="of-another-field",
        ),
        pytest.param(
            {"request_id": "s-0"}, "ALREADY_EXISTS", "REQUEST_ID_REUSED", id="request-reused"
        ),
    ],
)
async def test_what_cannot_be_confirmed_is_refused_and_not_kept(
    embedded: Database,
    embedded_lists: ListSyncClient,
    *,
    given: dict[str, Any],
    code: str,
    reason: str,
) -> None:
    """Only the warning that stands, by a regulator of the field."""
    shrunk(embedded)
    await confirm(embedded_lists, request_id="s-0", finding="属实")

    with pytest.raises(RefusedError) as refused:
        await confirm(embedded_lists, **given)

    assert (refused.value.code, refused.value.reason) == (code, reason)
    assert kept(embedded) == 1


async def test_a_wrong_confirmation_is_told_every_wrong_field(
    embedded_lists: ListSyncClient,
) -> None:
    """Who looked says at what, and what was found; a blank is no finding."""
    with pytest.raises(RefusedError) as refused:
        await embedded_lists.call("ConfirmShrinkWarning", by=REGULATOR, kind=BLACK, finding=" ")

    assert refused.value.violations == {
        "request_id": "REQUIRED",
        "field": "REQUIRED",
        "version": "NUMBER_TOO_SMALL",
        "finding": "REQUIRED",
    }


async def test_a_finding_tells_nobody_who_is_listed(
    database: Database, lists: ListSyncClient, facts: FactWriter
) -> None:
    """Subscribers read it; a listed person is not named in it, and nobody's number stands there."""
    shrunk(database)
    person = facts.person("王小明")
    listed(database, subject_id=person, person=True, name="王＊")

    for text in ("王小明到期移出", "11010519491231002X到期移出"):
        with pytest.raises(RefusedError) as error:
            await confirm(lists, finding=text)
        assert (error.value.code, error.value.reason) == ("INVALID_ARGUMENT", "PERSON_IN_TEXT")

    assert kept(database) == 0
    await confirm(lists, finding="有关人员到期移出")
    assert kept(database) == 1


async def test_who_is_listed_later_is_masked_in_a_finding(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Nobody knew the name when it was written; whoever reads it now is told of none."""
    shrunk(embedded)
    await confirm(embedded_lists, finding="王小明到期移出")

    person = FactWriter(embedded).person("王小明")
    listed(embedded, subject_id=person, person=True, name="王＊")

    after = await warning(embedded_lists)
    assert [one.finding for one in after.confirmations] == ["王＊到期移出"]
