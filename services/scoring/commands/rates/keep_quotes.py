"""Keep a recommended rate as a quote, show it, and confirm the policy bound on it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from services.common.identity import Caller, Role
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.rates.quote_ports import QuoteStore, QuoteWriting
from services.scoring.commands.rates.recommend_rate import RateAnswer, RateQuestion, RecommendRate
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.errors import (
    PolicyNumberUsedError,
    QuoteAlreadyBoundError,
    QuoteLapsedError,
    QuoteUnknownError,
    QuoteWithoutPremiumError,
)
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.quote import QUOTE, Quote, QuoteState, insurer_of
from services.scoring.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True)
class QuoteAsked:
    """A rate that is to be kept.

    Attributes:
        ref: The enterprise.
        standpoint: Where to read.
        question: What is wanted.
    """

    ref: SubjectRef
    standpoint: Standpoint
    question: RateQuestion


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A quote and the point of the store that includes it."""

    quote: Quote
    point: StorePoint


@dataclass(frozen=True, slots=True)
class QuoteBytes:
    """How questions and answers are written, so that they can be kept.

    Attributes:
        request: Writes the question that gives the same answer again.
        answer: Writes an answer.
        asked: Reads a question that was kept.
    """

    request: Callable[[QuoteAsked], bytes]
    answer: Callable[[RateAnswer], bytes]
    asked: Callable[[bytes], QuoteAsked]


def may_see(caller: Caller, quote: Quote) -> bool:
    """Say whether a caller may see a quote: an insurer its own only."""
    if caller.has_role(Role.REGULATOR, Role.AUDITOR):
        return True
    return quote.insurer == acting_insurer(caller)


def acting_insurer(caller: Caller) -> str:
    """Give whom a caller acts for as an insurer."""
    return insurer_of(authority=caller.authority, identity=caller.identity)


@dataclass(frozen=True, slots=True)
class QuoteRate:
    """Recommends a rate and keeps it.

    Attributes:
        store: Where quotes are kept.
        recommend: Recommends rates.
        written: How questions and answers are written.
    """

    store: QuoteStore
    recommend: RecommendRate
    written: QuoteBytes

    def __call__(self, call: WriteCall[KeptQuote], asked: QuoteAsked) -> Answer:
        """Keep it.

        The plan, the day and the instant of knowledge become part of the question, so that it has
        the same answer whenever it is asked again.

        Raises:
            QuoteWithoutPremiumError: The result has no premium.
            SafetyCreditError: As `RecommendRate` says.
        """

        def work(write: QuoteWriting) -> KeptQuote:
            first = self.recommend(asked.ref, asked.standpoint, question=asked.question)
            pinned = _pinned(asked, first)
            answer = self.recommend(pinned.ref, pinned.standpoint, question=pinned.question)
            quote = self._quote(write, call.caller, pinned, answer)
            write.quotes.add(quote)
            return KeptQuote(quote, write.point)

        return write_once(self.store, call, work)

    def _quote(
        self, write: QuoteWriting, caller: Caller, asked: QuoteAsked, answer: RateAnswer
    ) -> Quote:
        rate, policy = answer.rate, answer.basis.policy
        if rate.premium_fen is None:
            raise QuoteWithoutPremiumError(
                "the plan gives no premium, so there is nothing to quote; see what is missing with"
                " RecommendRate"
            )
        body = self.written.answer(answer)
        return Quote(
            quote_id=write.new_id(),
            subject_id=answer.subject.subject_id,
            insurer=acting_insurer(caller),
            policy_id=policy.policy.policy_id,
            policy_version=policy.version.version,
            policy_digest=policy.digest,
            premium_fen=rate.premium_fen,
            premium_min_fen=rate.premium_min_fen,
            premium_max_fen=rate.premium_max_fen,
            transaction_kind=answer.transaction_kind,
            cover_start_date=answer.cover_start_date,
            as_of=answer.basis.as_of,
            known_at=answer.basis.point.recorded_time,
            valid_until_date=rate.valid_until_date,
            request=self.written.request(asked),
            answer=body,
            answer_digest=sha256(body).hexdigest(),
            quote_time=write.point.recorded_time,
        )


@dataclass(frozen=True, slots=True)
class GetQuote:
    """Shows a quote.

    Attributes:
        store: Where quotes are kept.
    """

    store: QuoteStore

    def __call__(self, quote_id: int, standpoint: Standpoint, *, caller: Caller) -> KeptQuote:
        """Give it as it stood.

        Raises:
            QuoteUnknownError: There was none, or it is another insurer's.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            quote = reading.quotes.find(quote_id, point.revision)
        if quote is None or not may_see(caller, quote):
            raise _unknown(quote_id)
        return KeptQuote(quote, point)


@dataclass(frozen=True, slots=True)
class ConfirmQuote:
    """Confirms the policy bound on a quote.

    Attributes:
        store: Where quotes are kept.
    """

    store: QuoteStore

    def __call__(self, call: WriteCall[KeptQuote], quote_id: int, *, policy_number: str) -> Answer:
        """Confirm it, once.

        Raises:
            QuoteUnknownError: There is none, or it is another insurer's.
            QuoteAlreadyBoundError: A policy was bound on it already.
            QuoteLapsedError: It holds no more.
            PolicyNumberUsedError: Another quote of the insurer has the number.
        """

        def work(write: QuoteWriting) -> KeptQuote:
            revision = write.point.revision
            quote = write.quotes.find(quote_id, revision)
            if quote is None or quote.insurer != acting_insurer(call.caller):
                raise _unknown(quote_id)
            _require_open(quote, quote.state(call.today))
            key = (quote.insurer, policy_number)
            if other := write.quotes.bound([key], revision).get(key):
                raise PolicyNumberUsedError(
                    f"policy {policy_number} was confirmed for"
                    f" {name_of(QUOTE, other.quote_id)}; give the number of this one's policy",
                    policy_number=policy_number,
                    quote_id=name_of(QUOTE, other.quote_id),
                )
            write.quotes.confirm(quote_id, insurer=quote.insurer, policy_number=policy_number)
            bound = replace(quote, policy_number=policy_number, bind_time=write.point.recorded_time)
            return KeptQuote(bound, write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _pinned(asked: QuoteAsked, answer: RateAnswer) -> QuoteAsked:
    basis = answer.basis
    question = replace(asked.question, policy_id=basis.policy.policy.policy_id, insurer="")
    standpoint = Standpoint(as_of=basis.as_of, known_at=basis.point.recorded_time)
    return QuoteAsked(asked.ref, standpoint, question)


def _require_open(quote: Quote, state: QuoteState) -> None:
    named = name_of(QUOTE, quote.quote_id)
    if state is QuoteState.BOUND:
        raise QuoteAlreadyBoundError(
            f"policy {quote.policy_number} was bound on {named} already",
            quote_id=named,
            policy_number=quote.policy_number,
        )
    if state is QuoteState.LAPSED:
        raise QuoteLapsedError(
            f"{named} holds no more since {quote.valid_until_date}; quote again",
            quote_id=named,
            valid_until_date=quote.valid_until_date,
        )


def _unknown(quote_id: int) -> QuoteUnknownError:
    named = name_of(QUOTE, quote_id)
    return QuoteUnknownError(f"there is no quote {named} here", quote_id=named)
