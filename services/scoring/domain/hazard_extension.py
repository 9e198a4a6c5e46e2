"""How long a listing goes on for a major hazard (重大事故隐患) that is not removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MajorHazard:
    """A major hazard of an enterprise.

    Attributes:
        found_date: Day on which it was found.
        removed_date: Day on which its removal was first accepted; none while it is open.
    """

    found_date: date
    removed_date: date | None


def extended_end(end_date: date, hazards: Iterable[MajorHazard]) -> date | None:
    """Give the end of a listing that goes on until the hazards open at its end are removed.

    What is found afterwards extends nothing, whenever it was recorded.

    Args:
        end_date: Day after the last day of its term.
        hazards: Every major hazard of the enterprise.

    Returns:
        Day after its last day; none while such a hazard is open.
    """
    ends = [end_date]
    for hazard in hazards:
        if hazard.found_date >= end_date:
            continue
        if hazard.removed_date is None:
            return None
        ends.append(hazard.removed_date)
    return max(ends)
