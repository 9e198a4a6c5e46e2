"""Remedies of an enterprise that moved: who decided decides again, within its own district."""

from dataclasses import replace
from datetime import date

import pytest

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_remedies import (
    DECIDER,
    acceptance,
    application,
    decided,
    grant,
    objection,
    sharing,
    withdrawal,
)
from tests.fakes.credit_requests import day, profile, update
from tests.fakes.credit_world import DENIED, PRECONDITION, refused

OLD, NEW = frozenset({"110105"}), frozenset({"110106"})
OWN = replace(DECIDER, divisions=OLD)
REVOKE = service.DecideObjectionRequest.OUTCOME_REVOKE
CORRECT = service.DecideObjectionRequest.OUTCOME_CORRECT_ENTRY


def move(bench: Bench) -> None:
    """Move the enterprise of the bench to the next district, from 1 August 2026 on."""
    request = update(
        subject=bench.subject,
        effective_date=day(date(2026, 8, 1)),
        profile=profile(division="110106"),
    )
    bench.call.credit(request, DECIDER)


def test_a_repair_is_decided_where_the_penalty_was(bench: Bench) -> None:
    """Accepted, granted, shared and withdrawn by the district that penalised."""
    record_id = bench.penalty()
    move(bench)
    remedy_id = bench.call(application(record_id), bench.portal).remedy.remedy_id

    steps = (acceptance(remedy_id), grant(remedy_id), sharing(remedy_id), withdrawal(remedy_id))
    states = [bench.call(one, OWN).remedy.state for one in steps]

    assert states == [
        service.Remedy.STATE_ACCEPTED,
        service.Remedy.STATE_GRANTED,
        service.Remedy.STATE_GRANTED,
        service.Remedy.STATE_WITHDRAWN,
    ]


@pytest.mark.parametrize(
    ("who", "code", "reason"),
    [
        pytest.param(
            replace(DECIDER, authority="北京市丰台区应急管理局", divisions=NEW),
            PRECONDITION,
            "WRONG_AUTHORITY",
            id="where-it-moved",
        ),
        pytest.param(
            replace(DECIDER, divisions=frozenset({"110101"})),
            DENIED,
            "OUT_OF_SCOPE",
            id="another-desk",
        ),
        pytest.param(
            replace(OWN, fields=frozenset({"fire"})), DENIED, "OUT_OF_SCOPE", id="another-field"
        ),
    ],
)
def test_nobody_else_gains_by_a_move(bench: Bench, who: Caller, code: object, reason: str) -> None:
    """Neither the new district, nor a desk of another place or field of the same authority."""
    record_id = bench.penalty()
    move(bench)
    remedy_id = bench.call(application(record_id), bench.portal).remedy.remedy_id

    error = refused(lambda: bench.call(acceptance(remedy_id), who))

    assert (error.code, error.reason) == (code, reason)


def test_an_objection_is_decided_where_the_penalty_was(bench: Bench) -> None:
    """The record is revoked by the district that recorded it."""
    record_id = bench.penalty()
    move(bench)
    remedy_id = bench.call(objection(record_id), bench.portal).remedy.remedy_id

    answer = bench.call(decided(remedy_id, outcome=REVOKE), OWN)

    assert answer.remedy.state == service.Remedy.STATE_UPHELD


def test_an_objection_to_an_entry_is_decided_where_its_penalty_was(bench: Bench) -> None:
    """A case that was opened after the move still rests on a record of the old district."""
    record_id = bench.penalty()
    move(bench)
    entry_id = bench.entry(date(2026, 9, 1), grounds={"R1": [record_id]})
    remedy_id = bench.call(objection(entry_id), bench.portal).remedy.remedy_id
    other = bench.entry(date(2026, 9, 1))
    without = bench.call(objection(other), bench.portal).remedy.remedy_id

    answer = bench.call(decided(remedy_id, outcome=CORRECT), OWN)
    error = refused(lambda: bench.call(decided(without, outcome=CORRECT), OWN))

    assert answer.remedy.state == service.Remedy.STATE_UPHELD
    assert error.reason == "OUT_OF_SCOPE"
