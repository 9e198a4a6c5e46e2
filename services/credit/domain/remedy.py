"""Objections (异议) and credit repairs (信用修复): their steps, and which may follow which."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from services.credit.domain.codes import Field
from services.credit.domain.identifiers import ENTERPRISE, PERSON, RECORD, name_of
from services.credit.domain.remedy_errors import (
    ExtensionNotProvidedError,
    ExtensionRepeatedError,
    ExtensionTooLateError,
    StepBeforePreviousError,
    StepOutOfOrderError,
    WrongAuthorityError,
)
from services.credit.domain.repair_law import Clause, ProcedureLaw

REMEDY: Final = "m"
"""Letter of a remedy's identifier."""

ENTRY: Final = "l"
"""Letter of a list entry's identifier."""


class RemedyKind(IntEnum):
    """What a remedy is; the numbers are those of the wire and of the tables."""

    OBJECTION = 1
    REPAIR = 2


class RemedyState(IntEnum):
    """How far a remedy has come; the numbers are those of the wire and of the tables."""

    FILED = 1
    UPHELD = 2
    REJECTED = 3
    APPLIED = 4
    DECLINED = 5
    ACCEPTED = 6
    GRANTED = 7
    REFUSED = 8
    WITHDRAWN = 9

    @property
    def label(self) -> str:
        """Give the word for messages."""
        return self.name.lower()

    @property
    def open(self) -> bool:
        """Say whether an authority has to decide something."""
        return self in _OPEN

    @property
    def shared(self) -> bool:
        """Say whether it is a result, which is passed on to the other systems."""
        return self in _SHARED


class DueAction(IntEnum):
    """What is to be done next; the numbers are those of the wire and of the tables."""

    NONE = 0
    DECIDE_OBJECTION = 1
    ACCEPT_REPAIR = 2
    DECIDE_REPAIR = 3
    REVISE_RECORD = 4
    CORRECT_ENTRY = 5
    REMOVE_ENTRY = 6
    RESTORE_ENTRY = 7
    SHARE_RESULT = 8


