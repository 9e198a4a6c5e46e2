"""How long a server takes until it knows all policies."""

import subprocess
import sys
from time import perf_counter
from typing import Final

from benchmarks.processes import ROOT

_ROUNDS: Final = 5
_LOAD: Final = """
from pathlib import Path
from time import perf_counter

from services.scoring.store.policies import load_policies

start = perf_counter()
load_policies(Path("policies"))
print(perf_counter() - start)
"""


def run() -> list[str]:
    """Measure, and give the lines of the report."""
    whole: list[float] = []
    loading: list[float] = []
    for _ in range(_ROUNDS):
        start = perf_counter()
        told = subprocess.run(  # noqa: S603 -- the project's own code, in a process of its own.
            [sys.executable, "-c", _LOAD], cwd=ROOT, capture_output=True, check=True, text=True
        )
        whole.append(perf_counter() - start)
        loading.append(float(told.stdout))
    return [
        (
            f"start: all policies read, checked and compiled in {min(loading):.2f} s; a process"
            f" with Python and its packages {min(whole):.2f} s (at most 2)"
        )
    ]
