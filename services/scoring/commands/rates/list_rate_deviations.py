"""List premiums that were charged otherwise than quoted, or outside the bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.common.errors import SafetyCreditError
from services.common.identity import Caller, Role
from services.common.tokens import StorePoint
from services.engine.language import Source
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.rates.bounds_worksheet import bound_source
from services.scoring.commands.rates.keep_quotes import QuoteAsked, QuoteBytes, acting_insurer
from services.scoring.commands.rates.quote_ports import QuoteStore
from services.scoring.commands.rates.recommend_rate import RateAnswer, RateQuestion, RecommendRate
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.quote import (
    ChargedPolicy,
    DeviationKind,
    Quote,
    deviation_of,
    for_cover,
)
from services.scoring.domain.subject import EnterpriseId, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationsWanted:
    """Which insurance policies are looked at.

    Attributes:
        start_date: First day of cover at the earliest; none for any.
        end_date: Day after the last first day of cover; none for any.
        division: Division with all below it, six digits; empty for any.
    """

    start_date: date | None = None
    end_date: date | None = None
    division: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateDeviation:
    """A premium that is not as it should be.

    Attributes:
        kind: What is wrong.
        subject: The enterprise.
        charged: What was charged.
        quote: The quote; none where none was confirmed with the number.
        expected_fen: Premium quoted, or recommended, for this cover.
        least_fen: Lowest premium allowed for this cover; none where nothing bounds it.
        most_fen: Highest premium allowed for this cover.
        policy: The plan; none where it is not known any more.
        source: Clause that is not kept; none where the plan is not known any more.
    """

    kind: DeviationKind
    subject: Subject
    charged: ChargedPolicy
    quote: Quote | None
    expected_fen: int | None
    least_fen: int | None
    most_fen: int | None
    policy: CompiledVersion | None
    source: Source | None


@dataclass(frozen=True, slots=True)
class DeviationsPage:
    """A page of deviations.

    Attributes:
        deviations: In order of the record.
        unjudged_count: Policies for which no rate could be worked out.
        next_token: Token of the next page; empty on the last.
        as_of: Day on which divisions were looked at.
        point: Point of the store.
    """

    deviations: tuple[RateDeviation, ...]
    unjudged_count: int
    next_token: str
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListRateDeviations:
    """Compares what was charged with quotes and bounds.

    Attributes:
        store: Where quotes and facts are stored.
        recommend: Recommends rates.
        written: Reads the questions of quotes.
    """

    store: QuoteStore
    recommend: RecommendRate
    written: QuoteBytes

    def __call__(
        self,
        wanted: DeviationsWanted,
        standpoint: Standpoint,
        page: PageRequest,
        *,
        caller: Caller,
    ) -> DeviationsPage:
        """Give a page.

        Raises:
            SafetyCreditError: As `reading_page` says.
        """
        insurer = "" if caller.has_role(Role.REGULATOR, Role.AUDITOR) else acting_insurer(caller)
        with reading_page(self.store, standpoint, page) as reading:
            snapshot = reading.reading
            digest = self.recommend.library.at(reading.point.revision).digest
            reading.require_digest(digest)
            charged = snapshot.charged.page(
                after=reading.after,
                limit=page.size + 1,
                revision=reading.point.revision,
                insurer=insurer,
                cover=(wanted.start_date, wanted.end_date),
            )
            looked_at = charged[: page.size]
            subjects = snapshot.subjects.by_number(
                {one.subject_id for one in looked_at}, reading.at
            )
            numbers = [(one.insurer, one.policy_number) for one in looked_at]
            quotes = snapshot.quotes.bound(numbers, reading.point.revision)
            more = len(charged) > page.size
            token = reading.next_token(looked_at[-1].record_id, digest) if more else ""
        judging = _Judging(self.recommend, self.written, reading.point, quotes)
        judging.judge(looked_at, subjects, wanted.division)
        return DeviationsPage(
            tuple(judging.deviations),
            judging.unjudged_count,
            token,
            reading.at.as_of,
            reading.point,
        )


# Private functions and classes ------------------------------------------------


@dataclass(slots=True)
class _Judging:
    """Judges policies one by one."""

    recommend: RecommendRate
    written: QuoteBytes
    point: StorePoint
    quotes: Mapping[tuple[str, str], Quote]
    deviations: list[RateDeviation] = field(default_factory=list)
    unjudged_count: int = 0

    def judge(
        self, charged: Sequence[ChargedPolicy], subjects: Mapping[int, Subject], division: str
    ) -> None:
        for one in charged:
            subject = subjects.get(one.subject_id)
            if subject is None or not _within(subject.division, division):
                continue
            quote = self.quotes.get((one.insurer, one.policy_number))
            if quote is not None and quote.subject_id == one.subject_id:
                self._quoted(one, subject, quote)
            else:
                self._unquoted(one, subject)

    def _quoted(self, charged: ChargedPolicy, subject: Subject, quote: Quote) -> None:
        expected = for_cover(quote.premium_fen, charged)
        least = for_cover(quote.premium_min_fen, charged)
        most = for_cover(quote.premium_max_fen, charged)
        kind = deviation_of(
            charged.premium_fen, quoted_fen=expected, least_fen=least, most_fen=most
        )
        if kind is None:
            return
        answer = self._answer(self.written.asked(quote.request))
        self.deviations.append(
            RateDeviation(
                kind=kind,
                subject=subject,
                charged=charged,
                quote=quote,
                expected_fen=expected,
                least_fen=least,
                most_fen=most,
                policy=None if answer is None else answer.basis.policy,
                source=None if answer is None else _clause(answer, kind),
            )
        )

    def _unquoted(self, charged: ChargedPolicy, subject: Subject) -> None:
        answer = self._answer(self._question(charged))
        if answer is None or answer.rate.premium_fen is None:
            self.unjudged_count += 1
            return
        least = for_cover(answer.rate.premium_min_fen, charged)
        most = for_cover(answer.rate.premium_max_fen, charged)
        kind = deviation_of(charged.premium_fen, quoted_fen=None, least_fen=least, most_fen=most)
        if kind is None:
            return
        self.deviations.append(
            RateDeviation(
                kind=kind,
                subject=subject,
                charged=charged,
                quote=None,
                expected_fen=for_cover(answer.rate.premium_fen, charged),
                least_fen=least,
                most_fen=most,
                policy=answer.basis.policy,
                source=_clause(answer, kind),
            )
        )

    def _question(self, charged: ChargedPolicy) -> QuoteAsked:
        """Ask for the rate of the policy's first day of cover, as it was rated when issued."""
        rating_day = min(charged.issue_date, charged.start_date)
        return QuoteAsked(
            EnterpriseId(charged.subject_id),
            Standpoint(as_of=rating_day, known_at=self.point.recorded_time),
            RateQuestion(
                policy_id=charged.plan_id,
                cover_start_date=charged.start_date,
                insured_headcount=charged.insured_headcount,
                limit_per_person_fen=charged.limit_per_person_fen,
                outlook=False,
                lenient=True,
            ),
        )

    def _answer(self, asked: QuoteAsked) -> RateAnswer | None:
        """Give a rate; none where there is none, which is told as a count."""
        try:
            return self.recommend(asked.ref, asked.standpoint, question=asked.question)
        except SafetyCreditError:
            return None


def _clause(answer: RateAnswer, kind: DeviationKind) -> Source | None:
    rate = answer.rate
    bounds = {
        DeviationKind.BELOW_BOUNDS: rate.premium_min_fen,
        DeviationKind.ABOVE_BOUNDS: rate.premium_max_fen,
    }
    at = bounds.get(kind)
    return answer.basis.policy.version.source if at is None else bound_source(rate, premium_fen=at)


def _within(division: int | None, wanted: str) -> bool:
    if not wanted:
        return True
    return division is not None and f"{division:06d}".startswith(wanted.rstrip("0"))
