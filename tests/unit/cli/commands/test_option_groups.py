"""Options that belong together reach a command as one value."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from cli.commands.option_groups import grouped


@dataclass(frozen=True, kw_only=True)
class Printing:
    """A group within a group; it asks for the context."""

    ctx: typer.Context
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A group: two options that are required, one with another name, and a further group."""

    person: Annotated[str, typer.Option(help="Who acts.")]
    number: Annotated[str, typer.Option("--document", help="Its number.")]
    printing: Printing


@dataclass(frozen=True, kw_only=True)
class Paper(Numbered):
    """A group that leaves open what another asks for."""

    number: Annotated[str, typer.Option("--document", help="Its number.")] = "none"


app = typer.Typer()


@app.command()
@grouped
def close(
    case_id: str, *, reason: Annotated[str, typer.Option()] = "", paper: Paper, last: int = 0
) -> None:
    """Close a case."""
    printing = paper.printing
    print(case_id, reason, paper.person, paper.number, printing.json, last, printing.ctx.info_name)  # noqa: T201 -- the test reads it.


@app.command()
@grouped
def count(*, paper: Numbered) -> None:
    """Count a paper."""
    print(paper.number)  # noqa: T201 -- the test reads it.


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(
            ["close", "c-1", "--person", "周五"], "c-1  周五 none False 0 close", id="defaults"
        ),
        pytest.param(
            [
                "close",
                "c-1",
                "--last",
                "2",
                "--json",
                "--document",
                "1号",
                "--reason",
                "x",
                "--person",
                "周五",
            ],
            "c-1 x 周五 1号 True 2 close",
            id="every-option-in-another-order",
        ),
        pytest.param(["count", "--person", "周五", "--document", "2号"], "2号", id="base-group"),
    ],
)
def test_a_command_gets_its_groups_filled(arguments: list[str], expected: str) -> None:
    """Each option reaches the field of its name, in groups of groups too."""
    result = CliRunner().invoke(app, arguments)

    assert result.output.strip() == expected


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        pytest.param(["close", "c-1"], "--person", id="required-by-the-derived"),
        pytest.param(["count", "--person", "周五"], "--document", id="required-by-the-base"),
    ],
)
def test_what_a_group_requires_is_asked_for(arguments: list[str], missing: str) -> None:
    """An option without a default is required of the command."""
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert missing in result.output


def test_options_stand_where_their_group_stands() -> None:
    """The help lists them in the order of the fields, between the command's own."""
    group: Any = typer.main.get_command(app)

    names = [one.name for one in group.commands["close"].params]

    assert names == ["case_id", "reason", "person", "number", "json", "last"]


def test_one_option_twice_is_refused_when_the_program_is_put_together() -> None:
    """Two groups with a field of the same name cannot both be filled."""

    def twice(*, paper: Paper, printing: Printing) -> None:
        """Take both."""
        print(paper, printing)  # noqa: T201 -- never called.

    with pytest.raises(ValueError, match="duplicate parameter name"):
        grouped(twice)
