"""Policy files that are named on the command line: read, digested, and named again in refusals."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final

import grpc
import typer

from cli.client.failures import Failure, failure_of_call
from cli.errors import EXIT_REFUSED, CliError
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyFile
from services.scoring.domain.proposal import digest_of_files

CASES_SUFFIX: Final = ".cases.yaml"
"""Ending of a file with golden cases, beside its policy."""


class PolicyFileError(CliError):
    """A policy file cannot be read."""

    reason: ClassVar[str] = "POLICY_FILE_UNREADABLE"


class PolicyFilesRefusedError(CliError):
    """A service found mistakes in policy files."""

    reason: ClassVar[str] = "POLICY_REFUSED"
    exit_code: ClassVar[int] = EXIT_REFUSED


def read_file(path: Path) -> bytes:
    """Read a file that was named.

    Raises:
        PolicyFileError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyFileError(
            f"{path} cannot be read: {error.strerror}", advice="Name a policy file.", path=path
        ) from error


def read_policies(paths: Sequence[Path], cases: Path | None) -> list[PolicyFile]:
    """Read policy files and their golden cases: those named, else those beside each.

    Raises:
        BadParameter: Cases are named, but not whose they are.
        PolicyFileError: A file cannot be read.
    """
    if cases is not None and len(paths) > 1:
        raise typer.BadParameter("put the cases of several files beside them; --cases is for one")
    return [
        PolicyFile(content=read_file(path), cases=_read_cases(_cases_path(path, cases), cases))
        for path in paths
    ]


def digest_of_paths(paths: Sequence[Path]) -> str:
    """Give the digest that a proposal of files has, in their order."""
    return digest_of_files([sha256(read_file(path)).hexdigest() for path in paths])


@contextmanager
def naming(paths: Sequence[Path], cases: Path | None = None) -> Iterator[None]:
    """Say in a refusal which file is meant, and where in it.

    Raises:
        PolicyFilesRefusedError: The files have mistakes.
    """
    try:
        yield
    except grpc.RpcError as error:
        failure = failure_of_call(error)
        if failure.reason != PolicyFilesRefusedError.reason:
            raise
        raise _named(failure, paths, cases) from error


# Private functions -----------------------------------------------------------

_PLACE: Final = re.compile(r"(?:further_files\[(\d+)\]\.)?(content|cases):(\d+:\d+)")


def _cases_path(path: Path, cases: Path | None) -> Path:
    return cases or path.with_name(path.name.removesuffix(".yaml") + CASES_SUFFIX)


def _read_cases(path: Path, named: Path | None) -> bytes:
    return b"" if named is None and not path.is_file() else read_file(path)


def _named(failure: Failure, paths: Sequence[Path], cases: Path | None) -> PolicyFilesRefusedError:
    lines = []
    for fault in failure.faults:
        found = _PLACE.fullmatch(fault.field)
        place = fault.field
        if found is not None:
            path = paths[int(found[1]) + 1 if found[1] else 0]
            file = _cases_path(path, cases) if found[2] == "cases" else path
            place = f"{file}:{found[3]}"
        lines.append(f"{place}: {fault.message}")
    return PolicyFilesRefusedError("\n".join([failure.message, *lines]), advice=failure.advice)
