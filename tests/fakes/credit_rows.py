"""Rows of a store in memory, which know of the axis of knowledge."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Row(Generic[Fact]):
    """A fact on the axis of knowledge, from one revision until another."""

    fact: Fact
    recorded: int
    superseded: int | None = None

    def visible(self, revision: int) -> bool:
        """Say whether the fact was current at a revision."""
        return self.recorded <= revision and (self.superseded is None or self.superseded > revision)
