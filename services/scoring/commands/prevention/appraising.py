"""Applying a policy of prevention services to an insurer's figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.engine.days import day_number
from services.engine.evaluation import NO_DATA, RESULT
from services.engine.evaluation import Evaluation as Run
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.prevention.evaluation_ports import Calendar, InsurerFacts
from services.scoring.commands.prevention.prevention_figures import (
    FEN_FIGURES,
    Figures,
    Period,
    figures_of,
)
from services.scoring.domain.errors import PolicyNotInForceError, PolicyUnknownError
from services.scoring.domain.insurer_evaluation import (
    Appraisal,
    Evaluation,
    EvaluationKey,
    Figure,
)

PREVENTION: Final = "prevention"
"""Kind of the policies that evaluate prevention services."""

REPLY_DAYS: Final = "complaint_reply_working_days"
"""Output of such a policy: working days in which a complaint is to be answered."""

DISPUTE_DAYS: Final = "dispute_working_days"
"""Output of such a policy: working days in which an evaluation may be disputed."""

_NOBODY: Final = Population(1, {})
_ONE_DAY: Final = timedelta(days=1)
_FEN_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Appraised:
    """What a policy says of an insurer, with its reasons.

    Attributes:
        appraisal: What is kept.
        lines: Why, line by line.
        compiled: Version that says so.
    """

    appraisal: Appraisal
    lines: tuple[ExplainedLine, ...]
    compiled: CompiledVersion

    def says_as(self, before: Appraisal) -> bool:
        """Say whether the same version said the same of the same figures before."""
        return (
            before.figures == self.appraisal.figures
            and before.policy_version == self.appraisal.policy_version
            and self.compiled.is_meant_by(before.policy_digest)
        )


@dataclass(frozen=True, slots=True)
class Appraiser:
    """Applies the policy of a place.

    Attributes:
        library: The policies.
        calendar: Counts working days.
    """

    library: PolicyLibrary
    calendar: Calendar

    def __call__(
        self, facts: InsurerFacts, key: EvaluationKey, *, seen_from: date, revision: int
    ) -> Appraised:
        """Count the figures of a period and judge them by the law of its last day so far.

        Args:
            facts: Everything recorded of the insurer in the place.
            key: Whose, where and when.
            seen_from: Day on which it is judged.
            revision: Revision up to which policies have been published.

        Raises:
            PolicyNotInForceError: No policy evaluates prevention services there.
        """
        # Of a period that still runs counts what has happened.
        end_date = min(key.end_date, seen_from + _ONE_DAY)
        last_day = end_date - _ONE_DAY
        pinned = self.library.at(revision).most_local(
            PREVENTION, field=EVERY_FIELD, division=key.division, as_of=last_day
        )
        bare = _run(pinned, last_day, {})
        figures = figures_of(
            facts,
            Period.of(key.start_date, end_date, seen_from),
            reply_days=_stated(bare, REPLY_DAYS),
            calendar=self.calendar,
        )
        run = _run(pinned, last_day, _inputs(pinned, figures))
        refused = run.refused(0)
        status = NO_DATA if refused else int(run.states()[0])
        score = run.scores()
        appraisal = Appraisal(
            policy_id=pinned.policy_id,
            policy_version=pinned.compiled.version.version,
            policy_digest=pinned.compiled.digest,
            figures=_with_units(pinned, figures),
            status=status,
            grade=_grade(run) if status == RESULT else "",
            score=None if status != RESULT or score is None else int(score[0]),
            score_places=run.plan.score.places if run.plan.score else 0,
            missing=tuple(dict.fromkeys((*run.missing(0), *refused))) if status != RESULT else (),
            dispute_days=_stated(bare, DISPUTE_DAYS) or 0,
        )
        lines = explain(run, 0) if status == RESULT else ()
        return Appraised(appraisal, lines, pinned.compiled)

    def lines(self, evaluation: Evaluation, revision: int) -> tuple[ExplainedLine, ...]:
        """Explain an evaluation that was kept, by the very policy that it was made with.

        Args:
            evaluation: The evaluation.
            revision: Revision up to which policies have been published.

        Returns:
            The lines; none without a result, or where the policy is no longer there as it was.
        """
        appraisal, last_day = evaluation.appraisal, evaluation.key.end_date - _ONE_DAY
        if appraisal.status != RESULT:
            return ()
        try:
            pinned = self.library.at(revision).named(
                PREVENTION,
                appraisal.policy_id,
                version=appraisal.policy_version,
                as_of=last_day,
            )
        except (PolicyUnknownError, PolicyNotInForceError):
            return ()
        if not pinned.compiled.is_meant_by(appraisal.policy_digest):
            return ()
        figures = {name: figure.number for name, figure in appraisal.figures.items()}
        return explain(_run(pinned, last_day, _inputs(pinned, figures)), 0)


# Private functions -----------------------------------------------------------


def _run(pinned: PinnedVersion, day: date, inputs: Mapping[str, int]) -> Run:
    return pinned.plan.run(_NOBODY, day_number(day), inputs)


def _inputs(pinned: PinnedVersion, figures: Figures) -> dict[str, int]:
    """Give the figures that a policy asks for, in the smallest unit of its inputs."""
    inputs: dict[str, int] = {}
    for name in pinned.plan.needs.requests:
        number = figures.get(name)
        if number is None:
            continue
        shift = pinned.compiled.version.inputs[name].places
        shift -= _FEN_PLACES if name in FEN_FIGURES else 0
        # A policy that keeps fewer decimals than the figure has is never given half of one.
        if shift >= 0:
            inputs[name] = number * 10**shift
        elif number % 10**-shift == 0:
            inputs[name] = number // 10**-shift
    return inputs


def _stated(run: Run, name: str) -> int | None:
    """Give an output that hangs on no figure; none where the policy has none."""
    if name not in run.plan.outputs:
        return None
    value = int(run.output(name)[0])
    return None if value == MISSING else value // 10 ** run.plan.outputs[name].places


def _with_units(pinned: PinnedVersion, figures: Figures) -> dict[str, Figure]:
    """Give the figures that were counted; those that the policy asks for, in its words."""
    inputs = pinned.compiled.version.inputs
    return {
        name: Figure(
            number,
            _FEN_PLACES if name in FEN_FIGURES else 0,
            inputs[name].unit if name in inputs else "CNY" if name in FEN_FIGURES else "",
        )
        for name, number in figures.items()
    }


def _grade(run: Run) -> str:
    rank = int(run.ranks()[0])
    return run.plan.ladder[rank - 1] if rank else ""
