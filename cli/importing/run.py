"""A whole import: a file, a mapping, a stream, a report."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cli.importing.columns import Columns
from cli.importing.converter import Converter, Refusal
from cli.importing.mapping_files import MappingFile
from cli.importing.report import Report, Tally
from cli.importing.sources import Source, SourceRow, open_source
from cli.importing.stream import ImportStream
from safetycredit.credit.v1.credit_service_pb2 import ImportRow

Progress = Callable[[Tally, float | None], None]
"""Told the counts and the part of the file read, 0 to 1, after every batch."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file that is open and fits its mapping: nothing has been sent yet.

    Attributes:
        source: The open file.
        converter: Compiled for its columns.
    """

    source: Source
    converter: Converter

    def rows(self) -> Iterator[ImportRow | Refusal]:
        """Convert the rows one after the other."""
        for row in self.source.rows():
            yield _converted(row, self.converter)


def prepare_import(path: Path, mapping: MappingFile) -> ImportPlan:
    """Open a file and compile the mapping for it.

    Raises:
        FileUnreadableError: It is no table.
        MappingInvalidError: The mapping contradicts the protos or itself.
        ColumnsMissingError: The file lacks columns that the mapping names.
    """
    with ExitStack() as closing:
        source = closing.enter_context(open_source(path, mapping.mapping.file))
        plan = ImportPlan(source, Converter(mapping, Columns(source.header)))
        # Whoever runs the plan closes the file.
        closing.pop_all()
    return plan


def run_import(
    plan: ImportPlan, stream: ImportStream, *, tally: Tally, report: Report, progress: Progress
) -> None:
    """Send every row, and count and report what became of it.

    Args:
        plan: The file; closed at the end.
        stream: Where to send it.
        tally: Counts; right up to the last answered row whatever happens.
        report: Gets the rows that were not imported.
        progress: Told after every batch.

    Raises:
        grpc.RpcError: The stream broke; starting again is safe.
        FileUnreadableError: The file breaks off in the middle.
    """
    with plan.source:
        for outcomes in stream.outcomes(plan.rows()):
            for outcome in outcomes:
                tally.add(outcome)
                report.add(outcome)
            progress(tally, plan.source.fraction_read)


# Private functions -----------------------------------------------------------


def _converted(row: SourceRow, converter: Converter) -> ImportRow | Refusal:
    if row.fault:
        return Refusal(row.number, "ROW_UNREADABLE", row.fault)
    return converter.convert(row.number, row.cells)
