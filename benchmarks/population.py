"""A population from PostgreSQL: loaded and evaluated whole.

``python -m benchmarks population`` takes 10,000, 100,000 and 1,000,000 enterprises, each with five
records; ``SAFETYCREDIT_BENCH_ENTERPRISES=100000`` ends before. How it is kept fresh from day to day
is the benchmark ``night``.
"""

import logging
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import structlog
from sqlalchemy import create_engine, text

from benchmarks.processes import ROOT
from benchmarks.stores import postgresql_store
from benchmarks.workload import policy_text
from services.common.database import Database, DatabaseOptions
from services.common.engines import store_url
from services.engine.days import day_date, day_number, first_within
from services.scoring.commands.choosing import GRADE
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import Scan
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.kept_grades import SqlKeptGrades
from services.scoring.store.policies import load_policies, load_vocabulary
from services.scoring.store.sql_store import SqlStore

SIZES: Final = (10_000, 100_000, 1_000_000)
_RECORDS_EACH: Final = 5
DUE: Final = 1_000
_CHUNK: Final = 50_000
_DAYS: Final = 1_500
TODAY: Final = date(2025, 6, 1)
POLICY: Final = "benchmark.points"
_WINDOWS_MONTHS: Final = (12, 24, 36)
_MEBIBYTE: Final = 1024
_SIZE_KEY: Final = "SAFETYCREDIT_BENCH_ENTERPRISES"


@dataclass
class Clock:
    """A clock that stands where it is put."""

    time: datetime = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the instant."""
        return self.time


@dataclass(frozen=True)
class World:
    """A filled store, and everything that reads it.

    Attributes:
        url: Its database.
        clock: Its clock.
        store: The store.
        kept: Where grades are kept.
        library: The policies: the workload's alone.
    """

    url: str
    clock: Clock
    store: SqlStore
    kept: SqlKeptGrades
    library: PolicyLibrary

    def pinned(self, day: date) -> PinnedVersion:
        """Give the policy as in force on a day."""
        return self.library.named(GRADE, POLICY, version="", as_of=day)


@contextmanager
def filled(size: int) -> Iterator[World]:
    """Fill a store of its own with so many enterprises; it is dropped afterwards."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as name, postgresql_store() as settings:
        folder = Path(name)
        shutil.copy(ROOT / "policies" / "vocabulary.yaml", folder)
        (folder / "benchmark").mkdir()
        (folder / "benchmark" / "points.yaml").write_text(policy_text(), "utf-8")
        _fill(settings["DATABASE_URL"], size)
        clock = Clock()
        database = Database(
            settings["DATABASE_URL"], clock=clock, options=DatabaseOptions(connections_max=4)
        )
        columns = FactColumns(load_vocabulary(folder), database.dialect)
        store, kept = SqlStore(database, columns), SqlKeptGrades(database)
        yield World(settings["DATABASE_URL"], clock, store, kept, load_policies(folder))
        kept.close()
        database.close()


def run() -> Iterator[str]:
    """Measure size after size, and give the lines of the report."""
    for size in sizes():
        with filled(size) as world:
            yield _whole(world, size)


def sizes(size_max: int | None = None) -> tuple[int, ...]:
    """Give the sizes to measure, up to the one that the caller or the environment names."""
    last = size_max or int(os.environ.get(_SIZE_KEY, SIZES[-1]))
    return tuple(size for size in SIZES if size <= last)


# Private functions and classes ------------------------------------------------


def _whole(world: World, size: int) -> str:
    """Evaluate everybody once, loading and evaluating timed apart."""
    pinned = world.pinned(TODAY)
    loading = evaluating = 0.0
    seen = after = 0
    with world.store.read() as reading:
        at = Viewpoint(reading.point.revision, TODAY)
        while True:
            start = perf_counter()
            chunk = reading.facts.chunk(Scan(after=after, limit=_CHUNK), pinned.needs, at)
            loaded = perf_counter()
            loading += loaded - start
            if chunk.subject_ids.size == 0:
                break
            evaluate(pinned, chunk.population, TODAY).evaluation.ranks()
            evaluating += perf_counter() - loaded
            seen += chunk.subject_ids.size
            after = int(chunk.subject_ids[-1])
    assert seen == size, "everybody is evaluated"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
    limit = " (at most 60 s and 4,096 MiB)" if size == SIZES[-1] else ""
    return (
        f"population: {size:,} enterprises, {size * _RECORDS_EACH:,} records from PostgreSQL:"
        f" {loading + evaluating:.1f} s, of which loading {loading:.1f} s and evaluating"
        f" {evaluating:.1f} s; peak memory {peak:,.0f} MiB{limit}"
    )


