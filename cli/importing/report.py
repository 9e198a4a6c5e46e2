"""What became of the rows of an import: counts, and the refused ones one by one."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cli.errors import CliError
from cli.importing.stream import RowOutcome
from safetycredit.credit.v1.credit_service_pb2 import ImportRowResult

COLUMNS: Final = ("row_number", "outcome", "reason", "message", "fields", "document_number")
"""Header of a report."""

EXAMPLES_MAX: Final = 3
"""House decision: refused rows of each reason that a summary shows."""

_OUTCOMES: Final[dict[int, str]] = {
    ImportRowResult.OUTCOME_UNSPECIFIED: "skipped",
    ImportRowResult.OUTCOME_STORED: "stored",
    ImportRowResult.OUTCOME_UNCHANGED: "unchanged",
    ImportRowResult.OUTCOME_REFUSED: "refused",
}


class ReportUnwritableError(CliError):
    """The report cannot be written where it was asked for."""

    reason = "REPORT_UNWRITABLE"


class _Lines(Protocol):
    def writerow(self, row: Iterable[object], /) -> object: ...


@dataclass(slots=True)
class Tally:
    """Counts of an import so far.

    Attributes:
        stored: Rows that are new in the store.
        unchanged: Rows that had been stored before, with the same body.
        refused: Refused rows by reason.
        skipped: Rows that the mapping leaves out, by reason.
        examples: The first refused rows of each reason.
        last_row_number: The last row with an outcome.
    """

    stored: int = 0
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[RowOutcome]] = field(default_factory=dict)
    last_row_number: int = 0

    @property
    def rows(self) -> int:
        """Count all rows with an outcome."""
        return self.stored + self.unchanged + self.refused.total() + self.skipped.total()

    def add(self, outcome: RowOutcome) -> None:
        """Count one row."""
        self.last_row_number = outcome.row_number
        if outcome.outcome == ImportRowResult.OUTCOME_STORED:
            self.stored += 1
        elif outcome.outcome == ImportRowResult.OUTCOME_UNCHANGED:
            self.unchanged += 1
        elif outcome.outcome == ImportRowResult.OUTCOME_REFUSED:
            self.refused[outcome.reason] += 1
            examples = self.examples.setdefault(outcome.reason, [])
            if len(examples) < EXAMPLES_MAX:
                examples.append(outcome)
        else:
            self.skipped[outcome.reason] += 1


class Report:
    """Writes the rows that were refused or left out, in the order of the file."""

    def __init__(self, lines: _Lines | None) -> None:
        """Write to a CSV writer, or nowhere."""
        self._lines = lines
        if lines is not None:
            lines.writerow(COLUMNS)

    def add(self, outcome: RowOutcome) -> None:
        """Write one row's outcome unless it went well."""
        if self._lines is None or not outcome.reason:
            return
        self._lines.writerow(
            (
                outcome.row_number,
                _OUTCOMES[outcome.outcome],
                outcome.reason,
                outcome.message,
                " ".join(outcome.fields),
                outcome.document_number,
            )
        )


@contextmanager
def open_report(path: Path | None) -> Iterator[Report]:
    """Open a report for writing; none of it is written without a path.

    Raises:
        ReportUnwritableError: The file cannot be made.
    """
    if path is None:
        yield Report(None)
        return
    try:
        # With the mark that makes spreadsheets read UTF-8.
        file = path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
    except OSError as error:
        raise ReportUnwritableError(
            f"the report {path} cannot be written: {error.strerror or error}"
        ) from error
    with file:
        yield Report(csv.writer(file))
