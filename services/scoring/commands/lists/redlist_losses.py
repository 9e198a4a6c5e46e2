"""When a redlisting is lost: on the first day on which it should not have stood.

That is found by all that is known now. A redlisting that was lost for what turns out never to have
been is restored; one that was lost on a wrong day, or expired though it had broken before, is lost
on the right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import structlog

from services.scoring.commands.lists.list_case_ports import CaseFile, ListReading, ListWriting
from services.scoring.commands.lists.list_desk import find_case
from services.scoring.commands.lists.list_grounds import Finding, conditions_hold
from services.scoring.commands.lists.list_removals import (
    remove,
    removed,
    restored,
    settle,
    system_step,
)
from services.scoring.commands.lists.list_terms import decided_term, term_given
from services.scoring.commands.lists.published_text import impersonal
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.identifiers import record_name_of
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import ListChange, ListEntry, ListKind, RemovalReason
from services.scoring.domain.list_procedure import WorkingCalendar
from services.scoring.domain.list_term import given_term
from services.scoring.domain.listing import Standing
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class Loss:
    """Why and when a redlisting is lost.

    Attributes:
        day: Day from which the subject is off the list.
        document_number: Document of what breaks it; empty for none.
        contents: What the ledger says: the reason, the conditions by their names in the policy, and
            the records behind them.
    """

    day: date
    document_number: str
    contents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is found of a redlisting.

    Attributes:
        right: Whether it stands, or was lost on the right day.
        loss: Why and when it is lost; none where nothing ends it before its term.
        until_date: First day on which time alone may end it; none for never.
    """

    right: bool
    loss: Loss | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class RedlistLook:
    """Looks at redlistings.

    Attributes:
        library: The policies.
        calendar: Counts working days.
        day: The day it is.
    """

    library: PolicyLibrary
    calendar: WorkingCalendar
    day: date

    def verdict(self, reading: ListReading, held: HeldEntry) -> Verdict:
        """Say whether an entry stands as it should, from its first day to the day or its end.

        One that began before its publication is looked at from its first day on, as it counts then;
        any other from its publication.
        """
        file = find_case(reading, held.case_id, revision=reading.point.revision)
        end_date = self._end(reading, held, file)
        other = what_takes_its_place(reading, held, end_date)
        until = min(end_date, self.day + timedelta(days=1))
        if other is not None:
            until = min(until, other.start_date)
        day: date | None = min(held.entry.start_date, held.publish_date)
        while day is not None and day < until:
            at = Viewpoint(reading.point.revision, day)
            finding = conditions_hold(reading, self.library, file.case, at=at)
            if finding is None:
                case = file.case
                _log.warning("redlist_policy_gone", policy_id=case.policy_id, case_id=case.case_id)
                return Verdict(right=True)
            # Where the policy cannot tell, no condition is known to be broken.
            if finding.standing in {Standing.NOT_LISTED, Standing.NOT_APPLICABLE}:
                return _verdict(held, self._broken(reading, file, finding, day))
            if finding.standing is Standing.NO_DATA and _lost(held):
                # What cannot be told refutes no loss either.
                return Verdict(right=True)
            valid_until = finding.valid_until_date
            day = valid_until and max(valid_until, day + timedelta(days=1))
        if other is None:
            return _verdict(held, None, until_date=day)
        black = other.list_key.kind is ListKind.BLACKLIST
        contents = {"reason": _BLACKLISTED if black else _REPLACED}
        lost_date = max(held.entry.start_date, other.start_date)
        return _verdict(held, Loss(lost_date, other.document_number, contents))

    def put_right(self, write: ListWriting, held: HeldEntry) -> list[ListChange] | None:
        """Let an entry be lost, or stand again; give what is to be published, or nothing."""
        verdict = self.verdict(write, held)
        if verdict.right:
            return None
        file = find_case(write, held.case_id, revision=write.point.revision)
        steps = (step.day for step in file.steps if step.entry_id == held.entry.entry_id)
        last = max([self.day, held.publish_date, *steps])
        loss = verdict.loss
        if loss is None:
            return self._restore(write, held, file, day=last)
        step = system_step(StepKind.BREAK, held, day=last, document_number=loss.document_number)
        step = replace(step, contents=loss.contents)
        gone = remove(write, held, step, reason=RemovalReason.CONDITION_BROKEN, day=loss.day)
        # What was off its list already is off it since another day; nobody holds it.
        return [gone] if held.state is EntryState.IN_FORCE else []

    # Private methods -------------------------------------------------------------

    def _restore(
        self, write: ListWriting, held: HeldEntry, file: CaseFile, *, day: date
    ) -> list[ListChange]:
        end_date = self._end(write, held, file)
        whole = restored(replace(held, entry=replace(held.entry, end_date=end_date)))
        over = end_date <= self.day
        if over:
            reason = RemovalReason.EXPIRED
            write.put_entry(removed(whole, reason, document_number="", day=end_date))
        else:
            write.put_entry(whole)
        step = system_step(StepKind.CORRECT, held, day=day, reason=_RESTORED)
        write.add_step(held.case_id, step)
        settle(write, held.case_id)
        return [] if over else [whole.entry]

    def _end(self, reading: ListReading, held: HeldEntry, file: CaseFile) -> date:
        """Give the end of the term itself."""
        entry, procedure = held.entry, file.case.procedure
        if procedure.clause("repeat_term") is None:
            # Whoever was listed before, the term is one; entries need not be read for it.
            decided = decided_term(file, entry.subject_id)
            term = given_term(procedure, entry.rule_ids, 1, decided)
        else:
            term = term_given(reading, entry, file)
        return term.end(entry.start_date, self.calendar)

    def _broken(self, reading: ListReading, file: CaseFile, finding: Finding, day: date) -> Loss:
        contents = {
            "reason": f"自{day}起不再符合激励条件",
            "unmet": ", ".join(finding.unmet),
            "records": ", ".join(record_name_of(kind, one) for one, kind in finding.behind),
        }
        document = _document_of(reading, finding, day)
        return Loss(
            day,
            impersonal(reading, file.case, document, day=day),
            {name: text for name, text in contents.items() if text},
        )


