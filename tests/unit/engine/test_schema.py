"""The published JSON Schema takes what the reader takes, so that editors complete and check it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from tests.unit.engine import (
    test_constructs,
    test_constructs_of_means,
    test_constructs_over_time,
)
from tests.unit.engine.test_policies import POLICY_FILES, ROOT, shown
from tests.unit.engine.test_policy_file import RIGHT

SCHEMA = json.loads((ROOT / "policy.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


class _Loader(yaml.SafeLoader):
    """Reads days as the text they are, as JSON has no days."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parsed(content: str) -> Any:  # noqa: ANN401 -- a document of any form.
    """Read a document as JSON sees it."""
    return yaml.load(content, _Loader)  # noqa: S506 -- a safe loader, minus days.


def test_schema_is_a_schema() -> None:
    """The file follows the JSON Schema it names."""
    validator = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)

    assert [error.message for error in validator.iter_errors(SCHEMA)] == []


@pytest.mark.parametrize("path", POLICY_FILES, ids=shown)
def test_shipped_policy_follows_the_schema(path: Path) -> None:
    """Every shipped policy is valid."""
    errors = [
        f"{error.json_path}: {error.message}"
        for error in VALIDATOR.iter_errors(parsed(path.read_text(encoding="utf-8")))
    ]

    assert errors == []


CONSTRUCTS = {
    name: text
    for module in (test_constructs, test_constructs_of_means, test_constructs_over_time)
    for name, text in vars(module).items()
    if name.isupper() and isinstance(text, str) and text.startswith("policy:")
}


@pytest.mark.parametrize("text", CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_every_construct_follows_the_schema(text: str) -> None:
    """What the tests of the constructs write, an editor takes as right."""
    assert [error.message for error in VALIDATOR.iter_errors(parsed(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("kind: grade", "kind: grades", id="kind"),
        pytest.param("kind: grade", "kind: list", id="list-without-its-kind"),
        pytest.param('division: "110105"', "division: 110105", id="division"),
        pytest.param("        unit: violation\n", "", id="no-unit"),
        pytest.param("        otherwise: no_data\n", "", id="no-otherwise"),
        pytest.param("        combine: sum\n", "", id="no-combination"),
        pytest.param(", if_missing: 1", "", id="no-data-behaviour"),
        pytest.param("measure: count", "measure: tally", id="measure"),
        pytest.param("{last: {months: 12}}", "{past: 12}", id="window"),
        pytest.param("measure: count", "measure: {reached: 3}", id="reached-once-or-more"),
        pytest.param("{last: {months: 12}}", "{back_from: day, first: 0}", id="counted-ahead"),
        pytest.param("{at_least: 90}", "{at_lest: 90}", id="comparator"),
        pytest.param("{subtract: [0, off]}", "{subtract: [0]}", id="operands"),
        pytest.param("{subtract: [0, off]}", "{raise: [0]}", id="operation"),
    ],
)
def test_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    """A fault of form is refused by both."""
    wrong = RIGHT.replace(old, new, 1)
    assert VALIDATOR.is_valid(parsed(RIGHT))

    with pytest.raises(PolicyRefusedError):
        read_policy(wrong.encode(), "policy.yaml")
    assert not VALIDATOR.is_valid(parsed(wrong))
