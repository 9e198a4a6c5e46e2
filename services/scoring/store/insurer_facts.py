"""The records of insurers in a place: what they issued, were paid, planned and did."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, bindparam, cast, select

from models.enterprises import EnterpriseRow
from models.insurance import (
    EndorsementRow,
    InsurancePaymentRow,
    InsurancePolicyRow,
    PreventionPlanRow,
    PreventionServiceRow,
)
from models.records import RecordRow, ReportRow
from services.engine.population import Population, RecordColumns
from services.engine.vocabulary import Vocabulary, division_range
from services.scoring.commands.prevention.evaluation_ports import Complaint, InsurerFacts
from services.scoring.commands.prevention.prevention_figures import INSURER_KINDS
from services.scoring.store.columns import (
    day_number,
    number_column,
    table_of,
    visible,
)
from services.scoring.store.enterprises import REVISION
from services.scoring.store.numbers import few_numbers

_RECORDS: Final = table_of(RecordRow)
_POLICIES: Final = table_of(InsurancePolicyRow)
_REPORTS: Final = table_of(ReportRow)
_ENTERPRISES: Final = table_of(EnterpriseRow)
_BODIES: Final = dict(
    zip(
        INSURER_KINDS,
        map(
            table_of,
            (
                InsurancePolicyRow,
                EndorsementRow,
                InsurancePaymentRow,
                PreventionPlanRow,
                PreventionServiceRow,
            ),
        ),
        strict=True,
    )
)
_CODE: Final[Any] = bindparam("insurer_code", type_=_RECORDS.c.authority_code.type)
_BY: Final[Any] = bindparam("by", type_=_RECORDS.c.event_date.type)
_KEYS: Final = len(("subject", "event day", "record"))


class SqlInsurerFacts:
    """Reads the records of insurers; implements `InsurerFactReads`."""

    def __init__(self, connection: Connection, vocabulary: Vocabulary) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection
        self._vocabulary = vocabulary

    def insurers(self, division: str, by: date, revision: int) -> Mapping[str, str]:
        """Give the insurers with policies in a place by a day: name by credit code."""
        statement = (
            select(_RECORDS.c.authority_code, _RECORDS.c.authority)
            .distinct()
            .select_from(_RECORDS.join(_POLICIES, _POLICIES.c.row_id == _RECORDS.c.row_id))
            .where(visible(_RECORDS, REVISION), _RECORDS.c.event_date <= _BY, _within(division))
            .order_by(_RECORDS.c.authority_code, _RECORDS.c.authority)
        )
        rows = self._connection.execute(statement, {"revision": revision, "by": by})
        # A code that stands with several names keeps the last of them in order.
        return {row.authority_code: row.authority for row in rows}

    def facts(self, insurer_code: str, division: str, revision: int) -> InsurerFacts:
        """Give everything recorded of an insurer in a place."""
        wanted = {"revision": revision, "insurer_code": insurer_code}
        rows = {kind: self._rows(kind, division, wanted) for kind in INSURER_KINDS}
        subjects = np.unique(np.concatenate([found[:, 0] for _, found in rows.values()]))
        records: dict[str, RecordColumns] = {}
        for kind, (columns, unsorted) in rows.items():
            unsorted[:, 0] = np.searchsorted(subjects, unsorted[:, 0])
            found = unsorted[np.lexsort((unsorted[:, 2], unsorted[:, 1], unsorted[:, 0]))]
            held = {"event_date": found[:, 1].astype(np.int32)}
            for position, column in enumerate(columns, start=_KEYS):
                held[column.name] = column.narrowed(found[:, position])
            records[kind] = RecordColumns(
                np.ascontiguousarray(found[:, 2]), np.ascontiguousarray(found[:, 0]), held
            )
        insured = Population(int(subjects.size), {}, records)
        return InsurerFacts(insured, self._complaints(wanted))

    # Private methods -------------------------------------------------------------

    def _rows(self, kind: str, division: str, wanted: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- the columns and their rows.
        words, body = self._vocabulary.kinds[kind].attributes, _BODIES[kind]
        columns = [
            number_column(name, words[name], body.c[name]) for name in words if name in body.c
        ]
        statement = (
            select(
                cast(_RECORDS.c.subject_id, BigInteger),
                cast(day_number(_RECORDS.c.event_date), BigInteger),
                cast(_RECORDS.c.record_id, BigInteger),
                *(column.expression for column in columns),
            )
            .select_from(body.join(_RECORDS, _RECORDS.c.row_id == body.c.row_id))
            .where(
                _RECORDS.c.authority_code == _CODE, visible(_RECORDS, REVISION), _within(division)
            )
        )
        return columns, few_numbers(self._connection, statement, wanted)

    def _complaints(self, wanted: Mapping[str, Any]) -> tuple[Complaint, ...] | None:
        number = self._connection.execute(_REGISTERED, wanted).scalar_one_or_none()
        if number is None:
            return None
        rows = self._connection.execute(_COMPLAINTS, {**wanted, "subject_id": number})
        return tuple(Complaint(row.event_date, row.handled_date) for row in rows)


# Private functions and statements ---------------------------------------------

_REGISTERED: Final = select(_ENTERPRISES.c.enterprise_id).where(
    _ENTERPRISES.c.credit_code == _CODE, _ENTERPRISES.c.recorded_revision <= REVISION
)
_COMPLAINTS: Final = (
    select(_RECORDS.c.event_date, _REPORTS.c.handled_date)
    .select_from(_RECORDS.join(_REPORTS, _REPORTS.c.row_id == _RECORDS.c.row_id))
    .where(_RECORDS.c.subject_id == bindparam("subject_id"), visible(_RECORDS, REVISION))
    .order_by(_RECORDS.c.event_date, _RECORDS.c.record_id)
)


def _within(division: str) -> ColumnElement[bool]:
    first, after = division_range(division)
    return and_(_RECORDS.c.division >= first, _RECORDS.c.division < after)
