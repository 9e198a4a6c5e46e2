"""List the entries of the lists."""

from dataclasses import dataclass, replace

from services.common.tokens import StorePoint
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.lists.list_case_ports import EntryFilter
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import as_shown
from services.scoring.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of entries.

    Attributes:
        entries: Entries in order of their numbers.
        next_token: Token of the next page; empty on the last.
        point: Where they stand.
    """

    entries: tuple[HeldEntry, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListListEntries:
    """Lists entries.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self,
        standpoint: Standpoint,
        *,
        wanted: EntryFilter,
        subject: SubjectRef | None,
        page: PageRequest,
    ) -> EntryPage:
        """Read a page.

        Args:
            standpoint: Where to read.
            wanted: Which entries.
            subject: Listed subject; none for anybody.
            page: Which page.

        Raises:
            SubjectUnknownError: The subject was not known.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.desk.store, standpoint, page) as opened:
            if subject is not None:
                found = find_subject(opened.reading.subjects, subject, opened.at)
                wanted = replace(wanted, subject_id=found.subject_id)
            entries = opened.reading.entries.page(
                wanted,
                opened.at.revision,
                as_of=opened.at.as_of,
                after=opened.after,
                limit=page.size + 1,
            )
            hidden = opened.reading.entries.hiding(entries)
            shown = tuple(
                as_shown(held, hidden[held.entry.entry_id]) for held in entries[: page.size]
            )
            more = len(entries) > page.size
            token = opened.next_token(shown[-1].entry.entry_id, "") if more else ""
            return EntryPage(shown, token, opened.point)
