"""YAML documents that remember where everything stands.

Numbers with a decimal point become `decimal.Decimal`, days become `datetime.date`, and a key
written twice is a problem, not a silent last-one-wins.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import yaml

from services.engine.errors import FilePlace, PolicyRefusedError, Problem, problem_at

Scalar = str | int | Decimal | bool | date | None
"""What a leaf of a document can be."""

Node = "Scalar | Items | Entries"

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Entries(dict[str, "Scalar | Items | Entries"]):
    """A mapping whose keys and values have places.

    Attributes:
        place: Line and column of the mapping, from 1.
        places: Line and column of each value, by key.
    """

    def __init__(self, place: tuple[int, int]) -> None:
        """Start empty at a place."""
        super().__init__()
        self.place = place
        self.places: dict[str, tuple[int, int]] = {}


class Items(list["Scalar | Items | Entries"]):
    """A sequence whose items have places.

    Attributes:
        place: Line and column of the sequence, from 1.
        places: Line and column of each item.
    """

    def __init__(self, place: tuple[int, int]) -> None:
        """Start empty at a place."""
        super().__init__()
        self.place = place
        self.places: list[tuple[int, int]] = []


def read_document(content: bytes, file: str) -> Entries:
    """Read one YAML mapping.

    Args:
        content: Bytes of the file, UTF-8.
        file: Name for problems.

    Raises:
        PolicyRefusedError: The bytes are no YAML mapping, or a key stands twice.
    """
    try:
        root = yaml.compose(content, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = Problem(file, line, column, "syntax", str(error.problem))
        raise PolicyRefusedError((problem,)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = Problem(file, 1, 1, "syntax", "the file is not UTF-8 YAML")
        raise PolicyRefusedError((problem,)) from error
    if not isinstance(root, yaml.MappingNode):
        problem = Problem(file, 1, 1, "syntax", "the file must be one mapping")
        raise PolicyRefusedError((problem,))
    reader = _Reader(file)
    entries = reader.entries(root)
    if reader.problems:
        raise PolicyRefusedError(tuple(reader.problems))
    return entries


# Private functions -----------------------------------------------------------


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def entries(self, node: yaml.MappingNode) -> Entries:
        entries = Entries(self._place(node))
        for key_node, value_node in self._pairs(node):
            key = str(key_node.value)
            if key in entries:
                self._report(key_node, "duplicate-key", f"the key {key!r} stands twice")
            entries[key] = self._value(value_node)
            entries.places[key] = self._place(value_node)
        return entries

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._report(key_node, "merge-key", "write the entries out; << is not read")
            elif not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, "syntax", "a key must be a word")
            else:
                yield key_node, value_node

    def _value(self, node: yaml.Node) -> Scalar | Items | Entries:
        if isinstance(node, yaml.MappingNode):
            return self.entries(node)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self._place(node))
            for item in node.value:
                items.append(self._value(item))
                items.places.append(self._place(item))
            return items
        assert isinstance(node, yaml.ScalarNode), "YAML knows three kinds of nodes"
        return self._scalar(node)

    def _scalar(self, node: yaml.ScalarNode) -> Scalar:
        kind, text = node.tag.rpartition(":")[2], str(node.value)
        if kind == "int" and re.fullmatch(r"[-+]?\d+", text):
            return int(text)
        if kind == "float" and re.fullmatch(r"[-+]?\d+\.\d+", text):
            return Decimal(text)
        if kind == "bool" and text in {"true", "false"}:
            return text == "true"
        if kind == "null":
            return None
        if kind == "timestamp" and _DAY.fullmatch(text):
            return self._day(node, text)
        # Other words of YAML 1.1 ("no", "on", 1e3, 12:30) are taken as the text they are.
        return text

    def _day(self, node: yaml.ScalarNode, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._report(node, "syntax", f"{text} is no day of the calendar")
            return None

    def _place(self, node: yaml.Node) -> FilePlace:
        return FilePlace(node.start_mark.line + 1, node.start_mark.column + 1, self._file)

    def _report(self, node: yaml.Node, code: str, message: str) -> None:
        self.problems.append(problem_at(self._file, self._place(node), code, message))
