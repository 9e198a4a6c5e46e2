"""Whom requests are about, for callers that may ask about one enterprise or person alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message
from pydantic_core import PydanticCustomError

from safetycredit.type.v1 import subject_pb2
from services.common.portals import Named
from services.scoring.commands.lists.find_parties import CaseId, EntryId, FindParties, PartyRef
from services.scoring.commands.lists.list_desk import CASE, ENTRY
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, number_of
from services.scoring.domain.subject import EnterpriseId, PersonId
from services.scoring.handlers.wire_values import read_subject


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
    except PydanticCustomError:
        return None


def _read_text(text: str) -> PartyRef | None:
    letter, dash, _ = text.partition("-")
    if not dash:
        return read_subject(subject_pb2.SubjectRef(credit_code=text))
    make, number = _IDENTIFIERS.get(letter), number_of(letter, text)
    return None if make is None or number is None else make(number)


_IDENTIFIERS: Final[Mapping[str, Callable[[int], PartyRef]]] = {
    ENTERPRISE: EnterpriseId,
    PERSON: PersonId,
    CASE: CaseId,
    ENTRY: EntryId,
}
