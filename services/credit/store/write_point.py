"""What the parts of a write transaction need of the whole."""

from typing import Protocol


class WritePoint(Protocol):
    """Gives the revision and identifiers of a write transaction."""

    @property
    def revision(self) -> int:
        """Give the revision that every row carries."""
        ...

    def new_id(self) -> int:
        """Take an identifier."""
        ...
