"""Processes of a benchmark: each on a core of its own, ended by whoever started it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.common.call_log import EVENT
from services.common.settings import PREFIX

ROOT: Final = Path(__file__).parents[1]
_READY_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.05
_END_SECONDS: Final = 15.0
_COMMAND_SECONDS: Final = 60.0
_LINES_SHOWN: Final = 20
_PROGRAM: Final = Path(sys.executable).with_name("safetycredit")


class ProcessError(Exception):
    """A process did not do what it was started for."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Cores of this machine that the benchmark may use.

    Attributes:
        server: Core of the server that is measured.
        others: Cores of everything else, the database included.
    """

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def here(cls) -> "Cores":
        """Give the first core to the server where there are two or more."""
        if not hasattr(os, "sched_setaffinity"):
            return cls(frozenset(), frozenset())
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) == 1:
            return cls(frozenset(cores), frozenset(cores))
        return cls(frozenset(cores[:1]), frozenset(cores[1:]))


@contextmanager
def confined(cores: frozenset[int]) -> Iterator[None]:
    """Run this thread, and what it starts, on some cores inside a block."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def server(
    module: str, *arguments: str, port: int, environment: Mapping[str, str], log: Path
) -> Iterator[None]:
    """Run a server inside a block, from its first answer on.

    Args:
        module: What to run.
        arguments: Its arguments.
        port: Where it will listen.
        environment: Its settings, and none but these.
        log: Gets what it writes.

    Raises:
        ProcessError: It ended, or does not listen.
    """
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 -- the program is this interpreter, the module ours.
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        _wait_until_listening(process, port)
        yield
    except Exception as error:
        error.add_note(f"the server {module} had logged:\n{_last_words(log)}")
        raise
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def command(
    *arguments: str, environment: Mapping[str, str], seconds: float = _COMMAND_SECONDS
) -> str:
    """Run ``safetycredit`` as a person would, and give what it prints.

    Raises:
        ProcessError: It failed.
    """
    done = subprocess.run(  # noqa: S603 -- the program is the project's own.
        [str(_PROGRAM), *arguments],
        cwd=ROOT,
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise ProcessError(
            f"safetycredit {arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}"
        )
    return done.stdout


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def surroundings(benchmark: str) -> str:
    """Say what else went on while a benchmark ran: rates depend on it, ratios less."""
    return f"{benchmark}: on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} over the minute"


def identity_key() -> str:
    """Make a key for the identity numbers of a store that lives as long as a benchmark."""
    return b64encode(secrets.token_bytes(32)).decode()


# Private functions -----------------------------------------------------------


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {key: text for key, text in os.environ.items() if not key.startswith(PREFIX)}
    return inherited | {PREFIX + name: text for name, text in settings.items()}


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    give_up = time.monotonic() + _READY_SECONDS
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise ProcessError(f"the server ended with {process.returncode} instead of listening")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=_LOOK_SECONDS).close()
        except OSError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    raise ProcessError(f"the server runs and does not listen after {_READY_SECONDS:.0f} s")


def _last_words(log: Path) -> str:
    """Give the end of a log, without the lines that every call leaves."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return "\n".join([line for line in lines if EVENT not in line][-_LINES_SHOWN:])
