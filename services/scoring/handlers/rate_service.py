"""RateService: floating rates of work-safety liability insurance, and the quotes kept of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

from safetycredit.scoring.v1 import rate_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.common.errors import FieldViolation, InvalidInputError, SafetyCreditError
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.rates.batch_recommend_rates import (
    BatchItem,
    BatchRecommendRates,
    BriefRow,
    RatedBatch,
)
from services.scoring.commands.rates.compare_rates import CompareRates
from services.scoring.commands.rates.recommend_rate import RateAnswer, RateQuestion, RecommendRate
from services.scoring.commands.standpoint import Standpoint
from services.scoring.handlers.answer_parts import CivilDays
from services.scoring.handlers.messages import point_message, serialised
from services.scoring.handlers.quotes import QuoteHandlers
from services.scoring.handlers.rate_messages import batch_rate_message, comparison_message
from services.scoring.handlers.rate_parts import (
    PointParts,
    point_part,
    put_together,
    rate_parts,
    rate_question,
)
from services.scoring.handlers.rate_requests import (
    BatchTermsRules,
    CompareRatesRules,
    ItemRules,
    RecommendRateRules,
    read_items,
    read_nested,
)
from services.scoring.handlers.rate_rows import RateRowWriter, framed
from services.scoring.handlers.warm_answers import WarmAnswer, WarmAnswers
from services.scoring.handlers.wire_values import write_day

_RESULTS: Final = pb.BatchRecommendRatesResponse.DESCRIPTOR.fields_by_name["results"].number

_WARM: Final = b"rate\0"
"""Tells the keys of kept rates from those of other answers."""


@dataclass(frozen=True, slots=True)
class RateHandlers:
    """Answers the calls of RateService.

    Attributes:
        recommend: Recommends a rate.
        batch: Recommends many.
        compare: Compares the plans that are filed.
        quotes: Answers the calls about quotes.
        warm: Answers of RecommendRate kept in memory.
    """

    recommend: RecommendRate
    batch: BatchRecommendRates
    compare: CompareRates
    quotes: QuoteHandlers
    warm: WarmAnswers
    _points: PointParts = field(init=False, default_factory=PointParts)
    _days: CivilDays = field(init=False, default_factory=CivilDays)

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "RecommendRate": self.recommend_rate,
            "BatchRecommendRates": self.batch_recommend_rates,
            "CompareRates": self.compare_rates,
            **self.quotes.by_name(),
        }

    async def recommend_rate(self, request: pb.RecommendRateRequest, context: CallContext) -> bytes:
        """Recommend a rate, from memory where nothing was written about the enterprise."""
        if request.HasField("known_at"):
            answer = await self._rated(request, context)
            return put_together(rate_parts(answer), point_part(answer.basis.point))
        question = rate_question(request, context.request_bytes)
        key = _WARM + self._days.key(context.clock.now()) + question
        kept = await self._kept(key, request.token)
        if kept is None and await self.warm.made_by_another(key):
            kept = await self._kept(key, request.token)
        if kept is not None:
            return kept
        with self.warm.making(key):
            answer = await self._rated(request, context)
            parts, made_at = rate_parts(answer), answer.basis.point
            self.warm.keep(key, WarmAnswer(answer.subject.subject_id, made_at.revision, parts))
        return put_together(parts, point_part(made_at))

    async def batch_recommend_rates(
        self, requests: AsyncIterator[pb.BatchRecommendRatesRequest], context: CallContext
    ) -> AsyncIterator[bytes]:
        """Recommend rates for a stream of enterprises, all at one point of the store."""
        stream: _Stream | None = None
        async for request in requests:
            if request.HasField("terms") is (stream is not None):
                raise _terms_misplaced()
            if stream is None:
                stream = _Stream.begin(request, context)
            batch = await context.run_command(stream.rate, self.batch, request)
            yield batch

    async def compare_rates(self, request: pb.CompareRatesRequest, context: CallContext) -> bytes:
        """Rate an enterprise by every plan in force where it is."""
        rules = CompareRatesRules.read(request)
        compared = await context.run_command(
            self.compare, rules.subject, rules.standpoint(context.clock), question=rules.question
        )
        return serialised(comparison_message(compared))

    async def _kept(self, key: bytes, token: str) -> bytes | None:
        """Give the answer that is in memory, if it is good now and for the token."""
        point = await self.warm.point()
        if token and not _reached(token, point):
            return None
        answer = self.warm.find(key)
        return None if answer is None else put_together(answer.body, self._points.of(point))

    async def _rated(self, request: pb.RecommendRateRequest, context: CallContext) -> RateAnswer:
        rules = RecommendRateRules.read(request)
        return await context.run_command(
            self.recommend,
            rules.subject,
            rules.standpoint(context.clock),
            question=rules.question,
        )


# Private functions and classes ------------------------------------------------


@dataclass(slots=True)
class _Stream:
    """What holds for all messages of a stream.

    Attributes:
        question: What is asked about every enterprise.
        standpoint: Where to read; the point of the first message is that of all.
        worksheets: Whether each rate has its worksheet.
    """

    question: RateQuestion
    standpoint: Standpoint
    worksheets: bool

    @classmethod
    def begin(cls, request: pb.BatchRecommendRatesRequest, context: CallContext) -> "_Stream":
        rules: BatchTermsRules = read_nested(BatchTermsRules, request.terms, within="terms")
        return cls(rules.question, rules.standpoint(context.clock), rules.worksheets)

    def rate(self, command: BatchRecommendRates, request: pb.BatchRecommendRatesRequest) -> bytes:
        """Rate one message, from reading its items to its results."""
        items = [self._read(item) for item in read_items(request)]
        batch = command(
            items,
            self.standpoint,
            question=self.question,
            detailed=self.worksheets or self.question.outlook,
        )
        self.standpoint = replace(self.standpoint, known_at=batch.point.recorded_time, token="")
        return _batch_bytes(batch)

    def _read(self, item: pb.BatchRateItem) -> BatchItem | SafetyCreditError:
        try:
            rules = ItemRules.read(item)
        except InvalidInputError as error:
            return error
        return BatchItem(rules.subject, rules.wanted(self.question.transaction_kind))


def _batch_bytes(batch: RatedBatch) -> bytes:
    writers: dict[int, RateRowWriter] = {}
    results = [framed(_RESULTS, _result_bytes(result, writers)) for result in batch.results]
    rest = pb.BatchRecommendRatesResponse(
        as_of=write_day(batch.as_of), point=point_message(batch.point)
    )
    return b"".join((*results, serialised(rest)))


def _result_bytes(
    result: RateAnswer | BriefRow | SafetyCreditError, writers: dict[int, RateRowWriter]
) -> bytes:
    if not isinstance(result, BriefRow):
        return serialised(batch_rate_message(result))
    key = id(result.rates)
    if key not in writers:
        writers[key] = RateRowWriter(result.rates)
    return writers[key].write(result)


def _reached(token: str, point: StorePoint) -> bool:
    """Say whether a point is not before a token; a store that lags is waited for elsewhere."""
    return StoreToken.decode(token, store_id=point.store_id).revision <= point.revision


def _terms_misplaced() -> InvalidInputError:
    message = "give the terms in the first message of the stream, and in no other"
    return InvalidInputError([FieldViolation("terms", "TERMS_MISPLACED", message)])
