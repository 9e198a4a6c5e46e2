"""Where facts are looked at from, on both axes of time."""

from dataclasses import dataclass
from datetime import date
from typing import Final

AS_OF_MIN: Final = date(1949, 10, 1)
"""House limit: no law that a policy could express is older."""

AS_OF_MAX: Final = date(2999, 12, 31)
"""House limit: far enough ahead for every period, and short of the calendar's end."""


def answerable(day: date) -> bool:
    """Say whether questions may be asked about a day."""
    return AS_OF_MIN <= day <= AS_OF_MAX


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A place on both axes of time.

    Attributes:
        revision: What this write, and every one before it, had recorded is known.
        as_of: Civil day (Asia/Shanghai) asked about.
    """

    revision: int
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFilter:
    """Which enterprises are wanted, by what is true of them on the day.

    Attributes:
        division: Division with all below it, six digits; empty for any.
        industry: Industry with all below it, a letter and digits; empty for any.
        field: Number of a field of supervision; 0 for any.
    """

    division: str = ""
    industry: str = ""
    field: int = 0

    @property
    def narrows(self) -> bool:
        """Say whether any enterprise may be left out."""
        return bool(self.division or self.industry or self.field)
