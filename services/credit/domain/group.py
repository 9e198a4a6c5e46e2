"""Enterprise groups (企业集团): which enterprises belong to which, and when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from services.credit.domain.identifiers import MEMBERSHIP, name_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An enterprise belongs to a group on ``[start_date, end_date)``.

    Attributes:
        row_id: Identifier of the row; a membership that was ended has several.
        membership_id: Identifier of the membership.
        group_id: The enterprise that heads the group.
        member_id: The enterprise that belongs to it.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
        document_number: Document that the row rests on: of the beginning, or of the end.
        authority: Who issued or registered that document.
    """

    row_id: int
    membership_id: int
    group_id: int
    member_id: int
    start_date: date
    end_date: date | None = None
    document_number: str
    authority: str

    @property
    def name(self) -> str:
        """Give the identifier, for example ``g-100001``."""
        return name_of(MEMBERSHIP, self.membership_id)

    def ended_by(self, day: date) -> bool:
        """Say whether the membership is over on a day."""
        return self.end_date is not None and self.end_date <= day


def overlapping_membership(
    memberships: Iterable[Membership], wanted: Membership
) -> Membership | None:
    """Find another membership of the same enterprise in the same group that overlaps."""
    return next(
        (
            one
            for one in memberships
            if one.membership_id != wanted.membership_id
            and (one.group_id, one.member_id) == (wanted.group_id, wanted.member_id)
            and _common(one, (wanted.start_date, _end(wanted))) is not None
        ),
        None,
    )


def closes_circle(
    wanted: Membership, members_of: Callable[[int], Iterable[Membership]]
) -> Membership | None:
    """Find the membership by which a group would belong to its own member on some day.

    Args:
        wanted: The membership that is to be.
        members_of: Gives the memberships in a group.
    """
    reached = [(wanted.member_id, (wanted.start_date, _end(wanted)))]
    for group_id, days in reached:
        for one in members_of(group_id):
            common = _common(one, days)
            if common is None or one.membership_id == wanted.membership_id:
                continue
            if one.member_id == wanted.group_id:
                return one
            if (one.member_id, common) not in reached:
                reached.append((one.member_id, common))
    return None


# Private functions -----------------------------------------------------------

_Days = tuple[date, date]
"""First day, and the day after the last."""


def _end(one: Membership) -> date:
    return one.end_date or date.max


def _common(one: Membership, days: _Days) -> _Days | None:
    """Give the days on which a membership runs among others; none if there are none."""
    first, end = max(one.start_date, days[0]), min(_end(one), days[1])
    return (first, end) if first < end else None
