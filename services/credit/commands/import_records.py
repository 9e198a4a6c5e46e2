"""Import rows of enterprises and records, a batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.errors import SafetyCreditError
from services.common.once import Call
from services.common.tokens import StorePoint
from services.credit.commands.intake import Intake, Newcomer, Taken
from services.credit.commands.ports import AccidentLevelLaw, Store
from services.credit.domain.record import RecordDraft


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row.

    Attributes:
        draft: The record; right in itself.
        newcomer: Its enterprise, to register it if it is unknown.
    """

    draft: RecordDraft
    newcomer: Newcomer | None = None


@dataclass(frozen=True, slots=True)
class ImportedBatch:
    """What became of a batch.

    Attributes:
        results: For every row what was taken, or why it was refused.
        enterprise_count: Enterprises registered on the way.
        point: Point of the store that includes the batch.
    """

    results: tuple[Taken | SafetyCreditError, ...]
    enterprise_count: int
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ImportRecords:
    """Imports a batch of rows in one transaction.

    Attributes:
        store: Where facts are stored.
        levels: Derives levels of accidents.
    """

    store: Store
    levels: AccidentLevelLaw

    def __call__(self, call: Call, rows: Sequence[ImportRow | SafetyCreditError]) -> ImportedBatch:
        """Judge each row alone, in order, and store those that hold.

        A refused row changes nothing, not even its enterprise. A batch without anything new takes
        no revision.

        Args:
            call: Who imports.
            rows: Rows, and refusals of rows that were wrong in themselves, which stay refused.
        """
        with self.store.write(caller=call.caller, method=call.method) as write:
            intake = Intake(write, self.levels, caller=call.caller, today=call.today)
            intake.load([row.draft for row in rows if isinstance(row, ImportRow)])
            results = tuple(_judged(intake, row) for row in rows)
            if not intake.empty:
                intake.store()
                write.commit()
            point = write.point
        return ImportedBatch(
            results, intake.enterprise_count, self.store.point() if intake.empty else point
        )


# Private functions -----------------------------------------------------------


def _judged(intake: Intake, row: ImportRow | SafetyCreditError) -> Taken | SafetyCreditError:
    if isinstance(row, SafetyCreditError):
        return row
    try:
        return intake.take(row.draft, row.newcomer)
    except SafetyCreditError as error:
        return error
