"""Where a subject stands with a blacklist (联合惩戒) or a redlist (联合激励)."""

from enum import IntEnum


class Standing(IntEnum):
    """Where a subject stands with a list; the numbers are those of the wire."""

    NOT_LISTED = 1
    """No circumstance of the list is met."""

    CANDIDATE = 2
    """A circumstance is met by the facts; nothing is decided."""

    LISTED = 3
    """A written decision in force lists the subject."""

    NO_DATA = 4
    """The policy cannot tell for want of data."""

    NOT_APPLICABLE = 5
    """The list does not apply to the subject."""
