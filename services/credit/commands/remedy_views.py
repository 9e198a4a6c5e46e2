"""A remedy as answers show it: with what is due at whom, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.tokens import StorePoint
from services.common.working_days import Deadline
from services.credit.commands.personal_texts import NOBODY, Around, around
from services.credit.commands.remedy_ports import (
    Calendar,
    RemedyFacts,
    RemedyWriting,
    RepairLaws,
)
from services.credit.domain.codes import RecordState
from services.credit.domain.record import Edition
from services.credit.domain.remedied_entry import RemediedEntry
from services.credit.domain.remedy import DueAction, Remedy, RemedyAct, RemedyState, RemedyStep
from services.credit.domain.repair_law import Basis, Clause, ProcedureLaw
from services.credit.domain.subject import EnterpriseId, PersonId, SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is to be done.

    Attributes:
        action: What.
        authority: At whom.
        deadline: Last day.
        overdue: Whether that day is over.
        clause: What asks for it.
        document_number: Document by which it is to be done; empty for none.
    """

    action: DueAction
    authority: str
    deadline: Deadline
    overdue: bool
    clause: Clause
    document_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyView:
    """A remedy on a day.

    Attributes:
        remedy: The remedy.
        basis: Version that it keeps.
        step_deadlines: Deadline of each step; none for a step without one.
        due: What is due, by its day.
        entry: What became of the list entry that it is about; none for a record.
        point: Point of the store.
        around: Who stands around the subject, which answers mask in texts; never shown.
    """

    remedy: Remedy
    basis: Basis
    step_deadlines: tuple[Deadline | None, ...]
    due: tuple[Due, ...]
    entry: RemediedEntry | None
    point: StorePoint
    around: Around = NOBODY

    @property
    def open(self) -> bool:
        """Say whether an authority has something to do."""
        return bool(self.due)

    @property
    def overdue(self) -> bool:
        """Say whether something is overdue."""
        return any(one.overdue for one in self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What is read beside a remedy, as far as what is due depends on it.

    Attributes:
        editions: Editions of the record that it is about.
        entry: What became of the list entry that it is about; none for a record.
        around: Who stands around the subject.
    """

    editions: Sequence[Edition] = ()
    entry: RemediedEntry | None = None
    around: Around = NOBODY


def behind(reading: RemedyFacts, remedies: Sequence[Remedy], *, revision: int) -> dict[int, Behind]:
    """Read what stands behind remedies, by their numbers."""
    targets = {one.remedy_id: one.decided.target for one in remedies}
    entry_ids = {target.entry_id for target in targets.values() if target.entry_id is not None}
    entries = reading.remedies.remedied(entry_ids, revision=revision) if entry_ids else {}
    refs: dict[int, SubjectRef] = {
        one.remedy_id: PersonId(number) if one.decided.person else EnterpriseId(number)
        for one in remedies
        for number in [one.decided.subject_id]
    }
    around_them = around(reading, refs.values()) if refs else {}
    found: dict[int, Behind] = {}
    for one in remedies:
        target = targets[one.remedy_id]
        editions: Sequence[Edition] = ()
        if target.record_id is not None and one.last.follow_up is DueAction.REVISE_RECORD:
            editions = reading.records.editions(target.record_id, revision=revision)
        entry = None if target.entry_id is None else entries.get(target.entry_id)
        found[one.remedy_id] = Behind(
            editions=editions, entry=entry, around=around_them[refs[one.remedy_id]]
        )
    return found


@dataclass(frozen=True, slots=True)
class RemedyViews:
    """Views remedies.

    Attributes:
        law: Periods.
        calendar: Counts working days.
    """

    law: RepairLaws
    calendar: Calendar

    def written(self, write: RemedyWriting, remedy: Remedy, *, as_of: date) -> RemedyView:
        """Show a remedy as a write leaves it."""
        point = write.point
        read = behind(write, [remedy], revision=point.revision)[remedy.remedy_id]
        return self.view(remedy, read, as_of=as_of, point=point)

    def view(self, remedy: Remedy, read: Behind, *, as_of: date, point: StorePoint) -> RemedyView:
        """Show a remedy.

        Args:
            remedy: The remedy, with its steps up to the day.
            read: What stands behind it.
            as_of: The day.
            point: Point of the store.
        """
        listed = remedy.decided.target.entry_id is not None
        law = self.law.at(point.revision).kept_procedure(remedy.policy_version, listed=listed)
        entry = None if read.entry is None else read.entry.on(as_of)
        if remedy.state.open:
            due = [self._deciding(remedy, law)]
        else:
            due = self._following(remedy, Behind(editions=read.editions, entry=entry), law)
        return RemedyView(
            remedy=remedy,
            basis=law.basis,
            step_deadlines=self._deadlines(remedy, law),
            due=tuple(
                Due(
                    action=one.action,
                    authority=one.authority,
                    deadline=one.deadline,
                    overdue=as_of > one.deadline.date,
                    clause=law.clauses[one.period],
                    document_number=one.document_number,
                )
                for one in due
            ),
            entry=entry,
            point=point,
            around=read.around,
        )

    def decision_day(self, remedy: Remedy, law: ProcedureLaw) -> Deadline:
        """Give the last day of the period for a decision, before any extension."""
        return self._after(remedy.last, law, "decision_days")

    # Private methods -------------------------------------------------------------

    def _deadlines(self, remedy: Remedy, law: ProcedureLaw) -> tuple[Deadline | None, ...]:
        """Say by when each step had to be taken: the one that led to the state began the period."""
        found: list[Deadline | None] = [None]
        for place, step in enumerate(remedy.steps[1:], start=1):
            before = remedy.up_to(place)
            period = _PERIODS.get(before.state)
            if step.act is RemedyAct.SHARE:
                period = "sharing_days"
            if period is None:
                found.append(None)
            elif step.act is RemedyAct.NONE:
                found.append(self._deciding_end(before, law, period))
            else:
                found.append(self._after(before.last, law, period))
        return tuple(found)

    def _after(self, step: RemedyStep, law: ProcedureLaw, *periods: str) -> Deadline:
        count: int = sum(getattr(law, period) for period in periods)
        return self.calendar.after(step.step_date, count)

    def _deciding_end(self, remedy: Remedy, law: ProcedureLaw, period: str) -> Deadline:
        """Give the end of the period for the next step, with its extension."""
        extended = RemedyAct.EXTEND in remedy.acts
        return self._after(remedy.last, law, period, *(["extension_days"] if extended else []))

    def _deciding(self, remedy: Remedy, law: ProcedureLaw) -> "_Asked":
        period = _PERIODS[remedy.state]
        return _Asked(
            action=_ACTIONS[remedy.state],
            authority=remedy.decided.authority,
            deadline=self._deciding_end(remedy, law, period),
            period="extension_days" if RemedyAct.EXTEND in remedy.acts else period,
        )

    def _following(self, remedy: Remedy, read: Behind, law: ProcedureLaw) -> list["_Asked"]:
        """Say what is still to be done elsewhere."""
        last = remedy.last
        due: list[_Asked] = []
        if last.follow_up is not DueAction.NONE and not _done(last, read):
            period = _FOLLOWING[last.follow_up]
            due.append(
                _Asked(
                    action=last.follow_up,
                    authority=last.authority,
                    deadline=self._after(last, law, period),
                    period=period,
                    document_number=last.document_number,
                )
            )
        if last.state.shared and RemedyAct.SHARE not in remedy.acts:
            due.append(
                _Asked(
                    action=DueAction.SHARE_RESULT,
                    authority=last.authority,
                    deadline=self._after(last, law, "sharing_days"),
                    period="sharing_days",
                )
            )
        return due


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of an authority, whatever the day.

    Attributes:
        action: What.
        authority: At whom.
        deadline: Last day.
        period: Period of the law that gives that day.
        document_number: Document by which it is to be done; empty for none.
    """

    action: DueAction
    authority: str
    deadline: Deadline
    period: str
    document_number: str = ""


_PERIODS = {
    RemedyState.FILED: "objection_days",
    RemedyState.APPLIED: "acceptance_days",
    RemedyState.ACCEPTED: "decision_days",
}
_ACTIONS = {
    RemedyState.FILED: DueAction.DECIDE_OBJECTION,
    RemedyState.APPLIED: DueAction.ACCEPT_REPAIR,
    RemedyState.ACCEPTED: DueAction.DECIDE_REPAIR,
}
_FOLLOWING = {
    DueAction.REVISE_RECORD: "correction_days",
    DueAction.CORRECT_ENTRY: "correction_days",
    DueAction.REMOVE_ENTRY: "sharing_days",
    DueAction.RESTORE_ENTRY: "sharing_days",
}


def _done(step: RemedyStep, read: Behind) -> bool:
    """Say whether what a step asks for elsewhere is seen to be done."""
    if step.follow_up is DueAction.REVISE_RECORD:
        # What was revoked is revised no more.
        revoked = bool(read.editions) and read.editions[-1].state is RecordState.REVOKED
        return revoked or any(
            one.superseded is not None and one.superseded.document_number == step.document_number
            for one in read.editions
        )
    return read.entry is not None and read.entry.shows(step.follow_up, step.step_date)
