"""Risk models and their governance.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "risk_models",
        sa.Column(
            "model_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("name", sa.String(length=100), nullable=False, comment="What the model is for"),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the manifest"
        ),
        sa.Column(
            "feature_set",
            sa.String(length=50),
            nullable=False,
            comment="List of features that it reads",
        ),
        sa.Column("manifest", sa.LargeBinary(), nullable=False, comment="manifest.json"),
        sa.Column("trees", sa.LargeBinary(), nullable=False, comment="LightGBM's text model"),
        sa.Column("linear", sa.LargeBinary(), nullable=False, comment="The Poisson GLM as JSON"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that registered it"),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_risk_models")),
        comment="Risk models and their files",
    )
    op.create_index("ix_risk_models_name", "risk_models", ["name", "model_id"], unique=False)
    op.create_index("uq_risk_models_digest", "risk_models", ["digest"], unique=True)
    op.create_table(
        "risk_model_steps",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("model_id", ID, nullable=False, comment="The model"),
        sa.Column("action", sa.SmallInteger(), nullable=False, comment="RiskModelAction number"),
        sa.Column(
            "state", sa.SmallInteger(), nullable=False, comment="RiskModelState number reached"
        ),
        sa.Column("actor", sa.String(length=128), nullable=False, comment="Identity of who did it"),
        sa.Column(
            "authority",
            sa.String(length=100),
            nullable=False,
            comment="Authority acted for; empty for none",
        ),
        sa.Column(
            "document_number", sa.String(length=100), nullable=False, comment="Document behind it"
        ),
        sa.Column(
            "note", sa.String(length=1000), nullable=False, comment="What was looked at, or why"
        ),
        sa.Column("recorded_time", INSTANT, nullable=False, comment="When, UTC"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that recorded it"),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["risk_models.model_id"],
            name=op.f("fk_risk_model_steps_model_id_risk_models"),
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_risk_model_steps")),
        comment="Steps of risk models, in order",
    )
    op.create_index(
        "ix_risk_model_steps_model", "risk_model_steps", ["model_id", "row_id"], unique=False
    )
    op.create_table(
        "risk_predictions",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "record_id",
            ID,
            nullable=False,
            comment="Identifier of the prediction: the row identifier of its first row",
        ),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise"),
        sa.Column("model_id", ID, nullable=False, comment="The model that gave it"),
        sa.Column(
            "event_date",
            sa.Date(),
            nullable=False,
            comment="Day it looks from, and from which it holds",
        ),
        sa.Column("end_date", sa.Date(), nullable=False, comment="Day after the last day it holds"),
        sa.Column(
            "relativity_hundredths",
            sa.Integer(),
            nullable=False,
            comment="Expected rate over the base rate, in hundredths",
        ),
        sa.Column(
            "credibility_hundredths",
            sa.Integer(),
            nullable=False,
            comment="How far the relativity is to be believed, 0 to 100",
        ),
        sa.Column(
            "known_revision", ID, nullable=False, comment="Revision at which its features were read"
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
        sa.CheckConstraint(
            "end_date > event_date", name=op.f("ck_risk_predictions_period_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["risk_models.model_id"],
            name=op.f("fk_risk_predictions_model_id_risk_models"),
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_risk_predictions")),
        comment="Predictions of models in force, on both axes of time",
    )
    op.create_index(
        "ix_risk_predictions_model",
        "risk_predictions",
        ["model_id", "superseded_revision"],
        unique=False,
    )
    op.create_index(
        "ix_risk_predictions_recorded", "risk_predictions", ["recorded_revision"], unique=False
    )
    op.create_index(
        "ix_risk_predictions_subject",
        "risk_predictions",
        ["subject_id", "event_date"],
        unique=False,
    )
    op.create_index(
        "ix_risk_predictions_superseded", "risk_predictions", ["superseded_revision"], unique=False
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_index("ix_risk_predictions_superseded", table_name="risk_predictions")
    op.drop_index("ix_risk_predictions_subject", table_name="risk_predictions")
    op.drop_index("ix_risk_predictions_recorded", table_name="risk_predictions")
    op.drop_index("ix_risk_predictions_model", table_name="risk_predictions")
    op.drop_table("risk_predictions")
    op.drop_index("ix_risk_model_steps_model", table_name="risk_model_steps")
    op.drop_table("risk_model_steps")
    op.drop_index("uq_risk_models_digest", table_name="risk_models")
    op.drop_index("ix_risk_models_name", table_name="risk_models")
    op.drop_table("risk_models")
