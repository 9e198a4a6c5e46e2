"""Get a record with all its editions."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.credit.commands.insurers import own_record
from services.credit.commands.personal_texts import readable
from services.credit.commands.ports import Store
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.domain.errors import RecordUnknownError
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import Edition


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record, and where the answer stands.

    Attributes:
        editions: All editions, oldest first, as the caller may read them; at least one.
        point: Point of the store.
    """

    editions: Sequence[Edition]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetRecord:
    """Gets one record.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, record_id: int, standpoint: Standpoint, *, caller: Caller) -> FoundRecord:
        """Read it.

        Raises:
            RecordUnknownError: There was no such record; for an insurer, none of its own.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            editions = reading.records.editions(record_id, revision=point.revision)
            if not editions or not own_record(caller, editions[0]):
                name = name_of(RECORD, record_id)
                raise RecordUnknownError(
                    f"{name} is not recorded, or was not by then", record_id=name
                )
            return FoundRecord(readable(reading, caller, editions), point)
