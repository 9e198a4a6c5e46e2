"""``safetycredit mapping``: look at mappings and check one's own."""

from typing import Annotated

import typer

from cli.commands.import_file import show_mappings
from cli.display.console import output, plain, print_table
from cli.importing.converter import check_mapping
from cli.importing.mapping_files import read_mapping
from cli.importing.targets import BODIES, ENTERPRISE, HEADER, fillable, target_of

app = typer.Typer(no_args_is_help=True)

MappingArgument = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="Built-in name, or the path of a YAML file.")
]


@app.command("list")
def list_mappings() -> None:
    """List the built-in mappings."""
    show_mappings()


@app.command()
def show(mapping: MappingArgument) -> None:
    """Print a mapping as it stands, for example as a beginning of one's own.

    Example: safetycredit mapping show penalty-publication > mine.yaml
    """
    typer.echo(read_mapping(mapping).text, nl=False)


@app.command()
def check(mapping: MappingArgument) -> None:
    """Check a mapping without a file; every mistake is named with its line.

    Example: safetycredit mapping check ./mine.yaml
    """
    source = read_mapping(mapping)
    check_mapping(source)
    output().print(plain(f"{source.name} is a right mapping: {source.mapping.title}"))


@app.command()
def targets(
    kind: Annotated[str, typer.Argument(help="Kind of record, such as penalty.")],
) -> None:
    """List the values that a mapping for a kind of record can fill.

    Example: safetycredit mapping targets penalty
    """
    if kind not in BODIES:
        raise typer.BadParameter(f"{kind} is no kind; write one of {', '.join(BODIES)}")
    rows = []
    sections = (("enterprise", ENTERPRISE), ("header", HEADER), ("body", BODIES[kind]))
    for section, message in sections:
        for name, field in fillable(message).items():
            target = target_of(field)
            assert target is not None, "fillable fields have a target"
            rows.append((section, name, target.value))
    print_table(("section", "value", "takes"), rows)
