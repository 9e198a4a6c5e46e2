"""Lists with all that their upkeep looks at: cases, records, persons, hazards, editions of before.

Half of the entries expired, one in a thousand goes on for a hazard, and one in a thousand is of the
redlist; every enterprise has a penalty, or what a redlisting asks for, and a principal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    String,
    insert,
    literal,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import DeclarativeBase

from benchmarks.list_population import PUBLISHER, entry
from models.enterprises import EnterpriseRow, EnterpriseVersionRow
from models.lists import ListCasePartyRow, ListCaseRecordRow, ListCaseRow, ListEntryRow
from models.persons import PersonRow, RoleRow
from models.records import HazardRow, HonourRow, PenaltyRow, RecordRow
from services.common.database import Database
from services.scoring.commands.lists.get_list_status import LIST
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.lists.list_grounds import procedure_of
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import ListCase, Origin
from services.scoring.domain.list_entry import ListKey, ListKind, RemovalReason
from services.scoring.domain.list_procedure import Clause, ListProcedure
from services.scoring.store.columns import table_of
from services.scoring.store.list_rows import case_row, entry_row

SHARE: Final = 1_000
"""One in so many entries goes on for a hazard, and one in so many is of the redlist."""

PERSONS, _RECORDS, _CASES, _ENTRIES, _EDITIONS, _MORE = (2**50 + 2**40 * part for part in range(6))
"""Where the identifiers of each kind begin; those of the store stay below."""

VIOLATION, PENALTY, HAZARD, _HONOUR = 2, 3, 5, 7
BODIES: Final[Mapping[int, type[DeclarativeBase]]] = {
    PENALTY: PenaltyRow,
    HAZARD: HazardRow,
    _HONOUR: HonourRow,
}
_NAME: Final = "样例"
HEADER: Final[Mapping[str, Any]] = {
    "edition": 1,
    "person": False,
    "field": 1,
    "authority": "样例市应急管理局",
    "authority_code": "",
    "document_item": "",
    "superseded_reason": "",
    "superseded_document_number": "",
}
BODY: Final[Mapping[int, Mapping[str, Any]]] = {
    PENALTY: {
        **dict.fromkeys(("sanctions", "fine_fen", "confiscated_fen", "violation_code"), 0),
        **dict.fromkeys(("violation_text", "facts", "basis", "content"), ""),
        "procedure": 0,
        "final_date": date(2022, 3, 1),
        "major": False,
    },
    HAZARD: {"level": 1, "supervision": 0, "description": ""},
    _HONOUR: {"award_rank": 0, "title": "", "end_date": date(2030, 1, 1)},
}
_HONOURS: Final = (
    {"honour_kind": 1, "standardisation_level": 1, "commitment": 0},
    {"honour_kind": 2, "standardisation_level": 0, "commitment": 1},
)
_CLAUSES: Final[Mapping[str, tuple[int | bool | str | tuple[str, ...], str]]] = {
    "basis": (("final_penalty",), ""),
    "decided_by": ("penalising_authority", ""),
    "term": (3, "year"),
    "term_from": ("decision", ""),
    "repeat_term": (3, "year"),
    "hazard_extends": (True, ""),
}
_RED_POLICY: Final = "cn.joint-incentive-list"
_BLACK, _RED = ListKey(ListKind.BLACKLIST, 1), ListKey(ListKind.REDLIST, 1)
_RUNS: Final = {"start_date": date(2024, 6, 3), "end_date": date(2027, 6, 3)}
_OVER: Final = {"start_date": date(2021, 6, 1), "end_date": date(2024, 6, 1)}
_REDLISTED: Final = {"start_date": date(2025, 1, 1), "end_date": date(2028, 1, 1)}


def fill(database: Database, desk: ListDesk, size: int) -> None:
    """Write lists of so many entries with the database's own means."""
    with database.write(caller=PUBLISHER, method="benchmark") as write:
        filling = _Filling(write.connection, _numbers(size))
        n = filling.n
        red, endless, over = n % SHARE == 0, n % SHARE == 2, n % 2 == 1  # noqa: PLR2004 -- rests.
        filling.people()
        filling.records(_RECORDS, PENALTY, date(2021, 3, 1), where=~red)
        filling.records(_MORE, HAZARD, date(2021, 4, 1), where=endless, level=2)
        for place, honour in enumerate(_HONOURS, start=1):
            base = _MORE + place * 2**30
            filling.records(base, _HONOUR, date(2020, 1, 1), where=red, **honour)
        black = _black_case()
        filling.listed(black, _held(_BLACK, _RUNS), where=~red & ~endless & ~over)
        filling.listed(black, _held(_BLACK, {**_OVER, "end_date": None}), where=endless)
        stood = _held(_BLACK, _OVER)
        expired = replace(
            stood,
            state=EntryState.REMOVED,
            removal_reason=RemovalReason.EXPIRED,
            removal_date=_OVER["end_date"],
        )
        filling.listed(black, expired, where=over)
        # The edition of when it stood is kept.
        before = {"superseded_revision": literal(1), "row_id": _EDITIONS + n}
        filling.entries(stood, where=over, **before)
        filling.listed(_red_case(desk), _held(_RED, _REDLISTED), where=red)
        if database.dialect == "postgresql":
            # Statistics, as autovacuum has them before long.
            write.connection.exec_driver_sql("ANALYZE")
        write.commit()


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Filling:
    """Writes a row for each number.

    Attributes:
        connection: In the transaction.
        numbers: The numbers of enterprises, from 1.
    """

    connection: Connection
    numbers: CTE

    @property
    def n(self) -> ColumnElement[int]:
        """Give the number."""
        return self.numbers.c.n

    def copy(
        self,
        row: type[DeclarativeBase],
        values: Mapping[str, Any],
        where: ColumnElement[bool] | None = None,
    ) -> None:
        """Write rows of values, and of expressions over the number."""
        table = table_of(row)
        given = {name: one for name, one in values.items() if one is not None}
        chosen = [
            one if isinstance(one, ColumnElement) else literal(one, table.c[name].type)
            for name, one in given.items()
        ]
        query = select(*chosen).select_from(self.numbers)
        query = query if where is None else query.where(where)
        self.connection.execute(insert(table).from_select(list(given), query))

    def people(self) -> None:
        """Write enterprises, each with its principal."""
        n, first = self.n, {"recorded_revision": 1}
        # Texts of one length ascend with the number, so that indexes grow at their end.
        text = sql_cast(PERSONS + n, String)
        named = {"local_scheme": "benchmark", "local_value": text}
        self.copy(EnterpriseRow, {"enterprise_id": n, **named, **first})
        version: dict[str, Any] = {"row_id": n, "enterprise_id": n, "name": _NAME}
        version |= {"division": 370100, "industry": "C26", "fields": 2, "kind": 1, "state": 1}
        version |= {"activities": 0, "start_date": date(2010, 1, 1), "document_number": ""}
        self.copy(EnterpriseVersionRow, {**version, **first})
        person = {"person_id": PERSONS + n, "name": "某", "identity_cipher": b""}
        self.copy(PersonRow, {**person, "identity_lookup": text, **first})
        role = {"row_id": n, "role_id": n, "person_id": PERSONS + n, "enterprise_id": n}
        self.copy(RoleRow, {**role, "kind": 2, "start_date": date(2015, 1, 1), **first})

    def records(
        self, base: int, kind: int, day: date, *, where: ColumnElement[bool], **body: int
    ) -> None:
        """Write a record for each number, with identifiers from a base on."""
        number = base + self.n
        header = {**HEADER, "kind": kind, "subject_id": self.n, "event_date": day}
        header |= {"row_id": number, "record_id": number, "recorded_revision": 1}
        header["document_number"] = sql_cast(number, String)
        self.copy(RecordRow, header, where)
        self.copy(BODIES[kind], {"row_id": number, **BODY[kind], **body}, where)

    def listed(self, opened: ListCase, held: HeldEntry, *, where: ColumnElement[bool]) -> None:
        """Write a case with its entry for each number."""
        n, number = self.n, {"case_id": _CASES + self.n}
        row = {**case_row(opened, 1), **number, "subject_id": n, "due_date": date.max}
        if not opened.redlist:
            behind = sql_cast(_RECORDS + n, String)
            row["reasons"] = literal('[["","受到处罚","","",[') + behind + "]]]"
        self.copy(ListCaseRow, row, where)
        party = {"subject_id": n, "place": 0, "person": False, "role": "", "rule_ids": "[]"}
        self.copy(ListCasePartyRow, {**number, **party}, where)
        if not opened.redlist:
            record = {"record_id": _RECORDS + n, "edition": 1, "penalising_authority": ""}
            self.copy(ListCaseRecordRow, {**number, **record}, where)
        self.entries(held, where=where, row_id=_ENTRIES + n)

    def entries(
        self, held: HeldEntry, *, where: ColumnElement[bool], **given: ColumnElement[Any]
    ) -> None:
        """Write an edition of the entry of each number."""
        own = {"entry_id": _ENTRIES + self.n, "case_id": _CASES + self.n, "subject_id": self.n}
        row = {**entry_row(held), **own, "recorded_revision": 1, **given}
        self.copy(ListEntryRow, row, where)


