"""How far the upkeep of the lists has looked, what falls due, and what it could not do.

Revision ID: 0022
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "list_upkeep_marks",
        sa.Column("name", sa.String(length=100), nullable=False, comment="The upkeep"),
        sa.Column(
            "edition", sa.Integer(), nullable=False, comment="Edition of the program that looked"
        ),
        sa.Column("revision", ID, nullable=False, comment="Revision up to which it looked"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day on which it looked"),
        sa.Column(
            "laws",
            sa.Text(),
            nullable=False,
            comment="Digest of what each list policy said and took in (JSON)",
        ),
        sa.Column(
            "backlog",
            sa.Text(),
            nullable=False,
            comment="What everybody is looked at for, and up to which number that came (JSON)",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_list_upkeep_marks")),
        comment="Up to where the upkeep of the lists has looked; derived",
    )
    op.create_table(
        "list_upkeep_dues",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False, comment="The entry"),
        sa.Column("due_date", sa.Date(), nullable=False, comment="First day on which it may end"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_list_upkeep_dues")),
        comment="When time alone may end a redlisting; derived",
    )
    op.create_index("ix_list_upkeep_dues_due", "list_upkeep_dues", ["due_date"])
    _create_failures()


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_list_upkeep_failures_superseded", "list_upkeep_failures")
    op.drop_index("ix_list_upkeep_failures_case", "list_upkeep_failures")
    op.drop_table("list_upkeep_failures")
    op.drop_index("ix_list_upkeep_dues_due", "list_upkeep_dues")
    op.drop_table("list_upkeep_dues")
    op.drop_table("list_upkeep_marks")


# Private functions -----------------------------------------------------------


def _create_failures() -> None:
    op.create_table(
        "list_upkeep_failures",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("chore", sa.String(length=50), nullable=False, comment="What could not be done"),
        sa.Column("number", ID, nullable=False, comment="The case or entry of which"),
        sa.Column("case_id", ID, nullable=False, comment="The case"),
        sa.Column(
            "entry_id", ID, nullable=True, comment="The entry; null where it is the whole case"
        ),
        sa.Column("reason", sa.String(length=100), nullable=False, comment="Reason of the refusal"),
        sa.Column("message", sa.Text(), nullable=False, comment="What was refused and what to do"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision since which it fails"),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision since which it fails no more, or otherwise; null while it fails",
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_list_upkeep_failures")),
        comment="What the upkeep of the lists could not do, on both axes of time",
    )
    op.create_index("ix_list_upkeep_failures_case", "list_upkeep_failures", ["case_id"])
    op.create_index(
        "ix_list_upkeep_failures_superseded", "list_upkeep_failures", ["superseded_revision"]
    )
