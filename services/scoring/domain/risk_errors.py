"""Refusals about risk models, each with the reason that answers carry."""

from services.common.errors import Category, SafetyCreditError


class RiskPredictionUnknownError(SafetyCreditError):
    """No such prediction counted, as known at the point asked for."""

    reason = "RISK_PREDICTION_UNKNOWN"
    category = Category.NOT_FOUND


class RiskModelUnknownError(SafetyCreditError):
    """No such risk model was known."""

    reason = "RISK_MODEL_UNKNOWN"
    category = Category.NOT_FOUND


class RiskModelStepSkippedError(SafetyCreditError):
    """A step of a risk model was to be skipped, or done twice."""

    reason = "RISK_MODEL_STEP_SKIPPED"
    category = Category.PRECONDITION


class RiskModelFourEyesError(SafetyCreditError):
    """A step of a risk model needs another person than the one who wants to do it."""

    reason = "RISK_MODEL_FOUR_EYES"
    category = Category.PRECONDITION


class RiskModelOtherInForceError(SafetyCreditError):
    """Another model of the same name is in force."""

    reason = "RISK_MODEL_OTHER_IN_FORCE"
    category = Category.PRECONDITION


class RiskModelNotInForceError(SafetyCreditError):
    """No model is in force, or the one that was named is not."""

    reason = "RISK_MODEL_NOT_IN_FORCE"
    category = Category.PRECONDITION


class RiskModelExistsError(SafetyCreditError):
    """The files are those of a model that is registered already."""

    reason = "RISK_MODEL_EXISTS"
    category = Category.CONFLICT


class RiskModelDamagedError(SafetyCreditError):
    """A file of a model cannot be read as what it should be."""

    reason = "RISK_MODEL_DAMAGED"
    category = Category.INVALID


class RiskModelDigestMismatchError(SafetyCreditError):
    """A file of a model is not the one that its manifest names."""

    reason = "RISK_MODEL_DIGEST_MISMATCH"
    category = Category.INVALID


class RiskModelFeaturesMismatchError(SafetyCreditError):
    """A model reads other features, or in another order, than this program gives."""

    reason = "RISK_MODEL_FEATURES_MISMATCH"
    category = Category.INVALID


class RiskModelVersionMismatchError(SafetyCreditError):
    """A model was made by another major version of a library, or of the files' form."""

    reason = "RISK_MODEL_VERSION_MISMATCH"
    category = Category.INVALID


class RiskModelNotMonotoneError(SafetyCreditError):
    """A model's prediction may fall when an adverse feature rises."""

    reason = "RISK_MODEL_NOT_MONOTONE"
    category = Category.INVALID


class RiskDataTooFewError(SafetyCreditError):
    """There is too little to train, evaluate or compare with."""

    reason = "RISK_DATA_TOO_FEW"
    category = Category.PRECONDITION


class RiskDataColumnsError(SafetyCreditError):
    """A data file lacks columns, or holds something else than numbers in them."""

    reason = "RISK_DATA_COLUMNS"
    category = Category.INVALID


class KnownAfterDayError(SafetyCreditError):
    """A prediction was to rest on what was recorded only after its day."""

    reason = "KNOWN_AFTER_DAY"
    category = Category.INVALID
