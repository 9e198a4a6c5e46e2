"""What the law takes off a list waits for no approval, and is told; what people decide waits."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.common.settings import load_settings
from services.scoring.commands.list_sync.get_list_digest import GetListDigest
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_feed import RemovedByLaw, Wanted
from services.scoring.main import ScoringServer, build_scoring_server
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_remedies import uphold
from tests.fakes.list_world import CHIEF, ON_SQLITE, ListWorld, redlisted
from tests.fakes.scoring_client import RefusedError


@pytest.fixture
def case_server(
    database_url: str, list_policies_folder: Path, clock: FixedClock
) -> Iterator[ScoringServer]:
    """Put a server together that guards even a list of one entry."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(list_policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LIST_SHRINK_EXEMPT_BELOW": "0",
        }
    )
    built = build_scoring_server(settings, clock=clock)
    yield built
    built.close()


async def listed(world: ListWorld) -> Any:  # noqa: ANN401 -- an entry.
    """List the enterprise; give its entry."""
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    return case.entries[0].entry


def removed(server: ScoringServer, kind: ListKind = ListKind.BLACKLIST) -> RemovedByLaw:
    """Say what the law took off the list of work safety."""
    found = GetListDigest(SqlFeedStore(server.database))(Wanted(kind, 1), with_buckets=False)
    return found.removed_by_law[0]


def told(logs: list[Any]) -> list[tuple[str, str]]:
    """Give what was logged of the law's removals, with its level."""
    return [(one["event"], one["log_level"]) for one in logs if "by_law" in one["event"]]


LOUD = [("entry_removed_by_law", "info"), ("list_shrunk_by_law", "warning")]


async def test_a_fallen_basis_and_an_ended_term_empty_a_list_loudly(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Publication stops at once though the whole list goes, and the regulator is told."""
    _, penalty = world.penalised()
    entry = await listed(world)

    world.facts.revoke(penalty)
    with capture_logs() as logs:
        case_server.lists.once()

    assert told(list(logs)) == LOUD
    assert logs[0]["entry"] == entry.entry_id
    warning = removed(case_server).warning
    assert warning is not None
    assert (warning.version, warning.removals_in_window, warning.entry_count) == (2, 1, 0)
    assert not (await world.call("ListListEntries", CHIEF, state=1)).entries


@ON_SQLITE
async def test_the_end_of_a_term_and_a_broken_condition_wait_for_nobody(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The redlist entry breaks, the blacklist entry expires."""
    world.facts.enterprise(credit_code="91110000600037341L")
    world.stand_at(date(2025, 6, 3))
    red = await redlisted(world)
    number = int(red.parties[0].subject_id.partition("-")[2])
    world.penalty(number)

    with capture_logs() as broke:
        case_server.lists.once()
    await listed(world)
    world.stand_at(date(2026, 6, 3))
    with capture_logs() as expired:
        case_server.lists.once()

    assert told(list(broke)) == told(list(expired)) == LOUD
    assert (removed(case_server, ListKind.REDLIST).count, removed(case_server).count) == (1, 1)


@ON_SQLITE
async def test_a_fallen_basis_passes_and_decisions_wait(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Each takes the only entry off: an early removal, an objection upheld, a revoked penalty."""
    _, penalty = world.penalised(performed_date=date(2025, 5, 1))
    entry_id = (await listed(world)).entry_id
    world.stand_at(date(2025, 12, 3))
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)

    with pytest.raises(RefusedError) as early:
        await world.take(
            "DecideEarlyRemoval",
            CHIEF,
            entry_id=entry_id,
            opinion=1,
            attachments={"harm_removed": "整改报告"},
        )
    uphold(world, entry_id, "异决1号")
    judged = {"entry_id": entry_id, "document_number": "异决1号", "reason": "查实"}
    with pytest.raises(RefusedError) as objected:
        await world.take("CorrectListEntry", CHIEF, **judged)
    before = removed(case_server).count
    world.facts.revoke(penalty)
    case = await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, reason="复议撤销")

    assert (early.value.reason, objected.value.reason) == ("LIST_SHRINKS", "LIST_SHRINKS")
    assert before == 0
    assert case.entries[0].state == 3
    assert removed(case_server).count == 1
