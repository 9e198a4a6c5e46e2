"""Run the benchmarks: ``make bench``, or ``python -m benchmarks NAME``.

``lists=100000`` runs the benchmark of lists with so many entries instead of a million.
"""

import importlib
import sys

NAMES = (
    "engine",
    "peers",
    "population",
    "night",
    "start",
    "rpc",
    "imports",
    "servers",
    "rates",
    "risk",
    "lists",
    "upkeep",
)


def main() -> None:
    """Run the benchmarks that are named, or all."""
    wanted = sys.argv[1:] or NAMES
    for word in wanted:
        name, _, size = word.partition("=")
        if name not in NAMES:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(NAMES)}")
        run = importlib.import_module(f"benchmarks.{name}").run
        for line in run(int(size)) if size else run():
            print(line, flush=True)


if __name__ == "__main__":
    main()
