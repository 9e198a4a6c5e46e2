"""Where the store stands: its identity, its revisions and answered requests."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant

STORE_ROW_ID: Final = 1
"""Key of the only row of ``store``."""


class StoreRow(Base):
    """The store itself; its row lock puts the writers in one queue."""

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint(f"id = {STORE_ROW_ID}", name="single_row"),
        CheckConstraint("revision >= 0", name="revision_not_negative"),
        {
            "info": {"writer": "common"},
            "comment": "The store itself: one row, locked by every write transaction",
        },
    )

    id: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Always 1"
    )
    store_id: Mapped[str] = mapped_column(
        String(32), comment="Random identity, 32 hexadecimal digits; binds tokens"
    )
    revision: Mapped[int] = mapped_column(
        Int64, comment="Last committed revision; 0 before the first write"
    )
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, comment="Instant of that revision, or of the store's making; UTC"
    )


class RevisionRow(Base):
    """One committed write transaction."""

    __tablename__ = "revisions"
    __table_args__ = (
        {
            "info": {"writer": "common"},
            "comment": "Write transactions in the order of their commits",
        },
    )

    revision: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="1, 2, 3 … without gaps"
    )
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, unique=True, comment="Strictly increasing with the revision; UTC"
    )
    caller: Mapped[str] = mapped_column(String(128), comment="Identity of the caller that wrote")
    method: Mapped[str] = mapped_column(
        String(200), comment="Full name of the RPC, or of the command that wrote"
    )


class RequestRow(Base):
    """The first answer to a write request, given again when it is repeated."""

    __tablename__ = "requests"
    __table_args__ = (
        {
            "info": {"writer": "common"},
            "comment": "Answered write requests, so that a repeat changes nothing",
        },
    )

    caller: Mapped[str] = mapped_column(
        String(128), primary_key=True, comment="Identity of the caller"
    )
    request_id: Mapped[str] = mapped_column(
        String(64), primary_key=True, comment="The caller's own id of the request"
    )
    method: Mapped[str] = mapped_column(String(200), comment="Full name of the RPC that was called")
    body_digest: Mapped[bytes] = mapped_column(
        LargeBinary(32), comment="SHA-256 of the request's canonical bytes"
    )
    response: Mapped[bytes] = mapped_column(LargeBinary, comment="The first answer, serialised")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision that the request took")