def what_takes_its_place(reading: ListReading, red: HeldEntry, end_date: date) -> ListEntry | None:
    """Give the first entry, of the field's blacklist or the redlist, that ends a redlisting.

    Args:
        reading: Where entries are read.
        red: The redlisting, whether it stands or was lost.
        end_date: Day after the last day of its term.
    """
    own = red.entry
    entries = (
        held.entry
        for held in reading.entries.of_subject(own.subject_id, reading.point.revision)
        if held.overlaps(own.start_date, end_date)
        and held.entry.list_key.field == own.list_key.field
        and (
            held.entry.list_key.kind is ListKind.BLACKLIST
            or (held.entry.entry_id != own.entry_id and held.entry.start_date > own.start_date)
        )
    )
    return min(entries, key=lambda entry: entry.start_date, default=None)


# Private functions and values ------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_BLACKLISTED: Final = "列入同一领域联合惩戒名单"
_REPLACED: Final = "再次列入同一联合激励名单"
_RESTORED: Final = "退出所依据的情形经更正已不存在，予以恢复"


def _verdict(held: HeldEntry, loss: Loss | None, *, until_date: date | None = None) -> Verdict:
    right = (held.removal_date if _lost(held) else None) == (loss.day if loss else None)
    return Verdict(right=right, loss=loss, until_date=until_date)


def _lost(held: HeldEntry) -> bool:
    """Say whether an entry was lost; one that expired stood to the end of its term."""
    return held.removal_reason is RemovalReason.CONDITION_BROKEN


def _document_of(reading: ListReading, finding: Finding, day: date) -> str:
    """Give the document of the last of the records that keep a subject from a list."""
    revision = reading.point.revision
    facts = [one for one, kind in finding.behind if not kind]
    records = reading.grounds.records(facts, revision, day=day)
    listings = [one for one, kind in finding.behind if kind == "listing"]
    entries = reading.entries.entries(listings, revision)
    documents = [
        *((one.event_date, one.document_number) for one in records.values()),
        *((held.entry.start_date, held.entry.document_number) for held in entries.values()),
    ]
    return max(documents, default=(day, ""))[1]
