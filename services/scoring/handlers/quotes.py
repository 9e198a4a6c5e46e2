"""The calls of RateService about quotes, and about what was charged."""

from dataclasses import dataclass
from typing import cast

from google.protobuf.timestamp_pb2 import Timestamp

from safetycredit.scoring.v1 import basis_pb2
from safetycredit.scoring.v1 import rate_service_pb2 as pb
from safetycredit.type.v1.subject_pb2 import LocalIdentity as WireLocalIdentity
from safetycredit.type.v1.subject_pb2 import SubjectRef as WireSubjectRef
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.personal_text import without_numbers
from services.common.write_calls import response_of, write_call
from services.scoring.commands.rates.keep_quotes import (
    ConfirmQuote,
    GetQuote,
    KeptQuote,
    QuoteAsked,
    QuoteBytes,
    QuoteRate,
)
from services.scoring.commands.rates.list_rate_deviations import (
    DeviationsPage,
    DeviationsWanted,
    ListRateDeviations,
    RateDeviation,
)
from services.scoring.commands.rates.rate_inputs import GivenInput
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.identifiers import ENTERPRISE, RECORD, name_of
from services.scoring.domain.quote import QUOTE, Quote
from services.scoring.domain.subject import CreditCode, EnterpriseId, LocalIdentity, SubjectRef
from services.scoring.handlers.messages import (
    point_message,
    policy_ref_message,
    serialised,
    source_message,
)
from services.scoring.handlers.rate_parts import rate_bytes
from services.scoring.handlers.rate_requests import (
    ConfirmQuoteRules,
    GetQuoteRules,
    ListRateDeviationsRules,
    QuoteRateRules,
    RecommendRateRules,
    read_nested,
)
from services.scoring.handlers.requests import PageLimits, page_of
from services.scoring.handlers.wire_values import write_day, write_instant, write_money


@dataclass(frozen=True, slots=True)
class QuoteHandlers:
    """Answers the calls about quotes.

    Attributes:
        quote: Keeps a quote.
        get: Shows one.
        confirm: Confirms the policy bound on one.
        deviations: Lists what was charged otherwise.
        limits: How many policies a page looks at.
    """

    quote: QuoteRate
    get: GetQuote
    confirm: ConfirmQuote
    deviations: ListRateDeviations
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "QuoteRate": self.quote_rate,
            "GetQuote": self.get_quote,
            "ConfirmQuote": self.confirm_quote,
            "ListRateDeviations": self.list_rate_deviations,
        }

    async def quote_rate(self, request: pb.QuoteRateRequest, context: CallContext) -> Response:
        """Recommend a rate and keep it."""
        QuoteRateRules.read(request)
        rules: RecommendRateRules = read_nested(RecommendRateRules, request.rate, within="rate")
        call = write_call(request, context, _quoted_message)
        asked = QuoteAsked(rules.subject, rules.standpoint(context.clock), rules.question)
        answer = await context.run_command(self.quote, call, asked)
        return response_of(answer, pb.QuoteRateResponse)

    async def get_quote(self, request: pb.GetQuoteRequest, context: CallContext) -> bytes:
        """Show a quote."""
        rules = GetQuoteRules.read(request)
        standpoint = rules.standpoint(context.clock)
        kept = await context.run_command(
            self.get, rules.quote_id, standpoint, caller=context.caller
        )
        quote = kept.quote
        return serialised(
            pb.GetQuoteResponse(
                quote=_quote_message(quote, standpoint),
                request=pb.RecommendRateRequest.FromString(quote.request),
                answer_bytes=quote.answer,
                answer=pb.RecommendRateResponse.FromString(quote.answer),
                point=point_message(kept.point),
            )
        )

    async def confirm_quote(
        self, request: pb.ConfirmQuoteRequest, context: CallContext
    ) -> Response:
        """Confirm the policy bound on a quote."""
        rules = ConfirmQuoteRules.read(request)
        call = write_call(request, context, _confirmed_message)
        answer = await context.run_command(
            self.confirm, call, rules.quote_id, policy_number=rules.policy_number
        )
        return response_of(answer, pb.ConfirmQuoteResponse)

    async def list_rate_deviations(
        self, request: pb.ListRateDeviationsRequest, context: CallContext
    ) -> bytes:
        """List what was charged otherwise than quoted or allowed."""
        rules = ListRateDeviationsRules.read(request, self.limits)
        page = await context.run_command(
            self.deviations,
            DeviationsWanted(
                start_date=rules.start_date, end_date=rules.end_date, division=rules.division
            ),
            rules.standpoint(context.clock),
            page_of(request, rules, method=f"{context.method} {context.caller.authority}"),
            caller=context.caller,
        )
        return serialised(_page_message(page))


def quote_bytes() -> QuoteBytes:
    """Give how questions and answers of quotes are written."""
    return QuoteBytes(request=_written, answer=rate_bytes, asked=_asked)


# Private functions -----------------------------------------------------------


