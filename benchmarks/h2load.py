"""Load on one RPC, made by h2load, which costs the machine far less than a gRPC client.

A gRPC call is a POST whose body is the request after a prefix of five bytes: no compression, and
the length. h2load sends the same body with every call.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

CONNECTIONS: Final = 8
STREAMS: Final = 16
"""House decision: 128 calls under way at once keep a server busy without a long queue."""

_RUN_SECONDS_MAX: Final = 60.0
_PREFIX: Final = b"\0"
_PROGRAM: Final = "h2load"


class LoadError(Exception):
    """A run did not measure what it should."""


@dataclass(frozen=True, slots=True)
class LoadedCall:
    """A call to repeat.

    Attributes:
        port: Where the server listens on loopback.
        method: Full name of the RPC, ``/package.Service/Method``.
        body: File with the request and its prefix.
        metadata: What goes with every call.
    """

    port: int
    method: str
    body: Path
    metadata: Iterable[tuple[str, str]] = ()

    def rate(self, calls: int) -> float:
        """Make calls, and give how many a second were answered.

        Raises:
            LoadError: h2load failed, or not every call was answered.
        """
        headers = (("content-type", "application/grpc"), ("te", "trailers"), *self.metadata)
        arguments = [f"--header={key}: {value}" for key, value in headers]
        done = subprocess.run(  # noqa: S603 -- the program is the one looked for.
            [
                program() or _PROGRAM,
                f"--requests={calls}",
                f"--clients={CONNECTIONS}",
                f"--max-concurrent-streams={STREAMS}",
                "--threads=1",
                f"--data={self.body}",
                *arguments,
                f"http://127.0.0.1:{self.port}{self.method}",
            ],
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS_MAX,
            check=False,
        )
        if done.returncode:
            raise LoadError(f"h2load ended with {done.returncode}: {done.stderr.strip()}")
        return _rate(done.stdout, calls)


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of the same call in several rounds.

    Attributes:
        per_second: One a round.
    """

    per_second: tuple[float, ...]

    @property
    def best(self) -> float:
        """Give the highest."""
        return max(self.per_second)

    @property
    def middle(self) -> float:
        """Give the median, which one disturbed round does not move."""
        return median(self.per_second)

    def __str__(self) -> str:
        """Show the best and the median."""
        return f"{self.best:,.0f}/s best, {self.middle:,.0f}/s median"


def program() -> str | None:
    """Find h2load; nothing if it is not installed."""
    return shutil.which(_PROGRAM)


def missing(benchmark: str) -> str:
    """Say what to install for a benchmark."""
    return f"{benchmark}: not measured: it needs h2load; install the package nghttp2-client"


def write_body(path: Path, request: bytes) -> Path:
    """Write a request as the body of a call."""
    path.write_bytes(_PREFIX + len(request).to_bytes(4, "big") + request)
    return path


# Private functions -----------------------------------------------------------


def _rate(report: str, calls: int) -> float:
    finished = re.search(r"finished in .*?, ([\d.]+) req/s", report)
    answered = re.search(r"status codes: (\d+) 2xx", report)
    if finished is None or answered is None:
        raise LoadError(f"h2load's report is of another form: {report!r}")
    if int(answered[1]) != calls:
        raise LoadError(f"only {answered[1]} of {calls} calls were answered: {report!r}")
    return float(finished[1])
