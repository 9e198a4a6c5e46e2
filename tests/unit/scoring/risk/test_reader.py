"""Loading a model refuses every mismatch by name, before one number of it is used."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from services.common.errors import SafetyCreditError
from services.scoring.commands.risk.risk_ports import ModelFiles
from services.scoring.domain.risk_errors import (
    RiskModelDamagedError,
    RiskModelDigestMismatchError,
    RiskModelFeaturesMismatchError,
    RiskModelNotMonotoneError,
    RiskModelVersionMismatchError,
)
from services.scoring.risk.manifest import write_json
from services.scoring.risk.reader import FileModelReader
from tests.fakes.risk_models import PLAIN, changed, plain_data, plain_reader, trained_plain


def with_manifest(files: ModelFiles, /, **parts: Any) -> ModelFiles:  # noqa: ANN401 -- plain values.
    """Give files whose manifest says something else."""
    return changed(files, manifest=write_json({**json.loads(files.manifest), **parts}))


def with_trees(files: ModelFiles, trees: bytes) -> ModelFiles:
    """Give files with other trees, and a manifest that names them."""
    digests = {**json.loads(files.manifest)["files"], "trees.txt": sha256(trees).hexdigest()}
    return changed(with_manifest(files, files=digests), trees=trees)


def refused(files: ModelFiles, reader: FileModelReader | None = None) -> SafetyCreditError:
    """Read files that must be refused."""
    with pytest.raises(SafetyCreditError) as error:
        (reader or plain_reader()).summary(files)
    return error.value


def test_a_model_that_was_written_is_read() -> None:
    """What is read predicts what was trained, and says what it was trained from."""
    trained, data = trained_plain(), plain_data(50, seed=5)

    model = plain_reader().loaded(trained.files)

    assert model.summary == trained.model.summary
    assert model.summary.digest == sha256(trained.files.manifest).hexdigest()
    assert (model.summary.training_start, model.summary.training_end) == (2020, 2023)
    np.testing.assert_array_equal(model.rates(data.values), trained.model.rates(data.values))
    np.testing.assert_array_equal(
        model.linear.rates(data.values), trained.model.linear.rates(data.values)
    )


@pytest.mark.parametrize("name", ["trees", "linear"])
def test_a_file_that_the_manifest_does_not_name_is_refused(name: str) -> None:
    """One byte more is another file."""
    files = trained_plain().files

    error = refused(changed(files, **{name: getattr(files, name) + b"\n"}))

    assert isinstance(error, RiskModelDigestMismatchError)


def test_other_features_are_refused() -> None:
    """A name, an order, a flag or a whole list that is another one."""
    files = trained_plain().files
    swapped = (PLAIN[1], PLAIN[0], PLAIN[2])
    unflagged = (replace(PLAIN[0], adverse=False), *PLAIN[1:])

    for here in (swapped, unflagged, PLAIN[:2]):
        error = refused(files, FileModelReader({"plain": here}))
        assert isinstance(error, RiskModelFeaturesMismatchError)
    assert refused(files, FileModelReader({"plain": swapped})).facts == {
        "position": "1",
        "found": "violations+",
        "wanted": "accidents+",
    }
    error = refused(files, FileModelReader({"another": PLAIN}))
    assert isinstance(error, RiskModelFeaturesMismatchError)


def test_trees_of_other_features_are_refused() -> None:
    """The names in LightGBM's own text count too, in their order."""
    files = trained_plain().files
    trees = files.trees.replace(
        b"feature_names=violations accidents age", b"feature_names=accidents violations age"
    )

    error = refused(with_trees(files, trees))

    assert isinstance(error, RiskModelFeaturesMismatchError)


@pytest.mark.parametrize("library", ["lightgbm", "scikit-learn"])
def test_another_major_version_is_refused(library: str) -> None:
    """A later minor version is not."""
    files = trained_plain().files
    libraries = json.loads(files.manifest)["libraries"]
    major = libraries[library].split(".")[0]

    same = with_manifest(files, libraries={**libraries, library: f"{major}.999.0"})
    other = with_manifest(files, libraries={**libraries, library: f"{int(major) + 1}.0.0"})
    unknown = with_manifest(files, libraries={})

    plain_reader().summary(same)
    assert isinstance(refused(other), RiskModelVersionMismatchError)
    assert isinstance(refused(unknown), RiskModelVersionMismatchError)


def test_another_form_is_refused() -> None:
    """A manifest says which form the files have."""
    error = refused(with_manifest(trained_plain().files, format=2))

    assert isinstance(error, RiskModelVersionMismatchError)


def test_a_model_that_falls_is_refused_though_its_digests_are_right() -> None:
    """The outputs of every leaf turned round: what rose now falls."""
    files = trained_plain().files
    lines = files.trees.decode().splitlines()
    turned = [
        "leaf_value=" + " ".join(str(-float(one)) for one in line[11:].split())
        if line.startswith("leaf_value=")
        else line
        for line in lines
    ]

    error = refused(with_trees(files, "\n".join(turned).encode()))

    assert isinstance(error, RiskModelNotMonotoneError)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="no-mapping"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b'{"format": 1}', id="nothing-else"),
    ],
)
def test_a_damaged_manifest_is_refused(manifest: bytes) -> None:
    """What is no manifest is no model."""
    error = refused(changed(trained_plain().files, manifest=manifest))

    assert isinstance(error, RiskModelDamagedError)


@pytest.mark.parametrize(
    ("name", "value"),
    [("base_rate", 0), ("base_rate", "x"), ("credibility_events", -1), ("reference", {"": {}})],
)
def test_a_manifest_with_a_number_that_cannot_be_meant_is_refused(name: str, value: object) -> None:
    """A rate above zero, a constant above zero, bins that fit their edges."""
    error = refused(with_manifest(trained_plain().files, **{name: value}))

    assert isinstance(error, RiskModelDamagedError)


def test_a_baseline_of_other_features_is_refused() -> None:
    """The digest is right, the features are not."""
    files = trained_plain().files
    linear = write_json({**json.loads(files.linear), "features": []})
    digests = {**json.loads(files.manifest)["files"], "linear.json": sha256(linear).hexdigest()}

    error = refused(changed(with_manifest(files, files=digests), linear=linear))

    assert isinstance(error, RiskModelDamagedError)


def test_a_model_for_something_else_is_refused() -> None:
    """Trees that add up to something else than the logarithm of a rate are not taken for one."""
    files = trained_plain().files

    error = refused(
        with_trees(files, files.trees.replace(b"objective=poisson", b"objective=binary sigmoid:1"))
    )

    assert isinstance(error, RiskModelDamagedError)


def test_a_manifest_is_shown_whatever_versions_made_it() -> None:
    """What may not be used any more can still be looked at."""
    files = with_manifest(trained_plain().files, libraries={"lightgbm": "1.0"})

    assert plain_reader().described(files.manifest).libraries == {"lightgbm": "1.0"}


def test_a_model_is_made_ready_once() -> None:
    """The next question finds it by its digest."""
    reader, trained = plain_reader(), trained_plain()
    digest = trained.model.summary.digest

    before = reader.kept(digest)
    model = reader.loaded(trained.files)

    assert before is None
    assert reader.kept(digest) is model
