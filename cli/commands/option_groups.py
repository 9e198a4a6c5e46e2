"""Options that belong together, given to a command as one value.

A group is a dataclass whose fields are options, or further groups. A command that takes one
carries the decorator ``grouped``, which shows each field to Typer as an option of the command::

    @app.command()
    @grouped
    def close(case_id: CaseArgument, *, reason: ReasonOption, step: StepOptions) -> None: ...

Typer itself knows no groups, and takes a command's options from its signature. It gives the
context to whoever asks for it, so a group may hold that too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any

import typer

from cli.client.connection import Session
from cli.commands.options import (
    AsOfOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    TokenOption,
    session_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOptions:
    """Where a call goes, and how its answer is printed."""

    ctx: typer.Context
    json: JsonOption = False
    target: TargetOption = None

    @property
    def session(self) -> Session:
        """Give what the global options say."""
        return session_of(self.ctx)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the reading of one thing is given: both axes, and how to answer."""

    as_of: AsOfOption = None
    known_at: KnownAtOption = None
    token: TokenOption = ""
    answer: AnswerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """What the reading of a list is given: both axes, how much of it, and how to answer."""

    as_of: AsOfOption = None
    known_at: KnownAtOption = None
    limit: LimitOption = 50
    answer: AnswerOptions


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Show the fields of a command's groups as options of the command, where the group stands."""

    @wraps(command)
    def run(**options: object) -> None:
        command(**_arguments(command, options))

    shown = signature(command).replace(parameters=list(_options(command)))
    # Typer reads both: order and defaults from the signature, types from the annotations.
    run.__dict__["__signature__"] = shown
    run.__annotations__ = {name: option.annotation for name, option in shown.parameters.items()}
    return run


# Private functions -----------------------------------------------------------


def _options(taker: Callable[..., Any]) -> Iterator[Parameter]:
    """Give what a command or a group takes, with every group taken apart."""
    for parameter in signature(taker).parameters.values():
        if _is_group(parameter):
            yield from _options(parameter.annotation)
        else:
            yield parameter


def _arguments(taker: Callable[..., Any], options: dict[str, object]) -> dict[str, object]:
    """Put options together into what a command or a group takes."""
    return {
        name: parameter.annotation(**_arguments(parameter.annotation, options))
        if _is_group(parameter)
        else options[name]
        for name, parameter in signature(taker).parameters.items()
    }


def _is_group(parameter: Parameter) -> bool:
    return is_dataclass(parameter.annotation)
