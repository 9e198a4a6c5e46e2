"""PreventionService: what insurers do for prevention, watched, evaluated and published."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message import Message

from safetycredit.scoring.v1 import prevention_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.identity import Caller
from services.common.write_calls import response_of, write_call
from services.scoring.commands.prevention.decide_evaluation_dispute import DecideEvaluationDispute
from services.scoring.commands.prevention.dispute_evaluation import FileEvaluationDispute
from services.scoring.commands.prevention.evaluate_insurers import (
    EvaluatedInsurers,
    EvaluateInsurers,
)
from services.scoring.commands.prevention.evaluating_insurers import (
    ExplainedEvaluation,
    acts_as_insurer,
    sees_all,
)
from services.scoring.commands.prevention.get_insurer_evaluation import GetInsurerEvaluation
from services.scoring.commands.prevention.get_prevention_progress import GetPreventionProgress
from services.scoring.commands.prevention.list_insurer_evaluations import ListInsurerEvaluations
from services.scoring.commands.prevention.publish_insurer_evaluation import PublishInsurerEvaluation
from services.scoring.domain.insurer_evaluation import Evaluation
from services.scoring.handlers.messages import point_message, serialised
from services.scoring.handlers.prevention_messages import evaluation_message, progress_message
from services.scoring.handlers.prevention_requests import (
    DecideEvaluationDisputeRules,
    EvaluateInsurersRules,
    FileEvaluationDisputeRules,
    GetInsurerEvaluationRules,
    GetPreventionProgressRules,
    ListInsurerEvaluationsRules,
    PublishInsurerEvaluationRules,
)
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.wire_values import write_day


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionHandlers:
    """Answers the calls of PreventionService.

    Attributes:
        progress: Shows where insurers stand.
        evaluate: Evaluates them.
        dispute: Files disputes.
        decide: Decides disputes.
        publish: Publishes evaluations.
        get: Gets one.
        page: Lists them.
        limits: How many rows a page holds.
    """

    progress: GetPreventionProgress
    evaluate: EvaluateInsurers
    dispute: FileEvaluationDispute
    decide: DecideEvaluationDispute
    publish: PublishInsurerEvaluation
    get: GetInsurerEvaluation
    page: ListInsurerEvaluations
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetPreventionProgress": self.get_prevention_progress,
            "EvaluateInsurers": self.evaluate_insurers,
            "FileEvaluationDispute": self.file_evaluation_dispute,
            "DecideEvaluationDispute": self.decide_evaluation_dispute,
            "PublishInsurerEvaluation": self.publish_insurer_evaluation,
            "GetInsurerEvaluation": self.get_insurer_evaluation,
            "ListInsurerEvaluations": self.list_insurer_evaluations,
        }

    async def get_prevention_progress(
        self, request: pb.GetPreventionProgressRequest, context: CallContext
    ) -> bytes:
        """Show where insurers stand."""
        rules = GetPreventionProgressRules.read(request)
        answer = await context.run_command(
            self.progress,
            rules.question(),
            rules.standpoint(context.clock),
            caller=context.caller,
        )
        return serialised(
            pb.GetPreventionProgressResponse(
                insurers=[progress_message(one) for one in answer.insurers],
                as_of=write_day(answer.as_of),
                point=point_message(answer.point),
            )
        )

    async def evaluate_insurers(
        self, request: pb.EvaluateInsurersRequest, context: CallContext
    ) -> Response:
        """Evaluate the insurers of a place."""
        rules = EvaluateInsurersRules.read(request)
        call = write_call(request, context, _evaluated)
        answer = await context.run_command(self.evaluate, call, rules.question())
        return response_of(answer, pb.EvaluateInsurersResponse)

    async def file_evaluation_dispute(
        self, request: pb.FileEvaluationDisputeRequest, context: CallContext
    ) -> Response:
        """File a dispute."""
        rules = FileEvaluationDisputeRules.read(request)
        response = pb.FileEvaluationDisputeResponse
        call = write_call(request, context, partial(_explained, response))
        answer = await context.run_command(
            self.dispute, call, rules.evaluation_id, paper=rules.paper()
        )
        return response_of(answer, response)

    async def decide_evaluation_dispute(
        self, request: pb.DecideEvaluationDisputeRequest, context: CallContext
    ) -> Response:
        """Decide a dispute."""
        rules = DecideEvaluationDisputeRules.read(request)
        response = pb.DecideEvaluationDisputeResponse
        call = write_call(request, context, partial(_explained, response))
        answer = await context.run_command(
            self.decide, call, rules.evaluation_id, accepted=rules.accepted, paper=rules.paper()
        )
        return response_of(answer, response)

    async def publish_insurer_evaluation(
        self, request: pb.PublishInsurerEvaluationRequest, context: CallContext
    ) -> Response:
        """Publish an evaluation."""
        rules = PublishInsurerEvaluationRules.read(request)
        response = pb.PublishInsurerEvaluationResponse
        call = write_call(request, context, partial(_explained, response))
        answer = await context.run_command(
            self.publish, call, rules.evaluation_id, paper=rules.paper()
        )
        return response_of(answer, response)

    async def get_insurer_evaluation(
        self, request: pb.GetInsurerEvaluationRequest, context: CallContext
    ) -> bytes:
        """Get an evaluation."""
        rules = GetInsurerEvaluationRules.read(request)
        found = await context.run_command(
            self.get,
            rules.evaluation_id,
            rules.standpoint(context.clock),
            caller=context.caller,
        )
        return serialised(
            pb.GetInsurerEvaluationResponse(
                evaluation=evaluation_message(
                    found.evaluation,
                    found.lines,
                    with_steps=_sees_steps(context.caller, found.evaluation),
                ),
                point=point_message(found.point),
            )
        )

    async def list_insurer_evaluations(
        self, request: pb.ListInsurerEvaluationsRequest, context: CallContext
    ) -> bytes:
        """List evaluations."""
        rules = ListInsurerEvaluationsRules.read(request, self.limits)
        found = await context.run_command(
            self.page,
            rules.wanted(),
            rules.standpoint(context.clock),
            page=rules.page(request, method=context.method),
            caller=context.caller,
        )
        return serialised(
            pb.ListInsurerEvaluationsResponse(
                evaluations=[
                    evaluation_message(one, with_steps=_sees_steps(context.caller, one))
                    for one in found.evaluations
                ],
                next_page_token=found.next_token,
                point=point_message(found.point),
            )
        )


# Private functions -----------------------------------------------------------


def _evaluated(evaluated: EvaluatedInsurers) -> Message:
    return pb.EvaluateInsurersResponse(
        evaluations=[evaluation_message(one) for one in evaluated.evaluations],
        point=point_message(evaluated.point),
    )


def _explained(response: Any, explained: ExplainedEvaluation) -> Message:  # noqa: ANN401 -- three response messages of one shape.
    message: Message = response(
        evaluation=evaluation_message(explained.evaluation, explained.lines),
        point=point_message(explained.point),
    )
    return message


def _sees_steps(caller: Caller, evaluation: Evaluation) -> bool:
    """Say whether a caller sees disputes: authorities and the insurer itself do."""
    if sees_all(caller):
        return True
    return acts_as_insurer(caller) and caller.authority == evaluation.insurer
