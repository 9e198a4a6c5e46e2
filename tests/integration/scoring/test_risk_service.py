"""RiskService over loopback, on both databases: governance, predictions, drift."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from safetycredit.scoring.v1 import risk_service_pb2 as pb
from services.common.server import running
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.risk_client import RiskClient
from tests.fakes.risk_models import trained_enterprise
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is refused before any database is asked needs one database only."""

CODE = "91110000600037341L"
TODAY = date(2025, 6, 1)


@pytest.fixture
async def risk(built: ScoringServer) -> AsyncIterator[RiskClient]:
    """Serve the store under test on loopback, and call its RiskService."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield RiskClient(channel)


def day(value: date) -> Date:
    """Write a civil day."""
    return Date(year=value.year, month=value.month, day=value.day)


def instant(value: datetime) -> Timestamp:
    """Write an instant."""
    message = Timestamp()
    message.FromDatetime(value)
    return message


async def refused(call: Any) -> RefusedError:  # noqa: ANN401 -- any call.
    """Wait for a call that must be refused."""
    with pytest.raises(RefusedError) as error:
        await call
    return error.value


# Governance ----------------------------------------------------------------------


async def test_a_model_goes_its_way_with_every_step_told(risk: RiskClient) -> None:
    """Registered, validated, approved by two, in force, retired: who, what, by which document."""
    model_id = await risk.in_force()
    await risk.step("RetireRiskModel", model_id, by="chief", note="drifted")

    answer = await risk.call("GetRiskModel", model_id=model_id, with_files=True)

    summary = trained_enterprise().model.summary
    assert answer.model.name == "accident-frequency"
    assert answer.model.digest == summary.digest
    assert [(step.action, step.state, step.actor) for step in answer.model.steps] == [
        (1, 1, "trainer"),
        (2, 2, "validator"),
        (3, 2, "first"),
        (3, 3, "second"),
        (4, 4, "chief"),
        (5, 5, "chief"),
    ]
    assert answer.model.steps[-1].note == "drifted"
    assert answer.model.state == pb.RISK_MODEL_STATE_RETIRED
    assert answer.files.manifest == trained_enterprise().files.manifest
    assert answer.files.trees == trained_enterprise().files.trees
    assert (answer.model.data_digest, answer.model.seed) == (summary.data_digest, 1)
    assert answer.model.libraries["lightgbm"].startswith("4.")
    assert next(one.name for one in answer.model.features if one.adverse) == "violations_12m"


@ON_SQLITE
async def test_no_step_is_skipped_and_nobody_approves_alone(risk: RiskClient) -> None:
    """Every shortcut has its reason."""
    model_id = (await risk.register()).model.model_id

    skipped = [
        await refused(risk.step(method, model_id, by="chief"))
        for method in ("ApproveRiskModel", "PutRiskModelInForce")
    ]
    own = await refused(risk.step("ValidateRiskModel", model_id, by="trainer"))
    await risk.step("ValidateRiskModel", model_id, by="validator")
    first = await risk.step("ApproveRiskModel", model_id, by="first")
    again = await refused(risk.step("ApproveRiskModel", model_id, by="first"))
    early = await refused(risk.step("PutRiskModelInForce", model_id, by="chief"))

    assert {error.reason for error in skipped} == {"RISK_MODEL_STEP_SKIPPED"}
    assert (own.code, own.reason) == ("FAILED_PRECONDITION", "RISK_MODEL_FOUR_EYES")
    assert first.model.state == pb.RISK_MODEL_STATE_VALIDATED
    assert again.reason == "RISK_MODEL_FOUR_EYES"
    assert early.reason == "RISK_MODEL_STEP_SKIPPED"


async def test_one_model_of_a_name_is_in_force(risk: RiskClient) -> None:
    """The next one must name the one that it replaces, which is retired by the same write."""
    first = await risk.in_force()
    second = await risk.approved(seed=2)

    other = await refused(risk.step("PutRiskModelInForce", second, by="chief"))
    wrong = await refused(
        risk.step("PutRiskModelInForce", second, by="chief", replaces_model_id=second)
    )
    await risk.step("PutRiskModelInForce", second, by="chief", replaces_model_id=first)
    states = {one.model_id: one.state for one in (await risk.call("ListRiskModels")).models}

    assert (other.code, other.reason) == ("FAILED_PRECONDITION", "RISK_MODEL_OTHER_IN_FORCE")
    assert wrong.reason == "RISK_MODEL_OTHER_IN_FORCE"
    assert states == {first: pb.RISK_MODEL_STATE_RETIRED, second: pb.RISK_MODEL_STATE_IN_FORCE}


@ON_SQLITE
async def test_what_is_not_in_force_cannot_be_replaced(risk: RiskClient) -> None:
    """Naming a model where none is in force is a mistake."""
    model_id = await risk.approved()

    error = await refused(
        risk.step("PutRiskModelInForce", model_id, by="chief", replaces_model_id="m-7")
    )

    assert error.reason == "RISK_MODEL_NOT_IN_FORCE"


@ON_SQLITE
async def test_a_repeated_request_is_answered_once(risk: RiskClient) -> None:
    """The same request again changes nothing; another under its name is refused."""
    first = await risk.register(request_id="r")
    again = await risk.register(request_id="r")
    other = await refused(risk.register(request_id="r", note="another"))
    same_files = await refused(risk.register(request_id="s"))

    assert not first.repeated
    assert again.repeated
    assert again.model == first.model
    assert again.point == first.point
    assert (other.code, other.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
    assert (same_files.code, same_files.reason) == ("ALREADY_EXISTS", "RISK_MODEL_EXISTS")


async def test_models_are_read_as_they_were_known(risk: RiskClient, clock: FixedClock) -> None:
    """At the time of the registration nobody had validated the model yet."""
    registered = await risk.register()
    model_id, then = registered.model.model_id, registered.point.known_at
    clock.advance(timedelta(days=1))
    await risk.step("ValidateRiskModel", model_id, by="validator")

    before = await risk.call("GetRiskModel", model_id=model_id, known_at=then)
    now = await risk.call("GetRiskModel", model_id=model_id)
    listed = await risk.call("ListRiskModels", known_at=then)

    assert [step.action for step in before.model.steps] == [1]
    assert [step.action for step in now.model.steps] == [1, 2]
    assert listed.models[0].state == pb.RISK_MODEL_STATE_TRAINED


@ON_SQLITE
async def test_a_list_keeps_its_place_while_models_come(risk: RiskClient) -> None:
    """A page token holds the point of the first page."""
    first = (await risk.register(seed=1)).model.model_id
    second = (await risk.register(seed=2)).model.model_id

    page = await risk.call("ListRiskModels", page_size=1)
    third = (await risk.register(seed=3)).model.model_id
    rest = await risk.call("ListRiskModels", page_size=5, page_token=page.next_page_token)
    everything = await risk.call("ListRiskModels", name="accident-frequency")
    nothing = await risk.call("ListRiskModels", name="another")
    foreign = await refused(
        risk.call("ListRiskModels", name="another", page_token=page.next_page_token)
    )

    assert [one.model_id for one in page.models] == [first]
    assert [one.model_id for one in rest.models] == [second]
    assert [one.model_id for one in everything.models] == [first, second, third]
    assert not nothing.models
    assert foreign.reason == "PAGE_TOKEN_MISMATCH"


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        pytest.param("manifest", lambda _: b"{}", "RISK_MODEL_DAMAGED", id="damaged"),
        pytest.param("trees", lambda text: text + b"\n", "RISK_MODEL_DIGEST_MISMATCH", id="digest"),
        pytest.param(
            "manifest",
            lambda text: text.replace(b'"enterprise"', b'"mine-years"'),
            "RISK_MODEL_FEATURES_MISMATCH",
            id="features",
        ),
        pytest.param(
            "manifest",
            lambda text: text.replace(b'"lightgbm": "4', b'"lightgbm": "9'),
            "RISK_MODEL_VERSION_MISMATCH",
            id="version",
        ),
    ],
)
async def test_files_that_fail_a_check_are_not_registered(
    risk: RiskClient, name: str, change: Callable[[bytes], bytes], reason: str
) -> None:
    """The reason says which check it was, and nothing is kept."""
    files = trained_enterprise().files
    parts = {"manifest": files.manifest, "trees": files.trees, "linear": files.linear}
    parts[name] = change(parts[name])

    error = await refused(risk.register(files=pb.RiskModelFiles(**parts)))

    assert (error.code, error.reason) == ("INVALID_ARGUMENT", reason)
    assert not (await risk.call("ListRiskModels")).models


@ON_SQLITE
async def test_wrong_requests_name_every_field(risk: RiskClient) -> None:
    """One refusal, all violations."""
    register = await refused(
        risk.register(files=pb.RiskModelFiles(), document_number="", request_id="x" * 65)
    )
    step = await refused(risk.call("ApproveRiskModel", model_id="e-1", note="a\x00b"))
    predict = await refused(risk.call("PredictRisk", model_id="m-01"))
    keep = await refused(risk.call("KeepRiskPredictions", after_enterprise_id="7", size=5001))
    drift = await refused(risk.call("GetRiskDrift", months=25))
    batch = await refused(risk.call("BatchPredictRisk"))

    assert register.violations == {
        "files.manifest": "REQUIRED",
        "document_number": "REQUIRED",
        "request_id": "TEXT_TOO_LONG",
    }
    assert step.violations == {
        "model_id": "ID_MALFORMED",
        "document_number": "REQUIRED",
        "note": "TEXT_WITH_CONTROL_CHARACTER",
    }
    assert predict.violations == {"model_id": "ID_MALFORMED", "subject": "REQUIRED"}
    assert keep.violations == {
        "after_enterprise_id": "ID_MALFORMED",
        "size": "NUMBER_OUT_OF_RANGE",
    }
    assert drift.violations == {"months": "NUMBER_OUT_OF_RANGE"}
    assert batch.violations == {"subjects": "COUNT_OUT_OF_RANGE"}


@ON_SQLITE
async def test_unknown_models_and_roles_are_refused(risk: RiskClient) -> None:
    """By name, and at the door."""
    unknown = await refused(risk.call("GetRiskModel", model_id="m-7"))
    step = await refused(risk.step("RetireRiskModel", "m-7", by="chief"))
    insurer = await refused(risk.call("ListRiskModels", role="subscriber"))
    approver = await refused(
        risk.call("ApproveRiskModel", role="auditor", model_id="m-7", document_number="1")
    )

    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "RISK_MODEL_UNKNOWN")
    assert step.reason == "RISK_MODEL_UNKNOWN"
    assert insurer.reason == approver.reason == "ACCESS_DENIED"


# Predictions ---------------------------------------------------------------------


@ON_SQLITE
async def test_a_prediction_comes_with_what_every_feature_adds(
    risk: RiskClient, facts: FactWriter
) -> None:
    """Contributions and what all share add up exactly; the basis says what it stands on."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    facts.record("violation", number, date(2025, 3, 1))
    facts.record("accident", number, date(2025, 2, 1))
    model_id = await risk.in_force()

    answer = await risk.call("PredictRisk", subject={"credit_code": CODE})

    one, basis = answer.prediction, answer.basis
    added = sum(Decimal(line.amount.value) for line in one.contributions)
    values = {line.feature: line.value.value for line in one.contributions}
    assert one.enterprise_id == f"e-{number}"
    assert added + Decimal(one.base_amount.value) == Decimal(one.log_relativity.value)
    assert len(one.contributions) == len(trained_enterprise().model.summary.features)
    assert (values["violations_12m"], values["accidents_12m"], values["headcount"]) == (
        "1",
        "1",
        "50",
    )
    # Rounded once each: the expected number is fifty times the rate.
    assert float(one.expected.value) == pytest.approx(50 * float(one.rate.value), abs=1e-6)
    assert float(one.relativity.value) == pytest.approx(
        2.718281828 ** float(one.log_relativity.value), abs=0.006
    )
    assert 0 < float(one.credibility.value) < 1
    assert (basis.model_id, basis.model_state) == (model_id, pb.RISK_MODEL_STATE_IN_FORCE)
    assert basis.model_digest == trained_enterprise().model.summary.digest
    assert basis.as_of == day(TODAY)
    # No policy of the tests names predictions, so they are advice.
    assert basis.advisory
    assert not basis.named_by


