"""Entries of the lists and their removals as messages."""

from typing import cast

from safetycredit.scoring.v1 import basis_pb2, list_entry_pb2
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_encoding import entry_name
from services.scoring.domain.list_entry import EntryRemoval, ListEntry
from services.scoring.handlers.wire_values import write_day


def list_entry_message(entry: ListEntry) -> list_entry_pb2.ListEntry:
    """Write an entry."""
    message = list_entry_pb2.ListEntry(
        entry_id=entry_name(entry.entry_id),
        kind=cast("list_entry_pb2.ListKind", entry.list_key.kind),
        field=cast("WireField", entry.list_key.field),
        subject_id=name_of(PERSON if entry.person else ENTERPRISE, entry.subject_id),
        credit_code=entry.credit_code,
        name=entry.name,
        masked_identity_number=entry.identity_mask,
        division="" if entry.division is None else f"{entry.division:06}",
        authority=entry.authority,
        document_number=entry.document_number,
        decision_date=write_day(entry.decision_date),
        start_date=write_day(entry.start_date),
        rule_ids=entry.rule_ids,
        cause=entry.cause,
        basis=entry.basis,
        measure_codes=entry.measures,
        policy=basis_pb2.PolicyRef(
            policy_id=entry.policy_id,
            version=entry.policy_version,
            digest=entry.policy_digest,
        ),
    )
    if entry.end_date is not None:
        message.end_date.CopyFrom(write_day(entry.end_date))
    return message


def entry_removal_message(removal: EntryRemoval) -> list_entry_pb2.EntryRemoval:
    """Write a tombstone."""
    return list_entry_pb2.EntryRemoval(
        entry_id=entry_name(removal.entry_id),
        kind=cast("list_entry_pb2.ListKind", removal.list_key.kind),
        field=cast("WireField", removal.list_key.field),
        reason=cast("list_entry_pb2.RemovalReason", removal.reason),
        document_number=removal.document_number,
        removal_date=write_day(removal.removal_date),
    )
