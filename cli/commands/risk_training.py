"""``safetycredit risk evaluate``, ``train``, ``report`` and ``features``.

What trains is imported when it is used: LightGBM, scikit-learn and Matplotlib take seconds.
"""

import os
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.commands.option_groups import grouped
from cli.commands.options import civil_day, session_of
from cli.display.console import output, plain, print_table
from services.common.clock import SystemClock, today

if TYPE_CHECKING:
    from cli.training.trials import Choices, Written

SEED_DEFAULT: Final = 20261122
"""House decision: any number would do; this one makes figures repeatable."""

_REPLICATES: Final = 500
_HELD_OUT: Final = 0.3
_YEARS: Final = 4


class Knowledge(StrEnum):
    """Rule of what was known then."""

    RECORDED = "recorded"
    ANNOUNCED = "announced"


OutOption = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Folder for model and report.")
]
TrainUntilOption = Annotated[
    int | None, typer.Option("--train-until", metavar="YEAR", help="Last year of training.")
]
HeldOutOption = Annotated[
    float,
    typer.Option(
        "--held-out", min=0.0, max=0.9, help="Share of enterprises or mines never learned from."
    ),
]
ReplicatesOption = Annotated[
    int, typer.Option("--replicates", min=2, max=10_000, help="Draws behind the intervals.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of all draws.")]
