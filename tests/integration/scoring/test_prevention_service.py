"""PreventionService over the wire, on both databases."""

from datetime import date, timedelta
from typing import Any

from google.type.date_pb2 import Date

from safetycredit.scoring.v1 import prevention_service_pb2 as prevention
from tests.fakes.clock import FixedClock
from tests.fakes.insurance_client import InsuranceClient, refused
from tests.fakes.insurance_world import INSURERS, insured
from tests.fakes.scoring_facts import FactWriter

JIA, YI = INSURERS
DAY = date(2025, 6, 1)
XICHENG = 110102
PERIOD = {
    "start_date": Date(year=2025, month=1, day=1),
    "end_date": Date(year=2025, month=6, day=1),
}


def serve(facts: FactWriter, *, registered: bool = True) -> None:
    """Let two insurers insure in Xicheng, plan and serve.

    甲 plans 4 services by the end of May, does 3 that both sides confirm, and serves one of its
    two enterprises; it receives 10,000 yuan and spends 1,500.
    """
    if registered:
        for code in INSURERS.values():
            facts.enterprise(credit_code=code, division=XICHENG, industry="J6820")
    jia: dict[str, Any] = {
        "authority": JIA,
        "authority_code": INSURERS[JIA],
        "division": XICHENG,
    }
    yi = {**jia, "authority": YI, "authority_code": INSURERS[YI]}
    first, second = (facts.enterprise(division=XICHENG) for _ in range(2))
    policy = insured(facts, first, **jia)
    insured(facts, second, **jia)
    insured(facts, second, **yi)
    facts.record(
        "insurance_payment",
        first,
        date(2025, 1, 5),
        policy_record_id=policy,
        amount_fen=1_000_000,
        **jia,
    )
    plan = facts.record(
        "prevention_plan",
        first,
        date(2025, 1, 10),
        policy_record_id=policy,
        service_count=4,
        due_date=date(2025, 5, 31),
        **jia,
    )
    confirmed: dict[str, Any] = {"insurer_confirmed_date": DAY, "insured_confirmed_date": DAY}
    for place, day in enumerate((date(2025, 2, 1), date(2025, 3, 1), date(2025, 5, 31))):
        facts.record(
            "prevention_service",
            first,
            day,
            policy_record_id=policy,
            plan_record_id=plan,
            cost_fen=50_000,
            **confirmed,
            **jia,
            hazard_count=place,
        )
    # One side has not confirmed.
    facts.record(
        "prevention_service",
        first,
        date(2025, 4, 1),
        policy_record_id=policy,
        plan_record_id=plan,
        insurer_confirmed_date=DAY,
        **jia,
    )


