"""Answers as messages."""

from collections.abc import Iterable
from typing import Final, cast

from google.protobuf.message import Message

from safetycredit.scoring.v1 import (
    basis_pb2,
    grade_service_pb2,
    list_service_pb2,
    policy_service_pb2,
)
from safetycredit.type.v1 import point_pb2, wording_pb2
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.common.tokens import StorePoint
from services.engine.days import day_date
from services.engine.explained import Child, ExplainedLine, TakenResult
from services.engine.language import Source, Wording
from services.engine.policy_file import KINDS
from services.scoring.commands.answers import Basis, Grade
from services.scoring.commands.lists.get_list_status import ListStatus
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.domain.amount import Amount
from services.scoring.domain.identifiers import (
    ENTERPRISE,
    PERSON,
    RECORD,
    name_of,
    record_name_of,
)
from services.scoring.domain.peer_table import TableStamp
from services.scoring.handlers.listed_entries import listed_entry_message
from services.scoring.handlers.wire_values import (
    write_amount,
    write_day,
    write_instant,
)

_CONFIDENCES: Final = {
    "text-seen": wording_pb2.Source.CONFIDENCE_TEXT_SEEN,
    "secondary": wording_pb2.Source.CONFIDENCE_SECONDARY,
    "assumed": wording_pb2.Source.CONFIDENCE_ASSUMED,
}


def point_message(point: StorePoint) -> point_pb2.StorePoint:
    """Write a point of the store."""
    return point_pb2.StorePoint(
        revision=point.revision,
        known_at=write_instant(point.recorded_time),
        token=point.token.encode(),
    )


def policy_ref_message(version: CompiledVersion) -> basis_pb2.PolicyRef:
    """Name a policy version."""
    return basis_pb2.PolicyRef(
        policy_id=version.policy.policy_id,
        version=version.version.version,
        digest=version.digest,
    )


def basis_message(basis: Basis, *, pointed: bool = True) -> basis_pb2.Basis:
    """Write what an answer stands on.

    Args:
        basis: What it stands on.
        pointed: Whether the point of the store is written.
    """
    return basis_pb2.Basis(
        policy=policy_ref_message(basis.policy),
        inputs=[policy_ref_message(one) for one in basis.inputs],
        as_of=write_day(basis.as_of),
        point=point_message(basis.point) if pointed else None,
        peer_tables=[
            peer_table_ref(version, None if table is None else table.stamp)
            for version, table in basis.tables
        ],
        results=[_taken_result(one) for one in basis.results],
    )


def peer_table_ref(version: CompiledVersion, stamp: TableStamp | None) -> basis_pb2.PeerTableRef:
    """Name a table of peers, or say that there is none yet.

    Args:
        version: Version whose places it gives.
        stamp: What tells the table from every other; none for no table.
    """
    policy = policy_ref_message(version)
    if stamp is None:
        return basis_pb2.PeerTableRef(policy=policy, missing=True)
    return basis_pb2.PeerTableRef(
        policy=policy,
        as_of=write_day(stamp.as_of),
        revision=stamp.revision,
        known_at=write_instant(stamp.known_at),
        digest=stamp.digest,
    )


def wording_message(wording: Wording) -> wording_pb2.Wording:
    """Write a text in both languages."""
    return wording_pb2.Wording(zh=wording.zh, en=wording.en)


def source_message(source: Source) -> wording_pb2.Source:
    """Write where something comes from."""
    message = wording_pb2.Source(
        instrument=source.instrument,
        document_number=source.document_number,
        article=source.article,
        confidence=_CONFIDENCES[source.confidence],
    )
    if source.publish_date is not None:
        message.publish_date.CopyFrom(write_day(source.publish_date))
    if source.effective_date is not None:
        message.effective_date.CopyFrom(write_day(source.effective_date))
    if source.checked_date is not None:
        message.checked_date.CopyFrom(write_day(source.checked_date))
    return message


def line_messages(lines: Iterable[ExplainedLine]) -> list[basis_pb2.Line]:
    """Write the lines of an explanation."""
    return [_line(line) for line in lines]


