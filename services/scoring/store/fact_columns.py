"""Which column of which table each word of the vocabulary is, and the statements that read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase

from models.insurance import (
    ClaimRow,
    EndorsementRow,
    InsurancePaymentRow,
    InsurancePolicyRow,
    PreventionPlanRow,
    PreventionServiceRow,
)
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
from models.remedies import RepairRow
from services.common.engines import POSTGRESQL
from services.common.errors import Category, SafetyCreditError
from services.engine.vocabulary import Attribute, Vocabulary, split_source
from services.scoring.store.columns import (
    NumberColumn,
    day_number,
    least_of,
    number_column,
    table_of,
    visible,
)
from services.scoring.store.enterprises import REVISION, VERSIONS
from services.scoring.store.entry_dates import ENTRY_DATE, entry_column
from services.scoring.store.related import RELATIONS, ParentJoins, parent_column
from services.scoring.store.virtual_kinds import (
    VIRTUAL_KINDS,
    virtual_columns,
    virtual_owner,
    virtual_statement,
)

CLOSED_DATE: Final = "closed_date"
"""Attribute that no column holds: the day of the first accepted rectification."""

REPAIRED_DATE: Final = "repaired_date"
"""Attribute that a table of its own holds: the day of a repair that was not withdrawn."""

_EVENT_DATE: Final = "event_date"
_IDENTIFIERS: Final = {
    # What was found in one inspection belongs together; the inspection names itself.
    ("inspection", "inspection"): "record_id",
    ("violation", "inspection"): "inspection_record_id",
}
_RECORDS: Final = table_of(RecordRow)
_REPAIRS: Final = table_of(RepairRow)
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
    "insurance_policy": InsurancePolicyRow,
    "endorsement": EndorsementRow,
    "claim": ClaimRow,
    "insurance_payment": InsurancePaymentRow,
    "prevention_plan": PreventionPlanRow,
    "prevention_service": PreventionServiceRow,
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
                if name not in {CLOSED_DATE, ENTRY_DATE}
                and _owner(kind, name) is None
                and parent_column(kind, name) is None
            ),
            *(
                f"{relation}.{name}"
                for relation, words in vocabulary.relations.items()
                for name in words
                if relation not in RELATIONS or name not in RELATIONS[relation].columns
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
        self.rectified = lru_cache(maxsize=len(Membership) * (1 + len(RELATIONS)))(self._rectified)

    @property
    def codes(self) -> Mapping[str, Mapping[str, int]]:
        """Give the numbers of code words, by code set."""
        return self._vocabulary.code_numbers

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

    def _records(
        self, source_name: str, names: frozenset[str], membership: Membership
    ) -> RecordStatement:
        kind, related = split_source(source_name)
        relation = RELATIONS[related] if related else None
        words = self._vocabulary.kinds[kind]
        of_relation = sorted(names & set(relation.columns)) if relation else []
        not_own = {CLOSED_DATE, ENTRY_DATE, _EVENT_DATE, *of_relation}
        theirs = [
            relation.column(name, self._vocabulary.relations[related][name])
            for name in of_relation
            if relation is not None
        ]
        if kind in VIRTUAL_KINDS:
            own = sorted(names - {_EVENT_DATE, *of_relation})
            wanted = (*virtual_columns(kind, own, words.attributes), *theirs)
            members = partial(self.members, membership=membership)
            found = virtual_statement(kind, wanted, members, relation)
            return RecordStatement(found, wanted, closed=False)
        source: Any = _RECORDS
        if relation is not None:
            holds = relation.holds_on(_RECORDS.c.event_date)
            joins = and_(relation.member == _RECORDS.c.subject_id, holds)
            source = source.join(relation.table, joins)
        source, columns = self._own(kind, names - not_own, source)
        if ENTRY_DATE in names:
            columns.append(entry_column(_RECORDS.c.record_id, words.attributes[ENTRY_DATE]))
        columns += theirs
        whose = _RECORDS.c.subject_id if relation is None else relation.owner
        statement = (
            select(*_key_columns(whose), *(column.expression for column in columns))
            .select_from(source)
            .where(
                self.members(whose, membership),
                _RECORDS.c.kind == words.number,
                visible(_RECORDS, REVISION),
            )
        )
        return RecordStatement(statement, tuple(columns), closed=CLOSED_DATE in names)

    def _own(
        self,
        kind: str,
        names: frozenset[str],
        source: Any,  # noqa: ANN401 -- something to select from.
    ) -> tuple[Any, list[NumberColumn]]:
        """Join what has the attributes of a kind of record; give it and their columns."""
        words = self._vocabulary.kinds[kind].attributes
        columns: list[NumberColumn] = []
        joined: set[Table] = set()
        parents = {
            name: found
            for name in sorted(names)
            if _owner(kind, name) is None and (found := parent_column(kind, name))
        }
        if parents:
            # The body has the identifier of the parent.
            body = table_of(_BODIES[kind])
            source = source.join(body, body.c.row_id == _RECORDS.c.row_id)
            joined.add(body)
        for name in sorted(names - set(parents)):
            owner = _owner(kind, name)
            assert owner is not None, "the constructor looks for every word's column"
            if owner is _REPAIRS:
                # At most one repair of a record holds at a revision, so no row stands twice.
                holds = and_(
                    _REPAIRS.c.record_id == _RECORDS.c.record_id, visible(_REPAIRS, REVISION)
                )
                source = source.outerjoin(_REPAIRS, holds)
            elif owner is not _RECORDS and owner not in joined:
                source = source.join(owner, owner.c.row_id == _RECORDS.c.row_id)
                joined.add(owner)
            column = owner.c[_column_name(kind, name)]
            columns.append(number_column(name, words[name], column, nullable=owner is _REPAIRS))
        joins = ParentJoins(kind, source)
        columns += [joins.column(name, words[name], found) for name, found in parents.items()]
        return joins.source, columns

    def _rectified(self, membership: Membership, related: str = "") -> Select[Any]:
        """Select subject, day and target of every accepted rectification."""
        relation = RELATIONS[related] if related else None
        target = cast(_RECTIFICATIONS.c.target_record_id, BigInteger)
        whose = _RECORDS.c.subject_id if relation is None else relation.owner
        source: Any = _RECORDS.join(_RECTIFICATIONS, _RECTIFICATIONS.c.row_id == _RECORDS.c.row_id)
        if relation is not None:
            # Whenever the member belonged to it: the record decides whether it counts, not this.
            source = source.join(relation.table, relation.member == _RECORDS.c.subject_id)
        subject, event_day, _ = _key_columns(whose)
        return (
            select(*(subject, event_day, target))
            .select_from(source)
            .where(
                self.members(whose, membership),
                _RECORDS.c.kind == self._rectification_kind,
                _RECTIFICATIONS.c.outcome == self.accepted,
                visible(_RECORDS, REVISION),
            )
        )


# Private functions -----------------------------------------------------------


def _owner(kind: str, name: str) -> Table | None:
    """Give the table that has an attribute of a kind of record."""
    if kind in VIRTUAL_KINDS:
        return virtual_owner(kind, name)
    if _column_name(kind, name) in _RECORDS.c:
        return _RECORDS
    if kind == "penalty" and name == REPAIRED_DATE:
        return _REPAIRS
    body = _BODIES.get(kind)
    table = None if body is None else table_of(body)
    return table if table is not None and _column_name(kind, name) in table.c else None


def _column_name(kind: str, name: str) -> str:
    """Name the column of an attribute of a kind of record: its own name, as a rule."""
    return _IDENTIFIERS.get((kind, name), name)


def _key_columns(whose: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    return (
        cast(whose, BigInteger),
        cast(day_number(_RECORDS.c.event_date), BigInteger),
        cast(_RECORDS.c.record_id, BigInteger),
    )
