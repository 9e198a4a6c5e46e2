"""Bodies of records as rows of the table of their kind, for all kinds alike.

Attributes and columns have the same names; how a value is kept follows from the attribute's type.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import partial
from typing import Any, Final, get_args, get_origin, get_type_hints

from sqlalchemy import Connection, Row, Select, Table, select

from models.insurance import (
    ClaimRow,
    EndorsementRow,
    InsurancePaymentRow,
    InsurancePolicyRow,
    PreventionPlanRow,
    PreventionServiceRow,
)
from models.records import (
    AccidentRow,
    HazardRow,
    HonourRow,
    InspectionRow,
    PenaltyRow,
    RectificationRow,
    ReportRow,
    ViolationRow,
)
from services.credit.domain.codes import RecordKind
from services.credit.domain.record import BODIES, Body, Edition
from services.credit.store.bulk import BulkInsert, Convert
from services.credit.store.columns import bits_of, codes_of, table_of
from services.credit.store.key_sets import keyed


@dataclass(frozen=True, slots=True)
class BodyTable:
    """Keeps the bodies of one kind.

    Attributes:
        table: The table.
        body: The body.
        columns: Names of the attributes and columns.
        readers: How a value is read, where not as it is.
        query: Selects the rows' identifiers and the columns.
        insert: Inserts the bodies of editions.
    """

    table: Table
    body: type[Body]
    columns: tuple[str, ...]
    readers: Mapping[str, Convert]
    query: Select[Any]
    insert: BulkInsert[Edition]

    def bodies(self, connection: Connection, row_ids: Collection[int]) -> dict[int, Body]:
        """Read the bodies of rows."""
        query = self.query.where(keyed(self.table.c.row_id, row_ids, connection.dialect))
        return {row[0]: self._body(row) for row in connection.execute(query)}

    def _body(self, row: Row[Any]) -> Body:
        values: dict[str, Any] = dict(zip(self.columns, row[1:], strict=True))
        for name, read in self.readers.items():
            values[name] = read(values[name])
        return self.body(**values)


# Private functions -----------------------------------------------------------


def _body_table(kind: RecordKind, table: Table) -> BodyTable:
    body = BODIES[kind]
    hints = get_type_hints(body)
    names = tuple(one.name for one in fields(body))
    writers: dict[str, Convert] = {}
    readers: dict[str, Convert] = {}
    for name in names:
        code = _code_type(hints[name])
        if code is None:
            continue
        if get_origin(hints[name]) is frozenset:
            writers[name] = bits_of
            readers[name] = partial(codes_of, code=code)
        else:
            writers[name] = int
            readers[name] = {int(one): one for one in code}.__getitem__
    paths = {"row_id": "row_id"} | {name: f"body.{name}" for name in names}
    insert: BulkInsert[Edition] = BulkInsert(table, paths, conversions=writers)
    query = select(table.c.row_id, *(table.c[name] for name in names))
    return BodyTable(table, body, names, readers, query, insert)


def _code_type(hint: Any) -> type[IntEnum] | None:  # noqa: ANN401 -- a type hint is any object.
    """Find the enumeration in a type hint."""
    candidates = (hint, *get_args(hint))
    return next(
        (one for one in candidates if isinstance(one, type) and issubclass(one, IntEnum)), None
    )


BODY_TABLES: Final[dict[RecordKind, BodyTable]] = {
    kind: _body_table(kind, table_of(row))
    for kind, row in {
        RecordKind.INSPECTION: InspectionRow,
        RecordKind.VIOLATION: ViolationRow,
        RecordKind.PENALTY: PenaltyRow,
        RecordKind.RECTIFICATION: RectificationRow,
        RecordKind.HAZARD: HazardRow,
        RecordKind.ACCIDENT: AccidentRow,
        RecordKind.HONOUR: HonourRow,
        RecordKind.REPORT: ReportRow,
        RecordKind.INSURANCE_POLICY: InsurancePolicyRow,
        RecordKind.ENDORSEMENT: EndorsementRow,
        RecordKind.CLAIM: ClaimRow,
        RecordKind.INSURANCE_PAYMENT: InsurancePaymentRow,
        RecordKind.PREVENTION_PLAN: PreventionPlanRow,
        RecordKind.PREVENTION_SERVICE: PreventionServiceRow,
    }.items()
}
"""The table of every kind."""
