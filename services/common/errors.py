"""Errors that carry a reason, a category and facts; the standard library only.

Domain code, commands and stores raise subclasses of `SafetyCreditError`. None of
them knows gRPC: ``services.common.status`` maps each category to a status code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Category(Enum):
    """What a caller can do about an error; decides the gRPC status code."""

    INVALID = "invalid"
    """The request is wrong in itself; sending it again cannot help."""

    NOT_FOUND = "not_found"
    """Something that the request names does not exist."""

    CONFLICT = "conflict"
    """Something with the same key exists already and differs."""

    PRECONDITION = "precondition"
    """The store is not in the state that the request needs."""

    DENIED = "denied"
    """The caller is known and may not do this."""

    UNAUTHENTICATED = "unauthenticated"
    """The caller did not say, or could not prove, who it is."""

    OUT_OF_RANGE = "out_of_range"
    """The request asks for something beyond the ends of what there is."""

    EXHAUSTED = "exhausted"
    """A named limit was reached."""

    UNAVAILABLE = "unavailable"
    """The same request may succeed after a short wait."""

    ABORTED = "aborted"
    """A concurrent change got in the way; start again from a fresh read."""

    LOST = "lost"
    """What the store kept has been damaged; its operator must mend it."""

    DEADLINE = "deadline"
    """The time that the caller gave ran out; nothing was written."""


class SafetyCreditError(Exception):
    """A refusal with a stable reason; the base of every error that is meant.

    Subclasses set ``reason`` (UPPER_SNAKE, never changed once published) and
    ``category``. The message is lower case, says what to do and has no final
    period; every dynamic part of it is also a fact.

    Attributes:
        message: What went wrong and what to do about it.
        facts: Every dynamic part of the message, as text, by name.
    """

    reason: ClassVar[str]
    category: ClassVar[Category]

    def __init__(self, message: str, **facts: object) -> None:
        """Keep the message, and the facts as text.

        Args:
            message: Lower case, actionable, without a final period.
            facts: Identifiers and values that the message speaks of; never
                personal data.
        """
        super().__init__(message)
        self.message = message
        self.facts: dict[str, str] = {name: str(fact) for name, fact in facts.items()}


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One rule that one field of a request breaks.

    Attributes:
        field: Path of the field as in the proto, ``records[3].fine_fen``.
        reason: Stable UPPER_SNAKE word for the rule, ``FINE_BELOW_ZERO``.
        message: What is wrong and what would be right.
    """

    field: str
    reason: str
    message: str


class InvalidInputError(SafetyCreditError):
    """A request breaks one or more rules; carries every violation at once."""

    reason = "INVALID_INPUT"
    category = Category.INVALID

    def __init__(self, violations: Iterable[FieldViolation], **facts: object) -> None:
        """Sum the violations up in the message.

        Args:
            violations: At least one, in the order of the request's fields.
            facts: As for every `SafetyCreditError`.
        """
        self.violations: tuple[FieldViolation, ...] = tuple(violations)
        assert self.violations, "an invalid input breaks at least one rule"
        super().__init__(
            "; ".join(f"{one.field}: {one.message}" for one in self.violations),
            **facts,
        )
