"""Derived grades: they can be dropped and rebuilt, bit for bit, from facts and policies."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class GradeRow(Base):
    """Result of one grade policy for one enterprise, as last evaluated."""

    __tablename__ = "grades"
    __table_args__ = (
        Index("ix_grades_grade", "policy_id", "grade_rank", "subject_id"),
        Index("ix_grades_due", "policy_id", "valid_until_date"),
        {"comment": "Grades as last evaluated; derived", "info": {"writer": "scoring"}},
    )

    policy_id: Mapped[str] = mapped_column(String(100), primary_key=True, comment="The policy")
    subject_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The enterprise"
    )
    status: Mapped[int] = mapped_column(SmallInteger, comment="ResultStatus number")
    grade: Mapped[str] = mapped_column(String(50), comment="Grade; empty when none")
    grade_rank: Mapped[int] = mapped_column(SmallInteger, comment="Place on the ladder, 1 best")
    score: Mapped[int | None] = mapped_column(
        BigInteger, comment="Score as a whole number of the policy's smallest unit"
    )
    valid_until_date: Mapped[date | None] = mapped_column(
        Date, comment="First day on which it would change with nothing new; null when never"
    )


class GradeRefreshRow(Base):
    """How far the derived grades of one policy have come."""

    __tablename__ = "grade_refreshes"
    __table_args__ = {
        "comment": "Up to where the grades of each policy are right; derived",
        "info": {"writer": "scoring"},
    }

    policy_id: Mapped[str] = mapped_column(String(100), primary_key=True, comment="The policy")
    version: Mapped[str] = mapped_column(String(50), comment="Version evaluated")
    digest: Mapped[str] = mapped_column(String(64), comment="Digest of that version")
    as_of: Mapped[date] = mapped_column(Date, comment="Day the grades are for")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision the grades stand at")


class LeaseRow(Base):
    """Work that one replica at a time does."""

    __tablename__ = "leases"
    __table_args__ = {"comment": "Leases on periodic work", "info": {"writer": "scoring"}}

    name: Mapped[str] = mapped_column(String(100), primary_key=True, comment="The work")
    holder: Mapped[str] = mapped_column(String(100), comment="Replica that holds the lease")
    expiry_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When it ends by itself, UTC")