async def test_what_is_recorded_after_the_day_changes_nothing(
    risk: RiskClient, facts: FactWriter, clock: FixedClock
) -> None:
    """A violation of May, recorded in July, is no feature of June; in July it is one of July."""
    number = facts.enterprise(credit_code=CODE)
    model_id = await risk.in_force()
    june = await risk.call("PredictRisk", subject={"credit_code": CODE})
    clock.advance(timedelta(days=30))
    for _ in range(9):
        facts.record("violation", number, date(2025, 5, 1), severity=3)

    again = await risk.call("PredictRisk", subject={"credit_code": CODE}, as_of=day(TODAY))
    july = await risk.call("PredictRisk", subject={"credit_code": CODE})
    named = await risk.call(
        "PredictRisk",
        subject={"credit_code": CODE},
        model_id=model_id,
        as_of=day(TODAY),
        known_at=june.basis.point.known_at,
    )

    assert again.prediction == june.prediction
    assert named.prediction == june.prediction
    assert again.basis.point == june.basis.point
    assert float(july.prediction.relativity.value) > float(june.prediction.relativity.value)


@ON_SQLITE
async def test_a_prediction_never_knows_more_than_its_day(
    risk: RiskClient, facts: FactWriter, clock: FixedClock
) -> None:
    """Asking for later knowledge, for a day to come, or for before the first write is refused."""
    facts.enterprise(credit_code=CODE)
    await risk.in_force()
    subject = {"credit_code": CODE}
    clock.advance(timedelta(days=2))
    facts.enterprise()

    end = datetime(2025, 6, 1, 15, 59, 59, 999_999, tzinfo=UTC)
    later = await refused(
        risk.call(
            "PredictRisk",
            subject=subject,
            as_of=day(TODAY),
            known_at=instant(end + timedelta(microseconds=1)),
        )
    )
    ahead = await refused(risk.call("PredictRisk", subject=subject, as_of=day(date(2025, 6, 4))))
    before = await refused(risk.call("PredictRisk", subject=subject, as_of=day(date(2025, 5, 31))))
    token = facts.token
    assert token is not None
    stale = await refused(
        risk.call("PredictRisk", subject=subject, as_of=day(TODAY), token=token.encode())
    )
    last = await risk.call("PredictRisk", subject=subject, as_of=day(TODAY), known_at=instant(end))

    assert (later.code, later.reason) == ("INVALID_ARGUMENT", "KNOWN_AFTER_DAY")
    assert ahead.violations == {"as_of": "DATE_IN_FUTURE"}
    assert before.reason == "KNOWN_AT_BEFORE_FIRST_REVISION"
    assert stale.reason == "KNOWN_AT_BEFORE_TOKEN"
    assert last.basis.as_of == day(TODAY)