async def test_an_evaluation_from_figures_to_publication(
    insurance_client: InsuranceClient, facts: FactWriter, clock: FixedClock
) -> None:
    """Evaluated, disputed, accepted, evaluated again, published, and seen by everybody."""
    serve(facts)
    everybody = insurance_client.acting("public")
    own = insurance_client.acting("insurer", authority=JIA)
    other = insurance_client.acting("insurer", authority=YI)
    # What else an insurer may do opens no other insurer's evaluation to it.
    recording = insurance_client.acting("insurer,recorder", authority=YI)

    answer = await insurance_client.call("EvaluateInsurers", division="110102", **PERIOD)

    jia, yi = answer.evaluations
    figures = {one.name: one.value.value for one in jia.appraisal.figures}
    assert figures == {
        "complaints": "0",
        "complaints_handled_in_time": "0",
        "enterprises_insured": "2",
        "enterprises_served": "1",
        "hazards_found": "3",
        "participants": "0",
        "premium_received": "10000",
        "services_confirmed": "3",
        "services_done": "3",
        "services_planned": "4",
        "spending": "1500",
    }
    # 75 % of the plan 37.50, one of two served 15, no complaint 20.
    assert (jia.appraisal.grade, jia.appraisal.score.value) == ("pass", "72.5")
    assert (yi.appraisal.status, yi.appraisal.grade) == (2, "")
    assert "services_planned" in yi.appraisal.missing_figures
    # 10 working days from Sunday 2025-06-01, the day after Dragon Boat Festival's holiday begins.
    assert jia.dispute_end_date == Date(year=2025, month=6, day=17)
    assert not jia.dispute_end_provisional

    seen = await everybody.call("ListInsurerEvaluations")
    mine = await own.call("ListInsurerEvaluations")
    assert list(seen.evaluations) == []
    assert [one.insurer for one in mine.evaluations] == [JIA]
    hidden = await refused(everybody.call("GetInsurerEvaluation", evaluation_id=jia.evaluation_id))
    assert hidden.reason == "EVALUATION_UNKNOWN"

    filing = {
        "evaluation_id": jia.evaluation_id,
        "reason": "四月的服务参保单位已确认",
        "document_number": "异1号",
    }
    foreign = await refused(other.call("FileEvaluationDispute", **filing))
    as_recorder = await refused(recording.call("FileEvaluationDispute", **filing))
    early = await refused(
        insurance_client.call(
            "PublishInsurerEvaluation", evaluation_id=jia.evaluation_id, document_number="公1号"
        )
    )
    nothing = await refused(
        insurance_client.call(
            "DecideEvaluationDispute",
            evaluation_id=jia.evaluation_id,
            reason="查",
            document_number="复1号",
        )
    )
    disputed = (await own.call("FileEvaluationDispute", **filing)).evaluation
    twice = await refused(own.call("FileEvaluationDispute", **filing))
    pending = await refused(
        insurance_client.call(
            "PublishInsurerEvaluation", evaluation_id=jia.evaluation_id, document_number="公1号"
        )
    )
    assert [one.reason for one in (foreign, as_recorder, early, nothing, twice, pending)] == [
        "NOT_THE_INSURER",
        "NOT_THE_INSURER",
        "DISPUTE_PERIOD_RUNNING",
        "NO_DISPUTE_OPEN",
        "EVALUATION_DISPUTED",
        "EVALUATION_DISPUTED",
    ]
    assert disputed.state == prevention.EVALUATION_STATE_DISPUTED

    (late,) = _unconfirmed(facts)
    facts.revise(late, insured_confirmed_date=DAY)
    decided = (
        await insurance_client.call(
            "DecideEvaluationDispute",
            evaluation_id=jia.evaluation_id,
            accepted=True,
            reason="属实",
            document_number="复1号",
        )
    ).evaluation
    # All four now: 50, 15 and 20.
    assert (decided.edition, decided.appraisal.grade, decided.appraisal.score.value) == (
        2,
        "good",
        "85",
    )
    assert [line.rule_id for line in decided.appraisal.lines] == [
        "grade.start",
        "XC-COMPLETION",
        "XC-COVERAGE",
        "XC-COMPLAINTS",
    ]

    clock.advance(timedelta(days=16))
    late_filing = await refused(own.call("FileEvaluationDispute", **filing))
    published = (
        await insurance_client.call(
            "PublishInsurerEvaluation", evaluation_id=jia.evaluation_id, document_number="公1号"
        )
    ).evaluation
    again = await refused(
        insurance_client.call(
            "PublishInsurerEvaluation", evaluation_id=jia.evaluation_id, document_number="公2号"
        )
    )
    shown = (await everybody.call("ListInsurerEvaluations", division="110100")).evaluations
    got = await everybody.call("GetInsurerEvaluation", evaluation_id=jia.evaluation_id)
    assert (late_filing.reason, again.reason) == ("DISPUTE_PERIOD_OVER", "EVALUATION_PUBLISHED")
    assert published.publish_date == Date(year=2025, month=6, day=17)
    assert [(one.insurer, one.state) for one in shown] == [
        (JIA, prevention.EVALUATION_STATE_PUBLISHED)
    ]
    assert got.evaluation.appraisal.lines == decided.appraisal.lines
    assert not got.evaluation.steps


def _unconfirmed(facts: FactWriter) -> list[int]:
    """Find the service that one side has not confirmed."""
    with facts.database.read() as transaction:
        rows = transaction.connection.exec_driver_sql(
            "SELECT r.record_id FROM records r JOIN prevention_services s ON s.row_id = r.row_id"
            " WHERE s.insured_confirmed_date IS NULL AND r.superseded_revision IS NULL"
        )
        return [row[0] for row in rows]


