"""Files beside the policies that are no matter of the engine, read as the services read them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.common.errors import SafetyCreditError
from services.common.working_days import (
    CALENDAR_FILE,
    CalendarContradictionError,
    CalendarInvalidError,
    load_working_days,
)
from services.engine.document import Entries, Items, read_document
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.guarding import unreadable
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError
from services.scoring.store.list_sync_policy import LIST_SYNC_FILE, load_list_sync_policy


def problems_beside(folder: Path) -> tuple[Problem, ...]:
    """Find what is wrong with the working days and with the rules for copies of lists.

    Args:
        folder: Folder of the policies; a file that it does not have is no problem.
    """
    found: list[Problem] = []
    for name, load in _LOADED.items():
        if (folder / name).is_file():
            found.extend(_problems(folder, name, load))
    return tuple(dict.fromkeys(found))


# Private functions -----------------------------------------------------------

_LOADED: Final[Mapping[str, Callable[[Path], object]]] = {
    CALENDAR_FILE: load_working_days,
    LIST_SYNC_FILE: load_list_sync_policy,
}


_CALENDAR_ERRORS: Final = (CalendarInvalidError, CalendarContradictionError)


def _problems(folder: Path, name: str, load: Callable[[Path], object]) -> Iterator[Problem]:
    content = (folder / name).read_bytes()
    if broken := unreadable(content, name):
        yield from broken
        return
    try:
        document = read_document(content, name)
        load(folder)
    except PolicyRefusedError as error:
        yield from error.problems
    except _CALENDAR_ERRORS as error:
        # Rules for copies count in working days: a fault of the calendar is told of there.
        if name == CALENDAR_FILE or not (folder / CALENDAR_FILE).is_file():
            yield from _of_form(name, document, error)
    except ListSyncPolicyInvalidError as error:
        yield from _of_form(name, document, error)


def _of_form(name: str, document: Entries, error: SafetyCreditError) -> Iterator[Problem]:
    if not isinstance(error.__cause__, ValidationError):
        yield Problem(name, 1, 1, "form", error.message)
        return
    for one in error.__cause__.errors():
        line, column = _place(document, one["loc"])
        yield Problem(name, line, column, "form", f"{_written(one['loc'])}: {_said(one)}")


def _said(error: ErrorDetails) -> str:
    """Say in words of our own what is wrong with a part."""
    if error["type"] == "missing":
        return "this key is missing; add it"
    if error["type"] == "extra_forbidden":
        return "this key is not known here; correct or remove it"
    return error["msg"].removeprefix("Value error, ")


def _place(part: object, path: Sequence[int | str]) -> tuple[int, int]:
    """Find where a value stands, or the innermost part around it that there is."""
    place = part.place if isinstance(part, Entries) else (1, 1)
    for key in path:
        if isinstance(part, Entries) and isinstance(key, str) and key in part:
            place, part = part.places[key], part[key]
            continue
        if not (isinstance(part, Items) and isinstance(key, int) and key < len(part)):
            break
        place, part = part.places[key], part[key]
    return place[0], place[1]


def _written(path: Sequence[int | str]) -> str:
    return ".".join(str(key + 1) if isinstance(key, int) else key for key in path) or "the file"
