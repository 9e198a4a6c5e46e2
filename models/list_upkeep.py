"""What the upkeep of the lists keeps: how far it looked, what falls due, what it could not do.

How far it looked, and what falls due, is written without a revision: nothing more is known
after it, and losing it costs one look at everything.
"""

from datetime import date

from sqlalchemy import Date, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.metadata import Base, Int64


class ListUpkeepMarkRow(Base):
    """Up to where everything has been looked at."""

    __tablename__ = "list_upkeep_marks"
    __table_args__ = {
        "comment": "Up to where the upkeep of the lists has looked; derived",
        "info": {"writer": "scoring"},
    }

    name: Mapped[str] = mapped_column(String(100), primary_key=True, comment="The upkeep")
    edition: Mapped[int] = mapped_column(Integer, comment="Edition of the program that looked")
    revision: Mapped[int] = mapped_column(Int64, comment="Revision up to which it looked")
    as_of: Mapped[date] = mapped_column(Date, comment="Day on which it looked")
    laws: Mapped[str] = mapped_column(
        Text, comment="Digest of what each list policy said and took in (JSON)"
    )
    backlog: Mapped[str] = mapped_column(
        Text, comment="What everybody is looked at for, and up to which number that came (JSON)"
    )


class ListUpkeepDueRow(Base):
    """A redlisting that is to be looked at on a day though nothing is written about it."""

    __tablename__ = "list_upkeep_dues"
    __table_args__ = (
        Index("ix_list_upkeep_dues_due", "due_date"),
        {
            "comment": "When time alone may end a redlisting; derived",
            "info": {"writer": "scoring"},
        },
    )

    entry_id: Mapped[int] = mapped_column(
        Int64, primary_key=True, autoincrement=False, comment="The entry"
    )
    due_date: Mapped[date] = mapped_column(Date, comment="First day on which it may end")


class ListUpkeepFailureRow(Base):
    """A case or entry that the upkeep could not keep right."""

    __tablename__ = "list_upkeep_failures"
    __table_args__ = (
        Index("ix_list_upkeep_failures_case", "case_id"),
        Index("ix_list_upkeep_failures_superseded", "superseded_revision"),
        {
            "comment": "What the upkeep of the lists could not do, on both axes of time",
            "info": {"writer": "scoring"},
        },
    )

    row_id: Mapped[int] = mapped_column(
        Int64,
        primary_key=True,
        autoincrement=False,
        comment="Identifier, from the store's revision",
    )
    chore: Mapped[str] = mapped_column(String(50), comment="What could not be done")
    number: Mapped[int] = mapped_column(Int64, comment="The case or entry of which")
    case_id: Mapped[int] = mapped_column(Int64, comment="The case")
    entry_id: Mapped[int | None] = mapped_column(
        Int64, comment="The entry; null where it is the whole case"
    )
    reason: Mapped[str] = mapped_column(String(100), comment="Reason of the refusal")
    message: Mapped[str] = mapped_column(Text, comment="What was refused and what to do")
    recorded_revision: Mapped[int] = mapped_column(Int64, comment="Revision since which it fails")
    superseded_revision: Mapped[int | None] = mapped_column(
        Int64, comment="Revision since which it fails no more, or otherwise; null while it fails"
    )
