"""Who owes work-safety liability insurance, what is wrong with a cover, how an evaluation stands.

The numbers are those of the wire, of the tables and of ``policies/vocabulary.yaml``.
"""

from datetime import date
from enum import IntEnum

from services.common.errors import Category, SafetyCreditError


class ObligationClass(IntEnum):
    """What an enterprise owes (投保义务类别)."""

    UNDECIDED = 0
    """The policy cannot tell for want of data."""

    COMPULSORY = 1
    """强制投保: it must insure."""

    KEY = 2
    """重点推动: it is to insure before others."""

    ENCOURAGED = 3
    """鼓励投保."""

    NONE = 4
    """Nothing is owed: it has ended, or no policy applies to it."""


class Activity(IntEnum):
    """What an enterprise declares that it does; bit n of ``activities`` for number n."""

    HAZARDOUS_CHEMICALS = 1
    LARGE_EVENTS = 2
    CROWDED_PLACE = 3


class FindingKind(IntEnum):
    """What is wrong with the cover of an enterprise; the duties of policies/cn/insurance-cover."""

    UNINSURED = 1
    """应投未投."""

    NOT_ALL_EMPLOYEES = 2
    """未全员."""

    UNDERINSURED = 3
    """未足额."""

    LIMIT_BELOW_FLOOR = 4
    """A limit per person under the floor of the cover's first day."""

    LAPSED = 5
    """脱保."""

    TWO_PLANS = 6
    """Covers under different rate plans at once."""


WORK_SAFETY_LIABILITY = 1
"""Number of the kind of insurance that fulfils the obligation."""


class IndustryUnknownError(SafetyCreditError):
    """Nobody can say what an enterprise owes whose industry is not known."""

    reason = "INDUSTRY_UNKNOWN"
    category = Category.PRECONDITION


class ObligationUndecidedError(SafetyCreditError):
    """The policy lacks data of the enterprise."""

    reason = "OBLIGATION_UNDECIDED"
    category = Category.PRECONDITION


def months_between(first: date, last: date) -> list[date]:
    """Give the first days of the months from that of a day to that of another, both included."""
    start, end = (day.year * 12 + day.month - 1 for day in (first, last))
    return [date(number // 12, number % 12 + 1, 1) for number in range(start, end + 1)]
