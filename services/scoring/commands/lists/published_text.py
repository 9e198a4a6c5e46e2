"""Texts of the ledger: what an authority writes names nobody; what a party writes is its own."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

from services.common.personal_text import PersonsInText
from services.scoring.commands.lists.list_case_ports import ListReading, PersonReads
from services.scoring.domain.list_case import ListCase, Party, Step, StepKind
from services.scoring.domain.list_hearing import OF_PARTIES
from services.scoring.domain.viewpoint import Viewpoint


def require_impersonal(
    reading: ListReading, case: ListCase, step: Step, *, steps: Iterable[Step] = ()
) -> None:
    """Refuse a step of an authority whose texts name a person of the case, or hold a number.

    Cause and basis of a decision are published with its entries, and the ledger is read by many. A
    party's own words are kept as they are; answers mask what they say of the persons of the case.

    Args:
        reading: Where to read the names.
        case: The case.
        step: The step that is to be taken.
        steps: The ledger before it, which names who acted for the parties.

    Raises:
        PersonInTextError: Names the field.
    """
    if by_party(step):
        return
    titles = {f"attachments[{n}].title": one.title for n, one in enumerate(step.attachments)}
    told = {name: text for name, text in step.contents.items() if name not in _KNOWN}
    own = {"document_number": step.document_number, "addressee": step.addressee}
    texts = {**own, **told, **titles}
    given = given_names([*steps, step])
    persons = _persons_of(reading, case, step.day, step.authority, given=given)
    persons.require_none(texts)


def impersonal(reading: ListReading, case: ListCase, text: str, *, day: date) -> str:
    """Give a text that others wrote, and that is published with an entry, with persons masked.

    Args:
        reading: Where to read the names.
        case: The case of the entry.
        text: For example the number of the document that revoked a record.
        day: Day on which it is published.
    """
    return _persons_of(reading, case, day, "").hidden(text)


def names_of(grounds: PersonReads, parties: Collection[Party], *, revision: int) -> set[str]:
    """Give the names of the persons among parties, and of who has or had a role beside them.

    Beside a person are the others of the enterprises in which that person has or had a role.

    Args:
        grounds: Where to read.
        parties: Enterprises and persons.
        revision: As known when.
    """
    around = grounds.names_around([party.subject_id for party in parties], revision)
    return set[str]().union(*around.values())


def given_names(steps: Iterable[Step]) -> frozenset[str]:
    """Give the names of persons that a ledger itself tells: of who acted for its parties.

    Nobody need have registered them. Names of officials are no secret; neither is a word that says
    for whom somebody acted, in the place of a name.
    """
    steps = tuple(steps)
    officials = {step.person for step in steps if not by_party(step)}
    return frozenset(
        step.person
        for step in steps
        if by_party(step) and step.person not in officials and _is_name(step.person)
    )


def by_party(step: Step) -> bool:
    """Say whether the words of a step are a party's, whoever recorded them."""
    return step.by_party or not step.authority or step.kind in _OF_PARTIES


# Private functions and values ------------------------------------------------

_OF_PARTIES: Final = OF_PARTIES | {StepKind.APPLY_EARLY}
# What stands in the place of a name: 法定代表人, 本公司, 律师.
_NO_NAME: Final = re.compile("人|公司|单位|企业|厂|店|所|部|律师|代表|负责|[0-9]")
# What the store itself adds to a decision.
_KNOWN: Final = frozenset({"name", "code", "persons", "listing_date"})


def _is_name(text: str) -> bool:
    return _NO_NAME.search(text) is None


def _persons_of(
    reading: ListReading,
    case: ListCase,
    day: date,
    authority: str,
    *,
    given: Collection[str] = (),
) -> PersonsInText:
    units = [party.subject_id for party in case.parties if not party.person]
    at = Viewpoint(reading.point.revision, day)
    names = names_of(reading.grounds, case.parties, revision=at.revision)
    enterprises = reading.subjects.by_number(units, at).values() if units else ()
    phrases = {*(one.known_name for one in enterprises), authority, case.authority}
    return PersonsInText({*names, *given}, phrases)
