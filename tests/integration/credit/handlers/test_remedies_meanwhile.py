"""Objections to a record that was revoked while nobody had decided them."""

import pytest

from safetycredit.credit.v1 import remedy_service_pb2 as service
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_remedies import DECIDER, decided
from tests.fakes.credit_world import PRECONDITION, refused, revocation

O = service.DecideObjectionRequest  # noqa: E741 -- the request whose outcomes are named.
R = service.Remedy


def revoked_meanwhile(bench: Bench) -> str:
    """File an objection and revoke its record otherwise; give the objection."""
    record_id = bench.penalty()
    remedy_id: str = bench.filed(record_id)
    bench.call.credit(revocation(record_id), DECIDER)
    return remedy_id


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        pytest.param(O.OUTCOME_REVOKE, R.STATE_UPHELD, id="upheld"),
        pytest.param(O.OUTCOME_REJECT, R.STATE_REJECTED, id="rejected"),
    ],
)
def test_an_objection_to_what_was_revoked_meanwhile_is_decided(
    bench: Bench, outcome: int, state: int
) -> None:
    """It is upheld without a second revocation, and nothing but the sharing is left to do."""
    remedy_id = revoked_meanwhile(bench)

    answer = bench.call(decided(remedy_id, outcome=outcome, reasons="已自行撤销"))

    assert answer.remedy.state == state
    actions = [one.action for one in bench.remedy(remedy_id).due]
    assert actions == [service.DueStep.ACTION_SHARE_RESULT]


def test_what_was_revoked_meanwhile_is_not_revised(bench: Bench) -> None:
    """There would be nothing to revise, for ever overdue; the refusal says what is left."""
    remedy_id = revoked_meanwhile(bench)

    refusal = refused(
        lambda: bench.call(decided(remedy_id, outcome=O.OUTCOME_REVISE, reasons="有误"))
    )

    assert (refusal.code, refusal.reason) == (PRECONDITION, "RECORD_REVOKED")


def test_what_is_revoked_before_it_was_revised_is_not_due_any_more(bench: Bench) -> None:
    """The decision asked for a revision; the revocation does away with it."""
    record_id = bench.penalty()
    remedy_id = bench.filed(record_id)
    bench.call(decided(remedy_id, outcome=O.OUTCOME_REVISE, reasons="金额有误"))
    waiting = bench.remedy(remedy_id).due[0].action

    bench.call.credit(revocation(record_id), DECIDER)

    assert waiting == service.DueStep.ACTION_REVISE_RECORD
    actions = [one.action for one in bench.remedy(remedy_id).due]
    assert actions == [service.DueStep.ACTION_SHARE_RESULT]