def _written(asked: QuoteAsked) -> bytes:
    """Write the question that has the same answer for ever."""
    question, standpoint = asked.question, asked.standpoint
    message = pb.RecommendRateRequest(
        subject=_subject(asked.ref),
        policy_id=question.policy_id,
        policy_version=question.version,
        transaction_kind=cast("pb.TransactionKind", question.transaction_kind),
        as_of=write_day(standpoint.as_of),
        known_at=_instant(standpoint),
        insured_headcount=question.insured_headcount,
        without_outlook=not question.outlook,
        inputs=[_input(one) for one in question.inputs],
    )
    if question.cover_start_date is not None:
        message.cover_start_date.CopyFrom(write_day(question.cover_start_date))
    if question.limit_per_person_fen is not None:
        message.limit_per_person.CopyFrom(write_money(question.limit_per_person_fen))
    return serialised(message)


def _asked(request: bytes) -> QuoteAsked:
    rules = RecommendRateRules.read(pb.RecommendRateRequest.FromString(request))
    assert rules.as_of is not None, "a quote's question names its day"
    standpoint = Standpoint(as_of=rules.as_of, known_at=rules.known_at)
    return QuoteAsked(rules.subject, standpoint, rules.question)


def _instant(standpoint: Standpoint) -> Timestamp:
    assert standpoint.known_at is not None, "a quote's question names its instant"
    return write_instant(standpoint.known_at)


def _subject(ref: SubjectRef) -> WireSubjectRef:
    match ref:
        case CreditCode(value):
            return WireSubjectRef(credit_code=value)
        case EnterpriseId(value):
            return WireSubjectRef(enterprise_id=name_of(ENTERPRISE, value))
        case LocalIdentity(scheme, value):
            return WireSubjectRef(local_identity=WireLocalIdentity(scheme=scheme, value=value))
        case _:
            raise AssertionError("a rate is about an enterprise")


def _input(given: GivenInput) -> pb.RateInput:
    message = pb.RateInput(name=given.name)
    if isinstance(given.value, str):
        message.code = given.value
    else:
        message.decimal.value = f"{given.value:f}"
    return message


def _quoted_message(kept: KeptQuote) -> pb.QuoteRateResponse:
    quote = kept.quote
    standpoint = Standpoint(as_of=quote.as_of)
    return pb.QuoteRateResponse(
        quote=_quote_message(quote, standpoint),
        answer=pb.RecommendRateResponse.FromString(quote.answer),
        point=point_message(kept.point),
    )


def _confirmed_message(kept: KeptQuote) -> pb.ConfirmQuoteResponse:
    standpoint = Standpoint(as_of=kept.quote.as_of)
    return pb.ConfirmQuoteResponse(
        quote=_quote_message(kept.quote, standpoint), point=point_message(kept.point)
    )


def _quote_message(quote: Quote, standpoint: Standpoint) -> pb.Quote:
    message = pb.Quote(
        quote_id=name_of(QUOTE, quote.quote_id),
        enterprise_id=name_of(ENTERPRISE, quote.subject_id),
        insurer=quote.insurer,
        policy=basis_pb2.PolicyRef(
            policy_id=quote.policy_id,
            version=quote.policy_version,
            digest=quote.policy_digest,
        ),
        premium=write_money(quote.premium_fen),
        transaction_kind=cast("pb.TransactionKind", quote.transaction_kind),
        cover_start_date=write_day(quote.cover_start_date),
        as_of=write_day(quote.as_of),
        known_at=write_instant(quote.known_at),
        answer_digest=quote.answer_digest,
        state=cast("pb.Quote.State", int(quote.state(standpoint.as_of))),
        quote_time=write_instant(quote.quote_time),
        policy_number=quote.policy_number,
    )
    if quote.premium_min_fen is not None:
        message.premium_min.CopyFrom(write_money(quote.premium_min_fen))
    if quote.premium_max_fen is not None:
        message.premium_max.CopyFrom(write_money(quote.premium_max_fen))
    if quote.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(quote.valid_until_date))
    if quote.bind_time is not None:
        message.bind_time.CopyFrom(write_instant(quote.bind_time))
    return message


def _page_message(page: DeviationsPage) -> pb.ListRateDeviationsResponse:
    return pb.ListRateDeviationsResponse(
        deviations=[_deviation_message(one) for one in page.deviations],
        next_page_token=page.next_token,
        as_of=write_day(page.as_of),
        point=point_message(page.point),
        unjudged_count=page.unjudged_count,
    )


def _deviation_message(deviation: RateDeviation) -> pb.RateDeviation:
    charged, quote = deviation.charged, deviation.quote
    message = pb.RateDeviation(
        kind=cast("pb.RateDeviation.Kind", int(deviation.kind)),
        enterprise_id=deviation.subject.identifier,
        record_id=name_of(RECORD, charged.record_id),
        policy_number=without_numbers(charged.policy_number),
        insurer=charged.insurer,
        quote_id="" if quote is None else name_of(QUOTE, quote.quote_id),
        charged_premium=write_money(charged.premium_fen),
        cover_start_date=write_day(charged.start_date),
    )
    if deviation.expected_fen is not None:
        message.expected_premium.CopyFrom(write_money(deviation.expected_fen))
    if deviation.least_fen is not None:
        message.premium_min.CopyFrom(write_money(deviation.least_fen))
    if deviation.most_fen is not None:
        message.premium_max.CopyFrom(write_money(deviation.most_fen))
    if deviation.policy is not None:
        message.policy.CopyFrom(policy_ref_message(deviation.policy))
    if deviation.source is not None:
        message.source.CopyFrom(source_message(deviation.source))
    return message
