"""The texts of entries: what is written in them, with persons masked."""

from collections.abc import Callable
from dataclasses import replace

from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.list_entry import EntryRemoval, ListChange

Hiding = Callable[[str], str]
"""Gives a text with persons masked."""


def as_shown(held: HeldEntry, hidden: Hiding) -> HeldEntry:
    """Give an entry with persons masked in its texts."""
    entry = held.entry
    shown = replace(
        entry,
        document_number=hidden(entry.document_number),
        cause=hidden(entry.cause),
        basis=hidden(entry.basis),
    )
    return replace(held, entry=shown, removal_document=hidden(held.removal_document))


def as_published(change: ListChange, hidden: Hiding) -> ListChange:
    """Give a change of a list with persons masked in its texts."""
    document_number = hidden(change.document_number)
    if isinstance(change, EntryRemoval):
        return replace(change, document_number=document_number)
    cause, basis = hidden(change.cause), hidden(change.basis)
    return replace(change, document_number=document_number, cause=cause, basis=basis)
