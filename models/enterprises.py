"""Enterprises, their history on both axes of time, and who succeeded whom."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class EnterpriseRow(Base):
    """An enterprise, individual trader or technical service body: its identity, for ever."""

    __tablename__ = "enterprises"
    __table_args__ = (
        CheckConstraint(
            "(credit_code IS NULL) <> (local_value IS NULL)", name="exactly_one_identity"
        ),
        Index("uq_enterprises_credit_code", "credit_code", unique=True),
        Index("uq_enterprises_local", "local_scheme", "local_value", unique=True),
        Index("ix_enterprises_recorded", "recorded_revision"),
        {
            "comment": "Identity of every enterprise; what is true of it stands in its versions",
            "info": {"writer": "credit"},
        },
    )

    enterprise_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    credit_code: Mapped[str | None] = mapped_column(
        String(18), comment="Unified social credit code, upper case (GB 32100-2015)"
    )
    local_scheme: Mapped[str | None] = mapped_column(
        String(64), comment="Scheme of an identity without a credit code"
    )
    local_value: Mapped[str | None] = mapped_column(
        String(200), comment="Value in that scheme, compared exactly"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision that registered the enterprise"
    )


class EnterpriseVersionRow(Base):
    """What is true of an enterprise on ``[start_date, end_date)``, as known at one time."""

    __tablename__ = "enterprise_versions"
    __table_args__ = (
        CheckConstraint("end_date IS NULL OR end_date > start_date", name="period_not_empty"),
        Index("ix_enterprise_versions_enterprise", "enterprise_id", "start_date"),
        Index("ix_enterprise_versions_division", "division"),
        Index("ix_enterprise_versions_recorded", "recorded_revision"),
        Index("ix_enterprise_versions_superseded", "superseded_revision"),
        {
            "comment": "Periods of an enterprise's history on both axes of time",
            "info": {"writer": "credit"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    enterprise_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="The enterprise"
    )
    name: Mapped[str] = mapped_column(String(200), comment="Registered name")
    division: Mapped[int | None] = mapped_column(
        Integer, comment="Division of supervision, six digits as a number (GB/T 2260)"
    )
    industry: Mapped[str | None] = mapped_column(
        String(5), comment="Industry, a letter and up to four digits (GB/T 4754-2017)"
    )
    fields: Mapped[int] = mapped_column(
        Integer, comment="Fields of supervision, bit n for field number n"
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="EnterpriseKind number")
    state: Mapped[int] = mapped_column(SmallInteger, comment="EnterpriseState number")
    headcount: Mapped[int | None] = mapped_column(Integer, comment="Employees")
    founding_date: Mapped[date | None] = mapped_column(Date, comment="Day of founding")
    activities: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", comment="Activities, bit n for Activity number n"
    )
    start_date: Mapped[date] = mapped_column(Date, comment="First day of the period")
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="Day after the last day of the period; null while it lasts"
    )
    document_number: Mapped[str] = mapped_column(
        String(100), comment="Document that ordered the change; empty for the registration"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that replaced the row; null while it is current"
    )


class SuccessionRow(Base):
    """One enterprise succeeded another by merger or split."""

    __tablename__ = "successions"
    __table_args__ = (
        Index("ix_successions_predecessor", "predecessor_id"),
        Index("ix_successions_successor", "successor_id"),
        Index("ix_successions_recorded", "recorded_revision"),
        {"comment": "Mergers and splits", "info": {"writer": "credit"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    predecessor_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="Enterprise that ends or is split"
    )
    successor_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="Enterprise that goes on"
    )
    kind: Mapped[int] = mapped_column(
        SmallInteger, comment="EnterpriseState number: merged or split"
    )
    effective_date: Mapped[date] = mapped_column(Date, comment="First day of the successor")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")


class GroupMembershipRow(Base):
    """An enterprise belonged to a group on ``[start_date, end_date)``, as known at one time."""

    __tablename__ = "group_memberships"
    __table_args__ = (
        CheckConstraint("end_date IS NULL OR end_date > start_date", name="period_not_empty"),
        CheckConstraint("group_id <> member_id", name="not_of_itself"),
        Index("ix_group_memberships_group", "group_id"),
        Index("ix_group_memberships_member", "member_id"),
        Index("ix_group_memberships_membership", "membership_id"),
        Index("ix_group_memberships_recorded", "recorded_revision"),
        Index("ix_group_memberships_superseded", "superseded_revision"),
        {
            "comment": "Members of enterprise groups on both axes of time",
            "info": {"writer": "credit"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    membership_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the membership: the row identifier of its first row"
    )
    group_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="Enterprise that heads the group"
    )
    member_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="Enterprise that belongs to it"
    )
    start_date: Mapped[date] = mapped_column(Date, comment="First day as a member")
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="Day after the last day as a member; null while it is one"
    )
    document_number: Mapped[str] = mapped_column(
        String(100), comment="Document that the row rests on: of the beginning, or of the end"
    )
    authority: Mapped[str] = mapped_column(
        String(100), comment="Authority that issued or registered the document"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that replaced the row; null while it is current"
    )
