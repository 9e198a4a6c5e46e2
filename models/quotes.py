"""Quotes of rates, and the policies bound on them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class QuoteRow(Base):
    """A recommended rate that was kept: what was asked, and the answer to the byte."""

    __tablename__ = "quotes"
    __table_args__ = (
        Index("ix_quotes_subject", "subject_id"),
        {"comment": "Quotes, never changed", "info": {"writer": "scoring"}},
    )

    quote_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise")
    insurer: Mapped[str] = mapped_column(String(128), comment="Whom the caller acted for")
    policy_id: Mapped[str] = mapped_column(String(100), comment="Rate plan")
    policy_version: Mapped[str] = mapped_column(String(50), comment="Its version")
    policy_digest: Mapped[str] = mapped_column(String(64), comment="Its digest")
    premium_fen: Mapped[int] = mapped_column(BigInteger, comment="Quoted annual premium in fen")
    premium_min_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Lowest premium allowed in fen; null where nothing bounds it"
    )
    premium_max_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Highest premium allowed in fen; null where nothing bounds it"
    )
    transaction_kind: Mapped[int] = mapped_column(SmallInteger, comment="TransactionKind number")
    cover_start_date: Mapped[date] = mapped_column(Date, comment="First day of cover")
    as_of: Mapped[date] = mapped_column(Date, comment="Rating day")
    known_at: Mapped[datetime] = mapped_column(UtcInstant, comment="Instant of knowledge, UTC")
    valid_until_date: Mapped[date | None] = mapped_column(
        Date, comment="First day on which it holds no more; null when it has no end"
    )
    request: Mapped[bytes] = mapped_column(
        LargeBinary, comment="RecommendRateRequest with days and instants filled in"
    )
    answer: Mapped[bytes] = mapped_column(LargeBinary, comment="RecommendRateResponse as given")
    answer_digest: Mapped[str] = mapped_column(
        String(64), comment="SHA-256 of the answer, hexadecimal"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that kept the quote")


class QuoteConfirmationRow(Base):
    """A policy bound on a quote."""

    __tablename__ = "quote_confirmations"
    __table_args__ = (
        Index("uq_quote_confirmations_policy", "insurer", "policy_number", unique=True),
        {"comment": "Policies bound on quotes, one a quote", "info": {"writer": "scoring"}},
    )

    quote_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The quote"
    )
    insurer: Mapped[str] = mapped_column(String(128), comment="Insurer of the quote")
    policy_number: Mapped[str] = mapped_column(String(100), comment="Number of the policy bound")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that confirmed it")
