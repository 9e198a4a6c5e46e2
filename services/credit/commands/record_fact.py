"""Record one fact, of whichever kind."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.credit.commands.intake import Intake
from services.credit.commands.ports import AccidentLevelLaw, Store, Writing
from services.credit.domain.record import Edition, RecordDraft


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What became of a record.

    Attributes:
        edition: The record as stored.
        repeated: Whether it had been recorded before with the same header and body.
        point: Point of the store that includes it.
    """

    edition: Edition
    repeated: bool
    point: StorePoint


@dataclass(frozen=True, slots=True)
class RecordFact:
    """Records a fact that a document states.

    Attributes:
        store: Where facts are stored.
        levels: Derives levels of accidents.
    """

    store: Store
    levels: AccidentLevelLaw

    def __call__(self, call: WriteCall[StoredRecord], draft: RecordDraft) -> Answer:
        """Record it, or find that it is recorded already.

        Args:
            call: Who records, and how the answer is encoded.
            draft: What is recorded; right in itself.

        Raises:
            SafetyCreditError: As `Intake.take` says.
        """

        def work(write: Writing) -> StoredRecord:
            intake = Intake(write, self.levels, caller=call.caller, today=call.today)
            intake.load([draft])
            taken = intake.take(draft)
            intake.store()
            return StoredRecord(taken.edition, taken.repeated, write.point)

        return write_once(self.store, call, work)
