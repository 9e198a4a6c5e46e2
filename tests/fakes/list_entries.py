"""Entries and removals of lists, for tests: what a test does not care about is filled in."""

from datetime import date
from typing import Any

from services.scoring.domain.list_entry import (
    EntryRemoval,
    ListEntry,
    ListKey,
    ListKind,
    RemovalReason,
)

BLACKLIST = ListKey(ListKind.BLACKLIST, 1)
REDLIST = ListKey(ListKind.REDLIST, 1)


def entry(number: int, **given: Any) -> ListEntry:  # noqa: ANN401 -- any attribute.
    """Make an entry of an enterprise on the blacklist of work safety."""
    attributes: dict[str, Any] = {
        "entry_id": number,
        "list_key": BLACKLIST,
        "subject_id": 1000 + number,
        "person": False,
        "credit_code": f"9111010{number:011}",
        "name": f"企业{number}",
        "identity_mask": "",
        "division": 110105,
        "authority": "样例应急管理局",
        "document_number": f"样例〔2025〕{number}号",
        "decision_date": date(2025, 5, 20),
        "start_date": date(2025, 6, 1),
        "end_date": date(2028, 6, 1),
        "rule_ids": ("B-1",),
        "cause": "发生生产安全事故",
        "basis": "样例办法第六条",
        "measures": ("M-1", "M-2"),
        "policy_id": "cn.test.blacklist",
        "policy_version": "one",
        "policy_digest": "0" * 64,
    }
    return ListEntry(**{**attributes, **given})


def removal(number: int, **given: Any) -> EntryRemoval:  # noqa: ANN401 -- any attribute.
    """Make the removal of an entry from the blacklist of work safety, at its end."""
    attributes: dict[str, Any] = {
        "entry_id": number,
        "list_key": BLACKLIST,
        "reason": RemovalReason.EXPIRED,
        "document_number": "",
        "removal_date": date(2025, 6, 1),
    }
    return EntryRemoval(**{**attributes, **given})
