"""What the commands of the procedure share: where they write, whom they let in, what they show."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.common.identity import Caller, Role
from services.common.once import Call
from services.common.tokens import StorePoint
from services.scoring.commands.lists.list_case_ports import (
    CaseFile,
    ListReading,
    ListStore,
    PersonFile,
    WorkFailure,
)
from services.scoring.commands.lists.published_text import given_names
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.fields import FIELD_LABELS
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.list_case import (
    Attachment,
    CaseState,
    DecidedTerm,
    ListCase,
    Opinion,
    Step,
    StepKind,
)
from services.scoring.domain.list_due import steps_ahead
from services.scoring.domain.list_errors import (
    AuthorityMissingError,
    CaseUnknownError,
    EntryUnknownError,
    OutOfScopeError,
    StepInFutureError,
    StepNotTodayError,
)
from services.scoring.domain.list_lateness import StepTimes, step_times
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import WorkingCalendar
from services.scoring.domain.measures import MeasureCatalogue
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint

CASE = "c"
"""Letter of the identifiers of cases, as in ``c-100001``."""

ENTRY = "l"
"""Letter of the identifiers of entries, as in ``l-100001``."""


@dataclass(frozen=True, slots=True)
class ListDesk:
    """Where cases are worked on.

    Attributes:
        store: Cases, entries and what they rest on.
        library: The policies.
        calendar: Counts working days.
        measures: The measures that a decision may give.
    """

    store: ListStore
    library: PolicyLibrary
    calendar: WorkingCalendar
    measures: MeasureCatalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """A step as a caller asks for it.

    Attributes:
        kind: Which step.
        person: Official who acts.
        document_number: Document; empty for none.
        day: Day of the step; none for today.
        attachments: Evidence.
        contents: Texts by their names; empty ones are left out.
        party: Number of the party; 0 for all.
        field: Field of a joint review; 0 otherwise.
        opinion: Opinion, where there is one.
        addressee: Authority that the case is reported to.
        measures: Codes of measures.
        parties: Numbers of the parties that a decision lists.
        listing_date: First day of the listing.
        terms: Terms that a decision chooses.
    """

    kind: StepKind
    person: str
    document_number: str = ""
    day: date | None = None
    attachments: tuple[Attachment, ...] = ()
    contents: Mapping[str, str] = dataclasses.field(default_factory=dict)
    party: int = 0
    field: int = 0
    opinion: Opinion = Opinion.NONE
    addressee: str = ""
    measures: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()
    listing_date: date | None = None
    terms: tuple[DecidedTerm, ...] = ()

    def step(self, call: Call, *, entry_id: int = 0) -> Step:
        """Make the step of a call.

        Raises:
            AuthorityMissingError: The caller acts for no authority.
            StepInFutureError: It is dated after today.
            StepNotTodayError: A party dates its own step otherwise than today.
        """
        day = self.day or call.today
        if day > call.today:
            raise StepInFutureError(
                f"date the step on {call.today} or before; what is to come is not recorded",
                today=call.today,
            )
        by_party = acts_for_party(call.caller)
        if by_party and day != call.today:
            raise StepNotTodayError(
                f"leave the date out: a party's step through a portal is of today, {call.today}",
                today=call.today,
            )
        return Step(
            kind=self.kind,
            authority="" if by_party else require_authority(call.caller),
            caller=call.caller.identity,
            person=self.person,
            document_number=self.document_number,
            day=day,
            party=self.party,
            entry_id=entry_id,
            field=self.field,
            opinion=self.opinion,
            addressee=self.addressee,
            contents={name: text for name, text in sorted(self.contents.items()) if text},
            measures=self.measures,
            parties=self.parties,
            listing_date=self.listing_date,
            terms=self.terms,
            attachments=self.attachments,
            by_party=by_party,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as it is shown.

    Attributes:
        case: The case.
        steps: The ledger, oldest first.
        state: How far it has come.
        deciding_authority: Who decides; empty until it is reported.
        next_steps: What may be done next.
        entries: Its entries.
        subjects: The parties, by number.
        persons: What is known of the persons among them.
        names: Names of all persons around the parties, as known by now whenever the case is known
            by, and of who acted for them, which texts are masked for; never shown.
        as_of: Day for which something is overdue or not.
        point: Where the answer stands.
        times: Which steps were late or too early; told once it is shown (`timed`).
        failures: What the upkeep cannot keep right in it; told where cases are listed.
    """

    case: ListCase
    steps: tuple[Step, ...]
    state: CaseState
    deciding_authority: str
    next_steps: tuple[NextStep, ...]
    entries: tuple[HeldEntry, ...]
    subjects: Mapping[int, Subject]
    persons: Mapping[int, PersonFile]
    as_of: date
    point: StorePoint
    times: StepTimes = dataclasses.field(default_factory=StepTimes)
    names: frozenset[str] = dataclasses.field(default=frozenset(), repr=False)
    failures: tuple[WorkFailure, ...] = ()


def acts_for_party(caller: Caller) -> bool:
    """Say whether a caller is a portal through which a party acts.

    Of the steps that portals may take, regulators may take any; other roles open none of them.
    """
    return caller.has_role(Role.ENTERPRISE_PORTAL) and not caller.has_role(Role.REGULATOR)


