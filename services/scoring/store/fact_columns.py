"""Which column of which table each word of the vocabulary is, and the statements that read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase

from models.records import (
    AccidentRow,
    HazardRow,
    HonourRow,
    InspectionRow,
    PenaltyRow,
    RecordRow,
    RectificationRow,
    ReportRow,
    ViolationRow,
)
from services.common.engines import POSTGRESQL
from services.common.errors import Category, SafetyCreditError
from services.engine.vocabulary import Attribute, Vocabulary
from services.scoring.store.columns import (
    NumberColumn,
    day_number,
    least_of,
    number_column,
    table_of,
    visible,
)
from services.scoring.store.enterprises import REVISION, VERSIONS

CLOSED_DATE: Final = "closed_date"
"""Attribute that no column holds: the day of the first accepted rectification."""

_EVENT_DATE: Final = "event_date"
_RECORDS: Final = table_of(RecordRow)
_RECTIFICATIONS: Final = table_of(RectificationRow)
_BODIES: Final[Mapping[str, type[DeclarativeBase]]] = {
    "inspection": InspectionRow,
    "violation": ViolationRow,
    "penalty": PenaltyRow,
    "rectification": RectificationRow,
    "hazard": HazardRow,
    "accident": AccidentRow,
    "honour": HonourRow,
    "report": ReportRow,
}
_STATEMENTS_MAX: Final = 1024


class VocabularyUnservedError(SafetyCreditError):
    """The vocabulary has words that the store keeps nothing for."""

    reason = "VOCABULARY_UNSERVED"
    category = Category.PRECONDITION


class Membership(Enum):
    """How the subjects of a statement are given."""

    ONE = "one"
    """``subject``: one number."""

    RANGE = "range"
    """``first`` and ``last``: the first number and the last, both included."""

    SOME = "some"
    """``subjects``: many numbers, see `FactColumns.numbers_parameter`."""


@dataclass(frozen=True, slots=True)
class RecordStatement:
    """A statement that reads records of one kind.

    Attributes:
        statement: Gives subject, event day and record, then the columns.
        columns: Columns after those three.
        closed: Whether `CLOSED_DATE` is wanted too.
    """

    statement: Select[Any]
    columns: tuple[NumberColumn, ...]
    closed: bool


class FactColumns:
    """The columns behind a vocabulary, on one kind of database."""

    def __init__(self, vocabulary: Vocabulary, dialect: str) -> None:
        """Find the column of every word.

        Raises:
            VocabularyUnservedError: Names the words without one.
        """
        self._vocabulary = vocabulary
        self._dialect = dialect
        self.accepted = vocabulary.code_numbers["outcome"]["accepted"]
        self._rectification_kind = vocabulary.kinds["rectification"].number
        missing = [
            *(f"subject.{name}" for name in vocabulary.subject if name not in VERSIONS.c),
            *(
                f"{kind}.{name}"
                for kind, words in vocabulary.kinds.items()
                for name in words.attributes
                if name != CLOSED_DATE and _owner(kind, name) is None
            ),
        ]
        if missing:
            raise VocabularyUnservedError(
                f"the store keeps nothing for {', '.join(missing)}; take them out of the vocabulary"
                " or give them a column",
                words=", ".join(missing),
            )
        # The plans of a program ask for the same few statements over and over.
        self.records = lru_cache(maxsize=_STATEMENTS_MAX)(self._records)
        self.rectified = lru_cache(maxsize=len(Membership))(self._rectified)

    def subject_attribute(self, name: str) -> Attribute:
        """Give the type of a subject's attribute."""
        return self._vocabulary.subject[name]

    def subject_columns(self, names: frozenset[str]) -> tuple[NumberColumn, ...]:
        """Give the columns of a subject's attributes, in order of their names."""
        return tuple(
            number_column(name, self.subject_attribute(name), VERSIONS.c[name], nullable=True)
            for name in sorted(names)
        )

    def subject_least(self, names: frozenset[str]) -> list[int]:
        """Give what stands for a missing value in each of `subject_columns`."""
        return [least_of(self.subject_attribute(name)) for name in sorted(names)]

    def members(self, column: ColumnElement[Any], membership: Membership) -> ColumnElement[bool]:
        """Select the rows of the subjects of a statement."""
        if membership is Membership.ONE:
            return column == bindparam("subject", type_=BigInteger())
        if membership is Membership.RANGE:
            return column.between(
                bindparam("first", type_=BigInteger()), bindparam("last", type_=BigInteger())
            )
        if self._dialect == POSTGRESQL:
            return column == any_(bindparam("subjects", type_=ARRAY(BigInteger())))
        numbers = func.json_each(bindparam("subjects")).table_valued("value")
        return column.in_(select(numbers.c.value))

    def numbers_parameter(self, numbers: list[int]) -> Any:  # noqa: ANN401 -- a list or its text.
        """Give many numbers as a statement wants them."""
        return numbers if self._dialect == POSTGRESQL else str(numbers)

    # Private methods -------------------------------------------------------------

    def _records(self, kind: str, names: frozenset[str], membership: Membership) -> RecordStatement:
        words = self._vocabulary.kinds[kind]
        columns: list[NumberColumn] = []
        source: Any = _RECORDS
        for name in sorted(names - {CLOSED_DATE, _EVENT_DATE}):
            owner = _owner(kind, name)
            assert owner is not None, "the constructor looks for every word's column"
            if owner is not _RECORDS and source is _RECORDS:
                source = _RECORDS.join(owner, owner.c.row_id == _RECORDS.c.row_id)
            columns.append(number_column(name, words.attributes[name], owner.c[name]))
        statement = (
            select(*_key_columns(), *(column.expression for column in columns))
            .select_from(source)
            .where(
                self.members(_RECORDS.c.subject_id, membership),
                _RECORDS.c.kind == words.number,
                visible(_RECORDS, REVISION),
            )
        )
        return RecordStatement(statement, tuple(columns), closed=CLOSED_DATE in names)

    def _rectified(self, membership: Membership) -> Select[Any]:
        """Select subject, day and target of every accepted rectification."""
        target = cast(_RECTIFICATIONS.c.target_record_id, BigInteger)
        subject, event_day, _ = _key_columns()
        return (
            select(*(subject, event_day, target))
            .select_from(
                _RECORDS.join(_RECTIFICATIONS, _RECTIFICATIONS.c.row_id == _RECORDS.c.row_id)
            )
            .where(
                self.members(_RECORDS.c.subject_id, membership),
                _RECORDS.c.kind == self._rectification_kind,
                _RECTIFICATIONS.c.outcome == self.accepted,
                visible(_RECORDS, REVISION),
            )
        )


# Private functions -----------------------------------------------------------


def _owner(kind: str, name: str) -> Table | None:
    """Give the table that has an attribute of a kind of record."""
    if name in _RECORDS.c:
        return _RECORDS
    body = _BODIES.get(kind)
    table = None if body is None else table_of(body)
    return table if table is not None and name in table.c else None


def _key_columns() -> tuple[ColumnElement[Any], ...]:
    return (
        cast(_RECORDS.c.subject_id, BigInteger),
        cast(day_number(_RECORDS.c.event_date), BigInteger),
        cast(_RECORDS.c.record_id, BigInteger),
    )
