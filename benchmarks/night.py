"""The night's step: kept grades brought from one day to the next, with as many due at every size.

``python -m benchmarks night`` takes 10,000, 100,000 and 1,000,000 enterprises, a line for each;
``night=100000`` ends before. The same night is taken several times, from the same state.
"""

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any, Final

from sqlalchemy import create_engine, text

from benchmarks.population import DUE, POLICY, TODAY, World, filled, sizes
from services.common.engines import store_url
from services.scoring.commands.grades.refresh_grades import BATCH, RefreshGrades

_NIGHTS: Final = 7
_TOMORROW: Final = TODAY + timedelta(days=1)


def run(size_max: int | None = None) -> Iterator[str]:
    """Measure size after size, and give the lines of the report."""
    for size in sizes(size_max):
        with filled(size) as world:
            yield _night(world, size)


# Private functions ------------------------------------------------------------


def _night(world: World, size: int) -> str:
    """Take the same night several times, and give the shortest and the longest."""
    refresh = RefreshGrades(world.store, world.kept, world.library, world.clock)
    start = perf_counter()
    assert refresh.bring_up_to_date(world.pinned(TODAY), TODAY), "grades are kept"
    anew = perf_counter() - start
    with world.store.read() as reading:
        due = len(reading.grades.due(POLICY, _TOMORROW, limit=size))
    assert due == DUE, f"{DUE} grades are due, not {due}"
    _on(world, _KEEP)
    world.clock.time += timedelta(days=1)
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(_NIGHTS):
        begun, cpu = perf_counter(), process_time()
        done = refresh.catch_up(world.pinned(_TOMORROW), _TOMORROW, affected_max=BATCH)
        walls.append(perf_counter() - begun)
        cpus.append(process_time() - cpu)
        assert done, "it is soon done"
        _on(world, _BACK)
    return (
        f"night: {due:,} due among {size:,}: {min(walls) * 1e3:.0f} ms at least,"
        f" {max(walls) * 1e3:.0f} at most of {_NIGHTS}; {min(cpus) * 1e3:.0f} ms of it the"
        f" service's own (grows with what is due, not with the population); all anew {anew:.1f} s"
    )


_VALUES: Final[dict[str, Any]] = {"policy": POLICY, "today": TODAY, "tomorrow": _TOMORROW}

_KEEP: Final = (
    """
    CREATE TABLE benchmark_due AS
    SELECT * FROM grades WHERE policy_id = :policy AND valid_until_date <= :tomorrow
    """,
)
"""Keeps what is due, so that the night can be taken again."""

_BACK: Final = (
    """
    UPDATE grades SET status = b.status, grade = b.grade, grade_rank = b.grade_rank,
      score = b.score, valid_until_date = b.valid_until_date
    FROM benchmark_due b
    WHERE grades.policy_id = b.policy_id AND grades.subject_id = b.subject_id
    """,
    "UPDATE grade_refreshes SET as_of = :today WHERE policy_id = :policy",
)
"""Goes back to the evening before."""


def _on(world: World, statements: tuple[str, ...]) -> None:
    engine = create_engine(store_url(world.url))
    with engine.begin() as connection:
        for statement in statements:
            wanted = {name: value for name, value in _VALUES.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
    engine.dispose()
