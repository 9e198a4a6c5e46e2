"""Insurance as records: policies, what changes them, claims, payments, prevention services.

The header row of each is in `models.records`; the authority there is the insurer.
"""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64
from models.records import RecordBodyKey


class InsurancePolicyRow(RecordBodyKey, Base):
    """An insurance policy (保单)."""

    __tablename__ = "insurance_policies"
    __table_args__ = {"comment": "Insurance policies", "info": {"writer": "credit"}}

    insurance_kind: Mapped[int] = mapped_column(SmallInteger, comment="InsuranceKind number")
    start_date: Mapped[date] = mapped_column(Date, comment="First day of cover")
    end_date: Mapped[date] = mapped_column(Date, comment="Day after the last day of cover")
    insured_headcount: Mapped[int] = mapped_column(Integer, comment="Persons insured")
    limit_per_person_fen: Mapped[int] = mapped_column(BigInteger, comment="Limit per person in fen")
    aggregate_limit_fen: Mapped[int] = mapped_column(
        BigInteger, comment="Limit of all claims in fen"
    )
    premium_fen: Mapped[int] = mapped_column(BigInteger, comment="Premium in fen")
    plan_id: Mapped[str] = mapped_column(String(100), comment="Rate plan; empty when not given")
    quote_id: Mapped[str] = mapped_column(String(100), comment="Quote it was bound from; or empty")
    basis: Mapped[str] = mapped_column(String(1000), comment="What the premium rests on")


class EndorsementRow(RecordBodyKey, Base):
    """A change of an insurance policy (批单)."""

    __tablename__ = "endorsements"
    __table_args__ = (
        Index("ix_endorsements_policy", "policy_record_id"),
        {"comment": "Changes of insurance policies", "info": {"writer": "credit"}},
    )

    policy_record_id: Mapped[int] = mapped_column(Int64, comment="Insurance policy changed")
    effective_date: Mapped[date] = mapped_column(Date, comment="Day from which it holds")
    insured_headcount: Mapped[int | None] = mapped_column(
        Integer, comment="Persons insured from then on; null when unchanged"
    )
    limit_per_person_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Limit per person in fen; null when unchanged"
    )
    aggregate_limit_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Limit of all claims in fen; null when unchanged"
    )
    premium_change_fen: Mapped[int] = mapped_column(
        BigInteger, comment="Added to the premium, in fen; negative when returned"
    )
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="New day after the last day of cover; null when unchanged"
    )
    cancelled: Mapped[bool] = mapped_column(Boolean, comment="Whether the policy is cancelled")


class ClaimRow(RecordBodyKey, Base):
    """A claim (理赔)."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_policy", "policy_record_id"),
        {"comment": "Claims", "info": {"writer": "credit"}},
    )

    policy_record_id: Mapped[int] = mapped_column(Int64, comment="Insurance policy")
    accident_record_id: Mapped[int | None] = mapped_column(Int64, comment="Accident behind it")
    incurred_date: Mapped[date] = mapped_column(Date, comment="Day of the loss")
    reserved_fen: Mapped[int] = mapped_column(BigInteger, comment="Expected payment in fen")
    settled_date: Mapped[date | None] = mapped_column(
        Date, comment="Day it was settled; null while it is open"
    )


class InsurancePaymentRow(RecordBodyKey, Base):
    """Money taken or paid for an insurance policy (保险收付)."""

    __tablename__ = "insurance_payments"
    __table_args__ = (
        Index("ix_insurance_payments_policy", "policy_record_id"),
        {"comment": "Premiums received, compensation paid", "info": {"writer": "credit"}},
    )

    policy_record_id: Mapped[int] = mapped_column(Int64, comment="Insurance policy")
    payment_kind: Mapped[int] = mapped_column(SmallInteger, comment="PaymentKind number")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="Amount in fen")
    claim_record_id: Mapped[int | None] = mapped_column(Int64, comment="Claim paid")


class PreventionPlanRow(RecordBodyKey, Base):
    """An item of a plan of prevention services (事故预防服务计划)."""

    __tablename__ = "prevention_plans"
    __table_args__ = (
        Index("ix_prevention_plans_policy", "policy_record_id"),
        {"comment": "Items of plans of prevention services", "info": {"writer": "credit"}},
    )

    policy_record_id: Mapped[int] = mapped_column(Int64, comment="Insurance policy")
    item: Mapped[int] = mapped_column(SmallInteger, comment="PreventionItem number")
    service_count: Mapped[int] = mapped_column(Integer, comment="How often by the due date")
    due_date: Mapped[date] = mapped_column(Date, comment="Last day for all of it")
    budget_fen: Mapped[int] = mapped_column(BigInteger, comment="What it may cost, in fen")


class PreventionServiceRow(RecordBodyKey, Base):
    """A prevention service done (事故预防服务)."""

    __tablename__ = "prevention_services"
    __table_args__ = (
        Index("ix_prevention_services_policy", "policy_record_id"),
        {"comment": "Prevention services done", "info": {"writer": "credit"}},
    )

    policy_record_id: Mapped[int] = mapped_column(Int64, comment="Insurance policy")
    plan_record_id: Mapped[int | None] = mapped_column(Int64, comment="Item of the plan fulfilled")
    item: Mapped[int] = mapped_column(SmallInteger, comment="PreventionItem number")
    place: Mapped[str] = mapped_column(String(1000), comment="Where it was done")
    service_body: Mapped[str] = mapped_column(String(100), comment="Body that did it; or empty")
    staff_count: Mapped[int] = mapped_column(Integer, comment="Persons who did it")
    participant_count: Mapped[int] = mapped_column(Integer, comment="Persons who took part")
    findings: Mapped[str] = mapped_column(Text, comment="What was found")
    hazard_count: Mapped[int] = mapped_column(Integer, comment="Hazards found")
    cost_fen: Mapped[int] = mapped_column(BigInteger, comment="What it cost, in fen")
    insurer_confirmed_date: Mapped[date | None] = mapped_column(
        Date, comment="Day the insurer confirmed it"
    )
    insured_confirmed_date: Mapped[date | None] = mapped_column(
        Date, comment="Day the insured enterprise confirmed it"
    )
