"""Reading of mapping files, so that every mistake is named with its line."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cli.errors import CliError
from cli.importing.mapping_schema import Mapping

BUILT_IN_FOLDER: Final = Path(__file__).parents[1] / "mappings"
"""Where the mappings lie that come with the program."""

_BYTES_MAX: Final = 2**20
"""House limit: a mapping is read whole and written by hand."""

_FIELD_OF_RECORD: Final = "header.field"

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a mapping.

    Attributes:
        location: Keys and indices that lead to it.
        message: What is wrong and what would be right.
    """

    location: Location
    message: str


class MappingUnknownError(CliError):
    """No mapping has this name, and no file this path."""

    reason = "MAPPING_UNKNOWN"


class MappingInvalidError(CliError):
    """A mapping file cannot be used; lists every mistake with its line."""

    reason = "MAPPING_INVALID"


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping with what is needed to speak about it.

    Attributes:
        name: Name of a built-in one, else the path.
        text: The file as it stands.
        mapping: Its meaning.
        lines: Line of every part, from 1.
    """

    name: str
    text: str
    mapping: Mapping
    lines: Dict[Location, int]

    def failure(self, problems: Iterable[Problem]) -> MappingInvalidError:
        """Make the error that lists these mistakes."""
        return _failure(self.name, problems, self.lines)


def built_in_names() -> list[str]:
    """List the mappings that come with the program."""
    return sorted(path.stem for path in BUILT_IN_FOLDER.glob("*.yaml"))


def read_mapping(name_or_path: str, overrides: Sequence[tuple[str, str]] = ()) -> MappingFile:
    """Read a mapping by the name of a built-in one, or by the path of a file.

    Args:
        name_or_path: ``tw-osh``, or ``./mine.yaml``.
        overrides: Paths such as ``header.field`` and the constants to use there.

    Raises:
        MappingUnknownError: There is none.
        MappingInvalidError: Its shape is wrong.
    """
    path = _find(name_or_path)
    if path.stat().st_size > _BYTES_MAX:
        raise MappingUnknownError(
            f"{name_or_path} is larger than a mapping can be", bytes_max=_BYTES_MAX
        )
    name = path.stem if path.parent == BUILT_IN_FOLDER else str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingInvalidError(f"{name} must be written in UTF-8") from error
    lines: dict[Location, int] = {}
    content = _parse(name, text, lines)
    # The general one first, so that a particular one can say otherwise.
    for target, constant in sorted(overrides, key=lambda pair: pair[0] != _FIELD_OF_RECORD):
        _override(content, target, constant)
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        problems = [_problem(one) for one in error.errors(include_url=False)]
        raise _failure(name, problems, lines) from error
    return MappingFile(name, text, mapping, lines)


# Private functions -----------------------------------------------------------


def _find(name_or_path: str) -> Path:
    built_in = BUILT_IN_FOLDER / f"{name_or_path}.yaml"
    if re.fullmatch(r"[a-z0-9-]+", name_or_path) and built_in.is_file():
        return built_in
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise MappingUnknownError(
        f"there is no mapping {name_or_path!r}, neither built in nor as a file",
        advice=f"Built in: {', '.join(built_in_names())}. For your own, give the file's path.",
        mapping=name_or_path,
    )


def _parse(name: str, text: str, lines: dict[Location, int]) -> dict[str, Any]:
    loader = yaml.SafeLoader(text)
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise MappingInvalidError(f"{name}: write aliases (*name) out; a mapping has none")
        node = loader.get_single_node()
        problems: list[Problem] = []
        content = _plain(loader, node, (), lines=lines, problems=problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise MappingInvalidError(
            f"{name}{line}: this is no YAML: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise MappingInvalidError(f"{name}: this is no YAML: {error}") from error
    finally:
        loader.dispose()
    if not problems and isinstance(content, dict):
        return content
    problems = problems or [Problem((), "a mapping holds keys such as title, kind and header")]
    raise _failure(name, problems, lines)


def _plain(
    loader: yaml.SafeLoader,
    node: yaml.Node | None,
    location: Location,
    *,
    lines: dict[Location, int],
    problems: list[Problem],
) -> Any:  # noqa: ANN401 -- what a YAML file holds is not known yet.
    """Turn nodes into values, and note the line of each."""
    if node is None:
        return None
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(loader, item, (*location, place), lines=lines, problems=problems)
            for place, item in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    content: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            key = str(key)
        here = (*location, key)
        if key in content:
            problems.append(Problem(here, "this key stands twice; keep one"))
        content[key] = _plain(loader, value_node, here, lines=lines, problems=problems)
        # The key's own line is where one looks, also when the value begins below it.
        lines[here] = key_node.start_mark.line + 1
    return content


def _override(content: dict[str, Any], target: str, constant: str) -> None:
    section, _, field = target.partition(".")
    part = content.get(section)
    if not field or section not in {"header", "body", "enterprise"} or not isinstance(part, dict):
        raise MappingInvalidError(
            f"--set {target}: name a value of the mapping such as header.field",
            advice="Example: --set header.field=work_safety",
        )
    part[field] = {"constant": constant}
    fields = content.get("enterprise")
    if target == _FIELD_OF_RECORD and isinstance(fields, dict):
        # An enterprise that comes with the record is supervised in the record's field.
        fields["fields"] = {"constant": constant}


def _problem(error: ErrorDetails) -> Problem:
    location = tuple(part for part in error["loc"] if not _branch(part))
    if error["type"] == "extra_forbidden":
        return Problem(location, "this key is not known here; correct or remove it")
    if error["type"] == "missing":
        return Problem(location, "this key is missing; add it")
    return Problem(location, error["msg"].removeprefix("Value error, "))


def _branch(part: str | int) -> bool:
    """Say whether pydantic names a branch of a union, which is no key of the file."""
    return isinstance(part, str) and (part in {"str", "list[str]"} or "function-" in part)


def _failure(
    name: str, problems: Iterable[Problem], lines: Dict[Location, int]
) -> MappingInvalidError:
    texts = []
    for problem in problems:
        line = _line(problem.location, lines)
        where = ".".join(map(str, problem.location)) or "file"
        texts.append((line, f"{name}:{line}: {where}: {problem.message}"))
    messages = [text for _, text in sorted(texts)]
    return MappingInvalidError(
        "\n".join(messages),
        advice="safetycredit mapping show penalty-publication prints a complete example.",
        problems=len(messages),
    )


def _line(location: Location, lines: Dict[Location, int]) -> int:
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location, 1)
