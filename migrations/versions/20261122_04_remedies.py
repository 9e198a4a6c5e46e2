"""Objections, credit repairs and reports of measures applied.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "measure_reports",
        sa.Column(
            "report_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("entry_id", ID, nullable=False, comment="The list entry"),
        sa.Column(
            "measure",
            sa.String(length=64),
            nullable=False,
            comment="Code of the measure in policies/measures.yaml",
        ),
        sa.Column("department", sa.String(length=100), nullable=False, comment="Who applies it"),
        sa.Column(
            "outcome", sa.SmallInteger(), nullable=False, comment="1 applied, 2 refused, 3 lifted"
        ),
        sa.Column("report_date", sa.Date(), nullable=False, comment="Day of it"),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Its document; or empty",
        ),
        sa.Column(
            "reason", sa.String(length=1000), nullable=False, comment="Why it was refused; or empty"
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_measure_reports")),
        comment="Measures applied, refused and lifted",
    )
    op.create_index(
        "ix_measure_reports_measure", "measure_reports", ["measure", "department"], unique=False
    )
    op.create_index(
        "uq_measure_reports_business_key",
        "measure_reports",
        ["entry_id", "measure", "department", "outcome", "report_date"],
        unique=True,
    )
    op.create_table(
        "remedies",
        sa.Column(
            "remedy_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="1 objection, 2 repair"),
        sa.Column(
            "record_id", ID, nullable=True, comment="Record that it is about; null for a list entry"
        ),
        sa.Column(
            "entry_id", ID, nullable=True, comment="List entry that it is about; null for a record"
        ),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise or person concerned"),
        sa.Column(
            "person", sa.Boolean(), nullable=False, comment="Whether the subject is a person"
        ),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number"),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that made the decision, and decides here",
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document that it is about, as printed",
        ),
        sa.Column("decision_date", sa.Date(), nullable=False, comment="Day of that document"),
        sa.Column(
            "policy_id", sa.String(length=100), nullable=False, comment="Policy of its periods"
        ),
        sa.Column(
            "policy_version", sa.String(length=50), nullable=False, comment="Version it keeps"
        ),
        sa.Column(
            "policy_digest", sa.String(length=64), nullable=False, comment="Digest of that version"
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that opened it"),
        sa.PrimaryKeyConstraint("remedy_id", name=op.f("pk_remedies")),
        comment="Objections and credit repairs",
    )
    op.create_index("ix_remedies_authority", "remedies", ["authority", "remedy_id"], unique=False)
    op.create_index("ix_remedies_entry", "remedies", ["entry_id"], unique=False)
    op.create_index("ix_remedies_record", "remedies", ["record_id"], unique=False)
    op.create_table(
        "remedy_evidence",
        sa.Column(
            "remedy_id", ID, autoincrement=False, nullable=False, comment="The objection or repair"
        ),
        sa.Column(
            "number",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Number of the step",
        ),
        sa.Column(
            "position",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Place in the step, from 1",
        ),
        sa.Column(
            "sha256", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of its bytes"
        ),
        sa.Column("title", sa.String(length=200), nullable=False, comment="What it is"),
        sa.ForeignKeyConstraint(
            ["remedy_id"],
            ["remedies.remedy_id"],
            name=op.f("fk_remedy_evidence_remedy_id_remedies"),
        ),
        sa.PrimaryKeyConstraint("remedy_id", "number", "position", name=op.f("pk_remedy_evidence")),
        comment="Evidence of steps by digest; the pieces stay with who holds them",
    )
    op.create_table(
        "remedy_steps",
        sa.Column(
            "remedy_id", ID, autoincrement=False, nullable=False, comment="The objection or repair"
        ),
        sa.Column(
            "number",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Number, from 1",
        ),
        sa.Column("state", sa.SmallInteger(), nullable=False, comment="State that it led to"),
        sa.Column("step_date", sa.Date(), nullable=False, comment="Civil day of the step"),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that took it; empty for the party",
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Its document; or empty",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="Ground, reasons or commitment"),
        sa.Column(
            "follow_up",
            sa.SmallInteger(),
            nullable=False,
            comment="DueStep action that it asks for elsewhere; 0 for none",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.ForeignKeyConstraint(
            ["remedy_id"], ["remedies.remedy_id"], name=op.f("fk_remedy_steps_remedy_id_remedies")
        ),
        sa.PrimaryKeyConstraint("remedy_id", "number", name=op.f("pk_remedy_steps")),
        comment="Steps of objections and repairs, only ever appended",
    )
    op.create_table(
        "repairs",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("remedy_id", ID, nullable=False, comment="The repair"),
        sa.Column("record_id", ID, nullable=False, comment="The record"),
        sa.Column("subject_id", ID, nullable=False, comment="Its subject, whose grades change"),
        sa.Column("repaired_date", sa.Date(), nullable=False, comment="Day of the decision"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that granted it"),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that withdrew it; null while it holds",
        ),
        sa.ForeignKeyConstraint(
            ["remedy_id"], ["remedies.remedy_id"], name=op.f("fk_repairs_remedy_id_remedies")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_repairs")),
        comment="Records that were repaired, and from when",
    )
    op.create_index("ix_repairs_record", "repairs", ["record_id"], unique=False)
    op.create_index("ix_repairs_recorded", "repairs", ["recorded_revision"], unique=False)
    op.create_index("ix_repairs_superseded", "repairs", ["superseded_revision"], unique=False)


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_repairs_superseded", table_name="repairs")
    op.drop_index("ix_repairs_recorded", table_name="repairs")
    op.drop_index("ix_repairs_record", table_name="repairs")
    op.drop_table("repairs")
    op.drop_table("remedy_steps")
    op.drop_table("remedy_evidence")
    op.drop_index("ix_remedies_record", table_name="remedies")
    op.drop_index("ix_remedies_entry", table_name="remedies")
    op.drop_index("ix_remedies_authority", table_name="remedies")
    op.drop_table("remedies")
    op.drop_index("uq_measure_reports_business_key", table_name="measure_reports")
    op.drop_index("ix_measure_reports_measure", table_name="measure_reports")
    op.drop_table("measure_reports")
