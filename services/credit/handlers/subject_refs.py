"""Names of subjects on the wire."""

import re
from typing import Final

from safetycredit.type.v1 import subject_pb2
from services.common.credit_codes import NumberRefusedError, checked_credit_code
from services.credit.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.credit.domain.subject import (
    CreditCode,
    EnterpriseId,
    EnterpriseRef,
    Identity,
    LocalIdentity,
    PersonId,
    SubjectRef,
)
from services.credit.handlers.wire_values import WireError, identifier_reader, read_text

_SCHEME: Final = re.compile("[a-z0-9.-]{1,64}")
_RESERVED_SCHEME: Final = "uscc"
_VALUE_CHARACTERS_MAX: Final = 200
_read_enterprise_id: Final = identifier_reader(ENTERPRISE)
_read_person_id: Final = identifier_reader(PERSON)


def read_credit_code(text: str) -> str:
    """Read a unified social credit code, which is made upper case."""
    try:
        return checked_credit_code(text)
    except NumberRefusedError as error:
        raise WireError(error.reason, error.message) from error


def read_subject(ref: subject_pb2.SubjectRef) -> SubjectRef:
    """Read the name of any subject."""
    which = ref.WhichOneof("ref")
    try:
        match which:
            case "credit_code":
                return CreditCode(read_credit_code(ref.credit_code))
            case "enterprise_id":
                return EnterpriseId(_read_enterprise_id(ref.enterprise_id))
            case "person_id":
                return PersonId(_read_person_id(ref.person_id))
            case "local_identity":
                return _local_identity(ref.local_identity)
            case _:
                pass
    except WireError as error:
        raise WireError(error.reason, error.message, within=f".{which}{error.within}") from error
    raise WireError("REQUIRED", "name the subject")


def read_enterprise(ref: subject_pb2.SubjectRef) -> EnterpriseRef:
    """Read the name of an enterprise."""
    subject = read_subject(ref)
    if isinstance(subject, PersonId):
        raise WireError("NOT_AN_ENTERPRISE", "name an enterprise", within=".person_id")
    return subject


def read_identity(ref: subject_pb2.SubjectRef) -> Identity:
    """Read an identity under which an enterprise can be registered."""
    subject = read_subject(ref)
    if isinstance(subject, CreditCode | LocalIdentity):
        return subject
    raise WireError("NOT_AN_IDENTITY", "give a credit code or a local identity")


def write_subject(subject_id: int, *, person: bool) -> subject_pb2.SubjectRef:
    """Write the name of a subject by its identifier."""
    if person:
        return subject_pb2.SubjectRef(person_id=name_of(PERSON, subject_id))
    return subject_pb2.SubjectRef(enterprise_id=name_of(ENTERPRISE, subject_id))


# Private functions -----------------------------------------------------------


def _local_identity(identity: subject_pb2.LocalIdentity) -> LocalIdentity:
    scheme, value = identity.scheme, identity.value
    if not _SCHEME.fullmatch(scheme):
        raise WireError(
            "SCHEME_MALFORMED",
            "give 1 to 64 lower-case letters, digits, dots and hyphens",
            within=".scheme",
        )
    if scheme == _RESERVED_SCHEME:
        raise WireError("SCHEME_RESERVED", "send it as a credit code", within=".scheme")
    if not value.strip():
        raise WireError(
            "REQUIRED", f"give 1 to {_VALUE_CHARACTERS_MAX} characters", within=".value"
        )
    if len(value) > _VALUE_CHARACTERS_MAX:
        raise WireError(
            "TEXT_TOO_LONG", f"give at most {_VALUE_CHARACTERS_MAX} characters", within=".value"
        )
    try:
        return LocalIdentity(scheme, read_text(value))
    except WireError as error:
        raise WireError(error.reason, error.message, within=".value") from error
