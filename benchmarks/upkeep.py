"""The upkeep of the lists: one look after one write, with longer and longer lists.

``python -m benchmarks upkeep`` takes lists of 10,000 and 100,000 entries on both databases, a line
for each; ``upkeep=1000000`` goes on with a million on SQLite, which takes some minutes to fill. A
look is timed after each of five writes, several times; as nothing of them changes a listing, it has
to find all right. So has the look of another process, which knows of the first only what that kept.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Final

import structlog
from sqlalchemy import insert, update

from benchmarks.list_population import PUBLISHER
from benchmarks.stores import STORES
from benchmarks.upkeep_store import (
    BODIES,
    BODY,
    HAZARD,
    HEADER,
    PENALTY,
    PERSONS,
    SHARE,
    VIOLATION,
    fill,
)
from models.list_upkeep import ListUpkeepMarkRow
from models.records import RecordRow
from services.common.clock import Clock
from services.common.database import Database, DatabaseOptions
from services.common.engines import writing_engine
from services.common.settings import PREFIX, Settings, load_settings
from services.scoring.commands.lists.keep_lists_right import KeepListsRight
from services.scoring.main import ScoringServer, build_scoring_server

SIZES: Final = (10_000, 100_000, 1_000_000)
_LARGE_ON: Final = "SQLite"
"""Filling a million on the other database as well would take longer than all the rest."""

_ROUNDS: Final = 7
_TODAY: Final = date(2025, 6, 2)


class UpkeepError(Exception):
    """A look did not find what there is."""


def run(size_max: int = SIZES[-2]) -> Iterator[str]:
    """Measure size after size on each database, and give the lines of the report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for database, store in STORES.items():
        base: _Looked | None = None
        for size in SIZES[: None if database == _LARGE_ON else -1]:
            if size > size_max:
                continue
            with store() as settings:
                look = _measured(settings, size)
            base = base or look
            yield (
                f"upkeep: {database}: {size:,} entries: a look after one write"
                f" {look.wall * 1e3:.1f} ms, {look.cpu * 1e3:.1f} of them the service's own, the"
                f" best of {_ROUNDS} and the middle of {len(_WRITES)} writes; {_ratio(look, base)}"
                f" of those of {SIZES[0]:,} (must not grow with the list); the first look of all"
                f" {look.first_seconds:.1f} s, that of the next day {look.next_day_seconds:.1f} s,"
                f" that of another process after a write {look.restart_seconds * 1e3:.1f} ms"
            )


# Private functions and classes ------------------------------------------------


@dataclass
class _Clock:
    """A clock that stands where it is put."""

    time: datetime = datetime(_TODAY.year, _TODAY.month, _TODAY.day, 4, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class _Looked:
    """What looks took."""

    wall: float
    cpu: float
    first_seconds: float
    next_day_seconds: float
    restart_seconds: float


def _measured(store: Mapping[str, str], size: int) -> _Looked:
    settings = load_settings({f"{PREFIX}{name}": value for name, value in store.items()})
    clock = _Clock()
    server = build_scoring_server(settings, clock=clock)
    try:
        fill(server.database, server.lists.desk, size)
        first, _ = _look(server.lists)
        _end_backlog(server.database)
        before = server.database.point().revision
        looks: dict[str, list[tuple[float, float]]] = {name: [] for name in _WRITES}
        for round_number in range(_ROUNDS):
            for name, write in _WRITES.items():
                _write(server.database, write, size // 2 - 2 * SHARE - 7 * round_number)
                looks[name].append(_look(server.lists))
        clock.time += timedelta(days=1)
        next_day, _ = _look(server.lists)
        restart = _restarted(server, settings, clock, size // 2 - 2 * SHARE)
        if server.database.point().revision - before != (_ROUNDS + 1) * len(_WRITES):
            raise UpkeepError("the upkeep wrote something, though everything is right")
    finally:
        server.close()
    # Whatever else the machine does makes a look longer, and none shorter.
    best = [[min(one) for one in zip(*ones, strict=True)] for ones in looks.values()]
    wall, cpu = (median(one) for one in zip(*best, strict=True))
    return _Looked(wall, cpu, first, next_day, restart)


def _end_backlog(database: Database) -> None:
    """Let it be said that everybody was looked at, which goes on little by little otherwise."""
    engine = writing_engine(database.url, DatabaseOptions())
    with engine.begin() as connection:
        connection.execute(update(ListUpkeepMarkRow).values(backlog="[]"))
    engine.dispose()


def _restarted(before: ScoringServer, settings: Settings, clock: Clock, number: int) -> float:
    """Give the seconds of the first look of a process after each of the writes: their middle."""
    seconds: list[float] = []
    for write in _WRITES.values():
        _write(before.database, write, number)
        server = build_scoring_server(settings, clock=clock)
        try:
            # Whoever starts reads the law before it looks.
            server.lists.desk.library.now()
            seconds.append(_look(server.lists)[0])
        finally:
            server.close()
    return median(seconds)


def _look(upkeep: KeepListsRight) -> tuple[float, float]:
    """Take a look; give its seconds by the clock, and of the processor."""
    begun, worked = perf_counter(), process_time()
    upkeep.once()
    return perf_counter() - begun, process_time() - worked


def _ratio(look: _Looked, base: _Looked) -> str:
    return f"{look.wall / base.wall:.2f} and {look.cpu / base.cpu:.2f}"


# Writes ----------------------------------------------------------------------------


def _write(database: Database, write: Callable[[int], tuple[int, int, date]], number: int) -> None:
    """Record something; the body says nothing in particular."""
    kind, subject, day = write(number)
    with database.write(caller=PUBLISHER, method="benchmark") as transaction:
        row_id = transaction.new_id()
        header = {**HEADER, "document_number": f"n{row_id}"}
        header |= {"kind": kind, "subject_id": subject, "event_date": day}
        header |= {"row_id": row_id, "record_id": row_id, "recorded_revision": transaction.revision}
        transaction.connection.execute(insert(RecordRow).values(**header))
        if kind in BODIES:
            body = {"row_id": row_id, **BODY[kind]}
            transaction.connection.execute(insert(BODIES[kind]).values(**body))
        transaction.commit()


def _nearest(number: int, rest: int) -> int:
    """Give the number at or below one that leaves a rest when it is divided by the share."""
    return number - (number - rest) % SHARE


_WRITES: Final[Mapping[str, Callable[[int], tuple[int, int, date]]]] = {
    "of one in force": lambda n: (PENALTY, n - n % 2 + 4, _TODAY),
    "of one that expired": lambda n: (HAZARD, n - n % 2 + 5, date(2024, 5, 1)),
    "of a person": lambda n: (VIOLATION, PERSONS + n, _TODAY),
    "of one that goes on": lambda n: (VIOLATION, _nearest(n, 2), _TODAY),
    "of one redlisted": lambda n: (HAZARD, _nearest(n, 0), date(2025, 5, 1)),
}
"""What is written, about whom near a number: kind, subject, day."""
