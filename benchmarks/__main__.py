"""Run the benchmarks: ``make bench``, or ``python -m benchmarks NAME``."""

import importlib
import sys

NAMES = ("engine", "peers", "population", "start", "rpc", "imports", "servers")


def main() -> None:
    """Run the benchmarks that are named, or all."""
    wanted = sys.argv[1:] or NAMES
    for name in wanted:
        if name not in NAMES:
            sys.exit(f"no benchmark {name!r}; there are {', '.join(NAMES)}")
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(line, flush=True)


if __name__ == "__main__":
    main()
