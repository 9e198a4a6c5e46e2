"""Accidents whose recorded level a published definition would make another one.

A level is derived when an accident is recorded, by the law of its day, and derived anew when the
record is revised. So a definition that begins before its publication finds accidents that were
recorded by the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from services.common.errors import Category, SafetyCreditError
from services.engine.applied_law import LEVEL_POLICY
from services.engine.days import day_number
from services.engine.errors import NumberTooLargeError
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.policies.joining import joined
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.domain.identifiers import RECORD, name_of


class AccidentsRecordedError(SafetyCreditError):
    """Accidents are recorded that would have another level by what is published."""

    reason = "ACCIDENTS_RECORDED"
    category = Category.PRECONDITION

    @classmethod
    def of(cls, record_ids: Sequence[int]) -> "AccidentsRecordedError":
        """Count them, and name the first."""
        names = [name_of(RECORD, one) for one in record_ids[:_NAMED]]
        more = "" if len(record_ids) == len(names) else f" and {len(record_ids) - len(names)} more"
        return cls(
            f"accidents from its start on are recorded with another level, {len(record_ids)}:"
            f" {', '.join(names)}{more}; publish it with recorded_levels_kept, and revise each of"
            " them then, which derives its level anew",
            record_ids=", ".join(names),
            count=len(record_ids),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAccident:
    """What is recorded of an accident that its level follows from, and the level."""

    record_id: int
    event_date: date
    deaths: int
    serious_injuries: int
    direct_loss_fen: int
    level: int


class RecordedAccidents(Protocol):
    """Reads the accidents on record."""

    def accidents_since(self, day: date) -> Sequence[RecordedAccident]:
        """Read those of a day and later ones as they stand now, in order of their numbers."""
        ...


def levels_changed(
    accidents: RecordedAccidents, added: Sequence[CompiledVersion], library: PolicyLibrary
) -> tuple[int, ...]:
    """Give the accidents whose recorded level is another one by law that is added.

    Args:
        accidents: Those on record.
        added: Versions that are published; only a definition of levels matters.
        library: The policies before.
    """
    starts = [one.version.start_date for one in added if one.policy.policy_id == LEVEL_POLICY]
    if not starts:
        return ()
    versions = joined(library, added, edition=library.edition).of_policy(LEVEL_POLICY)

    return tuple(
        one.record_id
        for one in accidents.accidents_since(min(starts))
        if _level(one, versions) != one.level
    )


# Private functions -----------------------------------------------------------

_NAMED: Final = 20
_NOBODY: Final = Population(1, {})


def _level(accident: RecordedAccident, versions: Sequence[CompiledVersion]) -> int:
    """Derive a level as the credit service does; `MISSING` where that cannot be done."""
    day = accident.event_date
    law = next((one for one in versions if one.in_force(day)), None)
    if law is None or law.fault:
        return MISSING
    facts = {
        "deaths": accident.deaths,
        "serious_injuries": accident.serious_injuries,
        "direct_loss_fen": accident.direct_loss_fen,
    }
    given = {name: fact for name, fact in facts.items() if name in law.plan.version.inputs}
    try:
        return int(law.plan.run(_NOBODY, day_number(day), given).output("level")[0])
    except NumberTooLargeError:
        return MISSING
