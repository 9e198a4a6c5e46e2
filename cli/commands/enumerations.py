"""Words of options as values of enumerations."""

from typing import Any

import typer

from cli.importing.targets import code_numbers


def member(word: str, codes: Any, name: str) -> Any:  # noqa: ANN401 -- the stubs of enumerations share no type.
    """Read a value of an enumeration by its word.

    Args:
        word: As ``policies/vocabulary.yaml`` writes it; empty for the zero.
        codes: The enumeration.
        name: What it is, for the refusal.
    """
    numbers = code_numbers(codes.DESCRIPTOR)
    if word and word not in numbers:
        known = ", ".join(one for one, number in numbers.items() if number)
        raise typer.BadParameter(f"{word} is no {name}; write one of {known}")
    # Messages take the names of values as well as their numbers, whatever the type.
    return codes.Name(numbers.get(word, 0))
