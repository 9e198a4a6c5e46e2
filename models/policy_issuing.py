"""Policies on their way to be published, what was published, and how candidates were tried.

Proposals, their steps and publications are decisions: rows are added and never change. Simulations
and shadow runs are derived: they can be dropped, and take no revision.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64, UtcInstant


class PolicyProposalRow(Base):
    """A policy file that somebody proposed; its bytes never change."""

    __tablename__ = "policy_proposals"
    __table_args__ = (
        Index("ix_policy_proposals_policy", "policy_id"),
        {"comment": "Policy files as proposed, to the byte", "info": {"writer": "scoring"}},
    )

    proposal_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    policy_id: Mapped[str] = mapped_column(String(100), comment="The policy")
    versions: Mapped[str] = mapped_column(
        Text, comment="Names of the versions that it adds, a JSON list by start"
    )
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the content")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of the policy file")
    cases: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of its golden cases")
    title_zh: Mapped[str] = mapped_column(Text, comment="Title in Chinese")
    title_en: Mapped[str] = mapped_column(Text, comment="Title in English")
    division: Mapped[str] = mapped_column(String(6), comment="Division whose policy it is")
    field: Mapped[str] = mapped_column(String(50), comment="Code of its field; empty for every one")
    start_date: Mapped[date] = mapped_column(Date, comment="Start of the earliest version added")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")


class PolicyProposalFileRow(Base):
    """A further file of a proposal of several; its bytes never change."""

    __tablename__ = "policy_proposal_files"
    __table_args__ = (
        Index("ix_policy_proposal_files_policy", "policy_id"),
        {
            "comment": "Second and later files of proposals of several, to the byte",
            "info": {"writer": "scoring"},
        },
    )

    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("policy_proposals.proposal_id"), primary_key=True, comment="The proposal"
    )
    position: Mapped[int] = mapped_column(
        SmallInteger,
        primary_key=True,
        autoincrement=False,
        comment="Place among the files, from 2; the first stands in the proposal",
    )
    policy_id: Mapped[str] = mapped_column(String(100), comment="The policy")
    versions: Mapped[str] = mapped_column(
        Text, comment="Names of the versions that it adds, a JSON list by start"
    )
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the content")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of the policy file")
    cases: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of its golden cases")
    title_zh: Mapped[str] = mapped_column(Text, comment="Title in Chinese")
    title_en: Mapped[str] = mapped_column(Text, comment="Title in English")
    division: Mapped[str] = mapped_column(String(6), comment="Division whose policy it is")
    field: Mapped[str] = mapped_column(String(50), comment="Code of its field; empty for every one")
    start_date: Mapped[date] = mapped_column(Date, comment="Start of the earliest version added")


class PolicyProposalStepRow(Base):
    """One step in the life of a proposal."""

    __tablename__ = "policy_proposal_steps"
    __table_args__ = (
        Index("ix_policy_proposal_steps_proposal", "proposal_id"),
        Index(
            "uq_policy_proposal_steps_approver",
            "proposal_id",
            "caller",
            unique=True,
            sqlite_where=text("kind = 2"),
            postgresql_where=text("kind = 2"),
        ),
        {"comment": "Steps of proposals: added, never changed", "info": {"writer": "scoring"}},
    )

    step_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("policy_proposals.proposal_id"), comment="The proposal"
    )
    kind: Mapped[int] = mapped_column(SmallInteger, comment="ProposalStep.Kind number")
    caller: Mapped[str] = mapped_column(String(128), comment="Who did it")
    authority: Mapped[str] = mapped_column(Text, comment="Authority of the caller; empty for none")
    document_number: Mapped[str] = mapped_column(
        String(100), comment="Document behind it; empty for none"
    )
    note: Mapped[str] = mapped_column(Text, comment="What the caller noted")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")


class PolicyPublicationRow(Base):
    """One published version; there is never another with its name."""

    __tablename__ = "policy_publications"
    __table_args__ = (
        Index("ix_policy_publications_recorded", "recorded_revision"),
        {"comment": "Versions of policies as published", "info": {"writer": "scoring"}},
    )

    policy_id: Mapped[str] = mapped_column(String(100), primary_key=True, comment="The policy")
    version: Mapped[str] = mapped_column(String(50), primary_key=True, comment="The version")
    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("policy_proposals.proposal_id"), comment="Proposal that has the bytes"
    )
    digest: Mapped[str] = mapped_column(
        String(64), comment="Digest that answers name: of the bytes and all that they extend"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that published it")


class PolicyParentRow(Base):
    """A file that a published policy extends, as it was then."""

    __tablename__ = "policy_parents"
    __table_args__ = {
        "comment": "Files that published policies extend, to the byte",
        "info": {"writer": "scoring"},
    }

    proposal_id: Mapped[int] = mapped_column(
        ForeignKey("policy_proposals.proposal_id"), primary_key=True, comment="The proposal"
    )
    digest: Mapped[str] = mapped_column(
        String(64), primary_key=True, comment="SHA-256 of the content"
    )
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of the file")


class SimulationRow(Base):
    """A dry run of a candidate over the population."""

    __tablename__ = "simulations"
    __table_args__ = (
        UniqueConstraint("caller", "request_id"),
        Index("ix_simulations_policy", "policy_id"),
        Index(
            "uq_simulations_active",
            "policy_id",
            unique=True,
            sqlite_where=text("state IN (1, 2)"),
            postgresql_where=text("state IN (1, 2)"),
        ),
        {"comment": "Dry runs of policies; derived", "info": {"writer": "scoring"}},
    )

    simulation_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=True, comment="Identifier"
    )
    caller: Mapped[str] = mapped_column(String(128), comment="Who started it")
    request_id: Mapped[str] = mapped_column(
        String(64), comment="The caller's own id of the request"
    )
    body_digest: Mapped[bytes] = mapped_column(
        LargeBinary(32), comment="SHA-256 of the request's canonical bytes"
    )
    policy_id: Mapped[str] = mapped_column(String(100), comment="Policy of the candidate")
    version: Mapped[str] = mapped_column(String(50), comment="Version of the candidate")
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the candidate's bytes")
    content: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="The candidate's bytes; null for a version that exists"
    )
    live_policy_id: Mapped[str] = mapped_column(String(100), comment="Policy to compare with")
    state: Mapped[int] = mapped_column(SmallInteger, comment="SimulationState number")
    subjects_done: Mapped[int] = mapped_column(BigInteger, comment="Subjects evaluated so far")
    subjects_total: Mapped[int] = mapped_column(BigInteger, comment="Subjects to evaluate")
    as_of: Mapped[date] = mapped_column(Date, comment="Day it is for")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision that it reads")
    known_at: Mapped[datetime] = mapped_column(UtcInstant, comment="Instant of that revision, UTC")
    division: Mapped[str] = mapped_column(String(6), comment="Division filter; empty for any")
    industry: Mapped[str] = mapped_column(String(5), comment="Industry filter; empty for any")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field filter; 0 for any")
    affected_max: Mapped[int] = mapped_column(Integer, comment="Most affected subjects wanted")
    request_time: Mapped[datetime] = mapped_column(UtcInstant, comment="When it was asked for, UTC")
    end_time: Mapped[datetime | None] = mapped_column(
        UtcInstant, comment="When it ended, UTC; null until then"
    )
    holder: Mapped[str] = mapped_column(
        String(100), comment="Lease of the server at work; empty for none"
    )
    expiry_time: Mapped[datetime | None] = mapped_column(
        UtcInstant, comment="When the lease ends by itself, UTC"
    )
    failure_reason: Mapped[str] = mapped_column(String(100), comment="Why it failed; empty if not")
    failure_message: Mapped[str] = mapped_column(Text, comment="What went wrong; empty for nothing")
    result: Mapped[str | None] = mapped_column(Text, comment="Result as JSON; null until done")
    changes_kept: Mapped[int] = mapped_column(
        BigInteger, server_default="0", comment="Changed subjects kept, of all policies together"
    )
    changes_truncated: Mapped[bool] = mapped_column(
        server_default=false(), comment="Whether more subjects changed than are kept"
    )


class SimulationFileRow(Base):
    """A file that is tried together with the candidate of a simulation."""

    __tablename__ = "simulation_files"
    __table_args__ = {
        "comment": "Second and later files of simulations of several; derived",
        "info": {"writer": "scoring"},
    }

    simulation_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The simulation"
    )
    position: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Place among the files, from 2"
    )
    policy_id: Mapped[str] = mapped_column(String(100), comment="Policy of the file")
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="Exact bytes of the file")


class SimulationChangeRow(Base):
    """A subject whose result a simulation changed."""

    __tablename__ = "simulation_changes"
    __table_args__ = {
        "comment": "Subjects that simulations moved; derived",
        "info": {"writer": "scoring"},
    }

    simulation_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The simulation"
    )
    policy_id: Mapped[str] = mapped_column(
        String(100), primary_key=True, comment="Policy whose result changed"
    )
    subject_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="Enterprise or person"
    )
    person: Mapped[bool] = mapped_column(comment="Whether it is a person")
    movement: Mapped[int] = mapped_column(SmallInteger, comment="Movement number")
    live_status: Mapped[int] = mapped_column(
        SmallInteger, comment="ResultStatus number, 0 for none"
    )
    live_label: Mapped[str] = mapped_column(Text, comment="Live result in short")
    candidate_status: Mapped[int] = mapped_column(
        SmallInteger, comment="ResultStatus number, 0 for none"
    )
    candidate_label: Mapped[str] = mapped_column(Text, comment="Candidate's result in short")


class ShadowStandingRow(Base):
    """How far the comparison of a shadow run has come."""

    __tablename__ = "shadow_standings"
    __table_args__ = {
        "comment": "Up to where shadow runs are compared; derived",
        "info": {"writer": "scoring"},
    }

    proposal_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The proposal"
    )
    position: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Place of its file, from 1"
    )
    start_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision of the start it belongs to"
    )
    digest: Mapped[str] = mapped_column(
        String(64), comment="Digest of both sides; empty while a round is not whole"
    )
    live_version: Mapped[str] = mapped_column(String(50), comment="Live version; empty for none")
    as_of: Mapped[date | None] = mapped_column(Date, comment="Day the comparison is for")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision the comparison stands at")
    comparisons: Mapped[int] = mapped_column(BigInteger, comment="Comparisons made since the start")
    holder: Mapped[str] = mapped_column(
        String(100), comment="Lease of the server at work; empty for none"
    )
    expiry_time: Mapped[datetime | None] = mapped_column(
        UtcInstant, comment="When the lease ends by itself, UTC"
    )


class ShadowResultRow(Base):
    """The two results of one subject."""

    __tablename__ = "shadow_results"
    __table_args__ = (
        Index("ix_shadow_results_due", "proposal_id", "position", "valid_until_date"),
        {
            "comment": "Results of shadow runs beside the live ones; derived",
            "info": {"writer": "scoring"},
        },
    )

    proposal_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The proposal"
    )
    position: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, comment="Place of its file, from 1"
    )
    subject_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The enterprise"
    )
    movement: Mapped[int] = mapped_column(
        SmallInteger, comment="Movement number from live to shadow; 0 where both agree"
    )
    live_status: Mapped[int] = mapped_column(
        SmallInteger, comment="ResultStatus number, 0 for none"
    )
    live_label: Mapped[str] = mapped_column(Text, comment="Live result in short")
    live_order: Mapped[int] = mapped_column(Integer, comment="Place among the live results")
    candidate_status: Mapped[int] = mapped_column(SmallInteger, comment="ResultStatus number")
    candidate_label: Mapped[str] = mapped_column(Text, comment="Shadow's result in short")
    candidate_order: Mapped[int] = mapped_column(
        Integer, comment="Place among the shadow's results"
    )
    valid_until_date: Mapped[date | None] = mapped_column(
        Date, comment="First day on which either would change with nothing new; null when never"
    )
