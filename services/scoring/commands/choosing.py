"""Finding the subject and the policy that a question is about."""

from datetime import date

from services.scoring.commands.answers import PolicyChoice
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import SubjectReads
from services.scoring.domain.errors import SubjectUnknownError
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.subject import (
    CreditCode,
    EnterpriseId,
    PersonId,
    Subject,
    SubjectRef,
)
from services.scoring.domain.viewpoint import Viewpoint

GRADE = "grade"
"""Kind of the policies that grade."""


def find_subject(subjects: SubjectReads, ref: SubjectRef, at: Viewpoint) -> Subject:
    """Find one subject.

    Raises:
        SubjectUnknownError: It was not known.
    """
    found = subjects.find([ref], at).get(ref)
    if found is None:
        raise unknown_subject(ref)
    return found


def unknown_subject(ref: SubjectRef) -> SubjectUnknownError:
    """Make the refusal of a subject that was not known.

    A local identity's value is not repeated, for it may be a person's name.
    """
    match ref:
        case CreditCode(value):
            named, facts = value, {"credit_code": value}
        case EnterpriseId(value):
            named = name_of(ENTERPRISE, value)
            facts = {"enterprise_id": named}
        case PersonId(value):
            named = name_of(PERSON, value)
            facts = {"person_id": named}
        case _:
            named = f"the local identity of {ref.scheme}"
            facts = {"scheme": ref.scheme}
    return SubjectUnknownError(f"{named} is not registered, or was not by then", **facts)


def graded_by(
    library: PolicyLibrary, choice: PolicyChoice, division: int | None, *, as_of: date
) -> PinnedVersion:
    """Find the grade policy that answers, by name or by place.

    Args:
        library: The policies.
        choice: What the caller wants.
        division: Division of the enterprise on the day.
        as_of: Day asked for.

    Raises:
        PolicyUnknownError: There is no such policy, or version of it.
        PolicyNotInForceError: None applies on the day.
    """
    if choice.policy_id:
        return library.named(GRADE, choice.policy_id, version=choice.version, as_of=as_of)
    return library.most_local(GRADE, field=choice.field, division=division, as_of=as_of)
