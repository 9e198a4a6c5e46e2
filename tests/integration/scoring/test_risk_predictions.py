"""Kept predictions: bitemporal rows, read by plans as records, in a rate once a plan names them."""

import shutil
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.type.date_pb2 import Date

from services.common.server import running
from services.scoring.commands.ports import FactNeeds, Scan
from services.scoring.commands.risk.risk_ports import KeptPrediction
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.main import ScoringServer
from services.scoring.store.risk_store import SqlRiskStore
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.risk_client import RiskClient
from tests.fakes.risk_models import trained_enterprise
from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_facts import WRITER, FactWriter
from tests.fakes.scoring_policies import POLICIES

NEEDS = FactNeeds(
    records={
        "risk_prediction": frozenset(
            {
                "relativity_hundredths",
                "credibility_hundredths",
                "end_date",
                "publish_date",
                "field",
                "division",
            }
        )
    }
)
PLAN = "cn.unnamed.risk-model-rate"


class Keeper:
    """Keeps predictions of two registered models straight through the store."""

    def __init__(self, store: SqlRiskStore) -> None:
        """Register the models."""
        self.store = store
        with store.write(caller=WRITER, method="test") as write:
            self.models = (write.new_id(), write.new_id())
            for number, seed in zip(self.models, (1, 2), strict=True):
                trained = trained_enterprise(seed)
                write.models.add(number, trained.model.summary, trained.files)
            write.commit()

    def keep(
        self, subject: int, day: date, relativity: int, *, model: int = 0, days: int = 366
    ) -> tuple[int, int]:
        """Keep one prediction; give how many were written, and the revision."""
        wanted = KeptPrediction(
            subject_id=subject,
            start_date=day,
            relativity_hundredths=relativity,
            credibility_hundredths=50,
            known_revision=1,
        )
        with self.store.write(caller=WRITER, method="test") as write:
            kept = write.predictions.keep(self.models[model], [wanted], days=days)
            write.commit()
            return kept, write.point.revision

    def withdraw(self, model: int) -> tuple[int, int]:
        """Withdraw what a model gave."""
        with self.store.write(caller=WRITER, method="test") as write:
            gone = write.predictions.withdraw(self.models[model])
            write.commit()
            return gone, write.point.revision


@pytest.fixture
def keeper(store: SqlStore) -> Keeper:
    """Keep predictions in the store under test."""
    return Keeper(SqlRiskStore(store.database, store.columns))


def seen(store: SqlStore, revision: int, subjects: list[int]) -> list[tuple[int, ...]]:
    """Give what plans see at a revision: subject, first day, end, relativity."""
    at = Viewpoint(revision, date(2025, 6, 1))
    with store.read() as reading:
        chunk = reading.facts.chunk_of(subjects, NEEDS, at)
    records = chunk.population.records["risk_prediction"]
    columns = records.columns
    return [
        (int(chunk.subject_ids[position]), *map(int, rest))
        for position, *rest in zip(
            records.subjects,
            columns["event_date"],
            columns["end_date"],
            columns["relativity_hundredths"],
            strict=True,
        )
    ]


def days(first: date, after: date) -> tuple[int, int]:
    """Give days as plans count them."""
    epoch = date(1970, 1, 1)
    return (first - epoch).days, (after - epoch).days


def test_a_later_prediction_cuts_the_earlier_one_short(
    store: SqlStore, facts: FactWriter, keeper: Keeper
) -> None:
    """On every day one holds; what was known before stays known as it was."""
    subject = facts.enterprise()
    _, first = keeper.keep(subject, date(2025, 1, 1), 80)
    _, second = keeper.keep(subject, date(2025, 4, 1), 120)
    _, third = keeper.keep(subject, date(2025, 2, 1), 100)

    whole = days(date(2025, 1, 1), date(2026, 1, 2))
    january = days(date(2025, 1, 1), date(2025, 4, 1))
    april = days(date(2025, 4, 1), date(2026, 4, 2))
    short = days(date(2025, 1, 1), date(2025, 2, 1))
    february = days(date(2025, 2, 1), date(2025, 4, 1))
    assert seen(store, first, [subject]) == [(subject, *whole, 80)]
    assert seen(store, second, [subject]) == [(subject, *january, 80), (subject, *april, 120)]
    assert seen(store, third, [subject]) == [
        (subject, *short, 80),
        (subject, *february, 100),
        (subject, *april, 120),
    ]


