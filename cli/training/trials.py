"""Trials of risk models: on public data files, and on the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cli.training.progress import bars
from services.common.database import Database
from services.common.settings import Settings
from services.scoring.commands.risk.risk_ports import ModelFiles
from services.scoring.risk.boosting import ROUNDS_MAX, BoostingOptions
from services.scoring.risk.bundle import read_files
from services.scoring.risk.data_files import last_training_year, read_data
from services.scoring.risk.dataset import RiskData
from services.scoring.risk.enterprise_rows import RowsWanted, enterprise_rows
from services.scoring.risk.features import EnterpriseFeatures
from services.scoring.risk.manifest import split_of
from services.scoring.risk.reader import FileModelReader
from services.scoring.risk.training import Trained
from services.scoring.risk.trial import Trial, TrialOptions, try_model, write_trial
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.policies import load_policies, load_vocabulary
from services.scoring.store.risk_store import SqlRiskStore

STORE_TITLE: Final = "Accidents of enterprises, foretold from their records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was asked for.

    Attributes:
        train_until: Last year of training; none for the form's own.
        held_out: Share of the groups that are never learned from.
        replicates: Draws behind the intervals.
        seed: Seed of everything that is drawn.
        threads: Threads of the training.
    """

    train_until: int | None
    held_out: float
    replicates: int
    seed: int
    threads: int


@dataclass(frozen=True, slots=True)
class Span:
    """Which days of the store are looked at: so many, a year apart, up to one."""

    until: date
    years: int


@dataclass(frozen=True, slots=True)
class Written:
    """A trial whose report was written."""

    folder: Path
    data: RiskData
    trial: Trial
    train_until: int


def evaluate_files(
    paths: Sequence[Path], out: Path, choices: Choices, *, renamed: Mapping[str, str]
) -> list[Written]:
    """Train and try a model on public data files, one report for each form of file.

    Raises:
        SafetyCreditError: A file cannot be used, or has too little in it.
    """
    written: list[Written] = []
    for layout, data in read_data(paths, renamed):
        until = choices.train_until or last_training_year(layout, data)
        options = _options(layout.name, layout.title, until, choices)
        written.append(_tried(out / layout.name, data, options, title=layout.title))
    return written


def train_on_store(
    settings: Settings, out: Path, choices: Choices, *, wanted: RowsWanted, name: str
) -> Written:
    """Train a model on the configured store and try it on its last days.

    Raises:
        SafetyCreditError: The store has too little in it.
    """
    data = _store_rows(settings, wanted)
    until = choices.train_until or int(data.periods.max()) - 1
    options = _options(name, STORE_TITLE, until, choices, knowledge=wanted.knowledge)
    return _tried(out, data, options, title=STORE_TITLE)


def report_on_store(
    settings: Settings, model: Path, out: Path, *, span: Span, replicates: int
) -> Written:
    """Try a model that was trained before on rows of the store, split as it was trained.

    Raises:
        SafetyCreditError: The files fail a check, or the store has too little in it.
    """
    files = read_files(model)
    given = _given(files)
    summary = given.model.summary
    train_until, held_out = split_of(files.manifest)
    wanted = RowsWanted(until=span.until, years=span.years, knowledge=summary.knowledge)
    choices = Choices(
        train_until=train_until,
        held_out=held_out,
        replicates=replicates,
        seed=summary.seed,
        threads=1,
    )
    options = _options(summary.name, STORE_TITLE, train_until, choices, knowledge=summary.knowledge)
    return _tried(out, _store_rows(settings, wanted), options, title=STORE_TITLE, given=given)


def read_checked(folder: Path) -> ModelFiles:
    """Read a model of enterprises and check every file of it.

    Raises:
        SafetyCreditError: The files fail a check.
    """
    files = read_files(folder)
    _enterprise_reader().summary(files)
    return files


# Private functions -----------------------------------------------------------


def _enterprise_reader() -> FileModelReader:
    features = EnterpriseFeatures({})
    return FileModelReader({features.name: features.features})


def _given(files: ModelFiles) -> Trained:
    return Trained(_enterprise_reader().loaded(files), files)


def _store_rows(settings: Settings, wanted: RowsWanted) -> RiskData:
    database = Database(settings.database_url, options=settings.database_options)
    vocabulary = load_vocabulary(settings.policies_dir)
    try:
        with bars({}) as shown:
            return enterprise_rows(
                SqlRiskStore(database, FactColumns(vocabulary, database.dialect)),
                EnterpriseFeatures(vocabulary.code_numbers),
                load_policies(settings.policies_dir),
                wanted,
                advance=lambda steps: shown.advance("reading enterprises", steps),
            )
    finally:
        database.close()


def _options(
    name: str, title: str, train_until: int, choices: Choices, *, knowledge: str = ""
) -> TrialOptions:
    return TrialOptions(
        name=name,
        title=title,
        train_until=train_until,
        held_out_share=choices.held_out,
        replicates=choices.replicates,
        boosting=BoostingOptions(seed=choices.seed, num_threads=choices.threads),
        knowledge=knowledge or "as the data file gives it",
    )


def _tried(
    folder: Path,
    data: RiskData,
    options: TrialOptions,
    *,
    title: str,
    given: Trained | None = None,
) -> Written:
    with bars({"training": 2 * ROUNDS_MAX, "trying on": options.replicates}) as shown:
        trial = try_model(data, options, given=given, advance=shown.advance)
    write_trial(folder, data, trial, title=title)
    return Written(folder, data, trial, options.train_until)