async def test_evaluating_again_keeps_a_new_edition_only_of_what_changed(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """The same request gives the first answer; an equal result its edition."""
    serve(facts)
    asked = {"division": "110102", "insurer_code": INSURERS[JIA], **PERIOD}

    first = await insurance_client.call("EvaluateInsurers", request_id="once", **asked)
    repeated = await insurance_client.call("EvaluateInsurers", request_id="once", **asked)
    same = await insurance_client.call("EvaluateInsurers", **asked)
    (late,) = _unconfirmed(facts)
    facts.revise(late, insured_confirmed_date=DAY)
    other = await insurance_client.call("EvaluateInsurers", **asked)
    before = await insurance_client.call(
        "GetInsurerEvaluation",
        evaluation_id=first.evaluations[0].evaluation_id,
        known_at=first.point.known_at,
    )

    assert repeated.repeated
    assert list(repeated.evaluations) == list(first.evaluations)
    assert list(same.evaluations) == list(first.evaluations)
    assert [one.edition for one in other.evaluations] == [2]
    assert before.evaluation.edition == 1
    assert before.evaluation.appraisal.lines


async def test_spending_over_the_ceiling_and_late_answers_fail(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """More than 21 % of the premium fails; complaints count once their time is up."""
    serve(facts)
    number = next(iter(_insurer_numbers(facts, INSURERS[JIA])))
    # Ten working days from 2025-05-06 end on 2025-05-20.
    facts.record("report", number, date(2025, 5, 6), handled_date=date(2025, 5, 20))
    facts.record("report", number, date(2025, 5, 6), handled_date=date(2025, 5, 21))
    facts.record("report", number, date(2025, 5, 6))
    # There is time left to answer this one.
    facts.record("report", number, date(2025, 5, 28))
    (late,) = _unconfirmed(facts)
    facts.revise(late, cost_fen=60_001)

    answer = await insurance_client.call(
        "GetPreventionProgress", division="110102", insurer_code=INSURERS[JIA], **PERIOD
    )

    (progress,) = answer.insurers
    figures = {one.name: one.value.value for one in progress.appraisal.figures}
    assert (figures["complaints"], figures["complaints_handled_in_time"]) == ("3", "1")
    # 2,100.01 of 10,000 yuan.
    assert (figures["spending"], progress.appraisal.grade) == ("2100.01", "fail")
    assert progress.appraisal.lines[-1].rule_id == "XC-CEILING"


def _insurer_numbers(facts: FactWriter, code: str) -> list[int]:
    with facts.database.read() as transaction:
        rows = transaction.connection.exec_driver_sql(
            "SELECT enterprise_id, credit_code FROM enterprises"
        )
        return [number for number, held in rows if held == code]


async def test_an_insurer_nobody_registered_has_no_complaints_to_count(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """Its evaluation has no result, instead of the best."""
    serve(facts, registered=False)

    answer = await insurance_client.call(
        "EvaluateInsurers", division="110102", insurer_code=INSURERS[JIA], **PERIOD
    )

    (jia,) = answer.evaluations
    assert jia.appraisal.status == 2
    assert list(jia.appraisal.missing_figures) == ["complaints", "complaints_handled_in_time"]


async def test_progress_counts_what_has_happened(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """Seen from a day in the middle of the period, an insurer sees itself only."""
    serve(facts)
    own = insurance_client.acting("insurer", authority=JIA)

    answer = await own.call(
        "GetPreventionProgress",
        division="110102",
        as_of=Date(year=2025, month=3, day=1),
        **PERIOD,
    )

    (progress,) = answer.insurers
    figures = {one.name: one.value.value for one in progress.appraisal.figures}
    # Confirmed in June only, and the plan is not due yet.
    assert (figures["services_planned"], figures["services_confirmed"]) == ("0", "0")
    assert figures["spending"] == "1000"


async def test_prevention_is_refused_by_name(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """Every refusal has a reason; a place without a policy of its own evaluates nobody."""
    own: dict[str, Any] = {
        "authority": JIA,
        "authority_code": INSURERS[JIA],
        "division": 110105,
    }
    insured(facts, facts.enterprise(), **own)
    xicheng = {"division": "110102", **PERIOD}
    stranger = {**xicheng, "insurer_code": "914403001922038216"}
    running_on = {**xicheng, "end_date": Date(year=2025, month=6, day=2)}
    nothing = {**PERIOD, "end_date": PERIOD["start_date"], "division": ""}
    paper = {"evaluation_id": "v-1", "document_number": "公1号"}
    elsewhere = insurance_client.acting("regulator", divisions="110105")
    calls = [
        insurance_client.call("EvaluateInsurers", **running_on),
        insurance_client.call("EvaluateInsurers", **stranger),
        elsewhere.call("EvaluateInsurers", **xicheng),
        insurance_client.call("EvaluateInsurers", division="110105", **PERIOD),
        insurance_client.call("EvaluateInsurers", **nothing),
        insurance_client.call("GetPreventionProgress", **stranger),
        insurance_client.call("GetInsurerEvaluation", evaluation_id="v-1"),
        insurance_client.call("PublishInsurerEvaluation", **paper),
        insurance_client.call("GetInsurerEvaluation", evaluation_id="r-1"),
    ]

    errors = [await refused(call) for call in calls]

    assert [one.reason for one in errors] == [
        "PERIOD_NOT_ENDED",
        "INSURER_UNKNOWN",
        "OUT_OF_SCOPE",
        "POLICY_NOT_IN_FORCE",
        "INVALID_INPUT",
        "INSURER_UNKNOWN",
        "EVALUATION_UNKNOWN",
        "EVALUATION_UNKNOWN",
        "INVALID_INPUT",
    ]


async def test_evaluations_are_listed_page_by_page(
    insurance_client: InsuranceClient, facts: FactWriter
) -> None:
    """Pages meet; a token of another filter is none of this list."""
    serve(facts)
    evaluated = await insurance_client.call("EvaluateInsurers", division="110102", **PERIOD)

    first = await insurance_client.call("ListInsurerEvaluations", page_size=1)
    second = await insurance_client.call(
        "ListInsurerEvaluations", page_size=1, page_token=first.next_page_token
    )
    foreign = await refused(
        insurance_client.call(
            "ListInsurerEvaluations", division="110102", page_token=first.next_page_token
        )
    )

    ids = [one.evaluation_id for one in (*first.evaluations, *second.evaluations)]
    assert ids == [one.evaluation_id for one in evaluated.evaluations]
    assert second.next_page_token == ""
    assert foreign.reason == "PAGE_TOKEN_MISMATCH"
