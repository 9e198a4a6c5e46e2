"""Risk models with their steps, and the predictions that rate plans may read."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy import Integer as Int32
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class RiskModelRow(Base):
    """A model with its files, each byte as it was trained; never changed."""

    __tablename__ = "risk_models"
    __table_args__ = (
        Index("uq_risk_models_digest", "digest", unique=True),
        Index("ix_risk_models_name", "name", "model_id"),
        {"comment": "Risk models and their files", "info": {"writer": "scoring"}},
    )

    model_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    name: Mapped[str] = mapped_column(String(100), comment="What the model is for")
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the manifest")
    feature_set: Mapped[str] = mapped_column(String(50), comment="List of features that it reads")
    manifest: Mapped[bytes] = mapped_column(LargeBinary, comment="manifest.json")
    trees: Mapped[bytes] = mapped_column(LargeBinary, comment="LightGBM's text model")
    linear: Mapped[bytes] = mapped_column(LargeBinary, comment="The Poisson GLM as JSON")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that registered it")


class RiskModelStepRow(Base):
    """One step of a model: who did what, when, by which document; appended, never changed."""

    __tablename__ = "risk_model_steps"
    __table_args__ = (
        Index("ix_risk_model_steps_model", "model_id", "row_id"),
        {"comment": "Steps of risk models, in order", "info": {"writer": "scoring"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    model_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("risk_models.model_id"), comment="The model"
    )
    action: Mapped[int] = mapped_column(SmallInteger, comment="RiskModelAction number")
    state: Mapped[int] = mapped_column(SmallInteger, comment="RiskModelState number reached")
    actor: Mapped[str] = mapped_column(String(128), comment="Identity of who did it")
    authority: Mapped[str] = mapped_column(
        String(100), comment="Authority acted for; empty for none"
    )
    document_number: Mapped[str] = mapped_column(String(100), comment="Document behind it")
    note: Mapped[str] = mapped_column(String(1000), comment="What was looked at, or why")
    recorded_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When, UTC")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")


class RiskPredictionRow(Base):
    """A prediction that holds on ``[event_date, end_date)``, as known at one time."""

    __tablename__ = "risk_predictions"
    __table_args__ = (
        CheckConstraint("end_date > event_date", name="period_not_empty"),
        Index("ix_risk_predictions_subject", "subject_id", "event_date"),
        Index("ix_risk_predictions_model", "model_id", "superseded_revision"),
        Index("ix_risk_predictions_recorded", "recorded_revision"),
        Index("ix_risk_predictions_superseded", "superseded_revision"),
        {
            "comment": "Predictions of models in force, on both axes of time",
            "info": {"writer": "scoring"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    record_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the prediction: the row identifier of its first row"
    )
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise")
    model_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("risk_models.model_id"), comment="The model that gave it"
    )
    event_date: Mapped[date] = mapped_column(
        Date, comment="Day it looks from, and from which it holds"
    )
    end_date: Mapped[date] = mapped_column(Date, comment="Day after the last day it holds")
    relativity_hundredths: Mapped[int] = mapped_column(
        Int32, comment="Expected rate over the base rate, in hundredths"
    )
    credibility_hundredths: Mapped[int] = mapped_column(
        Int32, comment="How far the relativity is to be believed, 0 to 100"
    )
    known_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision at which its features were read"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded the row")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that replaced the row; null while it is current"
    )
