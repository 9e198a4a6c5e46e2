"""A whole trial on invented rows: files, report, plots, and what the report dares to say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.boosting import BoostingOptions
from services.scoring.risk.bundle import read_files
from services.scoring.risk.evaluation import CONSTANT, MODEL
from services.scoring.risk.manifest import split_of
from services.scoring.risk.report import findings
from services.scoring.risk.trial import Trial, TrialOptions, try_model, write_trial
from tests.fakes.risk_models import ROUNDS, nothing, plain_data, plain_reader

OPTIONS = TrialOptions(
    name="plain",
    title="A trial",
    train_until=2022,
    replicates=20,
    boosting=BoostingOptions(seed=1, num_threads=1, rounds_max=ROUNDS, leaves=6),
)


@pytest.fixture(scope="module")
def trial() -> Trial:
    """Train and try once for all tests here."""
    return try_model(plain_data(), OPTIONS, advance=nothing)


def test_a_trial_tries_on_strangers_first(trial: Trial) -> None:
    """Groups never learned from, then everybody of the later year."""
    strict, rest = trial.evaluations

    assert strict == "2023, groups never learned from"
    assert rest == "2023, all groups, as a model in use meets them"
    assert trial.evaluations[strict].rows < trial.evaluations[rest].rows == 750


def test_the_model_beats_what_tells_less(trial: Trial) -> None:
    """The rate rises with violations and accidents: violations alone tell less, and classes too."""
    evaluation = trial.evaluations["2023, all groups, as a model in use meets them"]

    assert evaluation.differences[CONSTANT].gini_rate.low > 0
    assert evaluation.differences["violations alone"].gini_rate.value > 0
    assert evaluation.differences["class"].gini_rate.value > 0
    assert 0.7 < evaluation.measures[MODEL].calibration.value < 1.4


@pytest.fixture(scope="module")
def written(trial: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report once for all tests here; drawing takes its time."""
    folder = tmp_path_factory.mktemp("report")
    write_trial(folder, plain_data(), trial, title="A trial")
    return folder


def test_everything_is_written(trial: Trial, written: Path) -> None:
    """Model, page, plots, card and figures; the model can be read again."""
    names = {path.relative_to(written).as_posix() for path in written.rglob("*.*")}
    page = (written / "report.html").read_text(encoding="utf-8")
    card = (written / "model-card.md").read_text(encoding="utf-8")
    figures = json.loads((written / "figures.json").read_text(encoding="utf-8"))
    plots = {"calibration.png", "lift.png", "lorenz.png", "differences.png", "features.png"}
    model = {"model/manifest.json", "model/trees.txt", "model/linear.json"}

    assert names == plots | model | {"report.html", "model-card.md", "figures.json"}
    for name in plots:
        assert (written / name).read_bytes().startswith(b"\x89PNG")
        assert f'src="{name}"' in page
    assert "violations, accidents." in card
    assert figures["model_digest"] == trial.trained.model.summary.digest
    assert plain_reader().summary(read_files(written / "model")).name == "plain"
    assert split_of(trial.trained.files.manifest) == (2022, 0.3)


def test_the_same_trial_gives_the_same_files_and_figures(trial: Trial) -> None:
    """Trained and tried again from the same rows and seed, nothing differs."""
    again = try_model(plain_data(), OPTIONS, advance=nothing)

    assert again.trained.files == trial.trained.files
    assert {name: one.deciles for name, one in again.evaluations.items()} == {
        name: one.deciles for name, one in trial.evaluations.items()
    }


def test_a_model_can_be_tried_again_without_training(trial: Trial) -> None:
    """The same rows, split the same way, give the same figures."""
    again = try_model(plain_data(), OPTIONS, given=trial.trained, advance=nothing)

    assert again.trained is trial.trained
    assert {name: one.measures for name, one in again.evaluations.items()} == {
        name: one.measures for name, one in trial.evaluations.items()
    }


def test_rows_without_groups_are_split_by_time_alone() -> None:
    """One evaluation, on all rows of the later year."""
    data = replace(plain_data(), grouped=False)

    trial = try_model(data, OPTIONS, advance=nothing)

    assert list(trial.evaluations) == ["2023, all rows"]


def test_a_split_with_an_empty_side_is_refused() -> None:
    """The years there are stand in the refusal."""
    for year in (2019, 2023):
        with pytest.raises(RiskDataTooFewError) as error:
            try_model(plain_data(), replace(OPTIONS, train_until=year), advance=nothing)
        assert error.value.facts["first"] == "2020"


def test_what_is_not_shown_is_not_claimed(trial: Trial) -> None:
    """A difference whose interval holds zero is called not shown; a level that is off is told.

    So are few events: 48 are, 100 are not.
    """
    evaluation = trial.evaluations["2023, groups never learned from"]
    measures = evaluation.measures[MODEL]
    estimate = measures.calibration
    off = replace(estimate, value=0.8, low=0.7, high=0.9)
    doubtful = replace(estimate, value=0.01, low=-0.02, high=0.04)
    worse = replace(estimate, value=-0.03, low=-0.04, high=-0.02)
    told = findings(
        replace(
            evaluation,
            events=100.0,
            measures={**evaluation.measures, MODEL: replace(measures, calibration=off)},
            differences={
                "x": replace(evaluation.differences[CONSTANT], gini_rate=doubtful, explained=worse)
            },
        )
    )

    assert "Only 48 events" in findings(evaluation)[0]
    assert "In the large the model is off: fewer events" in told[0]
    assert "ranking of rates not shown to differ" in told[1]
    assert "deviance explained WORSE" in told[1]
