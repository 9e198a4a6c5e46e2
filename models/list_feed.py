"""Tables of the lists as published: changes, versions, receipts, and who let them shrink."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class ListHeadRow(Base):
    """Where one list stands; its row lock puts the publications of the list in one queue."""

    __tablename__ = "list_heads"
    __table_args__ = (
        CheckConstraint("version >= 0", name="version_not_negative"),
        {
            "comment": "Where each list stands; the row is locked by every publication",
            "info": {"writer": "scoring"},
        },
    )

    kind: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="ListKind number"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Field number"
    )
    version: Mapped[int] = mapped_column(Int64, comment="Last version; 0 before the first")
    entry_count: Mapped[int] = mapped_column(Int64, comment="Entries on the list")
    last_ordinal: Mapped[int] = mapped_column(Int64, comment="Changes that the list ever had")
    last_byte: Mapped[int] = mapped_column(BigInteger, comment="Bytes that all changes ever took")
    floor_version: Mapped[int] = mapped_column(
        Int64, comment="Version up to which changes may have been dropped"
    )
    guarded_version: Mapped[int] = mapped_column(
        Int64, comment="Last version whose shrinking was approved; 0 when none was"
    )
    by_law_count: Mapped[int] = mapped_column(
        Int64,
        default=0,
        server_default="0",
        comment="Removals ever that the law demanded by itself: expiry, correction, condition lost",
    )
    warned_version: Mapped[int] = mapped_column(
        Int64,
        default=0,
        server_default="0",
        comment="Last version at which such removals passed the set share; 0 when none did",
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), comment="Digest of the list")
    bucket_digests: Mapped[bytes] = mapped_column(
        LargeBinary, comment="Digests of its 4096 buckets, one after the other"
    )


class ListVersionRow(Base):
    """One version of one list: the state after a publication."""

    __tablename__ = "list_versions"
    __table_args__ = (
        Index("ix_list_versions_ordinal", "kind", "field", "last_ordinal"),
        Index("ix_list_versions_time", "kind", "field", "recorded_time"),
        {
            "comment": "Every version of every list, with the digest of the whole list at it",
            "info": {"writer": "scoring"},
        },
    )

    kind: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="ListKind number"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Field number"
    )
    version: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="1, 2, 3 … in order of commits"
    )
    last_ordinal: Mapped[int] = mapped_column(Int64, comment="Last change of the version")
    last_byte: Mapped[int] = mapped_column(
        BigInteger, comment="Bytes that all changes up to it took"
    )
    entry_count: Mapped[int] = mapped_column(Int64, comment="Entries on the list")
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), comment="Digest of the whole list")
    approval_id: Mapped[int | None] = mapped_column(
        Int64, comment="Approval of its shrinking; null where none was needed"
    )
    by_law_count: Mapped[int] = mapped_column(
        Int64,
        default=0,
        server_default="0",
        comment="Removals up to it that the law demanded by itself",
    )
    warned_removals: Mapped[int | None] = mapped_column(
        Int64, comment="Such removals within the window, where they passed the set share; else null"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that published it")
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, comment="Instant of that revision, UTC"
    )


class ListChangeRow(Base):
    """One change of one list: how an entry stands from a version on, or that it is gone.

    Full exports and changes are read from these same rows. The state at a version is every row
    that is no tombstone, from that version or before it, and not superseded by then. A tombstone
    has a digest as an entry has; only older ones, from before that was kept, have none.
    """

    __tablename__ = "list_changes"
    __table_args__ = (
        Index("ix_list_changes_bucket", "kind", "field", "bucket", "entry_id"),
        Index("ix_list_changes_division", "kind", "field", "division", "ordinal"),
        {
            "comment": "Changes of the lists in the order of their commits",
            "info": {"writer": "scoring"},
        },
    )

    kind: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="ListKind number"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Field number"
    )
    ordinal: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="1, 2, 3 … through all versions"
    )
    version: Mapped[int] = mapped_column(Int64, comment="Version that the change belongs to")
    superseded_version: Mapped[int | None] = mapped_column(
        Int64, comment="Version that changed the entry again; null while current"
    )
    entry_id: Mapped[int] = mapped_column(Int64, comment="The entry")
    bucket: Mapped[int] = mapped_column(SmallInteger, comment="Its bucket, from its identifier")
    division: Mapped[int | None] = mapped_column(
        Integer, comment="Its division from now on; null if unknown or gone"
    )
    previous_division: Mapped[int | None] = mapped_column(
        Integer, comment="Its division until now; null if unknown or not listed"
    )
    removal_reason: Mapped[int | None] = mapped_column(
        SmallInteger, comment="RemovalReason number of a tombstone; null for an entry"
    )
    body: Mapped[bytes] = mapped_column(
        LargeBinary, comment="The entry or the removal in its canonical encoding; masked"
    )
    digest: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), comment="SHA-256 of the body of an entry; null for a tombstone"
    )


class ListBucketRow(Base):
    """The current entries of one bucket of one list, as exports send them.

    Derived from the changes: an export that read a million rows one by one would take several
    times as long. An export at a version before the bucket's own reads the changes instead.
    """

    __tablename__ = "list_buckets"
    __table_args__ = {
        "comment": "Current entries of the lists by bucket, joined for exports; derived",
        "info": {"writer": "scoring"},
    }

    kind: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="ListKind number"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Field number"
    )
    bucket: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="The bucket"
    )
    version: Mapped[int] = mapped_column(Int64, comment="Version that changed it last")
    body: Mapped[bytes] = mapped_column(
        LargeBinary,
        comment="Its entries in their canonical encoding, framed, one after the other; a Zstandard"
        " frame behind its CRC-32",
    )


class ListAcknowledgementRow(Base):
    """Which version of a list, or of a view of it, a subscriber says that it holds."""

    __tablename__ = "list_acknowledgements"
    __table_args__ = (
        Index("ix_list_acknowledgements_list", "kind", "field", "superseded_revision"),
        {
            "comment": "Versions that subscribers acknowledged, with the right digest",
            "info": {"writer": "scoring"},
        },
    )

    subscriber: Mapped[str] = mapped_column(
        String(128), primary_key=True, comment="Identity of the caller that holds the copy"
    )
    kind: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="ListKind number"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Field number"
    )
    division: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="Division of the view; 0 for all"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="Revision that recorded it"
    )
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision of the next one; null while current"
    )
    version: Mapped[int] = mapped_column(Int64, comment="Version held")
    entry_count: Mapped[int | None] = mapped_column(
        Int64, comment="Entries of the view at it; null where that was not kept yet"
    )
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, comment="Instant of the revision that recorded it, UTC"
    )


class ListShrinkApprovalRow(Base):
    """A second person's approval that one publication shrinks one list."""

    __tablename__ = "list_shrink_approvals"
    __table_args__ = (
        Index("ix_list_shrink_approvals_open", "kind", "field", "used_version"),
        {
            "comment": "Approvals of publications that shrink a list beyond the set share",
            "info": {"writer": "scoring"},
        },
    )

    approval_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="Identifier, from the revision"
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="ListKind number")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number")
    removals_max: Mapped[int] = mapped_column(Int64, comment="Entries by which the list may shrink")
    document_number: Mapped[str] = mapped_column(String(200), comment="Document of the approval")
    approver: Mapped[str] = mapped_column(String(128), comment="Identity of the one who approved")
    authority: Mapped[str] = mapped_column(String(200), comment="Authority it acted for")
    used_version: Mapped[int | None] = mapped_column(
        Int64, comment="Version that it was used for; null while unused"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, comment="Instant of that revision, UTC"
    )


class ListShrinkConfirmationRow(Base):
    """That somebody looked at what the law took off a list, and what that was found to be."""

    __tablename__ = "list_shrink_confirmations"
    __table_args__ = (
        Index("ix_list_shrink_confirmations_warning", "kind", "field", "version"),
        {
            "comment": "Warnings of lists that shrank by law, confirmed as seen; append-only",
            "info": {"writer": "scoring"},
        },
    )

    confirmation_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="Identifier, from the revision"
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="ListKind number")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number")
    version: Mapped[int] = mapped_column(Int64, comment="Version that was warned of")
    finding: Mapped[str] = mapped_column(Text, comment="What was found")
    confirmer: Mapped[str] = mapped_column(String(128), comment="Identity of the one who looked")
    authority: Mapped[str] = mapped_column(String(200), comment="Authority it acted for")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")
    recorded_time: Mapped[datetime] = mapped_column(
        UtcInstant, comment="Instant of that revision, UTC"
    )
