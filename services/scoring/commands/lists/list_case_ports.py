"""What the procedure of the lists needs of the world."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.lists.upkeep_ports import FailureWrites, UpkeepReads
from services.scoring.commands.ports import FactReads, Reading, SubjectReads
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.entry_duty import EntryDuty
from services.scoring.domain.entry_texts import Hiding
from services.scoring.domain.hazard_extension import MajorHazard
from services.scoring.domain.list_case import CaseState, ListCase, Step, StepKind
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKey, ListKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with its ledger.

    Attributes:
        case: The case.
        steps: The ledger, oldest first.
        ended: Whether nothing is left to do.
    """

    case: ListCase
    steps: tuple[Step, ...]
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases are wanted.

    Attributes:
        kind: Kind of the list; none for both.
        field: Number of the field; 0 for every one.
        subject_id: Party; none for anybody.
        state: State; none for every one. Looked at after reading.
        authority: Authority that collected or decides; empty for any. Looked at after reading.
        running: Whether cases that ended are left out.
    """

    kind: ListKind | None = None
    field: int = 0
    subject_id: int | None = None
    state: CaseState | None = None
    authority: str = ""
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFilter:
    """Which cases may have a deadline that is wanted.

    Attributes:
        kind: Kind of the list; none for both.
        field: Number of the field; 0 for every one.
        authority: Authority at which something is due; empty for any.
        step: Step that is due; none for any.
        before: Day before which it is due; none for any.
    """

    kind: ListKind | None = None
    field: int = 0
    authority: str = ""
    step: StepKind | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFailure:
    """Something that the upkeep cannot keep right by itself.

    Attributes:
        chore: What it cannot do: ``basis``, ``redlisting``, ``term``, ``division`` or ``name``.
        case_id: The case.
        entry_id: The entry; none where it is the whole case.
        reason: Reason of the refusal, as an error would name it.
        message: What was refused and what to do.
        since_time: Instant since which it fails for that reason.
    """

    chore: str
    case_id: int
    entry_id: int | None
    reason: str
    message: str
    since_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted.

    Attributes:
        kind: Kind of the list; none for both.
        field: Number of the field; 0 for every one.
        division: Division with all below it, six digits; empty for any.
        subject_id: Listed subject; none for anybody.
        state: State, whatever the day; none for entries that count on a day.
    """

    kind: ListKind | None = None
    field: int = 0
    division: str = ""
    subject_id: int | None = None
    state: EntryState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRecord:
    """A record as far as a case rests on it.

    Attributes:
        record_id: The record.
        edition: Its current edition.
        subject_id: Whom it is about.
        event_date: Day of the fact.
        authority: Authority that issued it.
        final_penalty: Whether it is a penalty that is final on the day.
        finding: Whether it finds a violation, or liability for an accident.
        performed: Whether it is a penalty that was performed by the day.
        penalty: Whether it is a penalty.
        field: Number of its field.
        violation: Record of the violation that a penalty is for; none where it names none.
        accident: Record of the accident that a penalty is for; none where it names none.
        document_number: Document by which it was issued; empty for none.
        person: Whether it is about a person.
        repaired_date: Day on which the repair of it that holds was granted; none for no repair.
        repair_document: Document that granted it; empty for none.
    """

    record_id: int
    edition: int
    subject_id: int
    event_date: date
    authority: str
    final_penalty: bool
    finding: bool
    performed: bool
    penalty: bool
    field: int
    violation: int | None = None
    accident: int | None = None
    document_number: str = ""
    person: bool = False
    repaired_date: date | None = None
    repair_document: str = ""

    def repaired_on(self, day: date) -> bool:
        """Say whether its repair was granted by a day."""
        return self.repaired_date is not None and self.repaired_date <= day

    def concerns(self, subject_id: int) -> bool:
        """Say whether it counts for a party: what is about a person counts for that person alone.

        What is about a unit counts for the persons listed with it too (Order 11 art. 6, 7).
        """
        return not self.person or self.subject_id == subject_id

    @property
    def punished(self) -> frozenset[int]:
        """Give what a penalty is for."""
        return frozenset(one for one in (self.violation, self.accident) if one is not None)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A person's role in an enterprise.

    Attributes:
        person_id: The person.
        role: Code of the role, for example ``principal``.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
    """

    person_id: int
    role: str
    start_date: date
    end_date: date | None

    def held_on(self, day: date) -> bool:
        """Say whether it is held on a day."""
        return self.start_date <= day and (self.end_date is None or day < self.end_date)


@dataclass(frozen=True, slots=True, repr=False)
class PersonFile:
    """What is known of a person; never printed.

    Attributes:
        name: Name in full.
        identity_mask: Identity number with most of it hidden; empty where it cannot be read.
    """

    name: str
    identity_mask: str


class CaseReads(Protocol):
    """Reads cases."""

    def files(self, case_ids: Collection[int], revision: int) -> Mapping[int, CaseFile]:
        """Read cases with their ledgers; unknown ones are left out."""
        ...

    def numbers(
        self, wanted: CaseFilter, revision: int, *, after: int, limit: int
    ) -> Sequence[int]:
        """Give numbers of cases after another, ascending."""
        ...

    def due_numbers(
        self, wanted: DueFilter, revision: int, *, after: int, limit: int
    ) -> Sequence[int]:
        """Give numbers of cases after another, ascending, in which something wanted may be due.

        None that has such a deadline is left out; some that have none may be given. Cases that
        ended are not looked at.
        """
        ...

    def unlooked(self, *, limit: int) -> Sequence[int]:
        """Give open cases of which is not known yet from when something is due."""
        ...

    def failures(
        self, case_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[WorkFailure, ...]]:
        """Give what the upkeep cannot do in cases; those in which it can do all are left out."""
        ...


class EntryReads(Protocol):
    """Reads entries."""

    def entries(self, entry_ids: Collection[int], revision: int) -> Mapping[int, HeldEntry]:
        """Read entries; unknown ones are left out."""
        ...

    def of_cases(
        self, case_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[HeldEntry, ...]]:
        """Read the entries of cases, by case."""
        ...

    def of_subject(self, subject_id: int, revision: int) -> Sequence[HeldEntry]:
        """Read every entry of a subject, oldest first."""
        ...

    def page(
        self, wanted: EntryFilter, revision: int, *, as_of: date, after: int, limit: int
    ) -> Sequence[HeldEntry]:
        """Read entries after another, by their numbers."""
        ...

    def hiding(self, entries: Collection[HeldEntry]) -> Mapping[int, Hiding]:
        """Give what masks persons who are known by now in the texts of entries, by entry."""
        ...

    def sent_texts(self, entry: ListEntry) -> Sequence[str]:
        """Give what cursors can still be sent of an entry in words: as listed, and as removed."""
        ...

    def duties(
        self, entry_ids: Collection[int], revision: int
    ) -> Mapping[int, tuple[EntryDuty, ...]]:
        """Read what decisions on objections and repairs ask of entries, oldest first."""
        ...


class PersonReads(Protocol):
    """Reads persons, and who has a role where."""

    def names_around(
        self, subject_ids: Collection[int], revision: int
    ) -> Mapping[int, frozenset[str]]:
        """Name the persons around subjects: themselves, and who has or had a role beside them.

        Of an enterprise that is who has or had a role in it; of a person also who has or had one
        in an enterprise in which that person has or had one.
        """
        ...

    def roles(self, enterprise_id: int, revision: int) -> Sequence[HeldRole]:
        """Read the roles in an enterprise."""
        ...

    def persons(self, person_ids: Collection[int], revision: int) -> Mapping[int, PersonFile]:
        """Read persons; unknown ones are left out."""
        ...


class GroundReads(PersonReads, Protocol):
    """Reads what cases rest on."""

    def records(
        self, record_ids: Collection[int], revision: int, *, day: date
    ) -> Mapping[int, GroundRecord]:
        """Read records as they stand; revoked and unknown ones are left out."""
        ...

    def revoking_document(
        self, record_ids: Collection[int], revision: int, *, subject_id: int
    ) -> str:
        """Give the document that last revoked or revised one of some records; empty for none.

        Only records are looked at that concern a party.
        """
        ...

    def changed_cases(self, case_ids: Collection[int], revision: int) -> frozenset[int]:
        """Give cases of which a record, or the role of a person, is not as when they were opened.

        A role counts where it was held on the day of one of the records, and no longer is.
        """
        ...

    def employers(self, person_id: int, revision: int) -> Sequence[int]:
        """Give the enterprises in which a person has, or had, a role."""
        ...

    def divisions(self, subject_id: int, revision: int, *, person: bool) -> frozenset[str]:
        """Give the divisions to which a subject belongs, six digits each; empty for unknown."""
        ...

    def recorded_divisions(
        self, record_ids: Collection[int], revision: int, *, authority: str
    ) -> frozenset[str]:
        """Give where records of an authority lay by any of their editions, six digits each."""
        ...

    def major_hazards(
        self, enterprise_id: int, revision: int, *, day: date
    ) -> Sequence[MajorHazard]:
        """Read the major hazards of an enterprise that were found by a day, as they stood on it."""
        ...

    def ban_runs(self, subject_id: int, revision: int, *, day: date) -> bool:
        """Say whether a ban from the trade or profession runs on a day."""
        ...


class ListReading(Protocol):
    """A consistent snapshot of cases, entries and what they rest on."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    @property
    def subjects(self) -> SubjectReads:
        """Find subjects."""
        ...

    @property
    def facts(self) -> FactReads:
        """Read facts."""
        ...

    @property
    def cases(self) -> CaseReads:
        """Read cases."""
        ...

    @property
    def entries(self) -> EntryReads:
        """Read entries."""
        ...

    @property
    def grounds(self) -> GroundReads:
        """Read what cases rest on."""
        ...


