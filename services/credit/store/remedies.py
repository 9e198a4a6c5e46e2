"""Objections and repairs on the tables, and the entries of the lists as far as they need them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from models.lists import ListEntryRow
from models.remedies import RemedyEvidenceRow, RemedyRow, RemedyStepRow, RepairRow
from models.store_state import RevisionRow
from services.credit.commands.ports import Slice
from services.credit.commands.remedy_ports import ListedEntry, RemedyFilter
from services.credit.domain.codes import Field
from services.credit.domain.remedied_entry import EntryStanding, RemediedEntry
from services.credit.domain.remedy import (
    Decided,
    DueAction,
    Evidence,
    Remedy,
    RemedyAct,
    RemedyKind,
    RemedyState,
    RemedyStep,
    Target,
)
from services.credit.store.columns import among, table_of, visible
from services.credit.store.decided_divisions import decided_divisions
from services.credit.store.decided_listings import decided_listing
from services.credit.store.remedied_entries import (
    listed_since,
    records_behind,
    remedied_entries,
    withdrawal_dates,
)

_REMEDIES: Final = table_of(RemedyRow)
_STEPS: Final = table_of(RemedyStepRow)
_EVIDENCE: Final = table_of(RemedyEvidenceRow)
_REPAIRS: Final = table_of(RepairRow)
_REVISIONS: Final = table_of(RevisionRow)
_ENTRIES: Final = table_of(ListEntryRow)
# Number of the kind of list, see `services.scoring.domain.list_entry.ListKind`.
_REDLIST: Final = 2


class SqlRemedies:
    """Reads and writes remedies; implements `RemedyWrites`."""

    def __init__(self, connection: Connection) -> None:
        """Work on a connection, in its transaction."""
        self._connection = connection

    def remedy(self, remedy_id: int, *, revision: int, as_of: date) -> Remedy | None:
        """Give a remedy with its steps up to a day; nothing if it was unknown."""
        query = select(_REMEDIES).where(
            _REMEDIES.c.remedy_id == remedy_id, _REMEDIES.c.recorded_revision <= revision
        )
        found = self._read(query, revision, as_of)
        return found[0] if found else None

    def about(self, target: Target, *, revision: int, as_of: date) -> Sequence[Remedy]:
        """Give the remedies about a record or entry, oldest first."""
        query = select(_REMEDIES).where(_about(target), _REMEDIES.c.recorded_revision <= revision)
        return self._read(query.order_by(_REMEDIES.c.remedy_id), revision, as_of)

    def page(self, wanted: RemedyFilter, part: Slice) -> Sequence[Remedy]:
        """List remedies by ascending number."""
        # A remedy is there from the day of its first step.
        begun = (
            select(_STEPS.c.remedy_id)
            .where(_STEPS.c.remedy_id == _REMEDIES.c.remedy_id, _STEPS.c.step_date <= part.as_of)
            .exists()
        )
        query = select(_REMEDIES).where(_REMEDIES.c.recorded_revision <= part.revision, begun)
        if part.after:
            query = query.where(_REMEDIES.c.remedy_id > part.after[0])
        if wanted.authority:
            query = query.where(_REMEDIES.c.authority == wanted.authority)
        if wanted.target is not None:
            query = query.where(_about(wanted.target))
        if wanted.state is not None:
            query = query.where(_state(part) == int(wanted.state))
        ordered = query.order_by(_REMEDIES.c.remedy_id).limit(part.limit)
        return self._read(ordered, part.revision, part.as_of)

    def entry(self, entry_id: int, *, revision: int) -> ListedEntry | None:
        """Give an entry of a list; nothing if it was unknown."""
        row = self._connection.execute(
            select(_ENTRIES).where(_ENTRIES.c.entry_id == entry_id, visible(_ENTRIES, revision))
        ).one_or_none()
        if row is None:
            return None
        decided = Decided(
            target=Target(entry_id=entry_id),
            subject_id=row.subject_id,
            person=row.person,
            field=Field(row.field),
            authority=row.authority,
            document_number=row.document_number,
            decision_date=row.decision_date,
        )
        return ListedEntry(
            decided=decided,
            favourable=row.list_kind == _REDLIST,
            corrected=row.state == EntryStanding.CORRECTED,
            removal_date=row.removal_date,
        )

    def decided_divisions(self, decided: Decided, *, revision: int) -> frozenset[int]:
        """Give where what was decided lay then."""
        return decided_divisions(self._connection, decided, revision=revision)

    def records_behind(self, entry_id: int, *, revision: int) -> Sequence[int]:
        """Give the records on which the listing of an entry's subject rests."""
        return records_behind(self._connection, entry_id, revision=revision)

    def listed_since(self, decided: Decided, *, revision: int, day: date) -> int | None:
        """Give another entry of a blacklist of the field, decided on since."""
        return listed_since(self._connection, decided, revision=revision, day=day)

    def decided_listing(self, decided: Decided, *, revision: int, day: date) -> int | None:
        """Give a case of a blacklist of the field that is decided since, and not published yet."""
        return decided_listing(self._connection, decided, revision=revision, day=day)

    def withdrawal_dates(self, entry_id: int, *, revision: int) -> Sequence[date]:
        """Give the days on which an early removal of an entry was withdrawn for deceit."""
        return withdrawal_dates(self._connection, entry_id, revision=revision)

    def remedied(self, entry_ids: Collection[int], *, revision: int) -> Mapping[int, RemediedEntry]:
        """Give what became of entries by what was known at a revision, by their numbers."""
        return remedied_entries(self._connection, entry_ids, revision=revision)

    def open(self, remedy: Remedy) -> None:
        """Store a new remedy with its first step."""
        decided = remedy.decided
        self._connection.execute(
            insert(_REMEDIES).values(
                remedy_id=remedy.remedy_id,
                kind=int(remedy.kind),
                record_id=decided.target.record_id,
                entry_id=decided.target.entry_id,
                subject_id=decided.subject_id,
                person=decided.person,
                field=int(decided.field),
                authority=decided.authority,
                document_number=decided.document_number,
                decision_date=decided.decision_date,
                policy_id=remedy.policy_id,
                policy_version=remedy.policy_version,
                policy_digest=remedy.policy_digest,
                recorded_revision=remedy.recorded_revision,
            )
        )
        self.append(remedy)

    def append(self, remedy: Remedy) -> None:
        """Store the latest step of a remedy."""
        step = remedy.steps[-1]
        self._connection.execute(
            insert(_STEPS).values(
                remedy_id=remedy.remedy_id,
                number=step.number,
                state=int(step.state),
                act=int(step.act),
                step_date=step.step_date,
                told_date=step.told_date,
                authority=step.authority,
                document_number=step.document_number,
                text=step.text,
                follow_up=int(step.follow_up),
                recorded_revision=step.recorded_revision,
            )
        )
        if step.evidence:
            self._connection.execute(
                insert(_EVIDENCE),
                [
                    {
                        "remedy_id": remedy.remedy_id,
                        "number": step.number,
                        "position": position,
                        "sha256": piece.sha256,
                        "title": piece.title,
                    }
                    for position, piece in enumerate(step.evidence, start=1)
                ],
            )

    def repair(self, remedy: Remedy, *, row_id: int) -> None:
        """Store that the record of a remedy is repaired from the day of the latest step."""
        self._connection.execute(
            insert(_REPAIRS).values(
                row_id=row_id,
                remedy_id=remedy.remedy_id,
                record_id=remedy.decided.target.record_id,
                subject_id=remedy.decided.subject_id,
                repaired_date=remedy.last.step_date,
                recorded_revision=remedy.last.recorded_revision,
            )
        )

    def unrepair(self, remedy: Remedy) -> None:
        """Store that this repair of the record does not hold any more."""
        result = self._connection.execute(
            update(_REPAIRS)
            .where(
                _REPAIRS.c.remedy_id == remedy.remedy_id, _REPAIRS.c.superseded_revision.is_(None)
            )
            .values(superseded_revision=remedy.last.recorded_revision)
        )
        assert result.rowcount == 1, "what was granted is withdrawn once"

    def _read(self, query: Any, revision: int, as_of: date) -> list[Remedy]:  # noqa: ANN401 -- a select over many columns.
        rows = self._connection.execute(query).all()
        steps = self._steps([row.remedy_id for row in rows], revision, as_of)
        return [_remedy(row, steps[row.remedy_id]) for row in rows if row.remedy_id in steps]

    def _steps(
        self, remedy_ids: Collection[int], revision: int, as_of: date
    ) -> Mapping[int, tuple[RemedyStep, ...]]:
        evidence = self._evidence(remedy_ids)
        query = (
            select(_STEPS, _REVISIONS.c.recorded_time)
            .join(_REVISIONS, _REVISIONS.c.revision == _STEPS.c.recorded_revision)
            .where(
                among(_STEPS.c.remedy_id, remedy_ids),
                _STEPS.c.recorded_revision <= revision,
                _STEPS.c.step_date <= as_of,
            )
            .order_by(_STEPS.c.remedy_id, _STEPS.c.number)
        )
        found: defaultdict[int, list[RemedyStep]] = defaultdict(list)
        for row in self._connection.execute(query):
            found[row.remedy_id].append(_step(row, evidence[row.remedy_id, row.number]))
        return {remedy_id: tuple(steps) for remedy_id, steps in found.items()}

    def _evidence(self, remedy_ids: Collection[int]) -> Mapping[tuple[int, int], list[Evidence]]:
        query = (
            select(_EVIDENCE)
            .where(among(_EVIDENCE.c.remedy_id, remedy_ids))
            .order_by(_EVIDENCE.c.remedy_id, _EVIDENCE.c.number, _EVIDENCE.c.position)
        )
        found: defaultdict[tuple[int, int], list[Evidence]] = defaultdict(list)
        for row in self._connection.execute(query):
            found[row.remedy_id, row.number].append(Evidence(bytes(row.sha256), row.title))
        return found


