"""Objections (异议) and credit repairs (信用修复): their steps, and which may follow which."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from services.credit.domain.codes import Field
from services.credit.domain.identifiers import ENTERPRISE, PERSON, RECORD, name_of
from services.credit.domain.remedy_errors import (
    StepBeforePreviousError,
    StepOutOfOrderError,
    WrongAuthorityError,
)
from services.credit.domain.repair_law import ProcedureLaw

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
        state: State that it led to.
        step_date: Civil day.
        authority: Authority that took it; empty for the party.
        document_number: Its document; empty for none.
        text: Ground, reasons or commitment.
        evidence: What came with it.
        follow_up: What it asks for elsewhere.
        recorded_revision: Revision that recorded it.
        recorded_time: Instant of that revision, UTC.
    """

    number: int
    state: RemedyState
    step_date: date
    authority: str = ""
    document_number: str = ""
    text: str = ""
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
        """Give the latest step."""
        return self.steps[-1]

    @property
    def state(self) -> RemedyState:
        """Say how far it has come."""
        return self.last.state

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
        self._require_authority(step.authority, law)
        if step.step_date < self.last.step_date:
            raise StepBeforePreviousError(
                f"{self.name} was {self.state.label} on {self.last.step_date}; give that day or a"
                " later one",
                remedy_id=self.name,
                previous_date=self.last.step_date,
            )
        return replace(self, steps=(*self.steps, replace(step, number=len(self.steps) + 1)))

    def _require_order(self, wanted: RemedyState, law: ProcedureLaw) -> None:
        before = _BEFORE[wanted]
        if self.state is before:
            return
        clause = law.clauses[_CLAUSE_OF[wanted]]
        missing = before if before not in {step.state for step in self.steps} else None
        advice = (
            f"it must be {missing.label} first"
            if missing is not None
            else "that step was decided already"
        )
        raise StepOutOfOrderError(
            f"{self.name} is {self.state.label} and cannot be {wanted.label}: {advice} ({clause})",
            remedy_id=self.name,
            state=self.state.label,
            wanted=wanted.label,
            missing=missing.label if missing is not None else "",
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
