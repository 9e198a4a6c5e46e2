"""The README of the policies: its whole examples are right, and every word of the form is in it."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from services.engine.review import CASES_SUFFIX, review_policies
from tests.unit.engine.test_policies import ROOT
from tests.unit.engine.test_schema import SCHEMA

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:yaml)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(README)
SPANS = re.findall(r"`([^`\n]+)`", BLOCK.sub("", README))


def test_whole_examples_pass_every_check() -> None:
    """Every policy that is written out is right, and so is every case of it."""
    files = {name: (ROOT / name).read_bytes() for name in ("vocabulary.yaml", "instruments.yaml")}
    for block in BLOCKS:
        if found := re.match(r"policy: (\S+)", block):
            suffix = CASES_SUFFIX if "\ncases:" in block else ".yaml"
            files[f"cn.example/{found[1]}{suffix}"] = block.encode()

    review = review_policies(files, date(2026, 11, 22))

    assert [str(one) for one in review.problems] == []
    assert (review.policies, review.cases) == (3, 9)


def test_every_word_of_the_form_is_shown() -> None:
    """Whatever an editor completes stands in an example or between backticks."""
    shown = "\n".join([*BLOCKS, *SPANS])
    words = set(_words(SCHEMA))

    assert len(words) > 150
    assert {word for word in words if not re.search(rf"(?<!\w){word}(?!\w)", shown)} == set()


# Private functions -----------------------------------------------------------


def _words(schema: Any) -> Iterator[str]:  # noqa: ANN401 -- any part of a JSON Schema.
    """Give every key and every fixed word of a JSON Schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from _words(part)
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"]
        yield from (one for one in schema.get("enum", ()) if isinstance(one, str))
        for part in schema.values():
            yield from _words(part)
