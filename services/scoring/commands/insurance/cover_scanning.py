"""Going through the enterprises stretch by stretch, for lists that one policy cannot answer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from services.scoring.commands.ports import Chunk, FactNeeds, Reading, Scan
from services.scoring.commands.scanning import SCANNED_MAX
from services.scoring.commands.standpoint import PageReading
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

_FIRST_STRETCH_MIN: Final = 256
_STRETCH: Final = 50_000
"""House decision: enterprises judged at once when all are; more gain nothing but memory."""


class Numbered(Protocol):
    """A row about one enterprise."""

    @property
    def subject_id(self) -> int:
        """Give the number of the enterprise."""
        ...


Row = TypeVar("Row", bound=Numbered)


def scan_rows(
    opened: PageReading,
    needs: FactNeeds,
    *,
    wanted: EnterpriseFilter,
    size: int,
    rows_of: Callable[[Chunk], Sequence[Row]],
) -> tuple[tuple[Row, ...], int | None]:
    """Make rows of enterprises until a page is full, the limit is reached or all are done.

    Args:
        opened: The list.
        needs: Facts that the rows are made of.
        wanted: Filters on enterprises.
        size: Rows of a page.
        rows_of: Makes the rows of a stretch, in order, for those enterprises that are wanted.

    Returns:
        The rows, and the number after which to go on; none at the end.
    """
    found: list[Row] = []
    after, scanned = opened.after, 0
    limit = max(size + 1, _FIRST_STRETCH_MIN)
    while scanned < SCANNED_MAX:
        limit = min(limit, SCANNED_MAX - scanned)
        part = Scan(wanted=wanted, after=after, limit=limit)
        chunk = opened.reading.facts.chunk(part, needs, opened.at)
        count = int(chunk.subject_ids.size)
        if count:
            found.extend(rows_of(chunk))
        if len(found) > size:
            return tuple(found[:size]), found[size - 1].subject_id
        if count < limit:
            return tuple(found), None
        after, scanned = int(chunk.subject_ids[-1]), scanned + limit
        limit *= 2
    return tuple(found), after


def all_chunks(
    reading: Reading, needs: FactNeeds, *, wanted: EnterpriseFilter, at: Viewpoint
) -> Iterator[Chunk]:
    """Give all enterprises that exist on a day, a bounded stretch at a time."""
    after = 0
    while True:
        chunk = reading.facts.chunk(Scan(wanted=wanted, after=after, limit=_STRETCH), needs, at)
        if chunk.subject_ids.size:
            yield chunk
        if chunk.subject_ids.size < _STRETCH:
            return
        after = int(chunk.subject_ids[-1])
