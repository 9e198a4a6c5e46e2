"""``safetycredit policy check``: find the mistakes of policies before they are used."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from cli.commands.policy_beside import problems_beside
from cli.display.console import output, plain
from cli.errors import EXIT_UNFINISHED, CliError
from services.common.clock import SystemClock, today
from services.common.settings import load_settings
from services.engine.review import (
    INSTRUMENTS_FILE,
    POLICY_SUFFIX,
    VOCABULARY_FILE,
    Review,
    review_policies,
)


class PoliciesNotFoundError(CliError):
    """A folder has no policies."""

    reason: ClassVar[str] = "POLICIES_NOT_FOUND"


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Folder of the policies. Default: the configured."),
    ] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for mistakes.")] = False,
) -> None:
    """Check a folder of policies and try their golden cases, without a server.

    Every file is read, those of the working days and of the copies of lists too. Every mistake is
    printed as FILE:LINE:COLUMN: CHECK: what is wrong. Exit code: 0 when the policies may be used, 1
    when not.

    Example: safetycredit policy check policies
    """
    place = folder or load_settings().policies_dir
    review = review_policies(_files(place), today(SystemClock()))
    beside = problems_beside(place)
    review = replace(review, problems=tuple(sorted({*review.problems, *beside})))
    for problem in review.problems:
        output().print(plain(f"{place}/{problem}"), soft_wrap=True)
    output().print(plain(_summary(review)))
    if not review.passed or (strict and review.problems):
        raise typer.Exit(EXIT_UNFINISHED)


# Private functions -----------------------------------------------------------


def _files(folder: Path) -> dict[str, bytes]:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.suffix == POLICY_SUFFIX
        else b""
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    missing = {VOCABULARY_FILE, INSTRUMENTS_FILE}.difference(files)
    if missing:
        raise PoliciesNotFoundError(
            f"{folder} has no {' and no '.join(sorted(missing))}",
            advice="Name the folder that holds the policies: safetycredit policy check FOLDER",
            folder=folder,
        )
    return files


def _summary(review: Review) -> str:
    mistakes = sum(not problem.warning for problem in review.problems)
    warnings = len(review.problems) - mistakes
    return (
        f"{review.policies} policies, {review.versions} versions, {review.cases} cases tried:"
        f" {mistakes} mistakes, {warnings} warnings"
    )
