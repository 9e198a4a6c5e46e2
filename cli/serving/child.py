"""One server in a process of its own, which ends when its parent is gone.

``python -m cli.serving.child credit`` is what ``safetycredit up`` starts. The parent
holds the other end of standard input and never writes to it: when the parent goes,
even without a word, the end of the input is the signal to drain and stop.
"""

import os
import runpy
import signal
import sys
import threading
from typing import Final

from services.common.errors import SafetyCreditError

MODULES: Final = {"credit": "services.credit.main", "scoring": "services.scoring.main"}
"""Module of each server, by its name."""


def watch_parent(input_descriptor: int) -> None:
    """Wait for the end of the input, then tell this process to end."""
    while os.read(input_descriptor, 1):
        # A stray byte means nothing; only the end does.
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def main(name: str) -> None:
    """Run a server until it is told to end."""
    watcher = threading.Thread(target=watch_parent, args=(sys.stdin.fileno(),), daemon=True)
    watcher.start()
    sys.argv = sys.argv[:1]
    try:
        runpy.run_module(MODULES[name], run_name="__main__", alter_sys=True)
    except SafetyCreditError as error:
        # A setting, a policy or the store is to be mended: words help, a trace does not.
        sys.exit(f"{name} server: {error.reason}: {error.message}")


if __name__ == "__main__":
    main(sys.argv[1])
