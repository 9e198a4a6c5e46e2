"""Get the evaluation of an insurer, with its reasons."""

from dataclasses import dataclass

from services.common.identity import Caller
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluating_insurers import (
    ExplainedEvaluation,
    may_see,
    unknown_evaluation,
)
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore
from services.scoring.commands.standpoint import Standpoint, reading_at


@dataclass(frozen=True, slots=True)
class GetInsurerEvaluation:
    """Gets one evaluation.

    Attributes:
        store: Where evaluations are kept.
        appraiser: Explains evaluations.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(
        self, evaluation_id: int, standpoint: Standpoint, *, caller: Caller
    ) -> ExplainedEvaluation:
        """Find it.

        Raises:
            EvaluationUnknownError: There was none, or none that the caller may see.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            found = reading.evaluations.find(evaluation_id, point.revision)
        if found is None or not may_see(caller, found):
            raise unknown_evaluation(evaluation_id)
        return ExplainedEvaluation(found, self.appraiser.lines(found, point.revision), point)