ThreadsOption = Annotated[
    int,
    typer.Option("--threads", min=1, max=256, help="Of the training; part of what is reproduced."),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="YYYY-MM-DD", help="Last day of accidents. Default: today."),
]
YearsOption = Annotated[int, typer.Option("--years", min=2, max=20, help="Yearly days to look at.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOptions:
    """How rows are split, learned from and tried on."""

    train_until: TrainUntilOption = None
    held_out: HeldOutOption = _HELD_OUT
    replicates: ReplicatesOption = _REPLICATES
    seed: SeedOption = SEED_DEFAULT
    threads: ThreadsOption = 1

    def choices(self) -> "Choices":
        """Give them to the trial."""
        from cli.training.trials import Choices  # noqa: PLC0415 -- see the module.

        return Choices(
            train_until=self.train_until,
            held_out=self.held_out,
            replicates=self.replicates,
            seed=self.seed,
            threads=self.threads,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanOptions:
    """Which yearly days are looked at."""

    until: UntilOption = None
    years: YearsOption = _YEARS


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOptions:
    """What is read of the store."""

    span: SpanOptions
    knowledge: Annotated[
        Knowledge,
        typer.Option(
            help="recorded: what the store had by the end of each day. announced: what is known"
            " now, from the day it was made public; for a store that was filled later."
        ),
    ] = Knowledge.RECORDED
    grade_policy: Annotated[
        str, typer.Option("--grade-policy", help="Grade to compare with; empty for none.")
    ] = "cn.beijing.grade.work-safety"


@grouped
def evaluate(
    data: Annotated[
        list[Path], typer.Option("--data", metavar="FILE", help="CSV, plain or gzip. Repeatable.")
    ],
    out: OutOption,
    *,
    trial: TrialOptions,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=HEADING", help="A column's heading. Repeatable."),
    ] = None,
) -> None:
    """Train and try risk models on public data of mines, without a store or a server.

    The columns of a file tell which of two forms it has: quarters of mines (mine_id, year, quarter,
    num_days_lost, num_days_restrict, num_death, num_dis, viol_quantity), split after 2008, or years
    of mines with hours (year, commodity, emp_hrs_total, num_injuries and more), split after 2014.
    Later years are taken as they come; --train-until moves the split.

    Writes report.html with plots, model-card.md, figures.json and the model into a folder for each
    form.

    Example: safetycredit risk evaluate --data quarters.csv.gz --data years.csv.gz --out risk
    """
    from cli.training.trials import evaluate_files  # noqa: PLC0415 -- see the module.

    for written in evaluate_files(data, out, trial.choices(), renamed=_renamed(column or [])):
        _tell(written)


@grouped
def train(
    ctx: typer.Context,
    out: OutOption,
    *,
    name: Annotated[
        str, typer.Option("--name", help="What the model is for.")
    ] = "accident-frequency",
    rows: RowOptions,
    trial: TrialOptions,
) -> None:
    """Train a risk model on the configured store, and try it on its last year.

    Reads the database of the settings, not a server, and writes nothing into it. The model is
    advice until it is registered, validated, approved by two people, put in force and named by a
    rate plan.

    The sample population has few accidents, all invented and all recorded on the day it was loaded:
    train on it with --knowledge announced, and believe nothing that it says.

    Example: safetycredit risk train --out model --knowledge announced
    """
    from cli.training.trials import train_on_store  # noqa: PLC0415 -- see the module.
    from services.scoring.risk.enterprise_rows import RowsWanted  # noqa: PLC0415 -- likewise.

    wanted = RowsWanted(
        until=_last_day(rows.span.until),
        years=rows.span.years,
        knowledge=rows.knowledge.value,
        grade_policy=rows.grade_policy,
    )
    _tell(train_on_store(session_of(ctx).settings, out, trial.choices(), wanted=wanted, name=name))


@grouped
def report(
    ctx: typer.Context,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder of the model's files.")],
    out: OutOption,
    *,
    span: SpanOptions,
    replicates: ReplicatesOption = _REPLICATES,
) -> None:
    """Try a model that was trained before on the store as it is now, and write the report anew.

    The files are checked first. Rows are split as in the training, so that nobody is tried on what
    was learned from.

    Example: safetycredit risk report model/model --out report
    """
    from cli.training.trials import Span, report_on_store  # noqa: PLC0415 -- see the module.

    _tell(
        report_on_store(
            session_of(ctx).settings,
            model,
            out,
            span=Span(_last_day(span.until), span.years),
            replicates=replicates,
        )
    )


def features() -> None:
    """List what a risk model reads of an enterprise: names, meaning, and which are adverse.

    Example: safetycredit risk features
    """
    from services.scoring.risk.features import FEATURES  # noqa: PLC0415 -- see the module.

    print_table(
        ("feature", "adverse", "meaning"),
        [(one.name, "yes" if one.adverse else "", one.meaning) for one in FEATURES],
    )


# Private functions -----------------------------------------------------------


def _renamed(columns: list[str]) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for one in columns:
        name, equals, heading = one.partition("=")
        if not (name and equals and heading):
            raise typer.BadParameter(f"write --column NAME=HEADING instead of {one}")
        renamed[name.lower()] = heading
    return renamed


def _last_day(text: str | None) -> date:
    present = today(SystemClock())
    found = present if text is None else civil_day(text)
    if found > present:
        raise typer.BadParameter("accidents cannot be counted after today")
    return found


def _tell(written: "Written") -> None:
    """Print what a trial gave, with its intervals."""
    data, model = written.data, written.trial.trained.model
    output().print(plain(f"{data.source}: {data.size:,} rows"))
    for name, evaluation in written.trial.evaluations.items():
        print_table(
            ("way of rating", "events / expected", "explained", "Gini rate", "Gini count"),
            [
                (
                    way,
                    one.calibration.text(),
                    one.explained.text(),
                    one.gini_rate.text(),
                    one.gini_count.text(),
                )
                for way, one in evaluation.measures.items()
            ],
            title=f"trained until {written.train_until}, tried on {name}:"
            f" {evaluation.rows:,} rows, {evaluation.events:,.0f} events",
            numbers=(1, 2, 3, 4),
        )
    for note in data.limits:
        output().print(plain(f"* {note}"))
    output().print(plain(f"model {model.summary.digest}"))
    output().print(plain(f"written to {written.folder}{os.sep}report.html"))
