"""Get an entry of a list."""

from dataclasses import dataclass

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.scoring.commands.lists.get_list_case import (
    note_names,
    require_concerned,
    require_entitled,
)
from services.scoring.commands.lists.list_desk import ENTRY, ListDesk, find_case, find_entry
from services.scoring.commands.lists.list_terms import term_given
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import as_shown
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.list_term import GivenTerm


@dataclass(frozen=True, slots=True, repr=False)
class FoundEntry:
    """An entry, and where the answer stands; never printed, because it may hold a name.

    Attributes:
        held: The entry.
        full_name: Name of a listed person in full; empty unless it was asked for.
        listed: Whether it is in force on the day.
        term: How long it lasts by its own, and what gave that.
        point: Where the answer stands.
    """

    held: HeldEntry
    full_name: str
    listed: bool
    term: GivenTerm
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetListEntry:
    """Gets one entry.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, entry_id: int, standpoint: Standpoint, *, caller: Caller, full_names: bool
    ) -> FoundEntry:
        """Read the entry.

        Args:
            entry_id: The entry.
            standpoint: Where to read.
            caller: Who asks.
            full_names: Whether a person's name is wanted in full.

        Raises:
            EntryUnknownError: There was no such entry.
            NamesNotEntitledError: The caller may not see names, or not those of this case.
            SafetyCreditError: As `reading_at` says.
        """
        if full_names:
            require_entitled(caller)
        with reading_at(self.desk.store, standpoint) as (reading, point):
            held = find_entry(reading, entry_id, revision=point.revision)
            file = find_case(reading, held.case_id, revision=point.revision)
            term = term_given(reading, held.entry, file)
            if full_names:
                require_concerned(reading, caller, file)
            number = held.entry.subject_id
            wanted = [number] if full_names and held.entry.person else []
            persons = reading.grounds.persons(wanted, point.revision)
            hidden = reading.entries.hiding([held])[entry_id]
        note_names(caller, persons, within=name_of(ENTRY, entry_id))
        name = persons[number].name if number in persons else ""
        listed = held.counts_on(standpoint.as_of)
        return FoundEntry(as_shown(held, hidden), name, listed, term, point)
