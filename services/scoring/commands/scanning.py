"""Looking for subjects by evaluation, a bounded stretch of the population at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.commands.ports import Scan
from services.scoring.commands.standpoint import PageReading
from services.scoring.domain.viewpoint import EnterpriseFilter

SCANNED_MAX: Final = 20_000
"""House limit: subjects that are evaluated for one page, so that every page takes about as long."""

_FIRST_STRETCH_MIN: Final = 256

Matching = Callable[[Outcome], NDArray[np.bool_]]
"""Says which subjects of an outcome are wanted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A subject that matches.

    Attributes:
        subject_id: Its number.
        outcome: What the policy gave for its stretch.
        position: Its position there.
    """

    subject_id: int
    outcome: Outcome
    position: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What scanning a stretch gave.

    Attributes:
        found: Subjects that match, in order of their numbers.
        next_after: Number after which to go on; none at the end of the population.
    """

    found: tuple[Found, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for.

    Attributes:
        wanted: Filters on enterprises.
        persons: Whether persons are looked at too.
        matching: Which subjects are wanted; none for all.
    """

    wanted: EnterpriseFilter
    persons: bool = False
    matching: Matching | None = None


def scan(opened: PageReading, pinned: PinnedVersion, *, search: Search, size: int) -> Stretch:
    """Evaluate subject after subject until a page is full, the limit is reached or all are done.

    Args:
        opened: The list.
        pinned: The policy.
        search: What is looked for.
        size: Subjects that the page may hold.
    """
    matching = search.matching
    found: list[Found] = []
    after, scanned = opened.after, 0
    limit = size + 1 if matching is None else max(4 * size, _FIRST_STRETCH_MIN)
    while scanned < SCANNED_MAX:
        limit = min(limit, SCANNED_MAX - scanned)
        part = Scan(wanted=search.wanted, after=after, limit=limit, persons=search.persons)
        chunk = opened.reading.facts.chunk(part, pinned.needs, opened.at)
        numbers: list[int] = chunk.subject_ids.tolist()
        if numbers:
            outcome = evaluate(pinned, chunk.population, opened.at.as_of)
            found.extend(_found(numbers, outcome, matching))
        if len(found) > size:
            return Stretch(tuple(found[:size]), found[size - 1].subject_id)
        if len(numbers) < limit:
            return Stretch(tuple(found), None)
        after, scanned = numbers[-1], scanned + limit
        limit *= 2
    return Stretch(tuple(found), after)


# Private functions -----------------------------------------------------------


def _found(numbers: list[int], outcome: Outcome, matching: Matching | None) -> list[Found]:
    mask: Any = np.ones(len(numbers), dtype=np.bool_) if matching is None else matching(outcome)
    return [
        Found(numbers[position], outcome, position) for position in np.flatnonzero(mask).tolist()
    ]
