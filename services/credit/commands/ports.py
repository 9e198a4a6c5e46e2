"""What the commands need of the world, and the errors that it may answer with.

Everything that is read is read at a revision: what that write, and every write before it, had
recorded. Look-ups take many keys at once, because an import asks for hundreds.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.credit.domain.codes import AccidentLevel, Field, RecordKind
from services.credit.domain.enterprise import Period, Succession, Version
from services.credit.domain.group import Membership
from services.credit.domain.person import Person, Role
from services.credit.domain.record import BusinessKey, Edition
from services.credit.domain.subject import EnterpriseRef, Identity, PersonId

SortKey = tuple[date | int, ...]
"""Sort key of a row of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFile:
    """Everything recorded about one enterprise.

    Attributes:
        enterprise_id: Number of the enterprise.
        identity: What it is known by outside the system.
        versions: Its periods in the order in which they were recorded.
        successions: Mergers and splits in which it took part, oldest first.
        memberships: Groups that it belongs to and members that belong to it, then or once, oldest
            first; none where they were not asked for.
    """

    enterprise_id: int
    identity: Identity
    versions: tuple[Version, ...]
    successions: tuple[Succession, ...] = ()
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFilter:
    """Which enterprises are searched; what is none does not narrow.

    Attributes:
        name_contains: Part of a present or past name; ASCII letters in either case.
        credit_code: Credit code, whole.
        divisions: Range of division numbers, the second excluded.
        industry_prefix: Beginning of the industry.
        field: Field of supervision.
    """

    name_contains: str = ""
    credit_code: str = ""
    divisions: range | None = None
    industry_prefix: str = ""
    field: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records are listed; what is none or empty does not narrow.

    Attributes:
        subject_id: Number of the subject.
        kinds: Kinds.
        field: Field.
        authority: Name of the issuing authority, whole.
        document_number: Document number, whole.
        event_start_date: First event date.
        event_end_date: Day after the last event date.
    """

    subject_id: int | None = None
    kinds: frozenset[RecordKind] = frozenset()
    field: Field | None = None
    authority: str = ""
    document_number: str = ""
    event_start_date: date | None = None
    event_end_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which rows of a filtered list are wanted, and as known and holding when.

    Attributes:
        revision: What had been recorded by then.
        as_of: Day that the list is for.
        after: Sort key of the row before the first; empty from the beginning.
        limit: Rows at most.
    """

    revision: int
    as_of: date
    after: SortKey = ()
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary:
    """The latest edition of a record, as far as other records that name it need.

    Attributes:
        kind: Kind of the record.
        subject_id: Number of its subject.
        revoked: Whether it was revoked.
        authority: Authority that issued its document.
    """

    kind: RecordKind
    subject_id: int
    revoked: bool
    authority: str


class EnterpriseReads(Protocol):
    """Reads enterprises."""

    def resolve(
        self, refs: Collection[EnterpriseRef], *, revision: int
    ) -> Mapping[EnterpriseRef, int]:
        """Find the enterprises that references name; unknown ones are left out."""
        ...

    def files(
        self, enterprise_ids: Collection[int], *, revision: int, superseded: bool = False
    ) -> Mapping[int, EnterpriseFile]:
        """Give the files of enterprises.

        Args:
            enterprise_ids: Enterprises; unknown ones are left out.
            revision: What had been recorded by then.
            superseded: Whether to give periods that had been replaced by then too.
        """
        ...

    def versions(
        self, enterprise_ids: Collection[int], *, revision: int
    ) -> Mapping[int, tuple[Version, ...]]:
        """Give the periods that were current, oldest first, without the rest of the file."""
        ...

    def search(self, wanted: EnterpriseFilter, part: Slice) -> Sequence[int]:
        """List enterprises that had a period on the day, by ascending number.

        ``part.after`` is the number of the enterprise before the first.
        """
        ...


class PersonReads(Protocol):
    """Reads persons and their roles."""

    def resolve(self, refs: Collection[PersonId], *, revision: int) -> Collection[PersonId]:
        """Give those of the references that name a known person."""
        ...

    def person(self, person_id: int, *, revision: int) -> Person | None:
        """Give a person with the current roles, by start date and identifier."""
        ...

    def by_lookup(self, lookup: str) -> Person | None:
        """Find the person of an identity number, by its keyed digest."""
        ...

    def role(self, role_id: int, *, revision: int) -> Role | None:
        """Give the current row of a role."""
        ...

    def role_divisions(
        self, person_ids: Collection[int], *, revision: int
    ) -> Mapping[int, frozenset[int]]:
        """Give the divisions of the enterprises in which persons have or had roles."""
        ...

    def names_around(
        self, *, persons: Collection[int], enterprises: Collection[int], revision: int
    ) -> Mapping[int, frozenset[str]]:
        """Give who stands around subjects, by name.

        Of an enterprise, everybody who has or had a role in it; of a person, itself and everybody
        who has or had one where it has or had one.
        """
        ...


class GroupReads(Protocol):
    """Reads memberships in enterprise groups."""

    def around(self, enterprise_id: int, *, revision: int) -> Sequence[Membership]:
        """Give the current memberships of an enterprise, as a member and as a group.

        Ended ones are among them; by first day and identifier.
        """
        ...

    def membership(self, membership_id: int, *, revision: int) -> Membership | None:
        """Give the current row of a membership."""
        ...


