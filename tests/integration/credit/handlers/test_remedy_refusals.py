"""What the law of objections and repairs does not allow: every reason, on both databases."""

from collections.abc import Callable
from datetime import date
from itertools import count

import grpc
import pytest
from google.protobuf.message import Message

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_calls import AUDITOR, EVERYWHERE
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import (
    AUTHORITY,
    DECIDER,
    PORTAL,
    acceptance,
    application,
    decided,
    grant,
    objection,
    publication,
    withdrawal,
)
from tests.fakes.credit_requests import (
    day,
    record,
)
from tests.fakes.credit_world import DENIED, INVALID, PRECONDITION, UNKNOWN, refused

_numbers = count(1)
REVOKE = service.DecideObjectionRequest.OUTCOME_REVOKE
CORRECT = service.DecideObjectionRequest.OUTCOME_CORRECT_ENTRY


Provoke = Callable[[Bench], tuple[Message, Caller]]


def unknown_record(_bench: Bench) -> tuple[Message, Caller]:
    """Object to what was never recorded."""
    return objection("r-77"), PORTAL


def unknown_entry(_bench: Bench) -> tuple[Message, Caller]:
    """Object to what is no entry."""
    return objection("l-77"), PORTAL


def unknown_remedy(_bench: Bench) -> tuple[Message, Caller]:
    """Get what was never opened."""
    return service.GetRemedyRequest(remedy_id="m-77"), AUDITOR


def remedy_of_another_kind(bench: Bench) -> tuple[Message, Caller]:
    """Accept an objection."""
    return acceptance(bench.filed(bench.penalty())), DECIDER


def revoked_record(bench: Bench) -> tuple[Message, Caller]:
    """Apply for the repair of what was revoked."""
    record_id = bench.penalty()
    bench.call(decided(bench.filed(record_id), outcome=REVOKE))
    return application(record_id), PORTAL


def second_objection(bench: Bench) -> tuple[Message, Caller]:
    """Object again while the first objection is open."""
    record_id = bench.penalty()
    bench.filed(record_id)
    return objection(record_id), PORTAL


def second_repair(bench: Bench) -> tuple[Message, Caller]:
    """Apply again while the first application is open."""
    record_id = bench.penalty()
    bench.applied(record_id)
    return application(record_id), PORTAL


def repaired_again(bench: Bench) -> tuple[Message, Caller]:
    """Apply for what is repaired."""
    record_id = bench.penalty()
    bench.granted(record_id)
    return application(record_id), PORTAL


def entry_repaired_again(bench: Bench) -> tuple[Message, Caller]:
    """Apply for an entry whose repair is granted."""
    entry_id = bench.entry(date(2025, 1, 1))
    bench.granted(entry_id)
    return application(entry_id), PORTAL


def before_any_policy(bench: Bench) -> tuple[Message, Caller]:
    """Object on a day before Order 58."""
    record_id = bench.penalty(date(2022, 1, 1))
    return objection(record_id, date=day(date(2023, 4, 30))), PORTAL


def publication_before_any_policy(bench: Bench) -> tuple[Message, Caller]:
    """Ask for publication on a day before Order 58."""
    return publication(bench.penalty(date(2022, 1, 1)), date(2023, 4, 30)), AUDITOR


def before_the_decision(bench: Bench) -> tuple[Message, Caller]:
    """Object the day before the penalty."""
    return objection(bench.penalty(), date=day(date(2026, 6, 30))), PORTAL


def before_the_application(bench: Bench) -> tuple[Message, Caller]:
    """Accept the day before the application."""
    return acceptance(bench.applied(bench.penalty()), date=day(date(2026, 11, 19))), DECIDER


def granted_unaccepted(bench: Bench) -> tuple[Message, Caller]:
    """Grant what was not accepted."""
    return grant(bench.applied(bench.penalty())), DECIDER


def accepted_twice(bench: Bench) -> tuple[Message, Caller]:
    """Accept again."""
    return acceptance(bench.accepted(bench.penalty())), DECIDER


def withdrawn_ungranted(bench: Bench) -> tuple[Message, Caller]:
    """Withdraw what was not granted."""
    return withdrawal(bench.accepted(bench.penalty())), DECIDER


def decided_twice(bench: Bench) -> tuple[Message, Caller]:
    """Decide an objection again."""
    remedy_id = bench.filed(bench.penalty())
    bench.call(decided(remedy_id))
    return decided(remedy_id), DECIDER


def other_authority(bench: Bench) -> tuple[Message, Caller]:
    """Accept what another authority decided."""
    other = Caller(
        identity="li",
        roles=DECIDER.roles,
        authority="北京市西城区应急管理局",
        divisions=EVERYWHERE,
        fields=EVERYWHERE,
    )
    return acceptance(bench.applied(bench.penalty())), other


def out_of_scope(bench: Bench) -> tuple[Message, Caller]:
    """Accept by a caller of the right authority without the field."""
    other = Caller(
        identity="li",
        roles=DECIDER.roles,
        authority=AUTHORITY,
        divisions=EVERYWHERE,
        fields=frozenset({"fire"}),
    )
    return acceptance(bench.applied(bench.penalty())), other


