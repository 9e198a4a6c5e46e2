"""List records."""

from dataclasses import dataclass, replace
from datetime import date

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.credit.commands.insurers import own_records
from services.credit.commands.personal_texts import readable
from services.credit.commands.ports import RecordFilter, SortKey, Store
from services.credit.commands.standpoint import ListReading, PageRequest, Standpoint, reading_list
from services.credit.commands.subjects import find_subjects, unknown_subject
from services.credit.domain.record import Edition
from services.credit.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records.

    Attributes:
        editions: Editions that were current, by event date and record, as the caller may read them.
        next_token: Token of the next page; empty on the last.
        opened: How the list was read, to cut the page short.
    """

    editions: tuple[Edition, ...]
    next_token: str
    opened: ListReading

    @property
    def as_of(self) -> date:
        """Give the day that the page is for."""
        return self.opened.part.as_of

    @property
    def point(self) -> StorePoint:
        """Give the point of the store."""
        return self.opened.point

    def cut(self, count: int) -> "RecordPage":
        """Give the page with its first editions only, at least one."""
        shown = self.editions[:count]
        if len(shown) == len(self.editions):
            return self
        return RecordPage(shown, self.opened.next_token(_sort_key(shown[-1])), self.opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsQuestion:
    """Who asks for the records of whom, and as of when.

    Attributes:
        caller: Who asks; an insurer sees its own insurance records only.
        subject: The subject; none for all.
        as_of: Day that the first page is for.
    """

    caller: Caller
    subject: SubjectRef | None
    as_of: date


@dataclass(frozen=True, slots=True)
class ListRecords:
    """Lists records that had happened by a day, as known at an instant.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self,
        wanted: RecordFilter,
        standpoint: Standpoint,
        *,
        question: RecordsQuestion,
        page: PageRequest,
    ) -> RecordPage:
        """Read a page.

        Args:
            wanted: Filters, all of which must hold.
            standpoint: Point to read the first page at.
            question: Who asks for the records of whom.
            page: Which page.

        Raises:
            SubjectUnknownError: The subject was not known.
            NotTheInsurerError: An insurer asks for what cannot be its own.
            SafetyCreditError: As `reading_list` says.
        """
        wanted, subject = own_records(question.caller, wanted), question.subject
        with reading_list(self.store, standpoint, page, as_of=question.as_of) as opened:
            if subject is not None:
                found = find_subjects(
                    opened.reading.enterprises,
                    opened.reading.persons,
                    refs=[subject],
                    revision=opened.point.revision,
                )
                if subject not in found:
                    raise unknown_subject(subject)
                wanted = replace(wanted, subject_id=found[subject].subject_id)
            editions = opened.reading.records.page(wanted, opened.part)
            shown = readable(opened.reading, question.caller, editions)
            return RecordPage(shown, "", opened).cut(page.size)


# Private functions -----------------------------------------------------------


def _sort_key(edition: Edition) -> SortKey:
    return (edition.header.event_date, edition.record_id)