class ListSnapshot(ListReading, Reading, Protocol):
    """A snapshot that knows the points before it."""

    @property
    def upkeep(self) -> UpkeepReads:
        """Find what the upkeep has to look at."""
        ...


class ListWriting(ListReading, Protocol):
    """A write transaction on cases and entries; reads see what it wrote."""

    @property
    def failures(self) -> FailureWrites:
        """Keep what the upkeep could not do."""
        ...

    def new_id(self) -> int:
        """Take an identifier: unique in the store, ascending in time."""
        ...

    def open_case(self, case: ListCase, step: Step) -> None:
        """Store a new case with its first step."""
        ...

    def add_step(self, case_id: int, step: Step) -> None:
        """Add a step to a ledger."""
        ...

    def end_case(self, case_id: int, *, ended: bool) -> None:
        """Note that nothing is left to do in a case, or that something is again."""
        ...

    def touch(self, case_id: int) -> None:
        """Find out anew from when something is due in a case; every other write does it too."""
        ...

    def put_entry(self, held: HeldEntry) -> None:
        """Store an entry as it stands now, in the place of its edition before.

        Persons who are known by now are masked in its texts, as in those of `publish`.
        """
        ...

    def publish(self, changes: Sequence[ListChange], *, approval: str) -> Mapping[ListKey, int]:
        """Publish changes of the lists in this transaction.

        Raises:
            SafetyCreditError: A list would shrink too much without a second approval.
        """
        ...

    def retract(self, entry: ListEntry) -> None:
        """Let no cursor be sent any more what was published of an entry until now.

        Whoever holds it takes the next change; whoever has not come so far exports again.
        """
        ...

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request; nothing if there was none."""
        ...

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        ...

    def commit(self) -> None:
        """Make everything durable."""
        ...


class ListStore(Protocol):
    """The store of cases and entries."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[ListSnapshot]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[ListWriting]:
        """Begin a write; it is undone unless it is committed."""
        ...


class ListLease(Protocol):
    """Lets one replica at a time do the periodic work on the lists."""

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        ...

    def release(self, lease: str) -> None:
        """Give the lease back."""
        ...
