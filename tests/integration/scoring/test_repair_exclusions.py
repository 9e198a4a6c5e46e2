"""What keeps the repair of an entry from being granted, by the shipped policy of repairs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import grpc
import pytest

from services.credit.main import build_credit_server
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.list_entry import ListKey, ListKind
from tests.fakes.clock import FixedClock
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import (
    RemedyClient,
    acceptance,
    application,
    grant,
    portal_of,
)
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.list_rows import listing
from tests.fakes.list_world import CODE, ON_SQLITE, ListWorld, caller, wire_day

DECIDED, BEFORE, GRANTED = date(2025, 6, 3), date(2025, 6, 2), date(2026, 6, 4)
LAST, NEXT = date(2026, 6, 3), date(2026, 6, 5)
FINE, ACTIVITY, STOP_PRODUCTION, PRACTICE = 1 << 3, 1 << 8, 1 << 9, 1 << 11
LAW = "《安全生产严重失信主体名单管理办法》（应急管理部令第11号）"
RELAPSE = f"{LAW}提前移出的条件：未再发生严重失信行为"
BAN = f"{LAW}职业、行业禁入期限未满的，不予提前移出"


@pytest.fixture
def remedies(database_url: str, clock: FixedClock) -> Iterator[RemedyClient]:
    """Serve credit over the store of the lists."""
    server = build_credit_server(settings_of(database_url), clock=clock)
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RemedyClient.on(channel)
    server.close()


async def accepted(world: ListWorld, remedies: RemedyClient) -> tuple[int, str, str]:
    """List the unit on 3 June 2025 and accept its application a year later.

    Returns:
        The unit, its entry, and the repair.
    """
    number, _ = world.penalised(performed_date=DECIDED)
    world.stand_at(DECIDED)
    case = await world.published((await world.opened()).case_id)
    entry_id = case.entries[0].entry.entry_id
    world.stand_at(GRANTED)
    remedy_id = remedies(application(entry_id), portal_of(CODE)).remedy.remedy_id
    remedies(acceptance(remedy_id))
    return number, entry_id, remedy_id


def outcome(
    remedies: RemedyClient,
    remedy_id: str,
    **said: Any,  # noqa: ANN401 -- fields of a request.
) -> tuple[str, dict[str, str]]:
    """Grant a repair; give the reason and the facts of the refusal, empty for none."""
    try:
        remedies(grant(remedy_id, **said))
    except RefusalError as refused:
        return refused.reason, dict(refused.facts)
    return "", {}


@pytest.mark.parametrize(
    ("day", "said", "reason"),
    [
        pytest.param(DECIDED, {}, "RELAPSED", id="on-the-day-of-the-decision"),
        pytest.param(BEFORE, {}, "", id="the-day-before"),
        pytest.param(DECIDED, {"final_date": GRANTED}, "RELAPSED", id="final-on-the-day"),
        pytest.param(DECIDED, {"final_date": NEXT}, "", id="final-the-day-after"),
        pytest.param(DECIDED, {"final_date": None}, "", id="not-final"),
        pytest.param(DECIDED, {"field": 2}, "", id="of-another-field"),
        pytest.param(
            DECIDED, {"sanctions": FINE, "procedure": 2, "fine_fen": 5_000_000}, "", id="class-2"
        ),
        pytest.param(
            DECIDED,
            {"sanctions": FINE, "procedure": 2, "fine_fen": 1_000_000_000},
            "RELAPSED",
            id="class-3",
        ),
    ],
)
@ON_SQLITE
async def test_a_relapse_keeps_an_entry_from_repair(
    world: ListWorld, remedies: RemedyClient, day: date, said: dict[str, Any], reason: str
) -> None:
    """A final penalty of class 3 of the field, for what was done from the decision on."""
    number, _, remedy_id = await accepted(world, remedies)
    body: dict[str, Any] = {"sanctions": STOP_PRODUCTION, "final_date": GRANTED, **said}
    penalty = world.facts.record("penalty", number, day, **body)

    found, facts = outcome(remedies, remedy_id)

    assert found == reason
    if reason:
        assert facts["record_id"] == f"r-{penalty}"
        assert facts["decision_date"] == "2025-06-03"
        assert facts["clause"] == RELAPSE


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"sanctions": STOP_PRODUCTION, "final_date": NEXT}, "RELAPSED", id="relapse"),
        pytest.param({"sanctions": PRACTICE}, "BAN_RUNS", id="ban"),
        pytest.param({"sanctions": FINE}, "", id="neither"),
    ],
)
async def test_a_repair_passes_over_nothing_that_is_recorded(
    world: ListWorld, remedies: RemedyClient, body: dict[str, Any], reason: str
) -> None:
    """Of 5 June 2026, known on the 9th: a grant that is dated on the 4th is refused as well."""
    number, _, remedy_id = await accepted(world, remedies)
    world.facts.record("penalty", number, NEXT, **body)
    world.stand_at(date(2026, 6, 9))

    assert outcome(remedies, remedy_id, date=wire_day(GRANTED))[0] == reason


@ON_SQLITE
@pytest.mark.parametrize(
    ("day", "reason"),
    [
        pytest.param(BEFORE, "", id="done-before"),
        pytest.param(DECIDED, "RELAPSED", id="done-since"),
    ],
)
async def test_what_was_done_before_is_no_relapse_whenever_it_is_punished(
    world: ListWorld, remedies: RemedyClient, day: date, reason: str
) -> None:
    """A penalty of after the decision names its violation: that one's day counts."""
    number, _, remedy_id = await accepted(world, remedies)
    violation = world.facts.record("violation", number, day)
    body: dict[str, Any] = {
        "sanctions": STOP_PRODUCTION,
        "final_date": LAST,
        "violation_record_id": violation,
    }
    world.facts.record("penalty", number, date(2025, 9, 1), **body)

    assert outcome(remedies, remedy_id)[0] == reason


