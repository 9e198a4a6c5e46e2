"""Cases of the lists, their ledger, and the entries that come of them.

The ledger is append-only. An entry has editions on both axes of time: only ``superseded_revision``
of a row is ever written after it, once.
"""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class ListCaseRow(Base):
    """A case: whom, which list, by which procedure, on which records."""

    __tablename__ = "list_cases"
    __table_args__ = (
        Index("ix_list_cases_subject", "subject_id"),
        Index("ix_list_cases_recorded", "recorded_revision"),
        # Closed cases stand at other places of these: who asks what is due never meets them.
        Index("ix_list_cases_open", "ended_revision", "case_id"),
        Index("ix_list_cases_due", "ended_revision", "due_date"),
        Index("ix_list_cases_due_at", "ended_revision", "due_authority", "due_date"),
        Index("ix_list_cases_touched", "due_revision"),
        {"comment": "Cases of the blacklists and redlists", "info": {"writer": "scoring"}},
    )

    case_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    list_kind: Mapped[int] = mapped_column(SmallInteger, comment="ListKind number")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number of the list")
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise or person")
    person: Mapped[bool] = mapped_column(Boolean, comment="Whether the subject is a person")
    division: Mapped[int | None] = mapped_column(
        Integer, comment="Division of the subject when the case was opened (GB/T 2260)"
    )
    origin: Mapped[int] = mapped_column(SmallInteger, comment="ListCaseOrigin number")
    authority: Mapped[str] = mapped_column(String(100), comment="Authority that collected it")
    policy_id: Mapped[str] = mapped_column(String(100), comment="List policy")
    policy_version: Mapped[str] = mapped_column(String(50), comment="Its version")
    policy_digest: Mapped[str] = mapped_column(String(64), comment="Its digest")
    evaluation_date: Mapped[date] = mapped_column(
        Date, comment="Day for which the rules were evaluated"
    )
    procedure: Mapped[str] = mapped_column(
        Text, comment="Requirements of the procedure as they were, with their clauses (JSON)"
    )
    review_fields: Mapped[int] = mapped_column(
        Integer, comment="Fields that review jointly, bit n for field number n"
    )
    reasons: Mapped[str] = mapped_column(Text, comment="Circumstances with their records (JSON)")
    inputs: Mapped[str] = mapped_column(Text, comment="What the caller answered (JSON)")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that opened the case")
    ended_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that ended it; null while something is left to do"
    )
    due_date: Mapped[date] = mapped_column(
        Date,
        default=date.min,
        server_default="0001-01-01",
        comment=(
            "No step is due before this day, whatever the calendar: 9999-12-31 where none is due at"
            " all, 0001-01-01 where nobody looked yet"
        ),
    )
    due_authority: Mapped[str] = mapped_column(
        String(100),
        default="",
        server_default=text("''"),
        comment="Authority alone at which something is due; empty where it is not one alone",
    )
    due_revision: Mapped[int] = mapped_column(
        Int64,
        default=0,
        server_default="0",
        comment="Revision that touched the case last, and by which these two are known",
    )


class ListCasePartyRow(Base):
    """Somebody whom a case is about: its subject, and the persons listed with it."""

    __tablename__ = "list_case_parties"
    __table_args__ = (
        Index("ix_list_case_parties_subject", "subject_id"),
        {"comment": "Parties of the cases", "info": {"writer": "scoring"}},
    )

    case_id: Mapped[int] = mapped_column(
        Int64,
        ForeignKey("list_cases.case_id"),
        primary_key=True,
        autoincrement=False,
        comment="The case",
    )
    subject_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The enterprise or person"
    )
    place: Mapped[int] = mapped_column(SmallInteger, comment="Place among the parties, from 0")
    person: Mapped[bool] = mapped_column(Boolean, comment="Whether it is a person")
    role: Mapped[str] = mapped_column(
        String(50), comment="Role for which a person is listed with the unit; empty otherwise"
    )
    rule_ids: Mapped[str] = mapped_column(Text, comment="Circumstances that reach it (JSON)")


class ListCaseRecordRow(Base):
    """A record behind a case."""

    __tablename__ = "list_case_records"
    __table_args__ = (
        Index("ix_list_case_records_record", "record_id"),
        {"comment": "Records behind the cases", "info": {"writer": "scoring"}},
    )

    case_id: Mapped[int] = mapped_column(
        Int64,
        ForeignKey("list_cases.case_id"),
        primary_key=True,
        autoincrement=False,
        comment="The case",
    )
    record_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The record"
    )
    edition: Mapped[int] = mapped_column(Integer, comment="Edition that the case was opened with")
    penalising_authority: Mapped[str] = mapped_column(
        String(100), comment="Authority that made this final penalty; empty for other records"
    )


