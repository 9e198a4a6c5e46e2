"""The scoring server as a whole: when it starts, when it serves, and how it ends."""

import threading
from pathlib import Path

import grpc
import pytest

from services.common.server import running
from services.common.settings import Settings, load_settings
from services.engine.errors import PolicyRefusedError
from services.scoring.main import ScoringServer, build_scoring_server
from services.scoring.store.policies import PoliciesMissingError
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_policies import ALL, LIST, write_policies


def settings_of(database_url: str, policies_folder: Path) -> Settings:
    """Give settings of a server on a free port."""
    return load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )


async def test_without_a_schema_nothing_is_served(
    empty_database_url: str, policies_folder: Path, clock: FixedClock
) -> None:
    """The server starts, says what is missing, and answers no call from an empty database."""
    settings = settings_of(empty_database_url, policies_folder)
    built = build_scoring_server(settings, clock=clock)
    try:
        async with (
            running(settings, built.plan) as server,
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            serving = server.serving
            with pytest.raises(RefusedError) as error:
                await ScoringClient(channel).call("GetPolicy", policy_id="cn.test.grade")
    finally:
        built.close()

    assert not serving
    assert (error.value.code, error.value.reason) == ("UNAVAILABLE", "NOT_SERVING")


def test_broken_policies_refuse_the_start(sqlite_url: str, tmp_path: Path) -> None:
    """A server whose law cannot be read does not start, and names every problem."""
    broken = {
        "cn/list.yaml": LIST,
        "cn/other.yaml": ALL["cn/grade.yaml"].replace("kind: grade", ""),
    }
    folder = write_policies(tmp_path / "policies", broken)

    with pytest.raises(PolicyRefusedError) as error:
        build_scoring_server(settings_of(sqlite_url, folder))

    assert {problem.file for problem in error.value.problems} == {"cn/list.yaml", "cn/other.yaml"}


def test_a_folder_without_policies_refuses_the_start(sqlite_url: str, tmp_path: Path) -> None:
    """A wrong folder is told from an empty law."""
    with pytest.raises(PoliciesMissingError):
        build_scoring_server(settings_of(sqlite_url, tmp_path))


def test_the_thread_that_keeps_grades_fresh_ends_with_its_block(built: ScoringServer) -> None:
    """Inside the block a thread is at work, after it there is none."""
    with built.keeping_grades_fresh():
        inside = {thread.name for thread in threading.enumerate()}

    assert "grades" in inside
    assert "grades" not in {thread.name for thread in threading.enumerate()}
