"""How a subject is named, and what its name leads to."""

from dataclasses import dataclass
from datetime import date

from services.credit.domain.enterprise import Version, version_on
from services.credit.domain.identifiers import ENTERPRISE, PERSON, name_of


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A unified social credit code, checked and in upper case (GB 32100-2015)."""

    value: str


@dataclass(frozen=True, slots=True)
class LocalIdentity:
    """An identity of an enterprise without a credit code, in a scheme of its own."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class EnterpriseId:
    """The identifier that an enterprise got when it was registered."""

    value: int


@dataclass(frozen=True, slots=True)
class PersonId:
    """The identifier that a person got when registered."""

    value: int


Identity = CreditCode | LocalIdentity
"""What an enterprise is known by outside the system."""

EnterpriseRef = Identity | EnterpriseId
"""Every way to name an enterprise."""

SubjectRef = EnterpriseRef | PersonId
"""Every way to name a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject as far as recording facts about it needs.

    Attributes:
        subject_id: Number of the enterprise or person.
        person: Whether it is a person.
        versions: Current periods of an enterprise, oldest first; empty for a person.
        role_divisions: Divisions of the enterprises in which a person has or had a role.
    """

    subject_id: int
    person: bool = False
    versions: tuple[Version, ...] = ()
    role_divisions: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """Give the identifier, for example ``e-100001``."""
        return name_of(PERSON if self.person else ENTERPRISE, self.subject_id)

    def division_on(self, day: date) -> int | None:
        """Give an enterprise's division on a day, of its first period before that."""
        if not self.versions:
            return None
        version = version_on(self.versions, day) or self.versions[0]
        return version.profile.division
