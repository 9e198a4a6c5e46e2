"""Recommend rates for many enterprises, those of one plan in one run, at one point of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.common.errors import SafetyCreditError
from services.common.tokens import StorePoint
from services.engine.errors import NumberTooLargeError
from services.engine.population import Population
from services.scoring.commands.choosing import unknown_subject
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Reading, Store
from services.scoring.commands.rates.brief_rates import BriefColumns, brief_columns
from services.scoring.commands.rates.rate_inputs import Codes, Wanted, given_inputs, input_columns
from services.scoring.commands.rates.rate_plans import AppliedPlan, RatePlans, plans_of
from services.scoring.commands.rates.rating import RatedColumns, rate_columns
from services.scoring.commands.rates.recommend_rate import (
    RateAnswer,
    RatedRow,
    RateQuestion,
    brief_answer,
    detailed_answer,
    require_cover,
)
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One enterprise and what is wanted for it.

    Attributes:
        ref: The enterprise.
        wanted: What is wanted.
    """

    ref: SubjectRef
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class RatedBatch:
    """Rates of many.

    Attributes:
        results: A rate or a refusal for each enterprise asked for, in their order; a rate without
            its reasons stands in a column.
        as_of: Rating day.
        point: Point of the store.
    """

    results: tuple["RateAnswer | BriefRow | SafetyCreditError", ...]
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class BriefRates:
    """Rates of one plan without their reasons.

    Attributes:
        columns: What they say.
        sample: A rate of the same plan, day and point, for what all have in common.
        rated: What they were read from.
    """

    columns: BriefColumns
    sample: RateAnswer
    rated: RatedColumns


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One rate in a column.

    Attributes:
        rates: The columns.
        position: Where it stands in them.
        subject: The enterprise.
    """

    rates: BriefRates
    position: int
    subject: Subject


@dataclass(frozen=True, slots=True)
class BatchRecommendRates:
    """Recommends rates for a batch of enterprises.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        codes: Numbers of code words, by code set.
    """

    store: Store
    library: PolicyLibrary
    codes: Codes = field(default_factory=dict)

    def __call__(
        self,
        items: Sequence[BatchItem | SafetyCreditError],
        standpoint: Standpoint,
        *,
        question: RateQuestion,
        detailed: bool,
    ) -> RatedBatch:
        """Rate them; one that cannot be rated does not fail the others.

        Args:
            items: Enterprises, and refusals of items that were wrong in themselves.
            standpoint: Where to read.
            question: What holds for all.
            detailed: Whether each rate has its worksheet.

        Raises:
            PolicyUnknownError: There is no such plan, or version of it.
            PolicyNotInForceError: The plan named is not in force on the first day of cover.
            InvalidInputError: Cover begins before the rating day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        require_cover(question.cover_start_date, as_of)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            plans = plans_of(self.library.at(point.revision))
            if question.policy_id:
                # A plan that nobody has, or that is not in force, fails the call, not each part.
                _answering(plans, question, None, as_of)
            refs = {one.ref for one in items if isinstance(one, BatchItem)}
            found = reading.subjects.find(refs, at)
            work = _Work(question, detailed, point, self.codes, [None] * len(items))
            for applied, asked in work.grouped(plans, items, found=found, as_of=as_of).items():
                for wave in _waves(asked):
                    work.rate(applied, wave, reading=reading, at=at)
        return RatedBatch(tuple(work.results()), as_of, point)


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """An enterprise that one plan answers.

    Attributes:
        position: Where it stands in the batch.
        wanted: What is wanted for it.
        subject: The enterprise.
    """

    position: int
    wanted: Wanted
    subject: Subject


