"""Who may read the persons in texts, and whom a text about a subject may name.

Names and identity numbers that stand in the texts of records, remedies and registrations are masked
wherever they go out, but for those entitled. Only persons who are registered can be found by name:
the subject, and everybody who has or had a role where it has or had one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.common.identity import Caller, Role
from services.common.personal_text import PersonsInText
from services.credit.commands.ports import EnterpriseFile, SubjectFacts
from services.credit.commands.subjects import find_subjects
from services.credit.domain.group import Membership
from services.credit.domain.record import Edition
from services.credit.domain.record_texts import Change, retold
from services.credit.domain.subject import EnterpriseId, PersonId, Subject, SubjectRef


@dataclass(frozen=True, slots=True)
class Around:
    """Who and what stands around a subject; never printed, because it holds names.

    Attributes:
        names: Names of persons, in full.
        phrases: Names of the enterprise, then and now, which tell nothing of a person.
    """

    names: frozenset[str] = field(default=frozenset(), repr=False)
    phrases: frozenset[str] = field(default=frozenset(), repr=False)

    def persons(self, *authorities: str) -> PersonsInText:
        """Find these persons in texts of some authorities."""
        return PersonsInText(self.names, {*self.phrases, *authorities})


NOBODY: Final = Around()
"""What stands around a subject of whom nothing is known, or whose names may be read."""


def around(reading: SubjectFacts, subjects: Iterable[SubjectRef]) -> dict[SubjectRef, Around]:
    """Give who and what stands around subjects by what is known now, whatever an answer is as of.

    Args:
        reading: Where to read.
        subjects: The subjects; unknown ones are left out.
    """
    return _around(reading, _found(reading, set(subjects)))


def readable(
    reading: SubjectFacts, caller: Caller, editions: Iterable[Edition]
) -> tuple[Edition, ...]:
    """Give editions as a caller may read them.

    The names of persons are for the authority that issued the document, and for a regulator whose
    divisions reach the subject; identity numbers are masked for everybody, as GetPerson masks them.

    Args:
        reading: Where to read.
        caller: Who reads.
        editions: The editions.
    """
    editions = tuple(editions)
    refs = {subject_of(one) for one in editions if not _own(caller, one)}
    strange = {
        ref: subject
        for ref, subject in _found(reading, refs).items()
        if not _reaches(caller, subject)
    }
    around_them = _around(reading, strange)

    def hidden(one: Edition) -> Change:
        known = NOBODY if _own(caller, one) else around_them.get(subject_of(one), NOBODY)
        return known.persons(one.header.authority).hidden

    return tuple(retold(one, hidden(one)) for one in editions)


def without_names(reading: SubjectFacts, file: EnterpriseFile) -> EnterpriseFile:
    """Give the file of an enterprise with persons masked in the numbers of its documents."""
    own = EnterpriseId(file.enterprise_id)
    sides = {n for one in file.memberships for n in (one.group_id, one.member_id)}
    known = around(reading, {own, *map(EnterpriseId, sides)})
    hidden = known[own].persons().hidden
    versions = tuple(
        replace(one, period=replace(one.period, document_number=hidden(one.period.document_number)))
        for one in file.versions
    )
    memberships = tuple(
        replace(one, document_number=_of_both(known, one).hidden(one.document_number))
        for one in file.memberships
    )
    return replace(file, versions=versions, memberships=memberships)


def subject_of(edition: Edition) -> SubjectRef:
    """Give whom an edition is about."""
    number = edition.subject_id
    return PersonId(number) if edition.person else EnterpriseId(number)


# Private functions -----------------------------------------------------------


def _of_both(known: Mapping[SubjectRef, Around], one: Membership) -> PersonsInText:
    """Find the persons of a group and of its member in the texts of their membership."""
    group, member = (known[EnterpriseId(number)] for number in (one.group_id, one.member_id))
    both = Around(group.names | member.names, group.phrases | member.phrases)
    return both.persons(one.authority)


def _own(caller: Caller, edition: Edition) -> bool:
    return bool(caller.authority) and caller.authority == edition.header.authority


def _reaches(caller: Caller, subject: Subject) -> bool:
    """Say whether a regulator is of a division of a subject, then or now, as for GetPerson."""
    if not caller.has_role(Role.REGULATOR):
        return False
    own = {one.profile.division for one in subject.versions} - {None}
    codes = {f"{one:06d}" for one in subject.role_divisions | own if one is not None}
    return any(caller.covers_division(code) for code in codes or {""})


def _found(reading: SubjectFacts, refs: Collection[SubjectRef]) -> dict[SubjectRef, Subject]:
    revision = reading.point.revision
    return find_subjects(reading.enterprises, reading.persons, refs=refs, revision=revision)


def _around(
    reading: SubjectFacts, subjects: Mapping[SubjectRef, Subject]
) -> dict[SubjectRef, Around]:
    names = reading.persons.names_around(
        persons={one.subject_id for one in subjects.values() if one.person},
        enterprises={one.subject_id for one in subjects.values() if not one.person},
        revision=reading.point.revision,
    )
    return {
        ref: Around(
            names.get(subject.subject_id, frozenset()),
            frozenset(one.profile.name for one in subject.versions),
        )
        for ref, subject in subjects.items()
    }
