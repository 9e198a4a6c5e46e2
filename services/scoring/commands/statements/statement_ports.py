"""What the commands about credit statements need of the world."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.lists.list_case_ports import PersonReads
from services.scoring.commands.ports import Reading, SubjectReads
from services.scoring.domain.statement import IssuedStatement


class PublicKey(Protocol):
    """A public key that verifies statements."""

    @property
    def key_id(self) -> str:
        """Give its identifier."""
        ...

    @property
    def public_key(self) -> str:
        """Give the key itself, in base64url."""
        ...

    @property
    def create_time(self) -> datetime:
        """Say when it was made."""
        ...

    @property
    def retire_time(self) -> datetime | None:
        """Say from when it signs no more; none for the present key."""
        ...


class SignedText(Protocol):
    """A text that was signed."""

    @property
    def key(self) -> PublicKey:
        """Give the key that signed it."""
        ...

    @property
    def text(self) -> str:
        """Give the text with its signature."""
        ...


class Signer(Protocol):
    """Signs statements."""

    def sign(self, payload: bytes) -> SignedText:
        """Sign with the present key."""
        ...

    def public(self) -> Sequence[PublicKey]:
        """Give the public keys at hand, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key as kept; implements `PublicKey`."""

    key_id: str
    public_key: str
    create_time: datetime
    retire_time: datetime | None = None


class StatementReads(Protocol):
    """Reads statements."""

    def find(self, statement_id: str) -> IssuedStatement | None:
        """Give a statement; none if there is none."""
        ...

    def known_keys(self) -> Sequence[KnownKey]:
        """Give the public keys that signed statements, oldest first."""
        ...


class StatementReading(Reading, Protocol):
    """A consistent snapshot that has statements too."""

    @property
    def statements(self) -> StatementReads:
        """Read statements."""
        ...

    @property
    def persons(self) -> PersonReads:
        """Read persons, and who has a role where."""
        ...


class StatementWrites(StatementReads, Protocol):
    """Writes statements."""

    def add(self, statement: IssuedStatement, key: PublicKey) -> None:
        """Keep a statement, and its key if it is new."""
        ...

    def withdraw(self, statement_id: str, *, reason: str, withdraw_time: datetime) -> None:
        """Note that a statement is withdrawn."""
        ...


class StatementWriting(OnceWriting, Protocol):
    """A write transaction."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand."""
        ...

    @property
    def statements(self) -> StatementWrites:
        """Write statements."""
        ...

    @property
    def subjects(self) -> SubjectReads:
        """Find subjects."""
        ...

    @property
    def persons(self) -> PersonReads:
        """Read persons, and who has a role where."""
        ...


class StatementStore(Protocol):
    """The store, as the commands about statements read and write it."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(
        self, *, at_least: StoreToken | None = None
    ) -> AbstractContextManager[StatementReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[StatementWriting]:
        """Begin a write."""
        ...
