"""Insurance as bodies of records: policies, what changes them, claims, payments, services.

The authority of their headers is the insurer. They are kept as they are stated: whether a cover is
enough is for the policies to say, and for nobody who records it.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.credit.domain.codes import InsuranceKind, PaymentKind, PreventionItem, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePolicy:
    """An insurance policy (保单); cover lasts on ``[start_date, end_date)``."""

    kind: ClassVar[RecordKind] = RecordKind.INSURANCE_POLICY

    insurance_kind: InsuranceKind
    start_date: date
    end_date: date
    insured_headcount: int
    limit_per_person_fen: int
    aggregate_limit_fen: int
    premium_fen: int
    plan_id: str = ""
    quote_id: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """A change of an insurance policy (批单); what is none stays as it was."""

    kind: ClassVar[RecordKind] = RecordKind.ENDORSEMENT

    policy_record_id: int
    effective_date: date
    insured_headcount: int | None = None
    limit_per_person_fen: int | None = None
    aggregate_limit_fen: int | None = None
    premium_change_fen: int = 0
    end_date: date | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim against an insurance policy (理赔)."""

    kind: ClassVar[RecordKind] = RecordKind.CLAIM

    policy_record_id: int
    incurred_date: date
    accident_record_id: int | None = None
    reserved_fen: int = 0
    settled_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePayment:
    """Money taken or paid for an insurance policy (保险收付)."""

    kind: ClassVar[RecordKind] = RecordKind.INSURANCE_PAYMENT

    policy_record_id: int
    payment_kind: PaymentKind
    amount_fen: int
    claim_record_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionPlan:
    """One item of a plan of prevention services (事故预防服务计划)."""

    kind: ClassVar[RecordKind] = RecordKind.PREVENTION_PLAN

    policy_record_id: int
    item: PreventionItem
    service_count: int
    due_date: date
    budget_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventionService:
    """One prevention service done for an insured enterprise (事故预防服务)."""

    kind: ClassVar[RecordKind] = RecordKind.PREVENTION_SERVICE

    policy_record_id: int
    item: PreventionItem
    plan_record_id: int | None = None
    place: str = ""
    service_body: str = ""
    staff_count: int = 0
    participant_count: int = 0
    findings: str = ""
    hazard_count: int = 0
    cost_fen: int = 0
    insurer_confirmed_date: date | None = None
    insured_confirmed_date: date | None = None


InsuranceBody = (
    InsurancePolicy | Endorsement | Claim | InsurancePayment | PreventionPlan | PreventionService
)
"""What an insurance record says of its kind."""
