"""What went wrong in a call, in words: reason, message, fields, and what to do."""

from dataclasses import dataclass
from typing import Final, cast

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from cli.errors import EXIT_REFUSED, EXIT_UNFINISHED, CliError
from services.common.errors import SafetyCreditError

_NOT_REFUSED: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""Codes that say nothing about the request: the service did not get to judge it."""

_ADVICE: Final = {
    grpc.StatusCode.UNAVAILABLE: (
        "Is the server running? Start both with: safetycredit up"
        " (another address: --target HOST:PORT)."
    ),
    grpc.StatusCode.DEADLINE_EXCEEDED: "The server is busy or unreachable; try again.",
    grpc.StatusCode.UNIMPLEMENTED: (
        "The server at this address does not offer this; look at --target and at its version."
    ),
    grpc.StatusCode.INVALID_ARGUMENT: "Correct what is named above and send it again.",
    grpc.StatusCode.NOT_FOUND: "Look it up with: safetycredit enterprise search --name TEXT",
    grpc.StatusCode.ALREADY_EXISTS: (
        "Nothing was changed. If the stored one is wrong, revise it; it is never overwritten."
    ),
    grpc.StatusCode.PERMISSION_DENIED: (
        "Call with a role and scope that may do this: --roles, --divisions, --fields."
    ),
    grpc.StatusCode.UNAUTHENTICATED: "Say who calls: --caller and --roles.",
    grpc.StatusCode.ABORTED: "Read it again, look at what changed, and repeat the call.",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "Wait a moment, or send less at once.",
    grpc.StatusCode.INTERNAL: "This is a defect of the service; its log has more.",
}

_ADVICE_BY_REASON: Final = {
    "RECORD_UNKNOWN": "Look it up with: safetycredit record list SUBJECT",
    "ROLE_UNKNOWN": "Look it up with: safetycredit person get PERSON",
    "ROLE_OVERLAPS": "End the other role first: safetycredit person end ROLE --until-before DAY",
    "MEMBERSHIP_UNKNOWN": "Look it up with: safetycredit enterprise get GROUP",
    "MEMBERSHIP_OVERLAPS": "End the other one first: safetycredit group leave MEMBERSHIP",
    "PERSON_DIFFERS": "Compare name and number with the card; nothing was changed.",
    "POLICY_UNKNOWN": "Look it up with: safetycredit policy list",
    "POLICY_NOT_IN_FORCE": (
        "Ask for another day with --as-of, or see which there are: safetycredit policy list, and"
        " safetycredit policy versions POLICY."
    ),
    "PROPOSAL_UNKNOWN": "Look it up with: safetycredit policy proposals",
    "SIMULATION_UNKNOWN": "Look it up with: safetycredit policy simulations",
    "SIMULATION_ACTIVE": (
        "Wait for it (safetycredit policy simulate --follow SIMULATION), or cancel it with:"
        " safetycredit policy simulations --cancel SIMULATION"
    ),
    "PROPOSAL_DIGEST_DIFFERS": "Look at its bytes: safetycredit policy proposal PROPOSAL --text",
    "APPROVER_IS_PROPOSER": "Another person approves, who calls as another: --caller.",
    "PROPOSAL_NOT_APPROVED": "Two others approve with: safetycredit policy approve PROPOSAL",
    "POLICY_VERSION_EXISTS": (
        "Nothing was changed, and nothing published ever is: leave the version as it is, and see"
        " what there is with: safetycredit policy versions POLICY"
    ),
    "POLICY_TIME_CONFLICT": (
        "See which versions there are: safetycredit policy versions POLICY. One ends another"
        " before its own end with replaces: or repeals:, as policies/README.md shows."
    ),
    "POLICY_REFUSED": "Mend what is named above; safetycredit policy check FOLDER finds the same.",
    "EDITION_OUTDATED": "Look at it again: safetycredit record get RECORD",
    "RISK_MODEL_UNKNOWN": "Look it up with: safetycredit risk list",
    "RISK_MODEL_NOT_IN_FORCE": "Name one with --model, or put one in force: safetycredit risk list",
    "MEASURE_UNKNOWN": "Look it up with: safetycredit measure list",
    "CASE_UNKNOWN": "Look it up with: safetycredit list case list",
    "ENTRY_UNKNOWN": "Look it up with: safetycredit list entry list",
    "SHRINK_WARNING_DIFFERS": "See what the list is warned of: safetycredit list digest",
    "AUTHORITY_MISSING": "Say for whom you act, before the command: --authority NAME",
    "STEP_MISSING": "See what comes next: safetycredit list case show CASE",
    "STEP_TOO_EARLY": "See what comes next: safetycredit list case show CASE",
}
"""What to do where the code alone does not tell."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that was refused.

    Attributes:
        field: Path in the request.
        message: What is wrong with it, with the reason in front.
    """

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command ends without its result.

    Attributes:
        reason: Stable UPPER_SNAKE word.
        message: What went wrong.
        faults: Fields that were refused.
        advice: What to do; empty for none.
        exit_code: What the process ends with.
    """

    reason: str
    message: str
    faults: tuple[FieldFault, ...]
    advice: str
    exit_code: int


def failure_of_call(error: grpc.RpcError) -> Failure:
    """Put a broken call into words."""
    code = error.code()
    reason = code.name
    faults: list[FieldFault] = []
    message = error.details() or str(error)
    # What a client raises is the call itself.
    status: Status | None = rpc_status.from_call(cast("grpc.Call", error))
    for detail in status.details if status is not None else ():
        info, request = ErrorInfo(), BadRequest()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(request):
            faults = [
                FieldFault(one.field, f"{one.reason}: {one.description}")
                for one in request.field_violations
            ]
    if faults:
        # The message repeats the faults, which are listed one by one.
        message = f"{len(faults)} value{'s' if len(faults) > 1 else ''} refused"
    return Failure(
        reason,
        message,
        tuple(faults),
        _ADVICE_BY_REASON.get(reason) or _ADVICE.get(code, ""),
        EXIT_UNFINISHED if code in _NOT_REFUSED else EXIT_REFUSED,
    )


def failure_of_error(error: SafetyCreditError) -> Failure:
    """Put an error of this program into words."""
    if isinstance(error, CliError):
        return Failure(error.reason, error.message, (), error.advice, error.exit_code)
    return Failure(error.reason, error.message, (), "", EXIT_UNFINISHED)
