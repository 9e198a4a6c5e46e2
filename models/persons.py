"""Responsible persons and their roles."""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class PersonRow(Base):
    """A responsible person; the identity number is kept encrypted."""

    __tablename__ = "persons"
    __table_args__ = (
        Index("uq_persons_lookup", "identity_lookup", unique=True),
        {"comment": "Responsible persons", "info": {"writer": "credit"}},
    )

    person_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    name: Mapped[str] = mapped_column(String(100), comment="Name; masked in every log and answer")
    identity_cipher: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Identity number, encrypted (GB 11643-1999)"
    )
    identity_lookup: Mapped[str] = mapped_column(
        String(64), comment="Keyed digest of the identity number, to find equal ones"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision that registered the person"
    )


class RoleRow(Base):
    """A person's role in an enterprise on ``[start_date, end_date)``, as known at one time."""

    __tablename__ = "roles"
    __table_args__ = (
        CheckConstraint("end_date IS NULL OR end_date > start_date", name="period_not_empty"),
        Index("ix_roles_person", "person_id"),
        Index("ix_roles_enterprise", "enterprise_id"),
        Index("ix_roles_role", "role_id"),
        Index("ix_roles_recorded", "recorded_revision"),
        Index("ix_roles_superseded", "superseded_revision"),
        {
            "comment": "Roles of persons in enterprises on both axes of time",
            "info": {"writer": "credit"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    role_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the role: the row identifier of its first row"
    )
    person_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("persons.person_id"), comment="The person"
    )
    enterprise_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("enterprises.enterprise_id"), comment="The enterprise"
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="RoleKind number")
    start_date: Mapped[date] = mapped_column(Date, comment="First day of the role")
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="Day after the last day of the role; null while it lasts"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that replaced the row; null while it is current"
    )
