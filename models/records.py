"""Records of facts: one header row each, and one body row in the table of its kind.

A record is corrected by a later edition and never edited: only the four ``superseding`` columns of
a row are ever written after it, once.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.metadata import Base, Int64, UtcInstant


class RecordRow(Base):
    """Header of one edition of a record: whom, which field, which document, which day."""

    __tablename__ = "records"
    __table_args__ = (
        Index(
            "uq_records_business_key",
            "kind",
            "authority",
            "document_number",
            "document_item",
            "edition",
            unique=True,
        ),
        Index("uq_records_edition", "record_id", "edition", unique=True),
        Index("ix_records_subject", "subject_id", "kind"),
        Index("ix_records_event_date", "event_date", "record_id"),
        Index("ix_records_recorded", "recorded_revision"),
        Index("ix_records_superseded", "superseded_revision"),
        {"comment": "Editions of records, whatever their kind", "info": {"writer": "credit"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    record_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the record: the row identifier of its first edition"
    )
    edition: Mapped[int] = mapped_column(Integer, comment="Edition, from 1")
    kind: Mapped[int] = mapped_column(SmallInteger, comment="RecordKind number")
    subject_id: Mapped[int] = mapped_column(
        Int64, comment="The enterprise or person (identifiers never collide)"
    )
    person: Mapped[bool] = mapped_column(Boolean, comment="Whether the subject is a person")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number")
    authority: Mapped[str] = mapped_column(String(100), comment="Issuing authority")
    authority_code: Mapped[str] = mapped_column(
        String(18), comment="Credit code of the authority; empty when unknown"
    )
    document_number: Mapped[str] = mapped_column(String(100), comment="Number as printed")
    document_item: Mapped[str] = mapped_column(
        String(100), comment="Part of the document that the record is"
    )
    event_date: Mapped[date] = mapped_column(Date, comment="Civil day of the fact")
    publish_date: Mapped[date | None] = mapped_column(Date, comment="Day it was made public")
    division: Mapped[int | None] = mapped_column(Integer, comment="Where it happened (GB/T 2260)")
    site_number: Mapped[int | None] = mapped_column(
        BigInteger, comment="Number of the project or site it is about; null for none"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision that recorded the edition"
    )
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that revised or revoked it; null while it is current"
    )
    superseding_row_id: Mapped[int | None] = mapped_column(
        Int64, comment="The next edition; null when current or revoked"
    )
    superseded_reason: Mapped[str] = mapped_column(
        String(1000), default="", comment="Why it was revised or revoked"
    )
    superseded_document_number: Mapped[str] = mapped_column(
        String(100), default="", comment="Document that ordered that"
    )


class RecordBodyKey:
    """Key that every body row shares with its header."""

    @declared_attr
    def row_id(cls) -> Mapped[int]:  # noqa: N805 - a declared_attr receives the class
        """Give the column that both keys are."""
        return mapped_column(
            Int64,
            ForeignKey("records.row_id"),
            primary_key=True,
            autoincrement=False,
            comment="The header's row",
        )


class InspectionRow(RecordBodyKey, Base):
    """An inspection (检查)."""

    __tablename__ = "inspections"
    __table_args__ = {"comment": "Inspections", "info": {"writer": "credit"}}

    occasion: Mapped[int] = mapped_column(SmallInteger, comment="Occasion number")
    problems_found: Mapped[bool] = mapped_column(Boolean, comment="Whether problems were found")
    report_record_id: Mapped[int | None] = mapped_column(Int64, comment="Report that led to it")


class ViolationRow(RecordBodyKey, Base):
    """A violation (违法行为)."""

    __tablename__ = "violations"
    __table_args__ = {"comment": "Violations", "info": {"writer": "credit"}}

    violation_code: Mapped[int] = mapped_column(
        SmallInteger, comment="Number of the code in policies/vocabulary.yaml"
    )
    severity: Mapped[int] = mapped_column(SmallInteger, comment="Severity number")
    article: Mapped[str] = mapped_column(String(1000), comment="Article violated")
    description: Mapped[str] = mapped_column(Text, comment="What was found")
    inspection_record_id: Mapped[int | None] = mapped_column(
        Int64, comment="Inspection that found it"
    )


class PenaltyRow(RecordBodyKey, Base):
    """An administrative penalty (行政处罚)."""

    __tablename__ = "penalties"
    __table_args__ = {"comment": "Administrative penalties", "info": {"writer": "credit"}}

    sanctions: Mapped[int] = mapped_column(Integer, comment="Sanctions, bit n for Sanction n")
    fine_fen: Mapped[int] = mapped_column(BigInteger, comment="Fine in fen")
    confiscated_fen: Mapped[int] = mapped_column(BigInteger, comment="Confiscated, in fen")
    procedure: Mapped[int] = mapped_column(SmallInteger, comment="Procedure number")
    violation_code: Mapped[int] = mapped_column(
        SmallInteger, comment="Number of the code in policies/vocabulary.yaml"
    )
    violation_text: Mapped[str] = mapped_column(String(1000), comment="Kind as printed")
    facts: Mapped[str] = mapped_column(Text, comment="Facts found")
    basis: Mapped[str] = mapped_column(Text, comment="Legal basis")
    content: Mapped[str] = mapped_column(Text, comment="Content of the penalty")
    final_date: Mapped[date | None] = mapped_column(Date, comment="Day it became final")
    performed_date: Mapped[date | None] = mapped_column(
        Date, comment="Day every duty was performed"
    )
    valid_until_date: Mapped[date | None] = mapped_column(Date, comment="Last day of validity")
    publicity_end_date: Mapped[date | None] = mapped_column(Date, comment="Last day of publication")
    major: Mapped[bool] = mapped_column(Boolean, comment="Whether found major or vile")
    fine_multiple_hundredths: Mapped[int | None] = mapped_column(
        Integer, comment="Times the fine was multiplied, in hundredths"
    )
    violation_record_id: Mapped[int | None] = mapped_column(Int64, comment="Violation punished")
    accident_record_id: Mapped[int | None] = mapped_column(Int64, comment="Accident punished")


class RectificationRow(RecordBodyKey, Base):
    """A step of a rectification (整改)."""

    __tablename__ = "rectifications"
    __table_args__ = (
        Index("ix_rectifications_target", "target_record_id"),
        {"comment": "Steps of rectifications", "info": {"writer": "credit"}},
    )

    target_record_id: Mapped[int] = mapped_column(Int64, comment="Violation or hazard rectified")
    outcome: Mapped[int] = mapped_column(SmallInteger, comment="Outcome number")
    due_date: Mapped[date | None] = mapped_column(Date, comment="Last day for it")
    recheck_level: Mapped[int] = mapped_column(SmallInteger, comment="Level of the re-check, 0–3")


class HazardRow(RecordBodyKey, Base):
    """A hazard (事故隐患)."""

    __tablename__ = "hazards"
    __table_args__ = {"comment": "Hazards", "info": {"writer": "credit"}}

    level: Mapped[int] = mapped_column(SmallInteger, comment="Hazard level number")
    supervision: Mapped[int] = mapped_column(SmallInteger, comment="Supervision number")
    description: Mapped[str] = mapped_column(Text, comment="What the hazard is")
    due_date: Mapped[date | None] = mapped_column(Date, comment="Last day for its removal")


class AccidentRow(RecordBodyKey, Base):
    """An accident (生产安全事故)."""

    __tablename__ = "accidents"
    __table_args__ = {"comment": "Accidents", "info": {"writer": "credit"}}

    deaths: Mapped[int] = mapped_column(Integer, comment="Deaths")
    serious_injuries: Mapped[int] = mapped_column(Integer, comment="Serious injuries")
    direct_loss_fen: Mapped[int] = mapped_column(BigInteger, comment="Direct loss in fen")
    level: Mapped[int] = mapped_column(
        SmallInteger, comment="AccidentLevel number, derived when recorded"
    )
    liability: Mapped[int] = mapped_column(SmallInteger, comment="Liability number")
    reporting: Mapped[int] = mapped_column(SmallInteger, comment="Reporting number")
    misconduct: Mapped[int] = mapped_column(Integer, comment="Misconduct, bit n for number n")
    occurrence_time: Mapped[datetime | None] = mapped_column(UtcInstant, comment="Instant, UTC")
    report_time: Mapped[datetime | None] = mapped_column(UtcInstant, comment="When reported, UTC")
    investigation_approval_date: Mapped[date | None] = mapped_column(
        Date, comment="Day the investigation report was approved"
    )
    description: Mapped[str] = mapped_column(Text, comment="What happened")
    responsibility: Mapped[int] = mapped_column(
        SmallInteger, server_default="0", comment="Responsibility number"
    )
    responsibility_share_bp: Mapped[int | None] = mapped_column(
        Integer, comment="Share of the responsibility in hundredths of a percent; null for none"
    )


class HonourRow(RecordBodyKey, Base):
    """A standardisation level, commitment or award (荣誉与承诺)."""

    __tablename__ = "honours"
    __table_args__ = {"comment": "Honours and commitments", "info": {"writer": "credit"}}

    honour_kind: Mapped[int] = mapped_column(SmallInteger, comment="Honour kind number")
    standardisation_level: Mapped[int] = mapped_column(SmallInteger, comment="1–3, or 0")
    award_rank: Mapped[int] = mapped_column(SmallInteger, comment="AwardRank number")
    commitment: Mapped[int] = mapped_column(SmallInteger, comment="Commitment number")
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="Day after the last day of validity; null when it has no end"
    )
    title: Mapped[str] = mapped_column(String(1000), comment="Title or text")


class ReportRow(RecordBodyKey, Base):
    """A report of a violation or hazard (举报); who reported is not stored."""

    __tablename__ = "reports"
    __table_args__ = {"comment": "Reports to 12350 and the like", "info": {"writer": "credit"}}

    description: Mapped[str] = mapped_column(Text, comment="What was reported")
    finding: Mapped[int] = mapped_column(SmallInteger, comment="Finding number")
    handled_date: Mapped[date | None] = mapped_column(Date, comment="Day it was dealt with")
