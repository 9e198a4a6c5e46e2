"""``safetycredit remedy`` and ``measure``: what a person types, and what comes back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Event, Thread

import grpc
import pytest
from typer.testing import CliRunner

from cli.main import app
from safetycredit.credit.v1 import credit_service_pb2
from services.common.database import Database
from services.common.server import ServerPlan, running
from services.credit.main import build_credit_server
from tests.fakes.clock import FixedClock
from tests.fakes.credit_remedies import AUTHORITY, DECIDER, NOON, RemedyClient
from tests.fakes.credit_requests import credit_code, day, penalty, registration
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.measure_server import SETTINGS, listed, measure_plan

CODE = "91350100M000100Y43"
REGULATOR = ("--roles", "regulator", "--authority", AUTHORITY)


@contextmanager
def served(plan: ServerPlan) -> Iterator[int]:
    """Serve a plan on a thread of its own, so that commands may block."""
    ports: list[int] = []
    started, stop = Event(), Event()

    async def serve() -> None:
        async with running(SETTINGS, plan) as server:
            ports.append(server.port)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(30), "the server starts"
        yield ports[0]
    finally:
        stop.set()
        thread.join(30)


def run(port: int, *arguments: str, who: tuple[str, ...] = REGULATOR, exit_code: int = 0) -> str:
    """Run a command against a server, for the authority of the tests unless somebody else is."""
    target = ("--target", f"127.0.0.1:{port}")
    result = CliRunner().invoke(app, [*who, *arguments, *target])
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def credit(sqlite_url: str) -> Iterator[tuple[int, str]]:
    """Serve credit with one performed penalty; give its port and the penalty."""
    server = build_credit_server(settings_of(sqlite_url), clock=FixedClock(NOON))
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        client = RemedyClient.on(channel).credit
        client(registration(CODE), DECIDER)
        head = {
            "subject": credit_code(CODE),
            "event_date": day(date(2026, 7, 1)),
            "publish_date": day(date(2026, 7, 8)),
        }
        stored: credit_service_pb2.RecordPenaltyResponse = client(
            penalty(head=head, performed_date=day(date(2026, 7, 1))), DECIDER
        )
        yield port, stored.record.record_id
    server.close()


def test_a_repair_is_walked_by_commands(credit: tuple[int, str], tmp_path: Path) -> None:
    """Publication, application, acceptance, grant and withdrawal, as a person types them."""
    port, record_id = credit
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(b"paid")

    published = run(port, "remedy", "publication", record_id)
    applied = run(
        port,
        "remedy",
        "apply",
        record_id,
        "--commitment",
        "承诺守法",
        "--evidence",
        str(receipt),
        who=("--roles", "enterprise_portal", "--subject", "*", "--on-behalf-of", CODE),
    )
    remedy_id = applied.split()[1]
    another = run(
        port,
        *("remedy", "get", remedy_id),
        who=("--roles", "enterprise_portal", "--subject", "e-77"),
        exit_code=4,
    )
    early = run(port, "remedy", "decide", remedy_id, "--document", "修1号", exit_code=4)
    waiting = run(port, "remedy", "list", "--due")
    run(port, "remedy", "accept", remedy_id)
    extended = run(
        port, "remedy", "extend", remedy_id, "--document", "延1号", "--reasons", "需现场核查"
    )
    granted = run(port, "remedy", "decide", remedy_id, "--document", "修1号")
    shared = run(port, "remedy", "share", remedy_id, "--systems", "信用中国")
    ended = run(port, "remedy", "publication", record_id)
    withdrawn = run(
        port, "remedy", "withdraw", remedy_id, "--document", "撤1号", "--reasons", "凭证系伪造"
    )

    assert "general" in published
    assert "信用修复告知书" in published
    assert "STEP_OUT_OF_ORDER" in early
    assert "accept_repair" in waiting
    assert "OTHER_SUBJECT" in another
    # Ten working days after 20 November end on 4 December, ten more on the 18th.
    assert "extended, told 2026-11-20" in extended
    assert "2026-12-18" in extended
    assert "share_result" in granted
    assert "shared" in shared
    assert "share_result" not in shared
    assert "repaired" in ended
    assert "withdrawn" in withdrawn
    assert "凭证系伪造" in run(port, "remedy", "get", remedy_id)


def test_an_objection_is_filed_and_decided_by_commands(credit: tuple[int, str]) -> None:
    """The record is revoked with the decision; wrong words are told what would be right."""
    port, record_id = credit
    filed = run(port, "remedy", "object", record_id, "--ground", "金额有误")
    remedy_id = filed.split()[1]
    decision = ("remedy", "decide-objection", remedy_id, "--document", "异1号", "--reasons", "有误")

    wrong = run(port, *decision, "--outcome", "maybe", exit_code=2)
    upheld = run(port, *decision, "--outcome", "revoke")

    assert "revoke, revise, correct_entry, reject" in wrong
    assert "upheld" in upheld
    assert "revoked" in run(port, "remedy", "publication", record_id)


def test_evidence_must_be_there_to_be_digested(credit: tuple[int, str], tmp_path: Path) -> None:
    """A file that cannot be read is named, and what to do."""
    port, record_id = credit
    missing = str(tmp_path / "missing.pdf")
    command = ("remedy", "apply", record_id, "--commitment", "承诺", "--evidence", missing)

    refused = run(port, *command, exit_code=1)

    assert "EVIDENCE_UNREADABLE" in refused


def test_measures_are_listed_reported_and_counted_by_commands(
    sqlite_url: str, clock: FixedClock
) -> None:
    """The catalogue, a report, its list and the counts, as a person types them."""
    database = Database(sqlite_url, clock=clock)
    entry_id = listed(database, "more_inspections")
    with served(measure_plan(database)) as port:
        catalogue = run(port, "measure", "list", "--kind", "blacklist", "--allowed")
        reported = run(port, "measure", "report", entry_id, "more_inspections", "applied")
        again = run(port, "measure", "report", entry_id, "more_inspections", "applied")
        found = run(port, "measure", "reports", "--entry", entry_id)
        counted = run(port, "measure", "statistics")
        wrong = run(port, "measure", "list", "--kind", "grey", exit_code=2)
    database.close()

    assert "加大执法检查频次" in catalogue
    assert "standardisation_suspended" not in catalogue
    assert reported.startswith("reported\n")
    assert again.startswith("reported before")
    assert AUTHORITY in found
    assert AUTHORITY in counted
    assert "blacklist, redlist" in wrong
