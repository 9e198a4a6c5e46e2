"""Tables of peers: values of whole populations, pinned so that answers can name them."""

from datetime import date

from sqlalchemy import Date, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class PeerTableRow(Base):
    """The values of everybody that a policy applies to; added, never changed."""

    __tablename__ = "peer_tables"
    __table_args__ = (
        Index("ix_peer_tables_recorded", "recorded_revision"),
        {"comment": "Tables of peers, by which places are read off", "info": {"writer": "scoring"}},
    )

    table_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    policy_id: Mapped[str] = mapped_column(String(100), comment="Policy whose values it holds")
    version: Mapped[str] = mapped_column(String(50), comment="Version of the policy")
    policy_digest: Mapped[str] = mapped_column(
        String(64), comment="Digest of that version, as answers name it"
    )
    rules_digest: Mapped[str] = mapped_column(
        String(64), comment="Digest of all rules behind the values"
    )
    as_of: Mapped[date] = mapped_column(Date, comment="Day that the values are for")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision whose facts are in the values")
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the content, unpacked")
    content: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Values and how many peers have each, by group; packed"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision that recorded it; used from then on"
    )
