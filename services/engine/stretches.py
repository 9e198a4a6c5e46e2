"""Since when something has been so, and until when it will be, found by evaluating other days."""

from collections.abc import Callable, Iterable
from typing import Final

from services.engine.days import NEVER, UNKNOWN_DAY

_FIRST_LENGTH: Final = 366

Look = Callable[[int], tuple[object, int]]
"""Gives what is so on a day, and the first later day on which it may be otherwise."""


class TooFarError(Exception):
    """A day lies further away than is looked; never leaves the engine."""


def since(look: Look, day: int, first: int, *, most: int) -> int:
    """Give the first day since which what is so on a day has been so.

    Goes back in ever longer stretches, each looked through from its beginning.

    Args:
        look: Looks at a day.
        day: The day.
        first: Day before which nothing is asked.
        most: How many days to look at.

    Returns:
        The day, ``first`` at the earliest.

    Raises:
        TooFarError: So many looks do not suffice.
    """
    wanted, _ = look(day)
    length, looks = _FIRST_LENGTH, 1
    while day > first:
        beginning = max(first, day - length)
        began: int | None = None
        ahead = beginning
        while ahead < day:
            if looks >= most:
                raise TooFarError
            looks += 1
            found, after = look(ahead)
            if found != wanted:
                began = None
            elif began is None:
                began = ahead
            ahead = max(ahead + 1, after)
        if began != beginning:
            return day if began is None else began
        day, length = beginning, length * 2
    return day


def until(look: Look, day: int, last: int, *, most: int) -> int | None:
    """Give the first later day on which what is so on a day will be otherwise.

    Args:
        look: Looks at a day.
        day: The day.
        last: Day after which nothing is asked.
        most: How many days to look at.

    Returns:
        The day; none where there is none by the last day.

    Raises:
        TooFarError: So many looks do not suffice.
    """
    wanted, after = look(day)
    for _ in range(most):
        if after > last:
            return None
        found, later = look(after)
        if found != wanted:
            return after
        after = max(after + 1, later)
    raise TooFarError


def lasting(
    spans: Iterable[tuple[int, int]], day: int, *, least: int, most: int | None
) -> tuple[int, int]:
    """Give the stretch of days around one in which as many spans hold as are asked for.

    Args:
        spans: The first day of each, and the first after it.
        day: A day on which as many of them hold.
        least: How many at least.
        most: How many at most; none for any number.

    Returns:
        The first day of the stretch, `days.UNKNOWN_DAY` where it has none; the first day after it,
        `days.NEVER` where there is none.
    """
    steps: dict[int, int] = {}
    for first, after in spans:
        if first < after:
            steps[first] = steps.get(first, 0) + 1
            steps[after] = steps.get(after, 0) - 1
    beginning, holding, within = UNKNOWN_DAY, 0, least <= 0
    for one in sorted(steps):
        if one == NEVER:
            break
        holding += steps[one]
        before, within = within, least <= holding and (most is None or holding <= most)
        if one <= day:
            beginning = one if within and not before else beginning
        elif not within:
            return beginning, one
    return beginning, NEVER


def unchanged(spans: Iterable[tuple[int, int]], day: int) -> tuple[int, int]:
    """Give the stretch of days around one in which the same spans hold; as for `lasting`."""
    beginning, end = UNKNOWN_DAY, NEVER
    for first, after in spans:
        if first >= after:
            continue
        if after <= day:
            beginning = max(beginning, after)
        elif first <= day:
            beginning, end = max(beginning, first), min(end, after)
        else:
            end = min(end, first)
    return beginning, end
