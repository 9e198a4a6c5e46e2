"""What may follow in a case, and what a step must say."""

from dataclasses import dataclass
from datetime import date

from services.scoring.domain.list_case import Step, StepKind
from services.scoring.domain.list_errors import ContentMissingError
from services.scoring.domain.list_procedure import DueDay


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step that may be taken.

    Attributes:
        kind: Which.
        authority: Authority that takes it; empty where any of the field or the party does.
        field: Field of a joint review; 0 otherwise.
        party: Party that it is about; 0 for all.
        earliest: First day on which it may be taken.
        due: Last day on which it is in time; none where no text sets one.
        clause: Clause that asks for it.
        entry_id: Entry that it is about; 0 for a step of a case.
        document_number: Document by which it is to be done; empty for a step that brings its own.
    """

    kind: StepKind
    authority: str
    field: int = 0
    party: int = 0
    earliest: DueDay
    due: DueDay | None = None
    clause: str
    entry_id: int = 0
    document_number: str = ""

    def overdue(self, day: date) -> bool:
        """Say whether its last day has passed."""
        return self.due is not None and self.due.date < day


def require_text(step: Step, name: str, clause: str) -> None:
    """Refuse a step without a text that it must have.

    Raises:
        ContentMissingError: It is not there.
    """
    if not step.contents.get(name):
        raise ContentMissingError(
            f"{step_name(step.kind)} lacks {name} ({clause or 'every refusal says why'})",
            step=step_name(step.kind),
            missing=name,
            clause=clause,
        )


def step_name(kind: StepKind) -> str:
    """Give the name of a step as people type it."""
    return kind.name.lower()