class RemedyAct(IntEnum):
    """What a step did that left the state as it was; the numbers are those of the wire."""

    NONE = 0
    """The step led to its state."""

    EXTEND = 1
    """The period for the decision was extended."""

    SHARE = 2
    """The result was passed on to the other systems."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence, which stays with whoever holds it.

    Attributes:
        sha256: Digest of its bytes.
        title: What it is.
    """

    sha256: bytes
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyStep:
    """One step.

    Attributes:
        number: Number, from 1.
        state: State that it led to, or left as it was.
        act: What it did that left the state as it was.
        step_date: Civil day.
        authority: Authority that took it; empty for the party.
        document_number: Its document; empty for none.
        text: Ground, reasons or commitment; of a result that was shared, with whom.
        told_date: Day on which the applicant was told of an extension; none for other steps.
        evidence: What came with it.
        follow_up: What it asks for elsewhere.
        recorded_revision: Revision that recorded it.
        recorded_time: Instant of that revision, UTC.
    """

    number: int
    state: RemedyState
    act: RemedyAct = RemedyAct.NONE
    step_date: date
    authority: str = ""
    document_number: str = ""
    text: str = ""
    told_date: date | None = None
    evidence: tuple[Evidence, ...] = ()
    follow_up: DueAction = DueAction.NONE
    recorded_revision: int
    recorded_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a remedy is about: a record or an entry of a list.

    Attributes:
        record_id: The record; none for an entry.
        entry_id: The entry; none for a record.
    """

    record_id: int | None = None
    entry_id: int | None = None

    @property
    def name(self) -> str:
        """Give the identifier, ``r-…`` or ``l-…``."""
        if self.record_id is not None:
            return name_of(RECORD, self.record_id)
        assert self.entry_id is not None, "a target is a record or an entry"
        return name_of(ENTRY, self.entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decision that a remedy is about.

    Attributes:
        target: Where it is recorded.
        subject_id: The enterprise or person.
        person: Whether it is a person.
        field: Field of the record or list.
        authority: Who decided, and decides on the remedy.
        document_number: Document as printed.
        decision_date: Day of it, from which periods run.
    """

    target: Target
    subject_id: int
    person: bool
    field: Field
    authority: str
    document_number: str
    decision_date: date

    @property
    def subject_name(self) -> str:
        """Give the subject's identifier."""
        return name_of(PERSON if self.person else ENTERPRISE, self.subject_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """An objection or a repair with its steps.

    Attributes:
        remedy_id: Number.
        kind: What it is.
        decided: What it is about.
        policy_id: Policy of its periods.
        policy_version: Version that it keeps.
        policy_digest: Digest of that version.
        steps: Steps in order; at least one.
        recorded_revision: Revision that opened it.
    """

    remedy_id: int
    kind: RemedyKind
    decided: Decided
    policy_id: str
    policy_version: str
    policy_digest: str
    steps: tuple[RemedyStep, ...]
    recorded_revision: int

    @property
    def name(self) -> str:
        """Give the identifier, for example ``m-100001``."""
        return name_of(REMEDY, self.remedy_id)

    @property
    def last(self) -> RemedyStep:
        """Give the latest step that led to a state."""
        return next(step for step in reversed(self.steps) if step.act is RemedyAct.NONE)

    @property
    def acts(self) -> frozenset[RemedyAct]:
        """Give what was done since that step, and left the state as it is."""
        led = self.last.number
        return frozenset(step.act for step in self.steps if step.number > led)

    @property
    def state(self) -> RemedyState:
        """Say how far it has come."""
        return self.last.state

    def up_to(self, count: int) -> "Remedy":
        """Give the remedy as it was after so many of its steps."""
        return replace(self, steps=self.steps[:count])

    def advanced(self, step: RemedyStep, law: ProcedureLaw) -> "Remedy":
        """Give the remedy with one more step.

        Args:
            step: The step; its number is set here.
            law: Periods and conditions that the remedy keeps.

        Raises:
            StepOutOfOrderError: The step is not the next one.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the latest step.

        Source:
            信用修复管理办法 (国家发展改革委令第36号): 受理、办理、撤销; 谁认定、谁修复.
        """
        self._require_order(step.state, law)
        return self._with(step, law)

    def extended(
        self, step: RemedyStep, law: ProcedureLaw, due_date: date, *, provisional: bool = False
    ) -> "Remedy":
        """Give the repair with the period for its decision extended.

        The applicant is told within the period that is extended: afterwards the decision is late,
        and no extension mends that.

        Args:
            step: The step; its state, act and number are set here.
            law: Periods and conditions that the repair keeps.
            due_date: Last day of the period that is extended.
            provisional: Whether that day may still move.

        Raises:
            StepOutOfOrderError: It is not accepted, or is decided.
            ExtensionNotProvidedError: The law gives no extension.
            ExtensionRepeatedError: The period was extended before.
            ExtensionTooLateError: The extension or the telling is after the period.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: The step is dated before the latest one.

        Source:
            国办发〔2025〕22号: a complex case may be decided later, and the applicant is told.
        """
        clause = law.clauses["extension_days"]
        if self.state is not RemedyState.ACCEPTED:
            accepted = RemedyState.ACCEPTED
            missing = "" if self._reached(accepted) else accepted.label
            raise self._out_of_order("extended", missing, clause)
        if not law.extension_days:
            raise ExtensionNotProvidedError(
                f"no text lets {self.name} be decided later; decide it by {due_date} ({clause})",
                remedy_id=self.name,
                due_date=due_date,
                clause=clause,
            )
        if RemedyAct.EXTEND in self.acts:
            raise ExtensionRepeatedError(
                f"the period of {self.name} was extended already, and is extended once ({clause})",
                remedy_id=self.name,
                clause=clause,
            )
        if max(step.step_date, step.told_date or step.step_date) > due_date:
            moving = ", and that day may still move: try again once it is settled"
            raise ExtensionTooLateError(
                f"{self.name} was to be decided by {due_date}; the period can be extended, and the"
                f" applicant told, by that day{moving if provisional else ''} ({clause})",
                remedy_id=self.name,
                due_date=due_date,
                provisional=str(provisional).lower(),
                clause=clause,
            )
        return self._with(replace(step, state=self.state, act=RemedyAct.EXTEND), law)

    def shared(self, step: RemedyStep, law: ProcedureLaw) -> "Remedy":
        """Give the remedy with its result passed on to the other systems.

        Args:
            step: The step; its state, act and number are set here.
            law: Periods and conditions that the remedy keeps.

        Raises:
            StepOutOfOrderError: There is no result yet, or it was shared.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: The step is dated before the latest one.
        """
        if not self.state.shared or RemedyAct.SHARE in self.acts:
            missing = "" if self.state.shared else "decided"
            raise self._out_of_order("shared", missing, law.clauses["sharing_days"])
        return self._with(replace(step, state=self.state, act=RemedyAct.SHARE), law)

    # Private methods -------------------------------------------------------------

    def _with(self, step: RemedyStep, law: ProcedureLaw) -> "Remedy":
        """Add a step that is the next one, by whoever may take it, on a day on which it may."""
        self._require_authority(step.authority, law)
        latest = self.steps[-1]
        if step.step_date < latest.step_date:
            raise StepBeforePreviousError(
                f"the latest step of {self.name} is of {latest.step_date}; give that day or a"
                " later one",
                remedy_id=self.name,
                previous_date=latest.step_date,
            )
        return replace(self, steps=(*self.steps, replace(step, number=len(self.steps) + 1)))

    def _require_order(self, wanted: RemedyState, law: ProcedureLaw) -> None:
        before = _BEFORE[wanted]
        if self.state is before:
            return
        missing = "" if self._reached(before) else before.label
        raise self._out_of_order(wanted.label, missing, law.clauses[_CLAUSE_OF[wanted]])

    def _reached(self, state: RemedyState) -> bool:
        return any(step.state is state for step in self.steps)

    def _out_of_order(self, wanted: str, missing: str, clause: Clause) -> StepOutOfOrderError:
        advice = f"it must be {missing} first" if missing else "that step was decided already"
        return StepOutOfOrderError(
            f"{self.name} is {self.state.label} and cannot be {wanted}: {advice} ({clause})",
            remedy_id=self.name,
            state=self.state.label,
            wanted=wanted,
            missing=missing,
            clause=clause,
        )

    def _require_authority(self, authority: str, law: ProcedureLaw) -> None:
        if not law.same_authority_required or authority == self.decided.authority:
            return
        clause = law.clauses["same_authority_required"]
        raise WrongAuthorityError(
            f"{self.decided.authority} made the decision and decides on {self.name} ({clause})",
            remedy_id=self.name,
            authority=self.decided.authority,
            clause=clause,
        )


# Private functions -----------------------------------------------------------

_OPEN: Final = frozenset({RemedyState.FILED, RemedyState.APPLIED, RemedyState.ACCEPTED})
_SHARED: Final = frozenset(
    {
        RemedyState.UPHELD,
        RemedyState.REJECTED,
        RemedyState.GRANTED,
        RemedyState.REFUSED,
        RemedyState.WITHDRAWN,
    }
)
_BEFORE: Final = {
    RemedyState.UPHELD: RemedyState.FILED,
    RemedyState.REJECTED: RemedyState.FILED,
    RemedyState.ACCEPTED: RemedyState.APPLIED,
    RemedyState.DECLINED: RemedyState.APPLIED,
    RemedyState.GRANTED: RemedyState.ACCEPTED,
    RemedyState.REFUSED: RemedyState.ACCEPTED,
    RemedyState.WITHDRAWN: RemedyState.GRANTED,
}
_CLAUSE_OF: Final = {
    RemedyState.UPHELD: "objection_days",
    RemedyState.REJECTED: "objection_days",
    RemedyState.ACCEPTED: "acceptance_days",
    RemedyState.DECLINED: "acceptance_days",
    RemedyState.GRANTED: "decision_days",
    RemedyState.REFUSED: "decision_days",
    RemedyState.WITHDRAWN: "withdrawal_restarts_term",
}
