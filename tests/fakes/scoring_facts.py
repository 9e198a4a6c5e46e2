"""A hand that writes facts straight into the tables, as the credit service would.

Each call is one write transaction with a revision of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Table, insert, select, update

from models.enterprises import EnterpriseRow, EnterpriseVersionRow
from models.insurance import (
    ClaimRow,
    EndorsementRow,
    InsurancePaymentRow,
    InsurancePolicyRow,
    PreventionPlanRow,
    PreventionServiceRow,
)
from models.persons import PersonRow, RoleRow
from models.records import (
    AccidentRow,
    HazardRow,
    HonourRow,
    InspectionRow,
    PenaltyRow,
    RecordRow,
    RectificationRow,
    ReportRow,
    ViolationRow,
)
from services.common.database import Database, WriteTransaction
from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken

WRITER = Caller(identity="test", roles=frozenset({"recorder"}))
KINDS: Mapping[str, tuple[int, Any]] = {
    "inspection": (1, InspectionRow),
    "violation": (2, ViolationRow),
    "penalty": (3, PenaltyRow),
    "rectification": (4, RectificationRow),
    "hazard": (5, HazardRow),
    "accident": (6, AccidentRow),
    "honour": (7, HonourRow),
    "report": (8, ReportRow),
    "insurance_policy": (9, InsurancePolicyRow),
    "endorsement": (10, EndorsementRow),
    "claim": (11, ClaimRow),
    "insurance_payment": (12, InsurancePaymentRow),
    "prevention_plan": (13, PreventionPlanRow),
    "prevention_service": (14, PreventionServiceRow),
}
# What the tables want and no test here cares about.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "inspection": {"occasion": 0, "problems_found": False},
    "violation": {"violation_code": 0, "severity": 0, "article": "", "description": ""},
    "penalty": {
        "sanctions": 0,
        "fine_fen": 0,
        "confiscated_fen": 0,
        "procedure": 0,
        "violation_code": 0,
        "violation_text": "",
        "facts": "",
        "basis": "",
        "content": "",
        "major": False,
    },
    "rectification": {"outcome": 1, "recheck_level": 0},
    "hazard": {"level": 1, "supervision": 0, "description": ""},
    "accident": {
        "deaths": 0,
        "serious_injuries": 0,
        "direct_loss_fen": 0,
        "level": 1,
        "liability": 1,
        "responsibility": 0,
        "reporting": 1,
        "misconduct": 0,
        "description": "",
    },
    "honour": {
        "honour_kind": 1,
        "standardisation_level": 0,
        "award_rank": 0,
        "commitment": 0,
        "title": "",
    },
    "report": {"description": "", "finding": 0},
    "insurance_policy": {
        "insurance_kind": 1,
        "start_date": date(2025, 1, 1),
        "end_date": date(2026, 1, 1),
        "insured_headcount": 50,
        "limit_per_person_fen": 40_000_000,
        "aggregate_limit_fen": 400_000_000,
        "premium_fen": 1_200_000,
        "plan_id": "",
        "quote_id": "",
        "basis": "",
    },
    "endorsement": {
        "policy_record_id": 1,
        "effective_date": date(2025, 1, 1),
        "premium_change_fen": 0,
        "cancelled": False,
    },
    "claim": {"policy_record_id": 1, "incurred_date": date(2025, 1, 1), "reserved_fen": 0},
    "insurance_payment": {"policy_record_id": 1, "payment_kind": 1, "amount_fen": 0},
    "prevention_plan": {
        "policy_record_id": 1,
        "item": 1,
        "service_count": 1,
        "due_date": date(2025, 1, 1),
        "budget_fen": 0,
    },
    "prevention_service": {
        "policy_record_id": 1,
        "item": 1,
        "place": "",
        "service_body": "",
        "staff_count": 0,
        "participant_count": 0,
        "findings": "",
        "hazard_count": 0,
        "cost_fen": 0,
    },
}
# Columns of the header that a body's keywords may name.
HEADLINES = (
    "field",
    "division",
    "publish_date",
    "site_number",
    "authority",
    "authority_code",
    "document_number",
)
PROFILE: Mapping[str, Any] = {
    "name": "北京样本有限公司",
    "division": 110105,
    "industry": "C2611",
    "fields": 0b10,
    "kind": 1,
    "state": 1,
    "headcount": 50,
    "founding_date": date(2010, 1, 1),
}


@dataclass(slots=True)
class FactWriter:
    """Writes facts; remembers the token of the last write.

    Attributes:
        database: Where to write.
        token: Token of the last write; none before the first.
    """

    database: Database
    token: StoreToken | None = None
    _numbers: Any = None

    def __post_init__(self) -> None:
        """Count document numbers."""
        self._numbers = count(1)

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    def enterprise(
        self,
        *,
        credit_code: str | None = None,
        local: tuple[str, str] | None = None,
        start_date: date = date(2010, 1, 1),
        **profile: Any,  # noqa: ANN401 -- columns of the table.
    ) -> int:
        """Register an enterprise and give its number."""
        with self._write() as write:
            number: int = write.new_id()
            if credit_code is None and local is None:
                local = ("test", f"{number}")
            scheme, value = local or (None, None)
            write.connection.execute(
                insert(EnterpriseRow).values(
                    enterprise_id=number,
                    credit_code=credit_code,
                    local_scheme=scheme,
                    local_value=value,
                    recorded_revision=write.revision,
                )
            )
            _period(write, number, {**PROFILE, **profile, "start_date": start_date})
            self.token = write.commit()
        return number

    def change(self, enterprise_id: int, day: date, **profile: Any) -> None:  # noqa: ANN401 -- columns of the table.
        """Let something else be true of an enterprise from a day on."""
        versions: Any = EnterpriseVersionRow.__table__
        with self._write() as write:
            last = (
                write.connection.execute(
                    select(versions).where(
                        versions.c.enterprise_id == enterprise_id,
                        versions.c.superseded_revision.is_(None),
                        versions.c.end_date.is_(None),
                    )
                )
                .mappings()
                .one()
            )
            write.connection.execute(
                update(versions)
                .where(versions.c.row_id == last["row_id"])
                .values(superseded_revision=write.revision)
            )
            held = {name: last[name] for name in PROFILE}
            _period(
                write, enterprise_id, {**held, "start_date": last["start_date"], "end_date": day}
            )
            _period(write, enterprise_id, {**held, **profile, "start_date": day})
            self.token = write.commit()

    def person(self, name: str = "王某某") -> int:
        """Register a person and give the number."""
        with self._write() as write:
            number: int = write.new_id()
            write.connection.execute(
                insert(PersonRow).values(
                    person_id=number,
                    name=name,
                    identity_cipher=b"",
                    identity_lookup=f"{number:064d}",
                    recorded_revision=write.revision,
                )
            )
            self.token = write.commit()
        return number

    def in_office(self, person: int, enterprise_id: int, start_date: date) -> None:
        """Make a person the principal of an enterprise from a day on."""
        with self._write() as write:
            row_id = write.new_id()
            write.connection.execute(
                insert(RoleRow).values(
                    row_id=row_id,
                    role_id=row_id,
                    person_id=person,
                    enterprise_id=enterprise_id,
                    kind=2,
                    start_date=start_date,
                    recorded_revision=write.revision,
                )
            )
            self.token = write.commit()

    def record(
        self,
        kind: str,
        subject_id: int,
        event_date: date,
        *,
        person: bool = False,
        **body: Any,  # noqa: ANN401 -- columns of the tables.
    ) -> int:
        """Record a fact and give its number."""
        with self._write() as write:
            record_id: int = write.new_id()
            header = {
                "row_id": record_id,
                "record_id": record_id,
                "edition": 1,
                "kind": KINDS[kind][0],
                "subject_id": subject_id,
                "person": person,
                "document_number": f"{next(self._numbers)}",
                "event_date": event_date,
            }
            _edition(write, kind, header, body)
            self.token = write.commit()
        return record_id

    def revise(self, record_id: int, **changes: Any) -> None:  # noqa: ANN401 -- columns of the tables.
        """Put a later edition in the place of the current one."""
        with self._write() as write:
            header, body, kind = _current(write, record_id)
            _supersede(write, header["row_id"])
            event_date = changes.pop("event_date", header["event_date"])
            header |= {
                "row_id": write.new_id(),
                "edition": header["edition"] + 1,
                "event_date": event_date,
            }
            _edition(write, kind, header, {**body, **changes})
            self.token = write.commit()

    def revoke(self, record_id: int) -> None:
        """Revoke a record: it never counted, once this is known."""
        with self._write() as write:
            header, _, _ = _current(write, record_id)
            _supersede(write, header["row_id"])
            self.token = write.commit()

    def _write(self) -> Any:  # noqa: ANN401 -- a context manager.
        return self.database.write(caller=WRITER, method="test")


def empty(database: Database) -> None:
    """Take all facts and derived rows out, as the examples of one property share a store.

    The store's revision stays: it never goes back.
    """
    bodies = " ".join(row.__tablename__ for _, row in KINDS.values())
    rest = "records enterprise_versions enterprises persons grades grade_refreshes leases"
    with database._writing.begin() as connection:  # noqa: SLF001 -- nobody else empties a store.
        for table in f"{bodies} {rest}".split():
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 -- names of our own.


def _period(write: WriteTransaction, enterprise_id: int, values: Mapping[str, Any]) -> None:
    write.connection.execute(
        insert(EnterpriseVersionRow).values(
            row_id=write.new_id(),
            enterprise_id=enterprise_id,
            document_number="",
            recorded_revision=write.revision,
            **values,
        )
    )


def _edition(
    write: WriteTransaction, kind: str, header: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    extras = {name: body[name] for name in HEADLINES if name in body}
    own = {name: value for name, value in body.items() if name not in extras}
    headline = {
        "field": 1,
        "authority": "北京市朝阳区应急管理局",
        "authority_code": "",
        "document_item": "",
        "recorded_revision": write.revision,
        "superseded_reason": "",
        "superseded_document_number": "",
    }
    write.connection.execute(insert(RecordRow).values(**{**headline, **header, **extras}))
    write.connection.execute(
        insert(KINDS[kind][1]).values(row_id=header["row_id"], **{**DEFAULTS[kind], **own})
    )


def _current(write: WriteTransaction, record_id: int) -> tuple[dict[str, Any], dict[str, Any], str]:
    records = RecordRow.__table__
    row = (
        write.connection.execute(
            select(records).where(
                records.c.record_id == record_id, records.c.superseded_revision.is_(None)
            )
        )
        .mappings()
        .one()
    )
    kind = next(name for name, (number, _) in KINDS.items() if number == row["kind"])
    table: Table = KINDS[kind][1].__table__
    body = (
        write.connection.execute(select(table).where(table.c.row_id == row["row_id"]))
        .mappings()
        .one()
    )
    kept = ("row_id", "record_id", "edition", "kind", "subject_id", "person", "document_number")
    header = {name: row[name] for name in (*kept, "event_date")}
    extras = {name: row[name] for name in HEADLINES}
    own = {name: value for name, value in body.items() if name != "row_id"}
    return header, own | extras, kind


def _supersede(write: WriteTransaction, row_id: int) -> None:
    write.connection.execute(
        update(RecordRow)
        .where(RecordRow.row_id == row_id)
        .values(superseded_revision=write.revision)
    )