def _waves(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    """Part what is asked so that no enterprise stands twice in a population."""
    waves: list[list[_Asked]] = []
    times: dict[int, int] = {}
    for one in asked:
        number = times.get(one.subject.subject_id, 0)
        times[one.subject.subject_id] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(one)
    return waves


@dataclass(slots=True)
class _Work:
    """A batch in the making: what was asked, and what has become of it."""

    question: RateQuestion
    detailed: bool
    point: StorePoint
    codes: Codes
    done: list[RateAnswer | BriefRow | SafetyCreditError | None]

    def results(self) -> Sequence[RateAnswer | BriefRow | SafetyCreditError]:
        results = [one for one in self.done if one is not None]
        assert len(results) == len(self.done), "every item has been rated or refused"
        return results

    def grouped(
        self,
        plans: RatePlans,
        items: Sequence[BatchItem | SafetyCreditError],
        *,
        found: Mapping[SubjectRef, Subject],
        as_of: date,
    ) -> dict[AppliedPlan, list[_Asked]]:
        """Put together what one plan answers, and note what none does."""
        groups: dict[AppliedPlan, list[_Asked]] = {}
        chosen: dict[int | None, AppliedPlan | SafetyCreditError] = {}
        for position, item in enumerate(items):
            if not isinstance(item, BatchItem):
                self.done[position] = item
                continue
            subject = found.get(item.ref)
            if subject is None:
                self.done[position] = unknown_subject(item.ref)
                continue
            division = subject.division
            if division not in chosen:
                try:
                    chosen[division] = _answering(plans, self.question, division, as_of)
                except SafetyCreditError as error:
                    chosen[division] = error
            applied = chosen[division]
            if isinstance(applied, SafetyCreditError):
                self.done[position] = applied
            else:
                groups.setdefault(applied, []).append(_Asked(position, item.wanted, subject))
        return groups

    def rate(
        self, applied: AppliedPlan, wave: Sequence[_Asked], *, reading: Reading, at: Viewpoint
    ) -> None:
        """Rate the items of one plan, as one population."""
        told = self._told(applied, wave)
        if not told:
            return
        population = reading.facts.population([one.subject for one, _ in told], applied.needs, at)
        try:
            self._rate(applied, told, population, at.as_of)
        except NumberTooLargeError as error:
            # Somebody's numbers leave the range of whole numbers; the others' do not.
            if len(told) == 1:
                self.done[told[0][0].position] = error
                return
            for one in wave:
                self.rate(applied, [one], reading=reading, at=at)

    def _rate(
        self,
        applied: AppliedPlan,
        told: Sequence[tuple[_Asked, dict[str, int]]],
        population: Population,
        as_of: date,
    ) -> None:
        rated = rate_columns(
            applied,
            population,
            as_of,
            given=input_columns([given for _, given in told]),
            cover_start_date=self.question.cover_start_date,
        )
        brief: BriefRates | None = None
        columns = None if self.detailed else brief_columns(rated)
        for place, (one, given) in enumerate(told):
            if brief is not None and brief.columns.plain[place]:
                self.done[one.position] = BriefRow(brief, place, one.subject)
                continue
            row = RatedRow(rated, place, one.subject, given, self.point)
            try:
                self.done[one.position] = self._answer(row, as_of)
            except SafetyCreditError as error:
                self.done[one.position] = error
                continue
            answer = self.done[one.position]
            if columns is not None and isinstance(answer, RateAnswer) and columns.plain[place]:
                brief = brief or BriefRates(columns, answer, rated)

    def _answer(self, row: RatedRow, as_of: date) -> RateAnswer:
        if self.detailed:
            return detailed_answer(row, self.question, as_of=as_of, codes=self.codes)
        rate = row.rated.rate(row.position, row.subject)
        return brief_answer(row, self.question, rate, as_of=as_of)

    def _told(
        self, applied: AppliedPlan, wave: Sequence[_Asked]
    ) -> list[tuple[_Asked, dict[str, int]]]:
        """Give every item that can be rated with its inputs."""
        told: list[tuple[_Asked, dict[str, int]]] = []
        plan = applied.pinned.plan
        for one in wave:
            try:
                given = given_inputs(plan, one.wanted, one.subject)
            except SafetyCreditError as error:
                self.done[one.position] = error
            else:
                told.append((one, given))
        return told


def _answering(
    plans: RatePlans, question: RateQuestion, division: int | None, as_of: date
) -> AppliedPlan:
    return plans.answering(question.choice, division, as_of=as_of, cover=question.cover_start_date)
