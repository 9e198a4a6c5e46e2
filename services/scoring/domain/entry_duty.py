"""What a decision on an objection or a repair asks of the lists: an entry is to leave its list.

The decisions are of the credit service (RemedyService). The party is owed what they say within a
period, whoever works on the lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import Opinion, Step, StepKind
from services.scoring.domain.list_errors import (
    BasisStandsError,
    ProposerMayNotApproveError,
    StepMissingError,
    StepTooEarlyError,
)
from services.scoring.domain.list_next_step import NextStep, step_name
from services.scoring.domain.list_procedure import DueDay

OF_REMEDIES: Final = frozenset({StepKind.CORRECT, StepKind.DECIDE_EARLY, StepKind.WITHDRAW_EARLY})
"""Steps that a decision on an objection or a repair asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDuty:
    """What one such decision asks for.

    Attributes:
        entry_id: The entry.
        kind: Step that does it: a correction for an objection that was upheld, an early removal for
            a repair that was granted, its withdrawal for a repair that was obtained by deceit.
        document_number: Document of the decision.
        day: Day of the decision.
        caller: Who recorded it.
        policy_id: Policy of its periods.
        policy_version: Version of it.
    """

    entry_id: int
    kind: StepKind
    document_number: str
    day: date
    caller: str
    policy_id: str
    policy_version: str

    def open(self, held: HeldEntry) -> bool:
        """Say whether it is still to be done; an entry that left its list need not be removed.

        What is restored is what had left its list early by then, not by a repair of later on.
        """
        if self.kind is StepKind.CORRECT:
            return held.state is not EntryState.CORRECTED
        if self.kind is StepKind.DECIDE_EARLY:
            return held.state is EntryState.IN_FORCE
        gone = held.removal_date
        return held.removed_early and gone is not None and gone <= self.day

    def done_by(self, step: Step) -> bool:
        """Say whether a step of a ledger did it, by its document; a refusal did not."""
        of_entry = step.entry_id == self.entry_id and step.kind is self.kind
        refused = self.kind is StepKind.DECIDE_EARLY and step.opinion is not Opinion.AGREE
        return of_entry and not refused and step.document_number == self.document_number

    def step(self, held: HeldEntry, *, due: DueDay, clause: str) -> NextStep:
        """Give it as a step that is due at the authority of the entry.

        Args:
            held: The entry.
            due: Last day.
            clause: Clause that sets that day.
        """
        return NextStep(
            kind=self.kind,
            authority=held.entry.authority,
            earliest=DueDay(self.day),
            due=due,
            clause=clause,
            entry_id=self.entry_id,
            document_number=self.document_number,
        )


def granted_by(step: Step, duties: Iterable[EntryDuty]) -> EntryDuty | None:
    """Give the granted repair that a decision on an early removal carries out by its document.

    Args:
        step: The decision.
        duties: What decisions ask of the entry.

    Source:
        信用修复管理办法 (国家发展改革委令第36号) art. 3: what was repaired is published no more,
        whatever the list says of removals on application.
    """
    if step.kind is not StepKind.DECIDE_EARLY or step.opinion is not Opinion.AGREE:
        return None
    by_document = (one for one in duties if one.document_number == step.document_number)
    return next((one for one in by_document if one.kind is StepKind.DECIDE_EARLY), None)


def require_repair_withdrawn(
    step: Step, held: HeldEntry, duties: Iterable[EntryDuty], *, clause: str
) -> None:
    """Refuse to restore an entry by the list alone, while a repair asks that it be off its list.

    The repair is withdrawn first: otherwise the removal would be owed again at once, by the
    document that removed the entry before.

    Args:
        step: The withdrawal of the early removal.
        held: The entry.
        duties: What decisions ask of the entry.
        clause: Clause by which it is restored.

    Raises:
        StepMissingError: A repair stands.
        StepTooEarlyError: The step is dated before the withdrawal of the repair.

    Source:
        信用修复管理办法 (国家发展改革委令第36号): a repair by deceit is withdrawn (撤销修复).
    """
    duties = tuple(duties)
    standing = next((one for one in duties if one.kind is StepKind.DECIDE_EARLY), None)
    if standing is not None:
        raise StepMissingError(
            f"before {step_name(step.kind)} there must be {_WITHDRAW_REPAIR}: withdraw the repair"
            f" {standing.document_number} (WithdrawRepair), and name the document of that here"
            f" ({clause})",
            step=_WITHDRAW_REPAIR,
            wanted=step_name(step.kind),
            clause=clause,
        )
    asked = [one.day for one in duties if one.kind is StepKind.WITHDRAW_EARLY and one.open(held)]
    if asked and step.day < min(asked):
        raise StepTooEarlyError(step_name(step.kind), min(asked), clause=clause, provisional=False)


def require_objection(step: Step, duties: Iterable[EntryDuty], *, clause: str) -> None:
    """Refuse a correction of what stands, unless an objection was upheld by somebody else.

    Two officials do it, not two systems: a caller is the official who acts, whatever software the
    call comes from. A name that one login types for another proves nothing, and the decision on an
    objection names none.

    Args:
        step: The correction.
        duties: What decisions ask of the entry.
        clause: Clause by which the entry is on its list.

    Raises:
        BasisStandsError: The document of the step is that of no objection which was upheld.
        ProposerMayNotApproveError: The caller upheld it.
        StepTooEarlyError: The step is dated before the decision.
    """
    upheld = [
        one
        for one in duties
        if one.kind is StepKind.CORRECT and one.document_number == step.document_number
    ]
    if not upheld:
        raise BasisStandsError(
            f"what the listing rests on stands ({clause}); revoke or revise the record that fell,"
            " or uphold an objection to the entry (DecideObjection) and name its document here",
            document_number=step.document_number,
            clause=clause,
        )
    duty = upheld[-1]
    if all(one.caller == step.caller for one in upheld):
        raise ProposerMayNotApproveError(
            "another official than upheld the objection must correct the entry by its document"
            f" ({clause}); from the same system, call with that official's own identity",
            document_number=duty.document_number,
            clause=clause,
        )
    if step.day < duty.day:
        raise StepTooEarlyError(step_name(step.kind), duty.day, clause=clause, provisional=False)


# Private values ----------------------------------------------------------------

_WITHDRAW_REPAIR: Final = "withdraw_repair"
