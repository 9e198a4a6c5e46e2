"""Published lists: exports, mirrors and watchers of a list of a million entries.

``python -m benchmarks lists=100000`` measures a shorter list. On PostgreSQL it is a tenth of the
usual length. One scoring server, on a core of its own, sends; a bare gRPC server beside it sends as
many messages of the same size. Rates of the mirror are those of its own work: pages are fetched
first, then applied.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final, Self, cast

import grpc

from benchmarks import bare_stream
from benchmarks.h2load import LoadedCall, program, write_body
from benchmarks.list_population import entry, fill, publish
from benchmarks.processes import Cores, command, confined, free_port, server, surroundings
from benchmarks.stores import STORES
from cli.client.connection import Client
from cli.mirror.copy import ListCopy
from cli.mirror.feed import GrpcFeed, Mirrored
from cli.mirror.keeping import CHANGES_AT_ONCE, Mirror
from cli.sample.stories import STORIES
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.grade_service_pb2 import GetCreditGradeRequest
from safetycredit.scoring.v1.list_entry_pb2 import ListKind as WireListKind
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.clock import SystemClock
from services.common.database import Database
from services.common.identity import EVERYTHING, Caller, Role, caller_metadata
from services.scoring.domain.list_entry import ListKey, ListKind

ENTRIES: Final = 1_000_000

_LARGE_ON: Final = "SQLite"
_ENTRIES_ELSEWHERE: Final = 100_000
"""Filling a million on the other database as well would take longer than all the rest."""

_CAUSES: Final = ("更正事由", "再次更正", "更正如初")
"""What each round of changes says."""

_NEW_VERSION: Final = "另行更正"

_FULL: Final = ListKey(ListKind.BLACKLIST, 1)
_TENTH: Final = ListKey(ListKind.BLACKLIST, 2)
_WATCHED: Final = ListKey(ListKind.BLACKLIST, 3)
_SERVER: Final = "services.scoring.main"
_ROUNDS: Final = 3
_EXPORT_ROUNDS: Final = 9
_REST_SECONDS: Final = 0.25
_REST_SECONDS_MAX: Final = 60.0
_BUSY_SECONDS: Final = 0.02
"""A process that uses less in such a while is at rest."""
_CHANGES: Final = 100_000
_WATCHERS: Final = 100
_PUBLICATIONS: Final = 60
_PUBLICATION_SECONDS: Final = 0.25
_LATENCY_SECONDS_MAX: Final = 20.0
_GRADE_CALLS: Final = 1_000
_GRADE: Final = "/safetycredit.scoring.v1.GradeService/GetCreditGrade"
_POLICY_ID: Final = "cn.shandong.liaocheng.grade"
_METADATA: Final = caller_metadata(
    Caller(
        identity="benchmark",
        roles=frozenset({Role.REGULATOR}),
        divisions=frozenset({EVERYTHING}),
        fields=frozenset({EVERYTHING}),
    )
)
_OPTIONS: Final = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", 2**26)]


class MeasureError(Exception):
    """Something was not measured as it should be."""


def run(entries: int = ENTRIES) -> Iterator[str]:
    """Measure, and give the lines of the report."""
    cores = Cores.here()
    for database, store in STORES.items():
        size = entries if database == _LARGE_ON else min(entries, _ENTRIES_ELSEWHERE)
        with confined(cores.others), store() as settings:
            for line in _measured(settings, cores, size):
                yield f"lists: {database}: {line}"
    yield surroundings("lists")


# Private functions and classes ------------------------------------------------


def _measured(store: Mapping[str, str], cores: Cores, entries: int) -> Iterator[str]:
    """Measure on one database."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        credit_port, port, bare_port = free_port(), free_port(), free_port()
        settings = {
            **store,
            "CREDIT_LISTEN": f"127.0.0.1:{credit_port}",
            "SCORING_LISTEN": f"127.0.0.1:{port}",
        }
        _load_sample(settings, credit_port, folder)
        database = Database(settings["DATABASE_URL"])
        running.callback(database.close)
        yield from _filled(database, entries)
        with confined(cores.server):
            for module, number, arguments in (
                (_SERVER, port, ()),
                ("benchmarks.bare_stream", bare_port, (str(bare_port),)),
            ):
                log = folder / f"{module}.log"
                running.enter_context(
                    server(module, *arguments, port=number, environment=settings, log=log)
                )
        with confined(cores.others):
            yield from _exports(database, port, bare_port)
            yield from _mirrored(database, port, folder, entries)
            yield from _watched(database, port, folder)


def _load_sample(settings: Mapping[str, str], credit_port: int, folder: Path) -> None:
    log = folder / "credit.log"
    with server("services.credit.main", port=credit_port, environment=settings, log=log):
        command("sample", "load", "--enterprises=20", environment=settings)


