"""What the commands about risk models need of the world.

Models are read by `services.scoring.risk`, which brings LightGBM; rows about models and predictions
are kept by the store. The commands know neither.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.engine.population import Population
from services.scoring.commands.ports import FactNeeds, FactReads, SubjectReads
from services.scoring.domain.risk_model import ModelStep, RiskFeature


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """The files of one model, each byte as it was trained.

    Attributes:
        manifest: JSON that names everything else: features, data, seed, versions, digests.
        trees: LightGBM's text.
        linear: JSON of the readable baseline.
    """

    manifest: bytes
    trees: bytes
    linear: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Where the values of one feature, or the score, lay in training.

    Attributes:
        edges: Inner edges, ascending; a value belongs to the bin of the edges at or below it.
        shares: Share of each bin, one more than edges, and last that of missing values.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSummary:
    """What a model's manifest says of it.

    Attributes:
        name: What the model is for; one model of a name is in force at a time.
        digest: SHA-256 of the manifest, which names those of the other files; hexadecimal.
        feature_set: Name of the list of features that it reads.
        features: The features in order.
        base_rate: Events for a unit of exposure in training.
        credibility_events: Expected events at which an enterprise's own relativity counts half.
        target: What is foretold.
        exposure_unit: Unit of the exposure.
        training_start: First year of the training periods.
        training_end: Last year of them.
        rows: Rows learned from.
        events: Events in them.
        data_digest: SHA-256 of them, hexadecimal.
        seed: Seed of the training.
        libraries: Version of each library by its name.
        knowledge: Which rule told what was known then.
        reference: Bins by feature, and those of the score under the empty name.
    """

    name: str
    digest: str
    feature_set: str
    features: tuple[RiskFeature, ...]
    base_rate: float
    credibility_events: float
    target: str
    exposure_unit: str
    training_start: int
    training_end: int
    rows: int
    events: int
    data_digest: str
    seed: int
    libraries: Mapping[str, str]
    knowledge: str
    reference: Mapping[str, Bins] = field(default_factory=dict)


class LoadedModel(Protocol):
    """A model whose files were checked, ready to be asked."""

    @property
    def summary(self) -> ModelSummary:
        """Say what model it is."""
        ...

    def logarithms(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give for each row of features the logarithm of its rate over the base rate."""
        ...

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give for each row what each feature adds to that, and last what all rows share."""
        ...


class ModelReader(Protocol):
    """Reads and checks the files of models."""

    def summary(self, files: ModelFiles) -> ModelSummary:
        """Check the files, the trees among them, without making the model ready.

        Raises:
            RiskModelDamagedError: A file cannot be read.
            RiskModelDigestMismatchError: A file is not the one that the manifest names.
            RiskModelFeaturesMismatchError: The features are not those of this program, in order.
            RiskModelVersionMismatchError: Another major version of a library made it.
            RiskModelNotMonotoneError: A prediction may fall as an adverse feature rises.
        """
        ...

    def loaded(self, files: ModelFiles) -> LoadedModel:
        """Check the files and make the model ready.

        Raises:
            SafetyCreditError: As `summary` says.
        """
        ...

    def described(self, manifest: bytes) -> ModelSummary:
        """Read a manifest for showing it, whatever versions made it.

        Raises:
            RiskModelDamagedError: It cannot be read.
        """
        ...

    def kept(self, digest: str) -> LoadedModel | None:
        """Give a model that was made ready before; nothing if it was not, or long ago."""
        ...


class FeatureSet(Protocol):
    """The features of enterprises, made of what the store knows."""

    @property
    def name(self) -> str:
        """Give the name of the list."""
        ...

    @property
    def features(self) -> tuple[RiskFeature, ...]:
        """Give the features in order."""
        ...

    @property
    def needs(self) -> FactNeeds:
        """Say which facts they are made of."""
        ...

    def values(
        self, population: Population, as_of: date, *, announced: bool = False
    ) -> NDArray[np.float64]:
        """Give the features of a population on a day: float64[n, k].

        Args:
            population: Columns of `needs`, as known at the end of the day.
            as_of: The day.
            announced: Whether a record counts only from the day on which it was made public.
        """
        ...

    def exposure(self, population: Population) -> NDArray[np.float64]:
        """Give the exposure of a year for each subject; 0 where it is not known."""
        ...

    def experience(self, population: Population, as_of: date) -> NDArray[np.float64]:
        """Give the exposure of the past that the features tell of."""
        ...

    def events(self, population: Population, start: date, end: date) -> NDArray[np.float64]:
        """Count for each subject what happened on ``[start, end)``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """A model in the registry.

    Attributes:
        model_id: Its number.
        name: What it is for.
        digest: Digest of its manifest.
        feature_set: Features that it reads.
        steps: Its steps that were known, in order; at least the first.
    """

    model_id: int
    name: str
    digest: str
    feature_set: str
    steps: tuple[ModelStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPrediction:
    """A prediction as kept, for rate plans to read.

    Attributes:
        subject_id: The enterprise.
        start_date: Day that the prediction is for; it holds from then on.
        relativity_hundredths: Rate over the base rate.
        credibility_hundredths: How far an enterprise's relativity is to be believed, 0 to 100.
        known_revision: Revision at which its features were read.
    """

    subject_id: int
    start_date: date
    relativity_hundredths: int
    credibility_hundredths: int
    known_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPrediction:
    """A prediction as it is kept, with the days for which it holds.

    Attributes:
        prediction_id: Its number.
        model_id: The model that gave it.
        subject_id: The enterprise.
        start_date: Day that it is for, and from which it holds.
        end_date: Day after the last day on which it holds.
        relativity_hundredths: Rate over the base rate.
        credibility_hundredths: How far the relativity is to be believed, 0 to 100.
    """

    prediction_id: int
    model_id: int
    subject_id: int
    start_date: date
    end_date: date
    relativity_hundredths: int
    credibility_hundredths: int


class PredictionReads(Protocol):
    """Reads predictions that are kept."""

    def find(self, prediction_id: int, *, revision: int) -> HeldPrediction | None:
        """Find a prediction; nothing if none of that number counted at a revision."""
        ...


class RiskModelReads(Protocol):
    """Reads the registry."""

    def find(self, model_id: int, *, revision: int) -> RegisteredModel | None:
        """Find a model; nothing if none of that number was known at a revision."""
        ...

    def with_digest(self, digest: str, *, revision: int) -> RegisteredModel | None:
        """Find a model by the digest of its manifest."""
        ...

    def in_force(self, name: str, *, revision: int) -> RegisteredModel | None:
        """Give the model of a name that was in force at a revision; nothing if none was."""
        ...

    def page(
        self, *, name: str, after: int, limit: int, revision: int
    ) -> Sequence[RegisteredModel]:
        """Give models in order of their numbers.

        Args:
            name: What they are for; empty for all.
            after: Number of the model before the first.
            limit: Models at most.
            revision: What was known.
        """
        ...

    def files(self, model_id: int) -> ModelFiles:
        """Give the files of a model that is registered."""
        ...


class RiskModelWrites(RiskModelReads, Protocol):
    """Writes the registry; nothing in it is ever changed."""

    def add(self, model_id: int, summary: ModelSummary, files: ModelFiles) -> None:
        """Keep a model with its files."""
        ...

    def add_step(self, model_id: int, step: ModelStep) -> None:
        """Append a step."""
        ...


class PredictionWrites(Protocol):
    """Writes predictions that rate plans read."""

    def keep(self, model_id: int, predictions: Collection[KeptPrediction], *, days: int) -> int:
        """Let predictions hold from their day on, for so many days or until the next one.

        Returns:
            How many differ from what held before; only those are written.
        """
        ...

    def withdraw(self, model_id: int) -> int:
        """Let every prediction of a model count no more, and give how many there were."""
        ...


class RiskReading(Protocol):
    """A consistent snapshot."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant.

        Raises:
            SafetyCreditError: The instant lies in the future, or before the first write.
        """
        ...

    @property
    def subjects(self) -> SubjectReads:
        """Find subjects."""
        ...

    @property
    def facts(self) -> FactReads:
        """Read facts."""
        ...

    @property
    def models(self) -> RiskModelReads:
        """Read the registry."""
        ...

    @property
    def predictions(self) -> PredictionReads:
        """Read predictions that are kept."""
        ...


class RiskWriting(Protocol):
    """A write transaction."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand."""
        ...

    @property
    def models(self) -> RiskModelWrites:
        """Write the registry."""
        ...

    @property
    def predictions(self) -> PredictionWrites:
        """Write predictions."""
        ...

    def new_id(self) -> int:
        """Take an identifier."""
        ...

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request; nothing if there was none."""
        ...

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        ...

    def commit(self) -> None:
        """Make everything durable."""
        ...


class RiskStore(Protocol):
    """The store, as risk models need it."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[RiskReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[RiskWriting]:
        """Begin a write; it is undone unless it is committed."""
        ...
