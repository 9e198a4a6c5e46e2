"""Indexes by which the upkeep of the lists finds what changed and what is due.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_index("ix_roles_recorded", "roles", ["recorded_revision"])
    op.create_index("ix_roles_superseded", "roles", ["superseded_revision"])
    op.create_index("ix_successions_recorded", "successions", ["recorded_revision"])
    op.drop_index("ix_list_entries_due", "list_entries")
    op.drop_index("ix_list_entries_superseded", "list_entries")
    op.create_index(
        "ix_list_entries_current", "list_entries", ["superseded_revision", "state", "end_date"]
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_list_entries_current", "list_entries")
    op.create_index("ix_list_entries_superseded", "list_entries", ["superseded_revision"])
    op.create_index("ix_list_entries_due", "list_entries", ["state", "end_date"])
    op.drop_index("ix_successions_recorded", "successions")
    op.drop_index("ix_roles_superseded", "roles")
    op.drop_index("ix_roles_recorded", "roles")
