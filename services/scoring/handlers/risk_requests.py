"""Rules of the requests of RiskService."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainValidator

from safetycredit.scoring.v1.risk_service_pb2 import RiskModelFiles
from services.scoring.commands.risk.risk_asking import MODEL, NAME_DEFAULT, ModelChoice
from services.scoring.commands.risk.risk_ports import ModelFiles
from services.scoring.commands.risk.risk_steps import StepDetails
from services.scoring.domain.identifiers import ENTERPRISE, PREDICTION, number_of
from services.scoring.handlers.requests import (
    SUBJECTS_MAX,
    AnyDay,
    Enterprise,
    Name,
    PageRules,
    PointRules,
    RequiredName,
    Rules,
)
from services.scoring.handlers.wire_values import read_name, wrong

_REQUEST_ID_CHARACTERS_MAX: Final = 64
_NOTE_CHARACTERS_MAX: Final = 1000
_STRETCH_MAX: Final = 5000
_STRETCH_DEFAULT: Final = 1000
_MONTHS_MAX: Final = 24
_MONTHS_DEFAULT: Final = 6


def _read_request_id(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "give an identifier of your own, a new one for each request")
    if len(text) > _REQUEST_ID_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_REQUEST_ID_CHARACTERS_MAX} characters")
    return read_name(text)


def _read_model_id(text: str) -> int | None:
    if not text:
        return None
    number = number_of(MODEL, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{MODEL}-100001"')
    return number


def _read_required_model_id(text: str) -> int:
    number = _read_model_id(text)
    if number is None:
        raise wrong("REQUIRED", "name the model")
    return number


def _read_prediction_id(text: str) -> int:
    number = number_of(PREDICTION, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{PREDICTION}-100001"')
    return number


def _read_note(text: str) -> str:
    if len(text) > _NOTE_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_NOTE_CHARACTERS_MAX} characters")
    if not text.replace("\n", " ").isprintable():
        raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
    return text


def _read_files(files: RiskModelFiles) -> ModelFiles:
    for name in ("manifest", "trees", "linear"):
        if not getattr(files, name):
            raise wrong("REQUIRED", "give every file of the model", within=name)
    return ModelFiles(manifest=files.manifest, trees=files.trees, linear=files.linear)


def _read_after(text: str) -> int:
    if not text:
        return 0
    number = number_of(ENTERPRISE, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{ENTERPRISE}-100001"')
    return number


def _read_stretch(size: int) -> int:
    if not 0 <= size <= _STRETCH_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give a number from 1 to {_STRETCH_MAX}")
    return size or _STRETCH_DEFAULT


def _read_months(months: int) -> int:
    if not 0 <= months <= _MONTHS_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give a number from 1 to {_MONTHS_MAX}")
    return months or _MONTHS_DEFAULT


def _count_enterprises(refs: Sequence[Any]) -> list[Any]:
    if not 0 < len(refs) <= SUBJECTS_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give 1 to {SUBJECTS_MAX} enterprises")
    return list(refs)


ModelId = Annotated[int | None, PlainValidator(_read_model_id)]
RequiredModelId = Annotated[int, PlainValidator(_read_required_model_id)]
RequestId = Annotated[str, PlainValidator(_read_request_id)]
Note = Annotated[str, PlainValidator(_read_note)]


class StepRules(Rules):
    """What every step of a model says."""

    request_id: RequestId
    document_number: RequiredName
    note: Note = ""

    def details(self) -> StepDetails:
        """Give what the step says for itself."""
        return StepDetails(document_number=self.document_number, note=self.note)


class RegisterRiskModelRules(StepRules):
    """Rules of RegisterRiskModelRequest."""

    files: Annotated[ModelFiles, PlainValidator(_read_files)]


class ModelStepRules(StepRules):
    """Rules of the requests that take a step of a registered model."""

    model_id: RequiredModelId
    replaces_model_id: ModelId = None


class GetRiskModelRules(PointRules):
    """Rules of GetRiskModelRequest."""

    model_id: RequiredModelId
    with_files: bool = False


class ListRiskModelsRules(PageRules):
    """Rules of ListRiskModelsRequest."""

    name: Name = ""


class AskingRules(PointRules):
    """Which model is asked."""

    name: Name = ""
    model_id: ModelId = None

    def choice(self) -> ModelChoice:
        """Give the model that is asked."""
        return ModelChoice(name=self.name or NAME_DEFAULT, model_id=self.model_id)


class PredictRiskRules(AskingRules):
    """Rules of PredictRiskRequest."""

    subject: Enterprise


class BatchPredictRiskRules(AskingRules):
    """Rules of BatchPredictRiskRequest."""

    subjects: Annotated[tuple[Enterprise, ...], BeforeValidator(_count_enterprises)]
    with_contributions: bool = False


class KeepRiskPredictionsRules(Rules):
    """Rules of KeepRiskPredictionsRequest."""

    request_id: RequestId
    name: Name = ""
    as_of: AnyDay = None
    after_enterprise_id: Annotated[int, PlainValidator(_read_after)] = 0
    size: Annotated[int, PlainValidator(_read_stretch)] = _STRETCH_DEFAULT


class GetKeptRiskPredictionRules(PointRules):
    """Rules of GetKeptRiskPredictionRequest."""

    prediction_id: Annotated[int, PlainValidator(_read_prediction_id)]


class GetRiskDriftRules(AskingRules):
    """Rules of GetRiskDriftRequest."""

    months: Annotated[int, PlainValidator(_read_months)] = _MONTHS_DEFAULT
