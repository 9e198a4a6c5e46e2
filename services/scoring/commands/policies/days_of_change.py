"""On which days other versions of policies answer than before."""

from collections.abc import Callable, Iterable
from datetime import date

from services.engine.language import Version


def first_change(
    versions: Iterable[Version], chosen: Callable[[date], object], as_of: date
) -> date | None:
    """Give the first later day on which another version is chosen; none for never.

    Args:
        versions: Those that may be chosen.
        chosen: Gives the one chosen on a day.
        as_of: Day asked for.
    """
    edges: set[date] = set()
    for one in versions:
        edges.add(one.start_date)
        if one.end_date is not None:
            edges.add(one.end_date)
    present = chosen(as_of)
    return next((day for day in sorted(edges) if day > as_of and chosen(day) is not present), None)


def earlier(first: date | None, second: date | None) -> date | None:
    """Give the earlier of two days, of which none is never."""
    days = [day for day in (first, second) if day is not None]
    return min(days, default=None)
