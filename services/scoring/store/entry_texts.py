"""Persons in the texts of entries: whoever is known by now is masked, whenever they were written.

What a decision says names nobody who was known when it was written. Who is registered afterwards is
no less to be masked wherever it is shown or published from then on, and in what was known before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from models.lists import ListCaseRow
from models.persons import RoleRow
from services.common.personal_text import PersonsInText
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import Hiding, as_shown
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import VERSIONS
from services.scoring.store.list_grounds import SqlGrounds

_CASES: Final = table_of(ListCaseRow)
_ROLES: Final = table_of(RoleRow)
_BY_NOW: Final = 2**63 - 1


def hiding(connection: Connection, entries: Collection[HeldEntry]) -> Mapping[int, Hiding]:
    """Give what masks persons in the texts of entries, by entry.

    They are the listed person, and who has or had a role in the unit of the case or beside the
    person. The names of enterprises tell nothing of them.

    Args:
        connection: Where to read.
        entries: The entries, in whatever edition.
    """
    if not entries:
        return {}
    of_case = select(_CASES.c.case_id, _CASES.c.subject_id).where(
        _CASES.c.case_id.in_({held.case_id for held in entries})
    )
    units = {row.case_id: row.subject_id for row in connection.execute(of_case)}
    whose = {
        held.entry.entry_id: {held.entry.subject_id, units.get(held.case_id, 0)} for held in entries
    }
    subjects = set[int]().union(*whose.values())
    names = SqlGrounds(connection, None).names_around(subjects, _BY_NOW)
    phrases = _enterprises(connection, names.keys())
    return {
        held.entry.entry_id: PersonsInText(
            frozenset[str]().union(
                *(names.get(number, ()) for number in whose[held.entry.entry_id])
            ),
            {held.entry.authority}.union(
                *(phrases.get(number, ()) for number in whose[held.entry.entry_id])
            ),
        ).hidden
        for held in entries
    }


def all_shown(connection: Connection, entries: Sequence[HeldEntry]) -> list[HeldEntry]:
    """Give entries with persons masked in their texts."""
    hidden = hiding(connection, entries)
    return [as_shown(held, hidden[held.entry.entry_id]) for held in entries]


# Private functions -----------------------------------------------------------


def _enterprises(connection: Connection, subjects: Collection[int]) -> Mapping[int, set[str]]:
    """Name the enterprises that subjects are, or in which they have or had a role, then and now."""
    numbers = list(subjects)
    own = select(VERSIONS.c.enterprise_id, VERSIONS.c.name)
    theirs = select(_ROLES.c.person_id, VERSIONS.c.name).join(
        VERSIONS, VERSIONS.c.enterprise_id == _ROLES.c.enterprise_id
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    queries = (
        own.where(VERSIONS.c.enterprise_id.in_(numbers)).distinct(),
        theirs.where(_ROLES.c.person_id.in_(numbers)).distinct(),
    )
    for query in queries if numbers else ():
        for number, name in connection.execute(query):
            found[number].add(name)
    return found