@ON_SQLITE
async def test_a_batch_answers_each_by_itself(risk: RiskClient, facts: FactWriter) -> None:
    """As PredictRisk would; an unknown one gets a reason, one named twice its answer twice."""
    first = facts.enterprise(credit_code=CODE)
    second = facts.enterprise(headcount=None)
    facts.record("accident", second, date(2025, 1, 1))
    await risk.in_force()
    subjects = [
        {"credit_code": CODE},
        {"enterprise_id": f"e-{second}"},
        {"enterprise_id": "e-7"},
        {"enterprise_id": f"e-{first}"},
    ]

    batch = await risk.call("BatchPredictRisk", subjects=subjects, with_contributions=True)
    single = await risk.call("PredictRisk", subject={"credit_code": CODE})

    assert batch.results[0].prediction == single.prediction
    assert batch.results[3].prediction == single.prediction
    assert batch.results[2].error_reason == "SUBJECT_UNKNOWN"
    without = batch.results[1].prediction
    assert not without.HasField("expected")
    assert without.credibility.value == "0"
    assert batch.basis == single.basis


@ON_SQLITE
async def test_without_a_model_in_force_there_is_no_prediction(
    risk: RiskClient, facts: FactWriter
) -> None:
    """An approved one can be asked by its own name; an unknown enterprise is not found."""
    facts.enterprise(credit_code=CODE)
    subject = {"credit_code": CODE}
    model_id = await risk.approved()

    none = await refused(risk.call("PredictRisk", subject=subject))
    kept = await refused(risk.call("KeepRiskPredictions"))
    asked = await risk.call("PredictRisk", subject=subject, model_id=model_id)
    nobody = await refused(
        risk.call("PredictRisk", subject={"enterprise_id": "e-7"}, model_id=model_id)
    )

    assert (none.code, none.reason) == ("FAILED_PRECONDITION", "RISK_MODEL_NOT_IN_FORCE")
    assert kept.reason == "RISK_MODEL_NOT_IN_FORCE"
    assert asked.basis.model_state == pb.RISK_MODEL_STATE_APPROVED
    assert asked.basis.advisory
    assert nobody.reason == "SUBJECT_UNKNOWN"