def require_authority(caller: Caller) -> str:
    """Give the authority that a caller acts for.

    Raises:
        AuthorityMissingError: It acts for none.
    """
    if not caller.authority:
        raise AuthorityMissingError("call for an authority: every step of the ledger names one")
    return caller.authority


def require_scope(  # noqa: PLR0913 -- whom, where and in what are asked together.
    reading: ListReading,
    caller: Caller,
    *,
    subject_id: int,
    person: bool,
    field: int,
    decided_in: Collection[str] = (),
) -> None:
    """Refuse a caller whose divisions and fields do not reach a subject.

    Args:
        reading: Where the subject is looked up.
        caller: Who calls.
        subject_id: The subject.
        person: Whether it is a person.
        field: Number of the field.
        decided_in: Divisions in which lies what is the caller's own, wherever the subject is.

    Raises:
        OutOfScopeError: None of the subject's divisions, or not the field, is the caller's.
    """
    revision = reading.point.revision
    divisions = reading.grounds.divisions(subject_id, revision, person=person)
    label = FIELD_LABELS[field]
    portal = acts_for_party(caller)
    if not any(
        caller.covers_division(code) and (portal or caller.covers_field(label))
        for code in divisions.union(decided_in)
    ):
        raise OutOfScopeError(
            f"the subject is in division {', '.join(sorted(divisions)) or 'unknown'}, and the list"
            f" is of {label}; this caller may not write there",
            divisions=",".join(sorted(divisions)),
            field=label,
        )


def find_case(reading: ListReading, case_id: int, *, revision: int) -> CaseFile:
    """Find a case.

    Raises:
        CaseUnknownError: There was none.
    """
    found = reading.cases.files([case_id], revision).get(case_id)
    if found is None:
        name = name_of(CASE, case_id)
        raise CaseUnknownError(f"there is no case {name}, or was none by then", case_id=name)
    return found


def find_entry(reading: ListReading, entry_id: int, *, revision: int) -> HeldEntry:
    """Find an entry.

    Raises:
        EntryUnknownError: There was none.
    """
    found = reading.entries.entries([entry_id], revision).get(entry_id)
    if found is None:
        name = name_of(ENTRY, entry_id)
        raise EntryUnknownError(f"there is no entry {name}, or was none by then", entry_id=name)
    return found


def view_cases(
    reading: ListReading,
    files: Iterable[CaseFile],
    *,
    at: Viewpoint,
    point: StorePoint,
    calendar: WorkingCalendar,
) -> tuple[CaseView, ...]:
    """Show cases.

    Args:
        reading: Where to read the rest.
        files: The cases.
        at: Where to look from.
        point: Where the answer stands.
        calendar: Counts working days.
    """
    files = list(files)
    numbers = {party.subject_id for file in files for party in file.case.parties}
    persons = {party.subject_id for file in files for party in file.case.parties if party.person}
    subjects = reading.subjects.by_number(numbers, at)
    named = reading.grounds.persons(persons, at.revision)
    # Whoever became known since is no less to be masked in what was known before.
    around = reading.grounds.names_around(numbers, reading.point.revision)
    entries = reading.entries.of_cases([file.case.case_id for file in files], at.revision)
    views: list[CaseView] = []
    for file in files:
        held = entries.get(file.case.case_id, ())
        ledger = Ledger(file.case, file.steps)
        views.append(
            CaseView(
                case=file.case,
                steps=file.steps,
                state=_state(ledger, held),
                deciding_authority=ledger.deciding_authority,
                next_steps=next_steps(file, held, calendar=calendar, day=at.as_of),
                entries=held,
                subjects={one.subject_id: subjects[one.subject_id] for one in file.case.parties},
                persons=named,
                names=given_names(file.steps).union(
                    *(around.get(party.subject_id, ()) for party in file.case.parties)
                ),
                as_of=at.as_of,
                point=point,
            )
        )
    return tuple(views)


def view_case(
    reading: ListReading, case_id: int, *, day: date, calendar: WorkingCalendar
) -> CaseView:
    """Show a case as a write leaves it."""
    at = Viewpoint(reading.point.revision, day)
    file = find_case(reading, case_id, revision=at.revision)
    (view,) = view_cases(reading, [file], at=at, point=reading.point, calendar=calendar)
    return timed(view, calendar)


def timed(view: CaseView, calendar: WorkingCalendar) -> CaseView:
    """Give a case, whole, with which of its steps were late or too early."""
    times = step_times(view.case, view.steps, calendar)
    return dataclasses.replace(view, times=view.times.union(times))


def next_steps(
    file: CaseFile, held: Iterable[HeldEntry], *, calendar: WorkingCalendar, day: date
) -> tuple[NextStep, ...]:
    """Give what may be done next in a case and about its entries."""
    return steps_ahead(file.case, file.steps, held, calendar=calendar, day=day)


# Private functions -----------------------------------------------------------


def _state(ledger: Ledger, held: Iterable[HeldEntry]) -> CaseState:
    state = ledger.state()
    if state is CaseState.LISTED and all(one.state is not EntryState.IN_FORCE for one in held):
        return CaseState.ENDED
    return state
