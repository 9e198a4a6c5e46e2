"""Find out whom a name, a record, an entry or a remedy is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.credit.commands.remedy_ports import RemedyReading, RemedyStore
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.commands.subjects import find_subjects
from services.credit.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.credit.domain.remedy import Target
from services.credit.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True)
class RemedyId:
    """The number of an objection or a repair."""

    value: int


PartyRef = SubjectRef | Target | RemedyId
"""Everything by which a request can say whom it is about."""


@dataclass(frozen=True, slots=True)
class FindParties:
    """Finds the enterprise or person that each of several references is about.

    Attributes:
        store: Where subjects, records and remedies are stored.
    """

    store: RemedyStore

    def __call__(self, refs: Sequence[PartyRef | None], *, token: str) -> list[tuple[str, ...]]:
        """Give the identifier of each; none for what is not known.

        Args:
            refs: References; none for what could not be read.
            token: Token of a write that must be included; empty for none.

        Raises:
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, Standpoint(token=token)) as (reading, point):
            names = [
                "" if ref is None else _party(reading, ref, revision=point.revision) for ref in refs
            ]
        return [(name,) if name else () for name in names]


# Private functions -----------------------------------------------------------


def _party(reading: RemedyReading, ref: PartyRef, *, revision: int) -> str:
    if isinstance(ref, Target):
        return _of_target(reading, ref, revision=revision)
    if isinstance(ref, RemedyId):
        remedy = reading.remedies.remedy(ref.value, revision=revision, as_of=date.max)
        return "" if remedy is None else remedy.decided.subject_name
    found = find_subjects(reading.enterprises, reading.persons, refs=[ref], revision=revision)
    return found[ref].name if ref in found else ""


def _of_target(reading: RemedyReading, target: Target, *, revision: int) -> str:
    if target.entry_id is not None:
        entry = reading.remedies.entry(target.entry_id, revision=revision)
        return "" if entry is None else entry.decided.subject_name
    assert target.record_id is not None, "a target is a record or an entry"
    editions = reading.records.editions(target.record_id, revision=revision)
    if not editions:
        return ""
    latest = editions[-1]
    return name_of(PERSON if latest.person else ENTERPRISE, latest.subject_id)
