"""A store of facts in memory: what the tables should say, written the plain way.

It takes the same writes as `tests.fakes.scoring_facts.FactWriter` and implements the ports that
the commands of scoring read through.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from services.common.clock import Clock, civil_day
from services.common.errors import Category, SafetyCreditError
from services.common.tokens import StorePoint, StoreToken
from services.engine.days import UNKNOWN_DAY, day_number
from services.engine.population import Population, RecordColumns
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary, industry_range
from services.scoring.commands.ports import (
    Chunk,
    FactNeeds,
    GradesStanding,
    KeptGrade,
    Publicity,
    Scan,
)
from services.scoring.domain.subject import (
    CreditCode,
    EnterpriseId,
    LocalIdentity,
    Period,
    PersonId,
    Subject,
    SubjectRef,
    masked_name,
)
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint
from tests.fakes.scoring_facts import DEFAULTS, PROFILE
from tests.fakes.scoring_listed import NobodyListed
from tests.fakes.scoring_parents import with_parents

STORE_ID = "0123456789abcdef0123456789abcdef"
ACCEPTED = 3
IDS_PER_REVISION = 2**20
WIDTHS: Mapping[AttributeType, type[np.signedinteger[Any]]] = {
    AttributeType.NUMBER: np.int64,
    AttributeType.CODE: np.int16,
    AttributeType.CODES: np.int32,
    AttributeType.DAY: np.int32,
    AttributeType.FLAG: np.int8,
    AttributeType.INDUSTRY: np.int32,
    AttributeType.DIVISION: np.int32,
}


class FakeUnavailableError(SafetyCreditError):
    """The fake store has not reached a token, or the future has not come."""

    reason = "FAKE_UNAVAILABLE"
    category = Category.UNAVAILABLE


@dataclass(slots=True)
class Row:
    """Something recorded at a revision, and perhaps superseded at a later one."""

    recorded: int
    values: Any
    superseded: int | None = None

    def visible(self, revision: int) -> bool:
        """Say whether it was current at a revision."""
        return self.recorded <= revision and (self.superseded is None or self.superseded > revision)


@dataclass(slots=True)
class FakeStore:
    """A store in memory; implements `Store`, and takes writes as `FactWriter` does.

    Attributes:
        vocabulary: What attributes there are.
        clock: Tells the instants of writes.
        revision: Number of the last write before the first.
    """

    vocabulary: Vocabulary
    clock: Clock
    revision: int = 0
    times: list[datetime] = field(default_factory=list)
    identities: dict[SubjectRef, Row] = field(default_factory=dict)
    periods: list[tuple[int, Row]] = field(default_factory=list)
    persons: dict[int, Row] = field(default_factory=dict)
    records: list[tuple[int, Row]] = field(default_factory=list)
    standings: dict[str, GradesStanding] = field(default_factory=dict)
    kept: dict[tuple[str, int], KeptGrade] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin before the first write, or after as many as there were."""
        self.times += [self.clock.now()] * (self.revision + 1)

    # Reading ---------------------------------------------------------------------

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return StorePoint(STORE_ID, len(self.times) - 1, self.times[-1])

    @property
    def token(self) -> StoreToken:
        """Give the token of the last write."""
        return self.point().token

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator["FakeReading"]:
        """Open a snapshot."""
        if at_least is not None and at_least.revision > self.point().revision:
            raise FakeUnavailableError("the fake has not reached the token")
        yield FakeReading(self, self.point())

    # Writing ---------------------------------------------------------------------

    def enterprise(
        self,
        *,
        credit_code: str | None = None,
        local: tuple[str, str] | None = None,
        start_date: date = date(2010, 1, 1),
        **profile: Any,  # noqa: ANN401 -- as the tables have it.
    ) -> int:
        """Register an enterprise and give its number."""
        revision = self._next()
        number = revision * IDS_PER_REVISION
        identity: SubjectRef = (
            CreditCode(credit_code)
            if credit_code
            else LocalIdentity(*(local or ("test", f"{number}")))
        )
        self.identities[identity] = Row(revision, number)
        self._period(number, {**PROFILE, **profile, "start_date": start_date, "end_date": None})
        return number

    def change(self, enterprise_id: int, day: date, **profile: Any) -> None:  # noqa: ANN401 -- as the tables have it.
        """Let something else be true of an enterprise from a day on."""
        revision = self._next()
        last = next(
            row
            for number, row in self.periods
            if number == enterprise_id and row.superseded is None and row.values["end_date"] is None
        )
        last.superseded = revision
        self._period(enterprise_id, {**last.values, "end_date": day})
        self._period(enterprise_id, {**last.values, **profile, "start_date": day})

    def person(self, name: str = "王某某") -> int:
        """Register a person and give the number."""
        revision = self._next()
        number = revision * IDS_PER_REVISION
        self.persons[number] = Row(revision, name)
        return number

    def record(
        self,
        kind: str,
        subject_id: int,
        event_date: date,
        *,
        person: bool = False,
        **body: Any,  # noqa: ANN401 -- as the tables have it.
    ) -> int:
        """Record a fact and give its number."""
        del person
        revision = self._next()
        number = revision * IDS_PER_REVISION
        values = {"field": 1, **DEFAULTS[kind], **body, "kind": kind, "event_date": event_date}
        self.records.append((number, Row(revision, {**values, "subject": subject_id})))
        return number

    def revise(self, record_id: int, **changes: Any) -> None:  # noqa: ANN401 -- as the tables have it.
        """Put a later edition in the place of the current one."""
        revision = self._next()
        current = self._current(record_id)
        current.superseded = revision
        self.records.append((record_id, Row(revision, {**current.values, **changes})))

    def revoke(self, record_id: int) -> None:
        """Revoke a record."""
        revision = self._next()
        self._current(record_id).superseded = revision

    def _next(self) -> int:
        self.times.append(max(self.clock.now(), self.times[-1] + timedelta(microseconds=1)))
        return len(self.times) - 1

    def _current(self, record_id: int) -> Row:
        return next(
            row for number, row in self.records if number == record_id and row.superseded is None
        )

    def _period(self, number: int, values: Mapping[str, Any]) -> None:
        self.periods.append((number, Row(len(self.times) - 1, values)))


