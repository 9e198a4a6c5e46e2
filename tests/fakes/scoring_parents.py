"""What a record says of the one that it follows, read off the plain model."""

from collections.abc import Mapping
from typing import Any

FOLLOWS: Mapping[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "rectification": (
        ("target_", "target_record_id", "violation", ("event_date", "severity")),
        ("target_", "target_record_id", "hazard", ("event_date", "level", "due_date")),
    ),
    "penalty": (
        ("violation_", "violation_record_id", "violation", ("severity",)),
        (
            "accident_",
            "accident_record_id",
            "accident",
            (
                "level",
                "liability",
                "responsibility",
                "responsibility_share_bp",
                "deaths",
                "reporting",
                "misconduct",
                "event_date",
                "field",
            ),
        ),
    ),
}
"""By kind: prefix of the names, where the other's number is, its kind, what is taken of it."""

_OF_EVERY_KIND = ("event_date", "field")


def with_parents(values: Mapping[str, Any], current: Mapping[int, Any]) -> dict[str, Any]:
    """Add to a record's values those of the records it follows.

    Args:
        values: What the record says.
        current: What every record that is visible says, by its number.
    """
    found = dict(values)
    for prefix, key, kind, names in FOLLOWS.get(values["kind"], ()):
        parent = current.get(values.get(key) or 0)
        if parent and (parent["kind"], parent["subject"]) == (kind, values["subject"]):
            found |= {f"{prefix}{name}": parent.get(name) for name in names}
        elif parent and parent["subject"] == values["subject"]:
            # Whatever kind the other is of, it has these.
            found |= {f"{prefix}{name}": parent[name] for name in names if name in _OF_EVERY_KIND}
    return found