def test_what_says_the_same_is_left_alone(
    store: SqlStore, facts: FactWriter, keeper: Keeper
) -> None:
    """While it holds for half of the time to come; after that it is written anew."""
    subject = facts.enterprise()
    keeper.keep(subject, date(2025, 1, 1), 80)

    same, _ = keeper.keep(subject, date(2025, 6, 1), 80)
    late, revision = keeper.keep(subject, date(2025, 9, 1), 80)
    other, _ = keeper.keep(subject, date(2025, 9, 1), 80, model=1)

    assert (same, late, other) == (0, 1, 1)
    assert len(seen(store, revision, [subject])) == 2


def test_withdrawn_predictions_are_gone_from_then_on(
    store: SqlStore, facts: FactWriter, keeper: Keeper
) -> None:
    """Those of the other model stay, and so does what was known before."""
    one, other = facts.enterprise(), facts.enterprise()
    keeper.keep(one, date(2025, 1, 1), 80)
    _, before = keeper.keep(other, date(2025, 1, 1), 90, model=1)

    gone, after = keeper.withdraw(0)

    assert gone == 1
    assert [row[0] for row in seen(store, before, [one, other])] == [one, other]
    assert [row[0] for row in seen(store, after, [one, other])] == [other]


def test_written_about_is_who_got_or_lost_a_prediction(
    store: SqlStore, facts: FactWriter, keeper: Keeper
) -> None:
    """Answers kept in memory are dropped for them, and for nobody else."""
    one, other = facts.enterprise(), facts.enterprise()
    facts.enterprise()
    with store.read() as reading:
        start = reading.point.revision

    _, first = keeper.keep(one, date(2025, 1, 1), 80)
    _, second = keeper.keep(other, date(2025, 1, 1), 80)
    _, third = keeper.withdraw(0)

    with store.read() as reading:
        changed = [
            reading.facts.changed(since, until, limit=9)
            for since, until in ((start, first), (first, second), (second, third))
        ]
    assert changed == [frozenset({one}), frozenset({other}), frozenset({one, other})]


def test_what_a_prediction_has_not_is_missing(
    store: SqlStore, facts: FactWriter, keeper: Keeper
) -> None:
    """Day of publication, field and place are no part of it; in every form of asking."""
    subject = facts.enterprise()
    _, revision = keeper.keep(subject, date(2025, 1, 1), 80)
    at = Viewpoint(revision, date(2025, 6, 1))

    with store.read() as reading:
        found = reading.subjects.by_number([subject], at)
        single = reading.facts.population(list(found.values()), NEEDS, at)
        dense = reading.facts.chunk(Scan(limit=9), NEEDS, at).population

    for population in (single, dense):
        columns = population.records["risk_prediction"].columns
        for name in ("publish_date", "field", "division"):
            assert columns[name].tolist() == [np.iinfo(columns[name].dtype).min]
        assert columns["credibility_hundredths"].tolist() == [50]


# In a rate -------------------------------------------------------------------------


@pytest.fixture
def policies_folder(tmp_path: Path) -> Path:
    """Give a folder with the project's words and the plan that names predictions."""
    shutil.copy(POLICIES / "vocabulary.yaml", tmp_path)
    (tmp_path / "cn.unnamed").mkdir()
    shutil.copy(POLICIES / "cn.unnamed" / "risk-model-rate.yaml", tmp_path / "cn.unnamed")
    for extra in POLICIES.glob("*.yaml"):
        shutil.copy(extra, tmp_path)
    return tmp_path


@pytest.fixture
def clock() -> FixedClock:
    """Stand in the year in which the plan is in force."""
    clock = FixedClock()
    clock.advance(timedelta(days=366))
    return clock


