"""Credit statements, their withdrawals, and the public keys that verify them."""

from datetime import date, datetime

from sqlalchemy import Date, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class CreditStatementRow(Base):
    """A signed credit statement as it was issued."""

    __tablename__ = "credit_statements"
    __table_args__ = (
        Index("ix_credit_statements_subject", "subject_id"),
        {"comment": "Signed credit statements, never changed", "info": {"writer": "scoring"}},
    )

    statement_id: Mapped[str] = mapped_column(
        String(36), primary_key=True, comment="Random identifier, a UUID"
    )
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number")
    as_of: Mapped[date] = mapped_column(Date, comment="Day that it is about")
    issue_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When it was issued, UTC")
    expiry_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When it expires, UTC")
    key_id: Mapped[str] = mapped_column(String(64), comment="Key that signed it")
    signed_statement: Mapped[str] = mapped_column(
        Text, comment="The statement: a JSON Web Signature in compact form"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that issued it")


class StatementWithdrawalRow(Base):
    """A credit statement withdrawn before it expired."""

    __tablename__ = "statement_withdrawals"
    __table_args__ = {
        "comment": "Withdrawn credit statements",
        "info": {"writer": "scoring"},
    }

    statement_id: Mapped[str] = mapped_column(String(36), primary_key=True, comment="The statement")
    reason: Mapped[str] = mapped_column(String(500), comment="Why; open to everyone")
    withdraw_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When, UTC")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that withdrew it")


class StatementKeyRow(Base):
    """A public key that statements were signed with; private keys never come here."""

    __tablename__ = "statement_keys"
    __table_args__ = {
        "comment": "Public keys of credit statements",
        "info": {"writer": "scoring"},
    }

    key_id: Mapped[str] = mapped_column(
        String(64), primary_key=True, comment="Thumbprint of the key (RFC 7638)"
    )
    public_key: Mapped[str] = mapped_column(String(64), comment="Ed25519 public key, base64url")
    create_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When it was made, UTC")
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision of the first statement that it signed"
    )
