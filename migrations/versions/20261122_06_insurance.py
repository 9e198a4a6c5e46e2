"""Insurance policies, claims, payments and prevention services as records; their evaluation.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column(
        "enterprise_versions",
        sa.Column(
            "activities",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Activities, bit n for Activity number n",
        ),
    )
    op.create_table(
        "insurance_policies",
        sa.Column(
            "insurance_kind", sa.SmallInteger(), nullable=False, comment="InsuranceKind number"
        ),
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day of cover"),
        sa.Column("end_date", sa.Date(), nullable=False, comment="Day after the last day of cover"),
        sa.Column("insured_headcount", sa.Integer(), nullable=False, comment="Persons insured"),
        sa.Column(
            "limit_per_person_fen",
            sa.BigInteger(),
            nullable=False,
            comment="Limit per person in fen",
        ),
        sa.Column(
            "aggregate_limit_fen",
            sa.BigInteger(),
            nullable=False,
            comment="Limit of all claims in fen",
        ),
        sa.Column("premium_fen", sa.BigInteger(), nullable=False, comment="Premium in fen"),
        sa.Column(
            "plan_id",
            sa.String(length=100),
            nullable=False,
            comment="Rate plan; empty when not given",
        ),
        sa.Column(
            "quote_id",
            sa.String(length=100),
            nullable=False,
            comment="Quote it was bound from; or empty",
        ),
        sa.Column(
            "basis", sa.String(length=1000), nullable=False, comment="What the premium rests on"
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_insurance_policies_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_insurance_policies")),
        comment="Insurance policies",
    )
    op.create_table(
        "endorsements",
        sa.Column("policy_record_id", ID, nullable=False, comment="Insurance policy changed"),
        sa.Column("effective_date", sa.Date(), nullable=False, comment="Day from which it holds"),
        sa.Column(
            "insured_headcount",
            sa.Integer(),
            nullable=True,
            comment="Persons insured from then on; null when unchanged",
        ),
        sa.Column(
            "limit_per_person_fen",
            sa.BigInteger(),
            nullable=True,
            comment="Limit per person in fen; null when unchanged",
        ),
        sa.Column(
            "aggregate_limit_fen",
            sa.BigInteger(),
            nullable=True,
            comment="Limit of all claims in fen; null when unchanged",
        ),
        sa.Column(
            "premium_change_fen",
            sa.BigInteger(),
            nullable=False,
            comment="Added to the premium, in fen; negative when returned",
        ),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="New day after the last day of cover; null when unchanged",
        ),
        sa.Column(
            "cancelled", sa.Boolean(), nullable=False, comment="Whether the policy is cancelled"
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_endorsements_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_endorsements")),
        comment="Changes of insurance policies",
    )
    op.create_index("ix_endorsements_policy", "endorsements", ["policy_record_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("policy_record_id", ID, nullable=False, comment="Insurance policy"),
        sa.Column("accident_record_id", ID, nullable=True, comment="Accident behind it"),
        sa.Column("incurred_date", sa.Date(), nullable=False, comment="Day of the loss"),
        sa.Column(
            "reserved_fen", sa.BigInteger(), nullable=False, comment="Expected payment in fen"
        ),
        sa.Column(
            "settled_date",
            sa.Date(),
            nullable=True,
            comment="Day it was settled; null while it is open",
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_claims_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_claims")),
        comment="Claims",
    )
    op.create_index("ix_claims_policy", "claims", ["policy_record_id"], unique=False)
    op.create_table(
        "insurance_payments",
        sa.Column("policy_record_id", ID, nullable=False, comment="Insurance policy"),
        sa.Column("payment_kind", sa.SmallInteger(), nullable=False, comment="PaymentKind number"),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False, comment="Amount in fen"),
        sa.Column("claim_record_id", ID, nullable=True, comment="Claim paid"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_insurance_payments_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_insurance_payments")),
        comment="Premiums received, compensation paid",
    )
    op.create_index(
        "ix_insurance_payments_policy", "insurance_payments", ["policy_record_id"], unique=False
    )
    op.create_table(
        "prevention_plans",
        sa.Column("policy_record_id", ID, nullable=False, comment="Insurance policy"),
        sa.Column("item", sa.SmallInteger(), nullable=False, comment="PreventionItem number"),
        sa.Column(
            "service_count", sa.Integer(), nullable=False, comment="How often by the due date"
        ),
        sa.Column("due_date", sa.Date(), nullable=False, comment="Last day for all of it"),
        sa.Column(
            "budget_fen", sa.BigInteger(), nullable=False, comment="What it may cost, in fen"
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_prevention_plans_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_prevention_plans")),
        comment="Items of plans of prevention services",
    )
    op.create_index(
        "ix_prevention_plans_policy", "prevention_plans", ["policy_record_id"], unique=False
    )
    op.create_table(
        "prevention_services",
        sa.Column("policy_record_id", ID, nullable=False, comment="Insurance policy"),
        sa.Column("plan_record_id", ID, nullable=True, comment="Item of the plan fulfilled"),
        sa.Column("item", sa.SmallInteger(), nullable=False, comment="PreventionItem number"),
        sa.Column("place", sa.String(length=1000), nullable=False, comment="Where it was done"),
        sa.Column(
            "service_body",
            sa.String(length=100),
            nullable=False,
            comment="Body that did it; or empty",
        ),
        sa.Column("staff_count", sa.Integer(), nullable=False, comment="Persons who did it"),
        sa.Column(
            "participant_count", sa.Integer(), nullable=False, comment="Persons who took part"
        ),
        sa.Column("findings", sa.Text(), nullable=False, comment="What was found"),
        sa.Column("hazard_count", sa.Integer(), nullable=False, comment="Hazards found"),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False, comment="What it cost, in fen"),
        sa.Column(
            "insurer_confirmed_date",
            sa.Date(),
            nullable=True,
            comment="Day the insurer confirmed it",
        ),
        sa.Column(
            "insured_confirmed_date",
            sa.Date(),
            nullable=True,
            comment="Day the insured enterprise confirmed it",
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_prevention_services_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_prevention_services")),
        comment="Prevention services done",
    )
    op.create_index(
        "ix_prevention_services_policy", "prevention_services", ["policy_record_id"], unique=False
    )
    op.create_table(
        "insurer_evaluations",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "evaluation_id",
            ID,
            nullable=False,
            comment="Identifier of the evaluation: the row identifier of its first edition",
        ),
        sa.Column("edition", sa.Integer(), nullable=False, comment="Edition, from 1"),
        sa.Column("insurer", sa.String(length=100), nullable=False, comment="Name of the insurer"),
        sa.Column(
            "insurer_code",
            sa.String(length=18),
            nullable=False,
            comment="Credit code of the insurer",
        ),
        sa.Column(
            "division", sa.Integer(), nullable=False, comment="Place evaluated in (GB/T 2260)"
        ),
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day of the period"),
        sa.Column(
            "end_date", sa.Date(), nullable=False, comment="Day after the last day of the period"
        ),
        sa.Column(
            "evaluation_date", sa.Date(), nullable=False, comment="Civil day of the evaluation"
        ),
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="Policy applied"),
        sa.Column("policy_version", sa.String(length=50), nullable=False, comment="Its version"),
        sa.Column(
            "policy_digest", sa.String(length=64), nullable=False, comment="Digest of that version"
        ),
        sa.Column(
            "figures",
            sa.Text(),
            nullable=False,
            comment="Figures counted, JSON by name: whole number or null, decimals, unit",
        ),
        sa.Column("status", sa.SmallInteger(), nullable=False, comment="1 result, 2 no data"),
        sa.Column(
            "grade", sa.String(length=50), nullable=False, comment="Grade; empty without a result"
        ),
        sa.Column(
            "score",
            sa.BigInteger(),
            nullable=True,
            comment="Score in its smallest unit; null without one",
        ),
        sa.Column(
            "score_places", sa.SmallInteger(), nullable=False, comment="Decimals of the score"
        ),
        sa.Column(
            "missing",
            sa.String(length=1000),
            nullable=False,
            comment="Figures without which none, by comma",
        ),
        sa.Column(
            "dispute_end_date",
            sa.Date(),
            nullable=False,
            comment="Day after the last day for disputes",
        ),
        sa.Column(
            "dispute_end_provisional",
            sa.Boolean(),
            nullable=False,
            comment="Whether a working day on the way is not announced yet",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_insurer_evaluations")),
        comment="Evaluations of insurers, edition by edition",
    )
    op.create_index(
        "uq_insurer_evaluations_edition",
        "insurer_evaluations",
        ["evaluation_id", "edition"],
        unique=True,
    )
    op.create_index(
        "uq_insurer_evaluations_period",
        "insurer_evaluations",
        ["insurer_code", "division", "start_date", "end_date", "edition"],
        unique=True,
    )
    op.create_table(
        "insurer_evaluation_steps",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("evaluation_id", ID, nullable=False, comment="The evaluation"),
        sa.Column("edition", sa.Integer(), nullable=False, comment="Edition that it is about"),
        sa.Column(
            "step",
            sa.SmallInteger(),
            nullable=False,
            comment="1 disputed, 2 dispute accepted, 3 dispute rejected, 4 published",
        ),
        sa.Column("step_date", sa.Date(), nullable=False, comment="Civil day of the step"),
        sa.Column("authority", sa.String(length=100), nullable=False, comment="Who took it"),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document that says so",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="Why, in words; empty for a publication"
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_insurer_evaluation_steps")),
        comment="Disputes about evaluations, and their publication",
    )
    op.create_index(
        "ix_insurer_evaluation_steps_evaluation",
        "insurer_evaluation_steps",
        ["evaluation_id"],
        unique=False,
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_insurer_evaluation_steps_evaluation", table_name="insurer_evaluation_steps")
    op.drop_table("insurer_evaluation_steps")
    op.drop_index("uq_insurer_evaluations_period", table_name="insurer_evaluations")
    op.drop_index("uq_insurer_evaluations_edition", table_name="insurer_evaluations")
    op.drop_table("insurer_evaluations")
    op.drop_index("ix_prevention_services_policy", table_name="prevention_services")
    op.drop_table("prevention_services")
    op.drop_index("ix_prevention_plans_policy", table_name="prevention_plans")
    op.drop_table("prevention_plans")
    op.drop_index("ix_insurance_payments_policy", table_name="insurance_payments")
    op.drop_table("insurance_payments")
    op.drop_index("ix_claims_policy", table_name="claims")
    op.drop_table("claims")
    op.drop_index("ix_endorsements_policy", table_name="endorsements")
    op.drop_table("endorsements")
    op.drop_table("insurance_policies")
    op.drop_column("enterprise_versions", "activities")
