"""What the law of objections and repairs does not allow: every reason, on both databases."""

from collections.abc import Callable
from dataclasses import replace
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
    acceptance,
    application,
    decided,
    extension,
    grant,
    objection,
    publication,
    sharing,
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
    return objection("r-77"), DECIDER


def unknown_entry(_bench: Bench) -> tuple[Message, Caller]:
    """Object to what is no entry."""
    return objection("l-77"), DECIDER


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
    return application(record_id), bench.portal


def second_objection(bench: Bench) -> tuple[Message, Caller]:
    """Object again while the first objection is open."""
    record_id = bench.penalty()
    bench.filed(record_id)
    return objection(record_id), bench.portal


def second_repair(bench: Bench) -> tuple[Message, Caller]:
    """Apply again while the first application is open."""
    record_id = bench.penalty()
    bench.applied(record_id)
    return application(record_id), bench.portal


def repaired_again(bench: Bench) -> tuple[Message, Caller]:
    """Apply for what is repaired."""
    record_id = bench.penalty()
    bench.granted(record_id)
    return application(record_id), bench.portal


def entry_repaired_again(bench: Bench) -> tuple[Message, Caller]:
    """Apply for an entry whose repair is granted."""
    entry_id = bench.entry(date(2025, 1, 1))
    bench.granted(entry_id)
    return application(entry_id), bench.portal


def before_any_policy(bench: Bench) -> tuple[Message, Caller]:
    """Object on a day before Order 58."""
    record_id = bench.penalty(date(2022, 1, 1))
    return objection(record_id, date=day(date(2023, 4, 30))), DECIDER


def publication_before_any_policy(bench: Bench) -> tuple[Message, Caller]:
    """Ask for publication on a day before Order 58."""
    return publication(bench.penalty(date(2022, 1, 1)), date(2023, 4, 30)), AUDITOR


def before_the_decision(bench: Bench) -> tuple[Message, Caller]:
    """Object the day before the penalty."""
    return objection(bench.penalty(), date=day(date(2026, 6, 30))), DECIDER


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


def extended_unaccepted(bench: Bench) -> tuple[Message, Caller]:
    """Extend what was not accepted."""
    return extension(bench.applied(bench.penalty())), DECIDER


def extended_twice(bench: Bench) -> tuple[Message, Caller]:
    """Extend again."""
    remedy_id = bench.accepted(bench.penalty())
    bench.call(extension(remedy_id))
    return extension(remedy_id), DECIDER


def extended_too_late(bench: Bench) -> tuple[Message, Caller]:
    """Extend on the eleventh working day after the acceptance."""
    remedy_id = bench.applied(bench.penalty(), date=day(date(2026, 11, 5)))
    bench.call(acceptance(remedy_id, date=day(date(2026, 11, 5))))
    return extension(remedy_id), DECIDER


def told_too_late(bench: Bench) -> tuple[Message, Caller]:
    """Extend on the tenth, and tell the applicant on the eleventh."""
    remedy_id = bench.applied(bench.penalty(), date=day(date(2026, 11, 5)))
    bench.call(acceptance(remedy_id, date=day(date(2026, 11, 5))))
    dates = {"date": day(date(2026, 11, 19)), "told_date": day(date(2026, 11, 20))}
    return extension(remedy_id, **dates), DECIDER


def entry_extended(bench: Bench) -> tuple[Message, Caller]:
    """Extend the decision on an entry, which no text lets anybody."""
    return extension(bench.accepted(bench.entry(date(2025, 1, 1)))), DECIDER


def old_law_extended(bench: Bench) -> tuple[Message, Caller]:
    """Extend the decision on an application of the time of Order 58."""
    opened = {"date": day(date(2026, 3, 31))}
    remedy_id = bench.applied(bench.penalty(date(2025, 3, 31)), **opened)
    bench.call(acceptance(remedy_id, **opened))
    return extension(remedy_id, **opened), DECIDER


def objection_extended(bench: Bench) -> tuple[Message, Caller]:
    """Extend the decision on an objection, which no text lets anybody."""
    return extension(bench.filed(bench.penalty())), DECIDER


def extended_out_of_scope(bench: Bench) -> tuple[Message, Caller]:
    """Extend by a caller of the right authority without the field."""
    return extension(bench.accepted(bench.penalty())), replace(DECIDER, fields=frozenset())


def shared_undecided(bench: Bench) -> tuple[Message, Caller]:
    """Share what is not decided."""
    return sharing(bench.accepted(bench.penalty())), DECIDER


def shared_twice(bench: Bench) -> tuple[Message, Caller]:
    """Share again."""
    remedy_id = bench.granted(bench.penalty())
    bench.call(sharing(remedy_id))
    return sharing(remedy_id), DECIDER


def shared_by_another(bench: Bench) -> tuple[Message, Caller]:
    """Share what another authority decided."""
    other = replace(DECIDER, authority="北京市西城区应急管理局")
    return sharing(bench.granted(bench.penalty())), other


def shared_out_of_scope(bench: Bench) -> tuple[Message, Caller]:
    """Share by a caller of the right authority without the field."""
    return sharing(bench.granted(bench.penalty())), replace(DECIDER, fields=frozenset())


def unknown_shared(_bench: Bench) -> tuple[Message, Caller]:
    """Share what was never opened."""
    return sharing("m-77"), DECIDER


def portal_shares(bench: Bench) -> tuple[Message, Caller]:
    """Let the party's portal share its own result."""
    return sharing(bench.granted(bench.penalty())), bench.portal


def no_penalty(bench: Bench) -> tuple[Message, Caller]:
    """Apply for the repair of a report."""
    request = record(
        RecordKind.REPORT,
        head={"subject": bench.subject, "document_number": f"举{next(_numbers)}"},
    )
    return application(bench.call.credit(request).record.record_id), bench.portal


def redlist_entry(bench: Bench) -> tuple[Message, Caller]:
    """Apply for the repair of a redlist entry."""
    return application(bench.entry(date(2025, 1, 1), kind=2)), bench.portal


def removed_entry(bench: Bench) -> tuple[Message, Caller]:
    """Apply for an entry that is off its list."""
    return application(bench.entry(date(2025, 1, 1), removed=date(2026, 11, 20))), bench.portal


def portal_decides(bench: Bench) -> tuple[Message, Caller]:
    """Let the party's portal grant its own repair."""
    return grant(bench.accepted(bench.penalty())), bench.portal


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
    (extended_unaccepted, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (extended_twice, PRECONDITION, "EXTENSION_REPEATED"),
    (extended_too_late, PRECONDITION, "EXTENSION_TOO_LATE"),
    (told_too_late, PRECONDITION, "EXTENSION_TOO_LATE"),
    (entry_extended, PRECONDITION, "EXTENSION_NOT_PROVIDED"),
    (old_law_extended, PRECONDITION, "EXTENSION_NOT_PROVIDED"),
    (objection_extended, UNKNOWN, "REMEDY_UNKNOWN"),
    (extended_out_of_scope, DENIED, "OUT_OF_SCOPE"),
    (shared_undecided, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (shared_twice, PRECONDITION, "STEP_OUT_OF_ORDER"),
    (shared_by_another, PRECONDITION, "WRONG_AUTHORITY"),
    (shared_out_of_scope, DENIED, "OUT_OF_SCOPE"),
    (unknown_shared, UNKNOWN, "REMEDY_UNKNOWN"),
    (portal_shares, DENIED, "ACCESS_DENIED"),
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
