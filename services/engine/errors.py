"""What can be wrong with a policy, and with a question put to a plan."""

from dataclasses import dataclass
from typing import Self

from services.common.errors import Category, SafetyCreditError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a policy file, and where.

    Attributes:
        file: Name of the file, as given to the reader.
        line: Line, from 1.
        column: Column, from 1.
        code: Stable name of the check, lower-case words joined by hyphens.
        message: What is wrong and what would be right.
        warning: Whether the file may be used all the same.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """Give the problem as ``file:line:column: code: message``."""
        word = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {word}{self.code}: {self.message}"


class FilePlace(tuple[int, int]):  # noqa: SLOT001 -- a tuple's subclass has no slots of its own.
    """Line and column that know their file: parts of a version may come from several files.

    Attributes:
        file: Name of the file, as given to the reader.
    """

    file: str

    def __new__(cls, line: int, column: int, file: str) -> Self:
        """Make a place."""
        place = super().__new__(cls, (line, column))
        place.file = file
        return place

    def __getnewargs__(self) -> tuple[int, int, str]:
        """Give what makes an equal one, for copies."""
        return (*self, self.file)


def problem_at(file: str, place: tuple[int, int], code: str, message: str) -> Problem:
    """Give a problem at a place, in the file of the place where it knows one.

    Args:
        file: Name of the file of a place that knows none.
        place: Line and column.
        code: Stable name of the check.
        message: What is wrong and what would be right.
    """
    if isinstance(place, FilePlace):
        file = place.file
    return Problem(file, place[0], place[1], code, message)


class PolicyRefusedError(SafetyCreditError):
    """A policy file has problems and cannot be used; carries every problem at once."""

    reason = "POLICY_REFUSED"
    category = Category.INVALID

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems in order of place."""
        assert problems, "a refused policy has at least one problem"
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PolicyUnusableError(SafetyCreditError):
    """What was published cannot be evaluated by this program; other policies can."""

    reason = "POLICY_UNUSABLE"
    category = Category.PRECONDITION

    @classmethod
    def of(cls, policy_id: str, version: str, fault: str) -> "PolicyUnusableError":
        """Name the version, and what keeps it from being evaluated."""
        return cls(
            f"{policy_id} {version} was published, and this program cannot evaluate it: {fault};"
            " serve it by the program that published it",
            policy_id=policy_id,
            version=version,
        )


class InputMissingError(SafetyCreditError):
    """A plan needs an input that the question did not bring."""

    reason = "INPUT_MISSING"
    category = Category.INVALID


class NumberTooLargeError(SafetyCreditError):
    """A calculation left the range of 64-bit whole numbers."""

    reason = "NUMBER_TOO_LARGE"
    category = Category.OUT_OF_RANGE