def _filled(database: Database, entries: int) -> Iterator[str]:
    started = time.perf_counter()
    fill(database, _TENTH, entries // 10)
    fill(database, _FULL, entries)
    seconds = time.perf_counter() - started
    yield f"{entries * 11 // 10:,} entries published at {entries * 1.1 / seconds:,.0f}/s"


# Exports -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Received:
    messages: int
    size: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.size / self.seconds


def _exports(database: Database, port: int, bare_port: int) -> Iterator[str]:
    process = _server_pid()
    _rested(process)
    tenth, tenth_mib = _peaked(process, lambda: _exported(port, _TENTH))
    _, full_mib = _peaked(process, lambda: _exported(port, _FULL))
    exports: list[_Received] = []
    bare: list[_Received] = []
    for number in range(_EXPORT_ROUNDS):
        # Each is the first of its version. What the database has read before is in its memory.
        publish(database, [entry(_FULL, number, cause=_NEW_VERSION)])
        _rested(process)
        exports.append(_exported(port, _FULL))
        size = exports[-1].size // exports[-1].messages
        bare.append(_streamed(bare_port, exports[-1].messages, size))
    rate, bare_rate = (median(one.rate for one in ones) for ones in (exports, bare))
    size = exports[-1].size // exports[-1].messages
    yield (
        f"first export of a version {rate / 2**20:,.0f} MiB/s in messages of {size / 1024:.0f} KiB,"
        f" by a server at rest and from the database's memory; a bare stream of them"
        f" {bare_rate / 2**20:,.0f} MiB/s: {rate / bare_rate:.2f} of it by the medians of"
        f" {_EXPORT_ROUNDS} (at least 0.5)"
    )
    yield (
        f"memory of the server grew by {tenth_mib:.0f} MiB during an export of"
        f" {tenth.size / 2**20:,.0f} MiB, then by {full_mib:.0f} MiB during one of"
        f" {exports[-1].size / 2**20:,.0f} MiB"
    )


def _exported(port: int, key: ListKey) -> _Received:
    request = pb.ExportListRequest(
        kind=WireListKind.LIST_KIND_BLACKLIST, field=cast("Field", key.field)
    )
    method = "/safetycredit.scoring.v1.ListSyncService/ExportList"
    return _received(port, method, request.SerializeToString(), _METADATA)


def _streamed(port: int, messages: int, size: int) -> _Received:
    method = f"/{bare_stream.SERVICE}/{bare_stream.METHOD}"
    return _received(port, method, f"{messages} {size}".encode(), ())


def _received(port: int, method: str, request: bytes, metadata: Any) -> _Received:  # noqa: ANN401 -- pairs.
    """Receive a stream as bytes, so that only the sender's work differs."""
    messages = size = 0
    with grpc.insecure_channel(f"127.0.0.1:{port}", _OPTIONS) as channel:
        started = time.perf_counter()
        stream: Any = channel.unary_stream(method)
        for message in stream(request, metadata=metadata):
            messages += 1
            size += len(message)
        return _Received(messages, size, time.perf_counter() - started)


def _server_pid() -> int:
    """Find the scoring server among the processes that this one started; on Linux."""
    me = os.getpid()
    for text in Path(f"/proc/{me}/task/{me}/children").read_text(encoding="ascii").split():
        if _SERVER.encode() in Path(f"/proc/{text}/cmdline").read_bytes().split(b"\0"):
            return int(text)
    raise MeasureError("the scoring server does not run")


def _rested(pid: int) -> None:
    """Wait until a process has nothing to do; a new server evaluates grades for some seconds."""
    give_up = time.monotonic() + _REST_SECONDS_MAX
    before = -_BUSY_SECONDS
    while (now := _processor_seconds(pid)) - before >= _BUSY_SECONDS:
        if time.monotonic() > give_up:
            raise MeasureError("the scoring server does not come to rest")
        before = now
        time.sleep(_REST_SECONDS)


def _processor_seconds(pid: int) -> float:
    """Give the time of the processor that a process has used."""
    times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(pid: int) -> float:
    """Give how much memory a process has in use."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _peaked(pid: int, work: Callable[[], _Received]) -> tuple[_Received, float]:
    """Do a piece of work; give what it gave, and by how much a process grew, in MiB."""
    before = _memory_mib(pid)
    peak = before
    over = threading.Event()

    def look() -> None:
        nonlocal peak
        while not over.wait(0.02):
            peak = max(peak, _memory_mib(pid))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        return work(), peak - before
    finally:
        over.set()
        thread.join()


# Mirrors -------------------------------------------------------------------------


def _mirrored(database: Database, port: int, folder: Path, entries: int) -> Iterator[str]:
    path = folder / "mirror.db"
    mirrored = Mirrored(WireListKind.LIST_KIND_BLACKLIST, Field.FIELD_WORK_SAFETY, "")
    target = f"127.0.0.1:{port}"
    with grpc.insecure_channel(target, _OPTIONS) as channel:
        feed = GrpcFeed(Client(ListSyncServiceStub(channel), _METADATA, target), mirrored)
        started = time.perf_counter()
        Mirror(path=path, feed=feed, mirrored=mirrored).run(once=True)
        loaded = time.perf_counter() - started
        changes = min(_CHANGES, entries)
        numbers = random.Random(7).sample(range(entries), changes)  # noqa: S311 -- no secret.
        copy = ListCopy(path)
        started = time.perf_counter()
        sound = copy.sound()
        verified = time.perf_counter() - started
        times: list[tuple[float, float]] = []
        for cause in _CAUSES:
            publish(database, [entry(_FULL, number, cause=cause) for number in numbers])
            times.append(_applied(copy, list(_pages(feed, copy.note("cursor")))))
        # Once is at the mercy of whatever else the machine does.
        wall, cpu = (min(one) for one in zip(*times, strict=True))
        held = copy.held()[_FULL.field]
        copy.close()
        right = feed.digest().digests[0].state
    if not sound or (held.version, held.digest) != (right.version, right.digest):
        raise MeasureError("the mirror is not what the list is")
    yield (
        f"mirror loads {entries / loaded:,.0f} entries/s and verifies"
        f" {entries / verified:,.0f}/s; it applies {changes / wall:,.0f} changes/s, that is"
        f" {changes / cpu:,.0f} a second of processor time, the best of {len(times)} (at least"
        " 50,000)"
    )


def _pages(feed: GrpcFeed, cursor: str) -> Iterator[pb.ListChangesResponse]:
    more = True
    while more:
        page = feed.changes(cursor)
        yield page
        cursor, more = page.cursor, page.more


def _applied(copy: ListCopy, pages: Sequence[pb.ListChangesResponse]) -> tuple[float, float]:
    """Apply pages as a mirror does; give the seconds by the clock, and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    waiting: list[pb.ListDelta] = []
    count = 0
    for page in pages:
        waiting += page.deltas
        count += sum(len(delta.changes) for delta in page.deltas)
        if count >= CHANGES_AT_ONCE or page is pages[-1]:
            copy.apply(waiting, page.cursor, confirmed=SystemClock().now())
            waiting, count = [], 0
    return time.perf_counter() - wall, time.process_time() - cpu


# Watchers ------------------------------------------------------------------------


def _watched(database: Database, port: int, folder: Path) -> Iterator[str]:
    publish(database, [entry(_WATCHED, 0)])
    arrivals: list[tuple[int, float]] = []
    committed: dict[int, float] = {}
    slowest = 0.0
    lock = threading.Lock()
    ready = threading.Barrier(_WATCHERS + 1)

    def watch() -> None:
        request = pb.WatchListRequest(
            kind=WireListKind.LIST_KIND_BLACKLIST,
            field=cast("Field", _WATCHED.field),
            from_start=True,
        )
        with grpc.insecure_channel(f"127.0.0.1:{port}", _OPTIONS) as channel:
            call = ListSyncServiceStub(channel).WatchList(request, metadata=_METADATA)
            next(call)
            ready.wait()
            for message in call:
                now = time.perf_counter()
                if not message.HasField("delta"):
                    continue
                version = message.delta.state.version
                with lock:
                    arrivals.append((version, now))
                if version == _PUBLICATIONS + 1:
                    call.cancel()
                    return

    threads = [threading.Thread(target=watch, daemon=True) for _ in range(_WATCHERS)]
    for thread in threads:
        thread.start()
    ready.wait(_LATENCY_SECONDS_MAX)
    with _Grades(port, folder) as grades:
        for number in range(1, _PUBLICATIONS + 1):
            begun = time.perf_counter()
            publish(database, [entry(_WATCHED, number)])
            # Waiting for other writers, and for the disk, is no matter of the watchers.
            committed[number + 1] = time.perf_counter()
            slowest = max(slowest, committed[number + 1] - begun)
            time.sleep(_PUBLICATION_SECONDS)
        for thread in threads:
            thread.join(_LATENCY_SECONDS_MAX)
    latencies = [max(now - committed[version], 0.0) for version, now in arrivals]
    if len(latencies) < _WATCHERS * _PUBLICATIONS // 2:
        raise MeasureError(f"only {len(latencies)} messages arrived")
    hundredths = quantiles(latencies, n=100)
    yield (
        f"a change reaches {_WATCHERS} watchers in {hundredths[49] * 1000:.0f} ms by the"
        f" median, {hundredths[98] * 1000:.0f} ms at the 99th percentile (below 250),"
        f" {max(latencies) * 1000:.0f} ms at most, while {grades.told}; the slowest of"
        f" {_PUBLICATIONS} publications took {slowest * 1000:.0f} ms itself"
    )


class _Grades:
    """Reads grades without a pause, while something else is measured."""

    def __init__(self, port: int, folder: Path) -> None:
        request = GetCreditGradeRequest(
            subject=SubjectRef(credit_code=STORIES[0].credit_code), policy_id=_POLICY_ID
        )
        body = write_body(folder / "grade", request.SerializeToString())
        self._call = LoadedCall(port, _GRADE, body, _METADATA)
        self._over = threading.Event()
        self._rates: list[float] = []
        self._thread = threading.Thread(target=self._read, daemon=True)

    @property
    def told(self) -> str:
        if not self._rates:
            return "no grades were read, for want of h2load"
        return f"{median(self._rates):,.0f} grades a second were read"

    def __enter__(self) -> Self:
        if program() is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _read(self) -> None:
        while not self._over.is_set():
            self._rates.append(self._call.rate(_GRADE_CALLS))