# Drift ---------------------------------------------------------------------------


@ON_SQLITE
async def test_drift_compares_with_training_and_with_what_happened(
    risk: RiskClient, facts: FactWriter, clock: FixedClock
) -> None:
    """Everybody here is alike, so the population is another one; of two accidents one fell in July.

    What July was to bring is asked of what was known by the end of June; by May nothing was.
    """
    numbers = [facts.enterprise(headcount=100) for _ in range(4)]
    facts.enterprise(headcount=None)
    await risk.in_force()
    clock.advance(timedelta(days=75))
    for month in (6, 7):
        facts.record("accident", numbers[month - 6], date(2025, month, 2))

    answer = await risk.call("GetRiskDrift", months=3)

    by_name = {one.feature: one for one in answer.stability}
    assert next(iter(by_name)) == ""
    assert answer.enterprises == 4
    assert float(by_name["headcount"].index.value) > 0.25
    assert sum(Decimal(one.value) for one in by_name["headcount"].shares) == 1
    assert [(one.start_date.month, one.events, one.unknown) for one in answer.months] == [
        (5, 0, True),
        (6, 0, True),
        (7, 1, False),
    ]
    assert answer.months[2].enterprises == 4
    assert float(answer.months[2].expected.value) > 0
    assert answer.basis.as_of == day(date(2025, 8, 15))


@ON_SQLITE
async def test_with_nobody_there_is_no_drift(risk: RiskClient, facts: FactWriter) -> None:
    """Without a headcount nobody can be compared."""
    facts.enterprise(headcount=None)
    await risk.in_force()

    error = await refused(risk.call("GetRiskDrift"))

    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "RISK_DATA_TOO_FEW")