@dataclass(frozen=True, slots=True)
class FakeReading:
    """A snapshot; implements `Reading` with all its parts."""

    store: FakeStore
    point: StorePoint
    listed = NobodyListed()

    @property
    def subjects(self) -> "FakeReading":
        """Find subjects."""
        return self

    @property
    def facts(self) -> "FakeReading":
        """Read facts."""
        return self

    @property
    def grades(self) -> "FakeReading":
        """Read kept grades."""
        return self

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        if known_at > self.point.recorded_time and known_at > self.store.clock.now():
            raise FakeUnavailableError("the future has not come")
        revision = sum(1 for time in self.store.times if time <= known_at) - 1
        if revision < 1:
            raise FakeUnavailableError("nothing had been recorded")
        return StorePoint(STORE_ID, revision, self.store.times[revision])

    # Subjects --------------------------------------------------------------------

    def find(self, refs: Collection[SubjectRef], at: Viewpoint) -> Mapping[SubjectRef, Subject]:
        """Find the subjects that references name."""
        found: dict[SubjectRef, Subject] = {}
        everybody = self.by_number([number for number, _ in self._everybody(at)], at)
        for ref in refs:
            match ref:
                case EnterpriseId(number) | PersonId(number):
                    subject = everybody.get(number)
                    if subject is not None and subject.person == isinstance(ref, PersonId):
                        found[ref] = subject
                case _:
                    row = self.store.identities.get(ref)
                    if row is not None and row.visible(at.revision):
                        found[ref] = everybody[row.values]
        return found

    def by_number(self, subject_ids: Collection[int], at: Viewpoint) -> Mapping[int, Subject]:
        """Find enterprises and persons by their numbers."""
        return {
            number: self._subject(number, identity, at)
            for number, identity in self._everybody(at)
            if number in set(subject_ids)
        }

    def changes_on(
        self, subject_ids: Collection[int], attributes: Collection[str], at: Viewpoint
    ) -> Mapping[int, date]:
        """Give the days on which attributes of enterprises become others."""
        days = {
            number: subject.changes_on(attributes)
            for number, subject in self.by_number(subject_ids, at).items()
        }
        return {number: day for number, day in days.items() if day is not None}

    def _everybody(self, at: Viewpoint) -> list[tuple[int, SubjectRef]]:
        enterprises = [
            (row.values, ref)
            for ref, row in self.store.identities.items()
            if row.visible(at.revision)
        ]
        persons: list[tuple[int, SubjectRef]] = [
            (number, PersonId(number))
            for number, row in self.store.persons.items()
            if row.visible(at.revision)
        ]
        return sorted([*enterprises, *persons], key=lambda one: one[0])

    def _subject(self, number: int, identity: SubjectRef, at: Viewpoint) -> Subject:
        if isinstance(identity, PersonId):
            name = masked_name(self.store.persons[number].values)
            return Subject(subject_id=number, person=True, as_of=at.as_of, person_name=name)
        periods = [
            Period(**row.values)
            for owner, row in self.store.periods
            if owner == number and row.visible(at.revision)
        ]
        return Subject(
            subject_id=number,
            credit_code=identity.value if isinstance(identity, CreditCode) else "",
            periods=tuple(sorted(periods, key=lambda one: one.start_date)),
            as_of=at.as_of,
        )

    # Facts -----------------------------------------------------------------------

    def population(
        self, subjects: Sequence[Subject], needs: FactNeeds, at: Viewpoint
    ) -> Population:
        """Give the columns of subjects, in their order."""
        attributes = {
            name: _column(
                [
                    None if subject.period is None else getattr(subject.period, name)
                    for subject in subjects
                ],
                self.store.vocabulary.subject[name],
            )
            for name in needs.attributes
        }
        places = {subject.subject_id: place for place, subject in enumerate(subjects)}
        records = {
            kind: self._records(kind, names, places, at) for kind, names in needs.records.items()
        }
        return Population(len(subjects), attributes, records)

    def chunk(self, scan: Scan, needs: FactNeeds, at: Viewpoint) -> Chunk:
        """Give the columns of a stretch of the subjects."""
        wanted = [
            subject
            for number, identity in self._everybody(at)
            if number > scan.after and _passes(subject := self._subject(number, identity, at), scan)
        ]
        return self._chunk(wanted[: scan.limit], needs, at)

    def chunk_of(
        self,
        subject_ids: Collection[int],
        needs: FactNeeds,
        at: Viewpoint,
        *,
        persons: bool = False,
    ) -> Chunk:
        """Give the columns of those of the numbers that are enterprises, or persons if wanted."""
        found = self.by_number(subject_ids, at)
        return self._chunk([one for one in found.values() if persons or not one.person], needs, at)

    def changed(self, revision: int, until: int, *, limit: int) -> frozenset[int] | None:
        """Give the subjects written about after one revision and up to another."""
        rows = [(row.values["subject"], row) for _, row in self.store.records]
        rows += self.store.periods
        found = {
            number
            for number, row in rows
            if revision < row.recorded <= until
            or (row.superseded is not None and revision < row.superseded <= until)
        }
        return None if len(found) > limit else frozenset(found)

    def publicity(self, record_ids: Collection[int], at: Viewpoint) -> Mapping[int, Publicity]:
        """Give no repair that was withdrawn, and no end of publication of an authority's own."""
        del at
        return dict.fromkeys(record_ids, Publicity((), None))

    def _chunk(self, subjects: list[Subject], needs: FactNeeds, at: Viewpoint) -> Chunk:
        numbers = np.array([subject.subject_id for subject in subjects], dtype=np.int64)
        persons = np.array([subject.person for subject in subjects], dtype=np.bool_)
        return Chunk(
            subject_ids=numbers,
            population=self.population(subjects, needs, at),
            persons=persons,
        )

    def _records(
        self, kind: str, names: frozenset[str], places: Mapping[int, int], at: Viewpoint
    ) -> RecordColumns:
        rows = sorted(
            (
                places[row.values["subject"]],
                row.values["event_date"],
                number,
                {"inspection": _inspection(number, row.values), **row.values},
            )
            for number, row in _visible(self.store.records, at)
            if row.values["kind"] == kind and row.values["subject"] in places
        )
        words = self.store.vocabulary.kinds[kind].attributes
        current = {number: row.values for number, row in _visible(self.store.records, at)}
        columns = {
            name: _column(
                [with_parents(values, current).get(name) for *_, values in rows], words[name]
            )
            for name in names | {"event_date"}
            if name not in {"closed_date", "entry_date"}
        }
        if "entry_date" in names:
            entered = [self._entered(number) for _, _, number, _ in rows]
            columns["entry_date"] = np.array(entered, dtype=np.int32)
        if "closed_date" in names:
            closed = [self._closed(number, values["subject"], at) for _, _, number, values in rows]
            columns["closed_date"] = np.array(closed, dtype=np.int32)
        return RecordColumns(
            np.array([number for _, _, number, _ in rows], dtype=np.int64),
            np.array([place for place, *_ in rows], dtype=np.int64),
            columns,
        )

    def _entered(self, record_id: int) -> int:
        time = self.store.times[record_id // IDS_PER_REVISION]
        return day_number(civil_day(time))

    def _closed(self, record_id: int, subject_id: int, at: Viewpoint) -> int:
        days = [
            day_number(row.values["event_date"])
            for _, row in _visible(self.store.records, at)
            if row.values["kind"] == "rectification"
            and row.values["subject"] == subject_id
            and row.values["outcome"] == ACCEPTED
            and row.values["target_record_id"] == record_id
        ]
        return min(days, default=UNKNOWN_DAY)

    # Kept grades -----------------------------------------------------------------

    def standing(self, policy_id: str) -> GradesStanding | None:
        """Say up to where the kept grades are right."""
        return self.store.standings.get(policy_id)

    def due(self, policy_id: str, by: date, *, limit: int) -> Sequence[int]:
        """Give enterprises whose grade may change by a day."""
        return [
            number
            for (policy, number), row in self.store.kept.items()
            if policy == policy_id and row.valid_until_date and row.valid_until_date <= by
        ][:limit]

    def page(
        self, policy_id: str, scan: Scan, at: Viewpoint, *, grades: Mapping[str, int]
    ) -> Sequence[KeptGrade]:
        """Give kept grades in order of the enterprises' numbers."""
        subjects = self.by_number([number for _, number in self.store.kept], at)
        found = [
            row
            for (policy, number), row in self.store.kept.items()
            if policy == policy_id
            and number > scan.after
            and _passes(subjects[number], scan)
            and (not grades or row.grade in grades)
        ]
        return sorted(found, key=lambda row: row.subject_id)[: scan.limit]


def _visible(rows: list[tuple[int, Row]], at: Viewpoint) -> list[tuple[int, Row]]:
    return [(number, row) for number, row in rows if row.visible(at.revision)]


def _column(values: list[Any], attribute: Attribute) -> Any:  # noqa: ANN401 -- a column of any width.
    width = WIDTHS[attribute.type]
    least = int(np.iinfo(width).min)
    numbers = [least if value is None else _number(value) for value in values]
    return np.array(numbers, dtype=width)


def _number(value: Any) -> int:  # noqa: ANN401 -- as the tables have it.
    if isinstance(value, date):
        return day_number(value)
    return industry_range(value)[0] if isinstance(value, str) else int(value)


def _inspection(number: int, values: Mapping[str, Any]) -> int | None:
    """Give the inspection that a record belongs to, which an inspection is itself."""
    found: int | None = values.get("inspection_record_id")
    return number if values["kind"] == "inspection" else found


def _passes(subject: Subject, scan: Scan) -> bool:
    if subject.person:
        return scan.persons
    if subject.period is None:
        return scan.everybody
    return _fits(subject.period, scan.wanted)


def _fits(period: Period, wanted: EnterpriseFilter) -> bool:
    division = f"{period.division:06d}" if period.division else ""
    prefix = wanted.division
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return (
        (not wanted.division or division.startswith(prefix))
        and (not wanted.industry or (period.industry or "").startswith(wanted.industry))
        and (not wanted.field or bool(period.fields >> wanted.field & 1))
    )
