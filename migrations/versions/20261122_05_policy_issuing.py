"""Issued policies, their approvals, simulations and shadow runs.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "policy_proposals",
        sa.Column(
            "proposal_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
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
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_policy_proposals")),
        comment="Policy files as proposed, to the byte",
    )
    op.create_index("ix_policy_proposals_policy", "policy_proposals", ["policy_id"], unique=False)
    op.create_table(
        "shadow_results",
        sa.Column("proposal_id", ID, autoincrement=False, nullable=False, comment="The proposal"),
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
        sa.PrimaryKeyConstraint("proposal_id", "subject_id", name=op.f("pk_shadow_results")),
        comment="Results of shadow runs beside the live ones; derived",
    )
    op.create_index(
        "ix_shadow_results_due", "shadow_results", ["proposal_id", "valid_until_date"], unique=False
    )
    op.create_table(
        "shadow_standings",
        sa.Column("proposal_id", ID, autoincrement=False, nullable=False, comment="The proposal"),
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
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_shadow_standings")),
        comment="Up to where shadow runs are compared; derived",
    )
    op.create_table(
        "simulation_changes",
        sa.Column(
            "simulation_id", ID, autoincrement=False, nullable=False, comment="The simulation"
        ),
        sa.Column(
            "policy_id",
            sa.String(length=100),
            nullable=False,
            comment="Policy whose result changed",
        ),
        sa.Column(
            "subject_id", ID, autoincrement=False, nullable=False, comment="Enterprise or person"
        ),
        sa.Column("person", sa.Boolean(), nullable=False, comment="Whether it is a person"),
        sa.Column("movement", sa.SmallInteger(), nullable=False, comment="Movement number"),
        sa.Column(
            "live_status",
            sa.SmallInteger(),
            nullable=False,
            comment="ResultStatus number, 0 for none",
        ),
        sa.Column("live_label", sa.Text(), nullable=False, comment="Live result in short"),
        sa.Column(
            "candidate_status",
            sa.SmallInteger(),
            nullable=False,
            comment="ResultStatus number, 0 for none",
        ),
        sa.Column(
            "candidate_label", sa.Text(), nullable=False, comment="Candidate's result in short"
        ),
        sa.PrimaryKeyConstraint(
            "simulation_id", "policy_id", "subject_id", name=op.f("pk_simulation_changes")
        ),
        comment="Subjects that simulations moved; derived",
    )
    op.create_table(
        "simulations",
        sa.Column("simulation_id", ID, autoincrement=True, nullable=False, comment="Identifier"),
        sa.Column("caller", sa.String(length=128), nullable=False, comment="Who started it"),
        sa.Column(
            "request_id",
            sa.String(length=64),
            nullable=False,
            comment="The caller's own id of the request",
        ),
        sa.Column(
            "body_digest",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="SHA-256 of the request's canonical bytes",
        ),
        sa.Column(
            "policy_id", sa.String(length=100), nullable=False, comment="Policy of the candidate"
        ),
        sa.Column(
            "version", sa.String(length=50), nullable=False, comment="Version of the candidate"
        ),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the candidate's bytes",
        ),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=True,
            comment="The candidate's bytes; null for a version that exists",
        ),
        sa.Column(
            "live_policy_id",
            sa.String(length=100),
            nullable=False,
            comment="Policy to compare with",
        ),
        sa.Column("state", sa.SmallInteger(), nullable=False, comment="SimulationState number"),
        sa.Column(
            "subjects_done", sa.BigInteger(), nullable=False, comment="Subjects evaluated so far"
        ),
        sa.Column(
            "subjects_total", sa.BigInteger(), nullable=False, comment="Subjects to evaluate"
        ),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day it is for"),
        sa.Column("revision", ID, nullable=False, comment="Revision that it reads"),
        sa.Column("known_at", INSTANT, nullable=False, comment="Instant of that revision, UTC"),
        sa.Column(
            "division",
            sa.String(length=6),
            nullable=False,
            comment="Division filter; empty for any",
        ),
        sa.Column(
            "industry",
            sa.String(length=5),
            nullable=False,
            comment="Industry filter; empty for any",
        ),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field filter; 0 for any"),
        sa.Column(
            "affected_max", sa.Integer(), nullable=False, comment="Most affected subjects wanted"
        ),
        sa.Column("request_time", INSTANT, nullable=False, comment="When it was asked for, UTC"),
        sa.Column(
            "end_time", INSTANT, nullable=True, comment="When it ended, UTC; null until then"
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
        sa.Column(
            "failure_reason",
            sa.String(length=100),
            nullable=False,
            comment="Why it failed; empty if not",
        ),
        sa.Column(
            "failure_message",
            sa.Text(),
            nullable=False,
            comment="What went wrong; empty for nothing",
        ),
        sa.Column("result", sa.Text(), nullable=True, comment="Result as JSON; null until done"),
        sa.PrimaryKeyConstraint("simulation_id", name=op.f("pk_simulations")),
        sa.UniqueConstraint("caller", "request_id", name=op.f("uq_simulations_caller_request_id")),
        comment="Dry runs of policies; derived",
    )
    op.create_index("ix_simulations_policy", "simulations", ["policy_id"], unique=False)
    op.create_index(
        "uq_simulations_active",
        "simulations",
        ["policy_id"],
        unique=True,
        sqlite_where=sa.text("state IN (1, 2)"),
        postgresql_where=sa.text("state IN (1, 2)"),
    )
    op.create_table(
        "policy_proposal_steps",
        sa.Column(
            "step_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("proposal_id", ID, nullable=False, comment="The proposal"),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="ProposalStep.Kind number"),
        sa.Column("caller", sa.String(length=128), nullable=False, comment="Who did it"),
        sa.Column(
            "authority",
            sa.Text(),
            nullable=False,
            comment="Authority of the caller; empty for none",
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document behind it; empty for none",
        ),
        sa.Column("note", sa.Text(), nullable=False, comment="What the caller noted"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["policy_proposals.proposal_id"],
            name=op.f("fk_policy_proposal_steps_proposal_id_policy_proposals"),
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_policy_proposal_steps")),
        comment="Steps of proposals: added, never changed",
    )
    op.create_index(
        "ix_policy_proposal_steps_proposal", "policy_proposal_steps", ["proposal_id"], unique=False
    )
    op.create_index(
        "uq_policy_proposal_steps_approver",
        "policy_proposal_steps",
        ["proposal_id", "caller"],
        unique=True,
        sqlite_where=sa.text("kind = 2"),
        postgresql_where=sa.text("kind = 2"),
    )
    op.create_table(
        "policy_parents",
        sa.Column("proposal_id", ID, nullable=False, comment="The proposal"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the content"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="Exact bytes of the file"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["policy_proposals.proposal_id"],
            name=op.f("fk_policy_parents_proposal_id_policy_proposals"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "digest", name=op.f("pk_policy_parents")),
        comment="Files that published policies extend, to the byte",
    )
    op.create_table(
        "policy_publications",
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="The policy"),
        sa.Column("version", sa.String(length=50), nullable=False, comment="The version"),
        sa.Column("proposal_id", ID, nullable=False, comment="Proposal that has the bytes"),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="Digest that answers name: of the bytes and all that they extend",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that published it"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["policy_proposals.proposal_id"],
            name=op.f("fk_policy_publications_proposal_id_policy_proposals"),
        ),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policy_publications")),
        comment="Versions of policies as published",
    )
    op.create_index(
        "ix_policy_publications_recorded",
        "policy_publications",
        ["recorded_revision"],
        unique=False,
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_policy_publications_recorded", table_name="policy_publications")
    op.drop_table("policy_publications")
    op.drop_table("policy_parents")
    op.drop_index("uq_policy_proposal_steps_approver", table_name="policy_proposal_steps")
    op.drop_index("ix_policy_proposal_steps_proposal", table_name="policy_proposal_steps")
    op.drop_table("policy_proposal_steps")
    op.drop_index("uq_simulations_active", table_name="simulations")
    op.drop_index("ix_simulations_policy", table_name="simulations")
    op.drop_table("simulations")
    op.drop_table("simulation_changes")
    op.drop_table("shadow_standings")
    op.drop_index("ix_shadow_results_due", table_name="shadow_results")
    op.drop_table("shadow_results")
    op.drop_index("ix_policy_proposals_policy", table_name="policy_proposals")
    op.drop_table("policy_proposals")
