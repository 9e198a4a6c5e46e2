"""What the law removes from the lists, counted apart; and from when something is due in a case.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "list_heads",
        sa.Column(
            "by_law_count",
            ID,
            server_default="0",
            nullable=False,
            comment=(
                "Removals ever that the law demanded by itself: expiry, correction, condition lost"
            ),
        ),
    )
    op.add_column(
        "list_heads",
        sa.Column(
            "warned_version",
            ID,
            server_default="0",
            nullable=False,
            comment="Last version at which such removals passed the set share; 0 when none did",
        ),
    )
    op.add_column(
        "list_versions",
        sa.Column(
            "by_law_count",
            ID,
            server_default="0",
            nullable=False,
            comment="Removals up to it that the law demanded by itself",
        ),
    )
    op.add_column(
        "list_versions",
        sa.Column(
            "warned_removals",
            ID,
            nullable=True,
            comment=("Such removals within the window, where they passed the set share; else null"),
        ),
    )
    _add_dues()


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.create_index("ix_list_cases_ended", "list_cases", ["ended_revision"], unique=False)
    op.drop_index("ix_list_cases_touched", table_name="list_cases")
    op.drop_index("ix_list_cases_open", table_name="list_cases")
    op.drop_index("ix_list_cases_due_at", table_name="list_cases")
    op.drop_index("ix_list_cases_due", table_name="list_cases")
    op.drop_column("list_cases", "due_revision")
    op.drop_column("list_cases", "due_authority")
    op.drop_column("list_cases", "due_date")
    op.drop_column("list_versions", "warned_removals")
    op.drop_column("list_versions", "by_law_count")
    op.drop_column("list_heads", "warned_version")
    op.drop_column("list_heads", "by_law_count")


# Private functions -----------------------------------------------------------


def _add_dues() -> None:
    op.add_column(
        "list_cases",
        sa.Column(
            "due_date",
            sa.Date(),
            server_default="0001-01-01",
            nullable=False,
            comment=(
                "No step is due before this day, whatever the calendar: 9999-12-31 where none is"
                " due at all, 0001-01-01 where nobody looked yet"
            ),
        ),
    )
    op.add_column(
        "list_cases",
        sa.Column(
            "due_authority",
            sa.String(length=100),
            server_default=sa.text("''"),
            nullable=False,
            comment="Authority alone at which something is due; empty where it is not one alone",
        ),
    )
    op.add_column(
        "list_cases",
        sa.Column(
            "due_revision",
            ID,
            server_default="0",
            nullable=False,
            comment="Revision that touched the case last, and by which these two are known",
        ),
    )
    # A case that ended later than a reader looks was open then; the service finds the other two.
    op.execute("UPDATE list_cases SET due_revision = COALESCE(ended_revision, recorded_revision)")
    # The first of these does all that the index of before did.
    op.drop_index("ix_list_cases_ended", table_name="list_cases")
    op.create_index("ix_list_cases_open", "list_cases", ["ended_revision", "case_id"], unique=False)
    op.create_index("ix_list_cases_due", "list_cases", ["ended_revision", "due_date"], unique=False)
    op.create_index(
        "ix_list_cases_due_at",
        "list_cases",
        ["ended_revision", "due_authority", "due_date"],
        unique=False,
    )
    op.create_index("ix_list_cases_touched", "list_cases", ["due_revision"], unique=False)
