"""The course of an entry, from its publication to its removal: which step may follow, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from services.scoring.domain.list_case import Opinion, Step, StepKind
from services.scoring.domain.list_entry import ListEntry, RemovalReason
from services.scoring.domain.list_errors import (
    EarlyRemovalNotProvidedError,
    EntryNotInForceError,
    StepMissingError,
    StepRepeatedError,
    StepTooEarlyError,
    WrongAuthorityError,
)
from services.scoring.domain.list_next_step import NextStep, require_text, step_name
from services.scoring.domain.list_procedure import DueDay, ListProcedure, WorkingCalendar


class EntryState(IntEnum):
    """How an entry stands; the numbers are those of the wire and of the tables."""

    IN_FORCE = 1
    """On the list, or not yet taken off it though its term has ended."""

    REMOVED = 2
    """Off the list; it counted until its end date."""

    CORRECTED = 3
    """It never counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEntry:
    """An entry as it is held: what is published, and how it stands.

    Attributes:
        entry: What is published.
        case_id: Its case.
        publish_date: Day of its publication.
        state: How it stands.
        removal_reason: Why it was removed; none while it is in force.
        removal_document: Document that removed it; empty for none.
        removal_date: Day from which it is off the list; none while it is in force.
    """

    entry: ListEntry
    case_id: int
    publish_date: date
    state: EntryState = EntryState.IN_FORCE
    removal_reason: RemovalReason | None = None
    removal_document: str = ""
    removal_date: date | None = None

    @property
    def removed_early(self) -> bool:
        """Say whether it left its list early."""
        early = self.removal_reason is RemovalReason.EARLY
        return self.state is EntryState.REMOVED and early

    def counts_on(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        entry = self.entry
        if self.state is EntryState.CORRECTED:
            return False
        return entry.start_date <= day and (entry.end_date is None or day < entry.end_date)

    def overlaps(self, start_date: date, end_date: date | None) -> bool:
        """Say whether it counts on some day from one to the day before another; none for no end."""
        if self.state is EntryState.CORRECTED:
            return False
        own_end, other_end = self.entry.end_date or date.max, end_date or date.max
        return max(self.entry.start_date, start_date) < min(own_end, other_end)


class EntryCourse:
    """What the ledger says of one entry, and what may follow."""

    def __init__(
        self,
        held: HeldEntry,
        procedure: ListProcedure,
        *,
        steps: Iterable[Step],
        calendar: WorkingCalendar,
    ) -> None:
        """Read the steps of an entry out of the ledger of its case."""
        self._held = held
        self._procedure = procedure
        self._calendar = calendar
        self._steps: Sequence[Step] = [
            step for step in steps if step.entry_id == held.entry.entry_id
        ]

    def next_steps(self) -> tuple[NextStep, ...]:
        """Give every step that may be taken, with its first and last day."""
        found = [
            self._opening(kind)
            for kind in (StepKind.APPLY_EARLY, StepKind.ACCEPT_EARLY, StepKind.DECIDE_EARLY)
            if self._held.state is EntryState.IN_FORCE and self._stage() is kind
        ]
        end_date = self._held.entry.end_date
        if self._held.state is EntryState.IN_FORCE and end_date is not None:
            end = DueDay(end_date)
            found.append(self._next(StepKind.EXPIRE, earliest=end, due=end))
        if self._held.removed_early:
            removed = DueDay(self._held.removal_date or self._held.entry.start_date)
            found.append(self._next(StepKind.WITHDRAW_EARLY, earliest=removed))
        return tuple(found)

    def require(self, step: Step, *, repaired_date: date | None = None) -> None:
        """Refuse a step that may not be taken.

        Args:
            step: The step.
            repaired_date: Day on which the repair was granted that the step carries out; none for
                any other step. It needs no application, and none need be provided for.

        Raises:
            SafetyCreditError: Says which rule it breaks, and which clause asks for that.
        """
        kind = step.kind
        if kind is StepKind.CORRECT:
            self._require_standing(step, self._held.state is not EntryState.CORRECTED)
        elif kind is StepKind.WITHDRAW_EARLY:
            self._require_standing(step, self._held.removed_early)
        else:
            self._require_standing(step, self._held.state is EntryState.IN_FORCE)
            if repaired_date is None:
                self._require_provided(step)
                self._require_stage(step)
        self._require_authority(step)
        self._require_day(step, repaired_date or date.min)
        self._require_substance(step)

    # Private methods -------------------------------------------------------------

    def _last(self, *kinds: StepKind) -> Step | None:
        return next((step for step in reversed(self._steps) if step.kind in kinds), None)

    def _stage(self) -> StepKind | None:
        """Give the step of an early removal that is next; none where there is no such thing."""
        if self._procedure.clause("early_removal_after") is None:
            return None
        last = self._last(*_EARLY)
        if last is None or last.kind in {StepKind.DECIDE_EARLY, StepKind.WITHDRAW_EARLY}:
            return StepKind.APPLY_EARLY
        if last.kind is StepKind.APPLY_EARLY:
            return StepKind.ACCEPT_EARLY
        # What is not accepted may be applied for again.
        accepted = last.opinion is Opinion.AGREE
        return StepKind.DECIDE_EARLY if accepted else StepKind.APPLY_EARLY

    def _clause(self, kind: StepKind) -> str:
        return self._procedure.citation(*_CLAUSES[kind])

    def _next(self, kind: StepKind, *, earliest: DueDay, due: DueDay | None = None) -> NextStep:
        by_party = kind is StepKind.APPLY_EARLY
        return NextStep(
            kind=kind,
            authority="" if by_party else self._held.entry.authority,
            earliest=earliest,
            due=due,
            clause=self._clause(kind),
            entry_id=self._held.entry.entry_id,
        )

    def _opening(self, kind: StepKind) -> NextStep:
        due = early_due(kind, self._steps, self._procedure, calendar=self._calendar)
        return self._next(kind, earliest=self._earliest(kind), due=due)

    def _earliest(self, kind: StepKind) -> DueDay:
        """Give the first day of a step: none is dated before the publication or another step.

        The lines of the service itself are of the day on which it did its work, whatever day
        anybody acted on; they make nobody wait.
        """
        taken = (step.day for step in self._steps if not step.by_system)
        before = max([self._held.publish_date, *taken])
        if kind is not StepKind.APPLY_EARLY:
            return DueDay(before)
        restored = self._last(StepKind.WITHDRAW_EARLY)
        begun = restored.day if restored else self._held.entry.start_date
        opens = self._procedure.required("early_removal_after").end(begun, self._calendar)
        return opens if opens.date >= before else DueDay(before)

    def _require_standing(self, step: Step, fits: bool) -> None:  # noqa: FBT001 -- one condition for three callers.
        if not fits:
            raise EntryNotInForceError(
                f"{step_name(step.kind)} does not fit an entry that is"
                f" {self._held.state.name.lower()}",
                step=step_name(step.kind),
                state=self._held.state.name.lower(),
            )

    def _require_provided(self, step: Step) -> None:
        if self._procedure.clause("early_removal_after") is None:
            raise EarlyRemovalNotProvidedError(
                "the procedure of this list knows no early removal", step=step_name(step.kind)
            )

    def _require_stage(self, step: Step) -> None:
        stage = self._stage()
        if step.kind is stage:
            return
        clause = self._clause(step.kind)
        if stage is StepKind.APPLY_EARLY or step.kind is StepKind.DECIDE_EARLY:
            assert stage is not None, "early removal is provided"
            raise StepMissingError(
                f"before {step_name(step.kind)} there must be {step_name(stage)} ({clause})",
                step=step_name(stage),
                wanted=step_name(step.kind),
                clause=clause,
            )
        raise StepRepeatedError(
            f"{step_name(step.kind)} has been taken already ({clause})",
            step=step_name(step.kind),
            clause=clause,
        )

    def _require_authority(self, step: Step) -> None:
        if step.by_party and step.kind is StepKind.APPLY_EARLY:
            return
        decides = self._held.entry.authority
        if step.authority != decides:
            clause = self._procedure.citation("decided_by")
            raise WrongAuthorityError(
                f"{step_name(step.kind)} is for {decides}, which decided the listing ({clause})",
                step=step_name(step.kind),
                wanted=decides,
                clause=clause,
            )

    def _require_day(self, step: Step, repaired_date: date) -> None:
        earliest = max(self._earliest(step.kind), DueDay(repaired_date))
        if step.day < earliest.date:
            raise StepTooEarlyError(
                step_name(step.kind),
                earliest.date,
                clause=self._clause(step.kind),
                provisional=earliest.provisional,
            )

    def _require_substance(self, step: Step) -> None:
        refused = step.kind in _PERIODS and step.opinion is not Opinion.AGREE
        if refused or step.kind in {StepKind.WITHDRAW_EARLY, StepKind.CORRECT}:
            require_text(step, "reason", self._clause(step.kind))


def early_due(
    kind: StepKind, steps: Sequence[Step], procedure: ListProcedure, *, calendar: WorkingCalendar
) -> DueDay | None:
    """Give the last day on which a step of an early removal is in time; none without a period.

    Args:
        kind: The step.
        steps: The steps about its entry before it, oldest first.
        procedure: The procedure of the case.
        calendar: Counts working days.
    """
    last = next((step for step in reversed(steps) if step.kind in _EARLY), None)
    # What carries out a repair follows no application, and has no period of the list's.
    if kind not in _PERIODS or last is None or last.kind is not _FOLLOWED[kind]:
        return None
    return procedure.required(_PERIODS[kind]).end(last.day, calendar)


# Private values --------------------------------------------------------------

_EARLY: Final = (
    StepKind.APPLY_EARLY,
    StepKind.ACCEPT_EARLY,
    StepKind.DECIDE_EARLY,
    StepKind.WITHDRAW_EARLY,
)
_PERIODS: Final = {
    StepKind.ACCEPT_EARLY: "acceptance_period",
    StepKind.DECIDE_EARLY: "early_decision_period",
}
_FOLLOWED: Final = {
    StepKind.ACCEPT_EARLY: StepKind.APPLY_EARLY,
    StepKind.DECIDE_EARLY: StepKind.ACCEPT_EARLY,
}
_CLAUSES: Final = {
    StepKind.APPLY_EARLY: ("early_removal_after",),
    StepKind.ACCEPT_EARLY: ("acceptance_period",),
    StepKind.DECIDE_EARLY: ("early_decision_period",),
    StepKind.WITHDRAW_EARLY: ("deceit_restarts_term", "decided_by"),
    StepKind.CORRECT: ("basis", "decided_by"),
    StepKind.EXPIRE: ("term",),
}
