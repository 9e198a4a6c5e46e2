"""Reading models: every file checked before one number of it is used."""

import json
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.commands.risk.risk_ports import ModelFiles, ModelSummary
from services.scoring.domain.risk_errors import (
    RiskModelDamagedError,
    RiskModelDigestMismatchError,
    RiskModelFeaturesMismatchError,
)
from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.linear import LinearModel
from services.scoring.risk.manifest import LINEAR_FILE, TREES_FILE, read_manifest
from services.scoring.risk.monotone import require_monotone
from services.scoring.risk.trees import read_trees

if TYPE_CHECKING:
    from services.scoring.risk.boosting import Trees

_OBJECTIVE: Final = "poisson"
_KEPT_MAX: Final = 8
"""House limit: models that are ready at a time."""


class RiskModel:
    """A model whose files were checked; implements `LoadedModel`.

    Attributes:
        summary: What model it is.
        linear: The readable baseline.
    """

    def __init__(self, summary: ModelSummary, linear: LinearModel, trees: "Trees") -> None:
        """Take what was read."""
        self.summary = summary
        self.linear = linear
        self._trees = trees
        self._adverse = np.array([one.adverse for one in summary.features])

    def logarithms(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give for each row of features the logarithm of its rate over the base rate."""
        return self._trees.logarithms(self._right(values))

    def rates(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the rate for each row of features, in events for a unit of exposure."""
        rates = np.exp(self.logarithms(values))
        rates *= self.summary.base_rate
        return rates

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give for each row what each feature adds to that, and last what all rows share."""
        return self._trees.contributions(self._right(values))

    def gains(self) -> NDArray[np.float64]:
        """Give how much each feature took off the deviance in training."""
        return self._trees.gains()

    def _right(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        assert values.shape[1] == len(self.summary.features), "a column for each feature"
        # One sum tells whether anything is missing; what is missing is looked for only then.
        if np.isnan(values.sum()):
            wrong = np.isnan(values[:, self._adverse]).any()
            assert not wrong, "an adverse feature is never missing"
        return values


class FileModelReader:
    """Reads models from their files; implements `ModelReader`."""

    def __init__(
        self,
        features: dict[str, tuple[RiskFeature, ...]],
        *,
        num_threads: int = 0,
    ) -> None:
        """Read models of these features.

        Args:
            features: Features by name of their list, as this program gives them.
            num_threads: Threads of a prediction; 0 for all that there are.
        """
        self._features = features
        self._num_threads = num_threads
        self._kept: OrderedDict[str, RiskModel] = OrderedDict()
        self._lock = Lock()

    def summary(self, files: ModelFiles) -> ModelSummary:
        """Check the files, the trees among them, without making the model ready."""
        return self._checked(files)[0]

    def loaded(self, files: ModelFiles) -> RiskModel:
        """Check the files and make the model ready."""
        # LightGBM takes seconds to import; who never asks a model never pays for it.
        from services.scoring.risk.boosting import Trees  # noqa: PLC0415

        summary, linear = self._checked(files)
        model = RiskModel(summary, linear, Trees(files.trees, num_threads=self._num_threads))
        with self._lock:
            self._kept[summary.digest] = model
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return model

    def described(self, manifest: bytes) -> ModelSummary:
        """Read a manifest for showing it, whatever versions made it."""
        return read_manifest(manifest, checked=False).summary

    def kept(self, digest: str) -> RiskModel | None:
        """Give a model that was made ready before; nothing if it was not, or long ago."""
        with self._lock:
            model = self._kept.get(digest)
            if model is not None:
                self._kept.move_to_end(digest)
            return model

    # Private methods -------------------------------------------------------------

    def _checked(self, files: ModelFiles) -> tuple[ModelSummary, LinearModel]:
        manifest = read_manifest(files.manifest)
        summary = manifest.summary
        for name, content in ((TREES_FILE, files.trees), (LINEAR_FILE, files.linear)):
            found, wanted = sha256(content).hexdigest(), manifest.files.get(name, "")
            if found != wanted:
                raise RiskModelDigestMismatchError(
                    f"{name} is not the file that the manifest names; copy or train it again",
                    file=name,
                    found=found,
                    wanted=wanted,
                )
        self._require_features(summary)
        trees = read_trees(files.trees)
        names = tuple(one.name for one in summary.features)
        if trees.feature_names != names:
            raise _other_features(TREES_FILE, trees.feature_names, names)
        if trees.objective != _OBJECTIVE:
            raise RiskModelDamagedError(f"the trees are for {trees.objective}, not {_OBJECTIVE}")
        require_monotone(trees, (one.name for one in summary.features if one.adverse))
        return summary, _linear(files.linear, summary.features)

    def _require_features(self, summary: ModelSummary) -> None:
        here = self._features.get(summary.feature_set)
        if here is None:
            raise RiskModelFeaturesMismatchError(
                f"the model reads the features {summary.feature_set!r}; here are"
                f" {', '.join(self._features)}",
                found=summary.feature_set,
                wanted=",".join(self._features),
            )
        if summary.features != here:
            found = tuple(_described(one) for one in summary.features)
            raise _other_features("the manifest", found, tuple(_described(one) for one in here))


# Private functions -----------------------------------------------------------


def _described(feature: RiskFeature) -> str:
    return f"{feature.name}{'+' if feature.adverse else ''}"


def _other_features(
    where: str, found: tuple[str, ...], wanted: tuple[str, ...]
) -> RiskModelFeaturesMismatchError:
    pairs = zip(found, wanted, strict=False)
    short = min(len(found), len(wanted))
    place = next((i for i, (one, other) in enumerate(pairs) if one != other), short)
    has = found[place] if place < len(found) else "nothing"
    wants = wanted[place] if place < len(wanted) else "nothing"
    return RiskModelFeaturesMismatchError(
        f"feature {place + 1} of {where} is {has}, not {wants} (+ is adverse), or its meaning has"
        " changed; train again",
        position=place + 1,
        found=has,
        wanted=wants,
    )


def _linear(content: bytes, features: tuple[RiskFeature, ...]) -> LinearModel:
    try:
        return LinearModel.of(json.loads(content), features)
    except (ValueError, KeyError, TypeError) as error:
        raise RiskModelDamagedError(
            f"{LINEAR_FILE} is not the baseline of these features; copy or train it again"
        ) from error