def _fill(url: str, size: int) -> None:
    """Write the population with the database's own means; the facts are those of no real place."""
    engine = create_engine(store_url(url))
    tomorrow = day_number(TODAY) + 1
    # A record on one of these days would leave its window tomorrow.
    edges = [day_date(first_within(tomorrow, "months", months) - 1) for months in _WINDOWS_MONTHS]
    values: dict[str, Any] = {
        "size": size,
        "records": size * _RECORDS_EACH,
        "days": _DAYS,
        "due": DUE,
        "today": TODAY,
        "edges": edges,
        "edge": edges[0],
        "kinds": list(_BODIES),
        "time": datetime(2025, 1, 1, tzinfo=UTC),
    }
    with engine.begin() as connection:
        for statement in (*_FACTS, *(_body(table, kind) for kind, table in _BODIES.items())):
            connection.execute(text(statement), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


_BODIES: Final = {
    1: ("inspections", "occasion, problems_found, report_record_id", "1, n % 2 = 0, NULL"),
    2: (
        "violations",
        "violation_code, severity, article, description, inspection_record_id",
        f"8, CASE WHEN n <= {DUE} THEN 1 ELSE 1 + n % 3 END, '', '', NULL",
    ),
    3: (
        "penalties",
        (
            "sanctions, fine_fen, confiscated_fen, procedure, violation_code, violation_text,"
            " facts, basis, content, major"
        ),
        "8, n % 2000000, 0, 2, 9, '', '', '', '', n % 9 = 0",
    ),
    5: ("hazards", "level, supervision, description", "1 + n % 2, 0, ''"),
    6: (
        "accidents",
        (
            "deaths, serious_injuries, direct_loss_fen, level, liability, reporting, misconduct,"
            " description"
        ),
        "0, 0, 0, 1 + n % 4, 1, 1, 0, ''",
    ),
}
"""Table, columns and values of the bodies by number of the kind; ``n`` numbers the records."""

_FACTS: Final = (
    """
    INSERT INTO revisions (revision, recorded_time, caller, method)
    VALUES (1, :time, 'benchmark', 'fill')
    """,
    "UPDATE store SET revision = 1, recorded_time = :time",
    """
    INSERT INTO enterprises (enterprise_id, local_scheme, local_value, recorded_revision)
    SELECT n, 'benchmark', n::text, 1 FROM generate_series(1, :size) n
    """,
    """
    INSERT INTO enterprise_versions (row_id, enterprise_id, name, division, industry, fields, kind,
      state, headcount, start_date, document_number, recorded_revision)
    SELECT n, n, 'E' || n, 110105, 'C26', 2, 1, 1, 50, DATE '2015-01-01', '', 1
    FROM generate_series(1, :size) n
    """,
    # Spread over enterprises, kinds and days without any two of the three going together.
    """
    INSERT INTO records (row_id, record_id, edition, kind, subject_id, person, field, authority,
      authority_code, document_number, document_item, event_date, recorded_revision,
      superseded_reason, superseded_document_number)
    SELECT id, id, 1, kind, subject, false, 1, 'benchmark', '', n::text, '',
      CASE WHEN n <= :due THEN CAST(:edge AS date)
        WHEN day = ANY(:edges) THEN day - 1 ELSE day END,
      1, '', ''
    FROM (
      SELECT n, 10000000 + n AS id,
        (CAST(:kinds AS integer[]))[CASE WHEN n <= :due THEN 2 ELSE 1 + (n / 7) % 5 END] AS kind,
        CASE WHEN n <= :due THEN n ELSE 1 + (n * 7919::bigint) % :size END AS subject,
        CAST(:today AS date) - 1 - CAST((n * 104729::bigint) % :days AS integer) AS day
      FROM generate_series(1, :records) n
    ) AS drawn
    """,
)


def _body(table: tuple[str, str, str], kind: int) -> str:
    name, columns, values = table
    return (
        f"INSERT INTO {name} (row_id, {columns})"  # noqa: S608 -- all words are this file's own.
        f" SELECT id, {values} FROM (SELECT row_id AS id, row_id - 10000000 AS n"
        f" FROM records WHERE kind = {kind}) AS headers"
    )
