"""Rules of the requests about cases and entries of the lists."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainValidator

from safetycredit.scoring.v1 import list_case_pb2, list_service_pb2
from safetycredit.scoring.v1.list_entry_pb2 import ListKind as WireListKind
from services.common.meaningful_text import meaningful
from services.scoring.commands.lists.list_desk import CASE, ENTRY
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, RECORD, number_of
from services.scoring.domain.list_case import Attachment, DecidedTerm, Opinion
from services.scoring.domain.subject import SubjectRef
from services.scoring.handlers.rate_requests import read_request_id
from services.scoring.handlers.requests import (
    AnyDay,
    Division,
    FieldNumber,
    PageSize,
    PointRules,
    RequiredName,
    Rules,
    Subject,
)
from services.scoring.handlers.wire_values import (
    enum_reader,
    read_day,
    read_name,
    read_required_name,
    read_subject,
    wrong,
)

TEXT_CHARACTERS_MAX: Final = 2_000
LONG_TEXT_CHARACTERS_MAX: Final = 10_000
_ATTACHMENTS_MAX: Final = 50
_TITLE_CHARACTERS_MAX: Final = 200
_RECORDS_MAX: Final = 200
_PERSONS_MAX: Final = 50
_INPUTS_MAX: Final = 20
_MEASURES_MAX: Final = 50
_UNITS: Final = ("working_day", "day", "month", "year")
_SHA256: Final = re.compile("[0-9a-f]{64}")
_CODE: Final = re.compile("[a-z0-9][a-z0-9_.-]{0,63}")
# Line breaks and tabs belong to texts; what else controls a terminal or ends a string does not.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Note:
    """What the ledger keeps of every step.

    Attributes:
        person: Official who acts.
        document_number: Document; empty for none.
        day: Day of the step; none for today.
        attachments: Evidence.
        remark: Remark; empty for none.
    """

    person: str
    document_number: str
    day: date | None
    attachments: tuple[Attachment, ...]
    remark: str


def text_reader(limit: int) -> Callable[[str], str]:
    """Make the reader of a text: blanks around it are left out, and so is what says nothing."""

    def read(text: str) -> str:
        if len(text) > limit:
            raise wrong("TEXT_TOO_LONG", f"give at most {limit} characters")
        if _CONTROL.search(text):
            raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
        return meaningful(text)

    return read


read_text: Final = text_reader(TEXT_CHARACTERS_MAX)


def _required_text(text: str) -> str:
    said = read_text(text)
    if not said:
        raise wrong("REQUIRED", "give it")
    return said


def _name(text: str) -> str:
    return read_name(meaningful(text))


def _required_name(text: str) -> str:
    return read_required_name(meaningful(text))


def _identifier(letter: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = number_of(letter, text)
        if number is None:
            raise wrong("ID_MALFORMED", f'give an identifier such as "{letter}-100001"')
        return number

    return read


def _party(text: str) -> int:
    if not text:
        return 0
    return _identifier(PERSON if text.startswith(PERSON) else ENTERPRISE)(text)


def _each(read: Callable[[Any], Any], limit: int) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    def read_all(given: Sequence[Any]) -> tuple[Any, ...]:
        if len(given) > limit:
            raise wrong("COUNT_OUT_OF_RANGE", f"give at most {limit}")
        return tuple(read(one) for one in given)

    return read_all


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise wrong("CODE_MALFORMED", "give a code of the catalogue")
    return text


def _attachment(given: list_case_pb2.Attachment) -> Attachment:
    if not _SHA256.fullmatch(given.sha256):
        characters = "give 64 lower-case hexadecimal characters"
        raise wrong("DIGEST_MALFORMED", characters, within="sha256")
    title = read_text(given.title)
    if not title or len(title) > _TITLE_CHARACTERS_MAX:
        raise wrong("TITLE_MISSING", "say in 1 to 200 characters what it is", within="title")
    if given.proves and not _CODE.fullmatch(given.proves):
        advice = "give the name of the condition or input that it proves, or nothing"
        raise wrong("CODE_MALFORMED", advice, within="proves")
    return Attachment(given.sha256, title, given.proves)


def _document(*, numbered: bool) -> Callable[[list_case_pb2.StepDocument], Note]:
    def read(given: list_case_pb2.StepDocument) -> Note:
        person = _name(given.person)
        document_number = _name(given.document_number)
        if not person:
            raise wrong("REQUIRED", "name the official who acts", within="person")
        if numbered and not document_number:
            raise wrong("REQUIRED", "give the document's number", within="document_number")
        return Note(
            person=person,
            document_number=document_number,
            day=read_day(given.date) if given.HasField("date") else None,
            attachments=_each(_attachment, _ATTACHMENTS_MAX)(given.attachments),
            remark=read_text(given.remark),
        )

    return read


def _chosen_term(given: list_service_pb2.ChosenTerm) -> DecidedTerm:
    if given.value < 1:
        raise wrong("NUMBER_OUT_OF_RANGE", "give at least 1", within="value")
    if given.unit not in _UNITS:
        raise wrong("UNIT_UNKNOWN", f"give one of {', '.join(_UNITS)}", within="unit")
    return DecidedTerm(_party(given.party_subject_id), given.value, given.unit)


def _chosen_terms(given: Sequence[list_service_pb2.ChosenTerm]) -> tuple[DecidedTerm, ...]:
    terms = _each(_chosen_term, _PERSONS_MAX + 2)(given)
    if len({one.party for one in terms}) < len(terms):
        raise wrong("PARTY_REPEATED", "choose one term for each party")
    return terms


def _opinion(number: int) -> Opinion:
    opinion = Opinion(enum_reader(list_case_pb2.Opinion.values())(number))
    if opinion is Opinion.NONE:
        raise wrong("REQUIRED", "say whether it is agreed")
    return opinion


def _required_field(number: int) -> int:
    if not number:
        raise wrong("REQUIRED", "give the field")
    return number


def _inputs(given: Sequence[Any]) -> dict[str, int | str]:
    if len(given) > _INPUTS_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give at most {_INPUTS_MAX}")
    names = [one.name for one in given]
    if len(set(names)) < len(names):
        raise wrong("NAME_REPEATED", "answer every input once")
    return {read_name(one.name): read_name(one.code) if one.code else one.value for one in given}


RequestId = Annotated[str, PlainValidator(read_request_id)]
Document = Annotated[Note, PlainValidator(_document(numbered=True))]
Unnumbered = Annotated[Note, PlainValidator(_document(numbered=False))]
CaseId = Annotated[int, PlainValidator(_identifier(CASE))]
EntryId = Annotated[int, PlainValidator(_identifier(ENTRY))]
PartyId = Annotated[int, PlainValidator(_party)]
PartyIds = Annotated[tuple[int, ...], PlainValidator(_each(_party, _PERSONS_MAX + 1))]
PersonIds = Annotated[tuple[int, ...], PlainValidator(_each(_identifier(PERSON), _PERSONS_MAX))]
RecordIds = Annotated[tuple[int, ...], PlainValidator(_each(_identifier(RECORD), _RECORDS_MAX))]
Codes = Annotated[tuple[str, ...], PlainValidator(_each(_code, _MEASURES_MAX))]
Inputs = Annotated[dict[str, int | str], PlainValidator(_inputs)]
ChosenTerms = Annotated[tuple[DecidedTerm, ...], PlainValidator(_chosen_terms)]
Text = Annotated[str, PlainValidator(read_text)]
RequiredText = Annotated[str, PlainValidator(_required_text)]
Words = Annotated[str, PlainValidator(_name)]
RequiredWords = Annotated[str, PlainValidator(_required_name)]
LongText = Annotated[str, PlainValidator(text_reader(LONG_TEXT_CHARACTERS_MAX))]
RequiredOpinion = Annotated[Opinion, PlainValidator(_opinion)]
Kind = Annotated[int, PlainValidator(enum_reader(WireListKind.values()))]
CaseStateNumber = Annotated[int, PlainValidator(enum_reader(list_case_pb2.ListCaseState.values()))]
EntryStateNumber = Annotated[
    int, PlainValidator(enum_reader(list_case_pb2.ListEntryState.values()))
]
StepNumber = Annotated[int, PlainValidator(enum_reader(list_case_pb2.ListCaseStepKind.values()))]


class OpenListCaseRules(Rules):
    """Rules of OpenListCaseRequest."""

    request_id: RequestId
    subject: Subject
    policy_id: RequiredName
    field: FieldNumber = 0
    record_ids: RecordIds = ()
    inputs: Inputs
    cause: Text = ""
    person_ids: PersonIds = ()
    document: Document


class ApplyForRedlistRules(Rules):
    """Rules of ApplyForRedlistRequest."""

    request_id: RequestId
    subject: Subject
    policy_id: RequiredName
    field: FieldNumber = 0
    inputs: Inputs
    document: Unnumbered


class CaseStepRules(Rules):
    """Rules of a step of a case."""

    request_id: RequestId
    case_id: CaseId
    document: Document


class ReportListCaseRules(CaseStepRules):
    """Rules of ReportListCaseRequest."""

    addressee: RequiredWords


class NotifyListCaseRules(CaseStepRules):
    """Rules of NotifyListCaseRequest."""

    party_subject_id: PartyId = 0
    cause: Text = ""
    basis: Text = ""
    measures: Text = ""
    rights: Text = ""


class RecordStatementRules(Rules):
    """Rules of RecordStatementRequest."""

    request_id: RequestId
    case_id: CaseId
    party_subject_id: PartyId = 0
    statement: LongText = ""
    waived: bool = False
    document: Unnumbered


class AnswerStatementRules(CaseStepRules):
    """Rules of AnswerStatementRequest."""

    answer: LongText = ""


class AskForHearingRules(Rules):
    """Rules of AskForHearingRequest."""

    request_id: RequestId
    case_id: CaseId
    party_subject_id: PartyId = 0
    document: Unnumbered


class HoldHearingRules(CaseStepRules):
    """Rules of HoldHearingRequest."""

    party_subject_id: PartyId = 0
    outcome: LongText = ""


class ReviewListCaseRules(CaseStepRules):
    """Rules of ReviewListCaseRequest."""

    field: Annotated[FieldNumber, BeforeValidator(_required_field)]
    opinion: RequiredOpinion
    reason: Text = ""


class ApproveListCaseRules(CaseStepRules):
    """Rules of ApproveListCaseRequest."""

    opinion: RequiredOpinion
    reason: Text = ""


class DecideListCaseRules(CaseStepRules):
    """Rules of DecideListCaseRequest."""

    party_subject_ids: PartyIds = ()
    listing_date: AnyDay = None
    cause: Text = ""
    basis: Text = ""
    measures: Text = ""
    measure_codes: Codes = ()
    repair: Text = ""
    remedies: Text = ""
    terms: ChosenTerms = ()
    term_reason: Text = ""


class ServeDecisionRules(CaseStepRules):
    """Rules of ServeDecisionRequest."""

    party_subject_id: PartyId = 0


class PublishListCaseRules(CaseStepRules):
    """Rules of PublishListCaseRequest."""

    approval: Text = ""


class CloseListCaseRules(CaseStepRules):
    """Rules of CloseListCaseRequest."""

    reason: Text = ""


class EntryStepRules(Rules):
    """Rules of a step about an entry."""

    request_id: RequestId
    entry_id: EntryId
    document: Document
    opinion: Annotated[Opinion, PlainValidator(_opinion)] = Opinion.NONE
    reason: Text = ""
    approval: Text = ""


class ApplyForEarlyRemovalRules(Rules):
    """Rules of ApplyForEarlyRemovalRequest."""

    request_id: RequestId
    entry_id: EntryId
    document: Unnumbered


class GetListCaseRules(PointRules):
    """Rules of GetListCaseRequest."""

    case_id: CaseId
    party_subject_id: PartyId = 0
    full_names: bool = False


class GetListEntryRules(PointRules):
    """Rules of GetListEntryRequest."""

    entry_id: EntryId
    full_names: bool = False


class ListedPageRules(PointRules):
    """Which page of cases, entries or deadlines is wanted, of which lists."""

    page_size: PageSize
    page_token: str = ""
    list: Kind = 0
    field: FieldNumber = 0


class ListListCasesRules(ListedPageRules):
    """Rules of ListListCasesRequest."""

    state: CaseStateNumber = 0
    authority: Text = ""
    subject: Annotated[SubjectRef | None, PlainValidator(read_subject)] = None


class ListListEntriesRules(ListedPageRules):
    """Rules of ListListEntriesRequest."""

    state: EntryStateNumber = 0
    division: Division = ""
    subject: Annotated[SubjectRef | None, PlainValidator(read_subject)] = None


class ListDeadlinesRules(ListedPageRules):
    """Rules of ListDeadlinesRequest."""

    authority: Text = ""
    step: StepNumber = 0
    overdue: bool = False
    due_before: AnyDay = None
    subject: Annotated[SubjectRef | None, PlainValidator(read_subject)] = None
