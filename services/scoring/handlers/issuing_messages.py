"""Proposals, versions, differences and reasons as messages."""

from collections.abc import Iterable
from typing import cast

from safetycredit.scoring.v1 import policy_proposal_pb2 as pb
from safetycredit.scoring.v1 import policy_service_pb2
from safetycredit.type.v1.wording_pb2 import Wording as WireWording
from services.engine.differing import Difference
from services.engine.errors import Problem
from services.engine.policy_file import KINDS
from services.scoring.commands.policies.issuing_ports import ReviewedFile, StoredProposal
from services.scoring.commands.policies.list_policy_versions import VersionRecord
from services.scoring.commands.policies.list_reason_codes import ReasonCode
from services.scoring.commands.policies.stepping import PROPOSAL
from services.scoring.domain.identifiers import RECORD, name_of
from services.scoring.domain.proposal import Proposal, ProposedFile, Step
from services.scoring.handlers.messages import (
    point_message,
    policy_ref_message,
    source_message,
    wording_message,
)
from services.scoring.handlers.wire_values import write_day, write_instant


def problem_messages(problems: Iterable[Problem]) -> list[pb.PolicyProblem]:
    """Write problems."""
    return [
        pb.PolicyProblem(
            file=one.file,
            line=one.line,
            column=one.column,
            code=one.code,
            message=one.message,
            warning=one.warning,
        )
        for one in problems
    ]


def step_message(step: Step) -> pb.ProposalStep:
    """Write a step."""
    return pb.ProposalStep(
        kind=cast("pb.ProposalStep.Kind", int(step.kind)),
        caller=step.caller,
        authority=step.authority,
        document_number=step.document_number,
        note=step.note,
        step_time=write_instant(step.recorded_time),
        revision=step.revision,
    )


def proposal_message(proposal: Proposal) -> pb.Proposal:
    """Write a proposal."""
    first = proposal.first
    several = len(proposal.files) > 1
    return pb.Proposal(
        proposal_id=name_of(PROPOSAL, proposal.proposal_id),
        policy_id=first.policy_id,
        versions=first.versions,
        digest=proposal.digest,
        state=cast("pb.ProposalState", int(proposal.state)),
        title=WireWording(zh=first.title_zh, en=first.title_en),
        division=first.division,
        start_date=write_day(first.start_date),
        steps=[step_message(step) for step in proposal.steps],
        shadowed=proposal.shadowed,
        files=[_file_message(one) for one in proposal.files] if several else [],
    )


def reviewed_file_message(file: ReviewedFile) -> pb.ProposedFile:
    """Write what a file that was looked at adds."""
    message = pb.ProposedFile(
        policy_id=file.policy.policy_id,
        versions=[one.version.version for one in file.added],
        digest=file.digest,
        title=wording_message(file.policy.title),
        division=file.policy.division,
    )
    if file.added:
        start_date = min(one.version.start_date for one in file.added)
        message.start_date.CopyFrom(write_day(start_date))
    return message


def proposed_message(stored: StoredProposal) -> policy_service_pb2.ProposePolicyResponse:
    """Write the answer to ProposePolicy."""
    return policy_service_pb2.ProposePolicyResponse(
        proposal=proposal_message(stored.proposal),
        point=point_message(stored.point),
        warnings=problem_messages(stored.problems),
    )


def approved_message(stored: StoredProposal) -> policy_service_pb2.ApprovePolicyResponse:
    """Write the answer to ApprovePolicy."""
    return policy_service_pb2.ApprovePolicyResponse(
        proposal=proposal_message(stored.proposal), point=point_message(stored.point)
    )


def withdrawn_message(stored: StoredProposal) -> policy_service_pb2.WithdrawProposalResponse:
    """Write the answer to WithdrawProposal."""
    return policy_service_pb2.WithdrawProposalResponse(
        proposal=proposal_message(stored.proposal), point=point_message(stored.point)
    )


def published_message(stored: StoredProposal) -> policy_service_pb2.PublishPolicyResponse:
    """Write the answer to PublishPolicy."""
    return policy_service_pb2.PublishPolicyResponse(
        proposal=proposal_message(stored.proposal),
        point=point_message(stored.point),
        versions=[policy_ref_message(one) for one in stored.versions],
        record_ids=[name_of(RECORD, one) for one in stored.record_ids],
    )


def shadow_started_message(stored: StoredProposal) -> policy_service_pb2.StartShadowResponse:
    """Write the answer to StartShadow."""
    return policy_service_pb2.StartShadowResponse(
        proposal=proposal_message(stored.proposal), point=point_message(stored.point)
    )


def shadow_stopped_message(stored: StoredProposal) -> policy_service_pb2.StopShadowResponse:
    """Write the answer to StopShadow."""
    return policy_service_pb2.StopShadowResponse(
        proposal=proposal_message(stored.proposal), point=point_message(stored.point)
    )


def version_message(record: VersionRecord) -> pb.PolicyVersionRecord:
    """Write a version and how it came to be served."""
    version = record.compiled.version
    message = pb.PolicyVersionRecord(
        ref=policy_ref_message(record.compiled),
        start_date=write_day(version.start_date),
        origin=pb.PolicyVersionRecord.ORIGIN_FOLDER,
        steps=[step_message(step) for step in record.steps],
    )
    if version.end_date is not None:
        message.end_date.CopyFrom(write_day(version.end_date))
    if version.ends is not None:
        message.ends.version = version.ends.version
        message.ends.repeal = version.ends.repeal
        message.ends.source.CopyFrom(source_message(version.ends.source))
    if record.published is not None:
        message.origin = pb.PolicyVersionRecord.ORIGIN_PUBLISHED
        message.proposal_id = name_of(PROPOSAL, record.published.proposal_id)
        message.publish_time.CopyFrom(write_instant(record.published.recorded_time))
    return message


def difference_message(difference: Difference) -> pb.PolicyDifference:
    """Write a difference."""
    message = pb.PolicyDifference(
        path=difference.path,
        kind=cast("pb.PolicyDifference.Kind", difference.change.value),
        old_value=difference.old,
        new_value=difference.new,
        sentence=wording_message(difference.sentence),
    )
    if difference.old_source is not None:
        message.old_source.CopyFrom(source_message(difference.old_source))
    if difference.new_source is not None:
        message.new_source.CopyFrom(source_message(difference.new_source))
    return message


def reason_message(code: ReasonCode) -> policy_service_pb2.ReasonCode:
    """Write a reason."""
    reason = code.reason
    kind = KINDS.index(code.compiled.policy.kind) + 1
    message = policy_service_pb2.ReasonCode(
        rule_id=reason.rule_id,
        policy=policy_ref_message(code.compiled),
        policy_kind=cast("policy_service_pb2.PolicyKind", kind),
        effect=cast("pb.ReasonEffect", int(reason.effect)),
        total=reason.total,
        unit=reason.unit,
        target=reason.target,
        wording=wording_message(reason.wording),
        source=source_message(reason.source),
        unbounded=not reason.bounded,
    )
    if reason.size is not None:
        message.size.value = format(reason.size.normalize(), "f")
    return message


# Private functions -----------------------------------------------------------


def _file_message(file: ProposedFile) -> pb.ProposedFile:
    return pb.ProposedFile(
        policy_id=file.policy_id,
        versions=file.versions,
        digest=file.digest,
        title=WireWording(zh=file.title_zh, en=file.title_en),
        division=file.division,
        start_date=write_day(file.start_date),
    )
