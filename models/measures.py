"""What the systems that apply measures of the lists report back; only ever appended."""

from datetime import date

from sqlalchemy import Date, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class MeasureReportRow(Base):
    """That a department applied, refused or lifted a measure of an entry."""

    __tablename__ = "measure_reports"
    __table_args__ = (
        Index(
            "uq_measure_reports_business_key",
            "entry_id",
            "measure",
            "department",
            "outcome",
            "report_date",
            unique=True,
        ),
        Index("ix_measure_reports_measure", "measure", "department"),
        {"comment": "Measures applied, refused and lifted", "info": {"writer": "scoring"}},
    )

    report_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    entry_id: Mapped[int] = mapped_column(Int64, comment="The list entry")
    measure: Mapped[str] = mapped_column(
        String(64), comment="Code of the measure in policies/measures.yaml"
    )
    department: Mapped[str] = mapped_column(String(100), comment="Who applies it")
    outcome: Mapped[int] = mapped_column(SmallInteger, comment="1 applied, 2 refused, 3 lifted")
    report_date: Mapped[date] = mapped_column(Date, comment="Day of it")
    document_number: Mapped[str] = mapped_column(String(100), comment="Its document; or empty")
    reason: Mapped[str] = mapped_column(String(1000), comment="Why it was refused; or empty")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")
