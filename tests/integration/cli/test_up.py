"""``safetycredit up``: from nothing to a running system, and back, without a trace."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.serving.processes import (
    PortTakenError,
    ServerEndedError,
    addresses_of,
    running_servers,
    wait_until_serving,
    watch,
)
from cli.serving.store import SampleMark, SamplePlan, SchemaNotCurrentError, prepare_store
from services.common.settings import load_settings
from tests.integration.cli.running_system import PROGRAM, System, environment_of, start

pytestmark = pytest.mark.timeout(120)


def commands_said(system: System) -> list[list[str]]:
    """Give the commands that the system told to try."""
    lines = [line.strip() for line in system.said.splitlines() if line.startswith("  ")]
    return [[str(PROGRAM), *shlex.split(line)[1:]] for line in lines if "safetycredit" in line]


def test_the_system_starts_from_nothing_and_says_two_commands_that_work(system: System) -> None:
    """An empty folder becomes a store with a sample, and both commands answer."""
    assert "safetycredit is ready" in system.said
    assert "60 enterprises registered" in system.said
    commands = commands_said(system)

    assert len(commands) == 2
    for command in commands:
        done = subprocess.run(
            command,
            cwd=system.folder,
            env=system.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_ctrl_c_ends_everything_without_a_trace_and_a_second_start_goes_on(
    tmp_path: Path,
) -> None:
    """The store is kept; it is not filled again, and the ports are free in between."""
    environment = environment_of(tmp_path)
    first = start(tmp_path, environment)
    exit_code, last_words = first.end()

    assert exit_code == 0, first.said + last_words
    assert "Traceback" not in first.said + last_words
    assert "both servers have ended" in last_words

    second = start(tmp_path, environment)
    exit_code, last_words = second.end()

    assert exit_code == 0
    assert "safetycredit is ready" in second.said
    assert "loading" not in second.said
    assert "Traceback" not in second.said + last_words


def test_a_taken_port_is_named_before_anything_is_touched(tmp_path: Path) -> None:
    """The advice is a command with another port."""
    environment = environment_of(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        environment["SAFETYCREDIT_SCORING_LISTEN"] = taken
        done = subprocess.run(
            [str(PROGRAM), "up"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert f"PORT_TAKEN: something else listens on {taken}" in done.stderr
    assert "SAFETYCREDIT_SCORING_LISTEN=127.0.0.1:" in done.stderr
    assert not (tmp_path / "var").exists()


def test_both_servers_on_one_port_are_refused() -> None:
    """The second would never be reached."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        listen = f"127.0.0.1:{one.getsockname()[1]}"
    settings = load_settings(
        {"SAFETYCREDIT_CREDIT_LISTEN": listen, "SAFETYCREDIT_SCORING_LISTEN": listen}
    )

    with pytest.raises(PortTakenError, match="scoring"):
        addresses_of(settings)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with settings of its own."""
    environment = environment_of(tmp_path)
    for name in [name for name in os.environ if name.startswith("SAFETYCREDIT_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("in_folder")
def test_when_one_server_dies_the_other_is_stopped() -> None:
    """Half a system would answer half of the questions."""
    settings = load_settings()
    prepare_store(settings, migrate_named=False)

    with running_servers(settings) as servers:
        wait_until_serving(servers)
        servers[1].process.kill()
        servers[1].process.wait()
        with pytest.raises(ServerEndedError, match="scoring"):
            watch(servers)

    assert servers[0].process.returncode == 0
    addresses_of(settings)


def test_a_server_ends_when_its_parent_is_gone_without_a_word() -> None:
    """The end of its input is the signal."""
    waiting = subprocess.Popen(
        [sys.executable, "-c", "from cli.serving.child import watch_parent; watch_parent(0)"],
        stdin=subprocess.PIPE,
    )
    assert waiting.stdin is not None
    waiting.stdin.close()

    assert waiting.wait() == -signal.SIGTERM


def test_a_store_that_somebody_named_is_not_migrated_unasked(in_folder: Path) -> None:
    """The refusal names the command; asked to, it migrates."""
    settings = load_settings({"SAFETYCREDIT_DATABASE_URL": f"sqlite:///{in_folder}/named.db"})

    with pytest.raises(SchemaNotCurrentError) as error:
        prepare_store(settings, migrate_named=False)
    assert "safetycredit migrate" in error.value.advice

    prepare_store(settings, migrate_named=True)
    prepare_store(settings, migrate_named=False)


def test_migrate_tells_what_it_did(in_folder: Path) -> None:
    """Twice does no harm."""
    first = CliRunner().invoke(app, ["migrate"])
    second = CliRunner().invoke(app, ["migrate"])

    assert first.exit_code == second.exit_code == 0
    assert "migrated from nothing" in first.output
    assert "nothing changed" in second.output
    assert (in_folder / "var" / "safetycredit.db").is_file()


def test_config_shows_every_setting_and_hides_secrets(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password and a key are never printed."""
    del in_folder
    monkeypatch.setenv("SAFETYCREDIT_DATABASE_URL", "postgresql://me:geheim@localhost/db")
    monkeypatch.setenv("SAFETYCREDIT_ID_KEY", "geheim")
    monkeypatch.setenv("SAFETYCREDIT_CLIENT_CALLER", "somebody")
    result = CliRunner().invoke(app, ["config"])

    assert result.exit_code == 0
    assert "geheim" not in result.output
    assert "SAFETYCREDIT_LOG_LEVEL" in result.output
    assert "somebody" in result.output


@pytest.mark.usefixtures("in_folder")
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and what is wrong with it, without a trace."""
    monkeypatch.setenv("SAFETYCREDIT_WORKER_THREADS", "many")
    result = CliRunner().invoke(app, ["up"])

    assert result.exit_code == 1
    assert "SETTING_INVALID: SAFETYCREDIT_WORKER_THREADS" in result.output


@pytest.mark.usefixtures("in_folder")
def test_an_interrupted_load_is_remembered_until_it_is_finished() -> None:
    """The same sample is gone on with, also on a later day."""
    settings = load_settings()
    prepare_store(settings, migrate_named=False)
    mark = SampleMark.beside(settings)
    plan = SamplePlan(seed=7, until=date(2026, 1, 31), enterprises=50)

    assert mark.read() is None
    mark.write(plan)
    assert mark.read() == plan
    mark.path.write_text("broken", encoding="utf-8")
    assert mark.read() is None
    mark.remove()
    mark.remove()
    assert mark.read() is None
