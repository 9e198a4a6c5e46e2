"""Cases and their ledgers on the tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, update

from models.lists import ListCasePartyRow, ListCaseRecordRow, ListCaseRow, ListCaseStepRow
from models.store_state import RevisionRow
from services.common.database import WriteTransaction
from services.scoring.commands.lists.list_case_ports import (
    CaseFile,
    CaseFilter,
    DueFilter,
    GroundRecord,
    WorkFailure,
)
from services.scoring.domain.list_case import ListCase, Step
from services.scoring.domain.list_due import DueFrom
from services.scoring.store.columns import table_of
from services.scoring.store.list_dues import due_numbers, unlooked_numbers
from services.scoring.store.list_duties import cases_of_duties
from services.scoring.store.list_rows import (
    case_of,
    case_row,
    party_of,
    party_rows,
    step_of,
    step_row,
)
from services.scoring.store.list_upkeep_failures import failing_numbers, failures_of

_CASES: Final = table_of(ListCaseRow)
_PARTIES: Final = table_of(ListCasePartyRow)
_RECORDS: Final = table_of(ListCaseRecordRow)
_STEPS: Final = table_of(ListCaseStepRow)
_REVISIONS: Final = table_of(RevisionRow)

_Rows = Iterable[Row[*tuple[Any, ...]]]


class SqlListCases:
    """Reads and writes cases; implements `CaseReads`."""

    def __init__(self, connection: Connection, transaction: WriteTransaction | None = None) -> None:
        """Work on a connection, in its transaction."""
        self._connection = connection
        self._transaction = transaction

    def files(self, case_ids: Collection[int], revision: int) -> Mapping[int, CaseFile]:
        """Read cases with their ledgers."""
        if not case_ids:
            return {}
        numbers = list(case_ids)
        rows = self._connection.execute(
            select(_CASES).where(
                _CASES.c.case_id.in_(numbers), _CASES.c.recorded_revision <= revision
            )
        )
        parties = self._by_case(
            select(_PARTIES).where(_PARTIES.c.case_id.in_(numbers)).order_by(_PARTIES.c.place)
        )
        records = self._by_case(select(_RECORDS).where(_RECORDS.c.case_id.in_(numbers)))
        steps = self._by_case(_ledger(numbers, revision))
        return {
            row.case_id: CaseFile(
                case=case_of(
                    row,
                    map(party_of, parties.get(row.case_id, ())),
                    (one.penalising_authority for one in records.get(row.case_id, ())),
                ),
                steps=tuple(map(step_of, steps.get(row.case_id, ()))),
                ended=row.ended_revision is not None and row.ended_revision <= revision,
            )
            for row in rows
        }

    def numbers(
        self, wanted: CaseFilter, revision: int, *, after: int, limit: int
    ) -> Sequence[int]:
        """Give numbers of cases after another, ascending."""
        query = select(_CASES.c.case_id).where(
            _CASES.c.case_id > after, _CASES.c.recorded_revision <= revision
        )
        if wanted.kind is not None:
            query = query.where(_CASES.c.list_kind == int(wanted.kind))
        if wanted.field:
            query = query.where(_CASES.c.field == wanted.field)
        if wanted.running:
            query = query.where(
                or_(_CASES.c.ended_revision.is_(None), _CASES.c.ended_revision > revision)
            )
        if wanted.subject_id is not None:
            of_party = select(_PARTIES.c.case_id).where(_PARTIES.c.subject_id == wanted.subject_id)
            query = query.where(_CASES.c.case_id.in_(of_party))
        found = self._connection.execute(query.order_by(_CASES.c.case_id).limit(limit))
        return list(found.scalars())

    def due_numbers(
        self, wanted: DueFilter, revision: int, *, after: int, limit: int
    ) -> Sequence[int]:
        """Give numbers of cases after another in which something wanted may be due."""
        by_procedure = due_numbers(self._connection, wanted, revision, after=after, limit=limit)
        by_remedies = cases_of_duties(self._connection, wanted, revision, after=after, limit=limit)
        failing = failing_numbers(self._connection, wanted, revision, after=after, limit=limit)
        return sorted({*by_procedure, *by_remedies, *failing})[:limit]

    def unlooked(self, *, limit: int) -> Sequence[int]:
        """Give open cases of which is not known yet from when something is due."""
        return unlooked_numbers(self._connection, limit=limit)

    def failures(
        self, case_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[WorkFailure, ...]]:
        """Give what the upkeep cannot do in cases."""
        return failures_of(self._connection, case_ids, revision)

    def keep_due(self, case_id: int, due: DueFrom) -> None:
        """Keep from when something is due in a case, as it stands by this transaction."""
        self._connection.execute(
            update(_CASES)
            .where(_CASES.c.case_id == case_id)
            .values(
                due_date=due.date,
                due_authority=due.authority,
                due_revision=self._required().revision,
            )
        )

    def open_case(self, case: ListCase, step: Step, records: Mapping[int, GroundRecord]) -> None:
        """Store a new case with its first step."""
        revision = self._required().revision
        penalising = case.penalising_authorities
        self._connection.execute(insert(_CASES), [case_row(case, revision)])
        self._connection.execute(insert(_PARTIES), party_rows(case))
        rows = [
            {
                "case_id": case.case_id,
                "record_id": number,
                "edition": one.edition,
                "penalising_authority": (
                    one.authority if one.final_penalty and one.authority in penalising else ""
                ),
            }
            for number, one in records.items()
        ]
        if rows:
            self._connection.execute(insert(_RECORDS), rows)
        self.add_step(case.case_id, step)

    def add_step(self, case_id: int, step: Step) -> None:
        """Add a step to a ledger."""
        write = self._required()
        last = select(func.max(_STEPS.c.number)).where(_STEPS.c.case_id == case_id)
        number = (self._connection.execute(last).scalar() or 0) + 1
        self._connection.execute(
            insert(_STEPS).values(
                step_id=write.new_id(),
                case_id=case_id,
                number=number,
                recorded_revision=write.revision,
                **step_row(step),
            )
        )

    def end_case(self, case_id: int, *, ended: bool) -> None:
        """Note that nothing is left to do in a case, or that something is again."""
        revision = self._required().revision if ended else None
        self._connection.execute(
            update(_CASES).where(_CASES.c.case_id == case_id).values(ended_revision=revision)
        )

    # Private methods -------------------------------------------------------------

    def _by_case(self, query: Select[*tuple[Any, ...]]) -> dict[int, list[Row[*tuple[Any, ...]]]]:
        found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.case_id, []).append(row)
        return found

    def _required(self) -> WriteTransaction:
        assert self._transaction is not None, "only a write transaction writes"
        return self._transaction


# Private functions -----------------------------------------------------------


def _ledger(case_ids: list[int], revision: int) -> Select[*tuple[Any, ...]]:
    recorded = _REVISIONS.c.revision == _STEPS.c.recorded_revision
    return (
        select(_STEPS, _REVISIONS.c.recorded_time)
        .join(_REVISIONS, recorded)
        .where(and_(_STEPS.c.case_id.in_(case_ids), _STEPS.c.recorded_revision <= revision))
        .order_by(_STEPS.c.case_id, _STEPS.c.number)
    )
