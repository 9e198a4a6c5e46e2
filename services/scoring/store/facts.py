"""Facts as columns that plans run over: of one subject, of some, of a stretch of all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, Select, and_, cast, select

from models.persons import PersonRow
from services.engine.days import NEVER, UNKNOWN_DAY, day_number
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.vocabulary import industry_range, split_source
from services.scoring.commands.ports import Chunk, FactNeeds, Publicity, Scan
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.by_key import by_key
from services.scoring.store.changes import changed_subjects
from services.scoring.store.columns import least_of, table_of, width_of
from services.scoring.store.enterprises import (
    AFTER,
    ENTERPRISES,
    LIMIT,
    REVISION,
    VERSIONS,
    in_force,
    parameters,
    wanted_versions,
)
from services.scoring.store.fact_columns import CLOSED_DATE, FactColumns, Membership
from services.scoring.store.numbers import Numbers, few_numbers, many_numbers
from services.scoring.store.related import one_row_each
from services.scoring.store.repair_prospects import publicity_of

_PERSON_ROWS: Final = table_of(PersonRow)
_EVENT_DATE: Final = "event_date"
_KEYS: Final = len(("subject", "event day", "record"))


class SqlFacts:
    """Reads facts into columns; implements `FactReads`."""

    def __init__(self, connection: Connection, columns: FactColumns) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection
        self._columns = columns

    def population(
        self, subjects: Sequence[Subject], needs: FactNeeds, at: Viewpoint
    ) -> Population:
        """Give the columns of subjects, in their order."""
        numbers = [subject.subject_id for subject in subjects]
        attributes = {name: self._attribute(name, subjects) for name in needs.attributes}
        records = self._records(_Members.in_order(numbers, self._columns), needs, at)
        return Population(len(subjects), attributes, records)

    def chunk(self, scan: Scan, needs: FactNeeds, at: Viewpoint) -> Chunk:
        """Give the columns of a stretch of the subjects."""
        statement = self._enterprises(needs, scan).where(
            *wanted_versions(scan.wanted), ENTERPRISES.c.enterprise_id > AFTER
        )
        stretch = {"after": scan.after, "limit": scan.limit, **parameters(at)}
        numbers = many_numbers(
            self._connection,
            statement.order_by(ENTERPRISES.c.enterprise_id).limit(LIMIT),
            stretch,
        )
        found = np.zeros(0, dtype=np.int64)
        if scan.persons:
            found = few_numbers(self._connection, _PERSONS_AFTER, stretch)[:, 0]
            numbers = _merged(numbers, found, self._columns.subject_least(needs.attributes))
            numbers = numbers[: scan.limit]
        # Where nothing is left out, a range of numbers holds nobody else but a few.
        chunk = self._chunk(numbers, needs, at, dense=not scan.wanted.narrows)
        return replace(chunk, persons=np.isin(chunk.subject_ids, found))

    def chunk_of(
        self,
        subject_ids: Collection[int],
        needs: FactNeeds,
        at: Viewpoint,
        *,
        persons: bool = False,
    ) -> Chunk:
        """Give the columns of those of the numbers that are enterprises, or persons if wanted."""
        statement = self._enterprises(needs, Scan(limit=0, everybody=True)).where(
            self._columns.members(ENTERPRISES.c.enterprise_id, Membership.SOME)
        )
        wanted = {"subjects": self._columns.numbers_parameter(list(subject_ids))}
        with by_key(self._connection):
            numbers = many_numbers(
                self._connection,
                statement.order_by(ENTERPRISES.c.enterprise_id),
                wanted | parameters(at),
            )
            found = np.zeros(0, dtype=np.int64)
            if persons:
                known = _PERSONS.where(
                    self._columns.members(_PERSON_ROWS.c.person_id, Membership.SOME)
                )
                found = few_numbers(self._connection, known, wanted | parameters(at))[:, 0]
                numbers = _merged(numbers, found, self._columns.subject_least(needs.attributes))
            chunk = self._chunk(numbers, needs, at, dense=False)
            return replace(chunk, persons=np.isin(chunk.subject_ids, found))

    def changed(self, revision: int, until: int, *, limit: int) -> frozenset[int] | None:
        """Give the subjects written about after one revision and up to another."""
        return changed_subjects(self._connection, revision, until, limit=limit)

    def publicity(self, record_ids: Collection[int], at: Viewpoint) -> Mapping[int, Publicity]:
        """Give what the publication of penalties hangs on, by record."""
        return publicity_of(self._connection, record_ids, at)

    # Private methods -------------------------------------------------------------

    def _enterprises(self, needs: FactNeeds, scan: Scan) -> Select[Any]:
        """Select the number and the attributes of enterprises."""
        there = and_(VERSIONS.c.enterprise_id == ENTERPRISES.c.enterprise_id, in_force())
        columns = self._columns.subject_columns(needs.attributes)
        return (
            select(
                cast(ENTERPRISES.c.enterprise_id, BigInteger),
                *(column.expression for column in columns),
            )
            .select_from(ENTERPRISES.join(VERSIONS, there, isouter=scan.everybody))
            .where(ENTERPRISES.c.recorded_revision <= REVISION)
        )

    def _chunk(self, numbers: Numbers, needs: FactNeeds, at: Viewpoint, *, dense: bool) -> Chunk:
        columns = self._columns.subject_columns(needs.attributes)
        attributes = {
            column.name: column.narrowed(numbers[:, position])
            for position, column in enumerate(columns, start=1)
        }
        subject_ids = np.ascontiguousarray(numbers[:, 0])
        records: dict[str, RecordColumns] = {}
        if subject_ids.size:
            members = _Members.ascending(subject_ids, self._columns, dense=dense)
            records = self._records(members, needs, at)
        population = Population(subject_ids.size, attributes, records)
        return Chunk(
            subject_ids=subject_ids,
            population=population,
            persons=np.zeros(subject_ids.size, dtype=np.bool_),
        )

    def _attribute(self, name: str, subjects: Sequence[Subject]) -> IntColumn:
        attribute = self._columns.subject_attribute(name)
        least = least_of(attribute)
        values = [
            least if subject.period is None else _number(getattr(subject.period, name), least)
            for subject in subjects
        ]
        return np.array(values, dtype=width_of(attribute))

    def _records(
        self, members: "_Members", needs: FactNeeds, at: Viewpoint
    ) -> dict[str, RecordColumns]:
        wanted = members.parameters | {"revision": at.revision}
        found: dict[str, RecordColumns] = {}
        rectified: dict[str, Numbers] = {}
        for kind, names in needs.records.items():
            query = self._columns.records(kind, names, members.membership)
            rows = members.sorted(self._fetch(query.statement, wanted, members))
            relation = split_source(kind)[1]
            if relation:
                rows = one_row_each(rows, query.columns)
            columns: dict[str, IntColumn] = {_EVENT_DATE: rows[:, 1].astype(np.int32)}
            for position, column in enumerate(query.columns, start=_KEYS):
                columns[column.name] = column.narrowed(rows[:, position])
            if query.closed:
                if relation not in rectified:
                    statement = self._columns.rectified(members.membership, relation)
                    rectified[relation] = self._fetch(statement, wanted, members)
                columns[CLOSED_DATE] = _closed_days(rows, members, rectified[relation])
            record_ids = np.ascontiguousarray(rows[:, 2])
            subjects = np.ascontiguousarray(rows[:, 0])
            found[kind] = RecordColumns(record_ids, subjects, columns)
        return found

    def _fetch(
        self, statement: Select[Any], wanted: dict[str, Any], members: "_Members"
    ) -> Numbers:
        fetch = few_numbers if members.membership is Membership.ONE else many_numbers
        return fetch(self._connection, statement, wanted)


# Private functions and classes ------------------------------------------------

_PERSONS: Final = (
    select(cast(_PERSON_ROWS.c.person_id, BigInteger))
    .where(_PERSON_ROWS.c.recorded_revision <= REVISION)
    .order_by(_PERSON_ROWS.c.person_id)
)
_PERSONS_AFTER: Final = _PERSONS.where(_PERSON_ROWS.c.person_id > AFTER).limit(LIMIT)


@dataclass(frozen=True, slots=True)
class _Members:
    """The subjects of a population, and how statements name them.

    Attributes:
        membership: How statements name them.
        parameters: Parameters of such statements.
        numbers: int64[n], their numbers, ascending.
        positions: int64[n], position in the population of each of these; none if they are equal.
    """

    membership: Membership
    parameters: dict[str, Any]
    numbers: NDArray[np.int64]
    positions: NDArray[np.int64] | None

    @classmethod
    def in_order(cls, numbers: Sequence[int], columns: FactColumns) -> "_Members":
        """Name subjects that stand in any order."""
        column = np.array(numbers, dtype=np.int64)
        if len(numbers) == 1:
            return cls(Membership.ONE, {"subject": numbers[0]}, column, None)
        order = np.argsort(column)
        wanted = {"subjects": columns.numbers_parameter(list(numbers))}
        return cls(Membership.SOME, wanted, column[order], order)

    @classmethod
    def ascending(
        cls, numbers: NDArray[np.int64], columns: FactColumns, *, dense: bool
    ) -> "_Members":
        """Name subjects whose numbers ascend; ``dense`` if they leave hardly anybody out."""
        if dense:
            wanted = {"first": int(numbers[0]), "last": int(numbers[-1])}
            return cls(Membership.RANGE, wanted, numbers, None)
        wanted = {"subjects": columns.numbers_parameter(numbers.tolist())}
        return cls(Membership.SOME, wanted, numbers, None)

    def sorted(self, rows: Numbers) -> Numbers:
        """Put records in the order of the population, with positions for subjects' numbers.

        Args:
            rows: Subject, event day and record, then anything.
        """
        if self.membership is Membership.ONE:
            rows[:, 0] = 0
        else:
            place = np.searchsorted(self.numbers, rows[:, 0])
            place[place == self.numbers.size] = 0
            rows = rows[self.numbers[place] == rows[:, 0]]
            place = np.searchsorted(self.numbers, rows[:, 0])
            rows[:, 0] = place if self.positions is None else self.positions[place]
        return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]

    def number_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the numbers of the subjects at positions."""
        if self.positions is None:
            return self.numbers[positions]
        numbers = np.empty_like(self.numbers)
        numbers[self.positions] = self.numbers
        return numbers[positions]


