"""Responsible persons, their roles, and what of them may be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.credit.domain.codes import RoleKind
from services.credit.domain.identifiers import ROLE, name_of

NAME_CHARACTERS_MAX: Final = 100

_SHOWN_FIRST: Final = 6
_SHOWN_LAST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A person's role in an enterprise on ``[start_date, end_date)``.

    Attributes:
        row_id: Identifier of the row; a role that was ended has several.
        role_id: Identifier of the role.
        person_id: The person.
        enterprise_id: The enterprise.
        kind: What the person is there.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
    """

    row_id: int
    role_id: int
    person_id: int
    enterprise_id: int
    kind: RoleKind
    start_date: date
    end_date: date | None = None

    @property
    def name(self) -> str:
        """Give the identifier, for example ``o-100001``."""
        return name_of(ROLE, self.role_id)

    def ended_by(self, day: date) -> bool:
        """Say whether the role is over on a day."""
        return self.end_date is not None and self.end_date <= day


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """A responsible person; never printed, because names and numbers are personal data.

    Attributes:
        person_id: Identifier.
        name: Name in full.
        identity_cipher: Identity number, encrypted.
        roles: Roles, oldest first.
    """

    person_id: int
    name: str
    identity_cipher: bytes
    roles: tuple[Role, ...] = ()


def overlapping_role(roles: Iterable[Role], wanted: Role) -> Role | None:
    """Find another role of the same kind in the same enterprise that overlaps."""
    return next(
        (
            one
            for one in roles
            if one.role_id != wanted.role_id
            and (one.enterprise_id, one.kind) == (wanted.enterprise_id, wanted.kind)
            and _overlap(one, wanted)
        ),
        None,
    )


def masked_name(name: str) -> str:
    """Show the first character of a name and hide that there is more."""
    return f"{name[:1]}＊"


def masked_identity_number(identity_number: str) -> str:
    """Show the first six and the last four characters of an identity number.

    Source:
        House decision: division and check show that a number is there, the birth date and the
        order code stay hidden.
    """
    hidden = len(identity_number) - _SHOWN_FIRST - _SHOWN_LAST
    return f"{identity_number[:_SHOWN_FIRST]}{'*' * hidden}{identity_number[-_SHOWN_LAST:]}"


# Private functions -----------------------------------------------------------


def _overlap(first: Role, second: Role) -> bool:
    return first.start_date < (second.end_date or date.max) and second.start_date < (
        first.end_date or date.max
    )
