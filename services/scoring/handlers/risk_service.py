"""RiskService: models of accident risk, governed, and what they foretell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from safetycredit.scoring.v1 import risk_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.clock import today
from services.common.once import Answer
from services.common.write_calls import response_of, write_call
from services.scoring.commands.risk.approve_risk_model import ApproveRiskModel
from services.scoring.commands.risk.batch_predict_risk import BatchPredictRisk
from services.scoring.commands.risk.get_kept_risk_prediction import GetKeptRiskPrediction
from services.scoring.commands.risk.get_risk_drift import GetRiskDrift
from services.scoring.commands.risk.get_risk_model import GetRiskModel
from services.scoring.commands.risk.keep_risk_predictions import (
    KeepRiskPredictions,
    KeepWanted,
    Kept,
)
from services.scoring.commands.risk.list_risk_models import ListRiskModels
from services.scoring.commands.risk.predict_risk import PredictRisk
from services.scoring.commands.risk.put_risk_model_in_force import PutRiskModelInForce
from services.scoring.commands.risk.register_risk_model import RegisterRiskModel
from services.scoring.commands.risk.retire_risk_model import RetireRiskModel
from services.scoring.commands.risk.risk_asking import NAME_DEFAULT, RiskAsking
from services.scoring.commands.risk.risk_steps import StoredModel
from services.scoring.commands.risk.validate_risk_model import ValidateRiskModel
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.requests import PageLimits, page_of
from services.scoring.handlers.risk_messages import (
    basis_message,
    batch_message,
    drift_message,
    kept_message,
    kept_prediction_message,
    model_message,
    prediction_message,
    view_message,
)
from services.scoring.handlers.risk_requests import (
    BatchPredictRiskRules,
    GetKeptRiskPredictionRules,
    GetRiskDriftRules,
    GetRiskModelRules,
    KeepRiskPredictionsRules,
    ListRiskModelsRules,
    ModelStepRules,
    PredictRiskRules,
    RegisterRiskModelRules,
)


@dataclass(frozen=True, slots=True)
class RiskHandlers:
    """Answers the calls of RiskService.

    Attributes:
        asking: What it takes to ask a model.
        limits: How many models a page holds.
    """

    asking: RiskAsking
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "RegisterRiskModel": self.register_risk_model,
            "ValidateRiskModel": self.validate_risk_model,
            "ApproveRiskModel": self.approve_risk_model,
            "PutRiskModelInForce": self.put_risk_model_in_force,
            "RetireRiskModel": self.retire_risk_model,
            "GetRiskModel": self.get_risk_model,
            "ListRiskModels": self.list_risk_models,
            "PredictRisk": self.predict_risk,
            "BatchPredictRisk": self.batch_predict_risk,
            "KeepRiskPredictions": self.keep_risk_predictions,
            "GetKeptRiskPrediction": self.get_kept_risk_prediction,
            "GetRiskDrift": self.get_risk_drift,
        }

    # Governance --------------------------------------------------------------------

    async def register_risk_model(
        self, request: pb.RegisterRiskModelRequest, context: CallContext
    ) -> Response:
        """Register a trained model."""
        rules = RegisterRiskModelRules.read(request)
        command = RegisterRiskModel(self.asking.store, self.asking.reader)
        call = write_call(request, context, _writer(pb.RegisterRiskModelResponse))
        answer = await context.run_command(command, call, rules.files, rules.details())
        return response_of(answer, pb.RegisterRiskModelResponse)

    async def validate_risk_model(
        self, request: pb.ValidateRiskModelRequest, context: CallContext
    ) -> Response:
        """Record a validation."""
        command = ValidateRiskModel(self.asking.store, self.asking.reader)
        return await _step(command, request, context, pb.ValidateRiskModelResponse)

    async def approve_risk_model(
        self, request: pb.ApproveRiskModelRequest, context: CallContext
    ) -> Response:
        """Record an approval."""
        command = ApproveRiskModel(self.asking.store, self.asking.reader)
        return await _step(command, request, context, pb.ApproveRiskModelResponse)

    async def put_risk_model_in_force(
        self, request: pb.PutRiskModelInForceRequest, context: CallContext
    ) -> Response:
        """Put a model in force."""
        rules = ModelStepRules.read(request)
        command = PutRiskModelInForce(self.asking.store, self.asking.reader)
        call = write_call(request, context, _writer(pb.PutRiskModelInForceResponse))
        answer = await context.run_command(
            command, call, rules.model_id, rules.details(), replaces=rules.replaces_model_id
        )
        return response_of(answer, pb.PutRiskModelInForceResponse)

    async def retire_risk_model(
        self, request: pb.RetireRiskModelRequest, context: CallContext
    ) -> Response:
        """Retire a model."""
        command = RetireRiskModel(self.asking.store)
        return await _step(command, request, context, pb.RetireRiskModelResponse)

    async def get_risk_model(
        self, request: pb.GetRiskModelRequest, context: CallContext
    ) -> pb.GetRiskModelResponse:
        """Get a model."""
        rules = GetRiskModelRules.read(request)
        view = await context.run_command(
            GetRiskModel(self.asking.store, self.asking.reader),
            rules.model_id,
            rules.standpoint(context.clock),
            with_files=rules.with_files,
        )
        return view_message(view)

    async def list_risk_models(
        self, request: pb.ListRiskModelsRequest, context: CallContext
    ) -> pb.ListRiskModelsResponse:
        """List models."""
        rules = ListRiskModelsRules.read(request, self.limits)
        page = await context.run_command(
            ListRiskModels(self.asking.store),
            rules.name,
            rules.standpoint(context.clock),
            page_of(request, rules, method=context.method),
        )
        return pb.ListRiskModelsResponse(
            models=[model_message(model) for model in page.models],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    # Predictions -------------------------------------------------------------------

    async def predict_risk(
        self, request: pb.PredictRiskRequest, context: CallContext
    ) -> pb.PredictRiskResponse:
        """Foretell for one enterprise."""
        rules = PredictRiskRules.read(request)
        prediction, basis = await context.run_command(
            PredictRisk(self.asking),
            rules.subject,
            rules.standpoint(context.clock),
            choice=rules.choice(),
            today=today(context.clock),
        )
        return pb.PredictRiskResponse(
            prediction=prediction_message(prediction), basis=basis_message(basis)
        )

    async def batch_predict_risk(
        self, request: pb.BatchPredictRiskRequest, context: CallContext
    ) -> pb.BatchPredictRiskResponse:
        """Foretell for many enterprises."""
        rules = BatchPredictRiskRules.read(request)
        batch = await context.run_command(
            BatchPredictRisk(self.asking),
            rules.subjects,
            rules.standpoint(context.clock),
            choice=rules.choice(),
            contributions=rules.with_contributions,
            today=today(context.clock),
        )
        return pb.BatchPredictRiskResponse(
            results=[batch_message(result) for result in batch.results],
            basis=basis_message(batch.basis),
        )

    async def keep_risk_predictions(
        self, request: pb.KeepRiskPredictionsRequest, context: CallContext
    ) -> Response:
        """Keep predictions of a stretch of the enterprises."""
        rules = KeepRiskPredictionsRules.read(request)
        wanted = KeepWanted(
            name=rules.name or NAME_DEFAULT,
            as_of=rules.as_of or today(context.clock),
            after=rules.after_enterprise_id,
            size=rules.size,
        )

        def encode(kept: Kept) -> pb.KeepRiskPredictionsResponse:
            return kept_message(kept)

        call = write_call(request, context, encode)
        answer = await context.run_command(KeepRiskPredictions(self.asking), call, wanted)
        return response_of(answer, pb.KeepRiskPredictionsResponse)

    async def get_kept_risk_prediction(
        self, request: pb.GetKeptRiskPredictionRequest, context: CallContext
    ) -> pb.GetKeptRiskPredictionResponse:
        """Get a prediction that is kept."""
        rules = GetKeptRiskPredictionRules.read(request)
        view = await context.run_command(
            GetKeptRiskPrediction(self.asking.store),
            rules.prediction_id,
            rules.standpoint(context.clock),
        )
        return kept_prediction_message(view)

    async def get_risk_drift(
        self, request: pb.GetRiskDriftRequest, context: CallContext
    ) -> pb.GetRiskDriftResponse:
        """Compare a model's world with that of its training."""
        rules = GetRiskDriftRules.read(request)
        drift = await context.run_command(
            GetRiskDrift(self.asking),
            rules.standpoint(context.clock),
            choice=rules.choice(),
            months=rules.months,
            today=today(context.clock),
        )
        return drift_message(drift)


# Private functions -----------------------------------------------------------


def _writer(response: Callable[..., Message]) -> Callable[[StoredModel], Message]:
    """Give what writes a model's step into a response of its own type."""

    def encode(stored: StoredModel) -> Message:
        return response(model=model_message(stored.model), point=point_message(stored.point))

    return encode


async def _step(
    command: Callable[..., Answer],
    request: Any,  # noqa: ANN401 -- the requests of the steps share their fields and no type.
    context: CallContext,
    response: type[Message],
) -> Response:
    """Take one step of a registered model."""
    rules = ModelStepRules.read(request)
    call = write_call(request, context, _writer(response))
    answer = await context.run_command(command, call, rules.model_id, rules.details())
    return response_of(answer, response)
