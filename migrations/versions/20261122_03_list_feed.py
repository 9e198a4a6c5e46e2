"""Changes of the lists, their versions, subscribers and acknowledgements.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "list_acknowledgements",
        sa.Column(
            "subscriber",
            sa.String(length=128),
            nullable=False,
            comment="Identity of the caller that holds the copy",
        ),
        sa.Column(
            "kind",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="ListKind number",
        ),
        sa.Column(
            "field", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Field number"
        ),
        sa.Column(
            "division",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Division of the view; 0 for all",
        ),
        sa.Column(
            "recorded_revision",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Revision that recorded it",
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision of the next one; null while current",
        ),
        sa.Column("version", ID, nullable=False, comment="Version held"),
        sa.Column(
            "recorded_time",
            INSTANT,
            nullable=False,
            comment="Instant of the revision that recorded it, UTC",
        ),
        sa.PrimaryKeyConstraint(
            "subscriber",
            "kind",
            "field",
            "division",
            "recorded_revision",
            name=op.f("pk_list_acknowledgements"),
        ),
        comment="Versions that subscribers acknowledged, with the right digest",
    )
    op.create_index(
        "ix_list_acknowledgements_list",
        "list_acknowledgements",
        ["kind", "field", "superseded_revision"],
        unique=False,
    )

    op.create_table(
        "list_buckets",
        sa.Column(
            "kind",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="ListKind number",
        ),
        sa.Column(
            "field", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Field number"
        ),
        sa.Column(
            "bucket", sa.SmallInteger(), autoincrement=False, nullable=False, comment="The bucket"
        ),
        sa.Column("version", ID, nullable=False, comment="Version that changed it last"),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="Its entries in their canonical encoding, framed, one after the other",
        ),
        sa.PrimaryKeyConstraint("kind", "field", "bucket", name=op.f("pk_list_buckets")),
        comment="Current entries of the lists by bucket, joined for exports; derived",
    )

    op.create_table(
        "list_changes",
        sa.Column(
            "kind",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="ListKind number",
        ),
        sa.Column(
            "field", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Field number"
        ),
        sa.Column(
            "ordinal",
            ID,
            autoincrement=False,
            nullable=False,
            comment="1, 2, 3 … through all versions",
        ),
        sa.Column("version", ID, nullable=False, comment="Version that the change belongs to"),
        sa.Column(
            "superseded_version",
            ID,
            nullable=True,
            comment="Version that changed the entry again; null while current",
        ),
        sa.Column("entry_id", ID, nullable=False, comment="The entry"),
        sa.Column(
            "bucket", sa.SmallInteger(), nullable=False, comment="Its bucket, from its identifier"
        ),
        sa.Column(
            "division",
            sa.Integer(),
            nullable=True,
            comment="Its division from now on; null if unknown or gone",
        ),
        sa.Column(
            "previous_division",
            sa.Integer(),
            nullable=True,
            comment="Its division until now; null if unknown or not listed",
        ),
        sa.Column(
            "removal_reason",
            sa.SmallInteger(),
            nullable=True,
            comment="RemovalReason number of a tombstone; null for an entry",
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="The entry or the removal in its canonical encoding; masked",
        ),
        sa.Column(
            "digest",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="SHA-256 of the body of an entry; null for a tombstone",
        ),
        sa.PrimaryKeyConstraint("kind", "field", "ordinal", name=op.f("pk_list_changes")),
        comment="Changes of the lists in the order of their commits",
    )
    op.create_index(
        "ix_list_changes_bucket",
        "list_changes",
        ["kind", "field", "bucket", "entry_id"],
        unique=False,
    )
    op.create_index(
        "ix_list_changes_division",
        "list_changes",
        ["kind", "field", "division", "ordinal"],
        unique=False,
    )

    op.create_table(
        "list_heads",
        sa.Column(
            "kind",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="ListKind number",
        ),
        sa.Column(
            "field", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Field number"
        ),
        sa.Column("version", ID, nullable=False, comment="Last version; 0 before the first"),
        sa.Column("entry_count", ID, nullable=False, comment="Entries on the list"),
        sa.Column("last_ordinal", ID, nullable=False, comment="Changes that the list ever had"),
        sa.Column(
            "last_byte", sa.BigInteger(), nullable=False, comment="Bytes that all changes ever took"
        ),
        sa.Column(
            "floor_version",
            ID,
            nullable=False,
            comment="Version up to which changes may have been dropped",
        ),
        sa.Column(
            "guarded_version",
            ID,
            nullable=False,
            comment="Last version whose shrinking was approved; 0 when none was",
        ),
        sa.Column(
            "digest", sa.LargeBinary(length=32), nullable=False, comment="Digest of the list"
        ),
        sa.Column(
            "bucket_digests",
            sa.LargeBinary(),
            nullable=False,
            comment="Digests of its 4096 buckets, one after the other",
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_list_heads_version_not_negative")),
        sa.PrimaryKeyConstraint("kind", "field", name=op.f("pk_list_heads")),
        comment="Where each list stands; the row is locked by every publication",
    )

    op.create_table(
        "list_shrink_approvals",
        sa.Column(
            "approval_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the revision",
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="ListKind number"),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number"),
        sa.Column(
            "removals_max", ID, nullable=False, comment="Entries by which the list may shrink"
        ),
        sa.Column(
            "document_number",
            sa.String(length=200),
            nullable=False,
            comment="Document of the approval",
        ),
        sa.Column(
            "approver",
            sa.String(length=128),
            nullable=False,
            comment="Identity of the one who approved",
        ),
        sa.Column(
            "authority", sa.String(length=200), nullable=False, comment="Authority it acted for"
        ),
        sa.Column(
            "used_version",
            ID,
            nullable=True,
            comment="Version that it was used for; null while unused",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.Column(
            "recorded_time", INSTANT, nullable=False, comment="Instant of that revision, UTC"
        ),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_list_shrink_approvals")),
        comment="Approvals of publications that shrink a list beyond the set share",
    )
    op.create_index(
        "ix_list_shrink_approvals_open",
        "list_shrink_approvals",
        ["kind", "field", "used_version"],
        unique=False,
    )

    op.create_table(
        "list_versions",
        sa.Column(
            "kind",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="ListKind number",
        ),
        sa.Column(
            "field", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Field number"
        ),
        sa.Column(
            "version",
            ID,
            autoincrement=False,
            nullable=False,
            comment="1, 2, 3 … in order of commits",
        ),
        sa.Column("last_ordinal", ID, nullable=False, comment="Last change of the version"),
        sa.Column(
            "last_byte",
            sa.BigInteger(),
            nullable=False,
            comment="Bytes that all changes up to it took",
        ),
        sa.Column("entry_count", ID, nullable=False, comment="Entries on the list"),
        sa.Column(
            "digest", sa.LargeBinary(length=32), nullable=False, comment="Digest of the whole list"
        ),
        sa.Column(
            "approval_id",
            ID,
            nullable=True,
            comment="Approval of its shrinking; null where none was needed",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that published it"),
        sa.Column(
            "recorded_time", INSTANT, nullable=False, comment="Instant of that revision, UTC"
        ),
        sa.PrimaryKeyConstraint("kind", "field", "version", name=op.f("pk_list_versions")),
        comment="Every version of every list, with the digest of the whole list at it",
    )
    op.create_index(
        "ix_list_versions_ordinal", "list_versions", ["kind", "field", "last_ordinal"], unique=False
    )
    op.create_index(
        "ix_list_versions_time", "list_versions", ["kind", "field", "recorded_time"], unique=False
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_list_versions_time", table_name="list_versions")
    op.drop_index("ix_list_versions_ordinal", table_name="list_versions")
    op.drop_table("list_versions")
    op.drop_index("ix_list_shrink_approvals_open", table_name="list_shrink_approvals")
    op.drop_table("list_shrink_approvals")
    op.drop_table("list_heads")
    op.drop_index("ix_list_changes_division", table_name="list_changes")
    op.drop_index("ix_list_changes_bucket", table_name="list_changes")
    op.drop_table("list_changes")
    op.drop_table("list_buckets")
    op.drop_index("ix_list_acknowledgements_list", table_name="list_acknowledgements")
    op.drop_table("list_acknowledgements")
