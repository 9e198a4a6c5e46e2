"""A remedy as answers show it: with what is due at whom, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.tokens import StorePoint
from services.common.working_days import Deadline
from services.credit.commands.remedy_ports import Calendar, RepairLaw
from services.credit.domain.record import Edition
from services.credit.domain.remedy import DueAction, Remedy, RemedyState, RemedyStep
from services.credit.domain.repair_law import Basis, Clause, ProcedureLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that is to be done.

    Attributes:
        action: What.
        authority: At whom.
        deadline: Last day; none where no text sets one.
        overdue: Whether that day is over.
        clause: What asks for it.
        document_number: Document by which it is to be done; empty for none.
    """

    action: DueAction
    authority: str
    deadline: Deadline | None
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
        point: Point of the store.
    """

    remedy: Remedy
    basis: Basis
    step_deadlines: tuple[Deadline | None, ...]
    due: tuple[Due, ...]
    point: StorePoint

    @property
    def open(self) -> bool:
        """Say whether an authority has something to do that is seen to be done here."""
        return any(one.action in _SEEN for one in self.due)

    @property
    def overdue(self) -> bool:
        """Say whether something is overdue."""
        return any(one.overdue for one in self.due)


@dataclass(frozen=True, slots=True)
class RemedyViews:
    """Views remedies.

    Attributes:
        law: Periods.
        calendar: Counts working days.
    """

    law: RepairLaw
    calendar: Calendar

    def view(
        self, remedy: Remedy, editions: Sequence[Edition], *, as_of: date, point: StorePoint
    ) -> RemedyView:
        """Show a remedy.

        Args:
            remedy: The remedy, with its steps up to the day.
            editions: Editions of the record that it is about; none for an entry.
            as_of: The day.
            point: Point of the store.
        """
        listed = remedy.decided.target.entry_id is not None
        law = self.law.kept_procedure(remedy.policy_version, listed=listed)
        due = (
            self._deciding(remedy, law, as_of)
            if remedy.state.open
            else self._following(remedy, editions, law, as_of)
        )
        return RemedyView(
            remedy=remedy,
            basis=law.basis,
            step_deadlines=self._deadlines(remedy, law),
            due=tuple(due),
            point=point,
        )

    def _deadlines(self, remedy: Remedy, law: ProcedureLaw) -> tuple[Deadline | None, ...]:
        """Say by when each step had to be taken: the one before it began the period."""
        found: list[Deadline | None] = [None]
        for before in remedy.steps[:-1]:
            period = _PERIODS.get(before.state)
            found.append(None if period is None else self._after(before, law, period))
        return tuple(found)

    def _after(self, step: RemedyStep, law: ProcedureLaw, period: str) -> Deadline:
        count: int = getattr(law, period)
        return self.calendar.after(step.step_date, count)

    def _deciding(self, remedy: Remedy, law: ProcedureLaw, as_of: date) -> list[Due]:
        period = _PERIODS[remedy.state]
        deadline = self._after(remedy.last, law, period)
        return [
            Due(
                action=_ACTIONS[remedy.state],
                authority=remedy.decided.authority,
                deadline=deadline,
                overdue=as_of > deadline.date,
                clause=law.clauses[period],
            )
        ]

    def _following(
        self, remedy: Remedy, editions: Sequence[Edition], law: ProcedureLaw, as_of: date
    ) -> list[Due]:
        """Say what follows elsewhere; only a revision of a record is seen from here."""
        last = remedy.last
        due: list[Due] = []
        if last.follow_up is not DueAction.NONE and not _revised(last, editions):
            period = _FOLLOWING[last.follow_up]
            deadline = self._after(last, law, period)
            seen = last.follow_up is DueAction.REVISE_RECORD
            due.append(
                Due(
                    action=last.follow_up,
                    authority=last.authority,
                    deadline=deadline,
                    overdue=seen and as_of > deadline.date,
                    clause=law.clauses[period],
                    document_number=last.document_number,
                )
            )
        if last.state in _SHARED:
            deadline = self._after(last, law, "sharing_days")
            if as_of <= deadline.date:
                due.append(
                    Due(
                        action=DueAction.SHARE_RESULT,
                        authority=last.authority,
                        deadline=deadline,
                        overdue=False,
                        clause=law.clauses["sharing_days"],
                    )
                )
        return due


# Private functions -----------------------------------------------------------

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
_SEEN = frozenset(
    {
        DueAction.DECIDE_OBJECTION,
        DueAction.ACCEPT_REPAIR,
        DueAction.DECIDE_REPAIR,
        DueAction.REVISE_RECORD,
    }
)
_SHARED = frozenset({RemedyState.UPHELD, RemedyState.GRANTED, RemedyState.WITHDRAWN})


def _revised(step: RemedyStep, editions: Sequence[Edition]) -> bool:
    return any(
        one.superseded is not None and one.superseded.document_number == step.document_number
        for one in editions
    )