# Private functions -----------------------------------------------------------


def _about(target: Target) -> Any:  # noqa: ANN401 -- a condition over either column.
    if target.record_id is not None:
        return _REMEDIES.c.record_id == target.record_id
    return _REMEDIES.c.entry_id == target.entry_id


def _state(part: Slice) -> Any:  # noqa: ANN401 -- a scalar subquery.
    """Select the state of the latest step on a day, as known at a revision."""
    later = _STEPS.alias("later")
    latest = (
        select(func.max(later.c.number))
        .where(
            later.c.remedy_id == _REMEDIES.c.remedy_id,
            later.c.recorded_revision <= part.revision,
            later.c.step_date <= part.as_of,
        )
        .correlate(_REMEDIES)
        .scalar_subquery()
    )
    step = _STEPS.alias("latest")
    return (
        select(step.c.state)
        .where(and_(step.c.remedy_id == _REMEDIES.c.remedy_id, step.c.number == latest))
        .correlate(_REMEDIES)
        .scalar_subquery()
    )


def _remedy(row: Row[Any], steps: tuple[RemedyStep, ...]) -> Remedy:
    return Remedy(
        remedy_id=row.remedy_id,
        kind=RemedyKind(row.kind),
        decided=Decided(
            target=Target(record_id=row.record_id, entry_id=row.entry_id),
            subject_id=row.subject_id,
            person=row.person,
            field=Field(row.field),
            authority=row.authority,
            document_number=row.document_number,
            decision_date=row.decision_date,
        ),
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        policy_digest=row.policy_digest,
        steps=steps,
        recorded_revision=row.recorded_revision,
    )


def _step(row: Row[Any], evidence: list[Evidence]) -> RemedyStep:
    return RemedyStep(
        number=row.number,
        state=RemedyState(row.state),
        act=RemedyAct(row.act),
        step_date=row.step_date,
        told_date=row.told_date,
        authority=row.authority,
        document_number=row.document_number,
        text=row.text,
        evidence=tuple(evidence),
        follow_up=DueAction(row.follow_up),
        recorded_revision=row.recorded_revision,
        recorded_time=row.recorded_time,
    )
