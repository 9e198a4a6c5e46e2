"""Whom requests are about, for callers that may ask about one enterprise or person alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from safetycredit.type.v1 import subject_pb2
from services.common.portals import Named
from services.credit.commands.find_parties import FindParties, PartyRef, RemedyId
from services.credit.domain.identifiers import ENTERPRISE, PERSON, RECORD, number_of
from services.credit.domain.remedy import ENTRY, REMEDY, Target
from services.credit.domain.subject import CreditCode, EnterpriseId, PersonId
from services.credit.handlers.subject_refs import read_credit_code, read_subject
from services.credit.handlers.wire_values import WireError


@dataclass(frozen=True, slots=True)
class RequestSubjects:
    """Finds them; implements `SubjectFinder`.

    Attributes:
        find: Finds the subjects of what was read.
    """

    find: FindParties

    def __call__(self, named: Sequence[Named], *, token: str) -> Sequence[Sequence[str]]:
        """Give the enterprises and persons behind each name."""
        return self.find([_read(one) for one in named], token=token)


# Private functions and values --------------------------------------------------


def _read(named: Named) -> PartyRef | None:
    try:
        if isinstance(named, Message):
            assert isinstance(named, subject_pb2.SubjectRef), "subjects are named by references"
            return read_subject(named)
        return _read_text(named)
    except WireError:
        return None


def _read_text(text: str) -> PartyRef | None:
    letter, dash, _ = text.partition("-")
    if not dash:
        return CreditCode(read_credit_code(text))
    make, number = _IDENTIFIERS.get(letter), number_of(letter, text)
    return None if make is None or number is None else make(number)


_IDENTIFIERS: Final[Mapping[str, Callable[[int], PartyRef]]] = {
    ENTERPRISE: EnterpriseId,
    PERSON: PersonId,
    RECORD: lambda number: Target(record_id=number),
    ENTRY: lambda number: Target(entry_id=number),
    REMEDY: RemedyId,
}
