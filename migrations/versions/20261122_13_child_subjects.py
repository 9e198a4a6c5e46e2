"""The project or site that a record is about.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "records",
        sa.Column(
            "site_number",
            sa.BigInteger(),
            nullable=True,
            comment="Number of the project or site it is about; null for none",
        ),
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_column("records", "site_number")
