"""Get the publication of a penalty, with its notice of repair."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.tokens import StorePoint
from services.credit.commands.personal_texts import around, subject_of
from services.credit.commands.remedy_ports import RemedyStore, RepairLaws
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.domain.errors import RecordUnknownError
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.publication import Publication, publication_of
from services.credit.domain.remedy import Target
from services.credit.domain.repair_law import CaseLaw
from services.credit.domain.repair_notice import repair_notice


@dataclass(frozen=True, slots=True)
class FoundPublication:
    """The publication of a penalty.

    Attributes:
        publication: How it stands.
        notice: The notice of repair.
        point: Point of the store.
    """

    publication: Publication
    notice: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetPublication:
    """Gets the publication of a penalty on a day.

    Attributes:
        store: Where records and remedies are stored.
        law: Classes and periods.
    """

    store: RemedyStore
    law: RepairLaws

    def __call__(self, record_id: int, standpoint: Standpoint, *, as_of: date) -> FoundPublication:
        """Read it.

        Raises:
            RecordUnknownError: There was no such record.
            NotRepairableError: It is no penalty.
            PeriodsUndefinedError: No policy of repairs was in force on the day.
            PolicyUnusableError: The version that was cannot be applied.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            editions = reading.records.editions(record_id, revision=point.revision)
            remedies = reading.remedies.about(
                Target(record_id=record_id), revision=point.revision, as_of=as_of
            )
            around_them = around(reading, map(subject_of, editions[-1:]))
        if not editions:
            name = name_of(RECORD, record_id)
            raise RecordUnknownError(f"{name} is not recorded, or was not by then", record_id=name)
        edition, laws = editions[-1], self.law.at(point.revision)

        def law_of(start_date: date) -> Sequence[CaseLaw]:
            return laws.publications(edition, start_date)

        publication = publication_of(edition, remedies, law_of, as_of=as_of)
        procedure = laws.procedure(as_of, listed=False)
        # The notice quotes the number of the document, and everybody reads it.
        persons = around_them[subject_of(edition)].persons(edition.header.authority)
        notice = persons.hidden(repair_notice(publication, procedure))
        return FoundPublication(publication, notice, point)
