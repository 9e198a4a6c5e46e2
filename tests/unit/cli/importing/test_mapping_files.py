"""Mapping files: every mistake is named with its line, and nothing unknown is let pass."""

from pathlib import Path

import pytest

from cli.importing.converter import check_mapping
from cli.importing.mapping_files import (
    BUILT_IN_FOLDER,
    MappingInvalidError,
    MappingUnknownError,
    built_in_names,
    read_mapping,
)

RIGHT = """\
title: Fines of a town
kind: penalty
subject:
  credit_code: {column: code}
header:
  field: {constant: work_safety}
  authority: {column: authority}
  document_number: {column: number}
  event_date: {column: day, formats: YYYYMMDD}
body:
  sanctions: {column: sanctions, table: sanctions, split: ";"}
  fine: {column: fine, unit: yuan}
tables:
  sanctions:
    F: fine
    1: warning
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for mappings."""
    return tmp_path


def written(folder: Path, text: str) -> str:
    """Write a mapping, and give its path."""
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(path: str) -> list[str]:
    """Give the lines of the error with which a mapping is refused, without the path."""
    with pytest.raises(MappingInvalidError) as error:
        check_mapping(read_mapping(path))
    return [line.removeprefix(f"{path}:") for line in error.value.message.splitlines()]


def test_a_right_mapping_is_read(folder: Path) -> None:
    """A number may be a word of a table, and a single name stands for a list."""
    source = read_mapping(written(folder, RIGHT))

    check_mapping(source)
    assert source.mapping.tables["sanctions"] == {"F": "fine", "1": "warning"}
    assert source.mapping.header["event_date"].formats == ["YYYYMMDD"]


@pytest.mark.parametrize("name", built_in_names())
def test_every_built_in_mapping_is_right(name: str) -> None:
    """What comes with the program passes its own check."""
    source = read_mapping(name)

    check_mapping(source)
    assert source.mapping.header


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("kind: penalty", "kind: fine", "2: kind", "'penalty'", id="unknown-kind"),
        pytest.param(
            "title: Fines of a town", "titel: x", "1: titel", "not known", id="unknown-key"
        ),
        pytest.param(
            "  authority: {column: authority}",
            "  authority: {colum: authority}",
            "7: header.authority",
            "not known",
            id="unknown-key-of-a-rule",
        ),
        pytest.param(
            "{column: authority}",
            "{column: authority, constant: x}",
            "7: header.authority",
            "exactly one",
            id="two-sources",
        ),
        pytest.param(
            "  authority:", "  autority:", "7: header.autority", "authority", id="unknown-value"
        ),
        pytest.param(
            "  fine: {column: fine",
            "  fee: {column: fine",
            "12: body.fee",
            "fine",
            id="unknown-value-of-the-body",
        ),
        pytest.param(
            "unit: yuan", "unit: dollar", "12: body.fine.unit", "'yuan'", id="unknown-unit"
        ),
        pytest.param(", unit: yuan", "", "12: body.fine", "unit", id="unit-missing"),
        pytest.param(
            "formats: YYYYMMDD",
            "formats: MMDD",
            "9: header.event_date.formats",
            "year",
            id="wrong-pattern",
        ),
        pytest.param(
            "table: sanctions",
            "table: other",
            "11: body.sanctions.table",
            "no table",
            id="table-missing",
        ),
        pytest.param("F: fine", "F: finee", "15: tables.sanctions.F", "no code", id="unknown-code"),
        pytest.param(
            "    F: fine",
            "    no: fine",
            "14: tables.sanctions",
            "quotes",
            id="yaml-takes-no-for-false",
        ),
        pytest.param(
            "constant: work_safety",
            "constant: fires",
            "6: header.field",
            "fire",
            id="unknown-constant",
        ),
        pytest.param(
            "authority: {column: authority}",
            "authority: {column: authority, unit: yuan}",
            "7: header.authority.unit",
            "means nothing",
            id="key-of-another-kind-of-value",
        ),
        pytest.param(
            "kind: penalty", "kind: penalty\nkind: hazard", "3: kind", "twice", id="key-twice"
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(
    folder: Path, old: str, new: str, line: str, words: str
) -> None:
    """The first line of the refusal says where, and what would be right."""
    assert old in RIGHT
    lines = refusal(written(folder, RIGHT.replace(old, new, 1)))

    assert lines[0].startswith(f"{line}")
    assert words in lines[0]


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    """Nobody has to try again for each of several mistakes."""
    text = RIGHT.replace("unit: yuan", "unit: dollar").replace("titel", "title")
    lines = refusal(written(folder, text.replace("kind: penalty", "kind: fine")))

    assert [line.split(":")[0] for line in lines] == ["2", "12"]


def test_a_missing_part_is_named(folder: Path) -> None:
    """A mapping without a subject names nobody."""
    text = RIGHT.replace("subject:\n  credit_code: {column: code}\n", "")

    assert "subject: this key is missing; add it" in refusal(written(folder, text))[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("title: [", "no YAML", id="not-closed"),
        pytest.param("- a\n- b\n", "keys", id="list"),
        pytest.param("", "keys", id="empty"),
        pytest.param("a: &x 1\nb: *x\n", "aliases", id="alias"),
    ],
)
def test_what_is_no_mapping_at_all_is_refused(folder: Path, text: str, words: str) -> None:
    """A file of another kind is refused in words."""
    assert words in refusal(written(folder, text))[0]


def test_a_constant_can_be_put_in_from_outside(folder: Path) -> None:
    """``--set header.field=fire`` takes the place of the mapping's own rule."""
    source = read_mapping(written(folder, RIGHT), [("header.field", "fire")])

    assert source.mapping.header["field"].constant == "fire"


@pytest.mark.parametrize("target", ["field", "file.sheet", "header", "enterprise.division"])
def test_only_values_of_the_mapping_can_be_put_in(folder: Path, target: str) -> None:
    """A path must lead into a section that the mapping has."""
    with pytest.raises(MappingInvalidError, match="--set"):
        read_mapping(written(folder, RIGHT), [(target, "x")])


def test_an_unknown_mapping_is_answered_with_the_known_ones() -> None:
    """The advice lists what is built in."""
    with pytest.raises(MappingUnknownError) as error:
        read_mapping("no-such-mapping")

    assert "tw-osh" in error.value.advice


def test_the_example_in_the_documentation_is_right(folder: Path) -> None:
    """What the reference shows can be used as it stands."""
    text = (BUILT_IN_FOLDER / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]

    source = read_mapping(written(folder, example))

    check_mapping(source)
    assert source.mapping.header
