"""Watch how insurers' prevention services go on (监测预防服务方面的工作进展)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.engine.explained import ExplainedLine
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluate_insurers import PeriodQuestion
from services.scoring.commands.prevention.evaluating_insurers import acts_as_insurer
from services.scoring.commands.prevention.evaluation_ports import EvaluationStore
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.insurer_evaluation import (
    Appraisal,
    EvaluationKey,
    InsurerUnknownError,
)

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one insurer stands in a period.

    Attributes:
        insurer: Name of the insurer.
        key: Whose, where and when.
        appraisal: What the policy would say of it so far.
        lines: Why.
    """

    insurer: str
    key: EvaluationKey
    appraisal: Appraisal
    lines: tuple[ExplainedLine, ...]


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """Where the insurers of a place stand.

    Attributes:
        insurers: By credit code.
        as_of: Day that the answer is for.
        point: Point of the store.
    """

    insurers: tuple[Progress, ...]
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetPreventionProgress:
    """Shows services against plan and spending against premium, without evaluating anybody.

    Attributes:
        store: Where records are.
        appraiser: Applies the policy of the place.
    """

    store: EvaluationStore
    appraiser: Appraiser

    def __call__(
        self, question: PeriodQuestion, standpoint: Standpoint, *, caller: Caller
    ) -> ProgressAnswer:
        """Show it; an insurer sees itself only.

        Raises:
            InsurerUnknownError: The insurer asked for insured nobody there.
            PolicyNotInForceError: No policy evaluates prevention services there.
            SafetyCreditError: As `reading_at` says.
        """
        division = int(question.division)
        with reading_at(self.store, standpoint) as (reading, point):
            insurers = dict(
                reading.insurers.insurers(
                    question.division, question.end_date - _ONE_DAY, point.revision
                )
            )
            if acts_as_insurer(caller):
                insurers = {
                    code: name for code, name in insurers.items() if name == caller.authority
                }
            wanted = [question.insurer_code] if question.insurer_code else sorted(insurers)
            if question.insurer_code and question.insurer_code not in insurers:
                raise InsurerUnknownError(
                    f"no insurance of {question.insurer_code} was recorded in"
                    f" {question.division}, or it is not this caller's",
                    insurer_code=question.insurer_code,
                    division=question.division,
                )
            found: list[Progress] = []
            for code in wanted:
                key = EvaluationKey(
                    insurer_code=code,
                    division=division,
                    start_date=question.start_date,
                    end_date=question.end_date,
                )
                facts = reading.insurers.facts(code, question.division, point.revision)
                said = self.appraiser(
                    facts, key, seen_from=standpoint.as_of, revision=point.revision
                )
                found.append(Progress(insurers[code], key, said.appraisal, said.lines))
        return ProgressAnswer(tuple(found), standpoint.as_of, point)