def grade_message(grade: Grade) -> grade_service_pb2.CreditGrade:
    """Write a grade."""
    message = grade_service_pb2.CreditGrade(
        enterprise_id=grade.subject.identifier,
        credit_code=grade.subject.credit_code,
        name=grade.subject.name,
        status=cast("basis_pb2.ResultStatus", grade.status),
        grade=grade.grade,
        grade_rank=grade.rank,
        missing_inputs=grade.missing,
    )
    if grade.score is not None:
        message.score.CopyFrom(write_amount(grade.score))
    if grade.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(grade.valid_until_date))
    return message


def list_status_message(status: ListStatus, field: int) -> list_service_pb2.ListStatus:
    """Write where a subject stands with a list."""
    message = list_service_pb2.ListStatus(
        subject_id=status.subject.identifier,
        credit_code=status.subject.credit_code,
        name=status.subject.name,
        field=cast("WireField", field),
        standing=cast("list_service_pb2.ListStanding", status.standing),
        reasons=line_messages(status.reasons),
        basis=basis_message(status.basis),
    )
    if status.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(status.valid_until_date))
    if status.entry is not None:
        message.entry.CopyFrom(listed_entry_message(status.entry))
    return message


def policy_message(compiled: CompiledVersion) -> policy_service_pb2.Policy:
    """Write a policy version."""
    version = compiled.version
    message = policy_service_pb2.Policy(
        ref=policy_ref_message(compiled),
        kind=cast("policy_service_pb2.PolicyKind", KINDS.index(compiled.policy.kind) + 1),
        title=wording_message(compiled.policy.title),
        field=cast("WireField", compiled.field),
        division=compiled.policy.division,
        start_date=write_day(version.start_date),
        source=source_message(version.source),
        grades=version.grade.ladder if version.grade else (),
        rule_ids=[rule.id for rule in version.rules],
    )
    if version.end_date is not None:
        message.end_date.CopyFrom(write_day(version.end_date))
    return message


def serialised(message: Message) -> bytes:
    """Give the bytes of a message, equal for equal messages."""
    return message.SerializeToString(deterministic=True)


# Private functions -----------------------------------------------------------


def _child(child: Child) -> str:
    """Name a child subject; those of unnamed records, which count as one, have none."""
    if child.attribute == "person" and child.key is not None:
        return name_of(PERSON, child.key)
    if child.attribute == "member" and child.key is not None:
        return name_of(ENTERPRISE, child.key)
    if child.attribute == "inspection" and child.key is not None:
        return name_of(RECORD, child.key)
    return child.word


def _record_names(line: ExplainedLine) -> list[str]:
    if not line.kinds:
        return [name_of(RECORD, record_id) for record_id in line.record_ids]
    kinds = dict(line.kinds)
    return [record_name_of(kinds.get(one, ""), one) for one in line.record_ids]


def _taken_result(one: TakenResult) -> basis_pb2.TakenResult:
    message = basis_pb2.TakenResult(
        name=one.name,
        policy=basis_pb2.PolicyRef(policy_id=one.policy_id, version=one.version, digest=one.digest),
        output=one.output,
        value=one.value,
        unit=one.unit,
    )
    if one.wording is not None:
        message.wording.CopyFrom(wording_message(one.wording))
    if one.end_day is not None:
        message.valid_until_date.CopyFrom(write_day(day_date(one.end_day)))
    if one.start_day is not None:
        message.start_date.CopyFrom(write_day(day_date(one.start_day)))
    return message


def _line(line: ExplainedLine) -> basis_pb2.Line:
    message = basis_pb2.Line(
        rule_id=line.rule_id,
        total=line.total,
        unit=line.unit,
        effect=line.effect,
        wording=wording_message(line.wording),
        source=source_message(line.source),
        record_ids=_record_names(line),
        children=[_child(child) for child in line.children],
        results=[_taken_result(one) for one in line.results],
    )
    if line.amount is not None:
        message.amount.CopyFrom(write_amount(Amount(line.amount, line.places)))
    if line.start_day is not None:
        message.start_date.CopyFrom(write_day(day_date(line.start_day)))
    if line.end_day is not None:
        message.end_date.CopyFrom(write_day(day_date(line.end_day)))
    message.undated = line.undated
    return message
