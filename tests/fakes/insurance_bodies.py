"""Bodies of insurance records: with everything they may say, and with what they must."""

from datetime import date

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

FULL_INSURANCE: list[InsuranceBody] = [
    InsurancePolicy(
        insurance_kind=InsuranceKind.EMPLOYERS_LIABILITY,
        start_date=date(2025, 4, 1),
        end_date=date(2026, 4, 1),
        insured_headcount=10_000_000,
        limit_per_person_fen=10**12,
        aggregate_limit_fen=10**13,
        premium_fen=10**12,
        plan_id="cn.beijing.xicheng.insurance-rate",
        quote_id="q-1",
        basis="基准费率\n浮动",
    ),
    Endorsement(
        policy_record_id=2**62,
        effective_date=date(2025, 6, 1),
        insured_headcount=1,
        limit_per_person_fen=1,
        aggregate_limit_fen=2,
        premium_change_fen=-(10**12),
        end_date=date(2026, 9, 28),
        cancelled=True,
    ),
    Claim(
        policy_record_id=7,
        incurred_date=date(2025, 3, 9),
        accident_record_id=8,
        reserved_fen=10**13,
        settled_date=date(2025, 5, 1),
    ),
    InsurancePayment(
        policy_record_id=7,
        payment_kind=PaymentKind.COMPENSATION,
        amount_fen=10**13,
        claim_record_id=9,
    ),
    PreventionPlan(
        policy_record_id=7,
        item=PreventionItem.OTHER,
        service_count=1_000,
        due_date=date(2026, 3, 31),
        budget_fen=10**12,
    ),
    PreventionService(
        policy_record_id=7,
        item=PreventionItem.EMERGENCY,
        plan_record_id=9,
        place="二号库房",
        service_body="某安全技术服务机构",
        staff_count=2,
        participant_count=30,
        findings="通道堵塞\n二",
        hazard_count=3,
        cost_fen=10**12,
        insurer_confirmed_date=date(2025, 3, 11),
        insured_confirmed_date=date(2025, 3, 12),
    ),
]
BARE_INSURANCE: list[InsuranceBody] = [
    InsurancePolicy(
        insurance_kind=InsuranceKind.WORK_SAFETY_LIABILITY,
        start_date=date(2025, 4, 1),
        end_date=date(2025, 4, 2),
        insured_headcount=1,
        limit_per_person_fen=1,
        aggregate_limit_fen=1,
        premium_fen=1,
    ),
    Endorsement(policy_record_id=7, effective_date=date(2025, 6, 1), premium_change_fen=1),
    Claim(policy_record_id=7, incurred_date=date(2025, 3, 10)),
    InsurancePayment(policy_record_id=7, payment_kind=PaymentKind.PREMIUM, amount_fen=1),
    PreventionPlan(
        policy_record_id=7,
        item=PreventionItem.TRAINING,
        service_count=1,
        due_date=date(2025, 3, 10),
    ),
    PreventionService(policy_record_id=7, item=PreventionItem.TRAINING),
]
