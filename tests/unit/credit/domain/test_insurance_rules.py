"""What insurance records must fulfil: the impossible is refused by name, the rest recorded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.credit.domain.codes import InsuranceKind, PaymentKind, PreventionItem
from services.credit.domain.insurance import (
    Claim,
    Endorsement,
    InsuranceBody,
    InsurancePayment,
    InsurancePolicy,
    PreventionPlan,
    PreventionService,
)
from services.credit.domain.insurance_rules import INSURANCE_RULES
from services.credit.domain.rules import Moment, violations_of

EVENT = date(2025, 3, 10)
TODAY = date(2025, 6, 1)
MOMENT = Moment(now=datetime(2025, 6, 1, 4, tzinfo=UTC), today=TODAY, event_date=EVENT)
POLICY = InsurancePolicy(
    insurance_kind=InsuranceKind.WORK_SAFETY_LIABILITY,
    start_date=date(2025, 4, 1),
    end_date=date(2026, 4, 1),
    insured_headcount=1,
    limit_per_person_fen=1,
    aggregate_limit_fen=1,
    premium_fen=1,
)
ENDORSEMENT = Endorsement(policy_record_id=7, effective_date=date(2025, 5, 1), insured_headcount=1)
CLAIM = Claim(policy_record_id=7, incurred_date=EVENT)
PAYMENT = InsurancePayment(policy_record_id=7, payment_kind=PaymentKind.COMPENSATION, amount_fen=1)
PLAN = PreventionPlan(
    policy_record_id=7, item=PreventionItem.TRAINING, service_count=1, due_date=EVENT
)
SERVICE = PreventionService(policy_record_id=7, item=PreventionItem.TRAINING)


def broken(body: InsuranceBody) -> list[tuple[str, str]]:
    """Give the fields and reasons of the rules that a body breaks."""
    found = violations_of(body, INSURANCE_RULES[body.kind], MOMENT)
    return [(one.field, one.reason) for one in found]


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        pytest.param(POLICY, {}, id="the-least-policy"),
        pytest.param(POLICY, {"end_date": date(2025, 4, 2)}, id="one-day-of-cover"),
        pytest.param(POLICY, {"start_date": date(2020, 1, 1)}, id="cover-that-began-long-ago"),
        pytest.param(POLICY, {"insured_headcount": 10_000_000}, id="most-persons"),
        pytest.param(POLICY, {"premium_fen": 10**12}, id="highest-premium"),
        pytest.param(ENDORSEMENT, {}, id="the-least-endorsement"),
        pytest.param(
            ENDORSEMENT, {"insured_headcount": None, "cancelled": True}, id="a-cancellation"
        ),
        pytest.param(
            ENDORSEMENT,
            {"insured_headcount": None, "cancelled": True, "premium_change_fen": -(10**12)},
            id="a-cancellation-with-a-return",
        ),
        pytest.param(ENDORSEMENT, {"end_date": date(2025, 5, 2)}, id="a-day-after"),
        pytest.param(CLAIM, {"settled_date": TODAY}, id="settled-today"),
        pytest.param(PAYMENT, {"claim_record_id": 9}, id="compensation-of-a-claim"),
        pytest.param(PLAN, {"service_count": 1_000}, id="most-services"),
        pytest.param(SERVICE, {"insured_confirmed_date": EVENT}, id="confirmed-at-once"),
    ],
)
def test_what_can_be_is_recorded(body: InsuranceBody, changes: dict[str, Any]) -> None:
    """Whether a cover is enough is no matter of recording it: one fen per person passes."""
    assert broken(replace(body, **changes)) == []


@pytest.mark.parametrize(
    ("body", "changes", "wrong"),
    [
        pytest.param(
            POLICY,
            {"end_date": date(2025, 4, 1)},
            ("end_date", "END_NOT_AFTER_START"),
            id="no-day-of-cover",
        ),
        pytest.param(
            POLICY,
            {"insured_headcount": 0},
            ("insured_headcount", "NUMBER_TOO_SMALL"),
            id="nobody-insured",
        ),
        pytest.param(
            POLICY,
            {"insured_headcount": 10_000_001},
            ("insured_headcount", "NUMBER_TOO_LARGE"),
            id="too-many-insured",
        ),
        pytest.param(
            POLICY,
            {"limit_per_person_fen": 0},
            ("limit_per_person", "AMOUNT_NOT_ABOVE_ZERO"),
            id="no-limit",
        ),
        pytest.param(
            POLICY,
            {"premium_fen": -1},
            ("premium", "AMOUNT_NOT_ABOVE_ZERO"),
            id="a-negative-premium",
        ),
        pytest.param(
            POLICY,
            {"premium_fen": 10**12 + 1},
            ("premium", "AMOUNT_TOO_LARGE"),
            id="a-premium-beyond-all",
        ),
        pytest.param(
            ENDORSEMENT,
            {"insured_headcount": None},
            ("effective_date", "NOTHING_CHANGES"),
            id="nothing-changes",
        ),
        pytest.param(
            ENDORSEMENT,
            {"cancelled": True},
            ("cancelled", "CANCELLED_AND_CHANGED"),
            id="cancelled-and-changed",
        ),
        pytest.param(
            ENDORSEMENT,
            {"end_date": date(2025, 5, 1)},
            ("end_date", "END_NOT_AFTER_START"),
            id="ends-when-it-holds",
        ),
        pytest.param(
            ENDORSEMENT,
            {"insured_headcount": 0},
            ("insured_headcount", "NUMBER_TOO_SMALL"),
            id="nobody-left",
        ),
        pytest.param(
            ENDORSEMENT,
            {"premium_change_fen": -(10**12) - 1},
            ("premium_change", "AMOUNT_TOO_LARGE"),
            id="a-return-beyond-all",
        ),
        pytest.param(
            CLAIM,
            {"incurred_date": date(2025, 3, 11)},
            ("incurred_date", "DATE_AFTER_EVENT"),
            id="lost-after-the-report",
        ),
        pytest.param(
            CLAIM,
            {"settled_date": date(2025, 6, 2)},
            ("settled_date", "DATE_IN_FUTURE"),
            id="settled-tomorrow",
        ),
        pytest.param(
            PAYMENT, {"amount_fen": 0}, ("amount", "AMOUNT_NOT_ABOVE_ZERO"), id="no-money"
        ),
        pytest.param(
            PAYMENT,
            {"payment_kind": PaymentKind.PREMIUM, "claim_record_id": 9},
            ("claim_record_id", "CLAIM_ASTRAY"),
            id="premium-of-a-claim",
        ),
        pytest.param(
            PLAN, {"service_count": 0}, ("service_count", "NUMBER_TOO_SMALL"), id="no-service"
        ),
        pytest.param(
            PLAN,
            {"due_date": date(2025, 3, 9)},
            ("due_date", "DATE_BEFORE_EVENT"),
            id="due-before-it-was-made",
        ),
        pytest.param(
            SERVICE,
            {"insurer_confirmed_date": date(2025, 3, 9)},
            ("insurer_confirmed_date", "DATE_BEFORE_EVENT"),
            id="confirmed-before-it-was-done",
        ),
        pytest.param(SERVICE, {"cost_fen": -1}, ("cost", "AMOUNT_BELOW_ZERO"), id="negative-cost"),
    ],
)
def test_what_cannot_be_is_refused(
    body: InsuranceBody, changes: dict[str, Any], wrong: tuple[str, str]
) -> None:
    """The refusal names the field and why."""
    assert broken(replace(body, **changes)) == [wrong]
