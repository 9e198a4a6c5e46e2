"""Evaluate the prevention services of the insurers of a place in a period."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluating_insurers import evaluate_anew, require_place
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore, EvaluationWriting
from services.scoring.domain.insurer_evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationState,
    InsurerUnknownError,
    PeriodNotEndedError,
)

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodQuestion:
    """Where and when, and perhaps whose.

    Attributes:
        division: Place, six digits.
        start_date: First day of the period.
        end_date: Day after its last day.
        insurer_code: Credit code of one insurer; empty for all.
    """

    division: str
    start_date: date
    end_date: date
    insurer_code: str = ""


@dataclass(frozen=True, slots=True)
class EvaluatedInsurers:
    """What came of evaluating.

    Attributes:
        evaluations: By credit code of the insurers.
        point: Point of the store that includes them.
    """

    evaluations: tuple[Evaluation, ...]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class EvaluateInsurers:
    """Evaluates insurers once a period has ended.

    Attributes:
        store: Where evaluations are kept.
        appraiser: Applies the policy of the place.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(self, call: WriteCall[EvaluatedInsurers], question: PeriodQuestion) -> Answer:
        """Evaluate; what is published or disputed stays as it is.

        Raises:
            EvaluationOutOfScopeError: The caller may not evaluate there.
            PeriodNotEndedError: The period has not ended.
            InsurerUnknownError: No insurer, or not that one, insured anybody there.
            PolicyNotInForceError: No policy evaluates prevention services there.
        """
        division = int(question.division)
        require_place(call.caller, division)
        if question.end_date > call.today:
            raise PeriodNotEndedError(
                f"evaluate the period from {question.end_date} on", end_date=question.end_date
            )

        def work(write: EvaluationWriting) -> EvaluatedInsurers:
            insurers = write.insurers.insurers(
                question.division, question.end_date - _ONE_DAY, write.point.revision
            )
            wanted = [question.insurer_code] if question.insurer_code else sorted(insurers)
            if not wanted or wanted[0] not in insurers:
                raise InsurerUnknownError(
                    f"no insurance of {question.insurer_code or 'any insurer'} was recorded in"
                    f" {question.division} by the end of the period",
                    insurer_code=question.insurer_code,
                    division=question.division,
                )
            return EvaluatedInsurers(
                tuple(
                    self._evaluated(
                        write,
                        EvaluationKey(
                            insurer_code=code,
                            division=division,
                            start_date=question.start_date,
                            end_date=question.end_date,
                        ),
                        insurer=insurers[code],
                        today=call.today,
                    )
                    for code in wanted
                ),
                write.point,
            )

        return write_once(self.store, call, work)

    def _evaluated(
        self, write: EvaluationWriting, key: EvaluationKey, *, insurer: str, today: date
    ) -> Evaluation:
        before = write.evaluations.of(key, write.point.revision)
        if before is not None and before.state is not EvaluationState.OPEN:
            return before
        return evaluate_anew(write, self.appraiser, key, insurer=insurer, today=today)
