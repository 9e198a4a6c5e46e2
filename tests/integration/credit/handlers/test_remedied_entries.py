"""Repairs of list entries: the duties behind them, deceit, and what is no entry any more."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from google.protobuf.message import Message

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_remedies import (
    DECIDER,
    DIGEST,
    acceptance,
    application,
    decided,
    grant,
    objection,
    withdrawal,
)
from tests.fakes.credit_requests import day, record
from tests.fakes.credit_world import INVALID, PRECONDITION, refused

REVOKE = service.DecideObjectionRequest.OUTCOME_REVOKE
LISTED = date(2025, 1, 2)


@pytest.mark.parametrize(
    ("rule_ids", "reason"),
    [('["R1"]', ""), ('["R2"]', "DUTY_NOT_PERFORMED"), ("[]", "DUTY_NOT_PERFORMED")],
    ids=["performed", "open", "nominated-for-all"],
)
def test_an_entry_is_repaired_once_the_duties_behind_it_are_performed(
    bench: Bench, rule_ids: str, reason: str
) -> None:
    """Those of the circumstances for which the subject is listed, or of the whole nomination."""
    open_ = bench.penalty(performed_date=None)
    entry_id = bench.entry(
        LISTED, grounds={"R1": [bench.penalty()], "R2": [open_]}, rule_ids=rule_ids
    )
    request = grant(bench.accepted(entry_id))

    if not reason:
        assert bench.call(request).remedy.state == service.Remedy.STATE_GRANTED
        return
    refusal = refused(lambda: bench.call(request))
    assert (refusal.code, refusal.reason) == (PRECONDITION, reason)
    assert refusal.facts["record_id"] == open_


def test_a_duty_is_performed_by_the_day_of_the_decision(bench: Bench) -> None:
    """On that day it is, the day before it was not."""
    performed = bench.penalty(performed_date=day(date(2026, 11, 19)))
    entry_id = bench.entry(LISTED, grounds={"R1": [performed]})
    remedy_id = bench.applied(entry_id, date=day(date(2026, 11, 17)))
    bench.call(acceptance(remedy_id, date=day(date(2026, 11, 18))))

    early = refused(lambda: bench.call(grant(remedy_id, date=day(date(2026, 11, 18)))))
    answer = bench.call(grant(remedy_id, date=day(date(2026, 11, 19))))

    assert early.reason == "DUTY_NOT_PERFORMED"
    assert answer.remedy.state == service.Remedy.STATE_GRANTED


def test_what_was_revoked_and_what_is_no_penalty_ask_for_nothing(bench: Bench) -> None:
    """An entry may rest on a report, and on a penalty that fell since, beside one that stands."""
    revoked = bench.penalty(performed_date=None)
    bench.call(decided(bench.filed(revoked), outcome=REVOKE))
    head: dict[str, Any] = {"subject": bench.subject, "document_number": f"举{revoked}"}
    report = bench.call.credit(record(RecordKind.REPORT, head=head), DECIDER).record.record_id
    entry_id = bench.entry(LISTED, grounds={"R1": [revoked, report, bench.penalty()]})

    answer = bench.remedy(bench.granted(entry_id))

    assert answer.state == service.Remedy.STATE_GRANTED


def test_a_withdrawn_repair_restarts_the_shortest_period_of_an_entry(bench: Bench) -> None:
    """Withdrawn on 20 November 2025: from 20 November 2026, and by no earlier date."""
    entry_id = bench.entry(date(2024, 11, 1))
    remedy_id = bench.applied(entry_id, date=day(date(2025, 11, 10)))
    for step in (acceptance, grant):
        bench.call(step(remedy_id, date=day(date(2025, 11, 12))))
    bench.call(withdrawal(remedy_id, date=day(date(2025, 11, 20))))

    def again(on: date) -> Message:
        return application(entry_id, date=day(on))

    before = refused(lambda: bench.call(again(date(2025, 11, 19))))
    early = refused(lambda: bench.call(again(date(2026, 11, 19))))
    answer = bench.call(again(date(2026, 11, 20)))

    assert (before.reason, before.facts["previous_date"]) == ("STEP_BEFORE_PREVIOUS", "2025-11-20")
    assert (early.reason, early.facts["earliest_date"]) == ("REPAIR_TOO_EARLY", "2026-11-20")
    assert answer.remedy.state == service.Remedy.STATE_APPLIED


def test_a_withdrawn_early_removal_restarts_it_too(bench: Bench) -> None:
    """A year to the day has passed since one withdrawal, and not since the other."""
    young, old = bench.entry(date(2024, 11, 1)), bench.entry(date(2024, 11, 1))
    bench.restored(young, date(2025, 11, 21))
    bench.restored(old, date(2025, 11, 20))

    early = refused(lambda: bench.call(application(young), bench.portal))

    assert (early.reason, early.facts["earliest_date"]) == ("REPAIR_TOO_EARLY", "2026-11-21")
    assert bench.applied(old)


def test_nothing_is_left_of_a_corrected_entry(bench: Bench) -> None:
    """It never counted, so nobody objects to it or repairs it."""
    entry_id = bench.entry(LISTED, removed=date(2026, 11, 20), state=3, removal_reason=3)

    for request in (objection(entry_id), application(entry_id)):
        refusal = refused(partial(bench.call, request, bench.portal))
        assert (refusal.code, refusal.reason) == (PRECONDITION, "ENTRY_CORRECTED")
        assert refusal.facts["removal_date"] == "2026-11-20"


def test_a_portal_files_and_applies_today(bench: Bench) -> None:
    """Neither yesterday nor by another date; what came yesterday the authority records."""
    target = bench.penalty()
    yesterday, today = (day(date(2026, 11, number)) for number in (19, 20))

    for make in (objection, application):
        refusal = refused(partial(bench.call, make(target, date=yesterday), bench.portal))
        assert (refusal.code, refusal.reason) == (INVALID, "STEP_NOT_TODAY")
        assert refusal.facts["today"] == "2026-11-20"
    assert bench.call(objection(target, date=yesterday), DECIDER).remedy.remedy_id
    assert bench.call(application(target, date=today), bench.portal).remedy.remedy_id


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (objection("r-1", ground="\u200b"), "ground"),
        (application("r-1", commitment="。"), "commitment"),
        (acceptance("m-1", declined_reasons=" . "), "declined_reasons"),
        (decided("m-1", reasons="\u3000"), "reasons"),
        (grant("m-1", document_number="——"), "document_number"),
        (
            objection("r-1", evidence=[service.Evidence(sha256=DIGEST, title="\u200b")]),
            "evidence[0].title",
        ),
    ],
    ids=["ground", "commitment", "declined", "reasons", "document", "title"],
)
def test_texts_that_say_nothing_are_named(bench: Bench, request_: Message, field: str) -> None:
    """Above all, a refusal that says nothing is no acceptance."""
    refusal = refused(lambda: bench.call(request_))

    assert (refusal.code, refusal.wrong) == (INVALID, [(field, "REQUIRED")])
