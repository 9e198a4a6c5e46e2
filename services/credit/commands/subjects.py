"""Finding the subjects that requests name, and whether a caller may write about them."""

from collections.abc import Collection, Iterable
from datetime import date

from services.common.identity import Caller
from services.credit.commands.ports import EnterpriseReads, PersonReads, Writing
from services.credit.domain.codes import Field
from services.credit.domain.enterprise import Profile
from services.credit.domain.errors import OutOfScopeError, SubjectUnknownError
from services.credit.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.credit.domain.record import Edition
from services.credit.domain.subject import (
    CreditCode,
    EnterpriseId,
    EnterpriseRef,
    LocalIdentity,
    PersonId,
    Subject,
    SubjectRef,
)


def find_subjects(
    enterprises: EnterpriseReads,
    persons: PersonReads,
    *,
    refs: Collection[SubjectRef],
    revision: int,
) -> dict[SubjectRef, Subject]:
    """Find the subjects that references name; unknown ones are left out.

    Args:
        enterprises: Where enterprises are read.
        persons: Where persons are read.
        refs: References, in any number.
        revision: What had been recorded by then.
    """
    return {
        **_find_enterprises(
            enterprises, [ref for ref in refs if not isinstance(ref, PersonId)], revision
        ),
        **_find_persons(persons, [ref for ref in refs if isinstance(ref, PersonId)], revision),
    }


def find_enterprise(enterprises: EnterpriseReads, ref: EnterpriseRef, *, revision: int) -> Subject:
    """Find one enterprise.

    Raises:
        SubjectUnknownError: It is not known.
    """
    found = _find_enterprises(enterprises, [ref], revision)
    if ref not in found:
        raise unknown_subject(ref)
    return found[ref]


def find_recorded(write: Writing, edition: Edition) -> Subject:
    """Find the subject of a record that is stored."""
    number = edition.subject_id
    ref = PersonId(number) if edition.person else EnterpriseId(number)
    found = find_subjects(
        write.enterprises, write.persons, refs=[ref], revision=write.point.revision
    )
    return found[ref]


def unknown_subject(ref: SubjectRef) -> SubjectUnknownError:
    """Make the refusal of a subject that is not known."""
    match ref:
        case CreditCode(code):
            facts = {"credit_code": code}
        # The value may be the name of a person who trades under it.
        case LocalIdentity(scheme, _):
            facts = {"scheme": scheme}
        case EnterpriseId(number):
            facts = {"enterprise_id": name_of(ENTERPRISE, number)}
        case PersonId(number):
            facts = {"person_id": name_of(PERSON, number)}
    named = " ".join(facts.values())
    return SubjectUnknownError(
        f"register the subject {named} first, or name one that was registered by then", **facts
    )


def require_scope(
    caller: Caller,
    subject: Subject,
    *,
    fields: Iterable[Field],
    day: date,
    decided_in: Collection[int] = (),
) -> None:
    """Refuse a caller whose divisions and fields do not reach a subject.

    An enterprise belongs to its division on the day; where none is known, only callers for all
    divisions may write. A person belongs to the division of every enterprise in which it has or
    had a role.

    Args:
        caller: Who calls.
        subject: The subject.
        fields: Fields of the fact; one of them is enough.
        day: The day.
        decided_in: Divisions in which lies what the caller's authority decided: that stays its
            own, wherever the subject has gone since.

    Raises:
        OutOfScopeError: No division of the subject, or none of the fields, is the caller's.
    """
    _require(caller, divisions_of(subject, day).union(decided_in), fields, name=subject.name)


def divisions_of(subject: Subject, day: date) -> frozenset[int | None]:
    """Give the divisions to which a subject belongs on a day; none stands for an unknown one."""
    return subject.role_divisions or frozenset({subject.division_on(day)})


def fields_of(subject: Subject) -> frozenset[Field]:
    """Give the fields in which an enterprise is or was supervised."""
    return frozenset[Field]().union(*(one.profile.fields for one in subject.versions))


def require_profile_scope(caller: Caller, profile: Profile) -> None:
    """Refuse a caller that may not register an enterprise with a profile.

    Raises:
        OutOfScopeError: The division, or every field, is out of reach.
    """
    _require(caller, {profile.division}, profile.fields, name="the enterprise")


# Private functions -----------------------------------------------------------


def _find_enterprises(
    enterprises: EnterpriseReads, refs: Collection[EnterpriseRef], revision: int
) -> dict[SubjectRef, Subject]:
    if not refs:
        return {}
    found = enterprises.resolve(refs, revision=revision)
    versions = enterprises.versions(set(found.values()), revision=revision)
    return {
        ref: Subject(subject_id=number, versions=versions[number]) for ref, number in found.items()
    }


def _find_persons(
    persons: PersonReads, refs: Collection[PersonId], revision: int
) -> dict[SubjectRef, Subject]:
    if not refs:
        return {}
    found = persons.resolve(refs, revision=revision)
    divisions = persons.role_divisions([ref.value for ref in found], revision=revision)
    return {
        ref: Subject(
            subject_id=ref.value,
            person=True,
            role_divisions=divisions.get(ref.value, frozenset()),
        )
        for ref in found
    }


def _require(
    caller: Caller,
    divisions: Iterable[int | None],
    fields: Iterable[Field],
    *,
    name: str,
) -> None:
    codes = {"" if division is None else str(division) for division in divisions}
    labels = {field.label for field in fields}
    if any(caller.may_write(code, label) for code in codes for label in labels):
        return
    raise OutOfScopeError(
        f"{name} is in division {_listed(codes)}, and the fact is about {_listed(labels)};"
        " this caller may not write there",
        divisions=",".join(sorted(codes)),
        fields=",".join(sorted(labels)),
    )


def _listed(words: Iterable[str]) -> str:
    return " or ".join(sorted(words)).strip() or "unknown"
