"""Proposals of several files, tried and compared file by file.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "policy_proposal_files",
        sa.Column("proposal_id", ID, nullable=False, comment="The proposal"),
        sa.Column(
            "position",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Place among the files, from 2; the first stands in the proposal",
        ),
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="The policy"),
        sa.Column(
            "versions",
            sa.Text(),
            nullable=False,
            comment="Names of the versions that it adds, a JSON list by start",
        ),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the content"),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="Exact bytes of the policy file"
        ),
        sa.Column(
            "cases", sa.LargeBinary(), nullable=False, comment="Exact bytes of its golden cases"
        ),
        sa.Column("title_zh", sa.Text(), nullable=False, comment="Title in Chinese"),
        sa.Column("title_en", sa.Text(), nullable=False, comment="Title in English"),
        sa.Column(
            "division", sa.String(length=6), nullable=False, comment="Division whose policy it is"
        ),
        sa.Column(
            "field",
            sa.String(length=50),
            nullable=False,
            comment="Code of its field; empty for every one",
        ),
        sa.Column(
            "start_date", sa.Date(), nullable=False, comment="Start of the earliest version added"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["policy_proposals.proposal_id"],
            name=op.f("fk_policy_proposal_files_proposal_id_policy_proposals"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "position", name=op.f("pk_policy_proposal_files")),
        comment="Second and later files of proposals of several, to the byte",
    )
    op.create_index(
        "ix_policy_proposal_files_policy", "policy_proposal_files", ["policy_id"], unique=False
    )
    op.create_table(
        "simulation_files",
        sa.Column(
            "simulation_id", ID, autoincrement=False, nullable=False, comment="The simulation"
        ),
        sa.Column(
            "position",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Place among the files, from 2",
        ),
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="Policy of the file"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="Exact bytes of the file"),
        sa.PrimaryKeyConstraint("simulation_id", "position", name=op.f("pk_simulation_files")),
        comment="Second and later files of simulations of several; derived",
    )
    op.add_column(
        "simulations",
        sa.Column(
            "changes_kept",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Changed subjects kept, of all policies together",
        ),
    )
    op.add_column(
        "simulations",
        sa.Column(
            "changes_truncated",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="Whether more subjects changed than are kept",
        ),
    )
    # What was kept until now was never told to be more or less than all: count it.
    op.execute(
        "UPDATE simulations SET changes_kept = (SELECT count(*) FROM simulation_changes"
        " WHERE simulation_changes.simulation_id = simulations.simulation_id)"
    )
    _drop_shadows()
    _create_shadows(by_file=True)


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    _drop_shadows()
    _create_shadows(by_file=False)
    op.drop_column("simulations", "changes_truncated")
    op.drop_column("simulations", "changes_kept")
    op.drop_table("simulation_files")
    op.drop_index("ix_policy_proposal_files_policy", table_name="policy_proposal_files")
    op.drop_table("policy_proposal_files")


# Private functions -----------------------------------------------------------


def _position(*, by_file: bool) -> list[sa.Column[int]]:
    column = sa.Column(
        "position",
        sa.SmallInteger(),
        autoincrement=False,
        nullable=False,
        comment="Place of its file, from 1",
    )
    return [column] if by_file else []


def _drop_shadows() -> None:
    """Drop the comparisons of shadow runs: they are derived, and made anew by themselves."""
    op.drop_index("ix_shadow_results_due", table_name="shadow_results")
    op.drop_table("shadow_results")
    op.drop_table("shadow_standings")


def _create_shadows(*, by_file: bool) -> None:
    """Create the tables of comparisons, with the place of the file in their keys or without."""
    file = ["proposal_id", "position"] if by_file else ["proposal_id"]
    op.create_table(
        "shadow_results",
        sa.Column("proposal_id", ID, autoincrement=False, nullable=False, comment="The proposal"),
        *_position(by_file=by_file),
        sa.Column("subject_id", ID, autoincrement=False, nullable=False, comment="The enterprise"),
        sa.Column(
            "movement",
            sa.SmallInteger(),
            nullable=False,
            comment="Movement number from live to shadow; 0 where both agree",
        ),
        sa.Column(
            "live_status",
            sa.SmallInteger(),
            nullable=False,
            comment="ResultStatus number, 0 for none",
        ),
        sa.Column("live_label", sa.Text(), nullable=False, comment="Live result in short"),
        sa.Column(
            "live_order", sa.Integer(), nullable=False, comment="Place among the live results"
        ),
        sa.Column(
            "candidate_status", sa.SmallInteger(), nullable=False, comment="ResultStatus number"
        ),
        sa.Column("candidate_label", sa.Text(), nullable=False, comment="Shadow's result in short"),
        sa.Column(
            "candidate_order",
            sa.Integer(),
            nullable=False,
            comment="Place among the shadow's results",
        ),
        sa.Column(
            "valid_until_date",
            sa.Date(),
            nullable=True,
            comment="First day on which either would change with nothing new; null when never",
        ),
        sa.PrimaryKeyConstraint(*file, "subject_id", name=op.f("pk_shadow_results")),
        comment="Results of shadow runs beside the live ones; derived",
    )
    op.create_index(
        "ix_shadow_results_due", "shadow_results", [*file, "valid_until_date"], unique=False
    )
    op.create_table(
        "shadow_standings",
        sa.Column("proposal_id", ID, autoincrement=False, nullable=False, comment="The proposal"),
        *_position(by_file=by_file),
        sa.Column(
            "start_revision", ID, nullable=False, comment="Revision of the start it belongs to"
        ),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="Digest of both sides; empty while a round is not whole",
        ),
        sa.Column(
            "live_version",
            sa.String(length=50),
            nullable=False,
            comment="Live version; empty for none",
        ),
        sa.Column("as_of", sa.Date(), nullable=True, comment="Day the comparison is for"),
        sa.Column("revision", ID, nullable=False, comment="Revision the comparison stands at"),
        sa.Column(
            "comparisons",
            sa.BigInteger(),
            nullable=False,
            comment="Comparisons made since the start",
        ),
        sa.Column(
            "holder",
            sa.String(length=100),
            nullable=False,
            comment="Lease of the server at work; empty for none",
        ),
        sa.Column(
            "expiry_time", INSTANT, nullable=True, comment="When the lease ends by itself, UTC"
        ),
        sa.PrimaryKeyConstraint(*file, name=op.f("pk_shadow_standings")),
        comment="Up to where shadow runs are compared; derived",
    )
