"""List cases, their ledger, and entries.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "list_cases",
        sa.Column(
            "case_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("list_kind", sa.SmallInteger(), nullable=False, comment="ListKind number"),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number of the list"),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise or person"),
        sa.Column(
            "person", sa.Boolean(), nullable=False, comment="Whether the subject is a person"
        ),
        sa.Column(
            "division",
            sa.Integer(),
            nullable=True,
            comment="Division of the subject when the case was opened (GB/T 2260)",
        ),
        sa.Column("origin", sa.SmallInteger(), nullable=False, comment="ListCaseOrigin number"),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that collected it",
        ),
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="List policy"),
        sa.Column("policy_version", sa.String(length=50), nullable=False, comment="Its version"),
        sa.Column("policy_digest", sa.String(length=64), nullable=False, comment="Its digest"),
        sa.Column(
            "evaluation_date",
            sa.Date(),
            nullable=False,
            comment="Day for which the rules were evaluated",
        ),
        sa.Column(
            "procedure",
            sa.Text(),
            nullable=False,
            comment="Requirements of the procedure as they were, with their clauses (JSON)",
        ),
        sa.Column(
            "review_fields",
            sa.Integer(),
            nullable=False,
            comment="Fields that review jointly, bit n for field number n",
        ),
        sa.Column(
            "reasons", sa.Text(), nullable=False, comment="Circumstances with their records (JSON)"
        ),
        sa.Column("inputs", sa.Text(), nullable=False, comment="What the caller answered (JSON)"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that opened the case"),
        sa.Column(
            "ended_revision",
            ID,
            nullable=True,
            comment="Revision that ended it; null while something is left to do",
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_list_cases")),
        comment="Cases of the blacklists and redlists",
    )
    op.create_index("ix_list_cases_ended", "list_cases", ["ended_revision"], unique=False)
    op.create_index("ix_list_cases_recorded", "list_cases", ["recorded_revision"], unique=False)
    op.create_index("ix_list_cases_subject", "list_cases", ["subject_id"], unique=False)

    op.create_table(
        "list_case_parties",
        sa.Column("case_id", ID, autoincrement=False, nullable=False, comment="The case"),
        sa.Column(
            "subject_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="The enterprise or person",
        ),
        sa.Column(
            "place", sa.SmallInteger(), nullable=False, comment="Place among the parties, from 0"
        ),
        sa.Column("person", sa.Boolean(), nullable=False, comment="Whether it is a person"),
        sa.Column(
            "role",
            sa.String(length=50),
            nullable=False,
            comment="Role for which a person is listed with the unit; empty otherwise",
        ),
        sa.Column(
            "rule_ids", sa.Text(), nullable=False, comment="Circumstances that reach it (JSON)"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["list_cases.case_id"],
            name=op.f("fk_list_case_parties_case_id_list_cases"),
        ),
        sa.PrimaryKeyConstraint("case_id", "subject_id", name=op.f("pk_list_case_parties")),
        comment="Parties of the cases",
    )
    op.create_index(
        "ix_list_case_parties_subject", "list_case_parties", ["subject_id"], unique=False
    )

    op.create_table(
        "list_case_records",
        sa.Column("case_id", ID, autoincrement=False, nullable=False, comment="The case"),
        sa.Column("record_id", ID, autoincrement=False, nullable=False, comment="The record"),
        sa.Column(
            "edition", sa.Integer(), nullable=False, comment="Edition that the case was opened with"
        ),
        sa.Column(
            "penalising_authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that made this final penalty; empty for other records",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["list_cases.case_id"],
            name=op.f("fk_list_case_records_case_id_list_cases"),
        ),
        sa.PrimaryKeyConstraint("case_id", "record_id", name=op.f("pk_list_case_records")),
        comment="Records behind the cases",
    )
    op.create_index("ix_list_case_records_record", "list_case_records", ["record_id"], unique=False)

    op.create_table(
        "list_case_steps",
        sa.Column(
            "step_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("case_id", ID, nullable=False, comment="The case"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Place in the ledger, from 1"),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="ListCaseStepKind number"),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority that acted; empty where the party did",
        ),
        sa.Column(
            "person",
            sa.String(length=100),
            nullable=False,
            comment="Official who acted; empty where the system did",
        ),
        sa.Column(
            "caller", sa.String(length=128), nullable=False, comment="Caller that recorded it"
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document; empty for none",
        ),
        sa.Column("step_date", sa.Date(), nullable=False, comment="Civil day of the step"),
        sa.Column(
            "party_id", ID, nullable=True, comment="Party that it is about; null for all of them"
        ),
        sa.Column(
            "entry_id",
            ID,
            nullable=True,
            comment="Entry that it is about; null for a step of the case",
        ),
        sa.Column(
            "field",
            sa.SmallInteger(),
            nullable=False,
            comment="Field whose department gave its opinion; 0 otherwise",
        ),
        sa.Column(
            "opinion", sa.SmallInteger(), nullable=False, comment="Opinion number; 0 for none"
        ),
        sa.Column(
            "addressee",
            sa.String(length=100),
            nullable=False,
            comment="Authority that the case was reported to; empty otherwise",
        ),
        sa.Column("contents", sa.Text(), nullable=False, comment="Texts by their names (JSON)"),
        sa.Column("measures", sa.Text(), nullable=False, comment="Codes of the measures (JSON)"),
        sa.Column(
            "parties",
            sa.Text(),
            nullable=False,
            comment="Parties that a decision lists (JSON); empty list for other steps",
        ),
        sa.Column(
            "listing_date",
            sa.Date(),
            nullable=True,
            comment="First day of the listing that a decision sets",
        ),
        sa.Column(
            "attachments",
            sa.Text(),
            nullable=False,
            comment="Evidence: digests, titles, what they prove (JSON)",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["list_cases.case_id"], name=op.f("fk_list_case_steps_case_id_list_cases")
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_list_case_steps")),
        comment="The ledger of the cases; append-only",
    )
    op.create_index(
        "ix_list_case_steps_recorded", "list_case_steps", ["recorded_revision"], unique=False
    )
    op.create_index(
        "uq_list_case_steps_number", "list_case_steps", ["case_id", "number"], unique=True
    )

    op.create_table(
        "list_entries",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "entry_id",
            ID,
            nullable=False,
            comment="Identifier of the entry: the row identifier of its first edition",
        ),
        sa.Column("case_id", ID, nullable=False, comment="The case"),
        sa.Column("list_kind", sa.SmallInteger(), nullable=False, comment="ListKind number"),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number of the list"),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise or person listed"),
        sa.Column("person", sa.Boolean(), nullable=False, comment="Whether it is a person"),
        sa.Column(
            "credit_code",
            sa.String(length=18),
            nullable=False,
            comment="Credit code; of a person that of the enterprise in whose case it is",
        ),
        sa.Column(
            "name",
            sa.String(length=200),
            nullable=False,
            comment="Name at the publication; of a person masked",
        ),
        sa.Column(
            "identity_mask",
            sa.String(length=18),
            nullable=False,
            comment="Masked identity number of a person; empty for an enterprise",
        ),
        sa.Column(
            "division",
            sa.Integer(),
            nullable=True,
            comment="Division at the publication (GB/T 2260)",
        ),
        sa.Column(
            "authority", sa.String(length=100), nullable=False, comment="Authority that decided"
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Number of the decision",
        ),
        sa.Column("decision_date", sa.Date(), nullable=False, comment="Day of the decision"),
        sa.Column("publish_date", sa.Date(), nullable=False, comment="Day of the publication"),
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day of the listing"),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="Day after the last day on which it counts; null while it has no end",
        ),
        sa.Column("rule_ids", sa.Text(), nullable=False, comment="Circumstances (JSON)"),
        sa.Column("cause", sa.Text(), nullable=False, comment="Cause (事由)"),
        sa.Column("basis", sa.Text(), nullable=False, comment="Legal basis (依据)"),
        sa.Column("measures", sa.Text(), nullable=False, comment="Codes of the measures (JSON)"),
        sa.Column(
            "policy_id", sa.String(length=100), nullable=False, comment="List policy of the case"
        ),
        sa.Column("policy_version", sa.String(length=50), nullable=False, comment="Its version"),
        sa.Column("policy_digest", sa.String(length=64), nullable=False, comment="Its digest"),
        sa.Column("state", sa.SmallInteger(), nullable=False, comment="ListEntryState number"),
        sa.Column(
            "removal_reason",
            sa.SmallInteger(),
            nullable=True,
            comment="RemovalReason number; null while in force",
        ),
        sa.Column(
            "removal_document",
            sa.String(length=100),
            nullable=False,
            comment="Document that removed it; empty for none",
        ),
        sa.Column(
            "removal_date",
            sa.Date(),
            nullable=True,
            comment="Day from which it is off the list; null while in force",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the edition"
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that replaced it; null while it is current",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["list_cases.case_id"], name=op.f("fk_list_entries_case_id_list_cases")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_list_entries")),
        comment="Entries of the lists on both axes of time",
    )
    op.create_index("ix_list_entries_case", "list_entries", ["case_id"], unique=False)
    op.create_index("ix_list_entries_due", "list_entries", ["state", "end_date"], unique=False)
    op.create_index("ix_list_entries_entry", "list_entries", ["entry_id"], unique=False)
    op.create_index("ix_list_entries_recorded", "list_entries", ["recorded_revision"], unique=False)
    op.create_index("ix_list_entries_subject", "list_entries", ["subject_id"], unique=False)
    op.create_index(
        "ix_list_entries_superseded", "list_entries", ["superseded_revision"], unique=False
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_table("list_entries")
    op.drop_table("list_case_steps")
    op.drop_table("list_case_records")
    op.drop_table("list_case_parties")
    op.drop_table("list_cases")