def _numbers(size: int) -> CTE:
    numbers = select(literal(1, BigInteger).label("n")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < size))


def _black_case() -> ListCase:
    clauses = {
        name: Clause(value=value, unit=unit, citation="", confidence="assumed")
        for name, (value, unit) in _CLAUSES.items()
    }
    return ListCase(
        case_id=0,
        list_key=_BLACK,
        subject_id=0,
        person=False,
        division=370100,
        origin=Origin.NOMINATION,
        authority="样例市应急管理局",
        policy_id="",
        policy_version="",
        policy_digest="",
        evaluation_date=_OVER["start_date"],
        procedure=ListProcedure(ListKind.BLACKLIST, clauses),
        review_fields=(1,),
        reasons=(),
        inputs={},
        parties=(),
        penalising_authorities=frozenset(),
    )


def _red_case(desk: ListDesk) -> ListCase:
    day = _REDLISTED["start_date"]
    pinned = desk.library.at(0).named(LIST, _RED_POLICY, version="", as_of=day)
    compiled = pinned.compiled
    asked = (one.name for one in compiled.version.inputs.values() if one.origin == "request")
    return replace(
        _black_case(),
        list_key=_RED,
        origin=Origin.APPLICATION,
        policy_id=_RED_POLICY,
        policy_version=compiled.version.version,
        policy_digest=compiled.digest,
        procedure=procedure_of(compiled),
        inputs=dict.fromkeys(asked, 0),
    )


def _held(key: ListKey, term: Mapping[str, date | None]) -> HeldEntry:
    made = entry(key, 0)
    begun = term["start_date"]
    assert begun is not None, "only an end may be missing"
    made = replace(made, rule_ids=(), measures=(), start_date=begun, end_date=term["end_date"])
    # An entry that is not called as its enterprise would follow it.
    made = replace(made, name=_NAME)
    return HeldEntry(entry=made, case_id=0, publish_date=begun)
