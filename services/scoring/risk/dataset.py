"""Rows to learn from: one subject over one period each, with exposure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b, sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_model import RiskFeature

FloatColumn = NDArray[np.float64]
"""float64[n]."""

_HASH_BYTES: Final = 8
_HASH_RANGE: Final = float(2 ** (8 * _HASH_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskData:
    """Rows and where they come from.

    Attributes:
        feature_set: Name of the list of features.
        features: The features, in the order of the columns.
        values: float64[n, k]; missing values are NaN, never in an adverse feature.
        events: float64[n], what happened in the period, whole numbers.
        exposure: float64[n], above zero.
        groups: int64[n], whose row it is; the same number for the same enterprise or mine.
        periods: int64[n], year in which the row's period begins.
        comparators: Simple measures that a model must beat, each float64[n].
        classes: Simple classes that a model must beat, each int64[n].
        target: What the events are, in words.
        exposure_unit: Unit of the exposure.
        source: Where the rows come from, in words.
        files: Digest of every file read, by its name.
        grouped: Whether the groups are known; without them each row is its own.
        limits: What a reader must know about the data, one sentence each.
    """

    feature_set: str
    features: tuple[RiskFeature, ...]
    values: NDArray[np.float64]
    events: FloatColumn
    exposure: FloatColumn
    groups: NDArray[np.int64]
    periods: NDArray[np.int64]
    comparators: Mapping[str, FloatColumn] = field(default_factory=dict)
    classes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    target: str
    exposure_unit: str
    source: str
    files: Mapping[str, str] = field(default_factory=dict)
    grouped: bool = True
    limits: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Give the number of rows."""
        return int(self.events.size)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names of the features, in order."""
        return tuple(one.name for one in self.features)

    def rows(self, mask: NDArray[np.bool_]) -> "RiskData":
        """Give some of the rows."""
        kept: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("values", "events", "exposure", "groups", "periods"):
            kept[name] = kept[name][mask]
        for name in ("comparators", "classes"):
            kept[name] = {key: column[mask] for key, column in kept[name].items()}
        return RiskData(**kept)

    def digest(self) -> str:
        """Give the SHA-256 of everything that is learned from, hexadecimal."""
        digest = sha256("\0".join((self.feature_set, *self.names)).encode())
        for column in (self.values, self.events, self.exposure, self.groups, self.periods):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Split:
    """Which rows are learned from, and on which the model is tried.

    Attributes:
        train: bool[n], earlier periods, and groups that are not held out.
        test: bool[n], later periods of held-out groups; of all groups where none are held out.
        later: bool[n], later periods of all groups, as a model in use meets them.
    """

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    later: NDArray[np.bool_]


def split_rows(data: RiskData, *, train_until: int, held_out_share: float, seed: int) -> Split:
    """Split rows by time and by group, never at random.

    Args:
        data: The rows.
        train_until: Last year of the training periods.
        held_out_share: Share of the groups that are never learned from, at least 0 and below 1.
        seed: Decides which groups those are.
    """
    earlier = data.periods <= train_until
    if not data.grouped or held_out_share == 0:
        return Split(train=earlier, test=~earlier, later=~earlier)
    held_out = group_positions(data.groups, seed) < held_out_share
    return Split(train=earlier & ~held_out, test=~earlier & held_out, later=~earlier)


def group_positions(groups: NDArray[np.int64], seed: int) -> FloatColumn:
    """Give each row's group a fixed place in [0, 1), by digest, so that it never moves."""
    known, inverse = np.unique(groups, return_inverse=True)
    places = [
        int.from_bytes(blake2b(f"{seed}:{group}".encode(), digest_size=_HASH_BYTES).digest())
        / _HASH_RANGE
        for group in known.tolist()
    ]
    column: FloatColumn = np.array(places, dtype=np.float64)[inverse]
    return column
