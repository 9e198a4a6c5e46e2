"""Answers of RiskService as messages."""

from typing import cast

from safetycredit.scoring.v1 import risk_service_pb2 as pb
from services.common.errors import SafetyCreditError
from services.scoring.commands.risk.get_kept_risk_prediction import KeptPredictionView
from services.scoring.commands.risk.get_risk_drift import Drift, Month, Stability
from services.scoring.commands.risk.get_risk_model import ModelView
from services.scoring.commands.risk.keep_risk_predictions import Kept
from services.scoring.commands.risk.risk_asking import MODEL, RiskBasis
from services.scoring.commands.risk.risk_ports import ModelSummary, RegisteredModel
from services.scoring.commands.risk.risk_scoring import Contribution, Prediction
from services.scoring.domain.amount import Amount
from services.scoring.domain.identifiers import ENTERPRISE, PREDICTION, name_of
from services.scoring.domain.risk_model import ModelStep, state_of
from services.scoring.handlers.messages import point_message, policy_ref_message
from services.scoring.handlers.wire_values import write_amount, write_day, write_instant


def model_message(model: RegisteredModel, summary: ModelSummary | None = None) -> pb.RiskModel:
    """Write a model.

    Args:
        model: The model.
        summary: What its manifest says; none where it is not shown.
    """
    message = pb.RiskModel(
        model_id=name_of(MODEL, model.model_id),
        name=model.name,
        digest=model.digest,
        state=cast("pb.RiskModelState", state_of(model.steps)),
        steps=[_step(step) for step in model.steps],
    )
    if summary is not None:
        message.MergeFrom(_described(summary))
    return message


def view_message(view: ModelView) -> pb.GetRiskModelResponse:
    """Write a model as it is shown."""
    response = pb.GetRiskModelResponse(
        model=model_message(view.model, view.summary), point=point_message(view.point)
    )
    if view.files is not None:
        response.files.manifest = view.files.manifest
        response.files.trees = view.files.trees
        response.files.linear = view.files.linear
    return response


def prediction_message(prediction: Prediction) -> pb.RiskPrediction:
    """Write a prediction."""
    subject = prediction.subject
    message = pb.RiskPrediction(
        enterprise_id=subject.identifier,
        credit_code=subject.credit_code,
        name=subject.name,
        relativity=write_amount(prediction.relativity),
        rate=write_amount(prediction.rate),
        credibility=write_amount(prediction.credibility),
        contributions=[_contribution(one) for one in prediction.contributions],
        log_relativity=write_amount(prediction.log_relativity),
    )
    if prediction.expected is not None:
        message.expected.CopyFrom(write_amount(prediction.expected))
    if prediction.base_amount is not None:
        message.base_amount.CopyFrom(write_amount(prediction.base_amount))
    return message


def batch_message(result: Prediction | SafetyCreditError) -> pb.RiskBatchPrediction:
    """Write a result of a batch."""
    if isinstance(result, SafetyCreditError):
        return pb.RiskBatchPrediction(error_reason=result.reason, error_message=result.message)
    return pb.RiskBatchPrediction(prediction=prediction_message(result))


def basis_message(basis: RiskBasis) -> pb.RiskBasis:
    """Write what predictions stand on."""
    return pb.RiskBasis(
        model_id=name_of(MODEL, basis.model.model_id),
        model_digest=basis.model.digest,
        model_state=cast("pb.RiskModelState", state_of(basis.model.steps)),
        as_of=write_day(basis.as_of),
        point=point_message(basis.point),
        advisory=basis.advisory,
        named_by=[policy_ref_message(one) for one in basis.named_by],
    )


def kept_message(kept: Kept) -> pb.KeepRiskPredictionsResponse:
    """Write what was kept."""
    after = kept.next_after
    return pb.KeepRiskPredictionsResponse(
        considered=kept.considered,
        kept=kept.kept,
        next_after_enterprise_id="" if after is None else name_of(ENTERPRISE, after),
        basis=basis_message(kept.basis),
        point=point_message(kept.point),
    )


def kept_prediction_message(view: KeptPredictionView) -> pb.GetKeptRiskPredictionResponse:
    """Write a prediction that is kept."""
    held = view.held
    return pb.GetKeptRiskPredictionResponse(
        prediction=pb.KeptRiskPrediction(
            prediction_id=name_of(PREDICTION, held.prediction_id),
            model_id=name_of(MODEL, held.model_id),
            enterprise_id=name_of(ENTERPRISE, held.subject_id),
            start_date=write_day(held.start_date),
            end_date=write_day(held.end_date),
            relativity=write_amount(Amount(held.relativity_hundredths, 2)),
            credibility=write_amount(Amount(held.credibility_hundredths, 2)),
        ),
        point=point_message(view.point),
    )


def drift_message(drift: Drift) -> pb.GetRiskDriftResponse:
    """Write how a model's world has moved."""
    return pb.GetRiskDriftResponse(
        stability=[_stability(one) for one in drift.stability],
        months=[_month(one) for one in drift.months],
        enterprises=drift.enterprises,
        basis=basis_message(drift.basis),
    )


# Private functions -----------------------------------------------------------


def _step(step: ModelStep) -> pb.RiskModelStep:
    return pb.RiskModelStep(
        action=cast("pb.RiskModelAction", int(step.action)),
        state=cast("pb.RiskModelState", int(step.state)),
        actor=step.actor,
        authority=step.authority,
        document_number=step.document_number,
        note=step.note,
        time=write_instant(step.recorded_time),
    )


def _described(summary: ModelSummary) -> pb.RiskModel:
    return pb.RiskModel(
        features=[
            pb.RiskFeature(name=one.name, meaning=one.meaning, adverse=one.adverse)
            for one in summary.features
        ],
        target=summary.target,
        data_digest=summary.data_digest,
        seed=summary.seed,
        training_start_year=summary.training_start,
        training_end_year=summary.training_end,
        training_rows=summary.rows,
        training_events=summary.events,
        libraries=dict(summary.libraries),
        knowledge=summary.knowledge,
    )


def _contribution(line: Contribution) -> pb.RiskContribution:
    message = pb.RiskContribution(
        feature=line.feature, amount=write_amount(line.amount), adverse=line.adverse
    )
    if line.value is not None:
        message.value.CopyFrom(write_amount(line.value))
    return message


def _stability(one: Stability) -> pb.RiskStability:
    return pb.RiskStability(
        feature=one.feature,
        index=write_amount(one.index),
        reference_shares=[write_amount(share) for share in one.reference],
        shares=[write_amount(share) for share in one.present],
    )


def _month(month: Month) -> pb.RiskMonth:
    return pb.RiskMonth(
        start_date=write_day(month.start_date),
        enterprises=month.enterprises,
        expected=write_amount(month.expected),
        events=month.events,
        unknown=month.unknown,
    )
