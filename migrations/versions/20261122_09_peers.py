"""Tables of peers.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "peer_tables",
        sa.Column(
            "table_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "policy_id",
            sa.String(length=100),
            nullable=False,
            comment="Policy whose values it holds",
        ),
        sa.Column("version", sa.String(length=50), nullable=False, comment="Version of the policy"),
        sa.Column(
            "policy_digest",
            sa.String(length=64),
            nullable=False,
            comment="Digest of that version, as answers name it",
        ),
        sa.Column(
            "rules_digest",
            sa.String(length=64),
            nullable=False,
            comment="Digest of all rules behind the values",
        ),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day that the values are for"),
        sa.Column("revision", ID, nullable=False, comment="Revision whose facts are in the values"),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the content, unpacked",
        ),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="Values and how many peers have each, by group; packed",
        ),
        sa.Column(
            "recorded_revision",
            ID,
            nullable=False,
            comment="Revision that recorded it; used from then on",
        ),
        sa.PrimaryKeyConstraint("table_id", name=op.f("pk_peer_tables")),
        comment="Tables of peers, by which places are read off",
    )
    op.create_index("ix_peer_tables_recorded", "peer_tables", ["recorded_revision"], unique=False)


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_peer_tables_recorded", table_name="peer_tables")
    op.drop_table("peer_tables")
