"""How many entries a subscriber's view had at the version that it acknowledged.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "list_acknowledgements",
        sa.Column(
            "entry_count",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="Entries of the view at it; null where that was not kept yet",
        ),
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_column("list_acknowledgements", "entry_count")
