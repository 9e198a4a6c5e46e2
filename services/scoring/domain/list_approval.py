"""Who approves a listing (报批), and who drops one that was approved: not who proposed it."""

from typing import Final

from services.scoring.domain.list_case import Opinion, Step, StepKind
from services.scoring.domain.list_errors import (
    ContentMissingError,
    ProposerMayNotApproveError,
    ReviewDissentsError,
)
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import require_text, step_name
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.person_names import same_name


def require_approval(step: Step, ledger: Ledger, procedure: ListProcedure) -> None:
    """Refuse an approval by who proposed, against a department, or a rejection without a reason.

    Raises:
        ProposerMayNotApproveError: The caller or the person collected or reported the case.
        ReviewDissentsError: A department of the joint review does not agree.
        ContentMissingError: Nobody says why it is rejected.
    """
    clause = procedure.citation("approval")
    _require_other_than_proposer(step, ledger, clause)
    if step.opinion is not Opinion.AGREE:
        require_text(step, "reason", clause)
    elif ledger.dissenting():
        clause = procedure.citation("joint_review")
        raise ReviewDissentsError(
            f"a department of the joint review does not agree; it may review again ({clause})",
            fields=",".join(str(one.field) for one in ledger.dissenting()),
            clause=clause,
        )


def require_closing(step: Step, ledger: Ledger, procedure: ListProcedure) -> None:
    """Refuse that a case is closed without a reason, or an approval dropped by one clerk alone.

    No text says who may drop a listing that was approved or decided. The house rule asks for what
    made it: two persons, and a document.

    Raises:
        ProposerMayNotApproveError: The caller or the person collected or reported the case.
        ContentMissingError: There is no reason, or no document of its own that ends what was
            approved.
    """
    require_text(step, "reason", procedure.citation("decided_by"))
    approval = ledger.last(StepKind.APPROVE)
    if approval is None or approval.opinion is not Opinion.AGREE:
        return
    _require_other_than_proposer(step, ledger, _HOUSE_RULE)
    if any(step.document_number == one.document_number for one in ledger.steps):
        raise ContentMissingError(
            f"{step.document_number} stands in the ledger already; name the document that ends what"
            f" was approved ({_HOUSE_RULE})",
            step=step_name(step.kind),
            missing="document_number",
            clause=_HOUSE_RULE,
        )


# Private functions and values --------------------------------------------------

_HOUSE_RULE: Final = "house rule: what two decided one does not drop"


def _require_other_than_proposer(step: Step, ledger: Ledger, clause: str) -> None:
    proposers = [*ledger.all(StepKind.COLLECT), *ledger.all(StepKind.REPORT)]
    if any(step.caller == one.caller or same_name(step.person, one.person) for one in proposers):
        raise ProposerMayNotApproveError(
            f"another caller and another person than proposed it must {step_name(step.kind)} it"
            f" ({clause})",
            step=step_name(step.kind),
            clause=clause,
        )
