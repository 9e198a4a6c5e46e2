"""Which enterprises belong to which groups.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "group": "group_id",
    "member": "member_id",
    "membership": "membership_id",
    "recorded": "recorded_revision",
    "superseded": "superseded_revision",
}


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "group_memberships",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "membership_id",
            ID,
            nullable=False,
            comment="Identifier of the membership: the row identifier of its first row",
        ),
        sa.Column("group_id", ID, nullable=False, comment="Enterprise that heads the group"),
        sa.Column("member_id", ID, nullable=False, comment="Enterprise that belongs to it"),
        *_columns(),
        sa.CheckConstraint(
            "end_date IS NULL OR end_date > start_date",
            name=op.f("ck_group_memberships_period_not_empty"),
        ),
        sa.CheckConstraint(
            "group_id <> member_id", name=op.f("ck_group_memberships_not_of_itself")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_group_memberships_group_id_enterprises"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_group_memberships_member_id_enterprises"),
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_group_memberships")),
        comment="Members of enterprise groups on both axes of time",
    )
    for name, column in INDEXES.items():
        op.create_index(f"ix_group_memberships_{name}", "group_memberships", [column])


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    for name in INDEXES:
        op.drop_index(f"ix_group_memberships_{name}", "group_memberships")
    op.drop_table("group_memberships")


# Private functions -----------------------------------------------------------


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day as a member"),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="Day after the last day as a member; null while it is one",
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document that the row rests on: of the beginning, or of the end",
        ),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that issued or registered the document",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that replaced the row; null while it is current",
        ),
    )