@pytest.fixture
async def channel(built: ScoringServer) -> AsyncIterator[grpc.aio.Channel]:
    """Serve the store under test on loopback."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield channel


async def factor(channel: grpc.aio.Channel, subject: int, **fields: Any) -> float:  # noqa: ANN401 -- fields of the request.
    """Ask the plan for a factor."""
    answer = await ScoringClient(channel).call(
        "RecommendRate",
        subject={"enterprise_id": f"e-{subject}"},
        policy_id=PLAN,
        **fields,
    )
    return float(answer.recommendation.factor.value)


async def test_a_plan_that_names_predictions_uses_them_once_they_are_kept(
    channel: grpc.aio.Channel, facts: FactWriter, clock: FixedClock
) -> None:
    """Nothing before; then credibility times relativity, in bounds; nothing once it is retired."""
    risk = RiskClient(channel)
    good = facts.enterprise(headcount=5000, founding_date=date(2000, 1, 1))
    bad = facts.enterprise(headcount=5000, founding_date=date(2000, 1, 1))
    for _ in range(20):
        facts.record("violation", bad, date(2026, 3, 1), severity=3)
        facts.record("accident", bad, date(2026, 3, 2))
    model_id = await risk.in_force()

    before = [await factor(channel, one) for one in (good, bad)]
    kept = await risk.call("KeepRiskPredictions", role="operator")
    told = await risk.call("PredictRisk", subject={"enterprise_id": f"e-{bad}"})
    after = [await factor(channel, one) for one in (good, bad)]
    again = await risk.call("KeepRiskPredictions")
    then = kept.point.known_at
    clock.advance(timedelta(days=1))
    await risk.step("RetireRiskModel", model_id, by="chief")
    retired = [await factor(channel, one) for one in (good, bad)]
    known = [await factor(channel, one, known_at=then) for one in (good, bad)]

    believed = float(told.prediction.credibility.value) * (
        float(told.prediction.relativity.value) - 1
    )
    assert before == [1.0, 1.0]
    assert (kept.considered, kept.kept, kept.next_after_enterprise_id) == (2, 2, "")
    assert not told.basis.advisory
    assert [one.policy_id for one in told.basis.named_by] == [PLAN]
    assert after[1] == pytest.approx(1 + min(0.2, believed), abs=1e-4)
    assert 0.9 <= after[0] < 1.0 < after[1] <= 1.2
    assert again.kept == 0
    assert retired == [1.0, 1.0]
    assert known == after


async def test_the_prediction_that_a_worksheet_names_can_be_looked_up(
    channel: grpc.aio.Channel, facts: FactWriter, clock: FixedClock
) -> None:
    """By its own identifier, and as known when the rate was told even after it is withdrawn."""
    risk = RiskClient(channel)
    number = facts.enterprise(headcount=5000, founding_date=date(2000, 1, 1))
    for _ in range(20):
        facts.record("accident", number, date(2026, 3, 2))
    model_id = await risk.in_force()
    await risk.call("KeepRiskPredictions", role="operator")
    told = await risk.call("PredictRisk", subject={"enterprise_id": f"e-{number}"})

    rate = await ScoringClient(channel).call(
        "RecommendRate", subject={"enterprise_id": f"e-{number}"}, policy_id=PLAN
    )
    names = {name for line in rate.worksheet for name in line.record_ids}
    (named,) = [name for name in names if name.startswith("rp-")]
    found = await risk.call("GetKeptRiskPrediction", prediction_id=named)
    clock.advance(timedelta(days=1))
    await risk.step("RetireRiskModel", model_id, by="chief")
    with pytest.raises(RefusedError) as gone:
        await risk.call("GetKeptRiskPrediction", prediction_id=named)
    then = await risk.call(
        "GetKeptRiskPrediction", prediction_id=named, known_at=rate.basis.point.known_at
    )

    assert (found.prediction.prediction_id, found.prediction.model_id) == (named, model_id)
    assert found.prediction.enterprise_id == f"e-{number}"
    assert found.prediction.relativity.value == told.prediction.relativity.value
    assert found.prediction.credibility.value == told.prediction.credibility.value
    assert gone.value.reason == "RISK_PREDICTION_UNKNOWN"
    assert then.prediction == found.prediction


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_predictions_are_kept_stretch_by_stretch(
    channel: grpc.aio.Channel, facts: FactWriter
) -> None:
    """Each answer says where to go on; a repeated request is answered once."""
    risk = RiskClient(channel)
    numbers = [facts.enterprise() for _ in range(5)]
    await risk.in_force()

    first = await risk.call("KeepRiskPredictions", size=3, request_id="r")
    again = await risk.call("KeepRiskPredictions", size=3, request_id="r")
    rest = await risk.call(
        "KeepRiskPredictions", size=3, after_enterprise_id=first.next_after_enterprise_id
    )
    past = await risk.call("KeepRiskPredictions", as_of=Date(year=2026, month=6, day=2))

    assert (first.considered, first.next_after_enterprise_id) == (3, f"e-{numbers[2]}")
    assert again.repeated
    assert again.kept == first.kept == 3
    assert (rest.considered, rest.next_after_enterprise_id) == (2, "")
    assert past.considered == 5
