"""Publish the evaluation of an insurer."""

from dataclasses import dataclass, replace

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluating_insurers import (
    ExplainedEvaluation,
    Paper,
    find_evaluation,
    require_place,
)
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore, EvaluationWriting
from services.scoring.domain.insurer_evaluation import EvaluationStep, StepKind


@dataclass(frozen=True, slots=True)
class PublishInsurerEvaluation:
    """Publishes an evaluation once nobody can dispute it any more (向社会公示).

    Attributes:
        store: Where evaluations are kept.
        appraiser: Explains evaluations.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(
        self, call: WriteCall[ExplainedEvaluation], evaluation_id: int, *, paper: Paper
    ) -> Answer:
        """Publish it.

        Raises:
            EvaluationUnknownError: There is no such evaluation.
            EvaluationOutOfScopeError: The place is out of the caller's reach.
            SafetyCreditError: As `Evaluation.require_publishable` says.
        """

        def work(write: EvaluationWriting) -> ExplainedEvaluation:
            evaluation = find_evaluation(write, evaluation_id)
            require_place(call.caller, evaluation.key.division)
            evaluation.require_publishable(call.today)
            step = EvaluationStep(
                kind=StepKind.PUBLISHED,
                edition=evaluation.edition,
                step_date=call.today,
                authority=call.caller.authority,
                document_number=paper.document_number,
            )
            write.evaluations.add_step(evaluation, step, write.new_id())
            published = replace(evaluation, steps=(*evaluation.steps, step))
            lines = self.appraiser.lines(published, write.point.revision - 1)
            return ExplainedEvaluation(published, lines, write.point)

        return write_once(self.store, call, work)
