"""The whole system, started as a person would start it."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = Path(sys.executable).with_name("safetycredit")
ENTERPRISES = 60


@dataclass
class System:
    """A running ``safetycredit up``.

    Attributes:
        folder: Where it runs, and keeps its store under ``var/``.
        environment: Its settings.
        process: The process.
        said: What it wrote until it was ready.
    """

    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[str]"
    said: str

    def end(self) -> tuple[int, str]:
        """Interrupt it as Ctrl-C does; give its exit code and its last words."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate()
        return self.process.returncode, out


def free_ports(count: int) -> list[int]:
    """Find ports on loopback that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment_of(folder: Path) -> dict[str, str]:
    """Make the settings of a system in a folder of its own, with the default store."""
    credit, scoring = free_ports(2)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("SAFETYCREDIT_")
    }
    (folder / "policies").symlink_to(ROOT / "policies")
    return {
        **kept,
        "SAFETYCREDIT_CREDIT_LISTEN": f"127.0.0.1:{credit}",
        "SAFETYCREDIT_SCORING_LISTEN": f"127.0.0.1:{scoring}",
        "SAFETYCREDIT_LOG_LEVEL": "warning",
    }


def start(folder: Path, environment: dict[str, str]) -> System:
    """Start the system and wait until it says that it is ready, or ends."""
    process = subprocess.Popen(
        [str(PROGRAM), "up", "--enterprises", str(ENTERPRISES)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "record list" in line:
            break
    return System(folder, environment, process, said)
