"""What keeps a file from being read at all, found without building anything of it.

Files come from anybody. One that nests without end, or that repeats an anchor until it fills the
memory, is refused while its marks are counted, before a document is made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from services.engine.errors import Problem

BYTES_MAX: Final = 2**20
"""House limit: the longest policy of the project has a fiftieth of it."""

NODES_MAX: Final = 100_000
"""House limit: values, keys, lists and mappings, with those that anchors repeat."""

DEPTH_MAX: Final = 40
"""House limit: lists and mappings within each other."""

DIGITS_MAX: Final = 30
"""House limit: characters of a number, longer than any 64-bit whole number with decimals."""


def unreadable(content: bytes, file: str) -> tuple[Problem, ...]:
    """Find what keeps bytes from being read as a document.

    Args:
        content: Bytes of the file.
        file: Name for problems.

    Returns:
        At most one problem; none where the document can be built.
    """
    if len(content) > BYTES_MAX:
        return (_problem(file, None, f"the file has more than {BYTES_MAX} bytes"),)
    counter = _Counter(file)
    try:
        for event in yaml.parse(content, Loader=yaml.CSafeLoader):
            problem = counter.seen(event)
            if problem is not None:
                return (problem,)
    except yaml.MarkedYAMLError as error:
        return (_problem(file, error.problem_mark, str(error.problem)),)
    except (yaml.YAMLError, UnicodeDecodeError):
        return (_problem(file, None, "the file is not UTF-8 YAML"),)
    return ()


NUMBERS_MAX: Final[Mapping[str, int]] = {
    "places": 12,
    "times": 10_000,
    "years": 1_000,
    "months": 12_000,
    "days": 366_000,
    "first": 1_200,
    "last_period": 1_200,
    "offset": 1_200,
    "back": 100,
}
"""House limits of numbers that say how much work there is, by their key."""


# Private functions and classes ------------------------------------------------


def _problem(file: str, mark: Any, message: str) -> Problem:  # noqa: ANN401 -- PyYAML has two types of marks.
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(file, line, column, "syntax", message)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is not at its end.

    Attributes:
        anchor: Its anchor; empty for none.
        mapping: Whether it is a mapping.
        nodes: Nodes in it so far, with those that anchors repeat, itself included.
        key: The key whose value comes next; none where a key or an item does.
    """

    anchor: str
    mapping: bool
    nodes: int = 1
    key: str | None = None


class _Counter:
    """Counts the nodes that a document would have once its anchors are repeated."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._documents = 0
        self._sizes: dict[str, int] = {}
        # The document itself is the outermost.
        self._open = [_Open("", mapping=False, nodes=0)]

    def seen(self, event: yaml.Event) -> Problem | None:
        message = self._message(event)
        return _problem(self._file, event.start_mark, message) if message else None

    def _message(self, event: yaml.Event) -> str:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                return "the file has more than one document" if self._documents > 1 else ""
            case yaml.AliasEvent():
                if event.anchor not in self._sizes:
                    return f"the anchor {event.anchor!r} is not closed before it is used"
                self._close("", self._sizes[event.anchor], None)
            case yaml.ScalarEvent():
                key = self._open[-1].key
                self._close(event.anchor or "", 1, event.value)
                return self._limits(event, key)
            case yaml.CollectionStartEvent():
                mapping = isinstance(event, yaml.MappingStartEvent)
                self._open.append(_Open(event.anchor or "", mapping=mapping))
            case yaml.CollectionEndEvent():
                ended = self._open.pop()
                self._close(ended.anchor, ended.nodes, None)
            case _:
                pass
        return self._size()

    def _size(self) -> str:
        if len(self._open) > DEPTH_MAX + 1:
            return f"lists and mappings stand in each other at most {DEPTH_MAX} deep"
        if sum(one.nodes for one in self._open) > NODES_MAX:
            return f"the file has more than {NODES_MAX} values"
        return ""

    def _limits(self, event: yaml.ScalarEvent, key: str | None) -> str:
        if event.style or event.value.strip("0123456789+-._eE"):
            return self._size()
        if len(event.value) > DIGITS_MAX:
            return f"a number has at most {DIGITS_MAX} digits"
        most = NUMBERS_MAX.get(key or "")
        number = event.value.lstrip("+-")
        if most is not None and number.isascii() and number.isdigit() and int(number) > most:
            return f"{key!r} is {number}; it is at most {most}"
        return self._size()

    def _close(self, anchor: str, nodes: int, word: str | None) -> None:
        """Count a node that has come to its end in what it stands in."""
        if anchor:
            self._sizes[anchor] = nodes
        parent = self._open[-1]
        parent.nodes += nodes
        if parent.mapping:
            parent.key = (word or "") if parent.key is None else None
