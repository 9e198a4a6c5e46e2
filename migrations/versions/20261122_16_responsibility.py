"""How much of the responsibility for an accident is a subject's.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "accidents",
        sa.Column(
            "responsibility",
            sa.SmallInteger(),
            nullable=False,
            server_default="0",
            comment="Responsibility number",
        ),
    )
    op.add_column(
        "accidents",
        sa.Column(
            "responsibility_share_bp",
            sa.Integer(),
            nullable=True,
            comment="Share of the responsibility in hundredths of a percent; null for none",
        ),
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_column("accidents", "responsibility_share_bp")
    op.drop_column("accidents", "responsibility")
