"""Entries as messages, with how they stand."""

from typing import cast

from safetycredit.scoring.v1 import list_case_pb2
from services.scoring.commands.lists.list_desk import CASE
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.list_entry import EntryRemoval
from services.scoring.handlers.list_entry_messages import (
    entry_removal_message,
    list_entry_message,
)
from services.scoring.handlers.wire_values import write_day


def listed_entry_message(held: HeldEntry, *, full_name: str = "") -> list_case_pb2.ListedEntry:
    """Write an entry and how it stands."""
    message = list_case_pb2.ListedEntry(
        entry=list_entry_message(held.entry),
        state=cast("list_case_pb2.ListEntryState", int(held.state)),
        case_id=name_of(CASE, held.case_id),
        publish_date=write_day(held.publish_date),
        full_name=full_name,
    )
    if held.removal_reason is not None and held.removal_date is not None:
        removal = EntryRemoval(
            entry_id=held.entry.entry_id,
            list_key=held.entry.list_key,
            reason=held.removal_reason,
            document_number=held.removal_document,
            removal_date=held.removal_date,
        )
        message.removal.CopyFrom(entry_removal_message(removal))
    return message
