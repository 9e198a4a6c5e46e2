"""Find out whom a name, a case or an entry of a list is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scoring.commands.lists.list_case_ports import ListReading, ListStore
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import AS_OF_MAX, Viewpoint


@dataclass(frozen=True, slots=True)
class CaseId:
    """The number of a case."""

    value: int


@dataclass(frozen=True, slots=True)
class EntryId:
    """The number of an entry."""

    value: int


PartyRef = SubjectRef | CaseId | EntryId
"""Everything by which a request can say whom it is about."""


@dataclass(frozen=True, slots=True)
class FindParties:
    """Finds the enterprises and persons that each of several references is about.

    A case is about its subject, and concerns the persons who may be listed with it.

    Attributes:
        store: Where subjects, cases and entries are stored.
    """

    store: ListStore

    def __call__(self, refs: Sequence[PartyRef | None], *, token: str) -> list[tuple[str, ...]]:
        """Give the identifiers of each: whom it is about, and then whom else it concerns.

        What is not known has none.

        Args:
            refs: References; none for what could not be read.
            token: Token of a write that must be included; empty for none.

        Raises:
            SafetyCreditError: As `reading_at` says.
        """
        standpoint = Standpoint(as_of=AS_OF_MAX, token=token)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, standpoint.as_of)
            return [() if ref is None else _parties(reading, ref, at) for ref in refs]


# Private functions -----------------------------------------------------------


def _parties(reading: ListReading, ref: PartyRef, at: Viewpoint) -> tuple[str, ...]:
    if isinstance(ref, CaseId):
        file = reading.cases.files([ref.value], at.revision).get(ref.value)
        if file is None:
            return ()
        # The subject of a case is the first of its parties.
        return tuple(_name(one.subject_id, person=one.person) for one in file.case.parties)
    if isinstance(ref, EntryId):
        held = reading.entries.entries([ref.value], at.revision).get(ref.value)
        return () if held is None else (_name(held.entry.subject_id, person=held.entry.person),)
    subject = reading.subjects.find([ref], at).get(ref)
    return () if subject is None else (subject.identifier,)


def _name(subject_id: int, *, person: bool) -> str:
    return name_of(PERSON if person else ENTERPRISE, subject_id)