@ON_SQLITE
async def test_a_relapse_that_was_revoked_keeps_from_nothing(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """It never counted, once that is known."""
    number, _, remedy_id = await accepted(world, remedies)
    body: dict[str, Any] = {"sanctions": STOP_PRODUCTION, "final_date": LAST}
    penalty = world.facts.record("penalty", number, date(2025, 9, 1), **body)
    before = outcome(remedies, remedy_id)[0]
    world.facts.revoke(penalty)

    assert (before, outcome(remedies, remedy_id)[0]) == ("RELAPSED", "")


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({}, "RELAPSED", id="blacklist"),
        pytest.param({"list_key": ListKey(ListKind.BLACKLIST, 2)}, "", id="of-another-field"),
        pytest.param({"list_key": ListKey(ListKind.REDLIST, 1)}, "", id="redlist"),
        pytest.param({"state": EntryState.CORRECTED}, "", id="corrected"),
        pytest.param({"decision_date": BEFORE}, "", id="decided-on-before"),
        pytest.param({"decision_date": NEXT}, "", id="decided-on-later"),
    ],
)
async def test_another_listing_since_keeps_an_entry_from_repair(
    world: ListWorld, remedies: RemedyClient, given: dict[str, Any], reason: str
) -> None:
    """One of the field's blacklist that counts, decided on between the decision and the grant."""
    number, _, remedy_id = await accepted(world, remedies)
    said = {"decision_date": date(2025, 12, 1), **given}
    again = listing(world.facts, number, date(2025, 12, 1), date(2028, 12, 1), **said)

    found, facts = outcome(remedies, remedy_id)

    assert found == reason
    if reason:
        assert facts["entry_id"] == f"l-{again}"


@ON_SQLITE
@pytest.mark.parametrize(
    ("done", "reason"),
    [
        pytest.param("approved", "", id="approved"),
        pytest.param("decided", "RELAPSED", id="decided"),
        pytest.param("closed", "", id="decided-and-closed"),
        pytest.param("published", "RELAPSED", id="published"),
        pytest.param("of-the-principal", "", id="on-its-principal-alone"),
    ],
)
async def test_a_listing_that_is_decided_keeps_an_entry_from_repair(
    world: ListWorld, remedies: RemedyClient, done: str, reason: str
) -> None:
    """From the written decision on a second case, unless it is closed or lists somebody else."""
    number, _, remedy_id = await accepted(world, remedies)
    principal = world.principal(number, "王小明")
    minor = world.facts.record("penalty", number, BEFORE, final_date=BEFORE)
    named = {"record_ids": [f"r-{minor}"], "person_ids": [f"p-{principal}"], "cause": "瞒报"}
    case_id = (await world.opened(**named)).case_id
    if done == "approved":
        await world.approved(case_id)
    elif done == "published":
        await world.published(case_id)
    else:
        only = {"party_subject_ids": [f"p-{principal}"]} if done == "of-the-principal" else {}
        await world.decided(case_id, **only)
    if done == "closed":
        other: dict[str, Any] = {"reason": "证据不足", "person": "吴九"}
        await world.take("CloseListCase", caller("other"), case_id=case_id, **other)

    found, facts = outcome(remedies, remedy_id)

    assert found == reason
    if done == "decided":
        assert facts["case_id"] == case_id


@pytest.mark.parametrize(
    ("sanction", "last", "reason"),
    [
        pytest.param(PRACTICE, GRANTED, "BAN_RUNS", id="last-day"),
        pytest.param(PRACTICE, LAST, "", id="over-the-day-before"),
        pytest.param(PRACTICE, None, "BAN_RUNS", id="without-end"),
        pytest.param(ACTIVITY, GRANTED, "BAN_RUNS", id="activity"),
        pytest.param(FINE, GRANTED, "", id="no-ban"),
    ],
)
@ON_SQLITE
async def test_a_ban_that_runs_keeps_an_entry_from_repair(
    world: ListWorld, remedies: RemedyClient, sanction: int, last: date | None, reason: str
) -> None:
    """A penalty from before the listing restricts activity or practice until a day and on it."""
    number, _, remedy_id = await accepted(world, remedies)
    body: dict[str, Any] = {"sanctions": sanction, "final_date": BEFORE, "valid_until_date": last}
    penalty = world.facts.record("penalty", number, date(2025, 2, 1), **body)

    found, facts = outcome(remedies, remedy_id)

    assert found == reason
    if reason:
        until = "" if last is None else last.isoformat()
        assert (facts["record_id"], facts["valid_until_date"]) == (f"r-{penalty}", until)
        assert facts["clause"] == BAN


async def test_no_text_asks_either_of_a_penalty(world: ListWorld, remedies: RemedyClient) -> None:
    """The repair of a penalty itself is granted, whatever was done since."""
    number, penalty = world.penalised(performed_date=DECIDED)
    body: dict[str, Any] = {"sanctions": PRACTICE | STOP_PRODUCTION, "final_date": LAST}
    world.facts.record("penalty", number, date(2025, 9, 1), **body)
    world.stand_at(GRANTED)
    remedy_id = remedies(application(f"r-{penalty}"), portal_of(CODE)).remedy.remedy_id
    remedies(acceptance(remedy_id))

    assert outcome(remedies, remedy_id) == ("", {})
