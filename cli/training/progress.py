"""How far long pieces of work have come, one bar for each, where there is a terminal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.progress import Progress, TaskID

from cli.display.console import messages


class Bars:
    """Bars by the name of the work; silent where there is no terminal."""

    def __init__(self, progress: Progress | None, totals: Mapping[str, int]) -> None:
        """Show nothing yet.

        Args:
            progress: Where to show; none for nowhere.
            totals: Steps of a piece of work, by the beginning of its name.
        """
        self._progress = progress
        self._totals = totals
        self._tasks: dict[str, TaskID] = {}

    def advance(self, work: str, steps: int) -> None:
        """Move a bar on; the first time it appears."""
        if self._progress is None:
            return
        if work not in self._tasks:
            total = next((n for name, n in self._totals.items() if work.startswith(name)), None)
            self._tasks[work] = self._progress.add_task(work, total=total)
        self._progress.update(self._tasks[work], advance=steps)


@contextmanager
def bars(totals: Mapping[str, int]) -> Iterator[Bars]:
    """Show bars inside a block."""
    console = messages()
    if not console.is_terminal:
        yield Bars(None, totals)
        return
    with Progress(console=console) as progress:
        yield Bars(progress, totals)
