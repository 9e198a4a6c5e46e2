"""Entries of the lists as everybody may see them: what is published, pushed and mirrored."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class ListKind(IntEnum):
    """Kind of a list; the numbers are those of the wire and of the tables."""

    BLACKLIST = 1
    """联合惩戒."""

    REDLIST = 2
    """联合激励."""


class RemovalReason(IntEnum):
    """Why an entry left its list; the numbers are those of the wire and of the tables."""

    EXPIRED = 1
    """期满移出: the term ended."""

    EARLY = 2
    """提前移出: granted on application."""

    CORRECTED = 3
    """更正: its basis fell; the entry never counted."""

    CONDITION_BROKEN = 4
    """A condition of the redlist broke."""


@dataclass(frozen=True, slots=True, order=True)
class ListKey:
    """One list: a kind in one field; versions and digests are counted for each.

    Attributes:
        kind: Blacklist or redlist.
        field: Number of the field (policies/vocabulary.yaml, codes ``field``).
    """

    kind: ListKind
    field: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One entry, without anything that not everybody may see.

    Attributes:
        entry_id: Number of the entry; the same through every change of it.
        list_key: The list.
        subject_id: Number of the enterprise or person.
        person: Whether it is a person.
        credit_code: Credit code; for a person that of the enterprise in whose case it is listed.
        name: Name of the enterprise, or the masked name of the person.
        identity_mask: Masked identity number of a person; empty for an enterprise.
        division: Division as a number (GB/T 2260); none if unknown.
        authority: Authority that decided.
        document_number: Number of the written decision.
        decision_date: Day of the decision.
        start_date: First day of the listing.
        end_date: Day after the last day of the term; none while it has no end.
        rule_ids: Circumstances of the list policy.
        cause: Cause (事由), in words.
        basis: Legal basis (依据), in words.
        measures: Codes of the measures of the catalogue.
        policy_id: List policy of the case.
        policy_version: Its version.
        policy_digest: Its digest.
    """

    entry_id: int
    list_key: ListKey
    subject_id: int
    person: bool
    credit_code: str
    name: str
    identity_mask: str
    division: int | None
    authority: str
    document_number: str
    decision_date: date
    start_date: date
    end_date: date | None
    rule_ids: tuple[str, ...]
    cause: str
    basis: str
    measures: tuple[str, ...]
    policy_id: str
    policy_version: str
    policy_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRemoval:
    """A tombstone: an entry that left its list, and by what document.

    Attributes:
        entry_id: The entry.
        list_key: The list.
        reason: Why it left.
        document_number: Document that removed it; empty where the term simply ended.
        removal_date: Day from which it is off the list.
        decided: Whether somebody decided it, though the reason is one for which the law removes by
            itself; never published.
    """

    entry_id: int
    list_key: ListKey
    reason: RemovalReason
    document_number: str
    removal_date: date
    decided: bool = False


ListChange = ListEntry | EntryRemoval
"""What one change of a list says: how the entry stands now, or that it is gone."""