def _closed_days(rows: Numbers, members: _Members, rectified: Numbers) -> NDArray[np.int32]:
    """Give the day of the first accepted rectification of each record; missing without one.

    Args:
        rows: Position of the subject, event day and record of every record.
        members: The subjects.
        rectified: Subject, day and target of every accepted rectification.
    """
    days = np.full(len(rows), NEVER, dtype=np.int32)
    if len(rows) and len(rectified):
        order = np.argsort(rows[:, 2])
        place = np.searchsorted(rows[order, 2], rectified[:, 2])
        place[place == len(rows)] = 0
        target = order[place]
        # A rectification counts for its own subject alone, so that nobody else's answer
        # changes with it.
        fits = (rows[target, 2] == rectified[:, 2]) & (
            members.number_of(rows[target, 0]) == rectified[:, 0]
        )
        np.minimum.at(days, target[fits], rectified[fits, 1].astype(np.int32))
    return np.where(days == NEVER, np.int32(UNKNOWN_DAY), days)


def _merged(enterprises: Numbers, persons: NDArray[np.int64], least: list[int]) -> Numbers:
    """Put persons, whose attributes are all missing, among enterprises."""
    rows = np.empty((persons.size, enterprises.shape[1]), dtype=np.int64)
    rows[:, 0] = persons
    rows[:, 1:] = least
    merged = np.concatenate((enterprises, rows))
    return merged[np.argsort(merged[:, 0])]


def _number(value: Any, least: int) -> int:  # noqa: ANN401 -- what a period says of an enterprise.
    if value is None:
        return least
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        return industry_range(value)[0]
    return day_number(value)
