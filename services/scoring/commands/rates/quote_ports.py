"""What the commands about quotes need of the world."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.ports import Reading
from services.scoring.domain.quote import ChargedPolicy, Quote


class QuoteReads(Protocol):
    """Reads quotes as known at a revision."""

    def find(self, quote_id: int, revision: int) -> Quote | None:
        """Give a quote; none if there was none."""
        ...

    def bound(
        self, policies: Collection[tuple[str, str]], revision: int
    ) -> Mapping[tuple[str, str], Quote]:
        """Give the quotes confirmed with numbers of policies, by insurer and number."""
        ...


class ChargedReads(Protocol):
    """Reads what was charged, in the records of insurance policies."""

    def page(
        self,
        *,
        after: int,
        limit: int,
        revision: int,
        insurer: str,
        cover: tuple[date | None, date | None],
    ) -> list[ChargedPolicy]:
        """Give insurance policies in order of their records.

        Args:
            after: Record before the first.
            limit: Policies at most.
            revision: What is known.
            insurer: Only this insurer's; empty for all.
            cover: First day of cover, and the day after the last first day; none for any.
        """
        ...


class QuoteReading(Reading, Protocol):
    """A consistent snapshot that has quotes and insurance policies too."""

    @property
    def quotes(self) -> QuoteReads:
        """Read quotes."""
        ...

    @property
    def charged(self) -> ChargedReads:
        """Read what was charged."""
        ...


class QuoteWrites(QuoteReads, Protocol):
    """Writes quotes."""

    def add(self, quote: Quote) -> None:
        """Keep a quote."""
        ...

    def confirm(self, quote_id: int, *, insurer: str, policy_number: str) -> None:
        """Note the policy bound on a quote."""
        ...


class QuoteWriting(OnceWriting, Protocol):
    """A write transaction."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand."""
        ...

    @property
    def quotes(self) -> QuoteWrites:
        """Write quotes."""
        ...

    def new_id(self) -> int:
        """Take an identifier."""
        ...


class QuoteStore(Protocol):
    """The store, as the commands about quotes read and write it."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[QuoteReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[QuoteWriting]:
        """Begin a write."""
        ...