class SubjectFacts(Protocol):
    """Who subjects are, within a snapshot or a write."""

    @property
    def point(self) -> StorePoint:
        """Say where it stands."""
        ...

    @property
    def enterprises(self) -> EnterpriseReads:
        """Read enterprises."""
        ...

    @property
    def persons(self) -> PersonReads:
        """Read persons."""
        ...


class RecordReads(Protocol):
    """Reads records."""

    def editions(self, record_id: int, *, revision: int) -> Sequence[Edition]:
        """Give the editions of a record, oldest first; none if it is unknown."""
        ...

    def by_keys(self, keys: Collection[BusinessKey]) -> Mapping[BusinessKey, Sequence[Edition]]:
        """Give the editions of the records with business keys, oldest first."""
        ...

    def summaries(self, record_ids: Collection[int]) -> Mapping[int, RecordSummary]:
        """Give the latest editions of records; unknown ones are left out."""
        ...

    def page(self, wanted: RecordFilter, part: Slice) -> Sequence[Edition]:
        """List current editions by event date and record identifier.

        ``part.after`` is the event date and the number of the record before the first.
        """
        ...


class EnterpriseWrites(EnterpriseReads, Protocol):
    """Reads and writes enterprises."""

    def register(self, newcomers: Sequence[EnterpriseFile]) -> None:
        """Store new enterprises, each with its first version."""
        ...

    def rewrite(
        self, enterprise_id: int, *, superseded_row_ids: Sequence[int], periods: Sequence[Period]
    ) -> None:
        """Replace current rows by others."""
        ...

    def add_successions(self, successions: Sequence[Succession]) -> None:
        """Store mergers and splits."""
        ...


class GroupWrites(GroupReads, Protocol):
    """Reads and writes memberships in enterprise groups."""

    def add(self, membership: Membership, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a membership, in place of another where one is named."""
        ...


class PersonWrites(PersonReads, Protocol):
    """Reads and writes persons and roles."""

    def register(self, person: Person, *, lookup: str) -> None:
        """Store a new person."""
        ...

    def add_role(self, role: Role, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a role, in place of another where one is named."""
        ...


class RecordWrites(RecordReads, Protocol):
    """Reads and writes records."""

    def add(self, editions: Sequence[Edition]) -> None:
        """Store editions of any kinds."""
        ...

    def supersede(self, edition: Edition) -> None:
        """Store how an edition ceased to be current; it is read from ``superseded``."""
        ...


class Reading(Protocol):
    """A consistent snapshot."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant.

        Raises:
            SafetyCreditError: The instant lies in the future, or before the first write.
        """
        ...

    @property
    def enterprises(self) -> EnterpriseReads:
        """Read enterprises."""
        ...

    @property
    def persons(self) -> PersonReads:
        """Read persons."""
        ...

    @property
    def groups(self) -> GroupReads:
        """Read memberships."""
        ...

    @property
    def records(self) -> RecordReads:
        """Read records."""
        ...


class Writing(Protocol):
    """A write transaction that has the store to itself; undone unless committed."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand once this is committed."""
        ...

    @property
    def enterprises(self) -> EnterpriseWrites:
        """Read and write enterprises."""
        ...

    @property
    def persons(self) -> PersonWrites:
        """Read and write persons."""
        ...

    @property
    def groups(self) -> GroupWrites:
        """Read and write memberships."""
        ...

    @property
    def records(self) -> RecordWrites:
        """Read and write records."""
        ...

    def new_id(self) -> int:
        """Take an identifier: unique in the store, ascending in time."""
        ...

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request; nothing if it is new.

        Raises:
            SafetyCreditError: The identifier stands for another request already.
        """
        ...

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        ...

    def commit(self) -> None:
        """Make everything durable.

        Raises:
            SafetyCreditError: The deadline has passed; nothing was written.
        """
        ...


class Store(Protocol):
    """The store of facts."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[Reading]:
        """Open a snapshot.

        Raises:
            SafetyCreditError: This replica has not reached the token in time.
        """
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[Writing]:
        """Begin a write, kept with its caller and method."""
        ...


class AccidentLevels(Protocol):
    """Derives the level of an accident from the law in force on its day."""

    def level(
        self, deaths: int, serious_injuries: int, *, direct_loss_fen: int, event_date: date
    ) -> AccidentLevel:
        """Derive the level (国务院令第493号 art. 3).

        Raises:
            AccidentLevelUndefinedError: No policy was in force on the day.
        """
        ...


class AccidentLevelLaw(Protocol):
    """Knows what defines the levels of accidents, whatever is published."""

    def at(self, revision: int) -> AccidentLevels:
        """Give what was published up to a revision: one committed, or a write's own."""
        ...


class Codes(Protocol):
    """Knows the open sets of codes, which grow without a release."""

    def violation_number(self, code: str) -> int | None:
        """Give the number of a violation code; nothing if there is none."""
        ...

    def violation_code(self, number: int) -> str:
        """Give the violation code of a number that was stored."""
        ...


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """An identity number as it is stored.

    Attributes:
        cipher: Encrypted; another one each time.
        lookup: Keyed digest, equal for equal numbers.
    """

    cipher: bytes
    lookup: str


class IdentityVault(Protocol):
    """Encrypts identity numbers, so that the store alone reveals none."""

    def seal(self, identity_number: str) -> SealedNumber:
        """Encrypt a number."""
        ...

    def open(self, cipher: bytes) -> str:
        """Decrypt a number.

        Raises:
            IdentityNumberUnreadableError: It was encrypted with another key.
        """
        ...

    def digest(self, body: bytes) -> bytes:
        """Digest a request that holds a number, so that guessing numbers is of no use."""
        ...
