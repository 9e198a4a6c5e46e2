"""``safetycredit import`` of a published file of penalties, through the real credit server."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.penalty_file import write_penalty_file
from benchmarks.processes import command, free_port, server, surroundings
from benchmarks.stores import STORES

_ROWS: Final = 20_000
_ENTERPRISES: Final = 5_000
_RATE_MIN: Final = 5_000


class ImportedError(Exception):
    """An import did something else than it should."""


def run() -> Iterator[str]:
    """Measure, and give the lines of the report."""
    with TemporaryDirectory() as folder:
        file = write_penalty_file(
            Path(folder) / "penalties.csv", rows=_ROWS, enterprises=_ENTERPRISES
        )
        for database, store in STORES.items():
            with store() as settings:
                yield from _measured(database, settings, file)
    yield surroundings("imports")


# Private functions -----------------------------------------------------------


def _measured(database: str, settings: Mapping[str, str], file: Path) -> Iterator[str]:
    port = free_port()
    settings = {**settings, "CREDIT_LISTEN": f"127.0.0.1:{port}"}
    log = file.with_name(f"{database}.log")
    with server("services.credit.main", port=port, environment=settings, log=log):
        for outcome in ("stored", "unchanged"):
            told = command(
                "import", str(file), "--mapping=penalty-publication", environment=settings
            )
            yield (
                f"imports: {database}: {_ROWS:,} penalties of {_ENTERPRISES:,} enterprises,"
                f" {outcome}: {_rate(told, outcome):,} rows/s (at least {_RATE_MIN:,})"
            )


def _rate(told: str, outcome: str) -> int:
    """Read the rate that the command tells, which leaves out how long Python takes to start."""
    rate = re.search(r"\(([\d,]+) rows/s\)", told)
    if rate is None or f"{_ROWS:,} {outcome}" not in told:
        raise ImportedError(f"the import was to leave {_ROWS:,} rows {outcome}: {told}")
    return int(rate[1].replace(",", ""))
