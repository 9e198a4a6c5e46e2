"""The manifest of a model: everything about it that is not a number of the model itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from platform import python_version
from typing import Any, Final

from services.scoring.commands.risk.risk_ports import Bins, ModelSummary
from services.scoring.domain.risk_errors import (
    RiskModelDamagedError,
    RiskModelVersionMismatchError,
)
from services.scoring.domain.risk_model import RiskFeature

FORMAT: Final = 1
"""Form of the files; a model of another form is refused."""

LIBRARIES: Final = ("lightgbm", "numpy", "scikit-learn")
"""Libraries whose versions stand in every manifest."""

_CHECKED: Final = ("lightgbm", "scikit-learn")
TREES_FILE: Final = "trees.txt"
LINEAR_FILE: Final = "linear.json"
MANIFEST_FILE: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read.

    Attributes:
        summary: What it says of the model.
        files: Digest of each of the other files by name.
    """

    summary: ModelSummary
    files: Mapping[str, str]


def library_versions() -> dict[str, str]:
    """Give the versions of the libraries that a model depends on, without importing them."""
    return {name: version(name) for name in LIBRARIES} | {"python": python_version()}


def write_json(document: Mapping[str, Any]) -> bytes:
    """Write plain values so that equal ones give equal bytes."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def manifest_bytes(
    summary: ModelSummary, files: Mapping[str, bytes], more: Mapping[str, Any]
) -> bytes:
    """Write a manifest.

    Args:
        summary: What is known of the model; its digest is not, yet.
        files: The other files by name.
        more: What else a reader may want to know: parameters, sources, periods of the test.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "name": summary.name,
        "feature_set": summary.feature_set,
        "features": [
            {
                "name": one.name,
                "meaning": one.meaning,
                "adverse": one.adverse,
                "logarithmic": one.logarithmic,
            }
            for one in summary.features
        ],
        "base_rate": summary.base_rate,
        "credibility_events": summary.credibility_events,
        "target": summary.target,
        "exposure_unit": summary.exposure_unit,
        "training": {
            "start_year": summary.training_start,
            "end_year": summary.training_end,
            "rows": summary.rows,
            "events": summary.events,
            "data_digest": summary.data_digest,
            "seed": summary.seed,
            "knowledge": summary.knowledge,
        },
        "libraries": dict(summary.libraries),
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
        "reference": {
            name: {"edges": list(bins.edges), "shares": list(bins.shares)}
            for name, bins in summary.reference.items()
        },
        **more,
    }
    return write_json(document)


def read_manifest(content: bytes, *, checked: bool = True) -> Manifest:
    """Read a manifest.

    Args:
        content: Its bytes.
        checked: Whether the model is to be used, so that other versions are refused.

    Raises:
        RiskModelDamagedError: It is none.
        RiskModelVersionMismatchError: Its form, or the major version of a library, is another.
    """
    try:
        document: Any = json.loads(content)
        found_format = document["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged() from error
    if checked and found_format != FORMAT:
        raise RiskModelVersionMismatchError(
            f"the files have form {found_format}, this program reads {FORMAT}; train again",
            what="form",
            found=found_format,
            wanted=FORMAT,
        )
    try:
        summary, files = _summary(document, content), dict(document["files"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged() from error
    if checked:
        _require_versions(summary.libraries)
    return Manifest(summary, files)


def split_of(content: bytes) -> tuple[int, float]:
    """Give the last year of training and the share held out, of a manifest that was read.

    Raises:
        RiskModelDamagedError: It does not say.
    """
    try:
        split = json.loads(content)["split"]
        return int(split["train_until"]), float(split["held_out_share"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged() from error


# Private functions -----------------------------------------------------------


def _damaged() -> RiskModelDamagedError:
    return RiskModelDamagedError(
        f"{MANIFEST_FILE} is not the manifest of a model; copy or train it again"
    )


def _summary(document: Any, content: bytes) -> ModelSummary:  # noqa: ANN401 -- a tree of plain values.
    training = document["training"]
    summary = ModelSummary(
        name=str(document["name"]),
        digest=sha256(content).hexdigest(),
        feature_set=str(document["feature_set"]),
        features=tuple(
            RiskFeature(
                name=str(one["name"]),
                meaning=str(one["meaning"]),
                adverse=bool(one["adverse"]),
                logarithmic=bool(one["logarithmic"]),
            )
            for one in document["features"]
        ),
        base_rate=float(document["base_rate"]),
        credibility_events=float(document["credibility_events"]),
        target=str(document["target"]),
        exposure_unit=str(document["exposure_unit"]),
        training_start=int(training["start_year"]),
        training_end=int(training["end_year"]),
        rows=int(training["rows"]),
        events=int(training["events"]),
        data_digest=str(training["data_digest"]),
        seed=int(training["seed"]),
        libraries={str(name): str(one) for name, one in document["libraries"].items()},
        knowledge=str(training["knowledge"]),
        reference={
            str(name): Bins(
                edges=tuple(map(float, bins["edges"])), shares=tuple(map(float, bins["shares"]))
            )
            for name, bins in document["reference"].items()
        },
    )
    right = summary.base_rate > 0 and summary.credibility_events > 0 and summary.name
    if not right or any(
        len(bins.shares) != len(bins.edges) + len(("above the last edge", "missing"))
        for bins in summary.reference.values()
    ):
        raise ValueError("a number cannot be meant")
    return summary


def _require_versions(libraries: Mapping[str, str]) -> None:
    for name in _CHECKED:
        made, here = libraries.get(name, ""), version(name)
        if made.split(".")[0] != here.split(".")[0]:
            raise RiskModelVersionMismatchError(
                f"the model was made with {name} {made or 'unknown'}, here is {here};"
                " train it again",
                what=name,
                found=made,
                wanted=here,
            )
