"""Decide a dispute about the evaluation of an insurer."""

from dataclasses import dataclass, replace

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluating_insurers import (
    ExplainedEvaluation,
    Paper,
    evaluate_anew,
    find_evaluation,
    require_place,
)
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore, EvaluationWriting
from services.scoring.domain.insurer_evaluation import EvaluationStep, StepKind


@dataclass(frozen=True, slots=True)
class DecideEvaluationDispute:
    """Accepts a dispute, and evaluates again by what is recorded by then, or rejects it.

    Attributes:
        store: Where evaluations are kept.
        appraiser: Applies the policy of the place.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(
        self,
        call: WriteCall[ExplainedEvaluation],
        evaluation_id: int,
        *,
        accepted: bool,
        paper: Paper,
    ) -> Answer:
        """Decide it.

        An evaluation that changes nothing keeps its edition: what was wrong has to be recorded.

        Raises:
            EvaluationUnknownError: There is no such evaluation.
            EvaluationOutOfScopeError: The place is out of the caller's reach.
            NoDisputeError: No dispute is open.
        """

        def work(write: EvaluationWriting) -> ExplainedEvaluation:
            evaluation = find_evaluation(write, evaluation_id)
            require_place(call.caller, evaluation.key.division)
            evaluation.require_disputed()
            step = EvaluationStep(
                kind=StepKind.ACCEPTED if accepted else StepKind.REJECTED,
                edition=evaluation.edition,
                step_date=call.today,
                authority=call.caller.authority,
                document_number=paper.document_number,
                reason=paper.reason,
            )
            write.evaluations.add_step(evaluation, step, write.new_id())
            decided = replace(evaluation, steps=(*evaluation.steps, step))
            if accepted:
                anew = evaluate_anew(
                    write,
                    self.appraiser,
                    evaluation.key,
                    insurer=evaluation.insurer,
                    today=call.today,
                )
                decided = replace(anew, steps=decided.steps)
            lines = self.appraiser.lines(decided, write.point.revision - 1)
            return ExplainedEvaluation(decided, lines, write.point)

        return write_once(self.store, call, work)