def duty_open(bench: Bench) -> tuple[Message, Caller]:
    """Grant the repair of a penalty that nobody saw performed."""
    return grant(bench.accepted(bench.penalty(performed_date=None))), DECIDER


def no_penalty(bench: Bench) -> tuple[Message, Caller]:
    """Apply for the repair of a report."""
    request = record(
        RecordKind.REPORT,
        head={"subject": bench.subject, "document_number": f"举{next(_numbers)}"},
    )
    return application(bench.call.credit(request).record.record_id), PORTAL


def redlist_entry(bench: Bench) -> tuple[Message, Caller]:
    """Apply for the repair of a redlist entry."""
    return application(bench.entry(date(2025, 1, 1), kind=2)), PORTAL


def removed_entry(bench: Bench) -> tuple[Message, Caller]:
    """Apply for an entry that is off its list."""
    return application(bench.entry(date(2025, 1, 1), removed=date(2026, 11, 20))), PORTAL


def portal_decides(bench: Bench) -> tuple[Message, Caller]:
    """Let the party's portal grant its own repair."""
    return grant(bench.accepted(bench.penalty())), PORTAL


def foreign_page(bench: Bench) -> tuple[Message, Caller]:
    """Ask for the next page of another list."""
    for _ in range(2):
        bench.applied(bench.penalty())
    first = bench.call(service.ListRemediesRequest(page_size=1), AUDITOR)
    request = service.ListRemediesRequest(
        page_size=1, page_token=first.next_page_token, authority=AUTHORITY
    )
    return request, AUDITOR


REFUSALS = [
    (unknown_record, UNKNOWN, "RECORD_UNKNOWN"),
    (unknown_entry, UNKNOWN, "ENTRY_UNKNOWN"),
    (unknown_remedy, UNKNOWN, "REMEDY_UNKNOWN"),
    (remedy_of_another_kind, UNKNOWN, "REMEDY_UNKNOWN"),
    (revoked_record, PRECONDITION, "RECORD_REVOKED"),
    (second_objection, PRECONDITION, "REMEDY_OPEN"),
    (second_repair, PRECONDITION, "REMEDY_OPEN"),
    (repaired_again, PRECONDITION, "PUBLICATION_OVER"),
    (entry_repaired_again, PRECONDITION, "REMEDY_OPEN"),
    (before_any_policy, PRECONDITION, "PERIODS_UNDEFINED"),
    (publication_before_any_policy, PRECONDITION, "PERIODS_UNDEFINED"),
    (before_the_decision, PRECONDITION, "STEP_BEFORE_PREVIOUS"),
    (before_the_application, PRECONDITION, "STEP_BEFORE_PREVIOUS"),
    (granted_unaccepted, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (accepted_twice, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (withdrawn_ungranted, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (decided_twice, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (other_authority, PRECONDITION, "WRONG_AUTHORITY"),
    (out_of_scope, DENIED, "OUT_OF_SCOPE"),
    (duty_open, PRECONDITION, "DUTY_NOT_PERFORMED"),
    (no_penalty, PRECONDITION, "NOT_REPAIRABLE"),
    (redlist_entry, PRECONDITION, "NOT_REPAIRABLE"),
    (removed_entry, PRECONDITION, "PUBLICATION_OVER"),
    (portal_decides, DENIED, "ACCESS_DENIED"),
    (foreign_page, INVALID, "PAGE_TOKEN_MISMATCH"),
]


@pytest.mark.parametrize(
    ("provoke", "code", "reason"), REFUSALS, ids=[one[0].__name__ for one in REFUSALS]
)
def test_what_the_law_does_not_allow_is_refused(
    bench: Bench, provoke: Provoke, code: grpc.StatusCode, reason: str
) -> None:
    """Every refusal has its reason, and nothing is written."""
    request, caller = provoke(bench)
    before = bench.server.database.point().revision

    refusal: RefusalError = refused(lambda: bench.call(request, caller))

    assert (refusal.code, refusal.reason) == (code, reason)
    assert bench.server.database.point().revision == before


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        pytest.param(
            objection("e-1", ground=" ", evidence=[service.Evidence(sha256="AB", title="")]),
            {
                ("ground", "REQUIRED"),
                ("target_id", "ID_MALFORMED"),
                ("evidence[0].sha256", "DIGEST_MALFORMED"),
            },
            id="objection",
        ),
        pytest.param(
            application("r-1", evidence=[], date=day(date(2026, 11, 21))),
            {("evidence", "REQUIRED"), ("date", "DATE_IN_FUTURE")},
            id="application",
        ),
        pytest.param(
            decided("m-1", outcome=0, reasons="", document_number=""),
            {("outcome", "REQUIRED"), ("reasons", "REQUIRED"), ("document_number", "REQUIRED")},
            id="decision",
        ),
        pytest.param(
            grant("m-1", outcome=0, reasons=""),
            {("outcome", "REQUIRED"), ("reasons", "REQUIRED")},
            id="grant",
        ),
    ],
)
def test_every_wrong_field_is_named_at_once(
    bench: Bench, request_: Message, wrong: set[tuple[str, str]]
) -> None:
    """One failed call names every wrong field."""
    refusal = refused(lambda: bench.call(request_))

    assert (refusal.code, set(refusal.wrong)) == (INVALID, wrong)
