"""Dispute the evaluation of an insurer."""

from dataclasses import dataclass, replace

from services.common.identity import Role
from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluating_insurers import (
    ExplainedEvaluation,
    Paper,
    find_evaluation,
    require_own,
    require_place,
)
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore, EvaluationWriting
from services.scoring.domain.insurer_evaluation import EvaluationStep, StepKind


@dataclass(frozen=True, slots=True)
class FileEvaluationDispute:
    """Files a dispute: by the insurer itself, or for it by the regulator.

    Attributes:
        store: Where evaluations are kept.
        appraiser: Explains evaluations.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(
        self, call: WriteCall[ExplainedEvaluation], evaluation_id: int, *, paper: Paper
    ) -> Answer:
        """File it.

        Raises:
            EvaluationUnknownError: There is no such evaluation.
            NotTheInsurerError: It is another insurer's.
            EvaluationOutOfScopeError: The place is out of the caller's reach.
            SafetyCreditError: As `Evaluation.require_disputable` says.
        """

        def work(write: EvaluationWriting) -> ExplainedEvaluation:
            evaluation = find_evaluation(write, evaluation_id)
            # Only a regulator speaks for others, whatever else an insurer may do.
            if call.caller.has_role(Role.REGULATOR):
                require_place(call.caller, evaluation.key.division)
            else:
                require_own(call.caller, evaluation.insurer)
            evaluation.require_disputable(call.today)
            step = EvaluationStep(
                kind=StepKind.DISPUTED,
                edition=evaluation.edition,
                step_date=call.today,
                authority=call.caller.authority,
                document_number=paper.document_number,
                reason=paper.reason,
            )
            write.evaluations.add_step(evaluation, step, write.new_id())
            disputed = replace(evaluation, steps=(*evaluation.steps, step))
            lines = self.appraiser.lines(disputed, write.point.revision - 1)
            return ExplainedEvaluation(disputed, lines, write.point)

        return write_once(self.store, call, work)