class ListCaseStepRow(Base):
    """One line of the ledger (台账); never changed."""

    __tablename__ = "list_case_steps"
    __table_args__ = (
        Index("uq_list_case_steps_number", "case_id", "number", unique=True),
        Index("ix_list_case_steps_recorded", "recorded_revision"),
        {"comment": "The ledger of the cases; append-only", "info": {"writer": "scoring"}},
    )

    step_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    case_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("list_cases.case_id"), comment="The case"
    )
    number: Mapped[int] = mapped_column(Integer, comment="Place in the ledger, from 1")
    kind: Mapped[int] = mapped_column(SmallInteger, comment="ListCaseStepKind number")
    authority: Mapped[str] = mapped_column(
        String(100), comment="Authority that acted; empty where the party did"
    )
    person: Mapped[str] = mapped_column(
        String(100), comment="Official who acted; empty where the system did"
    )
    caller: Mapped[str] = mapped_column(String(128), comment="Caller that recorded it")
    document_number: Mapped[str] = mapped_column(String(100), comment="Document; empty for none")
    step_date: Mapped[date] = mapped_column(Date, comment="Civil day of the step")
    party_id: Mapped[int | None] = mapped_column(
        Int64, comment="Party that it is about; null for all of them"
    )
    entry_id: Mapped[int | None] = mapped_column(
        Int64, comment="Entry that it is about; null for a step of the case"
    )
    field: Mapped[int] = mapped_column(
        SmallInteger, comment="Field whose department gave its opinion; 0 otherwise"
    )
    opinion: Mapped[int] = mapped_column(SmallInteger, comment="Opinion number; 0 for none")
    addressee: Mapped[str] = mapped_column(
        String(100), comment="Authority that the case was reported to; empty otherwise"
    )
    contents: Mapped[str] = mapped_column(Text, comment="Texts by their names (JSON)")
    measures: Mapped[str] = mapped_column(Text, comment="Codes of the measures (JSON)")
    parties: Mapped[str] = mapped_column(
        Text, comment="Parties that a decision lists (JSON); empty list for other steps"
    )
    listing_date: Mapped[date | None] = mapped_column(
        Date, comment="First day of the listing that a decision sets"
    )
    attachments: Mapped[str] = mapped_column(
        Text, comment="Evidence: digests, titles, what they prove (JSON)"
    )
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision that recorded it")


class ListEntryRow(Base):
    """One edition of an entry: what the list said of a subject, as known at one time."""

    __tablename__ = "list_entries"
    __table_args__ = (
        Index("ix_list_entries_entry", "entry_id"),
        Index("ix_list_entries_case", "case_id"),
        Index("ix_list_entries_subject", "subject_id"),
        Index("ix_list_entries_recorded", "recorded_revision"),
        # Editions of before stand at other places: who asks what is due never meets them.
        Index("ix_list_entries_current", "superseded_revision", "state", "end_date"),
        {"comment": "Entries of the lists on both axes of time", "info": {"writer": "scoring"}},
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    entry_id: Mapped[int] = mapped_column(
        Int64, comment="Identifier of the entry: the row identifier of its first edition"
    )
    case_id: Mapped[int] = mapped_column(
        Int64, ForeignKey("list_cases.case_id"), comment="The case"
    )
    list_kind: Mapped[int] = mapped_column(SmallInteger, comment="ListKind number")
    field: Mapped[int] = mapped_column(SmallInteger, comment="Field number of the list")
    subject_id: Mapped[int] = mapped_column(Int64, comment="The enterprise or person listed")
    person: Mapped[bool] = mapped_column(Boolean, comment="Whether it is a person")
    credit_code: Mapped[str] = mapped_column(
        String(18), comment="Credit code; of a person that of the enterprise in whose case it is"
    )
    name: Mapped[str] = mapped_column(
        String(200), comment="Name at the publication; of a person masked"
    )
    identity_mask: Mapped[str] = mapped_column(
        String(18), comment="Masked identity number of a person; empty for an enterprise"
    )
    division: Mapped[int | None] = mapped_column(
        Integer, comment="Division at the publication (GB/T 2260)"
    )
    authority: Mapped[str] = mapped_column(String(100), comment="Authority that decided")
    document_number: Mapped[str] = mapped_column(String(100), comment="Number of the decision")
    decision_date: Mapped[date] = mapped_column(Date, comment="Day of the decision")
    publish_date: Mapped[date] = mapped_column(Date, comment="Day of the publication")
    start_date: Mapped[date] = mapped_column(Date, comment="First day of the listing")
    end_date: Mapped[date | None] = mapped_column(
        Date, comment="Day after the last day on which it counts; null while it has no end"
    )
    rule_ids: Mapped[str] = mapped_column(Text, comment="Circumstances (JSON)")
    cause: Mapped[str] = mapped_column(Text, comment="Cause (事由)")
    basis: Mapped[str] = mapped_column(Text, comment="Legal basis (依据)")
    measures: Mapped[str] = mapped_column(Text, comment="Codes of the measures (JSON)")
    policy_id: Mapped[str] = mapped_column(String(100), comment="List policy of the case")
    policy_version: Mapped[str] = mapped_column(String(50), comment="Its version")
    policy_digest: Mapped[str] = mapped_column(String(64), comment="Its digest")
    state: Mapped[int] = mapped_column(SmallInteger, comment="ListEntryState number")
    removal_reason: Mapped[int | None] = mapped_column(
        SmallInteger, comment="RemovalReason number; null while in force"
    )
    removal_document: Mapped[str] = mapped_column(
        String(100), comment="Document that removed it; empty for none"
    )
    removal_date: Mapped[date | None] = mapped_column(
        Date, comment="Day from which it is off the list; null while in force"
    )
    recorded_revision: Mapped[int] = mapped_column(
        Int64, comment="Revision that recorded the edition"
    )
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision that replaced it; null while it is current"
    )
