"""Every command explains itself, and the examples in its help can be typed."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app

ROOT = typer.main.get_command(app)
EXAMPLE = re.compile(r"(?:Example: |^ {2,})(?:[A-Z_]+=\S+ )?(safetycredit [^\n]+)$", re.MULTILINE)


def commands(command: object = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk all commands, groups included."""
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


PATHS = list(commands())


def find(path: tuple[str, ...]) -> Any:  # noqa: ANN401 -- Typer's own types are not public.
    """Give the command at a path."""
    found: Any = ROOT
    for name in path:
        found = found.commands[name]
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: " ".join(path) or "safetycredit")
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    """``--help`` works everywhere and says what the command is for."""
    result = CliRunner().invoke(app, [*path, "--help"])

    assert result.exit_code == 0
    assert "Usage" in result.output
    assert (find(path).help or "").strip()


@pytest.mark.parametrize(
    "path",
    [path for path in PATHS if path and not getattr(find(path), "commands", None)],
    ids=" ".join,
)
def test_every_command_but_the_plainest_teaches_with_an_example(path: tuple[str, ...]) -> None:
    """An example in the help parses as it stands."""
    examples = EXAMPLE.findall(find(path).help)
    if path in {("mapping", "list"), ("sample", "stories")}:
        return

    assert examples
    for example in examples:
        arguments = shlex.split(example.split(" > ")[0])[1:]
        assert tuple(arguments[: len(path)]) == path
        context = find(path).make_context(path[-1], arguments[len(path) :], resilient_parsing=False)
        assert context is not None


def test_without_a_command_the_help_is_shown() -> None:
    """A newcomer is told where to begin."""
    result = CliRunner().invoke(app, [])

    assert "safetycredit up" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["no-such-command"], id="unknown-command"),
        pytest.param(["grade", "get"], id="argument-missing"),
        pytest.param(["grade", "get", "x", "--as-of", "yesterday"], id="no-day"),
        pytest.param(["grade", "get", "x", "--as-of", "2024-02-30"], id="no-such-day"),
        pytest.param(["grade", "get", "x", "--known-at", "then"], id="no-instant"),
        pytest.param(["grade", "get", "x", "--field", "water"], id="no-field"),
        pytest.param(["record", "list", "--kind", "rumour"], id="no-kind"),
        pytest.param(["import"], id="no-file"),
        pytest.param(["import", "x", "-m", "y", "--set", "z"], id="no-override"),
        pytest.param(["sample", "load", "--enterprises", "3"], id="too-few-enterprises"),
        pytest.param(["sample", "load", "--until", "2999-01-01"], id="future"),
        pytest.param(["rate", "recommend", "x", "--limit-per-person", "much"], id="no-amount"),
    ],
)
def test_a_wrong_use_ends_with_exit_code_2(arguments: list[str]) -> None:
    """The message says what would be right, without a trace."""
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output
