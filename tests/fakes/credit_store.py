"""A store of credit facts in memory; it keeps the same promises as the one on a database."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Lock

from services.common.clock import Clock
from services.common.database import (
    KnownAtInFutureError,
    KnownAtTooEarlyError,
    TokenNotReachedError,
)
from services.common.idempotency import RequestIdReusedError
from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.credit.commands.ports import (
    EnterpriseFile,
    EnterpriseFilter,
    RecordFilter,
    RecordSummary,
    Slice,
)
from services.credit.domain.enterprise import Period, Succession, Version
from services.credit.domain.group import Membership
from services.credit.domain.person import Person, Role
from services.credit.domain.record import BusinessKey, Edition, business_key
from services.credit.domain.subject import EnterpriseId, EnterpriseRef, Identity, PersonId
from tests.fakes.credit_groups import FakeGroups
from tests.fakes.credit_rows import Row

STORE_ID = "f" * 32


@dataclass
class State:
    """Everything that one revision knows."""

    times: list[datetime]
    identities: dict[int, Row[Identity]] = field(default_factory=dict)
    versions: list[Row[tuple[int, Version]]] = field(default_factory=list)
    successions: list[Row[Succession]] = field(default_factory=list)
    persons: dict[int, Row[Person]] = field(default_factory=dict)
    lookups: dict[str, int] = field(default_factory=dict)
    roles: list[Row[Role]] = field(default_factory=list)
    memberships: list[Row[Membership]] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[str, bytes, bytes]] = field(default_factory=dict)

    @property
    def point(self) -> StorePoint:
        """Say where the state stands."""
        return StorePoint(STORE_ID, len(self.times) - 1, self.times[-1])

    def branch(self) -> "State":
        """Copy what a transaction may change."""
        return State(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})


class FakeEnterprises:
    """Enterprises of a state; an `EnterpriseWrites`."""

    def __init__(self, state: State, ids: Iterator[int]) -> None:
        """Read and write a state."""
        self._state = state
        self._ids = ids

    def resolve(
        self, refs: Collection[EnterpriseRef], *, revision: int
    ) -> Mapping[EnterpriseRef, int]:
        """Find the enterprises that references name."""
        known: dict[EnterpriseRef, int] = {}
        for number, row in self._state.identities.items():
            if row.visible(revision):
                known |= {row.fact: number, EnterpriseId(number): number}
        return {ref: known[ref] for ref in refs if ref in known}

    def files(
        self, enterprise_ids: Collection[int], *, revision: int, superseded: bool = False
    ) -> Mapping[int, EnterpriseFile]:
        """Give the files of enterprises."""
        return {
            number: EnterpriseFile(
                enterprise_id=number,
                identity=row.fact,
                versions=self._versions(number, revision, superseded=superseded),
                successions=self._successions(number, revision),
            )
            for number, row in self._state.identities.items()
            if number in enterprise_ids and row.visible(revision)
        }

    def versions(
        self, enterprise_ids: Collection[int], *, revision: int
    ) -> Mapping[int, tuple[Version, ...]]:
        """Give the periods that were current, oldest first."""
        return {
            number: tuple(
                sorted(
                    self._versions(number, revision, superseded=False),
                    key=lambda one: one.period.start_date,
                )
            )
            for number in enterprise_ids
        }

    def search(self, wanted: EnterpriseFilter, part: Slice) -> Sequence[int]:
        """List enterprises that had a period on the day."""
        found = [
            number
            for number, row in sorted(self._state.identities.items())
            if row.visible(part.revision)
            and (not part.after or number > int(str(part.after[0])))
            and self._fits(number, row.fact, wanted, part)
        ]
        return found[: part.limit]

    def register(self, newcomers: Sequence[EnterpriseFile]) -> None:
        """Store new enterprises, each with its first version."""
        for file in newcomers:
            known = {row.fact for row in self._state.identities.values()}
            assert file.identity not in known, "an identity is registered once"
            revision = self._state.point.revision
            self._state.identities[file.enterprise_id] = Row(file.identity, revision)
            self._state.versions += [
                Row((file.enterprise_id, version), revision) for version in file.versions
            ]

    def rewrite(
        self, enterprise_id: int, *, superseded_row_ids: Sequence[int], periods: Sequence[Period]
    ) -> None:
        """Replace current rows by others."""
        point = self._state.point
        for place, row in enumerate(self._state.versions):
            if row.fact[1].row_id in superseded_row_ids:
                assert row.superseded is None, "a period is superseded once"
                self._state.versions[place] = replace(row, superseded=point.revision)
        for period in periods:
            version = Version(
                row_id=next(self._ids),
                period=period,
                recorded_revision=point.revision,
                recorded_time=point.recorded_time,
            )
            self._state.versions.append(Row((enterprise_id, version), point.revision))

    def add_successions(self, successions: Sequence[Succession]) -> None:
        """Store mergers and splits."""
        revision = self._state.point.revision
        self._state.successions += [Row(one, revision) for one in successions]

    def _versions(self, number: int, revision: int, *, superseded: bool) -> tuple[Version, ...]:
        return tuple(
            replace(row.fact[1], superseded_time=self._superseded_time(row, revision))
            for row in self._state.versions
            if row.fact[0] == number
            and (row.visible(revision) or (superseded and row.recorded <= revision))
        )

    def _superseded_time(self, row: Row[tuple[int, Version]], revision: int) -> datetime | None:
        if row.superseded is None or row.superseded > revision:
            return None
        return self._state.times[row.superseded]

    def _successions(self, number: int, revision: int) -> tuple[Succession, ...]:
        found = [
            row.fact
            for row in self._state.successions
            if row.visible(revision) and number in {row.fact.predecessor_id, row.fact.successor_id}
        ]
        return tuple(sorted(found, key=lambda one: one.effective_date))

    def _fits(self, number: int, identity: Identity, wanted: EnterpriseFilter, part: Slice) -> bool:
        versions = self._versions(number, part.revision, superseded=False)
        past = [one for one in versions if one.period.start_date <= part.as_of]
        present = next((one for one in versions if one.period.covers(part.as_of)), None)
        if present is None:
            return False
        profile = present.profile
        return (
            any(_lower(wanted.name_contains) in _lower(one.profile.name) for one in past)
            and wanted.credit_code in {"", identity.value}
            and (wanted.divisions is None or profile.division in wanted.divisions)
            and (profile.industry or "").startswith(wanted.industry_prefix)
            and (wanted.field is None or wanted.field in profile.fields)
        )


class FakePersons:
    """Persons of a state; a `PersonWrites`."""

    def __init__(self, state: State) -> None:
        """Read and write a state."""
        self._state = state

    def resolve(self, refs: Collection[PersonId], *, revision: int) -> Collection[PersonId]:
        """Give those of the references that name a known person."""
        return [ref for ref in refs if self.person(ref.value, revision=revision)]

    def person(self, person_id: int, *, revision: int) -> Person | None:
        """Give a person with the current roles."""
        row = self._state.persons.get(person_id)
        if row is None or not row.visible(revision):
            return None
        roles = [
            one.fact
            for one in self._state.roles
            if one.fact.person_id == person_id and one.visible(revision)
        ]
        ordered = sorted(roles, key=lambda role: (role.start_date, role.role_id))
        return replace(row.fact, roles=tuple(ordered))

    def by_lookup(self, lookup: str) -> Person | None:
        """Find the person of an identity number."""
        number = self._state.lookups.get(lookup)
        return (number and self.person(number, revision=self._state.point.revision)) or None

    def role(self, role_id: int, *, revision: int) -> Role | None:
        """Give the current row of a role."""
        return next(
            (
                row.fact
                for row in self._state.roles
                if row.fact.role_id == role_id and row.visible(revision)
            ),
            None,
        )

    def role_divisions(
        self, person_ids: Collection[int], *, revision: int
    ) -> Mapping[int, frozenset[int]]:
        """Give the divisions of the enterprises in which persons have or had roles."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for role in (row.fact for row in self._state.roles if row.visible(revision)):
            for row in self._state.versions:
                number, version = row.fact
                division = version.profile.division
                if number == role.enterprise_id and row.visible(revision) and division:
                    found[role.person_id].add(division)
        return {number: frozenset(found[number]) for number in person_ids if number in found}

    def names_around(
        self, *, persons: Collection[int], enterprises: Collection[int], revision: int
    ) -> Mapping[int, frozenset[str]]:
        """Give who stands around subjects, by name."""
        roles = [row.fact for row in self._state.roles if row.visible(revision)]
        found: defaultdict[int, set[int]] = defaultdict(set)
        for number in persons:
            found[number].add(number)
        for one in roles:
            if one.enterprise_id in enterprises:
                found[one.enterprise_id].add(one.person_id)
            if one.person_id in persons:
                found[one.person_id].update(
                    other.person_id for other in roles if other.enterprise_id == one.enterprise_id
                )
        return {
            number: frozenset(
                one.name
                for one in (self.person(other, revision=revision) for other in others)
                if one is not None
            )
            for number, others in found.items()
        }

    def register(self, person: Person, *, lookup: str) -> None:
        """Store a new person."""
        assert lookup not in self._state.lookups, "a number is registered once"
        self._state.persons[person.person_id] = Row(person, self._state.point.revision)
        self._state.lookups[lookup] = person.person_id

    def add_role(self, role: Role, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a role, in place of another where one is named."""
        revision = self._state.point.revision
        for place, row in enumerate(self._state.roles):
            if row.fact.row_id == superseded_row_id:
                self._state.roles[place] = replace(row, superseded=revision)
        self._state.roles.append(Row(role, revision))


class FakeRecords:
    """Records of a state; a `RecordWrites`."""

    def __init__(self, state: State) -> None:
        """Read and write a state."""
        self._state = state

    def editions(self, record_id: int, *, revision: int) -> Sequence[Edition]:
        """Give the editions of a record, oldest first."""
        return [
            _as_known(one, revision)
            for one in self._state.editions
            if one.record_id == record_id and one.recorded_revision <= revision
        ]

    def by_keys(self, keys: Collection[BusinessKey]) -> Mapping[BusinessKey, Sequence[Edition]]:
        """Give the editions of the records with business keys, oldest first."""
        found: defaultdict[BusinessKey, list[Edition]] = defaultdict(list)
        for one in self._state.editions:
            key = business_key(one.header, one.body)
            if key in keys:
                found[key].append(one)
        return found

    def summaries(self, record_ids: Collection[int]) -> Mapping[int, RecordSummary]:
        """Give the latest editions of records."""
        latest = {one.record_id: one for one in self._state.editions if one.record_id in record_ids}
        return {
            number: RecordSummary(
                kind=one.body.kind,
                subject_id=one.subject_id,
                revoked=one.superseded is not None,
                authority=one.header.authority,
            )
            for number, one in latest.items()
        }

    def page(self, wanted: RecordFilter, part: Slice) -> Sequence[Edition]:
        """List current editions by event date and record identifier."""
        known = [
            _as_known(one, part.revision)
            for one in self._state.editions
            if one.recorded_revision <= part.revision
        ]
        found = [
            one
            for one in known
            if one.superseded is None
            and one.header.event_date <= part.as_of
            and (not part.after or (one.header.event_date, one.record_id) > part.after)
            and _wanted(one, wanted)
        ]
        return sorted(found, key=lambda one: (one.header.event_date, one.record_id))[: part.limit]

    def add(self, editions: Sequence[Edition]) -> None:
        """Store editions of any kinds."""
        taken = {(*business_key(one.header, one.body), one.number) for one in self._state.editions}
        for one in editions:
            key = (*business_key(one.header, one.body), one.number)
            assert key not in taken, "a business key is recorded once"
            taken.add(key)
            self._state.editions.append(one)

    def supersede(self, edition: Edition) -> None:
        """Store how an edition ceased to be current."""
        (place,) = (
            place for place, one in enumerate(self._state.editions) if one.row_id == edition.row_id
        )
        assert self._state.editions[place].superseded is None, "an edition is superseded once"
        self._state.editions[place] = edition


class FakeReading:
    """A snapshot; a `Reading`."""

    def __init__(self, state: State, clock: Clock) -> None:
        """Read a state."""
        self._state = state
        self._clock = clock
        self.point = state.point
        self.enterprises = FakeEnterprises(state, iter(()))
        self.persons = FakePersons(state)
        self.groups = FakeGroups(state.memberships, self.point.revision)
        self.records = FakeRecords(state)

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        if known_at > max(self._clock.now(), self.point.recorded_time):
            raise KnownAtInFutureError("not yet")
        recorded = [time for time in self._state.times if time <= known_at]
        if not recorded:
            raise KnownAtTooEarlyError("nothing yet")
        return StorePoint(STORE_ID, len(recorded) - 1, recorded[-1])


class FakeWriting:
    """A write transaction; a `Writing`."""

    def __init__(self, store: "FakeStore", *, caller: Caller, method: str) -> None:
        """Branch off the store's state."""
        self._store = store
        self._caller = caller
        self._method = method
        self._state = store.state.branch()
        last = self._state.times[-1]
        self._state.times.append(max(store.clock.now(), last + timedelta(microseconds=1)))
        self.point = self._state.point
        self.enterprises = FakeEnterprises(self._state, store.ids)
        self.persons = FakePersons(self._state)
        self.groups = FakeGroups(self._state.memberships, self.point.revision)
        self.records = FakeRecords(self._state)

    def new_id(self) -> int:
        """Take an identifier."""
        return next(self._store.ids)

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request."""
        answered = self._state.answers.get((self._caller.identity, request_id))
        if answered is None:
            return None
        if answered[:2] != (self._method, digest):
            raise RequestIdReusedError("used for another request")
        return answered[2]

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        answer = (self._method, digest, response)
        self._state.answers[self._caller.identity, request_id] = answer

    def commit(self) -> None:
        """Make the branch the state of the store."""
        self._store.state = self._state


class FakeStore:
    """A store in memory; a `Store`.

    Attributes:
        state: What is known.
        clock: Tells the instants of revisions.
        ids: Gives identifiers.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin empty."""
        self.state = State(times=[clock.now()])
        self.clock = clock
        self.ids = count(100_001)
        self._writer = Lock()

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.state.point

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[FakeReading]:
        """Open a snapshot."""
        if at_least is not None and at_least.revision > self.state.point.revision:
            raise TokenNotReachedError("not yet")
        yield FakeReading(self.state, self.clock)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[FakeWriting]:
        """Begin a write."""
        with self._writer:
            yield FakeWriting(self, caller=caller, method=method)


# Private functions -----------------------------------------------------------


def _lower(text: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in text)


def _as_known(edition: Edition, revision: int) -> Edition:
    superseded = edition.superseded
    later = superseded is not None and superseded.revision > revision
    return replace(edition, superseded=None) if later else edition


def _wanted(edition: Edition, wanted: RecordFilter) -> bool:
    header = edition.header
    return (
        wanted.subject_id in {None, edition.subject_id}
        and (not wanted.kinds or edition.body.kind in wanted.kinds)
        and wanted.field in {None, header.field}
        and wanted.authority in {"", header.authority}
        and wanted.document_number in {"", header.document_number}
        and (wanted.event_start_date is None or header.event_date >= wanted.event_start_date)
        and (wanted.event_end_date is None or header.event_date < wanted.event_end_date)
    )
