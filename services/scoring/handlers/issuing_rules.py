"""Rules of the requests that issue, try and look up policies."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from google.protobuf.message import Message
from pydantic import PlainValidator

from safetycredit.scoring.v1 import policy_service_pb2 as pb
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyFile, ProposalState
from safetycredit.scoring.v1.policy_service_pb2 import PolicyKind
from safetycredit.scoring.v1.policy_simulation_pb2 import Movement, SimulationState
from services.common.errors import FieldViolation, InvalidInputError
from services.common.meaningful_text import meaningful
from services.engine.guarding import BYTES_MAX
from services.scoring.commands.policies.issuing_ports import PolicyBytes
from services.scoring.commands.policies.proposal_standpoint import ProposalStandpoint
from services.scoring.commands.policies.stepping import PROPOSAL
from services.scoring.commands.standpoint import PageRequest
from services.scoring.commands.trials.simulation_ports import SIMULATION
from services.scoring.commands.trials.start_simulation import CandidateNamed
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.handlers.requests import (
    AnyDay,
    Division,
    Enterprise,
    FieldNumber,
    Industry,
    Instant,
    Name,
    PageSize,
    PointRules,
    PolicyRules,
    RequiredName,
    Rules,
)
from services.scoring.handlers.wire_values import enum_reader, read_place, wrong

AFFECTED_DEFAULT: Final = 20
AFFECTED_MAX: Final = 200
EXAMPLES_DEFAULT: Final = 20
EXAMPLES_MAX: Final = 100
HORIZON_YEARS_MAX: Final = 10

FURTHER_FILES_MAX: Final = 19
"""House limit: files of a proposal besides the first; a reform of one place has four or five."""

BYTES_TOGETHER_MAX: Final = BYTES_MAX
"""House limit: further files together, so that a request stays below what a server receives."""

_REQUEST_ID_CHARACTERS_MAX: Final = 64
_NOTE_CHARACTERS_MAX: Final = 1000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def _read_content(content: bytes) -> bytes:
    if len(content) > BYTES_MAX:
        raise wrong("CONTENT_TOO_LARGE", f"send at most {BYTES_MAX} bytes")
    return content


def _read_required_content(content: bytes) -> bytes:
    if not content:
        raise wrong("REQUIRED", "send the file")
    return _read_content(content)


def _read_further(files: Sequence[PolicyFile]) -> tuple[PolicyBytes, ...]:
    if len(files) > FURTHER_FILES_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"send at most {FURTHER_FILES_MAX} further files")
    if sum(len(one.content) + len(one.cases) for one in files) > BYTES_TOGETHER_MAX:
        raise wrong("CONTENT_TOO_LARGE", f"send at most {BYTES_TOGETHER_MAX} bytes in all")
    for number, one in enumerate(files, start=2):
        if not one.content:
            raise wrong("REQUIRED", f"send the policy of file {number}")
    return tuple(PolicyBytes(one.content, one.cases) for one in files)


def _read_contents(contents: Sequence[bytes]) -> tuple[bytes, ...]:
    files = _read_further([PolicyFile(content=one) for one in contents])
    return tuple(one.content for one in files)


def _read_request_id(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "give an identifier of your own for the request")
    if len(text) > _REQUEST_ID_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_REQUEST_ID_CHARACTERS_MAX} characters")
    return text


def _read_note(text: str) -> str:
    if len(text) > _NOTE_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_NOTE_CHARACTERS_MAX} characters")
    if _CONTROL.search(text):
        raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
    return text


def _read_required_note(text: str) -> str:
    if not meaningful(text):
        raise wrong("REQUIRED", "say why")
    return meaningful(_read_note(text))


def _read_digest(text: str) -> str:
    if not _DIGEST.fullmatch(text):
        raise wrong("DIGEST_MALFORMED", "give 64 lower-case hexadecimal characters")
    return text


def _read_proposal_id(text: str) -> int:
    number = number_of(PROPOSAL, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{PROPOSAL}-100001"')
    return number


def _read_simulation_id(text: str) -> int:
    number = number_of(SIMULATION, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{SIMULATION}-1"')
    return number


def _read_version(name: pb.PolicyVersionName) -> tuple[str, str]:
    if not name.policy_id or not name.version:
        raise wrong("REQUIRED", "give a policy and a version")
    return name.policy_id, name.version


def _read_affected(count: int) -> int:
    if not 0 <= count <= AFFECTED_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give a number from 1 to {AFFECTED_MAX}")
    return count or AFFECTED_DEFAULT


def _read_examples(count: int) -> int:
    if not 0 <= count <= EXAMPLES_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give a number from 0 to {EXAMPLES_MAX}")
    return count or EXAMPLES_DEFAULT


Content = Annotated[bytes, PlainValidator(_read_content)]
RequiredContent = Annotated[bytes, PlainValidator(_read_required_content)]
FurtherFiles = Annotated[tuple[PolicyBytes, ...], PlainValidator(_read_further)]
FurtherContents = Annotated[tuple[bytes, ...], PlainValidator(_read_contents)]
RequestId = Annotated[str, PlainValidator(_read_request_id)]
Note = Annotated[str, PlainValidator(_read_note)]
RequiredNote = Annotated[str, PlainValidator(_read_required_note)]
Digest = Annotated[str, PlainValidator(_read_digest)]
ProposalId = Annotated[int, PlainValidator(_read_proposal_id)]
SimulationId = Annotated[int, PlainValidator(_read_simulation_id)]
VersionName = Annotated[tuple[str, str], PlainValidator(_read_version)]


class CheckPolicyRules(Rules):
    """Rules of CheckPolicyRequest."""

    content: RequiredContent
    cases: Content = b""
    further_files: FurtherFiles = ()

    def files(self) -> tuple[PolicyBytes, ...]:
        """Give every file."""
        return (PolicyBytes(self.content, self.cases), *self.further_files)


class ProposePolicyRules(Rules):
    """Rules of ProposePolicyRequest."""

    content: RequiredContent
    cases: Content = b""
    further_files: FurtherFiles = ()
    document_number: Name = ""
    note: Note = ""
    request_id: RequestId

    def files(self) -> tuple[PolicyBytes, ...]:
        """Give every file."""
        return (PolicyBytes(self.content, self.cases), *self.further_files)


class KnownRules(Rules):
    """When a question about proposals is about."""

    known_at: Instant = None
    token: str = ""

    def standpoint(self) -> ProposalStandpoint:
        """Give the place on the axis of knowledge."""
        return ProposalStandpoint(known_at=self.known_at, token=self.token)


class GetProposalRules(KnownRules):
    """Rules of GetProposalRequest."""

    proposal_id: ProposalId
    with_content: bool = False


class ListProposalsRules(KnownRules):
    """Rules of ListProposalsRequest."""

    policy_id: Name = ""
    state: Annotated[int, PlainValidator(enum_reader(ProposalState.values()))] = 0
    page_size: PageSize
    page_token: str = ""


class ApprovePolicyRules(Rules):
    """Rules of ApprovePolicyRequest."""

    proposal_id: ProposalId
    digest: Digest
    document_number: RequiredName
    note: Note = ""
    request_id: RequestId


class WithdrawProposalRules(Rules):
    """Rules of WithdrawProposalRequest."""

    proposal_id: ProposalId
    note: RequiredNote
    document_number: Name = ""
    request_id: RequestId


class PublishPolicyRules(Rules):
    """Rules of PublishPolicyRequest."""

    proposal_id: ProposalId
    digest: Digest
    document_number: RequiredName
    request_id: RequestId
    recorded_levels_kept: bool = False


class CandidateRules(Rules):
    """Which policy is tried; exactly one way to name it is given."""

    content: RequiredContent | None = None
    further_contents: FurtherContents = ()
    proposal_id: ProposalId | None = None

    def named(self, version: tuple[str, str] | None, *, field: str) -> CandidateNamed:
        """Give the candidate.

        Args:
            version: Policy and version of one that exists; none if another way was chosen.
            field: Name of the choice in the request.

        Raises:
            InvalidInputError: None is named.
        """
        if version is None and self.content is None and self.proposal_id is None:
            raise InvalidInputError([FieldViolation(field, "REQUIRED", "name a policy")])
        contents = () if self.content is None else (self.content, *self.further_contents)
        if self.further_contents and not contents:
            message = "further files go with content; a proposal brings its own"
            violation = FieldViolation("further_contents", "WITHOUT_CONTENT", message)
            raise InvalidInputError([violation])
        return CandidateNamed(contents=contents, proposal_id=self.proposal_id, version=version)


class StartSimulationRules(CandidateRules, PointRules):
    """Rules of StartSimulationRequest."""

    version: VersionName | None = None
    live_policy_id: Name = ""
    division: Division = ""
    industry: Industry = ""
    field: FieldNumber = 0
    affected_max: Annotated[int, PlainValidator(_read_affected)] = AFFECTED_DEFAULT
    request_id: RequestId

    def candidate(self) -> CandidateNamed:
        """Give the candidate."""
        return self.named(self.version, field="candidate")

    def filter(self) -> EnterpriseFilter:
        """Give the filters on enterprises."""
        return EnterpriseFilter(division=self.division, industry=self.industry, field=self.field)


class SimulationRules(Rules):
    """Rules of requests that name a simulation."""

    simulation_id: SimulationId


class ListSimulationsRules(Rules):
    """Rules of ListSimulationsRequest."""

    policy_id: Name = ""
    state: Annotated[int, PlainValidator(enum_reader(SimulationState.values()))] = 0
    page_size: PageSize
    page_token: str = ""


class ListSimulatedChangesRules(Rules):
    """Rules of ListSimulatedChangesRequest."""

    simulation_id: SimulationId
    policy_id: Name = ""
    movement: Annotated[int, PlainValidator(enum_reader(Movement.values()))] = 0
    page_size: PageSize
    page_token: str = ""


class ShadowRules(Rules):
    """Rules of StartShadowRequest and StopShadowRequest."""

    proposal_id: ProposalId
    request_id: RequestId


class GetShadowReportRules(Rules):
    """Rules of GetShadowReportRequest."""

    proposal_id: ProposalId
    examples_max: Annotated[int, PlainValidator(_read_examples)] = EXAMPLES_DEFAULT


class ListPolicyVersionsRules(KnownRules):
    """Rules of ListPolicyVersionsRequest."""

    policy_id: Name = ""
    page_size: PageSize
    page_token: str = ""


class DiffPolicyVersionsRules(CandidateRules):
    """Rules of DiffPolicyVersionsRequest."""

    from_version: VersionName
    to_version: VersionName | None = None

    def later(self) -> CandidateNamed:
        """Give the later version."""
        return self.named(self.to_version, field="later")


class ListReasonCodesRules(Rules):
    """Rules of ListReasonCodesRequest."""

    policy_id: Name = ""
    kind: Annotated[int, PlainValidator(enum_reader(PolicyKind.values()))] = 0
    field: FieldNumber = 0
    division: Annotated[int | None, PlainValidator(read_place)] = None
    as_of: AnyDay = None
    page_size: PageSize
    page_token: str = ""


class GetGradeOutlookRules(PolicyRules):
    """Rules of GetGradeOutlookRequest."""

    subject: Enterprise
    field: FieldNumber = 0
    horizon_date: AnyDay = None

    def horizon(self, as_of: date) -> date | None:
        """Give the last day looked at; none for the default.

        Raises:
            InvalidInputError: It lies before the day asked for, or too far ahead.
        """
        last = self.horizon_date
        if last is None:
            return None
        if last < as_of:
            raise _horizon_wrong("HORIZON_BEFORE_DAY", f"give a day from {as_of} on")
        if last > as_of + timedelta(days=HORIZON_YEARS_MAX * 366):
            message = f"give a day at most {HORIZON_YEARS_MAX} years ahead"
            raise _horizon_wrong("HORIZON_TOO_FAR", message)
        return last


AnyPageRules = (
    ListProposalsRules
    | ListSimulationsRules
    | ListSimulatedChangesRules
    | ListPolicyVersionsRules
    | ListReasonCodesRules
)


def page_wanted(request: Message, rules: AnyPageRules, *, method: str) -> PageRequest:
    """Give the page that a request wants; all else in it is the filter.

    Args:
        request: The request.
        rules: The request as values.
        method: Full name of the RPC.
    """
    rest: Any = type(request)()
    rest.CopyFrom(request)
    for name in ("page_size", "page_token", "token"):
        if name in rest.DESCRIPTOR.fields_by_name:
            rest.ClearField(name)
    return PageRequest(
        method=method,
        filter_bytes=rest.SerializeToString(deterministic=True),
        size=rules.page_size,
        token=rules.page_token,
    )


# Private functions -----------------------------------------------------------


def _horizon_wrong(reason: str, message: str) -> InvalidInputError:
    return InvalidInputError([FieldViolation("horizon_date", reason, message)])
