"""Evaluations of insurers' prevention services, and what was done about each."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class InsurerEvaluationRow(Base):
    """One edition of the evaluation of an insurer in a place and period."""

    __tablename__ = "insurer_evaluations"
    __table_args__ = (
        Index("uq_insurer_evaluations_edition", "evaluation_id", "edition", unique=True),
        Index(
            "uq_insurer_evaluations_period",
            "insurer_code",
            "division",
            "start_date",
            "end_date",
            "edition",
            unique=True,
        ),
        {"comment": "Evaluations of insurers, edition by edition", "info": {"writer": "scoring"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    evaluation_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the evaluation: the row identifier of its first edition"
    )
    edition: Mapped[int] = mapped_column(Integer, comment="Edition, from 1")
    insurer: Mapped[str] = mapped_column(String(100), comment="Name of the insurer")
    insurer_code: Mapped[str] = mapped_column(String(18), comment="Credit code of the insurer")
    division: Mapped[int] = mapped_column(Integer, comment="Place evaluated in (GB/T 2260)")
    start_date: Mapped[date] = mapped_column(Date, comment="First day of the period")
    end_date: Mapped[date] = mapped_column(Date, comment="Day after the last day of the period")
    evaluation_date: Mapped[date] = mapped_column(Date, comment="Civil day of the evaluation")
    policy_id: Mapped[str] = mapped_column(String(100), comment="Policy applied")
    policy_version: Mapped[str] = mapped_column(String(50), comment="Its version")
    policy_digest: Mapped[str] = mapped_column(String(64), comment="Digest of that version")
    figures: Mapped[str] = mapped_column(
        Text, comment="Figures counted, JSON by name: whole number or null, decimals, unit"
    )
    status: Mapped[int] = mapped_column(SmallInteger, comment="1 result, 2 no data")
    grade: Mapped[str] = mapped_column(String(50), comment="Grade; empty without a result")
    score: Mapped[int | None] = mapped_column(
        BigInteger, comment="Score in its smallest unit; null without one"
    )
    score_places: Mapped[int] = mapped_column(SmallInteger, comment="Decimals of the score")
    missing: Mapped[str] = mapped_column(
        String(1000), comment="Figures without which none, by comma"
    )
    dispute_end_date: Mapped[date] = mapped_column(
        Date, comment="Day after the last day for disputes"
    )
    dispute_end_provisional: Mapped[bool] = mapped_column(
        Boolean, comment="Whether a working day on the way is not announced yet"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")


class InsurerEvaluationStepRow(Base):
    """A step after an evaluation: disputed, decided, published."""

    __tablename__ = "insurer_evaluation_steps"
    __table_args__ = (
        Index("ix_insurer_evaluation_steps_evaluation", "evaluation_id"),
        {
            "comment": "Disputes about evaluations, and their publication",
            "info": {"writer": "scoring"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    evaluation_id: Mapped[int] = mapped_column(Int64, comment="The evaluation")
    edition: Mapped[int] = mapped_column(Integer, comment="Edition that it is about")
    step: Mapped[int] = mapped_column(
        SmallInteger, comment="1 disputed, 2 dispute accepted, 3 dispute rejected, 4 published"
    )
    step_date: Mapped[date] = mapped_column(Date, comment="Civil day of the step")
    authority: Mapped[str] = mapped_column(String(100), comment="Who took it")
    document_number: Mapped[str] = mapped_column(String(100), comment="Document that says so")
    reason: Mapped[str] = mapped_column(Text, comment="Why, in words; empty for a publication")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")
