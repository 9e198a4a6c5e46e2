"""Objections and credit repairs: one row for each, a row for every step, and what repairs changed.

Steps are appended and never edited. A row of ``repairs`` is superseded when the repair is
withdrawn.
"""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class RemedyRow(Base):
    """An objection (异议) or a repair (信用修复), as it was opened."""

    __tablename__ = "remedies"
    __table_args__ = (
        Index("ix_remedies_record", "record_id"),
        Index("ix_remedies_entry", "entry_id"),
        Index("ix_remedies_authority", "authority", "remedy_id"),
        {"comment": "Objections and credit repairs", "info": {"writer": "credit"}},
    )

    remedy_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="1 objection, 2 repair")
    record_id: Mapped[int | None] = mapped_column(
        Int64, comment="Record that it is about; null for a list entry"
    )
    entry_id: Mapped[int | None] = mapped_column(
        Int64, comment="List entry that it is about; null for a record"
    )
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise or person concerned")
    person: Mapped[bool] = mapped_column(Boolean, comment="Whether the subject is a person")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number")
    authority: Mapped[str] = mapped_column(
        String(100), comment="Authority that made the decision, and decides here"
    )
    document_number: Mapped[str] = mapped_column(
        String(100), comment="Document that it is about, as printed"
    )
    decision_date: Mapped[date] = mapped_column(Date, comment="Day of that document")
    policy_id: Mapped[str] = mapped_column(String(100), comment="Policy of its periods")
    policy_version: Mapped[str] = mapped_column(String(50), comment="Version it keeps")
    policy_digest: Mapped[str] = mapped_column(String(64), comment="Digest of that version")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that opened it")


class RemedyStepRow(Base):
    """One step of an objection or a repair."""

    __tablename__ = "remedy_steps"
    __table_args__ = {
        "comment": "Steps of objections and repairs, only ever appended",
        "info": {"writer": "credit"},
    }

    remedy_id: Mapped[int] = mapped_column(
        Int64,
        ForeignKey("remedies.remedy_id"),
        primary_key=True,
        autoincrement=False,
        comment="The objection or repair",
    )
    number: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Number, from 1"
    )
    state: Mapped[int] = mapped_column(SmallInteger, comment="State that it led to")
    act: Mapped[int] = mapped_column(
        SmallInteger,
        server_default="0",
        comment="RemedyAct number of what left the state as it was; 0 for what led to it",
    )
    step_date: Mapped[date] = mapped_column(Date, comment="Civil day of the step")
    told_date: Mapped[date | None] = mapped_column(
        Date, comment="Day on which the applicant was told of an extension; null otherwise"
    )
    authority: Mapped[str] = mapped_column(
        String(100), comment="Authority that took it; empty for the party"
    )
    document_number: Mapped[str] = mapped_column(String(100), comment="Its document; or empty")
    text: Mapped[str] = mapped_column(Text, comment="Ground, reasons or commitment")
    follow_up: Mapped[int] = mapped_column(
        SmallInteger, comment="DueStep action that it asks for elsewhere; 0 for none"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")


class RemedyEvidenceRow(Base):
    """A piece of evidence of a step, by digest."""

    __tablename__ = "remedy_evidence"
    __table_args__ = {
        "comment": "Evidence of steps by digest; the pieces stay with who holds them",
        "info": {"writer": "credit"},
    }

    remedy_id: Mapped[int] = mapped_column(
        Int64,
        ForeignKey("remedies.remedy_id"),
        primary_key=True,
        autoincrement=False,
        comment="The objection or repair",
    )
    number: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Number of the step"
    )
    position: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Place in the step, from 1"
    )
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), comment="SHA-256 of its bytes")
    title: Mapped[str] = mapped_column(String(200), comment="What it is")


class RepairRow(Base):
    """That a record counts as repaired from a day on."""

    __tablename__ = "repairs"
    __table_args__ = (
        Index("ix_repairs_record", "record_id"),
        Index("ix_repairs_recorded", "recorded_revision"),
        Index("ix_repairs_superseded", "superseded_revision"),
        {"comment": "Records that were repaired, and from when", "info": {"writer": "credit"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    remedy_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("remedies.remedy_id"), comment="The repair"
    )
    record_id: Mapped[int] = mapped_column(Int64, comment="The record")
    subject_id: Mapped[int] = mapped_column(Int64, comment="Its subject, whose grades change")
    repaired_date: Mapped[date] = mapped_column(Date, comment="Day of the decision")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that granted it")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that withdrew it; null while it holds"
    )
