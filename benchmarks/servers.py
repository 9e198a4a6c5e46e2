"""Ways to serve gRPC in Python, with an empty call: the measurement behind ADR 6."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.bare_server import METHOD, MODELS, SERVICE
from benchmarks.h2load import LoadedCall, Rates, missing, program, write_body
from benchmarks.processes import Cores, confined, free_port, server, surroundings

_ROUNDS: Final = 5
_CALLS: Final = 6_000


def run() -> Iterator[str]:
    """Measure, and give the lines of the report."""
    if program() is None:
        yield missing("servers")
        return
    cores = Cores.here()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        body = write_body(Path(folder) / "empty", b"")
        calls: dict[str, LoadedCall] = {}
        for model in MODELS:
            port = free_port()
            with confined(cores.server):
                running.enter_context(
                    server(
                        "benchmarks.bare_server",
                        model,
                        str(port),
                        port=port,
                        environment={},
                        log=Path(folder) / "log",
                    )
                )
            calls[model] = LoadedCall(port, f"/{SERVICE}/{METHOD}", body)
        with confined(cores.others):
            rates = _rates(calls)
    base = rates[MODELS[0]].middle
    for model in MODELS:
        yield (
            f"servers: empty call on bare grpcio, {model}: {rates[model]};"
            f" {rates[model].middle / base:.2f} of {MODELS[0]}"
        )
    yield surroundings("servers")


# Private functions -----------------------------------------------------------


def _rates(calls: dict[str, LoadedCall]) -> dict[str, Rates]:
    for call in calls.values():
        call.rate(_CALLS // 5)
    found: dict[str, list[float]] = {model: [] for model in calls}
    for _ in range(_ROUNDS):
        # One after the other, so that a busy neighbour disturbs all of them alike.
        for model, call in calls.items():
            found[model].append(call.rate(_CALLS))
    return {model: Rates(tuple(rates)) for model, rates in found.items()}
