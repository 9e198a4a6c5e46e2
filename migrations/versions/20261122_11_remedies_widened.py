"""Extensions of a repair's decision, and results that were passed on.

Every step that was recorded before led to its state, so that 0 is right for all of them.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STEPS = sa.table(
    "remedy_steps", sa.column("remedy_id"), sa.column("number"), sa.column("act", sa.SmallInteger())
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "remedy_steps",
        sa.Column(
            "act",
            sa.SmallInteger(),
            server_default="0",
            nullable=False,
            comment="RemedyAct number of what left the state as it was; 0 for what led to it",
        ),
    )
    op.add_column(
        "remedy_steps",
        sa.Column(
            "told_date",
            sa.Date(),
            nullable=True,
            comment="Day on which the applicant was told of an extension; null otherwise",
        ),
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    _forget_acts()
    with op.batch_alter_table("remedy_steps") as steps:
        steps.drop_column("told_date")
        steps.drop_column("act")


# Private functions -----------------------------------------------------------


def _forget_acts() -> None:
    """Drop the steps that the release before would take for the ones that they followed.

    It numbers a new step by how many there are, so that no number may be left out.
    """
    connection = op.get_bind()
    acted = connection.execute(
        sa.select(STEPS.c.remedy_id).where(STEPS.c.act != 0).distinct()
    ).scalars()
    for remedy_id in acted.all():
        own = STEPS.c.remedy_id == remedy_id
        connection.execute(sa.delete(STEPS).where(own, STEPS.c.act != 0))
        numbers = connection.execute(
            sa.select(STEPS.c.number).where(own).order_by(STEPS.c.number)
        ).scalars()
        for number, before in enumerate(numbers.all(), start=1):
            connection.execute(
                sa.update(STEPS).where(own, STEPS.c.number == before).values(number=number)
            )
