"""Who looked at what the law took off a list.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "list_shrink_confirmations",
        sa.Column(
            "confirmation_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the revision",
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="ListKind number"),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number"),
        sa.Column("version", ID, nullable=False, comment="Version that was warned of"),
        sa.Column("finding", sa.Text(), nullable=False, comment="What was found"),
        sa.Column(
            "confirmer",
            sa.String(length=128),
            nullable=False,
            comment="Identity of the one who looked",
        ),
        sa.Column(
            "authority", sa.String(length=200), nullable=False, comment="Authority it acted for"
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.Column(
            "recorded_time", INSTANT, nullable=False, comment="Instant of that revision, UTC"
        ),
        sa.PrimaryKeyConstraint("confirmation_id", name=op.f("pk_list_shrink_confirmations")),
        comment="Warnings of lists that shrank by law, confirmed as seen; append-only",
    )
    op.create_index(
        "ix_list_shrink_confirmations_warning",
        "list_shrink_confirmations",
        ["kind", "field", "version"],
        unique=False,
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_list_shrink_confirmations_warning", table_name="list_shrink_confirmations")
    op.drop_table("list_shrink_confirmations")
