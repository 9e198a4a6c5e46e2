"""The words of insurance policies, which no plan calculates with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from models.insurance import InsurancePolicyRow
from models.records import RecordRow
from services.common.database import Database
from services.scoring.commands.insurance.insurance_ports import PolicyTerms
from services.scoring.store.columns import table_of, visible
from services.scoring.store.enterprises import REVISION

_RECORDS: Final = table_of(RecordRow)
_POLICIES: Final = table_of(InsurancePolicyRow)
_VALUES: Final[Any] = bindparam("values", expanding=True)
_TERMS: Final = (
    select(
        _RECORDS.c.record_id,
        _RECORDS.c.authority,
        _RECORDS.c.authority_code,
        _RECORDS.c.document_number,
        _POLICIES.c.plan_id,
        _POLICIES.c.quote_id,
    )
    .select_from(_RECORDS.join(_POLICIES, _POLICIES.c.row_id == _RECORDS.c.row_id))
    .where(_RECORDS.c.record_id.in_(_VALUES), visible(_RECORDS, REVISION))
)
_AT_ONCE: Final = 10_000
"""House limit: records named in one statement."""


@dataclass(frozen=True, slots=True)
class SqlPolicyTerms:
    """Reads the words of insurance policies; implements `PolicyTermReads`.

    Attributes:
        database: The database.
    """

    database: Database

    def terms(self, record_ids: Collection[int], revision: int) -> Mapping[int, PolicyTerms]:
        """Give the terms of policies as known at a revision, by record."""
        found: dict[int, PolicyTerms] = {}
        numbers = list(record_ids)
        if not numbers:
            return found
        # What was current at a revision stays readable, so a snapshot of its own sees the same.
        with self.database.read() as transaction:
            for first in range(0, len(numbers), _AT_ONCE):
                values = {"values": numbers[first : first + _AT_ONCE], "revision": revision}
                for row in transaction.connection.execute(_TERMS, values):
                    found[row.record_id] = PolicyTerms(
                        insurer=row.authority,
                        insurer_code=row.authority_code,
                        policy_number=row.document_number,
                        plan_id=row.plan_id,
                        quote_id=row.quote_id,
                    )
        return found
