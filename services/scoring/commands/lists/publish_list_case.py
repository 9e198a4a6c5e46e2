"""Publish the entries of a case and push them (公布、推送), in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.carried_measures import require_measures, with_measures
from services.scoring.commands.lists.case_units import division_now
from services.scoring.commands.lists.list_bases import require_unused
from services.scoring.commands.lists.list_case_ports import CaseFile, ListWriting, PersonFile
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_grounds import conditions_hold
from services.scoring.commands.lists.list_removals import break_redlist
from services.scoring.commands.lists.list_standing import require_standing
from services.scoring.commands.lists.list_terms import (
    listing_number,
    put_later_terms_right,
    term_given,
    told_terms,
)
from services.scoring.commands.lists.listed_names import require_names
from services.scoring.commands.lists.redlist_renewal import continues
from services.scoring.commands.lists.take_list_case_step import next_step
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase, Step
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKey, ListKind
from services.scoring.domain.list_errors import (
    AlreadyListedError,
    ConditionUnmetError,
    OnOtherListError,
    TermOverError,
)
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_procedure import WorkingCalendar
from services.scoring.domain.list_term import given_term
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import Subject, masked_name
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class PublishListCase:
    """Publishes a case.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, call: WriteCall[CaseView], case_id: int, draft: StepDraft, *, approval: str
    ) -> Answer:
        """Publish it.

        Args:
            call: Who publishes.
            case_id: The case.
            draft: The publication, as a step.
            approval: Second approval for the feed; empty for none.

        Raises:
            SafetyCreditError: As PublishListCase says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            file, step = next_step(self.desk, write, call, case_id=case_id, draft=draft)
            case = file.case
            listed = require_standing(self.desk, write, file=file, step=step)
            require_unused(write, case, listed, day=call.today)
            entries = self._entries(write, file, step, listed)
            for held in entries:
                _require_term(write, file, held)
            if case.redlist:
                self._require_redlisting(write, case, entries, days={step.day, call.today})
            step = _naming_left_out(file, step, listed)
            terms = {held.entry.subject_id: term_given(write, held.entry, file) for held in entries}
            contents = {**step.contents, **told_terms(case, terms)}
            write.add_step(case_id, replace(step, contents=contents))
            changes: list[ListChange] = []
            for held in entries:
                if not case.redlist:
                    number = held.entry.document_number
                    changes += break_redlist(write, held, day=step.day, document_number=number)
                write.put_entry(held)
                changes.append(held.entry)
                changes += put_later_terms_right(
                    write,
                    held,
                    day=call.today,
                    calendar=self.desk.calendar,
                    reason="此前的列入已补录，管理期限相应调整",
                )
            write.publish(changes, approval=approval)
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)

    # Private methods -------------------------------------------------------------

    def _require_redlisting(
        self, write: ListWriting, case: ListCase, entries: Sequence[HeldEntry], *, days: set[date]
    ) -> None:
        """Refuse entries of a redlist that overlap others, or whose conditions hold no more.

        A publication that is recorded late is looked at as of both days, and a listing that began
        before its publication as of its first day.
        """
        for held in entries:
            key, number = case.list_key, held.entry.subject_id
            start_date, end_date = held.entry.start_date, held.entry.end_date
            require_off_lists(write, key, number, start_date=start_date, end_date=end_date)
            days = {*days, min(start_date, held.publish_date)}
        for day in sorted(days):
            self._require_conditions(write, case, day)

    def _require_conditions(self, write: ListWriting, case: ListCase, day: date) -> None:
        revision = write.point.revision
        library = self.desk.library.at(revision - 1)
        finding = conditions_hold(write, library, case, at=Viewpoint(revision, day))
        if finding is None or finding.standing is not Standing.CANDIDATE:
            clause = case.procedure.required("condition_broken").citation
            raise ConditionUnmetError(
                f"the conditions of the redlist hold no more on {day} ({clause}); close the case",
                clause=clause,
            )

    def _entries(
        self,
        write: ListWriting,
        file: CaseFile,
        step: Step,
        rules: Mapping[int, tuple[str, ...]],
    ) -> list[HeldEntry]:
        ledger = Ledger(file.case, file.steps)
        decision = ledger.decision
        assert decision is not None, "nothing is published before its decision"
        require_measures(self.desk.measures, file.case, decision, listed=ledger.listed_parties)
        revision = write.point.revision
        subjects = write.subjects.by_number(
            [file.case.subject_id, *rules], Viewpoint(revision, step.day)
        )
        require_names(file.case, step, [subjects[number] for number in rules])
        persons = write.grounds.persons(
            [number for number in rules if subjects[number].person], revision
        )
        entries = (
            _entry(
                write,
                file.case,
                subjects[number],
                rule_ids=rule_ids,
                unit=subjects[file.case.subject_id],
                person=persons.get(number),
                decision=decision,
                publication=step,
                calendar=self.desk.calendar,
            )
            for number, rule_ids in rules.items()
        )
        return [with_measures(self.desk.measures, held) for held in entries]


def require_off_lists(
    write: ListWriting,
    key: ListKey,
    subject_id: int,
    *,
    start_date: date,
    end_date: date | None,
) -> None:
    """Refuse a redlist entry of a subject that the field's blacklist, or the list itself, has.

    Args:
        write: The transaction.
        key: The redlist.
        subject_id: The subject.
        start_date: First day of the entry.
        end_date: Day after its last day; none for no end.

    Raises:
        OnOtherListError: It is, was or will be on the blacklist on some day of the entry.
        AlreadyListedError: It is, was or will be on the redlist then.
    """
    for held in write.entries.of_subject(subject_id, write.point.revision):
        entry = held.entry
        if entry.list_key.field != key.field or not held.overlaps(start_date, end_date):
            continue
        until = f"until {entry.end_date}" if entry.end_date else "with no end yet"
        facts = {"document_number": entry.document_number, "start_date": entry.start_date}
        if entry.list_key.kind is ListKind.BLACKLIST:
            raise OnOtherListError(
                f"the subject is on the blacklist of the field from {entry.start_date} {until}, so"
                " it cannot be on its redlist in that time",
                **facts,
                end_date=entry.end_date or "",
            )
        raise AlreadyListedError(
            f"the subject is on this redlist from {entry.start_date} {until} already",
            **facts,
            end_date=entry.end_date or "",
        )


# Private functions -----------------------------------------------------------


def _naming_left_out(file: CaseFile, step: Step, listed: Collection[int]) -> Step:
    """Note in the ledger whom the decision lists and the publication leaves out: its basis fell."""
    decided = Ledger(file.case, file.steps).listed_parties
    persons = {party.subject_id: party.person for party in file.case.parties}
    left_out = "、".join(
        name_of(PERSON if persons[number] else ENTERPRISE, number)
        for number in decided
        if number not in listed
    )
    return replace(step, contents={**step.contents, "left_out": left_out}) if left_out else step


def _require_term(write: ListWriting, file: CaseFile, held: HeldEntry) -> None:
    """Refuse to publish a listing that was over before its publication."""
    end_date = held.entry.end_date
    if end_date is not None and end_date <= held.publish_date:
        clause = term_given(write, held.entry, file).citation
        raise TermOverError(
            f"the term ended before {end_date}, and the publication is of {held.publish_date}"
            f" ({clause}); close the case",
            end_date=end_date,
            clause=clause,
        )


def _entry(  # noqa: PLR0913 -- an entry says all of this.
    write: ListWriting,
    case: ListCase,
    subject: Subject,
    *,
    rule_ids: tuple[str, ...],
    unit: Subject,
    person: PersonFile | None,
    decision: Step,
    publication: Step,
    calendar: WorkingCalendar,
) -> HeldEntry:
    procedure = case.procedure
    division = division_now(write, case, day=publication.day)
    decided = decision.listing_date or decision.day
    published_first = procedure.word("term_from") == "publication"
    renewal = continues(write, case, decided)
    start_date = publication.day if published_first and not renewal else decided
    listing = listing_number(write, subject.subject_id, start_date=start_date, case=case)
    term = given_term(procedure, rule_ids, listing, decision.term_of(subject.subject_id))
    entry = ListEntry(
        entry_id=write.new_id(),
        list_key=case.list_key,
        subject_id=subject.subject_id,
        person=subject.person,
        credit_code=unit.credit_code,
        name=masked_name(person.name) if person else subject.known_name,
        identity_mask=person.identity_mask if person else "",
        division=case.division if division is None else division,
        authority=decision.authority,
        document_number=decision.document_number,
        decision_date=decision.day,
        start_date=start_date,
        end_date=term.end(start_date, calendar),
        rule_ids=rule_ids,
        cause=decision.contents.get("cause", ""),
        basis=decision.contents.get("basis", ""),
        measures=decision.measures,
        policy_id=case.policy_id,
        policy_version=case.policy_version,
        policy_digest=case.policy_digest,
    )
    return HeldEntry(entry=entry, case_id=case.case_id, publish_date=publication.day)
