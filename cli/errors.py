"""Errors of the command line itself; those of the services come over the wire."""

from typing import ClassVar

from services.common.errors import Category, SafetyCreditError

EXIT_UNFINISHED = 1
"""Exit code: the command could not do, or not finish, what it was asked."""

EXIT_ROWS_REFUSED = 3
"""Exit code: an import finished, and rows were refused."""

EXIT_REFUSED = 4
"""Exit code: the service refused."""


class CliError(SafetyCreditError):
    """Something that the person at the keyboard can mend.

    Attributes:
        advice: What to do about it, sentences for people; empty for none.
        exit_code: What the process ends with.
    """

    category: ClassVar[Category] = Category.INVALID
    exit_code: ClassVar[int] = EXIT_UNFINISHED

    def __init__(self, message: str, *, advice: str = "", **facts: object) -> None:
        """Keep the advice beside what every error carries."""
        super().__init__(message, **facts)
        self.advice = advice
