"""RateService: floating rates of work-safety liability insurance."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import rate_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.scoring.commands.recommend_rate import (
    NEW_BUSINESS,
    RateQuestion,
    RecommendRate,
)
from services.scoring.handlers.messages import rate_answer_message, serialised
from services.scoring.handlers.requests import RecommendRateRules


@dataclass(frozen=True, slots=True)
class RateHandlers:
    """Answers the calls of RateService.

    Attributes:
        recommend: Recommends a rate.
    """

    recommend: RecommendRate

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {"RecommendRate": self.recommend_rate}

    async def recommend_rate(self, request: pb.RecommendRateRequest, context: CallContext) -> bytes:
        """Recommend a rate for one enterprise."""
        rules = RecommendRateRules.read(request)
        answer = await context.run_command(
            self.recommend,
            rules.subject,
            rules.standpoint(context.clock),
            question=RateQuestion(
                policy_id=rules.policy_id,
                version=rules.policy_version,
                transaction_kind=rules.transaction_kind or NEW_BUSINESS,
                cover_start_date=rules.cover_start_date,
                insured_headcount=rules.insured_headcount,
                limit_per_person_fen=rules.limit_per_person,
            ),
        )
        return serialised(rate_answer_message(answer))
